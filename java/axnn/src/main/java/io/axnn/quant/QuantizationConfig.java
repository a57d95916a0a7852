package io.axnn.quant;

import java.util.Objects;
import java.util.function.Supplier;

/**
 * How a layer finds its quantisation: an observer for its input and a quantiser for its weights.
 *
 * @param activations makes a new observer for each layer
 * @param weights the quantiser of weights
 */
public record QuantizationConfig(Supplier<Observer> activations, WeightQuantizer weights) {

  /** The levels that PyTorch's histogram search assumes. */
  private static final int PYTORCH_LEVELS = 256;

  /** Refuses null. */
  public QuantizationConfig {
    Objects.requireNonNull(activations, "activations");
    Objects.requireNonNull(weights, "weights");
  }

  /**
   * TorchApprox's default: histograms; activations {@code quint8} affine with range 0..127, weights
   * {@code qint8} symmetric -128..127 for the whole tensor.
   *
   * @return TorchApprox's default
   */
  public static QuantizationConfig torchApprox() {
    QuantizationScheme quint8 = new QuantizationScheme(0, Byte.MAX_VALUE, false);
    QuantizationScheme qint8 = new QuantizationScheme(Byte.MIN_VALUE, Byte.MAX_VALUE, true);
    return new QuantizationConfig(
        () -> new HistogramObserver(quint8, PYTORCH_LEVELS),
        new WeightQuantizer(scheme -> new HistogramObserver(scheme, PYTORCH_LEVELS), qint8, false));
  }

  /**
   * The defaults of this library: {@link Quantization#ofRange} of the smallest and largest
   * activation, {@link WeightQuantization#perChannel} for weights.
   *
   * @return zero point 0 everywhere
   */
  public static QuantizationConfig axnn() {
    return new QuantizationConfig(MinMaxObserver::new, symmetricWeights(Byte.SIZE));
  }

  /**
   * {@link #axnn()} for operands of some width: {@link Quantization#ofRange(float, float, int)} and
   * {@link WeightQuantization#perChannel(io.axnn.Tensor, int)}.
   *
   * @param bits width of signed operands, 2..16
   * @return zero point 0 everywhere
   */
  public static QuantizationConfig axnn(int bits) {
    return new QuantizationConfig(() -> new MinMaxObserver(bits), symmetricWeights(bits));
  }

  /**
   * Activations -128..127 affine over the smallest and largest value; weights as {@link #axnn}.
   *
   * @return affine activations, symmetric weights for each output channel
   */
  public static QuantizationConfig affineInt8() {
    QuantizationScheme affine = QuantizationScheme.signedAffine(8);
    return new QuantizationConfig(() -> new MinMaxObserver(affine), symmetricWeights(Byte.SIZE));
  }

  private static WeightQuantizer symmetricWeights(int bits) {
    return new WeightQuantizer(MinMaxObserver::new, QuantizationScheme.signedSymmetric(bits), true);
  }
}
