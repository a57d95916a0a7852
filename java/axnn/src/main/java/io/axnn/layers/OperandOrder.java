package io.axnn.layers;

/** Which operand of a layer chooses the row of the multiplier's table. */
public enum OperandOrder {
  /** {@code table[w][x]}: the default of every layer, and TorchApprox's convolution. */
  WEIGHT_FIRST,
  /** {@code table[x][w]}: TorchApprox's linear layer. */
  ACTIVATION_FIRST
}
