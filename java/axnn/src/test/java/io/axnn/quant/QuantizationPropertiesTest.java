package io.axnn.quant;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What holds for every scheme, 2 to 8 bits, and every range of values, on every tier. */
class QuantizationPropertiesTest {

  private static final int RANGES = 5;
  private static final int VALUES = 300;

  private static List<Context> contexts;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
  }

  private record Case(QuantizationScheme scheme, float min, float max, Quantization found) {}

  @FunctionalInterface
  private interface Property {
    void check(Context context, Case drawn);
  }

  private static void forAll(Random random, Property property) {
    for (int bits = 2; bits <= 8; bits++) {
      for (QuantizationScheme scheme :
          List.of(
              QuantizationScheme.signedAffine(bits),
              QuantizationScheme.unsignedAffine(bits),
              QuantizationScheme.signedSymmetric(bits),
              QuantizationScheme.unsignedSymmetric(bits))) {
        for (int i = 0; i < RANGES; i++) {
          float size = (float) Math.exp(10 * random.nextGaussian());
          float a = (2 * random.nextFloat() - 1) * size;
          float b = (2 * random.nextFloat() - 1) * size;
          float min = Math.min(a, b);
          float max = Math.max(a, b);
          Case drawn = new Case(scheme, min, max, scheme.ofRange(min, max));
          contexts.forEach(context -> property.check(context, drawn));
        }
      }
    }
  }

  /** Sorted: inside and outside the codes' values, half-way between two, zeros, infinities. */
  private static float[] values(Random random, Quantization quantization) {
    float[] values = new float[VALUES];
    int codes = quantization.codeMax() - quantization.codeMin() + 1;
    for (int i = 0; i < VALUES; i++) {
      float place = 2 * (random.nextFloat() - 0.5f) * (codes + 2);
      float tie = (float) Math.floor(place) + 0.5f;
      values[i] = (random.nextBoolean() ? place : tie) * quantization.scale();
    }
    values[0] = Float.NEGATIVE_INFINITY;
    values[1] = Float.POSITIVE_INFINITY;
    values[2] = 0f;
    values[3] = -0f;
    Arrays.sort(values);
    return values;
  }

  /** The codes as the numbers that they mean. */
  private static int[] codes(Tensor codes) {
    byte[] bytes = codes.toByteArray();
    int[] numbers = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      boolean signed = codes.dataType() == DataType.INT8;
      numbers[i] = signed ? bytes[i] : Byte.toUnsignedInt(bytes[i]);
    }
    return numbers;
  }

  private static Tensor tensor(float... values) {
    return Tensor.of(values, values.length);
  }

  @Test
  void everyCodeIsReachedFromItsValue() {
    forAll(
        Seeds.random("QuantizationPropertiesTest.everyCode"),
        (context, drawn) -> {
          Quantization found = drawn.found();
          int[] codes = new int[found.codeMax() - found.codeMin() + 1];
          float[] values = new float[codes.length];
          for (int i = 0; i < codes.length; i++) {
            codes[i] = found.codeMin() + i;
            values[i] = (codes[i] - found.zeroPoint()) * found.scale();
          }
          Tensor x = tensor(values);
          assertThat(codes(found.quantize(context, x))).as("%s", drawn).isEqualTo(codes);
          assertThat(codes(found.quantize(x))).as("%s", drawn).isEqualTo(codes);
          Tensor y = found.fakeQuantize(context, x);
          assertThat(y.toFloatArray()).as("%s", drawn).isEqualTo(values);
        });
  }

  @Test
  void zeroIsExact() {
    forAll(
        Seeds.random("QuantizationPropertiesTest.zero"),
        (context, drawn) -> {
          Tensor zeros = tensor(0f, -0f);
          assertThat(codes(drawn.found().quantize(context, zeros)))
              .as("%s", drawn)
              .containsOnly(drawn.found().zeroPoint());
          for (float y : drawn.found().fakeQuantize(context, zeros).toFloatArray()) {
            assertThat(y == 0).as("%s of %s", y, drawn).isTrue();
          }
        });
  }

  @Test
  void noValueOfTheRangeIsOffByMoreThanHalfAStep() {
    Random random = Seeds.random("QuantizationPropertiesTest.error");
    forAll(
        random,
        (context, drawn) -> {
          float[] x = new float[VALUES];
          for (int i = 2; i < VALUES; i++) {
            float share = random.nextFloat();
            x[i] = share * drawn.min() + (1 - share) * drawn.max();
          }
          x[0] = drawn.min();
          x[1] = drawn.max();
          float[] y = drawn.found().fakeQuantize(context, tensor(x)).toFloatArray();
          for (int i = 0; i < VALUES; i++) {
            assertThat(Math.abs((double) y[i] - x[i]) / drawn.found().scale())
                .as("%s, not %s, of %s", y[i], x[i], drawn)
                .isLessThan(0.5001);
          }
        });
  }

  @Test
  void keepsTheOrderOfValuesAndChangesNothingTheSecondTime() {
    Random random = Seeds.random("QuantizationPropertiesTest.order");
    forAll(
        random,
        (context, drawn) -> {
          Tensor x = tensor(values(random, drawn.found()));
          int[] codes = codes(drawn.found().quantize(context, x));
          assertThat(codes).as("%s", drawn).isSorted();
          assertThat(codes(drawn.found().quantize(x))).as("%s", drawn).isEqualTo(codes);
          assertThat(codes[0]).isEqualTo(drawn.found().codeMin());
          assertThat(codes[VALUES - 1]).isEqualTo(drawn.found().codeMax());
          Tensor y = drawn.found().fakeQuantize(context, x);
          assertThat(y.toFloatArray()).as("%s", drawn).isSorted();
          assertThat(drawn.found().fakeQuantize(context, y).toFloatArray())
              .as("%s", drawn)
              .isEqualTo(y.toFloatArray());
        });
  }

  @Test
  void theGradientPassesWhereNothingIsClamped() {
    Random random = Seeds.random("QuantizationPropertiesTest.gradient");
    forAll(
        random,
        (context, drawn) -> {
          Quantization found = drawn.found();
          float[] x = values(random, found);
          x[random.nextInt(VALUES)] = Float.NaN;
          float[] gradY = new float[VALUES];
          float[] gradX = new float[VALUES];
          for (int i = 0; i < VALUES; i++) {
            gradY[i] = 1 + random.nextFloat();
            double code = Math.rint(x[i] / found.scale() + found.zeroPoint());
            boolean passes = code >= found.codeMin() && code <= found.codeMax();
            gradX[i] = passes ? gradY[i] : 0;
          }
          Tensor got = found.fakeQuantizeGradient(context, tensor(x), tensor(gradY));
          assertThat(got.toFloatArray()).as("%s", drawn).isEqualTo(gradX);
        });
  }

  @Test
  void perChannelIsPerTensorOnEachChannel() {
    Random random = Seeds.random("QuantizationPropertiesTest.perChannel");
    List<Function<QuantizationScheme, Observer>> observers =
        List.of(
            MinMaxObserver::new,
            MovingAverageMinMaxObserver::new,
            HistogramObserver::new,
            scheme -> new PercentileObserver(scheme, 99));
    forAll(
        random,
        (context, drawn) -> {
          int channels = 1 + random.nextInt(4);
          int count = 1 + random.nextInt(100);
          float[] values = new float[channels * count];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * (1 + i / count));
          }
          Tensor weights = Tensor.of(values, channels, count);
          Tensor gradY = Tensor.of(Seeds.floats(random, values.length), channels, count);
          var observer = observers.get(random.nextInt(observers.size()));
          WeightQuantization all = new WeightQuantizer(observer, drawn.scheme(), true).of(weights);
          Tensor codes = all.quantize(weights);
          Tensor y = all.fakeQuantize(context, weights);
          Tensor gradX = all.fakeQuantizeGradient(context, weights, gradY);
          assertThat(all.scales()).hasSize(channels);
          for (int i = 0; i < channels; i++) {
            Tensor channel = weights.slice(i, i + 1);
            WeightQuantization one =
                new WeightQuantizer(observer, drawn.scheme(), false).of(channel);
            assertThat(all.scales()[i]).isEqualTo(one.scales()[0]);
            assertThat(all.zeroPoints()[i]).isEqualTo(one.zeroPoints()[0]);
            assertSame(codes.slice(i, i + 1), one.quantize(channel));
            assertSame(y.slice(i, i + 1), one.fakeQuantize(context, channel));
            assertSame(
                gradX.slice(i, i + 1),
                one.fakeQuantizeGradient(context, channel, gradY.slice(i, i + 1)));
          }
        });
  }

  private static void assertSame(Tensor actual, Tensor expected) {
    assertThat(actual.dataType()).isEqualTo(expected.dataType());
    assertThat(actual.memory().mismatch(expected.memory())).isEqualTo(-1);
  }
}
