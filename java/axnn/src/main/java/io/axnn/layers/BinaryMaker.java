package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.Shapes;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.internal.ffi.axnn_binary_desc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What stays the same in all states of a binary layer, and the native calls that make a state.
 *
 * @param kind the layer's name, for messages
 * @param context an open {@code axnn_context}
 * @param paddingValue what padded taps count as; any in a linear layer, which has none
 * @param kernelQuantizer the estimator of the weights
 */
record BinaryMaker(
    String kind,
    MemorySegment context,
    Geometry geometry,
    PaddingValue paddingValue,
    SignEstimator kernelQuantizer) {

  /**
   * A plan.
   *
   * @param bits of the weights
   * @param scales one an output channel
   * @param biases one an output channel
   */
  BinaryPlan plan(MemorySegment bits, float[] scales, float[] biases, OutputRange range) {
    return new BinaryPlan(
        new NativePlan(
            kind,
            geometry,
            (arena, out) ->
                create(
                    Descriptors.of(arena, geometry),
                    descriptor(arena, range),
                    bits,
                    arena.allocateFrom(ValueLayout.JAVA_FLOAT, scales),
                    arena.allocateFrom(ValueLayout.JAVA_FLOAT, biases),
                    out)),
        geometry);
  }

  private int create(
      MemorySegment desc,
      MemorySegment binary,
      MemorySegment w,
      MemorySegment s,
      MemorySegment b,
      MemorySegment out) {
    return switch (geometry) {
      case Geometry.Convolution convolution ->
          AxnnH.axnn_binary_conv2d_create(
              context, desc, binary, w, w.byteSize(), s, s.byteSize(), b, b.byteSize(), out);
      case Geometry.Rows rows ->
          AxnnH.axnn_binary_linear_create(
              context, desc, binary, w, w.byteSize(), s, s.byteSize(), b, b.byteSize(), out);
    };
  }

  private MemorySegment descriptor(Arena arena, OutputRange range) {
    MemorySegment desc = axnn_binary_desc.allocate(arena);
    axnn_binary_desc.struct_size(desc, (int) desc.byteSize());
    axnn_binary_desc.padding_value(desc, Descriptors.code(paddingValue));
    axnn_binary_desc.output_min(desc, range.min());
    axnn_binary_desc.output_max(desc, range.max());
    return desc;
  }

  /** The signs of float weights. */
  MemorySegment pack(Arena arena, Tensor weights) {
    int outputs = geometry.outputs();
    MemorySegment bits = arena.allocate(Shapes.bitBytes(outputs, geometry.fanIn()));
    MemorySegment values = Check.readable("weights", weights);
    NativeCalls.check(
        AxnnH.axnn_binary_pack(
            context, values, values.byteSize(), outputs, geometry.fanIn(), bits, bits.byteSize()));
    return bits;
  }

  /** XNOR-Net's alpha of float weights. */
  float[] meanMagnitudes(Tensor weights) {
    return meanMagnitudes(context, weights);
  }

  /** The mean magnitude of each entry of the first axis. */
  static float[] meanMagnitudes(MemorySegment context, Tensor weights) {
    Tensor alpha = Tensor.allocate(DataType.FLOAT32, weights.dimension(0));
    MemorySegment values = Check.readable("weights", weights);
    NativeCalls.check(
        AxnnH.axnn_mean_magnitudes(
            context,
            values,
            values.byteSize(),
            alpha.size(),
            weights.size() / alpha.size(),
            alpha.memory(),
            alpha.memory().byteSize()));
    return alpha.toFloatArray();
  }

  /** A copy of weights, limited to -limit..limit. */
  Tensor clip(Tensor weights, float limit) {
    Tensor clipped = Tensor.allocate(DataType.FLOAT32, weights.shape());
    MemorySegment from = weights.memory();
    MemorySegment to = clipped.memory();
    NativeCalls.check(
        AxnnH.axnn_clip(context, limit, from, from.byteSize(), weights.size(), to, to.byteSize()));
    return clipped;
  }
}
