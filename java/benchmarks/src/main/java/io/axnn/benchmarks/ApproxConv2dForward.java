package io.axnn.benchmarks;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.internal.ffi.axnn_approx_desc;
import io.axnn.internal.ffi.axnn_context_desc;
import io.axnn.internal.ffi.axnn_conv2d_desc;
import io.axnn.internal.ffi.axnn_multiplier_desc;
import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.Conv2dArgs;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the Java layer adds to the native call, on 1x64x56x56 with 64 filters 3x3, padding 1, one
 * thread. {@link #nativeCall} is the bare C function on a plan made by hand with the same numbers;
 * {@link #tensors} must stay within 5 % of it. On an image of one pixel the same difference stands
 * out from the noise of the machine. {@link #twoCallers} and {@link #twoNativeCallers} are two
 * threads of Java in one layer at once, each with an output of its own.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ApproxConv2dForward {

  private static final int CHANNELS = 64;
  private static final int KERNEL = 3;

  /** Height and width of the image. */
  @Param({"56", "14", "1"})
  public int edge;

  private Context context;
  private ApproxConv2d layer;
  private Tensor x;
  private float[] values;
  private MemorySegment plan;

  /** What a caller writes to. */
  @State(Scope.Thread)
  public static class Output {
    private Tensor y;

    /** Allocates it. */
    @Setup(Level.Trial)
    public void setUp(ApproxConv2dForward benchmark) {
      y = Tensor.allocate(DataType.FLOAT32, benchmark.x.shape());
    }
  }

  /** Makes the layer and its twin in C. */
  @Setup(Level.Trial)
  public void setUp() {
    Random random = new Random(1);
    Conv2dArgs args = Conv2dArgs.builder(CHANNELS, CHANNELS, KERNEL, KERNEL).padding(1).build();
    Tensor weights = random(random, args.weightShape());
    int[] image = {1, CHANNELS, edge, edge};
    x = random(random, image);
    values = x.toFloatArray();
    Quantization input = Quantization.of(x);
    context = Context.builder().threads(1).build();
    try (Multiplier multiplier = Multiplier.exact()) {
      layer =
          ApproxConv2d.builder(context, args, weights, null)
              .multiplier(multiplier)
              .inputQuantization(input)
              .build();
      plan = plan(multiplier, weights, input, layer.weightQuantization());
    }
  }

  /** Frees both. */
  @TearDown(Level.Trial)
  public void tearDown() {
    AxnnH.axnn_plan_destroy(plan);
    layer.close();
    context.close();
  }

  /** The C function and nothing else. */
  @Benchmark
  public int nativeCall(Output output) {
    return callNative(output);
  }

  /** From tensor to tensor. */
  @Benchmark
  public void tensors(Output output) {
    layer.forward(x, output.y);
  }

  /** From tensor to a new tensor. */
  @Benchmark
  public Tensor newTensor() {
    return layer.forward(x);
  }

  /** From array to array, through tensors that are there already. */
  @Benchmark
  public float[] arrays(Output output) {
    x.copyFrom(values);
    layer.forward(x, output.y);
    return output.y.toFloatArray();
  }

  /** {@link #tensors} by two threads at once. */
  @Benchmark
  @Threads(2)
  public void twoCallers(Output output) {
    layer.forward(x, output.y);
  }

  /** {@link #nativeCall} by two threads at once. */
  @Benchmark
  @Threads(2)
  public int twoNativeCallers(Output output) {
    return callNative(output);
  }

  private int callNative(Output output) {
    MemorySegment from = x.memory();
    MemorySegment to = output.y.memory();
    return AxnnH.axnn_plan_execute(plan, from, from.byteSize(), 1, edge, edge, to, to.byteSize());
  }

  private static Tensor random(Random random, int... shape) {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat() * 2 - 1);
    }
    return tensor;
  }

  private static MemorySegment plan(
      Multiplier multiplier, Tensor weights, Quantization input, WeightQuantization codes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment contextDesc = axnn_context_desc.allocate(arena);
      axnn_context_desc.struct_size(contextDesc, (int) contextDesc.byteSize());
      axnn_context_desc.threads(contextDesc, 1);
      MemorySegment owner =
          NativeCalls.create(arena, out -> AxnnH.axnn_context_create(contextDesc, out));
      MemorySegment table = table(arena, multiplier);
      MemorySegment conv = convolution(arena);
      MemorySegment approx = approx(arena, input, codes);
      MemorySegment w = weights.memory();
      MemorySegment scales = arena.allocateFrom(ValueLayout.JAVA_FLOAT, codes.scales());
      MemorySegment zeros = arena.allocateFrom(ValueLayout.JAVA_INT, codes.zeroPoints());
      MemorySegment made =
          NativeCalls.create(
              arena,
              out ->
                  AxnnH.axnn_approx_conv2d_create(
                      owner,
                      conv,
                      approx,
                      table,
                      w,
                      w.byteSize(),
                      scales,
                      scales.byteSize(),
                      zeros,
                      zeros.byteSize(),
                      MemorySegment.NULL,
                      0,
                      out));
      AxnnH.axnn_multiplier_destroy(table);
      AxnnH.axnn_context_destroy(owner);
      return made;
    }
  }

  private static MemorySegment table(Arena arena, Multiplier multiplier) {
    MemorySegment desc = axnn_multiplier_desc.allocate(arena);
    axnn_multiplier_desc.struct_size(desc, (int) desc.byteSize());
    axnn_multiplier_desc.row_bits(desc, multiplier.rowOperand().bits());
    axnn_multiplier_desc.row_signed(desc, 1);
    axnn_multiplier_desc.column_bits(desc, multiplier.columnOperand().bits());
    axnn_multiplier_desc.column_signed(desc, 1);
    MemorySegment products = arena.allocateFrom(ValueLayout.JAVA_INT, multiplier.toArray());
    return NativeCalls.create(
        arena, out -> AxnnH.axnn_multiplier_create(desc, products, products.byteSize(), out));
  }

  private static MemorySegment convolution(Arena arena) {
    MemorySegment desc = axnn_conv2d_desc.allocate(arena);
    axnn_conv2d_desc.struct_size(desc, (int) desc.byteSize());
    axnn_conv2d_desc.in_channels(desc, CHANNELS);
    axnn_conv2d_desc.out_channels(desc, CHANNELS);
    axnn_conv2d_desc.kernel_h(desc, KERNEL);
    axnn_conv2d_desc.kernel_w(desc, KERNEL);
    axnn_conv2d_desc.stride_h(desc, 1);
    axnn_conv2d_desc.stride_w(desc, 1);
    axnn_conv2d_desc.dilation_h(desc, 1);
    axnn_conv2d_desc.dilation_w(desc, 1);
    axnn_conv2d_desc.pad_top(desc, 1);
    axnn_conv2d_desc.pad_bottom(desc, 1);
    axnn_conv2d_desc.pad_left(desc, 1);
    axnn_conv2d_desc.pad_right(desc, 1);
    axnn_conv2d_desc.groups(desc, 1);
    return desc;
  }

  private static MemorySegment approx(Arena arena, Quantization input, WeightQuantization codes) {
    MemorySegment desc = axnn_approx_desc.allocate(arena);
    axnn_approx_desc.struct_size(desc, (int) desc.byteSize());
    axnn_approx_desc.input_scale(desc, input.scale());
    axnn_approx_desc.input_zero_point(desc, input.zeroPoint());
    axnn_approx_desc.input_code_min(desc, input.codeMin());
    axnn_approx_desc.input_code_max(desc, input.codeMax());
    axnn_approx_desc.weight_code_min(desc, codes.codeMin());
    axnn_approx_desc.weight_code_max(desc, codes.codeMax());
    axnn_approx_desc.output_min(desc, Float.NEGATIVE_INFINITY);
    axnn_approx_desc.output_max(desc, Float.POSITIVE_INFINITY);
    return desc;
  }
}
