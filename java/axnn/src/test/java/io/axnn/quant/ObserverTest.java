package io.axnn.quant;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Tensor;
import io.axnn.testing.Seeds;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ObserverTest {

  private static final QuantizationScheme INT8 = QuantizationScheme.signedAffine(8);

  private static List<Observer> all() {
    return List.of(
        new MinMaxObserver(),
        new MinMaxObserver(INT8),
        new MovingAverageMinMaxObserver(INT8),
        new HistogramObserver(INT8),
        new PercentileObserver(INT8, 99.99));
  }

  @Test
  void everySchemeHasItsCodes() {
    for (int bits = 2; bits <= 16; bits++) {
      int half = 1 << (bits - 1);
      assertThat(QuantizationScheme.signedSymmetric(bits))
          .isEqualTo(new QuantizationScheme(1 - half, half - 1, true));
      assertThat(QuantizationScheme.signedAffine(bits))
          .isEqualTo(new QuantizationScheme(-half, half - 1, false));
      assertThat(QuantizationScheme.unsignedSymmetric(bits).ofRange(-1, 1).zeroPoint())
          .isEqualTo(half);
      assertThat(QuantizationScheme.unsignedAffine(bits))
          .isEqualTo(new QuantizationScheme(0, 2 * half - 1, false));
    }
    assertIllegalArgument(() -> QuantizationScheme.signedAffine(1), "bits", "1", "2..16");
    assertIllegalArgument(() -> QuantizationScheme.unsignedAffine(17), "bits", "17");
    assertIllegalArgument(() -> new QuantizationScheme(3, 3, false), "codeMin", "3");
    assertIllegalArgument(() -> new QuantizationScheme(-5, -3, true), "codeMax", "-3");
  }

  @Test
  void findsWhatPyTorchFinds() {
    float[] x = new float[20_000];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (Math.pow(i * 7919 % 20011 / 20011.0 - 0.3, 5) * 10);
    }
    Tensor values = Tensor.of(x, x.length);
    Tensor positive = scaled(x, 1);
    for (int i = 0; i < x.length; i++) {
      positive.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, Math.max(x[i], 0));
    }
    QuantizationScheme quint7 = new QuantizationScheme(0, 127, false);
    QuantizationScheme qint8 = new QuantizationScheme(-128, 127, true);
    // Measured with torch 2.13.
    assertFinds(new HistogramObserver(quint7, 256), 0.01318391878157854, 0, positive);
    assertFinds(new HistogramObserver(qint8, 256), 0.013170729391276836, 0, values);
    assertFinds(
        new HistogramObserver(QuantizationScheme.unsignedAffine(8)),
        0.006680658552795649,
        4,
        values);
    assertFinds(new MinMaxObserver(INT8), 0.0066839223727583885, -124, values);
    assertFinds(new MinMaxObserver(qint8), 0.013177256099879742, 0, values);
    assertFinds(
        new MinMaxObserver(QuantizationScheme.unsignedSymmetric(8)),
        0.013177256099879742,
        128,
        values);
    assertFinds(
        new MovingAverageMinMaxObserver(quint7),
        0.013820404186844826,
        4,
        values,
        scaled(x, 3),
        scaled(x, -2));
  }

  private static Tensor scaled(float[] values, float factor) {
    Tensor scaled = Tensor.of(values, values.length);
    for (int i = 0; i < values.length; i++) {
      scaled.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, values[i] * factor);
    }
    return scaled;
  }

  private static void assertFinds(
      Observer observer, double scale, int zeroPoint, Tensor... tensors) {
    for (Tensor values : tensors) {
      observer.observe(values);
    }
    Quantization found = observer.quantization();
    assertThat((double) found.scale()).isCloseTo(scale, within(1e-6 * scale));
    assertThat(found.zeroPoint()).isEqualTo(zeroPoint);
  }

  @Test
  void hugeAndEmptyRangesHaveAScale() {
    assertThat(new QuantizationScheme(0, 1, false).ofRange(-Float.MAX_VALUE, Float.MAX_VALUE))
        .isEqualTo(new Quantization(Float.MAX_VALUE, 1, 0, 1));
    assertThat(INT8.ofRange(0, 0)).isEqualTo(Quantization.affine(1, -128));
    assertThat(QuantizationScheme.signedSymmetric(4).ofRange(0, 0).scale()).isEqualTo(1);
  }

  @Test
  void minMaxSpansAllTensorsUntilReset() {
    Observer observer = new MinMaxObserver(INT8);
    observer.observe(Tensor.of(new float[] {-1, 2}, 2));
    observer.observe(Tensor.of(new float[] {5, 0}, 2));
    assertThat(observer.quantization()).isEqualTo(Quantization.affineOfRange(-1, 5));
    observer.reset();
    observer.observe(Tensor.of(new float[] {1}, 1));
    assertThat(observer.quantization()).isEqualTo(Quantization.affineOfRange(0, 1));
  }

  @Test
  void theMovingAverageMovesByItsConstant() {
    Observer observer = new MovingAverageMinMaxObserver(INT8, 0.25f);
    observer.observe(Tensor.of(new float[] {-4, 4}, 2));
    observer.observe(Tensor.of(new float[] {-8, 8}, 2));
    assertThat(observer.quantization()).isEqualTo(Quantization.affineOfRange(-5, 5));
  }

  @Test
  void theHistogramCutsARareOutlierOff() {
    Random random = Seeds.random("ObserverTest.outlier");
    float[] values = new float[100_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    values[0] = 100;
    QuantizationScheme fourBits = QuantizationScheme.signedAffine(4);
    Observer observer = new HistogramObserver(fourBits);
    observer.observe(Tensor.of(values, values.length));
    Quantization found = observer.quantization();
    Quantization whole = Quantization.affineOfRange(-5, 100);
    assertThat(error(values, found))
        .isLessThan(error(values, fourBits.ofRange(-5, 100)))
        .isFinite();
    assertThat(found.scale()).isLessThan(whole.scale() * 255 / 15);
  }

  private static double error(float[] values, Quantization quantization) {
    byte[] codes = quantization.quantize(Tensor.of(values, values.length)).toByteArray();
    double sum = 0;
    for (int i = 0; i < codes.length; i++) {
      double off = values[i] - (codes[i] - quantization.zeroPoint()) * quantization.scale();
      sum += off * off;
    }
    return sum;
  }

  @Test
  void percentilesInterpolateWithinABinAlsoAfterTheRangeGrew() {
    float[] ramp = new float[100_001];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i - 50_000;
    }
    Observer observer = new PercentileObserver(INT8, 99);
    observer.observe(Tensor.of(new float[] {0.5f}, 1));
    observer.observe(Tensor.of(ramp, ramp.length));
    assertThat(observer.quantization().scale() * 255).isBetween(97_900f, 98_100f);
  }

  @Test
  void equalValuesAreARange() {
    for (Observer observer : all()) {
      observer.observe(Tensor.of(new float[] {3, 3, 3}, 3));
      Quantization found = observer.quantization();
      assertThat((found.codeMax() - found.zeroPoint()) * found.scale()).isBetween(2.99f, 3.01f);
    }
  }

  @Test
  void theRangeIsWhatTheQuantisationCovers() {
    for (Observer observer : all()) {
      observer.observe(Tensor.of(new float[] {-3, 0, 1, 5}, 4));
      observer.observe(Tensor.of(new float[] {-1, 7}, 2));
      assertThat(observer.min()).isLessThan(0).isGreaterThanOrEqualTo(-3);
      assertThat(observer.max()).isBetween(4.9f, 7f);
      assertThat(observer.quantization())
          .isIn(
              INT8.ofRange(observer.min(), observer.max()),
              Quantization.ofRange(observer.min(), observer.max()));
      observer.reset();
      assertIllegalState(observer::min, "no values");
      assertIllegalState(observer::max, "no values");
      observer.observe(Tensor.of(new float[] {2, 2}, 2));
      assertThat(observer.min()).isEqualTo(2);
      assertThat(observer.max()).isEqualTo(2);
    }
  }

  @Test
  void refusesNoValuesAndValuesThatAreNone() {
    for (Observer observer : all()) {
      assertIllegalState(observer::quantization, "no values");
      assertIllegalState(observer::min, "no values");
      assertIllegalState(observer::max, "no values");
      assertIllegalArgument(() -> observer.observe(Tensor.of(new float[] {Float.NaN}, 1)), "NaN");
      assertIllegalArgument(
          () -> observer.observe(Tensor.of(new float[] {1, Float.NEGATIVE_INFINITY}, 2)),
          "Infinity");
      assertIllegalArgument(() -> observer.observe(Tensor.of(new int[] {1}, 1)), "INT32");
      assertIllegalState(observer::quantization, "no values");
    }
    assertIllegalArgument(() -> new PercentileObserver(INT8, 50), "percentile", "50.0");
    assertIllegalArgument(() -> new MovingAverageMinMaxObserver(INT8, 0), "constant", "0.0");
    assertIllegalArgument(() -> new HistogramObserver(INT8, 1), "levels", "1");
  }

  @Test
  void weightQuantizersAgreeWithTheDefaultsOfLayers() {
    Random random = Seeds.random("ObserverTest.weights");
    Tensor weights = Tensor.of(Seeds.floats(random, 60), 5, 3, 4);
    assertThat(QuantizationConfig.axnn().weights().of(weights))
        .isEqualTo(WeightQuantization.perChannel(weights));
    QuantizationScheme scheme = QuantizationScheme.signedSymmetric(8);
    assertThat(new WeightQuantizer(MinMaxObserver::new, scheme, false).of(weights))
        .isEqualTo(WeightQuantization.perTensor(weights));
    WeightQuantization torch = QuantizationConfig.torchApprox().weights().of(weights);
    assertThat(torch.scales()).hasSize(1);
    assertThat(torch.codeMin()).isEqualTo(-128);
  }

  @Test
  void namedConfigurationsHaveTheirActivationCodes() {
    Tensor positive = Tensor.of(new float[] {0, 1, 2, 4}, 4);
    assertThat(observed(QuantizationConfig.axnn(), positive)).isEqualTo(Quantization.of(positive));
    assertThat(observed(QuantizationConfig.affineInt8(), positive))
        .isEqualTo(Quantization.affineOfRange(0, 4));
    Quantization torch = observed(QuantizationConfig.torchApprox(), positive);
    assertThat(torch.codeMin()).isZero();
    assertThat(torch.codeMax()).isEqualTo(127);
    assertThat(torch.zeroPoint()).isZero();
  }

  private static Quantization observed(QuantizationConfig config, Tensor values) {
    Observer observer = config.activations().get();
    observer.observe(values);
    return observer.quantization();
  }
}
