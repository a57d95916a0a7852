package io.axnn.layers;

/** The code of a padded tap, which is looked up in the multiplier's table like any other. */
public enum PaddingCode {
  /** The zero point, which is the code of real 0.0: the default. */
  ZERO_POINT,
  /** Code 0, whatever the zero point is: TorchApprox. */
  ZERO
}
