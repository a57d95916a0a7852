package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Multipliers;
import io.axnn.multiplier.Operand;
import io.axnn.multiplier.Signedness;
import io.axnn.tools.testing.OnnxModelBuilder;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks of one linear layer in every arithmetic, against the definitions of numerics.md written
 * as plain loops.
 */
class ArithmeticTest {
  private static final int ROWS = 7;
  private static final int INPUTS = 50;
  private static final int OUTPUTS = 9;

  private final Random random = new Random(20261126);
  private final float[] weights = draw(OUTPUTS * INPUTS, false);
  private final float[] bias = draw(OUTPUTS, false);
  private final float[] x = draw(ROWS * INPUTS, true);
  private final Tensor input = Tensor.of(x, ROWS, INPUTS);
  private final Model model = model();

  private Context context;
  private Calibration calibration;

  private float[] draw(int count, boolean positive) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      float value = (float) random.nextGaussian();
      values[i] = positive ? Math.abs(value) : value;
    }
    return values;
  }

  private Model model() {
    return Model.parse(
        "linear",
        new OnnxModelBuilder(-1, INPUTS)
            .constant("w", weights, OUTPUTS, INPUTS)
            .constant("b", bias, OUTPUTS)
            .node("Gemm", List.of("x", "w", "b"), "y", OnnxModelBuilder.integer("transB", 1))
            .toBytes());
  }

  @BeforeEach
  void open() {
    context = Context.builder().threads(1).build();
    try (Network floats = model.prepare(context, Settings.of(Arithmetic.float32()))) {
      calibration = floats.calibrate(List.of(input));
    }
  }

  @AfterEach
  void close() {
    context.close();
  }

  private float[] run(Arithmetic arithmetic) {
    Settings settings = Settings.of(arithmetic).withCalibration(calibration);
    try (Network network = model.prepare(context, settings)) {
      return network.forward(input).toFloatArray();
    }
  }

  private static float magnitude(float[] values, int from, int count) {
    float largest = 0;
    for (int i = from; i < from + count; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest;
  }

  /** Zero point 0: codes 0..codeMax of the input, -codeMax..codeMax of the weights. */
  private float[] reference(Multiplier multiplier) {
    float inputMax = (1 << (multiplier.columnOperand().bits() - 1)) - 1;
    float weightMax = (1 << (multiplier.rowOperand().bits() - 1)) - 1;
    float sx = magnitude(x, 0, x.length) / inputMax;
    float[] y = new float[ROWS * OUTPUTS];
    for (int o = 0; o < OUTPUTS; o++) {
      float sw = magnitude(weights, o * INPUTS, INPUTS) / weightMax;
      for (int row = 0; row < ROWS; row++) {
        long sum = 0;
        for (int k = 0; k < INPUTS; k++) {
          int w = (int) Math.rint(weights[o * INPUTS + k] / sw);
          int a = (int) Math.rint(x[row * INPUTS + k] / sx);
          sum += multiplier.longProduct(w, a);
        }
        y[row * OUTPUTS + o] = (float) sum * (sx * sw) + bias[o];
      }
    }
    return y;
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 6, 8, 9, 12, 16})
  void codesAreAsWideAsTheOperands(int bits) {
    Multipliers families = Multipliers.of(bits, Signedness.TWOS_COMPLEMENT);
    List<IntFunction<Multiplier>> makers =
        List.of(
            b -> families.exact(),
            b -> families.brokenArray(1, 0, 2),
            b -> Multipliers.of(b, Signedness.SIGN_MAGNITUDE).drum(3));
    for (IntFunction<Multiplier> maker : makers) {
      try (Multiplier multiplier = maker.apply(bits)) {
        assertThat(run(Arithmetic.approximate(multiplier)))
            .as(multiplier.toString())
            .isEqualTo(reference(multiplier));
      }
    }
  }

  @Test
  void exactProductsAreThoseOfAnExactMultiplier() {
    try (Multiplier exact = Multiplier.exact();
        Multiplier wide = Multipliers.of(12, Signedness.TWOS_COMPLEMENT).exact()) {
      assertThat(run(Arithmetic.quantized())).isEqualTo(run(Arithmetic.approximate(exact)));
      assertThat(run(Arithmetic.quantized().withAffineInput()))
          .isEqualTo(run(Arithmetic.approximate(exact).withAffineInput()));
      assertThat(run(Arithmetic.approximate(wide).exact()))
          .isEqualTo(run(Arithmetic.approximate(wide)));
      assertThat(Arithmetic.approximate(exact).exact()).isEqualTo(Arithmetic.quantized());
    }
  }

  /** Weights become codes around 128, activations codes from 0, and the zero points cancel. */
  @Test
  void operandsWithoutASignAreNearTheFloats() {
    float[] floats = run(Arithmetic.float32());
    try (Multiplier unsigned =
        Multiplier.fromFunction(
            "unsigned", Operand.UNSIGNED8, Operand.UNSIGNED8, (a, b) -> a * b)) {
      float[] codes = run(Arithmetic.approximate(unsigned));
      float largest = magnitude(floats, 0, floats.length);
      for (int i = 0; i < floats.length; i++) {
        assertThat(Math.abs(codes[i] - floats[i]) / largest).isLessThan(0.02f);
      }
      // Twice the codes of a signed operand for an input that is never negative: nearer.
      assertThat(distance(codes, floats)).isLessThan(distance(run(Arithmetic.quantized()), floats));
    }
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs(a[i] - b[i]);
    }
    return sum / a.length;
  }

  @Test
  void noiseIsOfTheSizeOfTheErrorAndRepeats() {
    try (Multiplier multiplier = EvoApprox.mul8s("1L2H", EvoApprox.Version.MASTER)) {
      Arithmetic.Approximate approximate = Arithmetic.approximate(multiplier);
      float[] noisy = run(approximate.asNoise(1));
      assertThat(run(approximate.asNoise(1))).isEqualTo(noisy);
      assertThat(run(approximate.asNoise(2))).isNotEqualTo(noisy);
      float[] exact = run(approximate.exact());
      double modelled = distance(noisy, exact);
      double real = distance(run(approximate), exact);
      assertThat(modelled).isBetween(real / 1.3, real * 1.3);
    }
  }

  @Test
  void wideMultipliersWithoutStructureAreRefusedWithTheReason() {
    try (Multiplier mitchell = Multipliers.of(12, Signedness.SIGN_MAGNITUDE).mitchell()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> run(Arithmetic.approximate(mitchell)))
          .withMessageContaining("layer '")
          .withMessageContaining("structure");
    }
  }

  @Test
  void namesSayWhatIsComputed() {
    try (Multiplier multiplier = EvoApprox.mul8s("1KVA", EvoApprox.Version.MASTER);
        Multiplier wide = Multipliers.of(12, Signedness.TWOS_COMPLEMENT).exact()) {
      Arithmetic.Approximate approximate = Arithmetic.approximate(multiplier);
      assertThat(approximate).hasToString("8-bit mul8s_1KVA");
      assertThat(approximate.withAffineInput()).hasToString("8-bit affine mul8s_1KVA EXACT");
      assertThat(approximate.asNoise(1)).hasToString("8-bit mul8s_1KVA as noise");
      assertThat(Arithmetic.quantized()).hasToString("8-bit exact");
      assertThat(Arithmetic.approximate(wide).exact()).hasToString("12-bit exact");
    }
  }
}
