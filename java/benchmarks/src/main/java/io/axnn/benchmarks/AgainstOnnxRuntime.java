package io.axnn.benchmarks;

import ai.onnxruntime.OrtException;
import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.Conv2dArgs;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * The convolutions of ResNet (3x3, padding 1, batch 1) in axnn and in ONNX Runtime: one process,
 * one thread count, a round of the one, a round of the other. Results are compared before anything
 * is timed. Each line is printed as it is measured; nothing is left out.
 */
public final class AgainstOnnxRuntime {

  private static final int[][] CHANNELS_AND_EDGE = {{64, 56}, {128, 28}, {256, 14}, {512, 7}};
  private static final int ROUNDS = 30;
  private static final int CALLS_PER_ROUND = 10;

  /** QLinearConv gives codes again; this scale leaves some of them inside 0..255. */
  private static final float OUTPUT_SCALE = 1e4f;

  private final int threads;
  private final LongSupplier clock;

  private AgainstOnnxRuntime(int threads) {
    this.threads = threads;
    clock =
        threads == 1
            ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime
            : System::nanoTime;
  }

  /**
   * Prints the comparison with one thread (CPU time of the thread) and with two (time on the
   * clock).
   *
   * @param args none
   * @throws OrtException if ONNX Runtime refuses a model
   */
  public static void main(String[] args) throws OrtException {
    System.out.printf(
        "%-7s %-10s %-10s %8s %8s %8s  %-12s %8s %8s %8s  %s%n",
        "threads",
        "shape",
        "axnn",
        "min ms",
        "median",
        "G/s",
        "ONNX Runtime",
        "min ms",
        "median",
        "G/s",
        "axnn's speed / ONNX Runtime's: of minima, of medians");
    for (int threads = 1; threads <= 2; threads++) {
      for (int[] shape : CHANNELS_AND_EDGE) {
        AgainstOnnxRuntime comparison = new AgainstOnnxRuntime(threads);
        comparison.floats(shape[0], shape[1]);
        comparison.integers(shape[0], shape[1]);
      }
    }
  }

  private void floats(int channels, int edge) throws OrtException {
    Random random = new Random(1);
    Conv2dArgs args = Conv2dArgs.builder(channels, channels, 3, 3).padding(1).build();
    int[] image = {1, channels, edge, edge};
    Tensor x = floats(image, random::nextGaussian);
    Tensor weights = floats(args.weightShape(), random::nextGaussian);
    Tensor y = Tensor.allocate(DataType.FLOAT32, image);
    Tensor expected = Tensor.allocate(DataType.FLOAT32, image);
    try (Context context = Context.builder().threads(threads).build();
        ApproxConv2d layer = ApproxConv2d.builder(context, args, weights, null).build();
        OnnxConvolution peer =
            new OnnxConvolution("Conv", threads, x, List.of(weights), expected)) {
      layer.baselineForward(x, y);
      peer.run();
      float[] theirs = expected.toFloatArray();
      demandClose(y.toFloatArray(), theirs, 1e-5 * magnitude(theirs));
      compare(image, "BASELINE", () -> layer.baselineForward(x, y), "Conv", peer::run);
    }
  }

