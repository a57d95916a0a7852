package io.axnn.tools;

import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.layers.ZeroPointCorrection;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Multipliers;
import io.axnn.multiplier.Operand;
import io.axnn.multiplier.Signedness;
import io.axnn.tools.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A network of a grouped convolution with stride and padding, a ReLU and a linear layer, in codes
 * of every width and kind, bit for bit against the definitions of numerics.md as plain loops.
 */
class CodedNetworkTest {
  private static final int IMAGES = 3;
  private static final int CHANNELS = 4;
  private static final int HEIGHT = 7;
  private static final int WIDTH = 6;
  private static final int FILTERS = 6;
  private static final int GROUPS = 2;
  private static final int KERNEL = 3;
  private static final int STRIDE = 2;
  private static final int OUT_HEIGHT = 4;
  private static final int OUT_WIDTH = 3;
  private static final int FEATURES = FILTERS * OUT_HEIGHT * OUT_WIDTH;
  private static final int CLASSES = 5;

  private final Random random = new Random(20261127);
  private final float[] filters = draw(FILTERS * CHANNELS / GROUPS * KERNEL * KERNEL);
  private final float[] filterBias = draw(FILTERS);
  private final float[] weights = draw(CLASSES * FEATURES);
  private final float[] bias = draw(CLASSES);
  private final float[] x = draw(IMAGES * CHANNELS * HEIGHT * WIDTH);
  private final Tensor images = Tensor.of(x, IMAGES, CHANNELS, HEIGHT, WIDTH);
  private final Model model =
      Model.parse(
          "network",
          new OnnxModelBuilder(-1, CHANNELS, HEIGHT, WIDTH)
              .constant("f", filters, FILTERS, CHANNELS / GROUPS, KERNEL, KERNEL)
              .constant("fb", filterBias, FILTERS)
              .constant("w", weights, CLASSES, FEATURES)
              .constant("wb", bias, CLASSES)
              .node(
                  "Conv",
                  List.of("x", "f", "fb"),
                  "c",
                  integer("group", GROUPS),
                  integers("strides", STRIDE, STRIDE),
                  integers("pads", 1, 1, 1, 1))
              .node("Relu", List.of("c"), "r")
              .node("Flatten", List.of("r"), "v")
              .node("Gemm", List.of("v", "w", "wb"), "y", integer("transB", 1))
              .toBytes());

  private Context context;
  private Calibration calibration;

