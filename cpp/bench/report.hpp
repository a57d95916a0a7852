// Results for people and for programs.
#pragma once

#include <iosfwd>
#include <optional>
#include <vector>

#include "harness.hpp"

namespace axnn::bench {

// A kernel's products per cycle as a share of what its instructions allow.
std::optional<double> share_of_bound(const Result& result);

void print_table_header(std::ostream& out);
void print_table_row(std::ostream& out, const Result& result);

// An array of one object for each result; numbers that do not exist are null.
void write_json(std::ostream& out, const std::vector<Result>& results);

}  // namespace axnn::bench
