package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.QuantizationConfig;
import io.axnn.quant.WeightQuantization;
import java.util.Objects;

/** The settings that approximate convolutions and approximate linear layers share. */
abstract sealed class ApproxBuilder<B extends ApproxBuilder<B, L>, L extends ApproxLayer>
    permits ApproxConv2d.Builder, ApproxLinear.Builder {

  final Context context;
  final Geometry geometry;
  private final Tensor weights;
  private final Tensor bias;
  private Multiplier multiplier;
  private Quantization inputQuantization;
  private WeightQuantization weightQuantization;
  private QuantizationConfig quantizationConfig = QuantizationConfig.axnn();
  private InferenceMode inferenceMode;
  private OperandOrder operandOrder = OperandOrder.WEIGHT_FIRST;
  private ZeroPointCorrection zeroPointCorrection = ZeroPointCorrection.EXACT;
  private StructureUse structureUse = StructureUse.AUTO;
  private OutputRange outputRange = OutputRange.UNLIMITED;

  /** Only a convolution pads; a linear layer never looks this up. */
  PaddingCode paddingCode = PaddingCode.ZERO_POINT;

  ApproxBuilder(Context context, Geometry geometry, Tensor weights, Tensor biasOrNull) {
    this.context = Objects.requireNonNull(context, "context");
    this.geometry = geometry;
    geometry.checkParameters(weights, biasOrNull);
    this.weights = weights;
    this.bias = biasOrNull;
  }

  abstract B self();

  /**
   * Sets the multiplier, which {@link InferenceMode#APPROXIMATE} needs; {@link
   * ApproxLayer#setMultiplier(Multiplier)} can do it later.
   *
   * @param multiplier whose products are summed; may be closed once the layer is built
   * @return this
   */
  public B multiplier(Multiplier multiplier) {
    this.multiplier = Objects.requireNonNull(multiplier, "multiplier");
    return self();
  }

  /**
   * Sets how the input becomes codes, which every mode but {@link InferenceMode#BASELINE} needs;
   * {@link ApproxLayer#freeze} and {@link ApproxLayer#setInputQuantization} can do it later.
   *
   * @param inputQuantization its codes must be values of the multiplier's operand for activations
   * @return this
   */
  public B inputQuantization(Quantization inputQuantization) {
    this.inputQuantization = Objects.requireNonNull(inputQuantization, "inputQuantization");
    return self();
  }

  /**
   * Sets how the weights become codes. If this is not called it is {@link
   * WeightQuantization#perChannel} of the weights, and follows them when they are set anew.
   *
   * @param weightQuantization its codes must be values of the multiplier's operand for weights
   * @return this
   */
  public B weightQuantization(WeightQuantization weightQuantization) {
    this.weightQuantization = Objects.requireNonNull(weightQuantization, "weightQuantization");
    return self();
  }

  /**
   * Sets what {@link ApproxLayer#calibrate} observes with and {@link ApproxLayer#freeze} quantises
   * by; {@link QuantizationConfig#axnn} if this is not called.
   *
   * @param quantizationConfig observers of activations and quantiser of weights
   * @return this
   */
  public B quantizationConfig(QuantizationConfig quantizationConfig) {
    this.quantizationConfig = Objects.requireNonNull(quantizationConfig, "quantizationConfig");
    return self();
  }

  /**
   * Sets what {@code forward} computes. If this is not called it is APPROXIMATE where a multiplier
   * is set, else QUANTIZED where the input quantisation is, else BASELINE.
   *
   * @param inferenceMode mode of the new layer
   * @return this
   */
  public B inferenceMode(InferenceMode inferenceMode) {
    this.inferenceMode = Objects.requireNonNull(inferenceMode, "inferenceMode");
    return self();
  }

  /**
   * Sets which operand chooses the row of the table; {@link OperandOrder#WEIGHT_FIRST} if this is
   * not called.
   *
   * @param operandOrder weight or activation first
   * @return this
   */
  public B operandOrder(OperandOrder operandOrder) {
    this.operandOrder = Objects.requireNonNull(operandOrder, "operandOrder");
    return self();
  }

  /**
   * Sets how the zero points are taken out of the sums; {@link ZeroPointCorrection#EXACT} if this
   * is not called.
   *
   * @param zeroPointCorrection by exact products or by those of the table
   * @return this
   */
  public B zeroPointCorrection(ZeroPointCorrection zeroPointCorrection) {
    this.zeroPointCorrection = Objects.requireNonNull(zeroPointCorrection, "zeroPointCorrection");
    return self();
  }

  /**
   * Sets whether sums may go through the multiplier's structure; {@link StructureUse#AUTO} if this
   * is not called. It changes the time, never a bit of the result.
   *
   * @param structureUse where it is faster, never or always
   * @return this
   */
  public B structureUse(StructureUse structureUse) {
    this.structureUse = Objects.requireNonNull(structureUse, "structureUse");
    return self();
  }

  /**
   * Limits the output of every mode, after scale and bias; a lower limit of 0 is a ReLU.
   *
   * @param min lower limit, negative infinity for none
   * @param max upper limit, positive infinity for none
   * @return this
   * @throws IllegalArgumentException if one is NaN or min is above max
   */
  public B outputRange(float min, float max) {
    outputRange = new OutputRange(min, max);
    return self();
  }

  /**
   * Makes the layer, with what its mode needs if that is set already.
   *
   * @return a new layer; close it
   * @throws IllegalStateException if context or multiplier are closed
   * @throws IllegalArgumentException if the settings do not fit each other: codes outside an
   *     operand of the multiplier, scales that are not as many as the output channels, or scales
   *     whose product is 0 or infinite
   * @throws AxnnException if the native library refuses
   */
  public abstract L build();

  Calibration calibration() {
    return new Calibration(quantizationConfig);
  }

  InferenceMode chosenMode() {
    if (inferenceMode != null) {
      return inferenceMode;
    }
    if (multiplier != null) {
      return InferenceMode.APPROXIMATE;
    }
    return inputQuantization == null ? InferenceMode.BASELINE : InferenceMode.QUANTIZED;
  }

  ApproxSettings settings() {
    FloatParameters parameters = FloatParameters.of(geometry, weights, bias);
    boolean follow = weightQuantization == null;
    return new ApproxSettings(
        parameters,
        multiplier,
        inputQuantization,
        follow ? WeightQuantization.perChannel(parameters.weights()) : weightQuantization,
        follow,
        operandOrder,
        paddingCode,
        zeroPointCorrection,
        structureUse,
        outputRange);
  }
}
