// A value that is made when it is first asked for.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>

namespace axnn {

// For use by many threads: the value is made once and then stays. Where making it throws, nothing is kept,
// and the next call tries again.
//
// Not std::call_once: the library carries its own unwinder, whose exceptions do not get through glibc's
// pthread_once; the process would be aborted.
template <typename T>
class Lazy {
  public:
    // make(T&) completes a value that is default-constructed in its place.
    template <typename Make>
    const T& get(const Make& make) const {
        if (!made_.load(std::memory_order_acquire)) {
            const std::lock_guard lock(mutex_);
            if (!made_.load(std::memory_order_relaxed)) {
                try {
                    make(value_.emplace());
                } catch (...) {
                    value_.reset();
                    throw;
                }
                made_.store(true, std::memory_order_release);
            }
        }
        return *value_;
    }

  private:
    mutable std::mutex mutex_;
    mutable std::atomic<bool> made_ = false;
    mutable std::optional<T> value_;
};

}  // namespace axnn
