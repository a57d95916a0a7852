// How a table GEMM's table is made from entries [lane byte][index byte]: a tier includes this file in its
// own lut_gemm.cpp, inside its own anonymous namespace.

template <typename Entry>
void make_table(const int32_t* entries, void* table) {
    auto* out = static_cast<Entry*>(table);
    for (size_t i = 0; i < size_t{256} * 256; i++) out[i] = (Entry)entries[i];
}
