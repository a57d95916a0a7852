// The results as tables of docs/performance.md.
#pragma once

#include <iosfwd>
#include <vector>

#include "harness.hpp"

namespace axnn::bench {

// The machine, a table for each group of suites with the kernels that plans pick, and every kernel with every
// class of tables on ResNet's shapes.
void write_markdown(std::ostream& out, const std::vector<Result>& results);

}  // namespace axnn::bench
