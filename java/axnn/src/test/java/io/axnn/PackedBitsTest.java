package io.axnn;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PackedBitsTest {

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
  void lowestBitFirstAndEveryRowOnAByte() {
    float[] signs = {1, -1, 0f, -0f, Float.NaN, -2, 3, -4, 5, -1, -1, -1, -1, -1, -1, -1, -1, 1};
    for (Context context : contexts) {
      PackedBits bits = PackedBits.pack(context, Tensor.of(signs, 2, 9));
      assertThat(bits.rows()).isEqualTo(2);
      assertThat(bits.columns()).isEqualTo(9);
      // + - + + - - + -   + ...; NaN is -1, both zeros are +1.
      assertThat(bits.toByteArray()).containsExactly(0b01001101, 1, 0, 1);
      assertThat(bits.memory().byteSize()).isEqualTo(4);
    }
  }

  @Test
  void equalsTheReferenceOnEveryTier() {
    Random random = Seeds.random("PackedBitsTest.equalsTheReferenceOnEveryTier");
    for (int columns = 1; columns < 140; columns += 1 + random.nextInt(3)) {
      int rows = 1 + random.nextInt(4);
      float[] values = Seeds.floats(random, rows * columns);
      for (Context context : contexts) {
        PackedBits bits = PackedBits.pack(context, Tensor.of(values, rows, columns));
        for (int r = 0; r < rows; r++) {
          for (int c = 0; c < columns; c++) {
            assertThat(bits.get(r, c))
                .as("[%d, %d] of %d columns on %s", r, c, columns, context.tier())
                .isEqualTo(values[r * columns + c] >= 0);
          }
        }
        assertThat(PackedBits.of(bits.toByteArray(), rows, columns).toByteArray())
            .isEqualTo(bits.toByteArray());
      }
    }
  }

  @Test
  void aRowIsEverythingBehindTheFirstAxis() {
    Random random = Seeds.random("PackedBitsTest.aRowIsEverythingBehindTheFirstAxis");
    Tensor weights = Tensor.of(Seeds.floats(random, 2 * 3 * 5), 2, 3, 5, 1);
    Context context = contexts.get(0);
    PackedBits bits = PackedBits.pack(context, weights);
    assertThat(bits.rows()).isEqualTo(2);
    assertThat(bits.columns()).isEqualTo(15);
    assertThat(bits.toByteArray())
        .isEqualTo(PackedBits.pack(context, weights.reshape(2, 15)).toByteArray());
  }

  @Test
  void anImageHasItsChannelsInnermost() {
    Random random = Seeds.random("PackedBitsTest.anImageHasItsChannelsInnermost");
    for (int channels = 1; channels < 140; channels += 1 + random.nextInt(9)) {
      int n = 1 + random.nextInt(2);
      int h = 1 + random.nextInt(5);
      int w = 1 + random.nextInt(9);
      Tensor x = Tensor.of(Seeds.floats(random, n * channels * h * w), n, channels, h, w);
      float[] values = x.toFloatArray();
      for (Context context : contexts) {
        PackedBits bits = PackedBits.packImage(context, x);
        assertThat(bits.shape()).containsExactly(n, h, w, channels);
        assertThat(bits.rows()).isEqualTo(n * h * w);
        assertThat(bits.columns()).isEqualTo(channels);
        Tensor back = bits.unpackImage();
        assertThat(back.shape()).isEqualTo(x.shape());
        for (int i = 0; i < values.length; i++) {
          int pixel = i % (h * w);
          int channel = i / (h * w) % channels;
          int image = i / (h * w) / channels;
          assertThat(bits.get(image * h * w + pixel, channel)).isEqualTo(values[i] >= 0);
        }
        assertThat(back.toFloatArray()).isEqualTo(signs(values));
        assertThat(PackedBits.packImage(context, back).toByteArray())
            .isEqualTo(bits.toByteArray());
        assertThat(PackedBits.of(bits.toByteArray(), bits.shape()).shape())
            .isEqualTo(bits.shape());
      }
    }
  }

  private static float[] signs(float[] values) {
    float[] signs = new float[values.length];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = values[i] >= 0 ? 1 : -1;
    }
    return signs;
  }

  @Test
  void bytesOfPlusAndMinusOneAreSigns() {
    Random random = Seeds.random("PackedBitsTest.bytesOfPlusAndMinusOneAreSigns");
    Tensor floats = Tensor.of(Seeds.floats(random, 2 * 3 * 11), 2, 3, 11);
    for (Context context : contexts) {
      PackedBits bits = PackedBits.packRows(context, floats);
      assertThat(bits.shape()).containsExactly(2, 3, 11);
      Tensor bytes = bits.unpack();
      assertThat(bytes.dataType()).isEqualTo(DataType.INT8);
      assertThat(bytes.shape()).containsExactly(2, 3, 11);
      assertThat(PackedBits.packRows(context, bytes).toByteArray()).isEqualTo(bits.toByteArray());
      assertThat(PackedBits.pack(context, bytes).toByteArray())
          .isEqualTo(PackedBits.pack(context, floats).toByteArray());
      Tensor image = bytes.reshape(2, 3, 11, 1);
      assertThat(PackedBits.packImage(context, image).unpackImage().toFloatArray())
          .isEqualTo(signs(floats.toFloatArray()));
      assertThat(bits.reshape(6, 11).toByteArray()).isEqualTo(bits.toByteArray());
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Context context = contexts.get(0);
    assertIllegalArgument(
        () -> PackedBits.pack(context, Tensor.allocate(DataType.INT32, 2, 2)),
        "x",
        "INT32",
        "FLOAT32",
        "INT8");
    Tensor bytes = Tensor.of(new byte[] {1, -1, 1, 2}, 2, 2);
    assertIllegalArgument(() -> PackedBits.pack(context, bytes), "x", "2 at element 3", "-1");
    assertIllegalArgument(() -> PackedBits.packRows(context, bytes), "2 at element 3");
    assertIllegalArgument(
        () -> PackedBits.packImage(context, bytes), "x", "[2, 2]", "[n, channels, h, w]");
    assertIllegalArgument(() -> PackedBits.of(new byte[3], 2, 9), "3", "4");
    assertIllegalArgument(() -> PackedBits.of(new byte[5], 2, 9), "5", "4");
    assertIllegalArgument(() -> PackedBits.of(new byte[0], 0, 9), "[0, 9]");
    assertIllegalArgument(() -> PackedBits.of(new byte[0], 1, -9), "[1, -9]");
    assertIllegalArgument(
        () -> PackedBits.of(new byte[8], Integer.MAX_VALUE, Integer.MAX_VALUE), "8");
    assertIllegalArgument(() -> PackedBits.of(new byte[8], 1 << 16, 1 << 16, 1), "2^31");
    assertIllegalArgument(() -> PackedBits.of(new byte[8]), "shape", "[]");
    PackedBits bits = PackedBits.of(new byte[4], 2, 9);
    assertIllegalArgument(() -> bits.get(2, 0), "2");
    assertIllegalArgument(() -> bits.get(0, 9), "9");
    assertIllegalArgument(() -> bits.get(-1, 0), "-1");
    assertIllegalState(bits::unpackImage, "[2, 9]", "[n, h, w, channels]");
    assertIllegalArgument(() -> bits.reshape(1, 18), "[1, 18]", "2 rows of 9");
    assertThatNullPointerException()
        .isThrownBy(() -> PackedBits.packRows(context, null))
        .withMessage("x");
  }

  @Test
  void trailingBitsMustBeZero() {
    assertIllegalArgument(() -> PackedBits.of(new byte[] {0, 2}, 1, 9), "row 0");
    PackedBits.of(new byte[] {-1, 1}, 1, 9);
  }
}
