package io.axnn.layers;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Access;
import io.axnn.internal.Check;
import io.axnn.internal.Lease;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The {@code axnn_plan} inside every layer, and all that is done with one. */
final class NativePlan {

  /** A C function that makes a plan. */
  @FunctionalInterface
  interface Creation {
    /**
     * @param arena for descriptors and arrays that the C function reads
     * @return {@code axnn_status}
     */
    int create(Arena arena, MemorySegment context, MemorySegment out);
  }

  private final Lease lease;
  private final Geometry geometry;

  /**
   * Makes a plan.
   *
   * @param kind the layer's name, for messages
   */
  NativePlan(String kind, Context context, Geometry geometry, Creation creation) {
    this.geometry = geometry;
    Lease contextLease = Access.lease(context);
    MemorySegment contextHandle = contextLease.acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle =
          NativeCalls.create(arena, out -> creation.create(arena, contextHandle, out));
      lease = new Lease(kind, handle, AxnnH::axnn_plan_destroy);
    } finally {
      contextLease.release();
    }
  }

  int[] outputShape(int... inputShape) {
    return geometry.of(inputShape).outputShape();
  }

  Tensor forward(Tensor x) {
    MemorySegment handle = lease.acquire();
    try {
      Check.type("x", x, DataType.FLOAT32);
      Geometry.Run run = geometry.of(x.shape());
      Tensor y = Tensor.allocate(DataType.FLOAT32, run.outputShape());
      execute(handle, x, run, y);
      return y;
    } finally {
      lease.release();
    }
  }

  void forward(Tensor x, Tensor y) {
    MemorySegment handle = lease.acquire();
    try {
      Check.type("x", x, DataType.FLOAT32);
      Geometry.Run run = geometry.of(x.shape());
      Check.shape("y", y, DataType.FLOAT32, run.outputShape());
      execute(handle, x, run, y);
    } finally {
      lease.release();
    }
  }

  private static void execute(MemorySegment handle, Tensor x, Geometry.Run run, Tensor y) {
    MemorySegment from = Check.readable("x", x);
    MemorySegment to = Check.writable("y", y, from);
    NativeCalls.check(
        AxnnH.axnn_plan_execute(
            handle, from, from.byteSize(), run.n(), run.h(), run.w(), to, to.byteSize()));
  }

  /** The exact sums of integer layers. */
  Tensor accumulate(Tensor x) {
    MemorySegment handle = lease.acquire();
    try {
      Check.type("x", x, DataType.FLOAT32);
      Geometry.Run run = geometry.of(x.shape());
      MemorySegment from = Check.readable("x", x);
      Tensor sums = Tensor.allocate(DataType.INT64, run.outputShape());
      MemorySegment to = sums.memory();
      NativeCalls.check(
          AxnnH.axnn_plan_execute_sums(
              handle, from, from.byteSize(), run.n(), run.h(), run.w(), to, to.byteSize()));
      return sums;
    } finally {
      lease.release();
    }
  }

  String explain(int... inputShape) {
    MemorySegment handle = lease.acquire();
    try (Arena arena = Arena.ofConfined()) {
      Geometry.Run run = geometry.of(inputShape);
      MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
      return NativeCalls.text(
          (text, bytes) -> {
            NativeCalls.check(
                AxnnH.axnn_plan_explain(handle, run.n(), run.h(), run.w(), text, bytes, length));
            return length.get(ValueLayout.JAVA_LONG, 0);
          });
    } finally {
      lease.release();
    }
  }

  void close() {
    lease.close();
  }
}
