package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.Tensor;
import java.util.Objects;
import java.util.Optional;

/** The exact float32 convolution: bit-equal on every thread count, within 1e-5 across tiers. */
public final class Conv2d extends PlanLayer {

  private final Conv2dArgs args;
  private final FloatParameters parameters;

  private Conv2d(NativePlan plan, Conv2dArgs args, FloatParameters parameters) {
    super(plan);
    this.args = args;
    this.parameters = parameters;
  }

  /**
   * Makes a convolution.
   *
   * @param context what it runs in
   * @param args geometry
   * @param weights FLOAT32 of {@link Conv2dArgs#weightShape}; copied
   * @param biasOrNull FLOAT32 [outChannels] or null; copied
   * @return a new layer; close it
   * @throws IllegalArgumentException if weights or bias have another type or shape
   * @throws IllegalStateException if the context is closed
   * @throws AxnnException if the native library refuses
   */
  public static Conv2d of(Context context, Conv2dArgs args, Tensor weights, Tensor biasOrNull) {
    Objects.requireNonNull(args, "args");
    Geometry geometry = new Geometry.Convolution(args);
    FloatParameters parameters = FloatParameters.of(geometry, weights, biasOrNull);
    return new Conv2d(parameters.plan("Conv2d", context, geometry), args, parameters);
  }

  /**
   * The geometry.
   *
   * @return as given
   */
  public Conv2dArgs convArgs() {
    return args;
  }

  /**
   * The weights that this layer runs on; not to be written to.
   *
   * @return FLOAT32 of {@link Conv2dArgs#weightShape}, readable after close too
   */
  public Tensor weights() {
    return parameters.weights();
  }

  /**
   * The bias that this layer runs on; not to be written to.
   *
   * @return FLOAT32 [outChannels], readable after close too, or nothing
   */
  public Optional<Tensor> bias() {
    return Optional.ofNullable(parameters.bias());
  }

  /**
   * The gradients of this layer.
   *
   * @param x input, FLOAT32 [n, inChannels, h, w]
   * @param gradOut gradient of the output, FLOAT32 [n, outChannels, outH, outW]
   * @return the gradients of input, weights and bias
   * @throws IllegalArgumentException if type or shape of x or gradOut do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x or gradOut
   * @throws AxnnException if the native library has no memory for it
   */
  public Gradients backward(Tensor x, Tensor gradOut) {
    return gradients(x, gradOut);
  }
}
