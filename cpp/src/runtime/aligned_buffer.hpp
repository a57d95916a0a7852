// Memory on a 64-byte boundary: one cache line, one zmm register.
#pragma once

#include <stddef.h>

#include <utility>

namespace axnn {

// How an array is used: wholly, or in parts that are not known beforehand, of which the rest should cost
// nothing.
enum class Use { whole, parts };

// Uninitialised bytes on a 64-byte boundary. Throws std::bad_alloc.
void* allocate_aligned(size_t bytes, Use use);
// Bytes and use must be those that were asked for.
void free_aligned(void* memory, size_t bytes, Use use) noexcept;

// An owned array of trivial values, uninitialised, 64-byte aligned.
template <typename T>
class AlignedBuffer {
  public:
    AlignedBuffer() = default;
    explicit AlignedBuffer(size_t size, Use use = Use::whole)
        : data_(static_cast<T*>(allocate_aligned(size * sizeof(T), use))), size_(size), use_(use) {}
    AlignedBuffer(AlignedBuffer&& other) noexcept { swap(other); }
    AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
        swap(other);
        return *this;
    }
    ~AlignedBuffer() { free_aligned(data_, size_ * sizeof(T), use_); }

    T* data() { return data_; }
    const T* data() const { return data_; }
    size_t size() const { return size_; }
    T& operator[](size_t i) { return data_[i]; }
    const T& operator[](size_t i) const { return data_[i]; }

  private:
    void swap(AlignedBuffer& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(use_, other.use_);
    }
    T* data_ = nullptr;
    size_t size_ = 0;
    Use use_ = Use::whole;
};

}  // namespace axnn
