package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Native plans of one approximate layer.
 *
 * @param kind the layer's name, for messages
 * @param context an open {@code axnn_context}
 */
record PlanMaker(String kind, MemorySegment context, Geometry geometry) {

  NativePlan floats(FloatParameters parameters) {
    return new NativePlan(
        kind, geometry, (arena, out) -> parameters.create(arena, context, geometry, out));
  }

  /** A plan that quantises the weights. */
  NativePlan create(PlanKind plan, ApproxSettings settings, MemorySegment multiplier) {
    return new NativePlan(
        kind, geometry, (arena, out) -> create(arena, plan, settings, multiplier, out));
  }

  /** A plan that shares the weights' codes with another one. */
  NativePlan derive(
      NativePlan base, PlanKind plan, ApproxSettings settings, MemorySegment multiplier) {
    return base.call(
        handle ->
            new NativePlan(
                kind,
                geometry,
                (arena, out) -> derive(arena, handle, plan, settings, multiplier, out)));
  }

  private int create(
      Arena arena,
      PlanKind plan,
      ApproxSettings settings,
      MemorySegment multiplier,
      MemorySegment out) {
    MemorySegment desc = Descriptors.of(arena, geometry);
    MemorySegment approx = Descriptors.of(arena, settings, plan);
    MemorySegment w = settings.parameters().weights().memory();
    MemorySegment scales = arena.allocateFrom(ValueLayout.JAVA_FLOAT, settings.weights().scales());
    MemorySegment zeroPoints =
        arena.allocateFrom(ValueLayout.JAVA_INT, settings.weights().zeroPoints());
    MemorySegment b = Descriptors.optional("bias", settings.parameters().bias());
    return switch (geometry) {
      case Geometry.Convolution convolution ->
          AxnnH.axnn_approx_conv2d_create(
              context,
              desc,
              approx,
              multiplier,
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
              context,
              desc,
              approx,
              multiplier,
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

  private int derive(
      Arena arena,
      MemorySegment base,
      PlanKind plan,
      ApproxSettings settings,
      MemorySegment multiplier,
      MemorySegment out) {
    MemorySegment approx = Descriptors.of(arena, settings, plan);
    // No bias at all would keep that of the base.
    Tensor bias = settings.parameters().bias();
    MemorySegment b =
        bias == null
            ? arena.allocate(DataType.FLOAT32.bytes() * (long) geometry.outputs(), Float.BYTES)
            : bias.memory();
    return AxnnH.axnn_approx_derive(
        base,
        approx,
        multiplier,
        MemorySegment.NULL,
        0,
        MemorySegment.NULL,
        0,
        MemorySegment.NULL,
        0,
        b,
        b.byteSize(),
        out);
  }
}
