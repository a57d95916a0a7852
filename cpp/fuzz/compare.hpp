// Runs a case on every tier and compares.
#pragma once

#include <cstdint>

#include "case.hpp"

namespace axnn::fuzz {

// Every tier with so many threads against the scalar tier with one: the same status and the same output of
// creation and of every call; no output of a call that fails. must_succeed: no call of the case may fail.
// Prints a difference and the case, and ends the program, so that libFuzzer keeps the input.
void compare_tiers(const Case& c, uint32_t threads, bool must_succeed);

}  // namespace axnn::fuzz
