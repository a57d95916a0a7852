package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.axnn.Axnn;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Arithmetics of one linear layer: noise, refusals and names. */
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

  /** The same layer twice: noise that both had alike would be gone from the difference. */
  @Test
  void everyLayerHasNoiseOfItsOwn() {
    Model twice =
        Model.parse(
            "twice",
            new OnnxModelBuilder(-1, INPUTS)
                .constant("w", weights, OUTPUTS, INPUTS)
                .node("Gemm", List.of("x", "w"), "a", OnnxModelBuilder.integer("transB", 1))
                .node("Gemm", List.of("x", "w"), "b", OnnxModelBuilder.integer("transB", 1))
                .node("Sub", List.of("a", "b"), "y")
                .toBytes());
    try (Multiplier multiplier = EvoApprox.mul8s("1L2H", EvoApprox.Version.MASTER)) {
      Arithmetic.Approximate approximate = Arithmetic.approximate(multiplier);
      for (Arithmetic arithmetic : List.of(approximate, approximate.asNoise(1))) {
        Settings settings = Settings.of(arithmetic).withCalibration(calibration);
        try (Network network = twice.prepare(context, settings)) {
          float[] difference = network.forward(input).toFloatArray();
          if (arithmetic instanceof Arithmetic.Noisy) {
            assertThat(difference).doesNotContain(0);
          } else {
            assertThat(difference).containsOnly(0);
          }
        }
      }
    }
  }

  @Test
  void wideMultipliersWithoutStructureAreRefusedWithTheReason() {
    long handles = Axnn.liveHandles();
    try (Multiplier mitchell = Multipliers.of(12, Signedness.SIGN_MAGNITUDE).mitchell()) {
      for (Arithmetic arithmetic :
          List.of(Arithmetic.approximate(mitchell), Arithmetic.approximate(mitchell).asNoise(1))) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> run(arithmetic))
            .withMessageStartingWith("layer 'node-y': multiplier is " + mitchell)
            .withMessageContaining("a layer of more than 8 bits")
            .withMessageContaining("exact structure of its products, and this one has none");
      }
      // Its codes with exact products are computed all the same.
      assertThat(run(Arithmetic.approximate(mitchell).exact()))
          .isEqualTo(
              run(new Arithmetic.Quantized(new Operand(12, true), new Operand(12, true), false)));
    }
    assertThat(Axnn.liveHandles()).isEqualTo(handles);
  }

  @Test
  void operandsOfOneBitAreRefused() {
    Operand bit = new Operand(1, false);
    try (Multiplier and = Multiplier.fromFunction("and", bit, bit, (a, b) -> a & b)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> run(Arithmetic.approximate(and)))
          .withMessage("layer 'node-y': bits is 1, but must be in 2..16");
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
    try (Multiplier unsigned = Multipliers.of(8, Signedness.UNSIGNED).drum(6);
        Multiplier mixed =
            Multiplier.fromFunction(
                "mixed", Operand.UNSIGNED8, new Operand(5, true), (a, b) -> a * b)) {
      assertThat(Arithmetic.approximate(unsigned)).hasToString("8-bit affine drum(k=6) EXACT");
      assertThat(Arithmetic.approximate(mixed)).hasToString("8x5-bit mixed EXACT");
      assertThat(Arithmetic.approximate(mixed).exact()).hasToString("8x5-bit exact");
    }
  }
}
