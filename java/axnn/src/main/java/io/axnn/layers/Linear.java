package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.Tensor;
import java.util.Optional;

/**
 * The exact float32 matrix product {@code y = x * weights^T + bias}: bit-equal on every thread
 * count, within 1e-5 across tiers. Inputs may have any number of leading dimensions.
 */
public final class Linear extends PlanLayer {

  private final FloatParameters parameters;

  private Linear(NativePlan plan, FloatParameters parameters) {
    super(plan);
    this.parameters = parameters;
  }

  /**
   * Makes a linear layer.
   *
   * @param context what it runs in
   * @param weights FLOAT32 [outFeatures, inFeatures]; copied
   * @param biasOrNull FLOAT32 [outFeatures] or null; copied
   * @return a new layer; close it
   * @throws IllegalArgumentException if weights or bias have another type or shape
   * @throws IllegalStateException if the context is closed
   * @throws AxnnException if the native library refuses
   */
  public static Linear of(Context context, Tensor weights, Tensor biasOrNull) {
    Geometry geometry = Geometry.Rows.ofWeights(weights);
    FloatParameters parameters = FloatParameters.of(geometry, weights, biasOrNull);
    return new Linear(parameters.plan("Linear", context, geometry), parameters);
  }

  /**
   * The weights that this layer runs on; not to be written to.
   *
   * @return FLOAT32 [outFeatures, inFeatures], readable after close too
   */
  public Tensor weights() {
    return parameters.weights();
  }

  /**
   * The bias that this layer runs on; not to be written to.
   *
   * @return FLOAT32 [outFeatures], readable after close too, or nothing
   */
  public Optional<Tensor> bias() {
    return Optional.ofNullable(parameters.bias());
  }

  /**
   * The gradients of this layer.
   *
   * @param x input, FLOAT32 [..., inFeatures]
   * @param gradOut gradient of the output, FLOAT32 [..., outFeatures]
   * @return the gradients of input, weights and bias
   * @throws IllegalArgumentException if type or shape of x or gradOut do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x or gradOut
   * @throws AxnnException if the native library has no memory for it
   */
  public Gradients backward(Tensor x, Tensor gradOut) {
    return gradients(x, gradOut);
  }
}
