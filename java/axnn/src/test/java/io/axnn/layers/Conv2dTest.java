package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.testing.Close;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Reference;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class Conv2dTest {

  private static final int CASES = 150;
  private static final Conv2dArgs ARGS = Conv2dArgs.builder(4, 6, 3, 3).groups(2).build();

  private static List<Context> contexts;
  private static Context context;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
    context = Context.create();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
    context.close();
  }

  @Test
  void agreesWithADoubleReferenceOnEveryTier() {
    Random random = Seeds.random("Conv2dTest.agreesWithADoubleReferenceOnEveryTier");
    for (int i = 0; i < CASES; i++) {
      RandomConv conv = RandomConv.draw(random);
      float[] x = Seeds.floats(random, conv.inputSize());
      float[] w = Seeds.floats(random, conv.weightSize());
      float[] bias = random.nextBoolean() ? Seeds.floats(random, conv.args().outChannels()) : null;
      double[] expected =
          Reference.convolve(
              conv, (weight, in) -> in == Reference.PADDED ? 0 : (double) w[weight] * x[in]);
      for (int j = 0; bias != null && j < expected.length; j++) {
        expected[j] += bias[Reference.channel(conv, expected.length, j)];
      }
      for (Context tier : contexts) {
        try (Conv2d layer =
            Conv2d.of(
                tier,
                conv.args(),
                Tensor.of(w, conv.args().weightShape()),
                bias == null ? null : Tensor.of(bias, bias.length))) {
          Tensor y = layer.forward(Tensor.of(x, conv.inputShape()));
          Close.assertClose(
              y.toFloatArray(), expected, "case %d on %s: %s".formatted(i, tier.tier(), conv));
        }
      }
    }
  }

  @Test
  void everyThreadCountGivesTheSameBits() {
    Random random = Seeds.random("Conv2dTest.everyThreadCountGivesTheSameBits");
    Conv2dArgs args = Conv2dArgs.builder(17, 33, 3, 3).padding(Padding.of(1)).build();
    Tensor x = Tensor.of(Seeds.floats(random, 2 * 17 * 40 * 37), 2, 17, 40, 37);
    Tensor w = Tensor.of(Seeds.floats(random, 33 * 17 * 9), args.weightShape());
    float[] expected = null;
    for (int threads : new int[] {1, 2, 3, 8}) {
      try (Context several = Context.builder().threads(threads).build();
          Conv2d layer = Conv2d.of(several, args, w, null)) {
        float[] y = layer.forward(x).toFloatArray();
        expected = expected == null ? y : expected;
        assertThat(y).as("%d threads", threads).isEqualTo(expected);
      }
    }
  }

  @Test
  void answersWhatItWasMadeFrom() {
    Tensor w = Tensor.allocate(DataType.FLOAT32, ARGS.weightShape());
    try (Conv2d layer = Conv2d.of(context, ARGS, w, null)) {
      assertThat(layer.convArgs()).isEqualTo(ARGS);
      assertThat(layer.weights().shape()).isEqualTo(ARGS.weightShape());
      assertThat(layer.outputShape(2, 4, 5, 9)).containsExactly(2, 6, 3, 7);
      assertThat(layer.explain(1, 4, 5, 9)).containsIgnoringCase(context.tier().name());
    }
  }

  @Test
  void changingTheWeightsTensorLaterChangesNothing() {
    Tensor w = Tensor.of(new float[] {2}, 1, 1, 1, 1);
    Tensor x = Tensor.of(new float[] {3}, 1, 1, 1, 1);
    try (Conv2d layer = Conv2d.of(context, Conv2dArgs.builder(1, 1, 1, 1).build(), w, null)) {
      w.copyFrom(new float[] {100});
      assertThat(layer.forward(x).toFloatArray()).containsExactly(6);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor w = Tensor.allocate(DataType.FLOAT32, ARGS.weightShape());
    assertIllegalArgument(
        () -> Conv2d.of(context, ARGS, Tensor.allocate(DataType.FLOAT32, 6, 2, 3, 2), null),
        "weights",
        "[6, 2, 3, 2]",
        "[6, 2, 3, 3]");
    assertIllegalArgument(
        () -> Conv2d.of(context, ARGS, Tensor.allocate(DataType.INT64, 6, 2, 3, 3), null),
        "weights",
        "INT64",
        "FLOAT32");
    assertIllegalArgument(
        () -> Conv2d.of(context, ARGS, w, Tensor.allocate(DataType.FLOAT32, 6, 1)),
        "bias",
        "[6, 1]",
        "[6]");
    assertThatThrownBy(() -> Conv2d.of(context, ARGS, null, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("weights");
    try (Conv2d layer = Conv2d.of(context, ARGS, w, null)) {
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 1, 2, 8, 8)), "x", "2", "4");
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 1, 4, 2, 8)), "2 x 8", "3 x 3");
      assertIllegalArgument(
          () ->
              layer.forward(
                  Tensor.allocate(DataType.FLOAT32, 1, 4, 8, 8),
                  Tensor.allocate(DataType.FLOAT32, 2, 6, 6, 6)),
          "y",
          "[2, 6, 6, 6]",
          "[1, 6, 6, 6]");
    }
  }

  @Test
  void refusesAnOutputThatOverlapsTheInput() {
    Conv2dArgs args = Conv2dArgs.builder(1, 1, 1, 1).build();
    Tensor both = Tensor.allocate(DataType.FLOAT32, 3, 1, 2, 2);
    Tensor w = Tensor.allocate(DataType.FLOAT32, 1, 1, 1, 1);
    try (Conv2d layer = Conv2d.of(context, args, w, null)) {
      assertIllegalArgument(() -> layer.forward(both, both), "overlap");
      assertIllegalArgument(() -> layer.forward(both.slice(0, 2), both.slice(1, 3)), "overlap");
      layer.forward(both.slice(0, 1), both.slice(1, 2));
    }
  }
}
