// Memory whose first or last element touches an unmapped page: one element too far is a crash, in
// optimised vector code too, where a sanitizer sees nothing.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace axnn::test {

enum class Guard { after, before };

template <typename T>
class GuardedBuffer {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    // Where `alignment` keeps the last element away from the page, the gap holds known bytes, which
    // gap_untouched() looks at.
    explicit GuardedBuffer(size_t count, Guard guard = Guard::after, size_t alignment = alignof(T))
        : count_(count) {
        const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const size_t bytes = count * sizeof(T);
        const size_t body = (bytes + page - 1) / page * page;
        mapped_bytes_ = body + 2 * page;
        void* mapped = mmap(nullptr, mapped_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) throw std::bad_alloc();
        mapped_ = static_cast<uint8_t*>(mapped);
        uint8_t* first = mapped_ + page;
        if (body && mprotect(first, body, PROT_READ | PROT_WRITE) != 0)
            throw std::runtime_error("mprotect failed");
        std::memset(first, canary, body);
        body_end_ = first + body;
        uint8_t* start =
            guard == Guard::before ? first : body_end_ - (bytes + alignment - 1) / alignment * alignment;
        data_ = reinterpret_cast<T*>(start);
    }
    GuardedBuffer(const std::vector<T>& values, Guard guard = Guard::after, size_t alignment = alignof(T))
        : GuardedBuffer(values.size(), guard, alignment) {
        if (!values.empty()) std::memcpy(data_, values.data(), bytes());
    }
    ~GuardedBuffer() { munmap(mapped_, mapped_bytes_); }
    GuardedBuffer(const GuardedBuffer&) = delete;
    GuardedBuffer& operator=(const GuardedBuffer&) = delete;

    T* data() { return data_; }
    const T* data() const { return data_; }
    size_t size() const { return count_; }
    size_t bytes() const { return count_ * sizeof(T); }
    T& operator[](size_t i) { return data_[i]; }
    const T& operator[](size_t i) const { return data_[i]; }
    std::vector<T> values() const { return std::vector<T>(data_, data_ + count_); }

    bool gap_untouched() const {
        for (const uint8_t* p = reinterpret_cast<const uint8_t*>(data_ + count_); p < body_end_; p++)
            if (*p != canary) return false;
        return true;
    }

  private:
    static constexpr uint8_t canary = 0xA5;

    uint8_t* mapped_;
    uint8_t* body_end_;
    size_t mapped_bytes_;
    size_t count_;
    T* data_;
};

}  // namespace axnn::test
