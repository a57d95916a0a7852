package io.axnn;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

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
  void refusesWhatDoesNotFit() {
    Context context = contexts.get(0);
    assertIllegalArgument(
        () -> PackedBits.pack(context, Tensor.allocate(DataType.INT8, 2, 2)), "INT8", "FLOAT32");
    assertIllegalArgument(() -> PackedBits.of(new byte[3], 2, 9), "3", "4");
    assertIllegalArgument(() -> PackedBits.of(new byte[5], 2, 9), "5", "4");
    assertIllegalArgument(() -> PackedBits.of(new byte[0], 0, 9), "rows", "0");
    assertIllegalArgument(() -> PackedBits.of(new byte[0], 1, -9), "columns", "-9");
    assertIllegalArgument(
        () -> PackedBits.of(new byte[8], Integer.MAX_VALUE, Integer.MAX_VALUE), "8");
    PackedBits bits = PackedBits.of(new byte[4], 2, 9);
    assertIllegalArgument(() -> bits.get(2, 0), "2");
    assertIllegalArgument(() -> bits.get(0, 9), "9");
    assertIllegalArgument(() -> bits.get(-1, 0), "-1");
  }

  @Test
  void trailingBitsMustBeZero() {
    assertIllegalArgument(() -> PackedBits.of(new byte[] {0, 2}, 1, 9), "row 0");
    PackedBits.of(new byte[] {-1, 1}, 1, 9);
  }
}
