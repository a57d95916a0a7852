package io.axnn.benchmarks;

import ai.onnxruntime.OrtException;
import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.Tier;
import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.BinaryConv2d;
import io.axnn.layers.PaddingValue;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * One convolution in every arithmetic of axnn and of ONNX Runtime, on the same whole numbers:
 * inputs 0..127, weights -127..127, scales 1. The axnn layers begin and end with floats, ONNX
 * Runtime's integer ones with integers.
 *
 * <p>ConvInteger gets the weights as uint8 with a zero point of 128, which in ONNX Runtime is
 * several times faster than int8; the sums are the same.
 */
final class Peers implements AutoCloseable {

  /** QLinearConv gives codes again; this scale leaves some of them inside 0..255. */
  private static final float OUTPUT_SCALE = 1e4f;

  private static final Quantization INPUT = new Quantization(1, 0, -128, 127);

  private final Random random = new Random(1);
  private final Convolution convolution;
  private final int threads;
  private final Context context;
  private final Tensor x;
  private final Tensor weights;
  private final Tensor y;
  private final Multiplier multiplier;
  private final ApproxConv2d approx;
  private final BinaryConv2d binary;
  private final OnnxConvolution floats;
  private final OnnxConvolution linear;
  private final OnnxConvolution integer;
  private final Tensor floatResult;
  private final Tensor linearResult;
  private final Tensor integerResult;

  Peers(Convolution convolution, int threads) throws OrtException {
    this.convolution = convolution;
    this.threads = threads;
    context = Context.builder().threads(threads).build();
    x = tensor(convolution.inputShape(), () -> random.nextInt(128));
    weights = tensor(convolution.args().weightShape(), () -> random.nextInt(-127, 128));
    y = Tensor.allocate(DataType.FLOAT32, convolution.outputShape());
    multiplier = Multiplier.of(random.ints(65536, -32768, 32768).toArray());
    approx = approx(context);
    binary =
        BinaryConv2d.builder(context, convolution.args(), weights)
            .paddingValue(PaddingValue.ZERO)
            .build();

    Tensor codes = Tensor.ofUnsigned(bytes(x, 0), x.shape());
    Tensor zero = Tensor.ofUnsigned(new byte[] {0}, 1);
    Tensor one = Tensor.of(new float[] {1}, 1);
    floatResult = Tensor.allocate(DataType.FLOAT32, y.shape());
    floats = peer("Conv", x, List.of(weights), floatResult);
    linearResult = Tensor.allocate(DataType.UINT8, y.shape());
    linear =
        peer(
            "QLinearConv",
            codes,
            List.of(
                one,
                zero,
                Tensor.of(bytes(weights, 0), weights.shape()),
                one,
                Tensor.of(new byte[] {0}, 1),
                Tensor.of(new float[] {OUTPUT_SCALE}, 1),
                zero),
            linearResult);
    integerResult = Tensor.allocate(DataType.INT32, y.shape());
    integer =
        peer(
            "ConvInteger",
            codes,
            List.of(
                Tensor.ofUnsigned(bytes(weights, 128), weights.shape()),
                zero,
                Tensor.ofUnsigned(new byte[] {(byte) 128}, 1)),
            integerResult);
  }

  /** What is timed, by name; the peers come last. */
  Map<String, Runnable> calls() {
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.put("BASELINE", () -> approx.baselineForward(x, y));
    calls.put("QUANTIZED", () -> approx.quantForward(x, y));
    calls.put("APPROXIMATE", () -> approx.approxForward(x, y));
    calls.put("BinaryConv2d", () -> binary.forward(x, y));
    calls.put("Conv", floats::run);
    calls.put("QLinearConv", linear::run);
    calls.put("ConvInteger", integer::run);
    return calls;
  }

  /**
   * Compares all results: those that ONNX Runtime has too with its own, sums of table entries with
   * those of the scalar tier, which has nothing in common with the others but the definition.
   *
   * @throws IllegalStateException if a result is wrong
   */
  void check() throws OrtException {
    floats.run();
    linear.run();
    integer.run();
    float[] exact = floatResult.toFloatArray();
    approx.baselineForward(x, y);
    demandClose("BASELINE", y.toFloatArray(), exact, 1e-5 * magnitude(exact));
    approx.quantForward(x, y);
    demandClose("QUANTIZED", y.toFloatArray(), floats(integerResult.toIntArray()), 0);
    Tensor codes = new Quantization(OUTPUT_SCALE, 0, 0, 255).quantize(y);
    demandClose("QLinearConv", unsigned(linearResult), unsigned(codes), 1);
    approx.approxForward(x, y);
    float[] sums = y.toFloatArray();
    try (Context scalar = Context.builder().tier(Tier.SCALAR).threads(1).build();
        ApproxConv2d reference = approx(scalar)) {
      reference.approxForward(x, y);
    }
    demandClose("APPROXIMATE", sums, y.toFloatArray(), 0);
    binary.forward(x, y);
    try (OnnxConvolution signs = peer("Conv", signs(x), List.of(signs(weights)), floatResult)) {
      signs.run();
    }
    demandClose("BinaryConv2d", y.toFloatArray(), floatResult.toFloatArray(), 0);
  }

  @Override
  public void close() throws OrtException {
    floats.close();
    linear.close();
    integer.close();
    binary.close();
    approx.close();
    multiplier.close();
    context.close();
  }

  private ApproxConv2d approx(Context owner) {
    return ApproxConv2d.builder(owner, convolution.args(), weights, null)
        .multiplier(multiplier)
        .inputQuantization(INPUT)
        .weightQuantization(WeightQuantization.of(1))
        .build();
  }

  private OnnxConvolution peer(String operator, Tensor input, List<Tensor> constants, Tensor output)
      throws OrtException {
    return new OnnxConvolution(operator, convolution.args(), threads, input, constants, output);
  }

  private static Tensor tensor(int[] shape, DoubleSupplier value) {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value.getAsDouble());
    }
    return tensor;
  }

  private static Tensor signs(Tensor floats) {
    float[] values = floats.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] >= 0 ? 1 : -1;
    }
    return Tensor.of(values, floats.shape());
  }

  private static byte[] bytes(Tensor wholeNumbers, int zeroPoint) {
    float[] values = wholeNumbers.toFloatArray();
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] + zeroPoint);
    }
    return bytes;
  }

  private static float[] floats(int[] integers) {
    float[] values = new float[integers.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = integers[i];
    }
    return values;
  }

  private static float[] unsigned(Tensor codes) {
    byte[] bytes = codes.toByteArray();
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return values;
  }

  private static float magnitude(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private void demandClose(String name, float[] actual, float[] expected, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
        throw new IllegalStateException(
            "%s of %s: value %d is %s instead of %s"
                .formatted(name, convolution, i, actual[i], expected[i]));
      }
    }
  }
}
