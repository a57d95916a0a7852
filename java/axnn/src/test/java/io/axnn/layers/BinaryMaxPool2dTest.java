package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BinaryMaxPool2dTest {

  private static List<Context> contexts;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
  }

  @Test
  void isTheOrOfEveryWindowOrTheAnd() {
    Random random = Seeds.random("BinaryMaxPool2dTest.isTheOrOfEveryWindowOrTheAnd");
    for (int i = 0; i < 80; i++) {
      int channels = 1 + random.nextInt(140);
      int kernelHeight = 1 + random.nextInt(3);
      int kernelWidth = 1 + random.nextInt(3);
      Padding padding =
          new Padding(random.nextInt(3), random.nextInt(3), random.nextInt(3), random.nextInt(3));
      Conv2dArgs args =
          Conv2dArgs.builder(channels, channels, kernelHeight, kernelWidth)
              .stride(1 + random.nextInt(2), 1 + random.nextInt(3))
              .dilation(1 + random.nextInt(2), 1 + random.nextInt(2))
              .padding(padding)
              .groups(channels)
              .build();
      int h = 5 + random.nextInt(4);
      int w = 5 + random.nextInt(6);
      float[] scale = random.nextInt(4) == 0 ? null : Seeds.floats(random, channels);
      Tensor x = Tensor.of(Seeds.floats(random, 2 * channels * h * w), 2, channels, h, w);
      for (Context context : contexts) {
        BinaryMaxPool2d.Builder builder =
            BinaryMaxPool2d.builder(context, kernelHeight, kernelWidth)
                .stride(args.strideHeight(), args.strideWidth())
                .dilation(args.dilationHeight(), args.dilationWidth())
                .padding(padding);
        if (scale != null) {
          builder.fallingWhere(scale);
        }
        BinaryMaxPool2d pool = builder.build();
        PackedBits bits = PackedBits.packImage(context, x);
        PackedBits y = pool.forward(bits);
        assertThat(y.shape()).isEqualTo(pool.outputShape(bits.shape()));
        assertThat(y.toByteArray())
            .as("case %d: %s on %s", i, args, context.tier())
            .isEqualTo(reference(args, bits, scale, y.shape()).toByteArray());
      }
    }
  }

  private static PackedBits reference(
      Conv2dArgs args, PackedBits x, float[] scaleOrNull, int[] shape) {
    int h = x.shape()[1];
    int w = x.shape()[2];
    int channels = shape[3];
    byte[] signs = new byte[shape[0] * shape[1] * shape[2] * channels];
    int next = 0;
    for (int n = 0; n < shape[0]; n++) {
      for (int oy = 0; oy < shape[1]; oy++) {
        for (int ox = 0; ox < shape[2]; ox++) {
          for (int c = 0; c < channels; c++) {
            boolean and = scaleOrNull != null && scaleOrNull[c] < 0;
            boolean result = and;
            for (int ky = 0; ky < args.kernelHeight(); ky++) {
              for (int kx = 0; kx < args.kernelWidth(); kx++) {
                int iy =
                    oy * args.strideHeight() - args.padding().top() + ky * args.dilationHeight();
                int ix =
                    ox * args.strideWidth() - args.padding().left() + kx * args.dilationWidth();
                if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
                  boolean bit = x.get((n * h + iy) * w + ix, c);
                  result = and ? result && bit : result || bit;
                }
              }
            }
            signs[next++] = (byte) (result ? 1 : -1);
          }
        }
      }
    }
    return PackedBits.packRows(contexts.get(0), Tensor.of(signs, shape));
  }

  @Test
  void windowsLieSideBySideUnlessSaidOtherwise() {
    BinaryMaxPool2d pool = BinaryMaxPool2d.builder(contexts.get(0), 2, 3).build();
    assertThat(pool.outputShape(1, 6, 6, 9)).containsExactly(1, 3, 2, 9);
    assertThat(pool.forward(PackedBits.of(new byte[72], 1, 6, 6, 9)).shape())
        .containsExactly(1, 3, 2, 9);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Context context = contexts.get(0);
    assertIllegalArgument(() -> BinaryMaxPool2d.builder(context, 0, 2), "kernelHeight", "0");
    assertIllegalArgument(
        () -> BinaryMaxPool2d.builder(context, 2, 2).stride(0, 1).build(), "strideHeight", "0");
    assertIllegalArgument(
        () -> BinaryMaxPool2d.builder(context, 2, 2).fallingWhere(), "scale", "empty");
    assertIllegalArgument(
        () -> BinaryMaxPool2d.builder(context, 2, 2).fallingWhere(1, Float.NaN), "scale[1]", "NaN");
    BinaryMaxPool2d pool =
        BinaryMaxPool2d.builder(context, 2, 2).fallingWhere(new float[9]).build();
    assertIllegalArgument(
        () -> pool.forward(PackedBits.of(new byte[16], 1, 4, 4, 8)), "[1, 4, 4, 8]", "h, w, 9");
    assertIllegalArgument(() -> pool.forward(PackedBits.of(new byte[8], 4, 9)), "x", "[4, 9]");
    assertIllegalArgument(
        () -> pool.forward(PackedBits.of(new byte[4], 1, 1, 2, 9)), "1 x 2", "no output pixel");
    assertThatNullPointerException().isThrownBy(() -> pool.forward(null)).withMessage("x");
    Context closed = Context.create();
    BinaryMaxPool2d late = BinaryMaxPool2d.builder(closed, 1, 1).build();
    closed.close();
    assertIllegalState(
        () -> late.forward(PackedBits.of(new byte[1], 1, 1, 1, 1)), "Context", "closed");
  }
}
