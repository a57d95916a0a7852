package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EpilogueTest {

  private static final BatchNorm NORM =
      new BatchNorm(
          new float[] {1, -2, 0},
          new float[] {4, 0.25f, 1},
          new float[] {3, -1, 0},
          new float[] {0.5f, 0, 7},
          0);

  @Test
  void foldsInDouble() {
    Epilogue folded =
        Epilogue.IDENTITY.withScale(0.5f).withInputScale(4).withBias(1, 2, 3).withBatchNorm(NORM);
    // factors 1.5, -2 and 0
    assertThat(folded.scale()).containsExactly(3, -4, 0);
    assertThat(folded.bias()).containsExactly(0.5, -8, 7);
    assertThat(folded.relu().withRange(0, 6)).isEqualTo(folded.withRange(0, 6));
    assertThat(folded.withRange(2, 9).relu().min()).isEqualTo(2);
    assertThat(folded.relu().max()).isEqualTo(Float.POSITIVE_INFINITY);
  }

  /** Three roundings in float would not do: scale, factor and their product. */
  @Test
  void roundsOnce() {
    Random random = Seeds.random("EpilogueTest.roundsOnce");
    for (int i = 0; i < 1000; i++) {
      float scale = random.nextFloat();
      float input = random.nextFloat();
      float variance = random.nextFloat();
      float gamma = random.nextFloat();
      BatchNorm norm =
          new BatchNorm(
              new float[1], new float[] {variance}, new float[] {gamma}, new float[1], 1e-3f);
      Epilogue folded =
          Epilogue.IDENTITY.withScale(scale).withInputScale(input).withBatchNorm(norm);
      double exact = (double) scale * input * (gamma / Math.sqrt((double) variance + 1e-3f));
      assertThat(folded.scale()[0]).isCloseTo(exact, within(1e-15 * exact));
      assertThat(folded.scales(2)).containsExactly((float) exact, (float) exact);
    }
  }

  @Test
  void theBuildersOrderDoesNotMatter() {
    Tensor weights = Tensor.of(Seeds.floats(new Random(1), 15), 3, 5);
    Tensor bias = Tensor.of(new float[] {1, 2, 3}, 3);
    Epilogue expected =
        Epilogue.IDENTITY
            .withScale(0.5f)
            .withInputScale(4)
            .withBias(1, 2, 3)
            .withBatchNorm(NORM)
            .withRange(-1, 6);
    try (Context context = Context.create();
        BinaryLinear forth =
            BinaryLinear.builder(context, weights)
                .scale(0.5f)
                .inputScale(4)
                .bias(bias)
                .batchNorm(NORM)
                .outputRange(-1, 6)
                .build();
        BinaryLinear back =
            BinaryLinear.builder(context, weights)
                .outputRange(-1, 6)
                .batchNorm(NORM)
                .bias(bias)
                .inputScale(4)
                .scale(0.5f)
                .build();
        BinaryLinear whole = BinaryLinear.builder(context, weights).epilogue(expected).build();
        BinaryLinear relu = BinaryLinear.builder(context, weights).relu().build()) {
      assertThat(forth.epilogue()).isEqualTo(expected);
      assertThat(back.epilogue()).isEqualTo(expected);
      assertThat(whole.epilogue()).isEqualTo(expected);
      assertThat(relu.epilogue().min()).isZero();
      assertThat(expected.hashCode()).isEqualTo(whole.epilogue().hashCode());
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertIllegalArgument(() -> Epilogue.IDENTITY.withScale(), "scale", "empty");
    assertIllegalArgument(
        () -> Epilogue.IDENTITY.withScale(1, Float.POSITIVE_INFINITY), "scale[1]", "Infinity");
    assertIllegalArgument(() -> Epilogue.IDENTITY.withBias(Float.NaN), "bias[0]", "NaN");
    assertIllegalArgument(
        () -> Epilogue.IDENTITY.withScale(Float.MAX_VALUE).withInputScale(2), "scale[0]", "finite");
    assertIllegalArgument(() -> Epilogue.IDENTITY.withInputScale(Float.NaN), "inputScale", "NaN");
    assertIllegalArgument(
        () -> Epilogue.IDENTITY.withScale(1, 2).withBias(1, 2, 3), "scale has 2", "bias 3");
    assertIllegalArgument(
        () -> Epilogue.IDENTITY.withScale(1, 2).withBatchNorm(NORM), "scale", "2", "3");
    assertIllegalState(
        () -> Epilogue.IDENTITY.relu().withBatchNorm(NORM), "0.0..Infinity", "withRange");
    assertIllegalArgument(() -> Epilogue.IDENTITY.withRange(2, 1), "2.0", "1.0");
    assertIllegalArgument(() -> Epilogue.IDENTITY.withRange(-2, -1).relu(), "0.0..-1.0");
  }

  @Test
  void aBatchNormChecksItsNumbers() {
    float[] one = {1};
    assertIllegalArgument(() -> BatchNorm.of(new float[0], new float[0], 1), "mean", "empty");
    assertIllegalArgument(() -> BatchNorm.of(one, new float[2], 1), "variance", "2", "1");
    assertIllegalArgument(() -> BatchNorm.of(one, new float[] {-1}, 1), "variance[0]", "-1.0");
    assertIllegalArgument(() -> BatchNorm.of(one, new float[1], 0), "variance[0]", "epsilon");
    assertIllegalArgument(() -> BatchNorm.of(one, one, Float.NaN), "epsilon", "NaN");
    assertIllegalArgument(() -> BatchNorm.of(new float[] {Float.NaN}, one, 1), "mean[0]", "NaN");
    BatchNorm norm = BatchNorm.of(one, one, 1);
    assertThat(norm).isEqualTo(new BatchNorm(one, one, one, new float[1], 1));
    assertThat(norm.channels()).isEqualTo(1);
    try (Context context = Context.create()) {
      Tensor weights = Tensor.of(new float[10], 2, 5);
      assertIllegalArgument(
          () -> BinaryLinear.builder(context, weights).batchNorm(norm), "batchNorm", "1", "2");
      assertIllegalArgument(
          () -> BinaryLinear.builder(context, weights).inputScale(Float.NaN), "inputScale", "NaN");
    }
  }
}
