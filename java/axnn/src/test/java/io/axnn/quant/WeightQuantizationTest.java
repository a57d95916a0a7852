package io.axnn.quant;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Tensor;
import org.junit.jupiter.api.Test;

class WeightQuantizationTest {

  private static final float[] ONES = {1, 1};
  private static final int[] ZEROS = {0, 0};

  @Test
  void defaultIsSymmetricPerOutputChannel() {
    Tensor weights = Tensor.of(new float[] {1, -3, 2, 0, -0f, 0, 0.5f, 0.25f, 0}, 3, 3);
    WeightQuantization quantization = WeightQuantization.perChannel(weights);
    // An all-zero channel has scale 1.
    assertThat(quantization.scales()).containsExactly(3f / 127, 1, 0.5f / 127);
    assertThat(quantization.zeroPoints()).containsExactly(0, 0, 0);
    assertThat(quantization.codeMin()).isEqualTo(-127);
    assertThat(quantization.codeMax()).isEqualTo(127);
  }

  @Test
  void perTensorHasOneScale() {
    Tensor weights = Tensor.of(new float[] {1, -3, 2, 0}, 2, 2);
    assertThat(WeightQuantization.perTensor(weights))
        .isEqualTo(new WeightQuantization(new float[] {3f / 127}, new int[] {0}, -127, 127));
  }

  @Test
  void comparesValuesAndCopiesArrays() {
    float[] scales = {1, 2};
    int[] zeroPoints = {3, 4};
    WeightQuantization quantization = new WeightQuantization(scales, zeroPoints, -128, 127);
    scales[0] = 9;
    zeroPoints[1] = 9;
    quantization.scales()[1] = 9;
    quantization.zeroPoints()[0] = 9;
    WeightQuantization same =
        new WeightQuantization(new float[] {1, 2}, new int[] {3, 4}, -128, 127);
    assertThat(quantization).isEqualTo(same).hasSameHashCodeAs(same).hasToString(same.toString());
    assertThat(quantization)
        .isNotEqualTo(new WeightQuantization(new float[] {1, 3}, new int[] {3, 4}, -128, 127));
    assertThat(same.toString()).contains("1.0", "2.0", "3", "4");
  }

  @Test
  void refusesNumbersThatAreNone() {
    for (float scale : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertIllegalArgument(
          () -> new WeightQuantization(new float[] {1, scale}, ZEROS, -127, 127),
          "scale",
          Float.toString(scale));
    }
    assertIllegalArgument(
        () -> new WeightQuantization(ONES, new int[] {0, -128}, -127, 127), "zeroPoint", "-128");
    assertIllegalArgument(() -> new WeightQuantization(ONES, new int[3], -127, 127), "2", "3");
    assertIllegalArgument(
        () -> new WeightQuantization(new float[0], new int[0], -127, 127), "scales");
    assertIllegalArgument(() -> new WeightQuantization(ONES, ZEROS, -32769, 127), "-32769");
    assertIllegalArgument(() -> new WeightQuantization(ONES, ZEROS, -1, 32768), "32768");
    assertIllegalArgument(
        () -> WeightQuantization.perChannel(Tensor.of(new float[] {1, Float.NaN}, 1, 2)), "NaN");
    assertIllegalArgument(
        () -> WeightQuantization.perTensor(Tensor.of(new int[] {1}, 1, 1)), "INT32", "FLOAT32");
  }
}
