// Table GEMM by vector tables of int15 and int16 entries, with vpdpwssd in place of vpmaddwd and an addition:
// avx2/vector_table.hpp has formula, layouts and bounds. A table in 512-bit rows is no faster: each row is a
// load, and a core loads as many of these in a cycle as of half their size.
#include <immintrin.h>
#include <string.h>

#include "kernels/avx2/transpose.hpp"
#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {
namespace {

using avx2::load_lanes;
using avx2::transpose_4x4_dwords;
using avx2::transpose_8x8_words;

__m256i add_pairs(__m256i sums, __m256i words) {
    return _mm256_dpwssd_epi32(sums, words, _mm256_set1_epi16(1));
}

#include "kernels/avx2/vector_table.hpp"

}  // namespace

void run_lut_gemm_int15(const LutGemmPass& pass) { run<Int16Entries<2>>(pass); }
void run_lut_gemm_int16(const LutGemmPass& pass) { run<Int16Entries<1>>(pass); }

}  // namespace axnn::avx512
