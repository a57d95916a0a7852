package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Codes;

/**
 * One forward pass of an approximate layer; it may run again on another plan.
 *
 * @param noiseOrNull noise while training
 * @param seed of that noise
 * @param yOrNull where the output goes
 */
record Pass(InferenceMode mode, Noise noiseOrNull, long seed, Tensor x, Tensor yOrNull) {

  /** Draws the seed, if there is noise. */
  Pass(InferenceMode mode, Noise noiseOrNull, NoiseSeed seeds, Tensor x, Tensor yOrNull) {
    this(mode, noiseOrNull, noisy(mode, noiseOrNull) ? seeds.next() : 0, x, yOrNull);
  }

  private static boolean noisy(InferenceMode mode, Noise noiseOrNull) {
    return mode == InferenceMode.NOISE && noiseOrNull != null;
  }

  Tensor run(NativePlan plan, ApproxSettings settings) {
    if (noisy(mode, noiseOrNull)) {
      return plan.noise(x, yOrNull, noiseOrNull, seed);
    }
    Tensor y = yOrNull;
    if (y == null) {
      y = plan.forward(x);
    } else {
      plan.forward(x, y);
    }
    if (mode == InferenceMode.BASELINE) {
      settings.outputRange().clamp(y);
    }
    return y;
  }

  Traced run(NativePlan plan, ApproxSettings settings, TraceListener.Detail detail) {
    Trace trace =
        switch (detail) {
          case NONE -> null;
          case HISTOGRAMS -> {
            demandBytes(settings);
            yield new Trace.Histograms(
                histogram(plan.weightCodes(DataType.UINT8)), plan.unfoldHistogram(x));
          }
          case OPERANDS ->
              new Trace.Operands(
                  plan.weightCodes(
                      Codes.type(settings.weights().codeMin(), settings.weights().codeMax())),
                  plan.unfold(
                      x, Codes.type(settings.input().codeMin(), settings.input().codeMax())));
        };
    return new Traced(run(plan, settings), trace);
  }

  private static void demandBytes(ApproxSettings settings) {
    if (!Codes.areBytes(settings.weights().codeMin(), settings.weights().codeMax())
        || !Codes.areBytes(settings.input().codeMin(), settings.input().codeMax())) {
      throw new IllegalStateException(
          "the trace listener asks for histograms, but they are of codes of 8 bits; "
              + "operands can be traced");
    }
  }

  private static long[] histogram(Tensor codes) {
    long[] counts = new long[256];
    for (byte code : codes.toByteArray()) {
      counts[code & 255]++;
    }
    return counts;
  }
}
