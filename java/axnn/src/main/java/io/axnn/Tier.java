package io.axnn;

import java.util.List;

/**
 * A set of kernels for one level of CPU instructions. All tiers give the same bits in integer
 * layers; the lowest is the reference that the others equal.
 */
public enum Tier {
  /** Portable C++. */
  SCALAR(1),
  /** AVX2, FMA, F16C, POPCNT, BMI1 and BMI2. */
  AVX2(2),
  /** Those and AVX-512 F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ and BITALG. */
  AVX512(3);

  private static final List<Tier> ALL = List.of(values());

  private final int code;

  Tier(int code) {
    this.code = code;
  }

  /** The {@code axnn_tier} of the C header. */
  int code() {
    return code;
  }

  static Tier ofCode(int code) {
    return ALL.stream()
        .filter(tier -> tier.code == code)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("axnn knows no tier " + code));
  }
}
