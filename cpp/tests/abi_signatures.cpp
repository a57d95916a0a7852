// Prints what a C++ compiler makes of axnn.h, one line for each function, struct, field and constant
// that bindings/includes.txt names. The JUnit test of the bindings compares the generated Java with it.
//
//   function <name> <return> (<parameter>,...)     types: void i32 u32 i64 u64 f32 ptr
//   struct <name> size=<bytes> align=<bytes>
//   field <struct> <name> <type> <offset>
//   constant <name> <value>
//
// Names come from includes.txt, types from the declarations themselves, so neither can drift.
#include <axnn/axnn.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <type_traits>

namespace {

template <typename T>
std::string type_name() {
    if constexpr (std::is_void_v<T>) {
        return "void";
    } else if constexpr (std::is_pointer_v<T>) {
        return "ptr";
    } else if constexpr (std::is_enum_v<T>) {
        return "i32";  // C's int, whatever C++ would choose
    } else if constexpr (std::is_same_v<T, float>) {
        return "f32";
    } else {
        static_assert(std::is_integral_v<T> && (sizeof(T) == 4 || sizeof(T) == 8), "a type without a name");
        return (std::is_signed_v<T> ? "i" : "u") + std::to_string(8 * sizeof(T));
    }
}

template <typename Return, typename... Parameters>
void print_function(const char* name, Return (*)(Parameters...)) {
    std::string list;
    ((list += (list.empty() ? "" : ",") + type_name<Parameters>()), ...);
    std::printf("function %s %s (%s)\n", name, type_name<Return>().c_str(), list.c_str());
}

// The fields of every struct; C++ cannot list them itself.
// clang-format off
#define FIELDS_axnn_context_desc(FIELD) FIELD(struct_size) FIELD(tier) FIELD(threads)
#define FIELDS_axnn_quantization(FIELD) \
    FIELD(struct_size) FIELD(scale) FIELD(zero_point) FIELD(code_min) FIELD(code_max)
#define FIELDS_axnn_multiplier_desc(FIELD) \
    FIELD(struct_size) FIELD(row_bits) FIELD(row_signed) FIELD(column_bits) FIELD(column_signed)
#define FIELDS_axnn_conv2d_desc(FIELD) \
    FIELD(struct_size) FIELD(in_channels) FIELD(out_channels) FIELD(kernel_h) FIELD(kernel_w) \
    FIELD(stride_h) FIELD(stride_w) FIELD(dilation_h) FIELD(dilation_w) \
    FIELD(pad_top) FIELD(pad_bottom) FIELD(pad_left) FIELD(pad_right) FIELD(groups)
#define FIELDS_axnn_linear_desc(FIELD) FIELD(struct_size) FIELD(in_features) FIELD(out_features)
#define FIELDS_axnn_approx_desc(FIELD) \
    FIELD(struct_size) FIELD(input_scale) FIELD(input_zero_point) \
    FIELD(input_code_min) FIELD(input_code_max) FIELD(weight_code_min) FIELD(weight_code_max) \
    FIELD(operand_order) FIELD(padding_code) FIELD(zero_point_correction) FIELD(products) FIELD(structure_use) \
    FIELD(output_min) FIELD(output_max)
#define FIELDS_axnn_binary_desc(FIELD) \
    FIELD(struct_size) FIELD(padding_value) FIELD(output_min) FIELD(output_max)
#define FIELDS_axnn_sign_desc(FIELD) \
    FIELD(struct_size) FIELD(input_estimator) FIELD(input_parameter) \
    FIELD(weight_estimator) FIELD(weight_parameter)
#define FIELDS_axnn_noise_desc(FIELD) \
    FIELD(struct_size) FIELD(stdev) FIELD(mean) FIELD(seed_low) FIELD(seed_high)
// clang-format on

#define COUNT_FIELD(field) +1
#define PRINT_FIELD(field)                                                                          \
    static_assert(sizeof(Struct::field) == 4);                                                      \
    std::printf("field %s " #field " %s %zu\n", name, type_name<decltype(Struct::field)>().c_str(), \
                offsetof(Struct, field));

}  // namespace

int main() {
    // abi_names.inc is made from includes.txt: FUNCTION(name), STRUCT(name) and CONSTANT(name) lines.
#define FUNCTION(function) print_function(#function, &function);
#define STRUCT(type)                                                                          \
    {                                                                                         \
        using Struct = type;                                                                  \
        const char* name = #type;                                                             \
        static_assert((FIELDS_##type(COUNT_FIELD)) * 4 == sizeof(Struct),                     \
                      "a field of " #type " is missing");                                     \
        std::printf("struct %s size=%zu align=%zu\n", name, sizeof(Struct), alignof(Struct)); \
        FIELDS_##type(PRINT_FIELD)                                                            \
    }
#define CONSTANT(constant) std::printf("constant " #constant " %lld\n", static_cast<long long>(constant));
#include "abi_names.inc"
}
