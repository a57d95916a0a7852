#include "table_class.hpp"

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
    }
    return "";
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
    const auto [min, max] = entries_of(table_class);
    std::uniform_int_distribution<int32_t> entry(min, max);
    return random_values<int32_t>(table_entries, [&] { return entry(random); });
}

}  // namespace axnn::bench
