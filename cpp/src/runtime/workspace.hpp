// Scratch memory of a context: a bounded free-list of equal workspaces shared by all its plans.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <memory>
#include <mutex>
#include <vector>

#include "runtime/aligned_buffer.hpp"

namespace axnn {

// The scratch of one thread while it runs one job. Pages that are never touched cost nothing.
class Workspace {
  public:
    static constexpr size_t capacity = size_t{4} << 20;
    // What a layer's arrays may add up to: the rest is for rounding each array up to 64 bytes.
    static constexpr size_t budget = capacity - (size_t{64} << 10);

    Workspace() : memory_(capacity, Use::parts) {}

    // The next `count` values, 64-byte aligned and uninitialised, valid until reset().
    template <typename T>
    T* take(size_t count) {
        return static_cast<T*>(take_bytes(count * sizeof(T)));
    }
    void reset() { used_ = 0; }

    // What take() of so many bytes uses up.
    static constexpr size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }

  private:
    void* take_bytes(size_t bytes);
    AlignedBuffer<uint8_t> memory_;
    size_t used_ = 0;
};

// Keeps up to `kept` idle workspaces. Calls beyond that (many threads at once on one context) get new
// ones, which are freed when they come back.
class WorkspacePool {
  public:
    explicit WorkspacePool(size_t kept) : kept_(kept) { idle_.reserve(kept); }

    // Workspaces on loan to one call, given back when this goes.
    class Loan {
      public:
        explicit Loan(WorkspacePool& pool) : pool_(pool) {}
        ~Loan() { pool_.give_back(workspaces_); }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;

        // Makes it `count` workspaces; throws std::bad_alloc.
        void take(size_t count) { pool_.lend(workspaces_, count); }
        Workspace& operator[](size_t index) const { return *workspaces_[index]; }

      private:
        WorkspacePool& pool_;
        std::vector<std::unique_ptr<Workspace>> workspaces_;
    };

  private:
    void lend(std::vector<std::unique_ptr<Workspace>>& workspaces, size_t count);
    void give_back(std::vector<std::unique_ptr<Workspace>>& workspaces);

    const size_t kept_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace axnn
