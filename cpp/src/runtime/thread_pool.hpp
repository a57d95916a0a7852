// A small pool of threads with a static partition.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace axnn {

// Runs numbered jobs on up to `threads` threads, the caller among them. Share i of t has the jobs
// [jobs * i / t, jobs * (i + 1) / t). A call that finds the pool busy with another caller runs all its
// jobs in its own thread, as one share, so no call ever waits for another. A job must not call run().
class ThreadPool {
  public:
    // Throws AXNN_ERROR_OUT_OF_MEMORY where the system refuses a thread.
    explicit ThreadPool(uint32_t threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    uint32_t threads() const { return (uint32_t)workers_.size() + 1; }

    // Calls prepare(shares) once, then range(share, first, last) once for each share. Where prepare
    // throws no range is called. The first exception of a range is rethrown after all have ended.
    void run(size_t jobs, const std::function<void(uint32_t shares)>& prepare,
             const std::function<void(uint32_t share, size_t first, size_t last)>& range);

  private:
    void work(uint32_t index);
    void run_share(uint32_t index);
    void stop();

    std::mutex busy_;  // held by the call that uses the workers
    std::mutex mutex_;
    std::condition_variable start_;
    std::condition_variable done_;
    // All change under the mutex; these three are also looked at without it.
    std::atomic<uint64_t> generation_ =
        0;                               // counts run() calls; a worker that sees a new value takes its share
    std::atomic<uint32_t> running_ = 0;  // workers that have not ended their share
    std::atomic<bool> stopping_ = false;
    size_t jobs_ = 0;
    uint32_t shares_ = 0;
    const std::function<void(uint32_t, size_t, size_t)>* range_ = nullptr;
    std::exception_ptr failure_;
    std::vector<std::thread> workers_;
};

}  // namespace axnn
