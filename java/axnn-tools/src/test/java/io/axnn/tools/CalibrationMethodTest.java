package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
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

/** The ranges that each method finds. */
class CalibrationMethodTest {
  private static final int COUNT = 50_000;

  private static Calibration.Range range(CalibrationMethod method, float[]... batches) {
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
      return network.calibrate(tensors, method).range("x");
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
}
