package io.axnn.quant;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import java.util.Objects;
import java.util.function.Function;

/**
 * Finds the quantisation of weights with an observer for all of them or one for each output
 * channel. Safe for many threads, as every call makes its own observers.
 *
 * @param observer makes an observer for a scheme, such as {@code MinMaxObserver::new}
 * @param scheme the codes
 * @param perChannel whether each entry of the weights' first axis gets its own scale
 */
public record WeightQuantizer(
    Function<QuantizationScheme, Observer> observer,
    QuantizationScheme scheme,
    boolean perChannel) {

  /** Refuses null. */
  public WeightQuantizer {
    Objects.requireNonNull(observer, "observer");
    Objects.requireNonNull(scheme, "scheme");
  }

  /**
   * The quantisation that the observers find.
   *
   * @param weights FLOAT32 [out, ...], all finite
   * @return one scale, or one for each entry of the first axis
   */
  public WeightQuantization of(Tensor weights) {
    Check.type("weights", weights, DataType.FLOAT32);
    int count = perChannel ? weights.dimension(0) : 1;
    float[] scales = new float[count];
    int[] zeroPoints = new int[count];
    for (int i = 0; i < count; i++) {
      Observer channel = observer.apply(scheme);
      channel.observe(perChannel ? weights.slice(i, i + 1) : weights);
      Quantization found = channel.quantization();
      scales[i] = found.scale();
      zeroPoints[i] = found.zeroPoint();
    }
    return new WeightQuantization(scales, zeroPoints, scheme.codeMin(), scheme.codeMax());
  }
}
