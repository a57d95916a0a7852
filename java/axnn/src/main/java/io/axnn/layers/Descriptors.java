package io.axnn.layers;

import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.internal.ffi.axnn_approx_desc;
import io.axnn.internal.ffi.axnn_conv2d_desc;
import io.axnn.internal.ffi.axnn_linear_desc;
import io.axnn.internal.ffi.axnn_sign_desc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Geometry and optional tensors in the form that the C functions take. */
final class Descriptors {

  private Descriptors() {}

  static MemorySegment of(Arena arena, Geometry geometry) {
    return switch (geometry) {
      case Geometry.Convolution convolution -> convolution(arena, convolution.args());
      case Geometry.Rows rows -> linear(arena, rows);
    };
  }

  private static MemorySegment convolution(Arena arena, Conv2dArgs args) {
    MemorySegment desc = axnn_conv2d_desc.allocate(arena);
    axnn_conv2d_desc.struct_size(desc, (int) desc.byteSize());
    axnn_conv2d_desc.in_channels(desc, args.inChannels());
    axnn_conv2d_desc.out_channels(desc, args.outChannels());
    axnn_conv2d_desc.kernel_h(desc, args.kernelHeight());
    axnn_conv2d_desc.kernel_w(desc, args.kernelWidth());
    axnn_conv2d_desc.stride_h(desc, args.strideHeight());
    axnn_conv2d_desc.stride_w(desc, args.strideWidth());
    axnn_conv2d_desc.dilation_h(desc, args.dilationHeight());
    axnn_conv2d_desc.dilation_w(desc, args.dilationWidth());
    axnn_conv2d_desc.pad_top(desc, args.padding().top());
    axnn_conv2d_desc.pad_bottom(desc, args.padding().bottom());
    axnn_conv2d_desc.pad_left(desc, args.padding().left());
    axnn_conv2d_desc.pad_right(desc, args.padding().right());
    axnn_conv2d_desc.groups(desc, args.groups());
    return desc;
  }

  private static MemorySegment linear(Arena arena, Geometry.Rows rows) {
    MemorySegment desc = axnn_linear_desc.allocate(arena);
    axnn_linear_desc.struct_size(desc, (int) desc.byteSize());
    axnn_linear_desc.in_features(desc, rows.inFeatures());
    axnn_linear_desc.out_features(desc, rows.outFeatures());
    return desc;
  }

  /** The numbers of a table or an exact plan. */
  static MemorySegment of(Arena arena, ApproxSettings settings, PlanKind kind) {
    MemorySegment desc = axnn_approx_desc.allocate(arena);
    axnn_approx_desc.struct_size(desc, (int) desc.byteSize());
    axnn_approx_desc.input_scale(desc, settings.input().scale());
    axnn_approx_desc.input_zero_point(desc, settings.input().zeroPoint());
    axnn_approx_desc.input_code_min(desc, settings.input().codeMin());
    axnn_approx_desc.input_code_max(desc, settings.input().codeMax());
    axnn_approx_desc.weight_code_min(desc, settings.weights().codeMin());
    axnn_approx_desc.weight_code_max(desc, settings.weights().codeMax());
    axnn_approx_desc.operand_order(desc, code(settings.operandOrder()));
    axnn_approx_desc.padding_code(desc, code(settings.paddingCode()));
    axnn_approx_desc.zero_point_correction(desc, code(settings.correction()));
    axnn_approx_desc.products(
        desc, kind == PlanKind.TABLE ? AxnnH.AXNN_PRODUCTS_TABLE() : AxnnH.AXNN_PRODUCTS_EXACT());
    axnn_approx_desc.structure_use(desc, code(settings.structureUse()));
    axnn_approx_desc.output_min(desc, settings.outputRange().min());
    axnn_approx_desc.output_max(desc, settings.outputRange().max());
    return desc;
  }

  /** The estimators of a backward pass. */
  static MemorySegment of(Arena arena, SignEstimator input, SignEstimator weights) {
    MemorySegment desc = axnn_sign_desc.allocate(arena);
    axnn_sign_desc.struct_size(desc, (int) desc.byteSize());
    axnn_sign_desc.input_estimator(desc, code(input.kind()));
    axnn_sign_desc.input_parameter(desc, input.parameter());
    axnn_sign_desc.weight_estimator(desc, code(weights.kind()));
    axnn_sign_desc.weight_parameter(desc, weights.parameter());
    return desc;
  }

  /** A tensor's memory, or NULL with 0 bytes where there is none. */
  static MemorySegment optional(String name, Tensor tensorOrNull) {
    return tensorOrNull == null ? MemorySegment.NULL : Check.readable(name, tensorOrNull);
  }

  static int code(OperandOrder order) {
    return switch (order) {
      case WEIGHT_FIRST -> AxnnH.AXNN_WEIGHT_FIRST();
      case ACTIVATION_FIRST -> AxnnH.AXNN_ACTIVATION_FIRST();
    };
  }

  static int code(PaddingCode code) {
    return switch (code) {
      case ZERO_POINT -> AxnnH.AXNN_PAD_ZERO_POINT();
      case ZERO -> AxnnH.AXNN_PAD_ZERO();
    };
  }

  static int code(ZeroPointCorrection correction) {
    return switch (correction) {
      case EXACT -> AxnnH.AXNN_CORRECTION_EXACT();
      case TABLE -> AxnnH.AXNN_CORRECTION_TABLE();
    };
  }

  static int code(StructureUse use) {
    return switch (use) {
      case AUTO -> AxnnH.AXNN_STRUCTURE_AUTO();
      case NEVER -> AxnnH.AXNN_STRUCTURE_NEVER();
      case ALWAYS -> AxnnH.AXNN_STRUCTURE_ALWAYS();
    };
  }

  static int code(PaddingValue value) {
    return switch (value) {
      case MINUS_ONE -> AxnnH.AXNN_PAD_MINUS_ONE();
      case ZERO -> AxnnH.AXNN_PAD_TRUE_ZERO();
      case PLUS_ONE -> AxnnH.AXNN_PAD_PLUS_ONE();
    };
  }

  private static int code(SignEstimator.Kind kind) {
    return switch (kind) {
      case IDENTITY -> AxnnH.AXNN_SIGN_IDENTITY();
      // The magnitudes are in the scales of the plan.
      case STE_SIGN, MAGNITUDE_AWARE_SIGN -> AxnnH.AXNN_SIGN_STE();
      case APPROX_SIGN -> AxnnH.AXNN_SIGN_APPROX();
      case SWISH_SIGN -> AxnnH.AXNN_SIGN_SWISH();
    };
  }
}
