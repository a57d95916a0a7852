package io.axnn.benchmarks;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.Conv2dArgs;
import io.axnn.layers.InferenceMode;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * What new weights cost: {@code setWeights} and the packing that the next forward pass does, as a
 * share of a forward pass at batch 8, on the convolutions of ResNet (3x3, padding 1). One thread
 * (CPU time of the thread) and two (time on the clock), a call of the one, a call of the other.
 */
public final class SetWeights {

  private static final int[][] CHANNELS_AND_EDGE = {{64, 56}, {128, 28}, {256, 14}, {512, 7}};
  private static final int BATCH = 8;
  private static final int ROUNDS = 30;

  private SetWeights() {}

  /**
   * Prints a line for each number of threads, shape and mode.
   *
   * @param args none
   */
  public static void main(String[] args) {
    System.out.printf(
        "%-7s %-10s %-12s %10s %8s %10s %8s  %s%n",
        "threads",
        "shape",
        "mode",
        "forward ms",
        "median",
        "with new",
        "median",
        "new weights / forward: of minima, of medians");
    for (int threads = 1; threads <= 2; threads++) {
      for (int[] shape : CHANNELS_AND_EDGE) {
        measure(threads, shape[0], shape[1]);
      }
    }
  }

  private static void measure(int threads, int channels, int edge) {
    LongSupplier clock =
        threads == 1
            ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime
            : System::nanoTime;
    Random random = new Random(1);
    Conv2dArgs args = Conv2dArgs.builder(channels, channels, 3, 3).padding(1).build();
    int[] images = {BATCH, channels, edge, edge};
    Tensor x = random(random, images);
    Tensor y = Tensor.allocate(DataType.FLOAT32, images);
    Tensor[] weights = {random(random, args.weightShape()), random(random, args.weightShape())};
    try (Context context = Context.builder().threads(threads).build();
        Multiplier multiplier = Multiplier.exact();
        ApproxConv2d layer =
            ApproxConv2d.builder(context, args, weights[0], null)
                .multiplier(multiplier)
                .inputQuantization(Quantization.of(x))
                .build()) {
      for (InferenceMode mode :
          new InferenceMode[] {
            InferenceMode.BASELINE, InferenceMode.QUANTIZED, InferenceMode.APPROXIMATE
          }) {
        layer.setInferenceMode(mode);
        layer.forward(x, y);
        double[] alone = new double[ROUNDS];
        double[] renewed = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
          Tensor next = weights[round % 2];
          renewed[round] =
              milliseconds(
                  clock,
                  () -> {
                    layer.setWeights(next);
                    layer.forward(x, y);
                  });
          alone[round] = milliseconds(clock, () -> layer.forward(x, y));
        }
        print(threads, channels + "x" + edge, mode, alone, renewed);
      }
    }
  }

  private static double milliseconds(LongSupplier clock, Runnable call) {
    long start = clock.getAsLong();
    call.run();
    return (clock.getAsLong() - start) * 1e-6;
  }

  private static void print(
      int threads, String shape, InferenceMode mode, double[] alone, double[] renewed) {
    Arrays.sort(alone);
    Arrays.sort(renewed);
    int middle = ROUNDS / 2;
    System.out.printf(
        "%-7d %-10s %-12s %10.3f %8.3f %10.3f %8.3f  %.2f %.2f%n",
        threads,
        shape,
        mode,
        alone[0],
        alone[middle],
        renewed[0],
        renewed[middle],
        renewed[0] / alone[0] - 1,
        renewed[middle] / alone[middle] - 1);
  }

  private static Tensor random(Random random, int... shape) {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return tensor;
  }
}
