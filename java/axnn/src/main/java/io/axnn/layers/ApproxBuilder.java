package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.internal.Access;
import io.axnn.internal.Check;
import io.axnn.internal.Lease;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.internal.ffi.axnn_approx_desc;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** The settings that approximate convolutions and approximate linear layers share. */
abstract sealed class ApproxBuilder<B extends ApproxBuilder<B, L>, L extends Layer>
    permits ApproxConv2d.Builder, ApproxLinear.Builder {

  private final Context context;
  private final Geometry geometry;
  private final Tensor weights;
  private final Tensor bias;
  private Multiplier multiplier;
  private Quantization inputQuantization;
  private WeightQuantization weightQuantization;
  private OperandOrder operandOrder = OperandOrder.WEIGHT_FIRST;
  private ZeroPointCorrection zeroPointCorrection = ZeroPointCorrection.EXACT;
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
   * Sets the multiplier, which every layer needs.
   *
   * @param multiplier whose products are summed; may be closed once the layer is built
   * @return this
   */
  public B multiplier(Multiplier multiplier) {
    this.multiplier = Objects.requireNonNull(multiplier, "multiplier");
    return self();
  }

  /**
   * Sets how the input becomes codes, which every layer needs.
   *
   * @param inputQuantization its codes must be values of the multiplier's operand for activations
   * @return this
   */
  public B inputQuantization(Quantization inputQuantization) {
    this.inputQuantization = Objects.requireNonNull(inputQuantization, "inputQuantization");
    return self();
  }

  /**
   * Sets how the weights become codes; {@link WeightQuantization#perChannel} if this is not called.
   *
   * @param weightQuantization its codes must be values of the multiplier's operand for weights
   * @return this
   */
  public B weightQuantization(WeightQuantization weightQuantization) {
    this.weightQuantization = Objects.requireNonNull(weightQuantization, "weightQuantization");
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
   * Limits the output, after scale and bias; a lower limit of 0 is a ReLU.
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
   * Makes the layer.
   *
   * @return a new layer; close it
   * @throws IllegalStateException if multiplier or input quantisation have not been set, or context
   *     or multiplier are closed
   * @throws IllegalArgumentException if the settings do not fit each other: codes outside an
   *     operand of the multiplier, scales that are not as many as the output channels, or scales
   *     whose product is 0 or infinite
   * @throws AxnnException if the native library refuses
   */
  public abstract L build();

  Quantization inputQuantization() {
    return inputQuantization;
  }

  WeightQuantization weightQuantization() {
    return weightQuantization;
  }

  NativePlan plan(String kind) {
    checkSettings();
    Lease lease = Access.lease(multiplier);
    MemorySegment handle = lease.acquire();
    try {
      return new NativePlan(
          kind, context, geometry, (arena, owner, out) -> create(arena, owner, handle, out));
    } finally {
      lease.release();
    }
  }

  private void checkSettings() {
    if (multiplier == null) {
      throw new IllegalStateException("multiplier(...) must be called before build()");
    }
    if (inputQuantization == null) {
      throw new IllegalStateException("inputQuantization(...) must be called before build()");
    }
    if (weightQuantization == null) {
      weightQuantization = WeightQuantization.perChannel(weights);
    }
    checkScales();
    boolean weightFirst = operandOrder == OperandOrder.WEIGHT_FIRST;
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    checkOperand(
        "weightQuantization",
        weightQuantization.codeMin(),
        weightQuantization.codeMax(),
        weightFirst ? row : column);
    checkOperand(
        "inputQuantization",
        inputQuantization.codeMin(),
        inputQuantization.codeMax(),
        weightFirst ? column : row);
  }

  private void checkScales() {
    weightQuantization.checkChannels(geometry.outputs());
    float[] scales = weightQuantization.scales();
    for (int i = 0; i < scales.length; i++) {
      Check.scale(
          "the product of inputQuantization's scale "
              + inputQuantization.scale()
              + " and weightQuantization's scales["
              + i
              + "] "
              + scales[i],
          inputQuantization.scale() * scales[i]);
    }
  }

  private void checkOperand(String name, int codeMin, int codeMax, Operand operand) {
    if (codeMin < operand.min() || codeMax > operand.max()) {
      throw new IllegalArgumentException(
          name
              + " has codes "
              + codeMin
              + ".."
              + codeMax
              + ", but its operand of "
              + multiplier
              + " must stay in "
              + operand.min()
              + ".."
              + operand.max());
    }
  }

  private int create(
      Arena arena, MemorySegment owner, MemorySegment multiplierHandle, MemorySegment out) {
    MemorySegment desc = Descriptors.of(arena, geometry);
    MemorySegment approx = descriptor(arena);
    MemorySegment w = Check.readable("weights", weights);
    MemorySegment scales = arena.allocateFrom(ValueLayout.JAVA_FLOAT, weightQuantization.scales());
    MemorySegment zeroPoints =
        arena.allocateFrom(ValueLayout.JAVA_INT, weightQuantization.zeroPoints());
    MemorySegment b = Descriptors.optional("bias", bias);
    return switch (geometry) {
      case Geometry.Convolution convolution ->
          AxnnH.axnn_approx_conv2d_create(
              owner,
              desc,
              approx,
              multiplierHandle,
              w,
              w.byteSize(),
              scales,
              scales.byteSize(),
              zeroPoints,
              zeroPoints.byteSize(),
              b,
              b.byteSize(),
              out);
      case Geometry.Rows rows ->
          AxnnH.axnn_approx_linear_create(
              owner,
              desc,
              approx,
              multiplierHandle,
              w,
              w.byteSize(),
              scales,
              scales.byteSize(),
              zeroPoints,
              zeroPoints.byteSize(),
              b,
              b.byteSize(),
              out);
    };
  }

  private MemorySegment descriptor(Arena arena) {
    MemorySegment desc = axnn_approx_desc.allocate(arena);
    axnn_approx_desc.struct_size(desc, (int) desc.byteSize());
    axnn_approx_desc.input_scale(desc, inputQuantization.scale());
    axnn_approx_desc.input_zero_point(desc, inputQuantization.zeroPoint());
    axnn_approx_desc.input_code_min(desc, inputQuantization.codeMin());
    axnn_approx_desc.input_code_max(desc, inputQuantization.codeMax());
    axnn_approx_desc.weight_code_min(desc, weightQuantization.codeMin());
    axnn_approx_desc.weight_code_max(desc, weightQuantization.codeMax());
    axnn_approx_desc.operand_order(desc, Descriptors.code(operandOrder));
    axnn_approx_desc.padding_code(desc, Descriptors.code(paddingCode));
    axnn_approx_desc.zero_point_correction(desc, Descriptors.code(zeroPointCorrection));
    axnn_approx_desc.output_min(desc, outputRange.min());
    axnn_approx_desc.output_max(desc, outputRange.max());
    return desc;
  }
}
