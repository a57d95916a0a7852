package io.axnn.tools.internal.operators;

import io.axnn.multiplier.Operand;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.tools.internal.onnx.CodeType;
import io.axnn.tools.internal.onnx.Constant;
import io.axnn.tools.internal.onnx.LinearQuantization;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The quantisation that a file's QuantizeLinear and DequantizeLinear nodes give a layer. Codes are
 * those of the file where the multiplier's operand takes them, else moved by half their range with
 * their zero point (uint8 0..255 becomes -128..127), which means the same numbers. Where an operand
 * takes neither, the layer refuses the file's codes.
 */
final class FileQuantization {
  private FileQuantization() {}

  /**
   * The quantisation of a layer's input.
   *
   * @param pair that of the pair before the layer, or null
   * @param otherwise asked where there is no pair
   */
  static Quantization input(
      LinearQuantization pair, Operand operand, Supplier<Quantization> otherwise) {
    if (pair == null) {
      return otherwise.get();
    }
    int shift = shift(pair.type(), operand);
    return new Quantization(
        pair.scales()[0],
        pair.zeroPoints()[0] + shift,
        pair.type().min() + shift,
        pair.type().max() + shift);
  }

  /**
   * The quantisation of a layer's weights, empty where they were no codes in the file.
   *
   * @param weights [out, ...]
   * @throws IllegalArgumentException if their scales are not those of output channels
   */
  static Optional<WeightQuantization> weights(Constant weights, Operand operand) {
    LinearQuantization given = weights.quantization();
    if (given == null) {
      return Optional.empty();
    }
    if (!given.isPerTensor() && given.axis() != 0) {
      throw new IllegalArgumentException(
          "the file's DequantizeLinear gives weights '%s' a scale for each entry of axis %d of %s, the"
                  .formatted(weights.name(), given.axis(), Arrays.toString(weights.shape()))
              + " layer's [out, in, ...]; integer sums need one for all, or one for each output");
    }
    int shift = shift(given.type(), operand);
    return Optional.of(
        new WeightQuantization(
            given.scales(),
            Arrays.stream(given.zeroPoints()).map(zero -> zero + shift).toArray(),
            given.type().min() + shift,
            given.type().max() + shift));
  }

  /** What is added to codes so that they are the operand's; 0 if nothing helps. */
  private static int shift(CodeType type, Operand operand) {
    long half = type.min() == 0 ? -(type.max() / 2 + 1) : -(long) type.min();
    boolean asTheyAre = type.min() >= operand.min() && type.max() <= operand.max();
    boolean moved = type.min() + half >= operand.min() && type.max() + half <= operand.max();
    return !asTheyAre && moved ? (int) half : 0;
  }
}
