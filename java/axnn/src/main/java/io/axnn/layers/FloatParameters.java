package io.axnn.layers;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Weights and bias of an exact float layer. They are copies, so that layers made from it later have
 * the numbers that it runs on.
 */
record FloatParameters(Tensor weights, Tensor bias) {

  static FloatParameters of(Geometry geometry, Tensor weights, Tensor biasOrNull) {
    geometry.checkParameters(weights, biasOrNull);
    return new FloatParameters(
        copy("weights", weights), biasOrNull == null ? null : copy("bias", biasOrNull));
  }

  FloatParameters withBias(Geometry geometry, Tensor newBiasOrNull) {
    geometry.checkBias(newBiasOrNull);
    return new FloatParameters(weights, newBiasOrNull == null ? null : copy("bias", newBiasOrNull));
  }

  static Tensor copy(String name, Tensor tensor) {
    Tensor copy = Tensor.allocate(DataType.FLOAT32, tensor.shape());
    copy.memory().copyFrom(Check.readable(name, tensor));
    return copy;
  }

  NativePlan plan(String kind, Context context, Geometry geometry) {
    Objects.requireNonNull(context, "context");
    return NativePlan.of(
        kind, context, geometry, (arena, handle, out) -> create(arena, handle, geometry, out));
  }

  int create(Arena arena, MemorySegment context, Geometry geometry, MemorySegment out) {
    MemorySegment desc = Descriptors.of(arena, geometry);
    MemorySegment w = weights.memory();
    MemorySegment b = Descriptors.optional("bias", bias);
    return switch (geometry) {
      case Geometry.Convolution convolution ->
          AxnnH.axnn_float_conv2d_create(context, desc, w, w.byteSize(), b, b.byteSize(), out);
      case Geometry.Rows rows ->
          AxnnH.axnn_float_linear_create(context, desc, w, w.byteSize(), b, b.byteSize(), out);
    };
  }
}
