// The exception wall: turns what the library throws into a status and this thread's message.
#pragma once

#include <stddef.h>

#include <new>

#include "axnn/axnn.h"
#include "runtime/error.hpp"

namespace axnn::abi {

// Records the message that axnn_last_error gives to this thread and returns the status.
axnn_status fail(axnn_status status, const char* message) noexcept;

// This thread's message, "" before the first failure.
const char* last_message() noexcept;

// Copies text, NUL-terminated and cut to fit; text may not be wanted (null or no room). Returns its
// whole length.
size_t copy_text(const char* source, char* text, size_t text_bytes) noexcept;

// Runs body; whatever it throws becomes a status.
template <typename Body>
axnn_status wall(const Body& body) noexcept {
    try {
        body();
        return AXNN_OK;
    } catch (const Error& error) {
        return fail(error.status(), error.what());
    } catch (const std::bad_alloc&) {
        return fail(AXNN_ERROR_OUT_OF_MEMORY, "the memory that this call needs could not be had");
    } catch (const std::exception& error) {
        return fail(AXNN_ERROR_INTERNAL, error.what());
    } catch (...) {
        return fail(AXNN_ERROR_INTERNAL, "an unknown exception");
    }
}

}  // namespace axnn::abi
