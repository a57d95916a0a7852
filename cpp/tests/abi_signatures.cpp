// Prints what a C++ compiler makes of axnn.h, one line for each function, struct, field and constant
// that bindings/includes.txt names. The JUnit test of the bindings compares the generated Java with it.
//
//   function <name> <return> (<parameter>,...)     types: void i32 u32 i64 u64 f32 ptr
//   struct <name> size=<bytes> align=<bytes>
//   field <struct> <name> <type> <offset>
//   constant <name> <value>
//
// Function and constant names come from includes.txt, types from the declarations themselves.
#include <axnn/axnn.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <type_traits>

namespace {

template <typename T>
std::string type_name() {
    if constexpr (std::is_void_v<T>) return "void";
    else if constexpr (std::is_pointer_v<T>) return "ptr";
    else if constexpr (std::is_enum_v<T>) return "i32";  // C's int, whatever C++ would choose
    else if constexpr (std::is_same_v<T, float>) return "f32";
    else {
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

// Every field is 4 bytes, so a struct whose fields are not all listed has another size.
#define PRINT_FIELD(structure, field)                                                     \
    static_assert(sizeof(structure::field) == 4);                                         \
    std::printf("field " #structure " " #field " %s %zu\n",                               \
                type_name<decltype(structure::field)>().c_str(), offsetof(structure, field)); \
    fields++;

// print_struct_<name>() for every struct; includes.txt says which are called.
#define PRINT_STRUCT(structure, FIELDS)                                                          \
    bool print_struct_##structure() {                                                            \
        size_t fields = 0;                                                                       \
        std::printf("struct " #structure " size=%zu align=%zu\n", sizeof(structure), alignof(structure)); \
        FIELDS(PRINT_FIELD, structure)                                                           \
        return fields * 4 == sizeof(structure);                                                  \
    }
