// main() of every test program: says which seed a failure can be repeated with.
#include <gtest/gtest.h>

#include <cstdio>

#include "support/random.hpp"

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    std::printf("random seed %llu (AXNN_TEST_SEED)\n", static_cast<unsigned long long>(axnn::test::seed()));
    std::fflush(stdout);
    return RUN_ALL_TESTS();
}
