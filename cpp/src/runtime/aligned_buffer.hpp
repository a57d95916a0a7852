// Memory on a 64-byte boundary: one cache line, one zmm register.
#pragma once

#include <stddef.h>

#include <utility>

namespace axnn {

// Uninitialised bytes on a 64-byte boundary. Throws std::bad_alloc.
void* allocate_aligned(size_t bytes);
// The bytes must be those that were asked for.
void free_aligned(void* memory, size_t bytes) noexcept;

// An owned array of trivial values, uninitialised, 64-byte aligned.
template <typename T>
class AlignedBuffer {
  public:
    AlignedBuffer() = default;
    explicit AlignedBuffer(size_t size)
        : data_(static_cast<T*>(allocate_aligned(size * sizeof(T)))), size_(size) {}
    AlignedBuffer(AlignedBuffer&& other) noexcept { swap(other); }
    AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
        swap(other);
        return *this;
    }
    ~AlignedBuffer() { free_aligned(data_, size_ * sizeof(T)); }

    T* data() { return data_; }
    const T* data() const { return data_; }
    size_t size() const { return size_; }
    T& operator[](size_t i) { return data_[i]; }
    const T& operator[](size_t i) const { return data_[i]; }

  private:
    void swap(AlignedBuffer& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
    }
    T* data_ = nullptr;
    size_t size_ = 0;
};

}  // namespace axnn
