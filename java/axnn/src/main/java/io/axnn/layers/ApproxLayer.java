package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Tensor;
import io.axnn.multiplier.ErrorFigures;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A layer of integer products of up to 16 bits, with the float weights they come from: {@link
 * InferenceMode} says whether it runs on the floats, the exact products of the codes, these with
 * noise, or the products of a multiplier. TorchApprox's ApproxLayer.
 *
 * <p>Every setting may change on a live layer, from any thread. A setter swaps the layer's state as
 * a whole: calls under way finish on the old one, later ones begin on the new, and a setter that
 * throws has changed nothing. Each setting is packed once, on first need; another multiplier or
 * another bias never quantises the weights again. A layer whose weights are set keeps memory for
 * the next ones. After {@link #close} every call but the getters throws {@link
 * IllegalStateException}.
 */
public abstract sealed class ApproxLayer extends LiveLayer permits ApproxConv2d, ApproxLinear {

  private final Geometry geometry;
  private final LiveForm form;
  private final Calibration calibration;
  private volatile InferenceMode inferenceMode;
  private volatile boolean training;
  private final AtomicReference<Noise> noise = new AtomicReference<>(Noise.NONE);
  private volatile NoiseSeed seed = new NoiseSeed(0);
  private volatile TraceListener traceListener;

  ApproxLayer(String kind, ApproxBuilder<?, ?> builder) {
    this(kind, builder, new LiveForm(kind, builder.context, builder.geometry, builder.settings()));
  }

