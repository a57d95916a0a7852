package io.axnn.quant;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.testing.Reference;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class QuantizationTest {

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
  void roundsHalfToEven() {
    assertCodes(
        Quantization.symmetric(2),
        new float[] {1, 3, 5, 7, -1, -3, -5, 0.999f, 1.001f},
        0,
        2,
        2,
        4,
        0,
        -2,
        -2,
        0,
        1);
    // The zero point is added before rounding: 0.5 + 1 = 1.5 rounds to 2.
    assertCodes(Quantization.affine(1, 1), new float[] {0.5f, 1.5f, -0.5f}, 2, 2, 0);
  }

  @Test
  void saturatesAndMapsNotANumberToTheZeroPoint() {
    float[] values = {
      Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 1e30f, -1e30f, 0f, -0f
    };
    assertCodes(Quantization.affine(0.5f, -7), values, 127, -128, -7, 127, -128, -7, -7);
    assertCodes(Quantization.symmetric(0.5f), values, 127, -127, 0, 127, -127, 0, 0);
    assertCodes(Quantization.unsigned7(0.5f), values, 127, 0, 0, 127, 0, 0, 0);
  }

  @Test
  void equalsTheReferenceOnEveryTier() {
    Random random = Seeds.random("QuantizationTest.equalsTheReferenceOnEveryTier");
    for (int length : new int[] {1, 7, 8, 31, 32, 33, 1000}) {
      float scale = (float) Math.exp(random.nextGaussian() * 3);
      Quantization quantization = Quantization.affine(scale, random.nextInt(-128, 128));
      float[] values = new float[length];
      for (int i = 0; i < length; i++) {
        values[i] = (float) random.nextGaussian() * 100 * scale;
      }
      int[] expected = new int[length];
      for (int i = 0; i < length; i++) {
        expected[i] = Reference.quantize(values[i], scale, quantization.zeroPoint(), -128, 127);
      }
      assertCodes(quantization, values, expected);
    }
  }

  @Test
  void unsignedCodesAreUnsignedBytes() {
    Quantization quantization = new Quantization(1, 10, 0, 255);
    Tensor codes = quantization.quantize(Tensor.of(new float[] {-20, 0, 245, 300}, 4));
    assertThat(codes.dataType()).isEqualTo(DataType.UINT8);
    assertThat(codes.toByteArray()).containsExactly(0, 10, 255, 255);
  }

  @Test
  void keepsTheShape() {
    Tensor codes = Quantization.symmetric(1).quantize(Tensor.allocate(DataType.FLOAT32, 2, 3, 4));
    assertThat(codes.shape()).containsExactly(2, 3, 4);
    assertThat(codes.dataType()).isEqualTo(DataType.INT8);
  }

  @Test
  void namedFormsHaveTheDocumentedRanges() {
    assertThat(Quantization.affine(0.5f, 3)).isEqualTo(new Quantization(0.5f, 3, -128, 127));
    assertThat(Quantization.symmetric(0.5f)).isEqualTo(new Quantization(0.5f, 0, -127, 127));
    assertThat(Quantization.unsigned7(0.5f)).isEqualTo(new Quantization(0.5f, 0, 0, 127));
  }

  @Test
  void theDefaultOfARangeDependsOnItsSign() {
    assertThat(Quantization.ofRange(0, 6)).isEqualTo(Quantization.unsigned7(6f / 127));
    assertThat(Quantization.ofRange(1, 6)).isEqualTo(Quantization.unsigned7(6f / 127));
    assertThat(Quantization.ofRange(-0.5f, 6)).isEqualTo(Quantization.symmetric(6f / 127));
    assertThat(Quantization.ofRange(-8, 6)).isEqualTo(Quantization.symmetric(8f / 127));
    assertThat(Quantization.of(Tensor.of(new float[] {-3, 2, 0}, 3)))
        .isEqualTo(Quantization.symmetric(3f / 127));
    assertThat(Quantization.of(Tensor.of(new float[] {3, 2, -0f}, 3)))
        .isEqualTo(Quantization.unsigned7(3f / 127));
    assertThat(Quantization.ofRange(0, 0).scale()).isEqualTo(1);
  }

  @Test
  void affineRangesAreWidenedToContainZero() {
    // scale = (max - min) / 255, zero point = round_half_even(-128 - min / scale)
    assertThat(Quantization.affineOfRange(-1, 1.55f))
        .isEqualTo(Quantization.affine(2.55f / 255, -28));
    assertThat(Quantization.affineOfRange(2, 5.1f))
        .isEqualTo(Quantization.affine(5.1f / 255, -128));
    assertThat(Quantization.affineOfRange(-5.1f, -2))
        .isEqualTo(Quantization.affine(5.1f / 255, 127));
    assertThat(Quantization.affineOfRange(0, 0)).isEqualTo(Quantization.affine(1, -128));
  }

  @Test
  void refusesScalesThatAreNone() {
    for (float scale :
        new float[] {0, -0f, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      assertIllegalArgument(() -> Quantization.symmetric(scale), "scale", Float.toString(scale));
      assertIllegalArgument(() -> Quantization.affine(scale, 0), "scale", Float.toString(scale));
    }
  }

  @Test
  void refusesCodesThatAreNone() {
    assertIllegalArgument(() -> new Quantization(1, 128, -128, 127), "zeroPoint", "128");
    assertIllegalArgument(() -> new Quantization(1, -1, 0, 127), "zeroPoint", "-1");
    assertIllegalArgument(() -> new Quantization(1, 0, 5, -5), "5", "-5");
    assertIllegalArgument(() -> new Quantization(1, 0, -32769, 0), "codeMin", "-32769");
    assertIllegalArgument(() -> new Quantization(1, 0, 0, 65536), "codeMax", "65536");
    assertIllegalArgument(() -> new Quantization(1, 0, -1, 32768), "-1", "32768");
  }

  @Test
  void refusesRangesThatAreNone() {
    assertIllegalArgument(() -> Quantization.ofRange(1, 0), "min", "1.0", "0.0");
    assertIllegalArgument(() -> Quantization.ofRange(Float.NaN, 0), "min", "NaN");
    assertIllegalArgument(() -> Quantization.affineOfRange(0, Float.NaN), "max", "NaN");
    assertIllegalArgument(
        () -> Quantization.affineOfRange(0, Float.POSITIVE_INFINITY), "max", "Infinity");
    assertIllegalArgument(() -> Quantization.of(Tensor.of(new float[] {1, Float.NaN}, 2)), "NaN");
    assertIllegalArgument(
        () -> Quantization.of(Tensor.of(new float[] {Float.NEGATIVE_INFINITY}, 1)), "Infinity");
    assertIllegalArgument(() -> Quantization.of(Tensor.of(new int[] {1}, 1)), "INT32", "FLOAT32");
    assertIllegalArgument(
        () -> Quantization.symmetric(1).quantize(Tensor.of(new int[] {1}, 1)), "INT32", "FLOAT32");
  }

  @Test
  void aRangeOfTheWholeFloatLineHasAScale() {
    // max - min overflows float32.
    Quantization quantization = Quantization.affineOfRange(-Float.MAX_VALUE, Float.MAX_VALUE);
    assertThat(quantization.scale()).isFinite().isPositive();
    assertThat(quantization.zeroPoint()).isBetween(-1, 0);
  }

  private static void assertCodes(Quantization quantization, float[] values, int... expected) {
    byte[] bytes = new byte[expected.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) expected[i];
    }
    Tensor tensor = Tensor.of(values, values.length);
    assertThat(quantization.quantize(tensor).toByteArray())
        .as("without a context: %s", quantization)
        .isEqualTo(bytes);
    for (Context context : contexts) {
      assertThat(quantization.quantize(context, tensor).toByteArray())
          .as("on %s: %s", context.tier(), quantization)
          .isEqualTo(bytes);
    }
  }
}
