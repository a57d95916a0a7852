package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.NativeCalls;
import io.axnn.quant.Quantization;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A layer of signs, one bit each, by XNOR and popcount (Rastegari et al., XNOR-Net, ECCV 2016).
 * {@code sign(v)} is +1 if {@code v >= 0} (both zeros), else -1 (NaN too). The exact sum of the
 * products of signs goes through an {@link Epilogue}, in float32: {@code y = clamp(sum * scale[o] +
 * bias[o])}.
 *
 * <p>Inputs are floats, whose signs count, or {@link PackedBits}; a convolution reads and writes
 * floats as [n, channels, h, w] and bits as [n, h, w, channels], a linear layer reads and writes
 * [..., features] with any leading dimensions. Outputs are floats, the sums themselves, 8-bit
 * codes, or the signs of the floats: a chain of {@link #forwardBits(PackedBits)} never leaves the
 * bits. All of them are the same bits on every tier and thread count.
 *
 * <p>Weights, scale and bias may change on a live layer, from any thread. A setter swaps the
 * layer's state as a whole: calls under way finish on the old one, later ones begin on the new, and
 * a setter that throws has changed nothing. A layer that was made of float weights keeps a copy of
 * them for training, until {@link #dropFloatWeights}. After {@link #close} every call throws {@link
 * IllegalStateException}, but {@link #outputShape} and the getters that say what was built.
 */
public abstract sealed class BinaryLayer extends LiveLayer permits BinaryConv2d, BinaryLinear {

  private final Geometry geometry;
  private final Live<BinaryForm> live;
  private final SignEstimator inputQuantizer;
  private final SignEstimator kernelQuantizer;

  BinaryLayer(String kind, BinaryBuilder<?, ?> builder) {
    this(kind, builder, new Live<>(builder.context, handle -> builder.form(kind, handle)));
  }

  private BinaryLayer(String kind, BinaryBuilder<?, ?> builder, Live<BinaryForm> live) {
    super(kind, live);
    this.live = live;
    geometry = builder.geometry;
    inputQuantizer = builder.inputQuantizer();
    kernelQuantizer = builder.kernelQuantizer();
  }

  /** Calls with the state now. */
  private <T> T run(Function<BinaryForm, T> call) {
    return use(() -> live.run(call));
  }

  private <T> T run(Tensor x, BiFunction<BinaryPlan, BinaryInput, T> call) {
    return run(form -> call.apply(form.plan(), BinaryInput.of(geometry, x)));
  }

  private <T> T run(PackedBits x, BiFunction<BinaryPlan, BinaryInput, T> call) {
    return run(form -> call.apply(form.plan(), BinaryInput.of(geometry, x)));
  }

  // ---- Forward ---------------------------------------------------------------------------------

  @Override
  public final Tensor forward(Tensor x) {
    return run(x, (plan, input) -> plan.floats(input, null));
  }

  @Override
  public final void forward(Tensor x, Tensor y) {
    Objects.requireNonNull(y, "y");
    run(x, (plan, input) -> plan.floats(input, y));
  }

  /**
   * Runs the layer on bits.
   *
   * @param x [n, h, w, inChannels], or [..., inFeatures]
   * @return FLOAT32, as {@link #forward(Tensor)} gives it for the floats that x are the signs of
   * @throws IllegalArgumentException if the shape of x does not fit this layer
   * @throws IllegalStateException if this layer is closed
   * @throws AxnnException if the native library has no memory for it
   */
  public final Tensor forward(PackedBits x) {
    return run(x, (plan, input) -> plan.floats(input, null));
  }

  /**
   * As {@link #forward(PackedBits)}, into a tensor that is there already. Nothing is copied,
   * nothing else allocated.
   *
   * @param x [n, h, w, inChannels], or [..., inFeatures]
   * @param y output, FLOAT32 [n, outChannels, outH, outW], or [..., outFeatures]; unchanged if this
   *     throws
   * @throws IllegalArgumentException if the shape of x, or type or shape of y do not fit
   * @throws IllegalStateException if this layer is closed, or the arena of y
   * @throws AxnnException if the native library has no memory for it
   */
  public final void forward(PackedBits x, Tensor y) {
    Objects.requireNonNull(y, "y");
    run(x, (plan, input) -> plan.floats(input, y));
  }

  /**
   * The signs of the output, for the next binary layer: +1 where {@link #forward(Tensor)} gives v
   * &gt;= 0. They are found by one comparison of the exact sum, without a float.
   *
   * @param x input, FLOAT32
   * @return [n, outH, outW, outChannels], or [..., outFeatures]
   * @throws IllegalArgumentException if type or shape of x do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x
   * @throws AxnnException if the native library has no memory for it
   */
  public final PackedBits forwardBits(Tensor x) {
    return run(x, BinaryPlan::bits);
  }

  /**
   * As {@link #forwardBits(Tensor)}, from bits to bits.
   *
   * @param x [n, h, w, inChannels], or [..., inFeatures]
   * @return [n, outH, outW, outChannels], or [..., outFeatures]
   * @throws IllegalArgumentException if the shape of x does not fit this layer
   * @throws IllegalStateException if this layer is closed
   * @throws AxnnException if the native library has no memory for it
   */
  public final PackedBits forwardBits(PackedBits x) {
    return run(x, BinaryPlan::bits);
  }

  /**
   * The exact sums of products of signs, padding included, before the epilogue.
   *
   * @param x input, FLOAT32
   * @return INT32 of {@link #outputShape} of x, each value in -K..K for K products
   * @throws IllegalArgumentException if type or shape of x do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x
   * @throws AxnnException if the native library has no memory for it
   */
  public final Tensor forwardSums(Tensor x) {
    return run(x, BinaryPlan::sums);
  }

  /**
   * As {@link #forwardSums(Tensor)}, from bits.
   *
   * @param x [n, h, w, inChannels], or [..., inFeatures]
   * @return INT32 [n, outChannels, outH, outW], or [..., outFeatures]
   * @throws IllegalArgumentException if the shape of x does not fit this layer
   * @throws IllegalStateException if this layer is closed
   * @throws AxnnException if the native library has no memory for it
   */
  public final Tensor forwardSums(PackedBits x) {
    return run(x, BinaryPlan::sums);
  }

  /**
   * The sums of {@link #forwardSums(Tensor)} in the type that all integer layers give.
   *
   * @param x input, FLOAT32
   * @return INT64 of {@link #outputShape} of x
   * @throws IllegalArgumentException if type or shape of x do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x
   * @throws AxnnException if the native library has no memory for it
   */
  public final Tensor accumulate(Tensor x) {
    return run(form -> form.plan().plan().accumulate(x));
  }

  /**
   * The output as 8-bit codes, for a quantised layer: {@link Quantization#quantize(Tensor)} of
   * {@link #forward(Tensor)}, without the floats in between.
   *
   * @param x input, FLOAT32
   * @param quantization how the output becomes codes
   * @return codes in {@link #outputShape} of x: INT8 where they are at most 127, else UINT8
   * @throws IllegalArgumentException if type or shape of x do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x
   * @throws AxnnException if the native library has no memory for it
   */
  public final Tensor forwardCodes(Tensor x, Quantization quantization) {
    Objects.requireNonNull(quantization, "quantization");
    return run(x, (plan, input) -> plan.codes(input, quantization));
  }

  /**
   * As {@link #forwardCodes(Tensor, Quantization)}, from bits.
   *
   * @param x [n, h, w, inChannels], or [..., inFeatures]
   * @param quantization how the output becomes codes
   * @return codes, [n, outChannels, outH, outW], or [..., outFeatures]
   * @throws IllegalArgumentException if the shape of x does not fit this layer
   * @throws IllegalStateException if this layer is closed
   * @throws AxnnException if the native library has no memory for it
   */
  public final Tensor forwardCodes(PackedBits x, Quantization quantization) {
    Objects.requireNonNull(quantization, "quantization");
    return run(x, (plan, input) -> plan.codes(input, quantization));
  }

  /**
   * The shape of the float output for a float input of some shape.
   *
   * @param inputShape [n, inChannels, h, w], or [..., inFeatures]
   * @return [n, outChannels, outH, outW], or [..., outFeatures]
   */
  @Override
  public final int[] outputShape(int... inputShape) {
    return geometry.of(inputShape).outputShape();
  }

  @Override
  public final String explain(int... inputShape) {
    return run(form -> form.plan().plan().explain(inputShape));
  }

  // ---- Backward --------------------------------------------------------------------------------

  /**
   * The gradients of input, float weights, scale and bias.
   *
   * @param x input, FLOAT32
   * @param gradOut gradient of the output before its limits, FLOAT32 of {@link #outputShape} of x
   * @return all four
   * @throws IllegalArgumentException if type or shape of x or gradOut do not fit this layer
   * @throws IllegalStateException if this layer is closed, the arena of x or gradOut is, or there
   *     are no float weights and the kernel quantizer reads them
   * @throws AxnnException if the native library has no memory for it
   */
  public final Gradients backward(Tensor x, Tensor gradOut) {
    return backward(x, gradOut, EnumSet.allOf(Gradient.class));
  }

  /**
   * Gradients of this layer as it is now, whatever forward pass came before. With g the gradient at
   * the output before its limits, s the scale and a padded tap counting as the padding value:
   *
   * <pre>
   * input   = inputQuantizer(x)  * sum over outputs of g * s[o] * sign(w)
   * weights = kernelQuantizer(w) * s[o] * sum over outputs of g * sign(x)
   * scale   = sum over outputs of g * (sum of sign(w) * sign(x))
   * bias    = sum over outputs of g
   * </pre>
   *
   * They are those of the layer's own scale and bias, whatever was folded into these. Bit-equal on
   * every thread count, within 1e-5 of the largest magnitude across tiers.
   *
   * <p>With {@link SignEstimator.Kind#MAGNITUDE_AWARE_SIGN} s is the given scale times alpha, the
   * gradient of the scale is that of the given one, and alpha counts as a constant, as in Larq.
   * XNOR-Net lets the gradient pass through alpha too; for K products of an output that adds {@code
   * scaleGradient[o] / alpha[o] * scale[o] * sign(w) / K} to the gradient of a weight.
   *
   * @param x input, FLOAT32
   * @param gradOut gradient of the output before its limits, FLOAT32 of {@link #outputShape} of x
   * @param wanted which gradients, at least one
   * @return those
   * @throws IllegalArgumentException if none is wanted, or type or shape of x or gradOut do not fit
   *     this layer
   * @throws IllegalStateException if this layer is closed, the arena of x or gradOut is, or that of
   *     the weights is wanted, there are no float weights and the kernel quantizer reads them
   * @throws AxnnException if the native library has no memory for it
   */
  public final Gradients backward(Tensor x, Tensor gradOut, Set<Gradient> wanted) {
    Set<Gradient> chosen = Set.copyOf(Objects.requireNonNull(wanted, "wanted"));
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "wanted is empty, but must have at least one of " + EnumSet.allOf(Gradient.class));
    }
    return run(
        form -> {
          BinaryInput input = BinaryInput.of(geometry, x);
          Tensor weights = null;
          if (chosen.contains(Gradient.WEIGHTS) && kernelQuantizer.readsValues()) {
            weights = latent(form, "the gradient of the weights by " + kernelQuantizer).weights();
          }
          Gradients gradients =
              form.plan()
                  .backward(
                      input, x.shape(), gradOut, chosen, inputQuantizer, kernelQuantizer, weights);
          gradients.scale().ifPresent(form::scaleGradient);
          return gradients;
        });
  }

  /** The float weights, or a refusal that says what to do. */
  private LatentWeights latent(BinaryForm form, String what) {
    if (form.latent() == null) {
      throw new IllegalStateException(
          "this "
              + kind()
              + " has no float weights, but "
              + what
              + " needs them: build it of float weights, or call setWeights(...)");
    }
    return form.latent();
  }

  // ---- Live settings ---------------------------------------------------------------------------

  private void swap(UnaryOperator<BinaryForm> next) {
    change(() -> live.swap(next));
  }

  /**
   * Sets the weights; scale and bias stay. The layer has a float copy again, if that was dropped.
   *
   * @param weights FLOAT32 in the shape of the old ones; copied
   * @throws IllegalArgumentException if type or shape differ, or the scale that follows them is not
   *     finite
   * @throws IllegalStateException if this layer is closed, the arena of weights is, or the scale
   *     should follow the weights but is fixed since {@link #dropFloatWeights}: {@link
   *     #setWeights(Tensor, Epilogue)} sets both
   */
  public final void setWeights(Tensor weights) {
    swap(
        form -> {
          demandFollowing(form, "setWeights(weights)");
          return BinaryForm.ofWeights(form.maker(), copy(weights), form.epilogue());
        });
  }

  /**
   * Sets weights and epilogue at once, after a step of training for example. The layer has a float
   * copy again, if that was dropped.
   *
   * @param weights FLOAT32 in the shape of the old ones; copied
   * @param epilogue scale, bias and limits
   * @throws IllegalArgumentException if type or shape of the weights differ, or the epilogue has
   *     another number of channels
   * @throws IllegalStateException if this layer is closed, or the arena of weights
   */
  public final void setWeights(Tensor weights, Epilogue epilogue) {
    check(epilogue);
    swap(form -> BinaryForm.ofWeights(form.maker(), copy(weights), epilogue));
  }

  /**
   * Sets the scale. What was folded into it before is gone; with {@link
   * SignEstimator.Kind#MAGNITUDE_AWARE_SIGN} it is the factor beside alpha.
   *
   * @param scale one finite number, or one for each output channel
   * @throws IllegalArgumentException if there are neither one nor as many as output channels, or
   *     one is not finite
   * @throws IllegalStateException if this layer is closed, or the scale should follow the weights
   *     but is fixed since {@link #dropFloatWeights}
   */
  public final void setScale(float... scale) {
    check(Epilogue.IDENTITY.withScale(scale));
    swap(
        form -> {
          demandFollowing(form, "setScale(...)");
          return form.withEpilogue(form.epilogue().withScale(scale));
        });
  }

  /**
   * Sets the bias. What was folded into it before is gone.
   *
   * @param biasOrNull FLOAT32 [outputs], finite, copied, or null for none
   * @throws IllegalArgumentException if type or shape differ, or a value is not finite
   * @throws IllegalStateException if this layer is closed, or the arena of the bias
   */
  public final void setBias(Tensor biasOrNull) {
    swap(form -> form.withEpilogue(form.epilogue().withBias(geometry.bias(biasOrNull))));
  }

  /**
   * Sets scale, bias and limits at once.
   *
   * @param epilogue with {@link SignEstimator.Kind#MAGNITUDE_AWARE_SIGN} its scale is the factor
   *     beside alpha
   * @throws IllegalArgumentException if it has another number of channels
   * @throws IllegalStateException if this layer is closed, or the scale should follow the weights
   *     but is fixed since {@link #dropFloatWeights}
   */
  public final void setEpilogue(Epilogue epilogue) {
    check(epilogue);
    swap(
        form -> {
          demandFollowing(form, "setEpilogue(...)");
          return form.withEpilogue(epilogue);
        });
  }

  /**
   * Limits the float weights to -limit..limit, as Larq's weight_clip does after each step of
   * training: beyond the clip value of {@link SignEstimator#STE_SIGN} a weight has no gradient, and
   * could never come back. Their signs do not change; a scale that follows them does.
   *
   * @param limit finite and greater than 0; 1 in Larq
   * @throws IllegalArgumentException if it is not
   * @throws IllegalStateException if this layer is closed, or there are no float weights
   */
  public final void clipWeights(float limit) {
    Check.scale("limit", limit);
    swap(
        form -> {
          latent(form, "clipWeights(limit)");
          return form.withClippedWeights(limit);
        });
  }

  /**
   * Forgets the float weights. What remains is the bits, and scale and bias: what {@link
   * #memoryBytes} says. Forward passes stay as they are; a scale that followed the weights is
   * fixed. {@link #setWeights(Tensor)} gives float weights back. Does nothing where there are none.
   *
   * @throws IllegalStateException if this layer is closed
   */
  public final void dropFloatWeights() {
    swap(BinaryForm::withoutLatentWeights);
  }

  private Tensor copy(Tensor weights) {
    return FloatParameters.of(geometry, weights, null).weights();
  }

  private void check(Epilogue epilogue) {
    Objects.requireNonNull(epilogue, "epilogue").check(geometry.outputs());
  }

  private void demandFollowing(BinaryForm form, String what) {
    if (form.scaleIsFixed()) {
      throw new IllegalStateException(
          "the scale of this "
              + kind()
              + " follows its float weights ("
              + kernelQuantizer.kind()
              + "), which are not there, so "
              + what
              + " cannot be done: call setWeights(weights, epilogue)");
    }
  }

  // ---- Getters ---------------------------------------------------------------------------------

  /**
   * The weights as bits, to be stored and given to {@code fromPackedWeights} later.
   *
   * @return [outChannels, fanIn], or [outFeatures, inFeatures]
   * @throws IllegalStateException if this layer is closed
   */
  public final PackedBits packedWeights() {
    return run(form -> form.plan().weights());
  }

  /**
   * The weights as another system stores them.
   *
   * @param format its byte order
   * @return the bytes that {@code fromPackedWeights} takes with this format
   * @throws IllegalStateException if this layer is closed
   */
  public final byte[] packedWeights(PackedWeightFormat format) {
    Objects.requireNonNull(format, "format");
    return format.encode(packedWeights().toByteArray(), geometry.weightShape());
  }

  /**
   * The float weights, whose signs this layer runs on.
   *
   * @return a copy, FLOAT32, output channels first; nothing if the layer was made of bits, or
   *     {@link #dropFloatWeights} was called
   * @throws IllegalStateException if this layer is closed
   */
  public final Optional<Tensor> weights() {
    return run(form -> Optional.ofNullable(form.latent()).map(latent -> copy(latent.weights())));
  }

  /**
   * What the sums go through.
   *
   * @return scale and bias of every output channel, rounded to floats, and limits; the scale
   *     without alpha, while that follows the float weights, and with it after {@link
   *     #dropFloatWeights}
   * @throws IllegalStateException if this layer is closed
   */
  public final Epilogue epilogue() {
    return run(BinaryForm::epilogue);
  }

  /**
   * What stands for the derivative of the input's signs.
   *
   * @return as built
   */
  public final SignEstimator inputQuantizer() {
    return inputQuantizer;
  }

  /**
   * What stands for the derivative of the weights' signs.
   *
   * @return as built
   */
  public final SignEstimator kernelQuantizer() {
    return kernelQuantizer;
  }

  /**
   * The number of products in one output value.
   *
   * @return inChannels / groups * kernelHeight * kernelWidth, or inFeatures
   */
  public final int fanIn() {
    return geometry.fanIn();
  }

  /**
   * The memory that this layer keeps for its numbers: the weights' bits as its kernel reads them,
   * scale, bias and bit threshold of every output channel, and the float weights if they are there.
   *
   * @return bytes
   * @throws IllegalStateException if this layer is closed
   */
  public final long memoryBytes() {
    return run(BinaryForm::memoryBytes);
  }

  /**
   * XNOR-Net's alpha: the mean magnitude of each output channel's weights, summed in double.
   *
   * @param context where the work is done
   * @param weights FLOAT32 [outputs, ...]
   * @return one value an output channel, as {@code scale(...)} takes them
   * @throws IllegalArgumentException if the weights have another type
   * @throws IllegalStateException if the context is closed, or the arena of weights
   */
  public static float[] meanMagnitudes(Context context, Tensor weights) {
    Objects.requireNonNull(context, "context");
    Check.type("weights", weights, DataType.FLOAT32);
    return NativeCalls.call(context, handle -> BinaryMaker.meanMagnitudes(handle, weights));
  }

  // ---- Saving ----------------------------------------------------------------------------------

  /**
   * Saves the layer as a safetensors file, in place of what is there: the bits, scale and bias, the
   * float weights if they are there, and all settings.
   *
   * @param file to write
   * @throws java.io.UncheckedIOException if it cannot be written
   * @throws IllegalStateException if this layer is closed
   */
  public final void save(Path file) {
    Objects.requireNonNull(file, "file");
    run(
        form -> {
          BinaryFile.write(file, form, inputQuantizer);
          return null;
        });
  }

  @Override
  public final String toString() {
    return kind() + "[" + geometry + "]";
  }
}