  /**
   * Ours quantises floats and gives floats, theirs begin and end with integers. ConvInteger gets
   * the weights as uint8 with a zero point of 128, which in ONNX Runtime is several times faster
   * than int8; the sums are the same.
   */
  private void integers(int channels, int edge) throws OrtException {
    Random random = new Random(1);
    Conv2dArgs args = Conv2dArgs.builder(channels, channels, 3, 3).padding(1).build();
    int[] image = {1, channels, edge, edge};
    Tensor x = floats(image, () -> random.nextInt(128));
    Tensor weights = floats(args.weightShape(), () -> random.nextInt(-127, 128));
    Tensor y = Tensor.allocate(DataType.FLOAT32, image);
    Tensor codes = Tensor.ofUnsigned(bytes(x, 0), image);
    Tensor sums = Tensor.allocate(DataType.INT32, image);
    Tensor requantised = Tensor.allocate(DataType.UINT8, image);
    Tensor zero = Tensor.ofUnsigned(new byte[] {0}, 1);
    Tensor one = Tensor.of(new float[] {1}, 1);
    List<Tensor> integerInputs =
        List.of(
            Tensor.ofUnsigned(bytes(weights, 128), args.weightShape()),
            zero,
            Tensor.ofUnsigned(new byte[] {(byte) 128}, 1));
    List<Tensor> linearInputs =
        List.of(
            one,
            zero,
            Tensor.of(bytes(weights, 0), args.weightShape()),
            one,
            Tensor.of(new byte[] {0}, 1),
            Tensor.of(new float[] {OUTPUT_SCALE}, 1),
            zero);
    try (Context context = Context.builder().threads(threads).build();
        ApproxConv2d layer =
            ApproxConv2d.builder(context, args, weights, null)
                .inputQuantization(Quantization.unsigned7(1))
                .weightQuantization(WeightQuantization.of(1))
                .build();
        OnnxConvolution integer =
            new OnnxConvolution("ConvInteger", threads, codes, integerInputs, sums);
        OnnxConvolution linear =
            new OnnxConvolution("QLinearConv", threads, codes, linearInputs, requantised)) {
      layer.quantForward(x, y);
      integer.run();
      linear.run();
      demandClose(y.toFloatArray(), floats(sums.toIntArray()), 0);
      Tensor ownCodes = new Quantization(OUTPUT_SCALE, 0, 0, 255).quantize(y);
      demandClose(unsigned(ownCodes), unsigned(requantised), 1);
      Runnable ours = () -> layer.quantForward(x, y);
      compare(image, "QUANTIZED", ours, "ConvInteger", integer::run);
      compare(image, "QUANTIZED", ours, "QLinearConv", linear::run);
    }
  }

  private void compare(int[] image, String name, Runnable ours, String peer, Runnable theirs) {
    double[] milliseconds = new double[ROUNDS];
    double[] peerMilliseconds = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      milliseconds[round] = time(ours);
      peerMilliseconds[round] = time(theirs);
    }
    Arrays.sort(milliseconds);
    Arrays.sort(peerMilliseconds);
    double min = milliseconds[0];
    double median = milliseconds[ROUNDS / 2];
    double peerMin = peerMilliseconds[0];
    double peerMedian = peerMilliseconds[ROUNDS / 2];
    double products = 9e-6 * image[1] * image[1] * image[2] * image[3];
    System.out.printf(
        "%-7d %-10s %-10s %8.3f %8.3f %8.1f  %-12s %8.3f %8.3f %8.1f  %.2f %.2f%n",
        threads,
        image[1] + "x" + image[2],
        name,
        min,
        median,
        products / min,
        peer,
        peerMin,
        peerMedian,
        products / peerMin,
        peerMin / min,
        peerMedian / median);
  }

  /** Milliseconds of one call, after one that brings its weights back into the caches. */
  private double time(Runnable call) {
    call.run();
    long start = clock.getAsLong();
    for (int i = 0; i < CALLS_PER_ROUND; i++) {
      call.run();
    }
    return (clock.getAsLong() - start) * 1e-6 / CALLS_PER_ROUND;
  }

  private static float magnitude(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static void demandClose(float[] actual, float[] expected, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
        throw new IllegalStateException(
            "value " + i + " is " + actual[i] + ", in ONNX Runtime " + expected[i]);
      }
    }
  }

  private static Tensor floats(int[] shape, DoubleSupplier value) {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value.getAsDouble());
    }
    return tensor;
  }

  private static float[] floats(int[] integers) {
    float[] values = new float[integers.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = integers[i];
    }
    return values;
  }

  private static float[] unsigned(Tensor bytes) {
    byte[] codes = bytes.toByteArray();
    float[] values = new float[codes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Byte.toUnsignedInt(codes[i]);
    }
    return values;
  }

  private static byte[] bytes(Tensor integers, int zeroPoint) {
    float[] values = integers.toFloatArray();
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] + zeroPoint);
    }
    return bytes;
  }
}
