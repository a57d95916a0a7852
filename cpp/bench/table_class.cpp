#include "table_class.hpp"

#include <math.h>

#include <algorithm>

#include "workload.hpp"

namespace axnn::bench {
namespace {

struct EntryRange {
    int32_t min;
    int32_t max;
};

EntryRange entries_of(TableClass table_class) {
    switch (table_class) {
        case TableClass::uint16:
            return {0, 65535};
        case TableClass::int32:
            return {-400'000, 400'000};
        case TableClass::int8:
            return {-128, 127};
        case TableClass::le1023:
            return {-1023, 1023};
        default:
            return {-32768, 32767};
    }
}

// Features as large as int16 entries allow.
std::vector<int32_t> structured_table(size_t terms, std::mt19937& random) {
    const auto largest = std::min(127, (int32_t)sqrt(32767.0 / (double)terms));
    std::uniform_int_distribution<int32_t> feature(-largest, largest);
    std::vector<int32_t> table(table_entries);
    for (size_t t = 0; t < terms; t++) {
        const std::vector<int32_t> u = random_values<int32_t>(256, [&] { return feature(random); });
        const std::vector<int32_t> v = random_values<int32_t>(256, [&] { return feature(random); });
        for (size_t i = 0; i < table_entries; i++) table[i] += u[i / 256] * v[i % 256];
    }
    return table;
}

}  // namespace

std::string name_of(TableClass table_class) {
    switch (table_class) {
        case TableClass::exact:
            return "exact";
        case TableClass::exact_7bit:
            return "exact_7bit";
        case TableClass::int16:
            return "int16";
        case TableClass::uint16:
            return "uint16";
        case TableClass::int16_7bit:
            return "int16_7bit";
        case TableClass::int32:
            return "int32";
        case TableClass::int8:
            return "int8";
        case TableClass::le1023:
            return "le1023";
        default:
            return "structured_r" + std::to_string(terms_of(table_class));
    }
}

size_t terms_of(TableClass table_class) {
    switch (table_class) {
        case TableClass::structured_r1:
            return 1;
        case TableClass::structured_r2:
            return 2;
        case TableClass::structured_r3:
            return 3;
        case TableClass::structured_r5:
            return 5;
        case TableClass::structured_r8:
            return 8;
        case TableClass::structured_r12:
            return 12;
        default:
            return 0;
    }
}

int smallest_activation(TableClass table_class) {
    return table_class == TableClass::int16_7bit || table_class == TableClass::exact_7bit ? 0 : -128;
}

std::vector<int32_t> random_table(TableClass table_class, std::mt19937& random) {
    if (table_class == TableClass::exact || table_class == TableClass::exact_7bit) {
        std::vector<int32_t> exact;
        for (size_t i = 0; i < table_entries; i++)
            exact.push_back(int32_t{(int8_t)(i / 256)} * (int8_t)(i % 256));
        return exact;
    }
    if (const size_t terms = terms_of(table_class)) return structured_table(terms, random);
    const auto [min, max] = entries_of(table_class);
    std::uniform_int_distribution<int32_t> entry(min, max);
    return random_values<int32_t>(table_entries, [&] { return entry(random); });
}

}  // namespace axnn::bench
