package io.axnn.layers;

/** What {@link ApproxLayer#forward} computes. */
public enum InferenceMode {
  /** The exact float32 convolution or matrix product of the float weights. */
  BASELINE,
  /** The exact products of the codes, summed in integers. */
  QUANTIZED,
  /**
   * While training, {@link #QUANTIZED} with Gaussian noise in the place of a multiplier's error;
   * else {@link #QUANTIZED}.
   */
  NOISE,
  /** The products of the multiplier's table, summed exactly. */
  APPROXIMATE;

  PlanKind planKind() {
    return switch (this) {
      case BASELINE -> PlanKind.FLOAT;
      case QUANTIZED, NOISE -> PlanKind.EXACT;
      case APPROXIMATE -> PlanKind.TABLE;
    };
  }
}
