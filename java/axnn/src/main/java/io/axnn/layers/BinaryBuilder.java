package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.Signs;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/** The settings that binary convolutions and binary linear layers share. */
abstract sealed class BinaryBuilder<B extends BinaryBuilder<B, L>, L extends BinaryLayer>
    permits BinaryConv2d.Builder, BinaryLinear.Builder {

  final Context context;
  final Geometry geometry;
  private final Tensor floatWeights;
  private final PackedBits packedWeights;
  private Epilogue epilogue = Epilogue.IDENTITY;
  private float inputScale = 1;
  private BatchNorm batchNorm;
  private SignEstimator inputQuantizer = SignEstimator.STE_SIGN;
  private SignEstimator kernelQuantizer = SignEstimator.STE_SIGN;

  /** Of floats, which are kept, or of bytes of +1 and -1, which are not. */
  BinaryBuilder(Context context, Geometry geometry, Tensor weights) {
    this.context = Objects.requireNonNull(context, "context");
    this.geometry = geometry;
    Tensor floats = Signs.floats("weights", weights);
    Check.shape("weights", floats, DataType.FLOAT32, geometry.weightShape());
    boolean keep = floats == weights;
    floatWeights = keep ? weights : null;
    packedWeights = keep ? null : PackedBits.pack(context, floats);
  }

  BinaryBuilder(Context context, Geometry geometry, PackedBits weights) {
    this.context = Objects.requireNonNull(context, "context");
    this.geometry = geometry;
    int[] shape = {geometry.outputs(), geometry.fanIn()};
    if (!Arrays.equals(weights.shape(), shape)) {
      throw new IllegalArgumentException(
          "weights has shape "
              + Arrays.toString(weights.shape())
              + " of bits, but must have shape "
              + Arrays.toString(shape));
    }
    floatWeights = null;
    packedWeights = weights;
  }

  abstract B self();

  /** What padded taps count as; a linear layer has none. */
  abstract PaddingValue paddingValue();

  /**
   * Sets what the sums are multiplied with; 1 if this is not called. XNOR-Net's alpha for fixed
   * weights is {@link BinaryLayer#meanMagnitudes}.
   *
   * @param scale one finite number, or one for each output channel; copied
   * @return this
   * @throws IllegalArgumentException if there are neither one nor as many as output channels, or
   *     one is not finite
   */
  public B scale(float... scale) {
    return epilogue(epilogue.withScale(scale));
  }

  /**
   * Sets what an input of +1 stands for, which the scale is multiplied with: XNOR-Net's mean of the
   * input's magnitudes, bitorch-engine's {@code scale_a}; 1 if this is not called.
   *
   * @param inputScale finite
   * @return this
   * @throws IllegalArgumentException if it is not
   */
  public B inputScale(float inputScale) {
    this.inputScale = Check.finite("inputScale", inputScale);
    return self();
  }

  /**
   * Sets what is added after the scale; nothing if this is not called.
   *
   * @param bias FLOAT32 [outChannels], finite; copied
   * @return this
   * @throws IllegalArgumentException if the bias has another type or shape, or a value is not
   *     finite
   */
  public B bias(Tensor bias) {
    Objects.requireNonNull(bias, "bias");
    return epilogue(epilogue.withBias(geometry.bias(bias)));
  }

  /**
   * Folds a batch normalisation that comes after the bias and before the limits into scale and
   * bias, in double; they are rounded to floats once.
   *
   * @param batchNorm of as many channels as there are output channels
   * @return this
   * @throws IllegalArgumentException if it has another number of channels
   */
  public B batchNorm(BatchNorm batchNorm) {
    Objects.requireNonNull(batchNorm, "batchNorm");
    if (batchNorm.channels() != geometry.outputs()) {
      throw new IllegalArgumentException(
          "batchNorm has "
              + batchNorm.channels()
              + " channels, but must have as many as output channels: "
              + geometry.outputs());
    }
    this.batchNorm = batchNorm;
    return self();
  }

  /**
   * Limits the output, after scale and bias; a lower limit of 0 is a ReLU.
   *
   * @param min lower limit, negative infinity for none
   * @param max upper limit, positive infinity for none
   * @return this
   * @throws IllegalArgumentException if one is NaN or min is above max
   */
  public B outputRange(float min, float max) {
    return epilogue(epilogue.withRange(min, max));
  }

  /**
   * Gives the output a lower limit of 0, or the one that is set already if that is higher.
   *
   * @return this
   * @throws IllegalArgumentException if the upper limit is negative
   */
  public B relu() {
    return epilogue(epilogue.relu());
  }

  /**
   * Sets scale, bias and limits at once, in the place of what was set before.
   *
   * @param epilogue of 1 channel or as many as output channels
   * @return this
   * @throws IllegalArgumentException if it has another number of channels
   */
  public B epilogue(Epilogue epilogue) {
    this.epilogue = Objects.requireNonNull(epilogue, "epilogue").check(geometry.outputs());
    return self();
  }

  /**
   * Sets what stands for the derivative of the input's signs in {@link BinaryLayer#backward};
   * {@link SignEstimator#STE_SIGN} if this is not called. Larq's input_quantizer.
   *
   * @param inputQuantizer any but {@link SignEstimator.Kind#MAGNITUDE_AWARE_SIGN}
   * @return this
   * @throws IllegalArgumentException if it is for weights only
   */
  public B inputQuantizer(SignEstimator inputQuantizer) {
    Objects.requireNonNull(inputQuantizer, "inputQuantizer");
    if (inputQuantizer.magnitudeAware()) {
      throw new IllegalArgumentException(
          "inputQuantizer is "
              + inputQuantizer.kind()
              + ", but that is for weights only: an input has inputScale(...)");
    }
    this.inputQuantizer = inputQuantizer;
    return self();
  }

  /**
   * Sets what stands for the derivative of the weights' signs in {@link BinaryLayer#backward};
   * {@link SignEstimator#STE_SIGN} if this is not called. Larq's kernel_quantizer. With {@link
   * SignEstimator.Kind#MAGNITUDE_AWARE_SIGN} forward passes change too: the scale is multiplied
   * with the mean magnitude of the output channel's float weights, and follows them. A layer that
   * is made of bits has no float weights to follow, and runs on the scale that it is given.
   *
   * @param kernelQuantizer any
   * @return this
   */
  public B kernelQuantizer(SignEstimator kernelQuantizer) {
    this.kernelQuantizer = Objects.requireNonNull(kernelQuantizer, "kernelQuantizer");
    return self();
  }

  /**
   * Makes the layer.
   *
   * @return a new layer; close it
   * @throws IllegalStateException if a setting that is demanded has not been made, the context is
   *     closed, or the arena of the weights
   * @throws IllegalArgumentException if a scale or bias is not finite after all is folded
   * @throws AxnnException if the native library refuses
   */
  public abstract L build();

  SignEstimator inputQuantizer() {
    return inputQuantizer;
  }

  SignEstimator kernelQuantizer() {
    return kernelQuantizer;
  }

  /** The first state of the layer, in an open context. */
  BinaryForm form(String kind, MemorySegment handle) {
    BinaryMaker maker = new BinaryMaker(kind, handle, geometry, paddingValue(), kernelQuantizer);
    return floatWeights == null
        ? BinaryForm.ofBits(maker, packedWeights.memory(), folded())
        : BinaryForm.ofWeights(
            maker, FloatParameters.of(geometry, floatWeights, null).weights(), folded());
  }

  private Epilogue folded() {
    Epilogue sums =
        epilogue
            .withRange(OutputRange.UNLIMITED.min(), OutputRange.UNLIMITED.max())
            .withInputScale(inputScale);
    Epilogue normalised = batchNorm == null ? sums : sums.withBatchNorm(batchNorm);
    return normalised.withRange(epilogue.min(), epilogue.max());
  }
}
