package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.multiplier.ErrorFigures;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.quant.Quantization;
import io.axnn.testing.Close;
import io.axnn.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NoiseTest {

  private static final Conv2dArgs ARGS =
      Conv2dArgs.builder(4, 6, 3, 3).padding(Padding.of(1)).build();
  private static final Quantization INPUT = Quantization.symmetric(1f / 127);

  private final Random random = new Random(5);
  private final Tensor x = Tensor.of(Seeds.floats(random, 2 * 4 * 1024), 2, 4, 32, 32);
  private final Tensor weights =
      Tensor.of(Seeds.floats(random, 6 * ARGS.fanIn()), ARGS.weightShape());
  private final Tensor bias = Tensor.of(new float[] {5, 4, 3, 2, 1, 0}, 6);

  private ApproxConv2d layer(Context context) {
    return ApproxConv2d.builder(context, ARGS, weights, bias)
        .inputQuantization(INPUT)
        .inferenceMode(InferenceMode.NOISE)
        .build();
  }

  @Test
  void callNumberAndSeedDecideTheNoise() {
    try (Context one = Context.builder().threads(1).build();
        Context three = Context.builder().threads(3).build();
        ApproxConv2d layer = layer(one);
        ApproxConv2d other = layer(three)) {
      for (ApproxConv2d each : new ApproxConv2d[] {layer, other}) {
        each.setTraining(true);
        each.setStdev(0.1f);
        each.setMean(0.5f);
        each.setSeed(42);
      }
      float[] first = layer.forward(x).toFloatArray();
      float[] second = layer.noiseForward(x).toFloatArray();
      assertThat(second).isNotEqualTo(first);
      assertThat(other.forward(x).toFloatArray()).as("three threads").isEqualTo(first);
      Tensor y = Tensor.allocate(DataType.FLOAT32, 2, 6, 32, 32);
      other.noiseForward(x, y);
      assertThat(y.toFloatArray()).isEqualTo(second);
      layer.setSeed(42);
      assertThat(layer.forward(x).toFloatArray()).isEqualTo(first);
      layer.setSeed(43);
      assertThat(layer.forward(x).toFloatArray()).isNotEqualTo(first);
      layer.setTraining(false);
      assertThat(layer.forward(x).toFloatArray()).isEqualTo(layer.quantForward(x).toFloatArray());
    }
  }

  @Test
  void noiseHasTheMomentsThatAreAskedFor() {
    try (Context context = Context.create();
        ApproxConv2d layer = layer(context);
        ApproxConv2d unbiased =
            ApproxConv2d.builder(context, ARGS, weights, null).inputQuantization(INPUT).build()) {
      layer.setTraining(true);
      layer.setMean(0.5f);
      float[] quantized = layer.quantForward(x).toFloatArray();
      float[] shifted = quantized.clone();
      for (int i = 0; i < shifted.length; i++) {
        shifted[i] += 0.5f;
      }
      Close.assertClose(layer.forward(x).toFloatArray(), shifted, "mean only");
      layer.setStdev(0.25f);
      float[] noisy = layer.forward(x).toFloatArray();
      double[] noise = new double[noisy.length];
      for (int i = 0; i < noise.length; i++) {
        noise[i] = (double) noisy[i] - quantized[i];
      }
      // 12288 values: five standard errors.
      double stdev = 0.25 * deviation(doubles(unbiased.forward(x).toFloatArray()));
      assertThat(mean(noise)).isCloseTo(0.5, within(5 * stdev / Math.sqrt(noise.length)));
      assertThat(deviation(noise))
          .isCloseTo(stdev, within(5 * stdev / Math.sqrt(2.0 * noise.length)));
    }
  }

  @Test
  void theNoiseOfAMultiplierFollowsFromItsErrors() {
    try (Context context = Context.create();
        Multiplier exact = Multiplier.exact();
        Multiplier rough =
            Multiplier.fromFunction(
                "r", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b + (a & 3) * 9 + 20);
        ApproxConv2d layer = layer(context);
        ApproxConv2d unbiased =
            ApproxConv2d.builder(context, ARGS, weights, null).inputQuantization(INPUT).build()) {
      assertThat(layer.noiseOf(exact, x)).isEqualTo(Noise.NONE);
      ErrorFigures error = ErrorFigures.of(rough, -127, 127, -127, 127);
      double scale = mean(doubles(layer.weightQuantization().scales())) * INPUT.scale();
      double y = deviation(doubles(unbiased.forward(x).toFloatArray()));
      Noise noise = layer.noiseOf(rough, x);
      assertThat((double) noise.mean())
          .isCloseTo(36 * error.bias() * scale, within(1e-6 * noise.mean()));
      assertThat((double) noise.stdev())
          .isCloseTo(6 * error.standardDeviation() * scale / y, within(1e-6 * noise.stdev()));
      layer.setNoise(noise);
      assertThat(layer.stdev()).isEqualTo(noise.stdev()).isPositive();
      assertThat(layer.mean()).isEqualTo(noise.mean()).isPositive();
      assertIllegalArgument(
          () -> layer.noiseOf(rough, Tensor.allocate(DataType.FLOAT32, 1, 4, 3, 3)), "x", "same");
      try (Multiplier unsigned =
          Multiplier.fromFunction("u", Operand.UNSIGNED8, Operand.UNSIGNED8, (a, b) -> a * b)) {
        assertIllegalArgument(() -> layer.noiseOf(unsigned, x), "weightQuantization", "-127");
      }
    }
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / (values.length - 1));
  }
}
