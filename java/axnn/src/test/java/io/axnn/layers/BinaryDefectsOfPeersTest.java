package io.axnn.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The shapes on which bitorch-engine's CPU layers crash or are wrong, each by its name. */
class BinaryDefectsOfPeersTest {

  private static List<Context> contexts;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
  }

  /** Its 1x1 path packs 4 pixels at a time, past the end of both buffers. */
  @Test
  void outputPixelsThatAreNoMultipleOf4() {
    for (int edge : new int[] {1, 3, 5, 7}) {
      check(Conv2dArgs.builder(64, 8, 1, 1).build(), 2, edge, edge);
    }
    check(Conv2dArgs.builder(16, 8, 3, 3).padding(Padding.of(1)).build(), 1, 7, 7);
  }

  /** Its rows of bits run into each other. */
  @Test
  void productsThatAreNoMultipleOf8() {
    check(Conv2dArgs.builder(3, 8, 3, 3).padding(Padding.of(1)).build(), 1, 6, 6);
    check(Conv2dArgs.builder(13, 5, 1, 1).build(), 2, 4, 4);
    checkLinear(13, 8, 3);
    checkLinear(1, 4, 2);
  }

  /** Its call frees the packed weights that it is given. */
  @Test
  void packedWeightsOfTheCallThatAreUsedTwice() {
    Random random = Seeds.random("BinaryDefectsOfPeersTest.packedWeightsOfTheCallThatAreUsedTwice");
    RandomConv conv = new RandomConv(Conv2dArgs.builder(16, 8, 3, 3).build(), 1, 8, 8);
    BinaryCase drawn = BinaryCase.draw(random, conv);
    for (Context context : contexts) {
      byte[] bytes = PackedBits.pack(context, drawn.weightTensor()).toByteArray();
      Tensor packed = Tensor.ofUnsigned(bytes, bytes.length);
      for (int call = 0; call < 3; call++) {
        float[] expected =
            BinaryConv2dForward.forward(
                    context, drawn.xTensor(), drawn.weightTensor(), 8, 36, 144, 3, 1, 0, 1, 6)
                .toFloatArray();
        Tensor y =
            BinaryConv2dForward.forward(
                context, drawn.xTensor(), packed, 8, 36, 144, 3, 1, 0, 1, 6);
        assertThat(y.toFloatArray()).containsExactly(expected);
        assertThat(packed.toByteArray()).containsExactly(bytes);
      }
    }
  }

  /** It frees the caller's packed weights after the first call. */
  @Test
  void packedWeightsThatAreUsedTwice() {
    Random random = Seeds.random("BinaryDefectsOfPeersTest.packedWeightsThatAreUsedTwice");
    RandomConv conv =
        new RandomConv(Conv2dArgs.builder(16, 8, 3, 3).padding(Padding.of(1)).build(), 1, 8, 8);
    BinaryCase drawn = BinaryCase.draw(random, conv);
    for (Context context : contexts) {
      PackedBits packed = PackedBits.pack(context, drawn.weightTensor());
      byte[] bytes = packed.toByteArray();
      for (int layers = 0; layers < 3; layers++) {
        try (BinaryConv2d layer =
            BinaryConv2d.fromPackedWeights(context, conv.args(), packed)
                .paddingValue(drawn.padding())
                .build()) {
          for (int run = 0; run < 3; run++) {
            assertThat(layer.accumulate(drawn.xTensor()).toLongArray()).isEqualTo(drawn.sums());
          }
        }
      }
      assertThat(packed.toByteArray()).isEqualTo(bytes);
    }
  }

  /** Its output is too large, with -1 beyond the image. */
  @Test
  void dilation() {
    check(Conv2dArgs.builder(8, 8, 3, 3).dilation(2).padding(Padding.of(1)).build(), 1, 9, 9);
    check(Conv2dArgs.builder(8, 8, 2, 3).dilation(3, 2).build(), 1, 9, 9);
  }

  /** It takes the height for the width. */
  @Test
  void rectangles() {
    check(Conv2dArgs.builder(8, 8, 3, 3).padding(Padding.of(1)).build(), 2, 4, 9);
    check(Conv2dArgs.builder(8, 8, 3, 3).padding(Padding.of(1)).build(), 2, 9, 4);
    check(Conv2dArgs.builder(8, 8, 1, 1).build(), 1, 5, 3);
    check(Conv2dArgs.builder(8, 8, 3, 1).stride(2, 1).build(), 1, 7, 6);
  }

  /** It packs 4 outputs at a time, past the end of both buffers. */
  @Test
  void linearOutputsThatAreNoMultipleOf4() {
    for (int out : new int[] {1, 2, 3, 5, 7}) {
      checkLinear(64, out, 3);
    }
  }

  /** It knows neither, nor a bias. */
  @Test
  void groupsAndAsymmetricPadding() {
    check(
        Conv2dArgs.builder(12, 8, 3, 3).groups(4).padding(new Padding(1, 0, 2, 1)).build(),
        1,
        6,
        5);
    check(Conv2dArgs.builder(9, 9, 3, 3).groups(9).padding(Padding.of(1)).build(), 1, 6, 5);
  }

  private static void check(Conv2dArgs args, int n, int h, int w) {
    Random random = Seeds.random("BinaryDefectsOfPeersTest");
    RandomConv conv = new RandomConv(args, n, h, w);
    BinaryCase drawn = BinaryCase.draw(random, conv);
    Tensor x = drawn.xTensor();
    for (Context context : contexts) {
      try (BinaryConv2d layer = drawn.conv2d(context)) {
        BinaryOutputs.assertAll(
            layer,
            x,
            PackedBits.packImage(context, x),
            drawn.sums(),
            drawn.output(),
            "%s on %s".formatted(drawn, context.tier()));
      }
    }
  }

  private static void checkLinear(int in, int out, int rows) {
    Random random = Seeds.random("BinaryDefectsOfPeersTest");
    BinaryCase drawn =
        BinaryCase.draw(
            random, new RandomConv(Conv2dArgs.builder(in, out, 1, 1).build(), rows, 1, 1));
    Tensor x = Tensor.of(drawn.x(), rows, in);
    for (Context context : contexts) {
      try (BinaryLinear layer = drawn.linear(context)) {
        BinaryOutputs.assertAll(
            layer,
            x,
            PackedBits.packRows(context, x),
            drawn.sums(),
            drawn.output(),
            "%s on %s".formatted(drawn, context.tier()));
      }
    }
  }
}
