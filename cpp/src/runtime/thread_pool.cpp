#include "runtime/thread_pool.hpp"

#include <algorithm>
#include <system_error>

#include "runtime/error.hpp"

namespace axnn {
namespace {

// To sleep and be woken takes longer than many a run, so who waits looks some times first: 30
// microseconds on Zen 3.
constexpr int looks = 1000;

template <typename Condition>
void look_for(const Condition& condition) {
    for (int i = 0; i < looks && !condition(); i++) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
}

}  // namespace

ThreadPool::ThreadPool(uint32_t threads) {
    try {
        for (uint32_t i = 1; i < threads; i++) workers_.emplace_back(&ThreadPool::work, this, i);
    } catch (const std::system_error& error) {
        const size_t started = workers_.size() + 1;
        stop();
        throw Error(AXNN_ERROR_OUT_OF_MEMORY,
                    text("the system refused thread ", started + 1, " of ", threads, ": ", error.what()));
    } catch (...) {
        stop();
        throw;
    }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    start_.notify_all();
    for (auto& worker : workers_) worker.join();
}

void ThreadPool::run(size_t jobs, const std::function<void(uint32_t)>& prepare,
                     const std::function<void(uint32_t, size_t, size_t)>& range) {
    if (jobs == 0) return;
    std::unique_lock owner(busy_, std::try_to_lock);
    const auto shares = owner.owns_lock() ? (uint32_t)std::min<size_t>(jobs, threads()) : 1;
    prepare(shares);
    if (shares == 1) {
        range(0, 0, jobs);
        return;
    }
    {
        std::lock_guard lock(mutex_);
        jobs_ = jobs;
        shares_ = shares;
        range_ = &range;
        failure_ = nullptr;
        running_ = shares - 1;
        generation_++;
    }
    start_.notify_all();
    run_share(0);
    look_for([this] { return running_ == 0; });
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
    if (failure_) std::rethrow_exception(failure_);
}

void ThreadPool::work(uint32_t index) {
    uint64_t seen = 0;
    for (;;) {
        look_for([&] { return generation_ != seen || stopping_; });
        {
            std::unique_lock lock(mutex_);
            start_.wait(lock, [&] { return stopping_ || generation_ != seen; });
            if (stopping_) return;
            seen = generation_;
            if (index >= shares_) continue;
        }
        run_share(index);
        std::lock_guard lock(mutex_);
        if (--running_ == 0) done_.notify_one();
    }
}

void ThreadPool::run_share(uint32_t index) {
    try {
        (*range_)(index, jobs_* index / shares_, jobs_ * (index + 1) / shares_);
    } catch (...) {
        std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
    }
}

}  // namespace axnn
