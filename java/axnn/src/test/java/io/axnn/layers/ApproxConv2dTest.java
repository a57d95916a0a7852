package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.Exact;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ApproxConv2dTest {

  private static final int CASES = 150;
  private static final Conv2dArgs ARGS = Conv2dArgs.builder(4, 6, 3, 3).groups(2).build();

  private static List<Context> contexts;
  private static Context context;
  private static Multiplier exact;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
    context = Context.create();
    exact = Multiplier.exact();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
    context.close();
    exact.close();
  }

  @Test
  void equalsTheReferenceOnEveryTier() {
    Random random = Seeds.random("ApproxConv2dTest.equalsTheReferenceOnEveryTier");
    for (int i = 0; i < CASES; i++) {
      ApproxCase drawn = ApproxCase.draw(random, RandomConv.draw(random));
      try (Multiplier multiplier = drawn.multiplier()) {
        String name = "case %d: %s".formatted(i, drawn);
        for (Context tier : contexts) {
          try (ApproxConv2d layer = drawn.build(tier, multiplier)) {
            assertThat(layer.accumulate(drawn.xTensor()).toLongArray())
                .as("sums of %s on %s", name, tier.tier())
                .isEqualTo(drawn.sums());
          }
        }
        Exact.assertEqualOnEveryTier(
            contexts,
            tier -> {
              try (ApproxConv2d layer = drawn.build(tier, multiplier)) {
                return layer.forward(drawn.xTensor()).toFloatArray();
              }
            },
            drawn.output(),
            name);
      }
    }
  }

  @Test
  void everyThreadCountGivesTheSameBits() {
    Random random = Seeds.random("ApproxConv2dTest.everyThreadCountGivesTheSameBits");
    RandomConv conv =
        new RandomConv(Conv2dArgs.builder(16, 24, 3, 3).padding(Padding.of(1)).build(), 2, 40, 37);
    ApproxCase drawn = ApproxCase.draw(random, conv);
    float[] y = drawn.output();
    for (int threads : new int[] {1, 2, 3, 8}) {
      try (Context several = Context.builder().threads(threads).build();
          Multiplier multiplier = drawn.multiplier();
          ApproxConv2d layer = drawn.build(several, multiplier)) {
        Exact.assertEqual(layer.forward(drawn.xTensor()).toFloatArray(), y, threads + " threads");
      }
    }
  }

  @Test
  void sumsAbove32BitsDoNotWrap() {
    Conv2dArgs args = Conv2dArgs.builder(40, 1, 3, 3).build();
    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 40, 3, 3);
    Tensor weights = Tensor.allocate(DataType.FLOAT32, args.weightShape());
    for (int entry : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      try (Multiplier constant =
              Multiplier.fromFunction("c", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> entry);
          ApproxConv2d layer =
              ApproxConv2d.builder(context, args, weights, null)
                  .multiplier(constant)
                  .inputQuantization(Quantization.symmetric(1))
                  .build()) {
        assertThat(layer.accumulate(x).toLongArray()).containsExactly(360L * entry);
        assertThat(layer.forward(x).toFloatArray()).containsExactly((float) (360L * entry));
      }
    }
  }

  @Test
  void unsignedOperandsTakeUnsignedCodes() {
    Conv2dArgs args = Conv2dArgs.builder(1, 1, 1, 1).build();
    Tensor x = Tensor.of(new float[] {0, 1, 200, 255, 300}, 1, 1, 1, 5);
    try (Multiplier multiplier =
            Multiplier.fromFunction("u", Operand.SIGNED8, Operand.UNSIGNED8, (a, b) -> a * b);
        ApproxConv2d layer =
            ApproxConv2d.builder(context, args, Tensor.of(new float[] {-3}, 1, 1, 1, 1), null)
                .multiplier(multiplier)
                .inputQuantization(new Quantization(1, 0, 0, 255))
                .weightQuantization(
                    new WeightQuantization(new float[] {1}, new int[] {0}, -127, 127))
                .build()) {
      assertThat(layer.accumulate(x).toLongArray()).containsExactly(0, -3, -600, -765, -765);
    }
  }

  @Test
  void theDefaultsAreThoseOfTheDocument() {
    Random random = Seeds.random("ApproxConv2dTest.theDefaultsAreThoseOfTheDocument");
    float[] weights = Seeds.floats(random, 6 * 2 * 9);
    Arrays.fill(weights, 0, 18, 0);
    Tensor w = Tensor.of(weights, ARGS.weightShape());
    try (ApproxConv2d layer =
        ApproxConv2d.builder(context, ARGS, w, null)
            .multiplier(exact)
            .inputQuantization(Quantization.symmetric(0.01f))
            .build()) {
      assertThat(layer.weightQuantization()).isEqualTo(WeightQuantization.perChannel(w));
      assertThat(layer.weightQuantization().scales()[0]).isEqualTo(1);
      assertThat(layer.inputQuantization()).contains(Quantization.symmetric(0.01f));
      assertThat(layer.multiplier()).contains(exact);
      assertThat(layer.bias()).isEmpty();
      assertThat(layer.weights().toFloatArray()).isEqualTo(weights);
      assertThat(layer.paddingCode()).isEqualTo(PaddingCode.ZERO_POINT);
      assertThat(layer.operandOrder()).isEqualTo(OperandOrder.WEIGHT_FIRST);
      assertThat(layer.zeroPointCorrection()).isEqualTo(ZeroPointCorrection.EXACT);
      assertThat(layer.useFastDwConv()).isFalse();
      assertThat(layer.convArgs()).isEqualTo(ARGS);
      assertThat(layer.fanIn()).isEqualTo(18);
      assertThat(layer.outputDims(7, 5)).containsExactly(5, 3);
      assertThat(layer.outputShape(3, 4, 7, 5)).containsExactly(3, 6, 5, 3);
    }
  }

  @Test
  void fromConv2dTakesWeightsBiasAndShape() {
    Random random = Seeds.random("ApproxConv2dTest.fromConv2dTakesWeightsBiasAndShape");
    ApproxCase drawn = ApproxCase.draw(random, RandomConv.draw(random));
    try (Conv2d conv =
            Conv2d.of(context, drawn.conv().args(), drawn.weightTensor(), drawn.biasTensor());
        Multiplier multiplier = drawn.multiplier();
        ApproxConv2d direct = drawn.build(context, multiplier);
        ApproxConv2d layer =
            ApproxConv2d.fromSuper(context, conv)
                .multiplier(multiplier)
                .inputQuantization(drawn.input())
                .weightQuantization(drawn.weightQuantization())
                .operandOrder(drawn.order())
                .paddingCode(drawn.paddingCode())
                .zeroPointCorrection(drawn.correction())
                .outputRange(drawn.outputMin(), drawn.outputMax())
                .build()) {
      assertThat(layer.forward(drawn.xTensor()).toFloatArray())
          .isEqualTo(direct.forward(drawn.xTensor()).toFloatArray());
    }
  }

  @Test
  void theExactTableApproximatesTheFloatLayer() {
    Random random = Seeds.random("ApproxConv2dTest.theExactTableApproximatesTheFloatLayer");
    Tensor x = Tensor.of(Seeds.floats(random, 4 * 81), 1, 4, 9, 9);
    Tensor w = Tensor.of(Seeds.floats(random, 6 * 18), ARGS.weightShape());
    try (Conv2d conv = Conv2d.of(context, ARGS, w, null);
        ApproxConv2d layer =
            ApproxConv2d.fromConv2d(context, conv)
                .multiplier(exact)
                .inputQuantization(Quantization.ofRange(-1, 1))
                .build()) {
      float[] y = layer.forward(x).toFloatArray();
      float[] expected = conv.forward(x).toFloatArray();
      for (int i = 0; i < y.length; i++) {
        // 18 products of values up to 1, each operand off by at most half of 1/127.
        assertThat(Math.abs(y[i] - expected[i])).isLessThan(18f / 127);
      }
    }
  }

  @Test
  void forwardWritesIntoTheTensorItIsGiven() {
    Random random = Seeds.random("ApproxConv2dTest.forwardWritesIntoTheTensorItIsGiven");
    RandomConv conv = new RandomConv(ARGS, 1, 5, 5);
    ApproxCase drawn = ApproxCase.draw(random, conv);
    Tensor both = Tensor.allocate(DataType.FLOAT32, 3, 6, 3, 3);
    try (Multiplier multiplier = drawn.multiplier();
        ApproxConv2d layer = drawn.build(context, multiplier)) {
      layer.forward(drawn.xTensor(), both.slice(1, 2));
    }
    Exact.assertEqual(both.slice(1, 2).toFloatArray(), drawn.output(), drawn.toString());
    assertThat(both.slice(0, 1).toFloatArray()).containsOnly(0);
    assertThat(both.slice(2, 3).toFloatArray()).containsOnly(0);
  }

  @Test
  void explainNamesTheTier() {
    try (ApproxConv2d layer = builder().build()) {
      assertThat(layer.explain(1, 4, 8, 8))
          .isNotBlank()
          .containsIgnoringCase(context.tier().name())
          .doesNotContain("\n", "\0");
    }
  }

  @Test
  void opCountIsThatOfTheFirstForward() {
    try (ApproxConv2d layer = builder().build()) {
      assertIllegalState(layer::opCount, "opCount");
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 1, 4, 2, 2)), "2 x 2");
      assertIllegalState(layer::opCount, "opCount");
      layer.forward(Tensor.allocate(DataType.FLOAT32, 3, 4, 8, 5));
      layer.forward(Tensor.allocate(DataType.FLOAT32, 1, 4, 9, 9));
      // 18 products for each of 6 channels of 6 x 3 pixels.
      assertThat(layer.opCount()).isEqualTo(18 * 6 * 6 * 3).isEqualTo(layer.opCount(8, 5));
      assertIllegalArgument(() -> layer.opCount(2, 8), "2 x 8");
    }
  }

  @Test
  void refusesWeightsAndBiasOfOtherShapes() {
    Tensor w = Tensor.allocate(DataType.FLOAT32, ARGS.weightShape());
    assertIllegalArgument(
        () -> builder(Tensor.allocate(DataType.FLOAT32, 6, 4, 3, 3), null).build(),
        "weights",
        "[6, 4, 3, 3]",
        "[6, 2, 3, 3]");
    assertIllegalArgument(
        () -> builder(Tensor.allocate(DataType.INT8, ARGS.weightShape()), null).build(),
        "weights",
        "INT8",
        "FLOAT32");
    assertIllegalArgument(
        () -> builder(w, Tensor.allocate(DataType.FLOAT32, 5)).build(), "bias", "[5]", "[6]");
    assertIllegalArgument(
        () -> builder(w, Tensor.allocate(DataType.INT32, 6)).build(), "bias", "INT32", "FLOAT32");
  }

  @Test
  void refusesInputsThatDoNotFit() {
    try (ApproxConv2d layer = builder().build()) {
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 1, 3, 8, 8)), "x", "3", "4");
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 4, 8, 8)), "x", "[4, 8, 8]");
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.INT8, 1, 4, 8, 8)), "x", "INT8", "FLOAT32");
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 1, 4, 2, 8)), "2 x 8", "3 x 3");
      assertIllegalArgument(
          () -> layer.accumulate(Tensor.allocate(DataType.FLOAT32, 1, 4, 8, 2)), "8 x 2", "3 x 3");
      assertIllegalArgument(() -> layer.outputDims(2, 8), "2 x ");
      assertIllegalArgument(() -> layer.outputShape(1, 5, 8, 8), "5", "4");
      assertIllegalArgument(() -> layer.explain(1, 4, 2, 2), "2 x ");
    }
  }

  @Test
  void refusesOutputsThatDoNotFit() {
    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 4, 8, 8);
    try (ApproxConv2d layer = builder().build()) {
      assertIllegalArgument(
          () -> layer.forward(x, Tensor.allocate(DataType.FLOAT32, 1, 6, 6, 5)),
          "y",
          "[1, 6, 6, 5]",
          "[1, 6, 6, 6]");
      assertIllegalArgument(
          () -> layer.forward(x, Tensor.allocate(DataType.INT32, 1, 6, 6, 6)),
          "y",
          "INT32",
          "FLOAT32");
    }
  }

  @Test
  void refusesCodesOutsideTheMultipliersOperands() {
    assertIllegalArgument(
        () -> builder().inputQuantization(new Quantization(1, 0, 0, 255)).build(),
        "inputQuantization",
        "255",
        "127");
    try (Multiplier sevenBits =
        Multiplier.fromFunction(
            "7", new Operand(7, true), new Operand(7, false), (a, b) -> a * b)) {
      assertIllegalArgument(
          () ->
              builder().multiplier(sevenBits).inputQuantization(Quantization.unsigned7(1)).build(),
          "weightQuantization",
          "-127",
          "-64");
      assertIllegalArgument(
          () ->
              builder()
                  .multiplier(sevenBits)
                  .operandOrder(OperandOrder.ACTIVATION_FIRST)
                  .inputQuantization(Quantization.unsigned7(1))
                  .weightQuantization(
                      new WeightQuantization(new float[] {1}, new int[] {0}, 0, 100))
                  .build(),
          "inputQuantization",
          "127",
          "63");
    }
  }

  @Test
  void refusesWeightQuantizationOfAnotherLength() {
    assertIllegalArgument(
        () ->
            builder()
                .weightQuantization(new WeightQuantization(new float[5], new int[5], -127, 127))
                .build(),
        "scale");
    float[] ones = {1, 1, 1, 1, 1};
    assertIllegalArgument(
        () ->
            builder()
                .weightQuantization(new WeightQuantization(ones, new int[5], -127, 127))
                .build(),
        "scales",
        "5",
        "6");
  }

  @Test
  void refusesScalesWhoseProductIsNoFloat() {
    assertIllegalArgument(
        () ->
            builder()
                .inputQuantization(Quantization.symmetric(1e30f))
                .weightQuantization(
                    new WeightQuantization(new float[] {1e30f}, new int[] {0}, -127, 127))
                .build(),
        "scale");
    assertIllegalArgument(
        () ->
            builder()
                .inputQuantization(Quantization.symmetric(1e-30f))
                .weightQuantization(
                    new WeightQuantization(new float[] {1e-30f}, new int[] {0}, -127, 127))
                .build(),
        "scale");
  }

  @Test
  void refusesOutputRangesThatAreNone() {
    assertIllegalArgument(() -> builder().outputRange(1, 0).build(), "outputRange", "1.0", "0.0");
    assertIllegalArgument(() -> builder().outputRange(Float.NaN, 0).build(), "outputRange", "NaN");
    assertIllegalArgument(() -> builder().outputRange(0, Float.NaN).build(), "outputRange", "NaN");
  }

  private static ApproxConv2d.Builder builder() {
    return builder(Tensor.allocate(DataType.FLOAT32, ARGS.weightShape()), null);
  }

  private static ApproxConv2d.Builder builder(Tensor weights, Tensor bias) {
    return ApproxConv2d.builder(context, ARGS, weights, bias)
        .multiplier(exact)
        .inputQuantization(Quantization.symmetric(1));
  }
}
