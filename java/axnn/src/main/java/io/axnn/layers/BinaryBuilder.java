package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.internal.ffi.axnn_binary_desc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/** The settings that binary convolutions and binary linear layers share. */
abstract sealed class BinaryBuilder<B extends BinaryBuilder<B, L>, L extends Layer>
    permits BinaryConv2d.Builder, BinaryLinear.Builder {

  private final Context context;
  private final Geometry geometry;
  private final PackedBits weights;
  private float[] scale;
  private Tensor bias;
  private OutputRange outputRange = OutputRange.UNLIMITED;

  BinaryBuilder(Context context, Geometry geometry, PackedBits weights) {
    this.context = Objects.requireNonNull(context, "context");
    this.geometry = geometry;
    this.weights = weights;
    if (weights.rows() != geometry.outputs() || weights.columns() != geometry.fanIn()) {
      throw new IllegalArgumentException(
          "weights has "
              + weights.rows()
              + " rows of "
              + weights.columns()
              + " bits, but must have "
              + geometry.outputs()
              + " rows of "
              + geometry.fanIn());
    }
  }

  abstract B self();

  /** What padded taps count as; a linear layer has none. */
  abstract PaddingValue paddingValue();

  /**
   * Sets what the sums are multiplied with; 1 if this is not called.
   *
   * @param scale one finite number, or one for each output channel; copied
   * @return this
   * @throws IllegalArgumentException if there are neither one nor as many as output channels, or
   *     one is not finite
   */
  public B scale(float... scale) {
    Objects.requireNonNull(scale, "scale");
    int outputs = geometry.outputs();
    if (scale.length != 1 && scale.length != outputs) {
      throw new IllegalArgumentException(
          "scale has "
              + scale.length
              + " elements, but must have 1 or one for each output channel: "
              + outputs);
    }
    for (int i = 0; i < scale.length; i++) {
      Check.finite("scale[" + i + "]", scale[i]);
    }
    this.scale = scale.clone();
    if (scale.length < outputs) {
      this.scale = new float[outputs];
      Arrays.fill(this.scale, scale[0]);
    }
    return self();
  }

  /**
   * Sets what is added after the scale; nothing if this is not called.
   *
   * @param bias FLOAT32 [outChannels]; read when the layer is built
   * @return this
   * @throws IllegalArgumentException if the bias has another type or shape
   */
  public B bias(Tensor bias) {
    Objects.requireNonNull(bias, "bias");
    geometry.checkBias(bias);
    this.bias = bias;
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
   * @throws IllegalStateException if a setting that is demanded has not been made, or the context
   *     is closed
   * @throws AxnnException if the native library refuses
   */
  public abstract L build();

  PackedBits weights() {
    return weights;
  }

  NativePlan plan(String kind) {
    return NativePlan.of(kind, context, geometry, this::create);
  }

  private int create(Arena arena, MemorySegment owner, MemorySegment out) {
    MemorySegment desc = Descriptors.of(arena, geometry);
    MemorySegment binary = descriptor(arena);
    MemorySegment w = weights.memory();
    MemorySegment s =
        scale == null ? MemorySegment.NULL : arena.allocateFrom(ValueLayout.JAVA_FLOAT, scale);
    MemorySegment b = Descriptors.optional("bias", bias);
    return switch (geometry) {
      case Geometry.Convolution convolution ->
          AxnnH.axnn_binary_conv2d_create(
              owner, desc, binary, w, w.byteSize(), s, s.byteSize(), b, b.byteSize(), out);
      case Geometry.Rows rows ->
          AxnnH.axnn_binary_linear_create(
              owner, desc, binary, w, w.byteSize(), s, s.byteSize(), b, b.byteSize(), out);
    };
  }

  private MemorySegment descriptor(Arena arena) {
    MemorySegment desc = axnn_binary_desc.allocate(arena);
    axnn_binary_desc.struct_size(desc, (int) desc.byteSize());
    axnn_binary_desc.padding_value(desc, Descriptors.code(paddingValue()));
    axnn_binary_desc.output_min(desc, outputRange.min());
    axnn_binary_desc.output_max(desc, outputRange.max());
    return desc;
  }
}
