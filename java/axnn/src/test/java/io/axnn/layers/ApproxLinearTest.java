package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.Exact;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ApproxLinearTest {

  private static final int CASES = 100;

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
    Random random = Seeds.random("ApproxLinearTest.equalsTheReferenceOnEveryTier");
    for (int i = 0; i < CASES; i++) {
      ApproxCase drawn = ApproxCase.draw(random, RandomConv.drawLinear(random));
      try (Multiplier multiplier = drawn.multiplier()) {
        String name = "case %d: %s".formatted(i, drawn);
        for (Context tier : contexts) {
          try (ApproxLinear layer = drawn.buildLinear(tier, multiplier)) {
            assertThat(layer.accumulate(drawn.rowsTensor()).toLongArray())
                .as("sums of %s on %s", name, tier.tier())
                .isEqualTo(drawn.sums());
          }
        }
        Exact.assertEqualOnEveryTier(
            contexts,
            tier -> {
              try (ApproxLinear layer = drawn.buildLinear(tier, multiplier)) {
                return layer.forward(drawn.rowsTensor()).toFloatArray();
              }
            },
            drawn.output(),
            name);
      }
    }
  }

  @Test
  void leadingDimensionsAreRows() {
    Random random = Seeds.random("ApproxLinearTest.leadingDimensionsAreRows");
    Tensor w = Tensor.of(Seeds.floats(random, 5 * 7), 5, 7);
    Tensor x = Tensor.of(Seeds.floats(random, 24 * 7), 2, 3, 4, 7);
    try (ApproxLinear layer = builder(w, null).build()) {
      assertThat(layer.outputShape(2, 3, 4, 7)).containsExactly(2, 3, 4, 5);
      Tensor y = layer.forward(x);
      assertThat(y.shape()).containsExactly(2, 3, 4, 5);
      assertThat(y.toFloatArray()).isEqualTo(layer.forward(x.reshape(24, 7)).toFloatArray());
      assertThat(layer.accumulate(x).shape()).containsExactly(2, 3, 4, 5);
      Tensor vector = layer.forward(x.reshape(24, 7).slice(0, 1).reshape(7));
      assertThat(vector.shape()).containsExactly(5);
    }
  }

  @Test
  void fromLinearTakesWeightsAndBias() {
    Random random = Seeds.random("ApproxLinearTest.fromLinearTakesWeightsAndBias");
    Tensor w = Tensor.of(Seeds.floats(random, 5 * 7), 5, 7);
    Tensor bias = Tensor.of(Seeds.floats(random, 5), 5);
    Tensor x = Tensor.of(Seeds.floats(random, 2 * 7), 2, 7);
    try (Linear linear = Linear.of(context, w, bias);
        ApproxLinear direct = builder(w, bias).build();
        ApproxLinear layer =
            ApproxLinear.fromSuper(context, linear)
                .multiplier(exact)
                .inputQuantization(Quantization.symmetric(1f / 127))
                .build()) {
      assertThat(layer.forward(x).toFloatArray()).isEqualTo(direct.forward(x).toFloatArray());
      assertThat(layer.weightQuantization()).isEqualTo(WeightQuantization.perChannel(w));
      assertThat(layer.fanIn()).isEqualTo(7);
      assertThat(layer.opCount()).isEqualTo(35);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor w = Tensor.allocate(DataType.FLOAT32, 5, 7);
    assertIllegalArgument(
        () -> builder(Tensor.allocate(DataType.FLOAT32, 5, 7, 1), null).build(),
        "weights",
        "[5, 7, 1]");
    assertIllegalArgument(
        () -> builder(Tensor.allocate(DataType.INT32, 5, 7), null).build(), "weights", "INT32");
    assertIllegalArgument(
        () -> builder(w, Tensor.allocate(DataType.FLOAT32, 7)).build(), "bias", "[7]", "[5]");
    try (ApproxLinear layer = builder(w, null).build()) {
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 2, 6)), "x", "6", "7");
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.INT8, 2, 7)), "x", "INT8", "FLOAT32");
      assertIllegalArgument(
          () ->
              layer.forward(
                  Tensor.allocate(DataType.FLOAT32, 2, 7), Tensor.allocate(DataType.FLOAT32, 7, 2)),
          "y",
          "[7, 2]",
          "[2, 5]");
    }
  }

  private static ApproxLinear.Builder builder(Tensor weights, Tensor bias) {
    return ApproxLinear.builder(context, weights, bias)
        .multiplier(exact)
        .inputQuantization(Quantization.symmetric(1f / 127));
  }
}
