package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.testing.Exact;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BinaryLinearTest {

  private static final int CASES = 100;

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
  void equalsTheReferenceOnEveryTier() {
    Random random = Seeds.random("BinaryLinearTest.equalsTheReferenceOnEveryTier");
    for (int i = 0; i < CASES; i++) {
      BinaryCase drawn = BinaryCase.draw(random, RandomConv.drawLinear(random));
      int in = drawn.conv().args().inChannels();
      Tensor x = Tensor.of(drawn.x(), drawn.conv().batch(), in);
      String name = "case %d: %s".formatted(i, drawn);
      for (Context tier : contexts) {
        try (BinaryLinear layer = build(drawn, tier)) {
          BinaryOutputs.assertAll(
              layer,
              x,
              PackedBits.packRows(tier, x),
              drawn.sums(),
              drawn.output(),
              name + " on " + tier.tier());
        }
      }
      Exact.assertEqualOnEveryTier(
          contexts,
          tier -> {
            try (BinaryLinear layer = build(drawn, tier)) {
              return layer.forward(x).toFloatArray();
            }
          },
          drawn.output(),
          name);
    }
  }

  private static BinaryLinear build(BinaryCase drawn, Context tier) {
    Conv2dArgs args = drawn.conv().args();
    BinaryLinear.Builder builder =
        BinaryLinear.builder(
                tier, Tensor.of(drawn.weights(), args.outChannels(), args.inChannels()))
            .outputRange(drawn.outputMin(), drawn.outputMax());
    if (drawn.scale() != null) {
      builder.scale(drawn.scale());
    }
    if (drawn.bias() != null) {
      builder.bias(Tensor.of(drawn.bias(), drawn.bias().length));
    }
    return builder.build();
  }

  @Test
  void leadingDimensionsAreRows() {
    Random random = Seeds.random("BinaryLinearTest.leadingDimensionsAreRows");
    Tensor w = Tensor.of(Seeds.floats(random, 5 * 13), 5, 13);
    Tensor x = Tensor.of(Seeds.floats(random, 6 * 13), 2, 3, 13);
    try (BinaryLinear layer = BinaryLinear.builder(context, w).build()) {
      assertThat(layer.forward(x).shape()).containsExactly(2, 3, 5);
      assertThat(layer.forward(x).toFloatArray())
          .isEqualTo(layer.forward(x.reshape(6, 13)).toFloatArray());
      PackedBits bits = PackedBits.packRows(context, x);
      assertThat(bits.shape()).containsExactly(2, 3, 13);
      assertThat(layer.forward(bits).shape()).containsExactly(2, 3, 5);
      assertThat(layer.forwardBits(bits).shape()).containsExactly(2, 3, 5);
      assertThat(layer.forwardSums(bits).toIntArray())
          .isEqualTo(layer.forwardSums(x.reshape(6, 13)).toIntArray());
      assertThat(layer.packedWeights().toByteArray())
          .isEqualTo(PackedBits.pack(context, w).toByteArray());
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertIllegalArgument(
        () -> BinaryLinear.builder(context, Tensor.allocate(DataType.FLOAT32, 5)).build(),
        "weights",
        "[5]");
    Tensor w = Tensor.allocate(DataType.FLOAT32, 5, 13);
    assertIllegalArgument(
        () -> BinaryLinear.builder(context, w).scale(1, 2).build(), "scale", "2", "5");
    assertIllegalArgument(
        () -> BinaryLinear.builder(context, w).bias(Tensor.allocate(DataType.FLOAT32, 6)).build(),
        "bias",
        "[6]",
        "[5]");
    try (BinaryLinear layer = BinaryLinear.builder(context, w).build()) {
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 2, 12)), "x", "12", "13");
      assertIllegalArgument(
          () -> layer.forwardBits(PackedBits.of(new byte[4], 2, 12)), "x", "12", "13");
    }
    assertIllegalArgument(
        () ->
            BinaryLinear.fromPackedWeights(context, 13, 0, new byte[0], PackedWeightFormat.ROWS),
        "outFeatures",
        "0");
    assertIllegalArgument(
        () ->
            BinaryLinear.fromPackedWeights(context, 13, 5, new byte[9], PackedWeightFormat.ROWS),
        "packedWeights",
        "9",
        "10",
        "ROWS");
  }
}
