#include "abi/wall.hpp"

#include <string.h>

#include <algorithm>

namespace axnn::abi {
namespace {

// A fixed array: recording a failure asks for no memory (but for what glibc sets aside for a thread's data
// when it touches it first).
thread_local char message[1024];

}  // namespace

axnn_status fail(axnn_status status, const char* text) noexcept {
    copy_text(text, message, sizeof message);
    return status;
}

const char* last_message() noexcept { return message; }

size_t copy_text(const char* source, char* text, size_t text_bytes) noexcept {
    const size_t length = strlen(source);
    if (text && text_bytes > 0) {
        const size_t copied = std::min(length, text_bytes - 1);
        memcpy(text, source, copied);
        text[copied] = '\0';
    }
    return length;
}

}  // namespace axnn::abi
