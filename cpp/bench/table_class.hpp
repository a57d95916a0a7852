// Classes of multiplier tables, by the entries that they hold, and a random table of each.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <random>
#include <string>
#include <vector>

namespace axnn::bench {

inline constexpr size_t table_entries = 65536;

// exact: the products of signed codes; the others: random entries, of
//   int16, int8   that range
//   int16_7bit    the same as int16, with activations 0..127 in the place of -128..127; exact_7bit likewise
//   uint16        0..65535
//   int32         beyond int16, yet 4608 of them fit a 32-bit sum
//   le1023        magnitude of at most 1023
//   structured_r  int16 entries that are a sum of r products of random int8 features
enum class TableClass {
    exact,
    exact_7bit,
    int16,
    uint16,
    int16_7bit,
    int32,
    int8,
    le1023,
    structured_r1,
    structured_r2,
    structured_r3,
    structured_r5,
    structured_r8,
    structured_r12
};

inline constexpr TableClass table_classes[] = {TableClass::int16, TableClass::uint16, TableClass::int16_7bit,
                                               TableClass::int32, TableClass::int8,   TableClass::le1023,
                                               TableClass::exact};

inline constexpr TableClass structured_classes[] = {TableClass::structured_r1, TableClass::structured_r2,
                                                    TableClass::structured_r3, TableClass::structured_r5,
                                                    TableClass::structured_r8, TableClass::structured_r12};

std::string name_of(TableClass table_class);

// Terms of a structured class, 0 of others.
size_t terms_of(TableClass table_class);

int smallest_activation(TableClass table_class);

// [row byte][column byte] of signed operands.
std::vector<int32_t> random_table(TableClass table_class, std::mt19937& random);

}  // namespace axnn::bench
