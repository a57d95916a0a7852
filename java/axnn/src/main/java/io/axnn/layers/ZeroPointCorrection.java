package io.axnn.layers;

/**
 * What is subtracted from the sum of table entries so that the zero points vanish. K is the fan-in,
 * zx and zw are the zero points of activation and weight, padded taps count with their padding
 * code.
 */
public enum ZeroPointCorrection {
  /**
   * {@code acc - zx * sum(w) - zw * sum(x) + K * zx * zw}, with exact products: as TorchApprox
   * means it.
   */
  EXACT,
  /**
   * {@code acc - sum_k T[w_k][zx] - sum_k T[zw][x_k] + K * T[zw][zx]}, with the table's own
   * products, so that the multiplier's error at the zero points vanishes too.
   */
  TABLE
}