  private ApproxLayer(String kind, ApproxBuilder<?, ?> builder, LiveForm form) {
    super(kind, form);
    this.form = form;
    geometry = builder.geometry;
    inferenceMode = builder.chosenMode();
    calibration = builder.calibration();
    try {
      form.prepare(inferenceMode.planKind());
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  // ---- Forward ---------------------------------------------------------------------------------

  /**
   * Runs the layer in its {@link #inferenceMode}.
   *
   * @param x input, FLOAT32
   * @return a new output in memory that the garbage collector frees
   * @throws IllegalArgumentException if type or shape of x do not fit this layer
   * @throws IllegalStateException if this layer is closed, the arena of x is, or the mode needs a
   *     multiplier or an input quantisation that is not set
   * @throws AxnnException if the native library has no memory for it
   */
  @Override
  public final Tensor forward(Tensor x) {
    return forward(inferenceMode, x, null);
  }

  /**
   * As {@link #forward(Tensor)}, into a tensor that is there already.
   *
   * @param x input, FLOAT32
   * @param y output, FLOAT32 of {@link #outputShape} of x, must not overlap x
   */
  @Override
  public final void forward(Tensor x, Tensor y) {
    forward(inferenceMode, x, Objects.requireNonNull(y, "y"));
  }

  /**
   * {@link #forward(Tensor)} in mode {@link InferenceMode#BASELINE}.
   *
   * @param x input, FLOAT32
   * @return a new output
   */
  public final Tensor baselineForward(Tensor x) {
    return forward(InferenceMode.BASELINE, x, null);
  }

  /**
   * {@link #forward(Tensor, Tensor)} in mode {@link InferenceMode#BASELINE}.
   *
   * @param x input, FLOAT32
   * @param y output
   */
  public final void baselineForward(Tensor x, Tensor y) {
    forward(InferenceMode.BASELINE, x, Objects.requireNonNull(y, "y"));
  }

  /**
   * {@link #forward(Tensor)} in mode {@link InferenceMode#QUANTIZED}.
   *
   * @param x input, FLOAT32
   * @return a new output
   */
  public final Tensor quantForward(Tensor x) {
    return forward(InferenceMode.QUANTIZED, x, null);
  }

  /**
   * {@link #forward(Tensor, Tensor)} in mode {@link InferenceMode#QUANTIZED}.
   *
   * @param x input, FLOAT32
   * @param y output
   */
  public final void quantForward(Tensor x, Tensor y) {
    forward(InferenceMode.QUANTIZED, x, Objects.requireNonNull(y, "y"));
  }

  /**
   * {@link #forward(Tensor)} in mode {@link InferenceMode#NOISE}.
   *
   * @param x input, FLOAT32
   * @return a new output
   */
  public final Tensor noiseForward(Tensor x) {
    return forward(InferenceMode.NOISE, x, null);
  }

  /**
   * {@link #forward(Tensor, Tensor)} in mode {@link InferenceMode#NOISE}.
   *
   * @param x input, FLOAT32
   * @param y output
   */
  public final void noiseForward(Tensor x, Tensor y) {
    forward(InferenceMode.NOISE, x, Objects.requireNonNull(y, "y"));
  }

  /**
   * {@link #forward(Tensor)} in mode {@link InferenceMode#APPROXIMATE}.
   *
   * @param x input, FLOAT32
   * @return a new output
   */
  public final Tensor approxForward(Tensor x) {
    return forward(InferenceMode.APPROXIMATE, x, null);
  }

  /**
   * {@link #forward(Tensor, Tensor)} in mode {@link InferenceMode#APPROXIMATE}.
   *
   * @param x input, FLOAT32
   * @param y output
   */
  public final void approxForward(Tensor x, Tensor y) {
    forward(InferenceMode.APPROXIMATE, x, Objects.requireNonNull(y, "y"));
  }

  private Tensor forward(InferenceMode mode, Tensor x, Tensor yOrNull) {
    Pass pass = new Pass(mode, training ? noise.get() : null, seed, x, yOrNull);
    Tensor y = use(() -> trace(pass));
    ran(x);
    return y;
  }

  /** The settings now. */
  final ApproxSettings settings() {
    return form.settings();
  }

  /** Told of the input of every forward pass. */
  void ran(Tensor x) {}

  private Tensor trace(Pass pass) {
    TraceListener listener = traceListener;
    if (listener == null || pass.mode() == InferenceMode.BASELINE) {
      return form.run(pass.mode().planKind(), pass::run);
    }
    TraceListener.Detail detail = Objects.requireNonNull(listener.detail(this), "detail");
    Traced traced =
        form.run(pass.mode().planKind(), (plan, settings) -> pass.run(plan, settings, detail));
    if (traced.trace() != null) {
      listener.traced(this, traced.trace());
    }
    return traced.y();
  }

  /**
   * The exact sums of products of codes, before any correction for zero points: what the hardware's
   * accumulators hold. Products are those of the multiplier, exact ones where none is set.
   *
   * @param x input, FLOAT32
   * @return INT64 of {@link #outputShape} of x
   * @throws IllegalArgumentException if type or shape of x do not fit this layer
   * @throws IllegalStateException if this layer is closed, the arena of x is, or no input
   *     quantisation is set
   * @throws AxnnException if the native library has no memory for it
   */
  public final Tensor accumulate(Tensor x) {
    return use(
        () -> {
          PlanKind kind = multiplier().isPresent() ? PlanKind.TABLE : PlanKind.EXACT;
          return form.run(kind, (plan, settings) -> plan.accumulate(x));
        });
  }

  @Override
  public final int[] outputShape(int... inputShape) {
    return geometry.of(inputShape).outputShape();
  }

  /**
   * Says how an input of some shape is run in the {@link #inferenceMode}.
   *
   * @param inputShape shape of an input
   * @return one line of text for a person
   */
  @Override
  public final String explain(int... inputShape) {
    return use(
        () -> form.run(inferenceMode.planKind(), (plan, settings) -> plan.explain(inputShape)));
  }

  // ---- Backward --------------------------------------------------------------------------------

  /**
   * The straight-through gradients of input, weights and bias.
   *
   * @param x input, FLOAT32
   * @param gradOut gradient of the output before its limits, FLOAT32 of {@link #outputShape} of x
   * @return all three
   * @throws IllegalArgumentException if type or shape of x or gradOut do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x or gradOut
   * @throws AxnnException if the native library has no memory for it
   */
  public final Gradients backward(Tensor x, Tensor gradOut) {
    return backward(x, gradOut, GradientOptions.STE);
  }

  /**
   * Gradients of this layer as it is now, whatever forward pass came before.
   *
   * @param x input, FLOAT32
   * @param gradOut gradient of the output before its limits ({@code outputRange}), FLOAT32 of
   *     {@link #outputShape} of x
   * @param options which gradients and how; clipping and {@link GradientEstimator#TABLE_DIFFERENCE}
   *     need an input quantisation
   * @return those that the options ask for
   * @throws IllegalArgumentException if type or shape of x or gradOut do not fit this layer
   * @throws IllegalStateException if this layer is closed, the arena of x or gradOut is, or a
   *     setting is missing that the options need
   * @throws AxnnException if the native library has no memory for it
   */
  public final Gradients backward(Tensor x, Tensor gradOut, GradientOptions options) {
    Objects.requireNonNull(options, "options");
    return use(
        () ->
            form.run(
                planKind(options.estimator()),
                (plan, settings) -> {
                  if (options.clip() && options.input()) {
                    GradientClip.demandInput(settings);
                  }
                  Gradients gradients = plan.backward(x, gradOut, options);
                  if (options.clip()) {
                    new GradientClip(form.context(), settings).apply(x, gradients);
                  }
                  return gradients;
                }));
  }

  private PlanKind planKind(GradientEstimator estimator) {
    return switch (estimator) {
      case STE -> PlanKind.FLOAT;
      case TABLE_DIFFERENCE ->
          inferenceMode == InferenceMode.APPROXIMATE ? PlanKind.TABLE : PlanKind.EXACT;
    };
  }

  // ---- Live settings ---------------------------------------------------------------------------

  /**
   * What {@link #forward(Tensor)} computes.
   *
   * @return the mode now
   */
  public final InferenceMode inferenceMode() {
    return inferenceMode;
  }

  /**
   * Sets what {@link #forward(Tensor)} computes. A mode whose settings are missing is accepted; its
   * forward pass is refused.
   *
   * @param inferenceMode the mode of calls that begin from now on
   */
  public final void setInferenceMode(InferenceMode inferenceMode) {
    Objects.requireNonNull(inferenceMode, "inferenceMode");
    change(() -> this.inferenceMode = inferenceMode);
  }

  /**
   * Sets the multiplier. The weights are not quantised again.
   *
   * @param multiplier whose operands must take the codes; may be closed afterwards
   * @throws IllegalArgumentException if codes can leave an operand's range
   * @throws IllegalStateException if this layer or the multiplier is closed
   */
  public final void setMultiplier(Multiplier multiplier) {
    Objects.requireNonNull(multiplier, "multiplier");
    change(() -> form.update(settings -> settings.withMultiplier(multiplier)));
  }

  /**
   * Sets multiplier and quantisations at once, for a multiplier whose operands have other ranges.
   *
   * @param multiplier may be closed afterwards
   * @param inputQuantization its codes must be values of the multiplier's operand
   * @param weightQuantization likewise
   * @throws IllegalArgumentException if the three do not fit each other or this layer
   * @throws IllegalStateException if this layer or the multiplier is closed
   */
  public final void setMultiplier(
      Multiplier multiplier,
      Quantization inputQuantization,
      WeightQuantization weightQuantization) {
    Objects.requireNonNull(multiplier, "multiplier");
    Objects.requireNonNull(inputQuantization, "inputQuantization");
    Objects.requireNonNull(weightQuantization, "weightQuantization");
    change(
        () ->
            form.update(
                settings ->
                    settings
                        .withMultiplier(multiplier)
                        .withInput(inputQuantization)
                        .withWeightQuantization(weightQuantization)));
  }

  /**
   * Sets how the input becomes codes.
   *
   * @param inputQuantization its codes must be values of the multiplier's operand
   * @throws IllegalArgumentException if it does not fit the multiplier or the weights' scales
   * @throws IllegalStateException if this layer is closed
   */
  public final void setInputQuantization(Quantization inputQuantization) {
    Objects.requireNonNull(inputQuantization, "inputQuantization");
    change(() -> form.update(settings -> settings.withInput(inputQuantization)));
  }

  /**
   * Sets how the weights become codes; it no longer follows the weights then.
   *
   * @param weightQuantization its codes must be values of the multiplier's operand
   * @throws IllegalArgumentException if it does not fit the multiplier or this layer
   * @throws IllegalStateException if this layer is closed
   */
  public final void setWeightQuantization(WeightQuantization weightQuantization) {
    Objects.requireNonNull(weightQuantization, "weightQuantization");
    change(() -> form.update(settings -> settings.withWeightQuantization(weightQuantization)));
  }

  /**
   * Sets the weights. A weight quantisation that was never set follows them, one that was set or
   * frozen stays.
   *
   * @param weights FLOAT32 in the shape of the old ones; copied
   * @throws IllegalArgumentException if type or shape differ
   * @throws IllegalStateException if this layer is closed, or the arena of weights
   */
  public final void setWeights(Tensor weights) {
    change(() -> form.setWeights(weights, this::isOnlyCall));
  }

  /**
   * Sets the bias.
   *
   * @param biasOrNull FLOAT32 [outputs], copied, or null for none
   * @throws IllegalArgumentException if type or shape differ
   * @throws IllegalStateException if this layer is closed, or the arena of the bias
   */
  public final void setBias(Tensor biasOrNull) {
    change(() -> form.update(settings -> settings.withBias(geometry, biasOrNull)));
  }

  /**
   * Observes an input, for {@link #freeze}. Nothing else changes.
   *
   * @param x input, FLOAT32
   * @throws IllegalArgumentException if x does not fit this layer or has a value that is not finite
   * @throws IllegalStateException if this layer is closed, or the arena of x
   */
  public final void calibrate(Tensor x) {
    change(
        () -> {
          geometry.of(x.shape());
          calibration.observe(x);
        });
  }

  /**
   * Sets both quantisations at once: that of the input from all inputs that {@link #calibrate} has
   * observed, that of the weights from the weights, both as the builder's {@code
   * quantizationConfig} says. What was set before is replaced.
   *
   * @throws IllegalArgumentException if they do not fit the multiplier
   * @throws IllegalStateException if nothing was observed, or this layer is closed
   */
  public final void freeze() {
    change(
        () -> {
          Quantization input = calibration.input();
          form.update(
              settings ->
                  settings
                      .withInput(input)
                      .withWeightQuantization(calibration.weights(form.copyOfWeights())));
        });
  }

  /**
   * The multiplier.
   *
   * @return as given, perhaps closed, or nothing
   */
  public final Optional<Multiplier> multiplier() {
    return Optional.ofNullable(form.settings().multiplier());
  }

  /**
   * How the input becomes codes.
   *
   * @return as set or frozen, or nothing
   */
  public final Optional<Quantization> inputQuantization() {
    return Optional.ofNullable(form.settings().input());
  }

  /**
   * How the weights become codes.
   *
   * @return as set or frozen, or the default
   */
  public final WeightQuantization weightQuantization() {
    return form.settings().weights();
  }

  /**
   * The float weights.
   *
   * @return a copy, FLOAT32, output channels first
   */
  public final Tensor weights() {
    return form.copyOfWeights();
  }

  /**
   * The bias; not to be written to.
   *
   * @return FLOAT32 [outputs], or nothing
   */
  public final Optional<Tensor> bias() {
    return Optional.ofNullable(form.settings().parameters().bias());
  }

  /**
   * Which operand chooses the row of the multiplier's table.
   *
   * @return as built
   */
  public final OperandOrder operandOrder() {
    return form.settings().operandOrder();
  }

  /**
   * How the zero points are taken out of the sums.
   *
   * @return as built
   */
  public final ZeroPointCorrection zeroPointCorrection() {
    return form.settings().correction();
  }

  /**
   * Whether sums may go through the multiplier's structure.
   *
   * @return as built or set
   */
  public final StructureUse structureUse() {
    return form.settings().structureUse();
  }

  /**
   * Sets whether sums may go through the multiplier's structure, which changes the time and never a
   * bit of the result.
   *
   * @param structureUse where it is faster, never or always
   * @throws IllegalArgumentException if the multiplier has no structure but must use it, or no
   *     table but must not
   * @throws IllegalStateException if this layer is closed
   */
  public final void setStructureUse(StructureUse structureUse) {
    Objects.requireNonNull(structureUse, "structureUse");
    change(() -> form.update(settings -> settings.withStructureUse(structureUse)));
  }

  /**
   * The number of products in one output value.
   *
   * @return inChannels / groups * kernelHeight * kernelWidth, or inFeatures
   */
  public final int fanIn() {
    return geometry.fanIn();
  }

  // ---- Noise -----------------------------------------------------------------------------------

  /**
   * Whether {@link #noiseForward(Tensor)} adds noise.
   *
   * @return false in a new layer
   */
  public final boolean isTraining() {
    return training;
  }

  /**
   * Sets whether {@link #noiseForward(Tensor)} adds noise.
   *
   * @param training true to add it
   */
  public final void setTraining(boolean training) {
    change(() -> this.training = training);
  }

  /**
   * The noise's standard deviation, relative to that of the output before bias.
   *
   * @return 0 in a new layer
   */
  public final float stdev() {
    return noise.get().stdev();
  }

  /**
   * Sets the noise's standard deviation.
   *
   * @param stdev relative to the standard deviation of the output before bias; finite, not negative
   * @throws IllegalArgumentException if it is not
   */
  public final void setStdev(float stdev) {
    change(() -> noise.updateAndGet(old -> new Noise(stdev, old.mean())));
  }

  /**
   * The noise's mean.
   *
   * @return 0 in a new layer
   */
  public final float mean() {
    return noise.get().mean();
  }

  /**
   * Sets the noise's mean.
   *
   * @param mean added to every output value; finite
   * @throws IllegalArgumentException if it is not
   */
  public final void setMean(float mean) {
    change(() -> noise.updateAndGet(old -> new Noise(old.stdev(), mean)));
  }

  /**
   * Sets standard deviation and mean at once.
   *
   * @param noise as {@link #noiseOf} gives it, for example
   */
  public final void setNoise(Noise noise) {
    Objects.requireNonNull(noise, "noise");
    change(() -> this.noise.set(noise));
  }

  /**
   * Begins the sequence of noisy calls again: call number i from now on has a seed that depends on
   * this one and i only, so the same calls give the same bits. A new layer has seed 0. Calls of
   * many threads take their numbers in the order in which they begin.
   *
   * @param seed any number
   */
  public final void setSeed(long seed) {
    change(() -> this.seed = new NoiseSeed(seed));
  }

  /**
   * The noise that a multiplier's error resembles in this layer: {@code mean = fanIn * m * sx * sw}
   * and {@code stdev = sqrt(fanIn) * s * sx * sw / std(y)}, with m and s mean and standard
   * deviation of the error over all pairs of codes, sx and sw the scales (the mean of all output
   * channels' for sw) and std(y) the unbiased standard deviation of the quantised output of x
   * before bias and limits.
   *
   * @param multiplier may be closed; its operands must take the codes
   * @param x a typical input, FLOAT32
   * @return what {@link #setNoise} takes
   * @throws IllegalArgumentException if type or shape of x do not fit this layer, its output is
   *     constant, or the codes leave an operand of the multiplier
   * @throws IllegalStateException if this layer is closed, the arena of x is, or no input
   *     quantisation is set
   * @throws AxnnException if the native library has no memory for it
   */
  public final Noise noiseOf(Multiplier multiplier, Tensor x) {
    Objects.requireNonNull(multiplier, "multiplier");
    return use(
        () ->
            form.runForm(
                PlanKind.EXACT,
                seen -> {
                  ErrorFigures error = seen.settings().errorOf(multiplier);
                  NativePlan scaled = seen.scaledSums();
                  try {
                    return NoiseEstimate.of(
                        error, seen.settings(), geometry.fanIn(), scaled.forward(x));
                  } finally {
                    scaled.close();
                  }
                }));
  }

  // ---- Tracing, saving, closing ----------------------------------------------------------------

  /**
   * Sets who receives the operands of forward passes.
   *
   * @param listenerOrNull null for nobody, which costs nothing
   */
  public final void setTraceListener(TraceListener listenerOrNull) {
    change(() -> traceListener = listenerOrNull);
  }

  /**
   * Saves weights, bias, quantisations and settings as a safetensors file, in place of what is
   * there. The multiplier, mode, noise and calibration are not in it.
   *
   * @param file to write
   * @throws java.io.UncheckedIOException if it cannot be written
   * @throws IllegalStateException if this layer is closed
   */
  public final void save(Path file) {
    Objects.requireNonNull(file, "file");
    change(() -> ApproxFile.write(file, kind(), geometry, form.settings()));
  }

  @Override
  public final String toString() {
    return kind() + "[" + geometry + ", " + inferenceMode + "]";
  }
}