  private float[] draw(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @BeforeEach
  void open() {
    context = Context.create();
    try (Network floats = model.prepare(context, Settings.of(Arithmetic.float32()))) {
      calibration = floats.calibrate(List.of(images));
    }
  }

  @AfterEach
  void close() {
    context.close();
  }

  private float[] run(Arithmetic arithmetic) {
    Settings settings = Settings.of(arithmetic).withCalibration(calibration);
    try (Network network = model.prepare(context, settings)) {
      return network.forward(images).toFloatArray();
    }
  }

  /** A scale with its zero point and codes. */
  private record Codes(float scale, int zero, int min, int max) {
    int of(float value) {
      return (int) Math.clamp(Math.rint(value / scale + zero), min, max);
    }
  }

  /** The plain loops, for one arithmetic. */
  private final class Reference {
    private final Arithmetic.Approximate arithmetic;
    private final Multiplier multiplier;

    Reference(Arithmetic.Approximate arithmetic) {
      this.arithmetic = arithmetic;
      this.multiplier = arithmetic.multiplier();
    }

    private Codes input(Calibration.Range range) {
      Operand operand = multiplier.columnOperand();
      if (operand.signed() && !arithmetic.affineInput()) {
        float magnitude = Math.max(Math.abs(range.min()), Math.abs(range.max()));
        return new Codes(
            magnitude / operand.max(), 0, range.min() < 0 ? -operand.max() : 0, operand.max());
      }
      double low = Math.min(range.min(), 0);
      double high = Math.max(range.max(), 0);
      float scale = (float) ((high - low) / (operand.max() - operand.min()));
      int zero = (int) Math.rint(operand.min() - low / scale);
      return new Codes(scale, zero, operand.min(), operand.max());
    }

    private Codes weights(float[] values, int from, int count) {
      float magnitude = 0;
      for (int i = from; i < from + count; i++) {
        magnitude = Math.max(magnitude, Math.abs(values[i]));
      }
      Operand operand = multiplier.rowOperand();
      return operand.signed()
          ? new Codes(magnitude / operand.max(), 0, -operand.max(), operand.max())
          : new Codes(magnitude / (operand.max() / 2f), operand.max() / 2 + 1, 0, operand.max());
    }

    /** One output: taps of NaN are padded. */
    private float output(float[] w, int from, float[] taps, Codes input, float bias) {
      Codes weight = weights(w, from, taps.length);
      int zx = input.zero();
      int zw = weight.zero();
      boolean exact = arithmetic.zeroPointCorrection() == ZeroPointCorrection.EXACT;
      long sum = 0;
      for (int k = 0; k < taps.length; k++) {
        int wk = weight.of(w[from + k]);
        int xk = Float.isNaN(taps[k]) ? zx : input.of(taps[k]);
        sum += multiplier.longProduct(wk, xk);
        sum -= exact ? (long) zx * wk : multiplier.longProduct(wk, zx);
        sum -= exact ? (long) zw * xk : multiplier.longProduct(zw, xk);
        sum += exact ? (long) zw * zx : multiplier.longProduct(zw, zx);
      }
      return (float) sum * (input.scale() * weight.scale()) + bias;
    }

    float[] forward() {
      Codes imageCodes = input(calibration.range("x"));
      Codes featureCodes = input(calibration.range("v"));
      float[] y = new float[IMAGES * CLASSES];
      for (int n = 0; n < IMAGES; n++) {
        float[] features = new float[FEATURES];
        for (int i = 0; i < FEATURES; i++) {
          int o = i / (OUT_HEIGHT * OUT_WIDTH);
          float[] taps = taps(n, o, i / OUT_WIDTH % OUT_HEIGHT, i % OUT_WIDTH);
          float value = output(filters, o * taps.length, taps, imageCodes, filterBias[o]);
          features[i] = Math.max(value, 0);
        }
        for (int c = 0; c < CLASSES; c++) {
          y[n * CLASSES + c] = output(weights, c * FEATURES, features, featureCodes, bias[c]);
        }
      }
      return y;
    }

    private float[] taps(int n, int filter, int row, int column) {
      int perGroup = CHANNELS / GROUPS;
      int firstChannel = filter / (FILTERS / GROUPS) * perGroup;
      float[] taps = new float[perGroup * KERNEL * KERNEL];
      for (int k = 0; k < taps.length; k++) {
        int channel = firstChannel + k / (KERNEL * KERNEL);
        int h = row * STRIDE - 1 + k / KERNEL % KERNEL;
        int w = column * STRIDE - 1 + k % KERNEL;
        boolean inside = h >= 0 && h < HEIGHT && w >= 0 && w < WIDTH;
        taps[k] = inside ? x[((n * CHANNELS + channel) * HEIGHT + h) * WIDTH + w] : Float.NaN;
      }
      return taps;
    }
  }

  static Stream<Multiplier> multipliers() {
    List<Multiplier> all = new ArrayList<>();
    for (int bits : new int[] {4, 6, 8, 9, 12, 16}) {
      Multipliers signed = Multipliers.of(bits, Signedness.TWOS_COMPLEMENT);
      Multipliers unsigned = Multipliers.of(bits, Signedness.UNSIGNED);
      all.add(signed.exact());
      all.add(signed.brokenArray(1, 0, 3));
      all.add(Multipliers.of(bits, Signedness.SIGN_MAGNITUDE).drum(3));
      all.add(Multipliers.of(bits, Signedness.ZERO_POINT).ssm((bits + 1) / 2));
      all.add(unsigned.exact());
      all.add(unsigned.drum(3));
    }
    // Every product wrong, that of 0 too; and operands of two widths and kinds.
    all.add(Multiplier.fromFunction("high", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b + 5));
    all.add(
        Multiplier.fromFunction(
            "mixed", new Operand(6, true), Operand.UNSIGNED8, (a, b) -> a * (b | 1)));
    all.add(
        Multiplier.fromFunction(
            "mixed", Operand.UNSIGNED8, new Operand(5, true), (a, b) -> (a | 1) * b));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("multipliers")
  void everyBitIsThatOfThePlainLoops(Multiplier given) {
    try (Multiplier multiplier = given) {
      for (ZeroPointCorrection correction : ZeroPointCorrection.values()) {
        for (boolean affine : new boolean[] {false, true}) {
          Arithmetic.Approximate arithmetic =
              new Arithmetic.Approximate(multiplier, affine, correction);
          assertThat(run(arithmetic))
              .as("%s %s %s", arithmetic, multiplier.rowOperand(), multiplier.columnOperand())
              .containsExactly(new Reference(arithmetic).forward());
        }
      }
    }
  }

  @Test
  void exactProductsAreThoseOfAnExactMultiplierInAllCodes() {
    for (Signedness signedness : Signedness.values()) {
      for (int bits : new int[] {4, 6, 8, 9, 12, 16}) {
        try (Multiplier exact = Multipliers.of(bits, signedness).exact()) {
          for (ZeroPointCorrection correction : ZeroPointCorrection.values()) {
            for (boolean affine : new boolean[] {false, true}) {
              Arithmetic.Approximate approximate =
                  new Arithmetic.Approximate(exact, affine, correction);
              assertThat(run(approximate.exact()))
                  .as("%s of %s", approximate, signedness)
                  .containsExactly(run(approximate));
            }
          }
        }
      }
    }
  }

  /** Eight bits are near the floats, sixteen 256 times nearer. */
  @Test
  void codesAreNearTheFloats() {
    float[] floats = run(Arithmetic.float32());
    for (Signedness signedness : List.of(Signedness.TWOS_COMPLEMENT, Signedness.UNSIGNED)) {
      try (Multiplier eight = Multipliers.of(8, signedness).exact();
          Multiplier sixteen = Multipliers.of(16, signedness).exact()) {
        assertThat(distance(run(Arithmetic.approximate(eight)), floats)).isBetween(1e-4, 2e-2);
        assertThat(distance(run(Arithmetic.approximate(sixteen)), floats)).isBetween(1e-7, 1e-4);
      }
    }
  }

  /** The largest distance in units of the largest number. */
  private static double distance(float[] values, float[] from) {
    double largest = 0;
    double distance = 0;
    for (int i = 0; i < values.length; i++) {
      largest = Math.max(largest, Math.abs(from[i]));
      distance = Math.max(distance, Math.abs(values[i] - from[i]));
    }
    return distance / largest;
  }
}
