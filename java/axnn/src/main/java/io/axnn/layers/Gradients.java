package io.axnn.layers;

import io.axnn.Tensor;
import java.util.Optional;

/**
 * What {@code backward} computed. A layer without a bias has a gradient for it all the same: that
 * of a bias of zeros.
 */
public final class Gradients {

  private final Tensor input;
  private final Tensor weights;
  private final Tensor scale;
  private final Tensor bias;

  Gradients(Tensor inputOrNull, Tensor weightsOrNull, Tensor scaleOrNull, Tensor biasOrNull) {
    input = inputOrNull;
    weights = weightsOrNull;
    scale = scaleOrNull;
    bias = biasOrNull;
  }

  /**
   * The gradient of the input.
   *
   * @return FLOAT32 in the shape of the input, or nothing if it was not asked for
   */
  public Optional<Tensor> input() {
    return Optional.ofNullable(input);
  }

  /**
   * The gradient of the weights.
   *
   * @return FLOAT32 in the shape of the weights, or nothing if it was not asked for
   */
  public Optional<Tensor> weights() {
    return Optional.ofNullable(weights);
  }

  /**
   * The gradient of the scale of a {@link BinaryLayer}.
   *
   * @return FLOAT32, one value for each output channel, or nothing if it was not asked for or the
   *     layer has no scale; where one number is the scale of all channels, their sum is its
   *     gradient
   */
  public Optional<Tensor> scale() {
    return Optional.ofNullable(scale);
  }

  /**
   * The gradient of the bias.
   *
   * @return FLOAT32, one value for each output channel, or nothing if it was not asked for
   */
  public Optional<Tensor> bias() {
    return Optional.ofNullable(bias);
  }
}
