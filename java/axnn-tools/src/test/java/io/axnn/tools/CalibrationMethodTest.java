package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.quant.HistogramObserver;
import io.axnn.quant.Observer;
import io.axnn.quant.QuantizationScheme;
import io.axnn.tools.testing.OnnxModelBuilder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ranges that each method finds. */
class CalibrationMethodTest {
  private static final int COUNT = 50_000;

  private static Calibration.Range range(CalibrationMethod method, float[]... batches) {
    return calibration(method, batches).range("x");
  }

  private static Calibration calibration(CalibrationMethod method, float[]... batches) {
    Model model =
        Model.parse(
            "linear",
            new OnnxModelBuilder(-1, 1)
                .constant("w", new float[] {1}, 1, 1)
                .node("Gemm", List.of("x", "w"), "y")
                .toBytes());
    List<Tensor> tensors =
        List.of(batches).stream().map(values -> Tensor.of(values, values.length, 1)).toList();
    try (Context context = Context.create();
        Network network = model.prepare(context, Settings.of(Arithmetic.float32()))) {
      return network.calibrate(tensors, method);
    }
  }

  @Test
  void minMaxSpansAllBatches() {
    assertThat(range(CalibrationMethod.MIN_MAX, new float[] {1, 2}, new float[] {-3, 0}))
        .isEqualTo(new Calibration.Range(-3, 2));
  }

  @Test
  void theMovingAverageMovesByAHundredth() {
    Calibration.Range range =
        range(CalibrationMethod.MOVING_AVERAGE, new float[] {-1, 1}, new float[] {-101, 201});
    assertThat(range.min()).isCloseTo(-2, within(1e-5f));
    assertThat(range.max()).isCloseTo(3, within(1e-5f));
  }

  @Test
  void thePercentileCutsAnOutlierOffAndTheHistogramIsItsObservers() {
    Random random = new Random(1);
    float[] values = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      values[i] = (float) random.nextGaussian();
    }
    values[COUNT / 2] = 20;
    assertThat(range(CalibrationMethod.MIN_MAX, values).max()).isEqualTo(20);
    assertThat(range(CalibrationMethod.PERCENTILE, values).max()).isBetween(3.3f, 4.3f);
    Observer histogram = new HistogramObserver(QuantizationScheme.signedAffine(8));
    histogram.observe(Tensor.of(values, COUNT, 1));
    assertThat(range(CalibrationMethod.HISTOGRAM, values))
        .isEqualTo(new Calibration.Range(histogram.min(), histogram.max()));
  }

  /** With 256 codes an outlier of 30 costs two million values more than it is worth. */
  @Test
  void theHistogramCutsAnOutlierOffThatCostsMoreThanItIsWorth() {
    float[] values = new float[2_000_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / (float) values.length;
    }
    values[1234] = 30;
    assertThat(range(CalibrationMethod.MIN_MAX, values).max()).isEqualTo(30);
    for (CalibrationMethod method :
        List.of(CalibrationMethod.HISTOGRAM, CalibrationMethod.PERCENTILE)) {
      Calibration.Range range = range(method, values);
      assertThat(range.min()).as(method.toString()).isBetween(0f, 0.02f);
      assertThat(range.max()).as(method.toString()).isBetween(0.98f, 1.02f);
    }
  }

  @ParameterizedTest
  @EnumSource(CalibrationMethod.class)
  void valuesThatAreNotFiniteHaveNoRange(CalibrationMethod method) {
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      Calibration calibration =
          calibration(method, new float[] {1, 2}, new float[] {0, value}, new float[] {3});
      assertThat(calibration.values()).isEmpty();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> calibration.range("x"))
          .withMessageContaining("'x' was NaN or Infinity");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> calibration(method, new float[] {1}).range("y"))
        .withMessageContaining("not seen value 'y'");
  }

  @Test
  void aNetworkWithoutLayersHasNoRangesButNeedsImages() {
    Model model =
        Model.parse("relu", new OnnxModelBuilder(-1, 2).node("Relu", List.of("x"), "y").toBytes());
    try (Context context = Context.create();
        Network network = model.prepare(context, Settings.of(Arithmetic.quantized()))) {
      List<Tensor> batches = List.of(Tensor.of(new float[] {1, 2}, 1, 2));
      assertThat(network.calibrate(batches).values()).isEmpty();
      assertThat(network.profile(batches)).isEmpty();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> network.calibrate(List.of()))
          .withMessageContaining("batches is empty");
    }
  }

  @Test
  void namesAreThoseOfTheCommandLine() {
    assertThat(CalibrationMethod.values())
        .extracting(CalibrationMethod::toString)
        .containsExactly("min-max", "moving-average", "percentile", "histogram");
  }
}
