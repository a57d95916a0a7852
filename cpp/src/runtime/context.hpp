// A context: the kernels of one tier, a thread pool and scratch memory. Nothing is process-wide.
#pragma once

#include <functional>

#include "kernels/kernels.hpp"
#include "runtime/cpu.hpp"
#include "runtime/thread_pool.hpp"
#include "runtime/workspace.hpp"

namespace axnn {

class Context {
  public:
    // tier: AXNN_TIER_BEST for the highest allowed; threads: 0 for the default. See choose_tier and
    // choose_threads for the errors.
    Context(axnn_tier tier, uint32_t threads);

    axnn_tier tier() const { return tier_; }
    uint32_t threads() const { return pool_.threads(); }
    const Kernels& kernels() const { return kernels_; }

    // Runs job(index, workspace) for every index below jobs, in parallel; the workspace is reset before
    // each job. Memory is taken before the first job begins, so a run that has none does nothing.
    template <typename Job>
    void run(size_t jobs, const Job& job) const {
        WorkspacePool::Loan loan(workspaces_);
        const auto prepare = [&loan](uint32_t shares) { loan.take(shares); };
        const auto range = [&](uint32_t share, size_t first, size_t last) {
            for (size_t i = first; i < last; i++) {
                loan[share].reset();
                job(i, loan[share]);
            }
        };
        pool_.run(jobs, std::ref(prepare), std::ref(range));
    }

    // Runs job(index) for every index below jobs, in parallel; asks for no memory and so cannot fail.
    template <typename Job>
    void run_without_workspace(size_t jobs, const Job& job) const {
        const auto prepare = [](uint32_t) {};
        const auto range = [&job](uint32_t, size_t first, size_t last) {
            for (size_t i = first; i < last; i++) job(i);
        };
        pool_.run(jobs, std::ref(prepare), std::ref(range));
    }

  private:
    axnn_tier tier_;
    Kernels kernels_;
    mutable ThreadPool pool_;
    mutable WorkspacePool workspaces_;
};

}  // namespace axnn
