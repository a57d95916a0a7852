// A libFuzzer target: an input is a layer and a batch, valid or not, and every tier must make of it what the
// scalar tier makes. docs: cpp/README.md, "Fuzzing".
//
//   layers_fuzz          looks for a difference until it is stopped; libFuzzer's own options follow
//   layers_fuzz FILE...  runs inputs that were kept and says what they are
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>

#include "case.hpp"
#include "compare.hpp"
#include "input.hpp"

namespace {

bool replaying = false;

std::unique_ptr<const axnn::fuzz::Case> decode(axnn::fuzz::Input& input) {
    switch (input.integer(0, 5)) {
        default:
            return axnn::fuzz::decode_approx_case(input);
        case 3:
        case 4:
            return axnn::fuzz::decode_binary_case(input);
        case 5:
            return axnn::fuzz::decode_float_case(input);
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    for (int i = 1; i < *argc; i++) replaying |= std::filesystem::is_regular_file((*argv)[i]);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    axnn::fuzz::Input input(data, size);
    const auto threads = static_cast<uint32_t>(input.integer(1, 2));
    const std::unique_ptr<const axnn::fuzz::Case> c = decode(input);
    if (replaying) std::cerr << c->text() << std::endl;
    axnn::fuzz::compare_tiers(*c, threads, !input.mistakes());
    return 0;
}
