package io.axnn.layers;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.Lease;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.Shapes;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.internal.ffi.axnn_noise_desc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The {@code axnn_plan} inside every layer, and all that is done with one. */
final class NativePlan {

  /** A C function that makes a plan in a context. */
  @FunctionalInterface
  interface Creation {
    /**
     * @param arena for descriptors and arrays that the C function reads
     * @return {@code axnn_status}
     */
    int create(Arena arena, MemorySegment context, MemorySegment out);
  }

  /** A C function that runs a plan: {@code x, x_bytes, n, h, w, y, y_bytes}. */
  @FunctionalInterface
  private interface Execution {
    /**
     * @return {@code axnn_status}
     */
    int run(
        MemorySegment plan,
        MemorySegment x,
        long xBytes,
        int n,
        int h,
        int w,
        MemorySegment y,
        long yBytes);
  }

  private static final int CODES = 256;

  private final Lease lease;
  private final Geometry geometry;

  /**
   * Makes a plan in an open context.
   *
   * @param kind the layer's name, for messages
   * @param creation from an arena for descriptors and the place for the handle to {@code
   *     axnn_status}
   */
  NativePlan(String kind, Geometry geometry, BiFunction<Arena, MemorySegment, Integer> creation) {
    this.geometry = geometry;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = NativeCalls.create(arena, out -> creation.apply(arena, out));
      lease = new Lease(kind, handle, AxnnH::axnn_plan_destroy);
    }
  }

  /** Makes a plan in a context that may be closed afterwards. */
  static NativePlan of(String kind, Context context, Geometry geometry, Creation creation) {
    return NativeCalls.call(
        context,
        handle ->
            new NativePlan(kind, geometry, (arena, out) -> creation.create(arena, handle, out)));
  }

  int[] outputShape(int... inputShape) {
    return geometry.of(inputShape).outputShape();
  }

  /** Calls with the handle, which stays open until the call ends. */
  <T> T call(Function<MemorySegment, T> call) {
    MemorySegment handle = lease.acquire();
    try {
      return call.apply(handle);
    } finally {
      lease.release();
    }
  }

  Tensor forward(Tensor x) {
    return execute(x, null, DataType.FLOAT32, AxnnH::axnn_plan_execute);
  }

  void forward(Tensor x, Tensor y) {
    execute(x, Objects.requireNonNull(y, "y"), DataType.FLOAT32, AxnnH::axnn_plan_execute);
  }

  /** The exact sums of integer layers. */
  Tensor accumulate(Tensor x) {
    return execute(x, null, DataType.INT64, AxnnH::axnn_plan_execute_sums);
  }

  /** Runs an exact plan with noise; y may be null. */
  Tensor noise(Tensor x, Tensor y, Noise noise, long seed) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = axnn_noise_desc.allocate(arena);
      axnn_noise_desc.struct_size(desc, (int) desc.byteSize());
      axnn_noise_desc.stdev(desc, noise.stdev());
      axnn_noise_desc.mean(desc, noise.mean());
      axnn_noise_desc.seed_low(desc, (int) seed);
      axnn_noise_desc.seed_high(desc, (int) (seed >>> Integer.SIZE));
      return execute(
          x,
          y,
          DataType.FLOAT32,
          (plan, from, fromBytes, n, h, w, to, toBytes) ->
              AxnnH.axnn_plan_execute_noise(plan, desc, from, fromBytes, n, h, w, to, toBytes));
    }
  }

  /** Runs into y, or into a new tensor if that is null. */
  private Tensor execute(Tensor x, Tensor y, DataType type, Execution execution) {
    return call(
        handle -> {
          Geometry.Run run = run(x);
          MemorySegment from = Check.readable("x", x);
          Tensor output = y;
          if (y == null) {
            output = Tensor.allocate(type, run.outputShape());
          } else {
            Check.shape("y", y, type, run.outputShape());
          }
          MemorySegment to = Check.writable("y", output, from);
          NativeCalls.check(
              execution.run(
                  handle, from, from.byteSize(), run.n(), run.h(), run.w(), to, to.byteSize()));
          return output;
        });
  }

  private Geometry.Run run(Tensor x) {
    Check.type("x", x, DataType.FLOAT32);
    return geometry.of(x.shape());
  }

  /** The gradients that the options ask for, not clipped. */
  Gradients backward(Tensor x, Tensor gradOut, GradientOptions options) {
    return call(
        handle -> {
          Geometry.Run run = run(x);
          Check.shape("gradOut", gradOut, DataType.FLOAT32, run.outputShape());
          MemorySegment from = Check.readable("x", x);
          MemorySegment above = Check.readable("gradOut", gradOut);
          Tensor input = options.input() ? floats(x.shape()) : null;
          Tensor weights = options.weights() ? floats(geometry.weightShape()) : null;
          Tensor bias = options.bias() ? floats(geometry.outputs()) : null;
          MemorySegment toInput = Descriptors.optional("input", input);
          MemorySegment toWeights = Descriptors.optional("weights", weights);
          MemorySegment toBias = Descriptors.optional("bias", bias);
          NativeCalls.check(
              AxnnH.axnn_plan_backward(
                  handle,
                  options.halfWindow(),
                  from,
                  from.byteSize(),
                  run.n(),
                  run.h(),
                  run.w(),
                  above,
                  above.byteSize(),
                  toInput,
                  toInput.byteSize(),
                  toWeights,
                  toWeights.byteSize(),
                  toBias,
                  toBias.byteSize()));
          return new Gradients(input, weights, null, bias);
        });
  }

  private static Tensor floats(int... shape) {
    return Tensor.allocate(DataType.FLOAT32, shape);
  }

  /** Codes of the weights, [outputs, fanIn]. */
  Tensor weightCodes(DataType type) {
    return call(
        handle -> {
          Tensor codes = Tensor.allocate(type, geometry.outputs(), geometry.fanIn());
          MemorySegment to = codes.memory();
          NativeCalls.check(AxnnH.axnn_plan_weight_codes(handle, to, to.byteSize()));
          return codes;
        });
  }

  /** Codes of the unfolded input, [n, groups, fanIn, output pixels]. */
  Tensor unfold(Tensor x, DataType type) {
    return call(
        handle -> {
          Geometry.Run run = run(x);
          long pixels = Shapes.size(run.outputShape()) / run.n() / geometry.outputs();
          Tensor codes =
              Tensor.allocate(
                  type, run.n(), geometry.groups(), geometry.fanIn(), Math.toIntExact(pixels));
          unfold(handle, AxnnH::axnn_plan_unfold, x, run, codes.memory());
          return codes;
        });
  }

  /** How often each byte occurs in what {@link #unfold} gives. */
  long[] unfoldHistogram(Tensor x) {
    return call(
        handle -> {
          Tensor counts = Tensor.allocate(DataType.INT64, CODES);
          unfold(handle, AxnnH::axnn_plan_unfold_histogram, x, run(x), counts.memory());
          return counts.toLongArray();
        });
  }

  private static void unfold(
      MemorySegment handle, Execution execution, Tensor x, Geometry.Run run, MemorySegment to) {
    MemorySegment from = Check.readable("x", x);
    NativeCalls.check(
        execution.run(handle, from, from.byteSize(), run.n(), run.h(), run.w(), to, to.byteSize()));
  }

  String explain(int... inputShape) {
    return call(
        handle -> {
          try (Arena arena = Arena.ofConfined()) {
            Geometry.Run run = geometry.of(inputShape);
            MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
            return NativeCalls.text(
                (text, bytes) -> {
                  NativeCalls.check(
                      AxnnH.axnn_plan_explain(
                          handle, run.n(), run.h(), run.w(), text, bytes, length));
                  return length.get(ValueLayout.JAVA_LONG, 0);
                });
          }
        });
  }

  void close() {
    lease.close();
  }
}
