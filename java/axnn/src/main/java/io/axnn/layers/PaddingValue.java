package io.axnn.layers;

/** What a padded tap of a binary convolution counts as. */
public enum PaddingValue {
  /** -1: bitorch-engine. */
  MINUS_ONE,
  /** Neither bit: true zero padding. */
  ZERO,
  /** +1: Larq's one-padding. */
  PLUS_ONE
}
