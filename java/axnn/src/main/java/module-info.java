/**
 * Convolutions of approximate-multiplier and binary neural networks on a plain CPU.
 *
 * <p>Start with {@link io.axnn.Context}, {@link io.axnn.Tensor} and the layers of {@link
 * io.axnn.layers}. The module calls native code: run Java with {@code
 * --enable-native-access=io.axnn}, or {@code ALL-UNNAMED} where it is on the class path.
 */
module io.axnn {
  exports io.axnn;
  exports io.axnn.layers;
  exports io.axnn.multiplier;
  exports io.axnn.quant;
}
