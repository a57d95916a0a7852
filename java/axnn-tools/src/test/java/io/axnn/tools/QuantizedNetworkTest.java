package io.axnn.tools;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.FLOAT;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT16;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT32;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT8;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.UINT8;
import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.tools.testing.Closeness;
import io.axnn.tools.testing.OnnxModelBuilder;
import io.axnn.tools.testing.OnnxRuntime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Networks of QuantizeLinear/DequantizeLinear pairs: in float32 as ONNX Runtime runs their nodes,
 * and in 8 bits with the codes of the file, no calibration.
 */
class QuantizedNetworkTest {
  private static final long SEED = 20261126;
  private static final int IMAGES = 3;

  private final Random random = new Random(SEED);
  private Context context;
  private Multiplier exact;

  @BeforeEach
  void open() {
    context = Context.create();
    exact = Multiplier.exact();
  }

  @AfterEach
  void close() {
    exact.close();
    context.close();
  }

  /** A value's scale and zero point. */
  private record Pair(String name, DataType type, float scale, int zeroPoint) {
    private OnnxModelBuilder define(OnnxModelBuilder model) {
      return model
          .constant(name + ".scale", new float[] {scale})
          .codes(name + ".zero", type, new int[] {zeroPoint});
    }

    private List<String> inputs(String value) {
      return List.of(value, name + ".scale", name + ".zero");
    }

    /** Value name.d from another. */
    private OnnxModelBuilder add(OnnxModelBuilder model, String value) {
      return define(model)
          .node("QuantizeLinear", inputs(value), name + ".q")
          .node("DequantizeLinear", inputs(name + ".q"), name + ".d");
    }
  }

  /** A layer's codes and what they mean. */
  private record Layer(
      Pair input, DataType type, int[] codes, long[] shape, float[] scales, int zero, int[] bias) {

    /** Values name.w and name.b. */
    private OnnxModelBuilder define(OnnxModelBuilder model, String name) {
      long[] each = scales.length == 1 ? new long[0] : new long[] {scales.length};
      int[] zeros = new int[scales.length];
      Arrays.fill(zeros, zero);
      return model
          .codes(name + ".codes", type, codes, shape)
          .constant(name + ".s", scales, each)
          .codes(name + ".z", type, zeros, each)
          .codes(name + ".bias", INT32, bias, bias.length)
          .constant(name + ".bs", biasScales(), bias.length)
          .node(
              "DequantizeLinear",
              List.of(name + ".codes", name + ".s", name + ".z"),
              name + ".w",
              integer("axis", 0))
          .node(
              "DequantizeLinear",
              List.of(name + ".bias", name + ".bs"),
              name + ".b",
              integer("axis", 0));
    }

    private float[] biasScales() {
      float[] products = new float[bias.length];
      for (int i = 0; i < products.length; i++) {
        products[i] = input.scale * scales[scales.length == 1 ? 0 : i];
      }
      return products;
    }

    /** Value name.w as [in, out], where ONNX Runtime multiplies integers. */
    private int[] turned() {
      int outputs = (int) shape[0];
      int inputs = codes.length / outputs;
      return IntStream.range(0, codes.length)
          .map(i -> codes[i % outputs * inputs + i / outputs])
          .toArray();
    }
  }

  private final Pair image = new Pair("image", UINT8, 0.027f, 121);
  private final Pair first = new Pair("first", UINT8, 0.031f, 0);
  private final Pair second = new Pair("second", INT8, 0.06f, -5);
  private final Pair sum = new Pair("sum", UINT8, 0.05f, 77);
  private final Layer conv1 = layer(image, INT8, 0, 4, 4, 3, 3, 3);
  private final Layer conv2 = layer(first, INT8, 0, 1, 4, 4, 3, 3);
  private final Layer gemm = layer(sum, UINT8, 120, 1, 5, 144);

  private Layer layer(Pair input, DataType type, int zero, int scales, int... shape) {
    int count = IntStream.of(shape).reduce(1, Math::multiplyExact);
    int least = type == INT8 ? -128 : 0;
    return new Layer(
        input,
        type,
        random.ints(count, least, least + 256).toArray(),
        IntStream.of(shape).asLongStream().toArray(),
        scales(scales),
        zero,
        random.ints(shape[0], -3000, 3000).toArray());
  }

  private float[] scales(int count) {
    float[] scales = new float[count];
    for (int i = 0; i < count; i++) {
      scales[i] = random.nextFloat(0.001f, 0.004f);
    }
    return scales;
  }

  /** conv, relu, pair, conv, pair, add, pair, gemm. */
  private OnnxModelBuilder network() {
    OnnxModelBuilder model = new OnnxModelBuilder(-1, 3, 6, 6).opset(13);
    conv1.define(model, "conv1");
    conv2.define(model, "conv2");
    gemm.define(model, "gemm");
    image.add(model, "x");
    model
        .node("Conv", List.of("image.d", "conv1.w", "conv1.b"), "c1", integers("pads", 1, 1, 1, 1))
        .node("Relu", List.of("c1"), "r1");
    first.add(model, "r1");
    model.node(
        "Conv", List.of("first.d", "conv2.w", "conv2.b"), "c2", integers("pads", 1, 1, 1, 1));
    second.add(model, "c2");
    model.node("Add", List.of("second.d", "first.d"), "a").node("Flatten", List.of("a"), "f");
    sum.add(model, "f");
    return model.node("Gemm", List.of("sum.d", "gemm.w", "gemm.b"), "y", integer("transB", 1));
  }

  private Tensor images() {
    float[] pixels = new float[IMAGES * 3 * 6 * 6];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Tensor.of(pixels, IMAGES, 3, 6, 6);
  }

  @Test
  void float32IsThatOfOnnxRuntime() {
    Tensor x = images();
    float[] expected = oracle(network(), x);
    float[] actual = run(network(), Arithmetic.float32(), x).get("y").toFloatArray();
    Closeness.assertClose(actual, expected, 1e-6);
  }

  @Test
  void sumsOf8BitsAreThoseOfOnnxRuntimesIntegers() {
    Map<String, Tensor> values = run(network(), Arithmetic.approximate(exact), images());
    float[] beforeRelu = oracle(convOfIntegers(conv1), values.get("image.d"));
    for (int i = 0; i < beforeRelu.length; i++) {
      beforeRelu[i] = Math.max(beforeRelu[i], 0);
    }
    assertThat(values.get("r1").toFloatArray()).containsExactly(beforeRelu);
    assertThat(values.get("c2").toFloatArray())
        .containsExactly(oracle(convOfIntegers(conv2), values.get("first.d")));
    assertThat(values.get("y").toFloatArray())
        .containsExactly(oracle(gemmOfIntegers(gemm), values.get("sum.d")));
  }

  private static OnnxModelBuilder convOfIntegers(Layer layer) {
    long outputs = layer.shape[0];
    OnnxModelBuilder model =
        new OnnxModelBuilder(-1, (int) layer.shape[1], 6, 6)
            .codes("w", layer.type, layer.codes, layer.shape);
    return sums(model, layer, "ConvInteger", new long[] {outputs, 1, 1});
  }

  private static OnnxModelBuilder gemmOfIntegers(Layer layer) {
    OnnxModelBuilder model =
        new OnnxModelBuilder(-1, (int) layer.shape[1])
            .codes("w", layer.type, layer.turned(), layer.shape[1], layer.shape[0]);
    return sums(model, layer, "MatMulInteger", new long[] {layer.shape[0]});
  }

  /** Codes of x, an integer sum, its scales and its bias: a node for each. */
  private static OnnxModelBuilder sums(
      OnnxModelBuilder model, Layer layer, String operator, long[] perChannel) {
    float[] products = layer.biasScales();
    float[] bias = new float[products.length];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = layer.bias[i] * products[i];
    }
    List<String> inputs = List.of("q", "w", layer.input.name + ".zero", "wz");
    layer
        .input
        .define(model)
        .codes("wz", layer.type, new int[] {layer.zero})
        .constant("products", products, perChannel)
        .constant("bias", bias, perChannel)
        .node("QuantizeLinear", layer.input.inputs("x"), "q");
    if (operator.equals("ConvInteger")) {
      model.node(operator, inputs, "sums", integers("pads", 1, 1, 1, 1));
    } else {
      model.node(operator, inputs, "sums");
    }
    return model
        .node("Cast", List.of("sums"), "floats", integer("to", FLOAT.getNumber()))
        .node("Mul", List.of("floats", "products"), "scaled")
        .node("Add", List.of("scaled", "bias"), "y");
  }

  @Test
  void aChoiceOfAffineInputGivesWayToTheFile() {
    Tensor x = images();
    Arithmetic.Approximate arithmetic = Arithmetic.approximate(exact);
    assertThat(run(network(), arithmetic.withAffineInput(), x).get("y").toFloatArray())
        .containsExactly(run(network(), arithmetic, x).get("y").toFloatArray());
  }

  /**
   * A layer of weight 1 gives the value of the code that it makes of its input. That is the pair's
   * at ties of odd zero points too, where the layer's own rounding of the value before the pair
   * would give another.
   */
  @Test
  void theLayerMakesTheCodesOfThePair() {
    for (Pair pair :
        List.of(
            new Pair("p", UINT8, 0.5f, 3),
            new Pair("p", UINT8, 0.37f, 0),
            new Pair("p", UINT8, 1e-4f, 255),
            new Pair("p", INT8, 0.37f, 0),
            new Pair("p", INT8, 0.1f, -127),
            new Pair("p", INT8, 0.5f, 1))) {
      float[] x = new float[1400];
      for (int i = 0; i < x.length; i++) {
        x[i] = (i / 2f - 350) * pair.scale;
      }
      OnnxModelBuilder model =
          new OnnxModelBuilder(-1, 1)
              .codes("c", INT8, new int[] {1}, 1, 1)
              .constant("one", new float[] {1})
              .node("DequantizeLinear", List.of("c", "one"), "w");
      pair.add(model, "x").node("MatMul", List.of("p.d", "w"), "y");
      Map<String, Tensor> values =
          run(model, Arithmetic.approximate(exact), Tensor.of(x, x.length, 1));
      assertThat(values.get("y").toFloatArray())
          .as("%s", pair)
          .containsExactly(values.get("p.d").toFloatArray());
    }
  }

  /** Every code as a weight, one input of 1: the output is the value that the file gives it. */
  @Test
  void weightsAreTheCodesOfTheFile() {
    for (DataType type : List.of(INT8, UINT8)) {
      int least = type == INT8 ? -128 : 0;
      int[] codes = IntStream.range(least, least + 256).toArray();
      for (int zero : new int[] {0, 127, least, least + 200}) {
        float[] scales = new float[256];
        for (int i = 0; i < scales.length; i++) {
          scales[i] = (float) Math.exp(random.nextDouble(-40, 40));
        }
        int[] zeros = new int[256];
        Arrays.fill(zeros, zero);
        OnnxModelBuilder model =
            new OnnxModelBuilder(-1, 1)
                .codes("c", type, codes, 1, 256)
                .constant("s", scales, 256)
                .codes("z", type, zeros, 256)
                .node("DequantizeLinear", List.of("c", "s", "z"), "w", integer("axis", 1));
        new Pair("p", INT8, 1, 0).add(model, "x").node("MatMul", List.of("p.d", "w"), "y");
        Tensor one = Tensor.of(new float[] {1}, 1, 1);
        float[] expected = new float[256];
        for (int i = 0; i < expected.length; i++) {
          expected[i] = (codes[i] - zero) * scales[i];
        }
        assertThat(run(model, Arithmetic.approximate(exact), one).get("y").toFloatArray())
            .as("%s, zero point %d, seed %d", type, zero, SEED)
            .containsExactly(expected);
      }
    }
  }

  @Test
  void anUnsignedOperandTakesUnsignedCodesAsTheyAre() {
    OnnxModelBuilder model = new OnnxModelBuilder(-1, 3, 6, 6);
    conv1.define(model, "conv1");
    image.add(model, "x").node("Conv", List.of("image.d", "conv1.w", "conv1.b"), "y");
    Tensor x = images();
    // The error is in the activation's code 0 alone, which -128 would not be.
    try (Multiplier wrongAtZero =
            Multiplier.fromFunction(
                "wrong at 0", Operand.SIGNED8, Operand.UNSIGNED8, (w, a) -> a == 0 ? 1 : w * a);
        Multiplier right =
            Multiplier.fromFunction("right", Operand.SIGNED8, Operand.UNSIGNED8, (w, a) -> w * a)) {
      float[] expected = run(model, Arithmetic.approximate(exact), x).get("y").toFloatArray();
      assertThat(run(model, Arithmetic.approximate(right), x).get("y").toFloatArray())
          .containsExactly(expected);
      float[] dark = new float[x.toFloatArray().length];
      Arrays.fill(dark, -100);
      Tensor zeros = Tensor.of(dark, IMAGES, 3, 6, 6);
      float[] atZero = run(model, Arithmetic.approximate(right), zeros).get("y").toFloatArray();
      assertThat(run(model, Arithmetic.approximate(wrongAtZero), zeros).get("y").toFloatArray())
          .isNotEqualTo(atZero);
      assertThat(run(model, Arithmetic.approximate(wrongAtZero), x).get("y").toFloatArray())
          .containsExactly(expected);
    }
  }

  @Test
  void aBatchNormAfterWeightsOfCodesStaysByItself() {
    OnnxModelBuilder model = new OnnxModelBuilder(-1, 3, 6, 6);
    conv1.define(model, "conv1");
    image
        .add(model, "x")
        .node("Conv", List.of("image.d", "conv1.w"), "c")
        .constant("gamma", new float[] {2, -1, 0.5f, 1}, 4)
        .constant("beta", new float[] {1, 0, 0, -1}, 4)
        .constant("variance", new float[] {1, 2, 3, 4}, 4)
        .node("BatchNormalization", List.of("c", "gamma", "beta", "beta", "variance"), "y");
    Tensor x = images();
    float[] expected = oracle(model, x);
    Closeness.assertClose(
        run(model, Arithmetic.float32(), x).get("y").toFloatArray(), expected, 1e-6);
    Closeness.assertClose(
        run(model, Arithmetic.approximate(exact), x).get("y").toFloatArray(), expected, 1e-6);
  }

  @Test
  void codesThatTheMultiplierDoesNotTakeAreRefused() {
    OnnxModelBuilder wide = new OnnxModelBuilder(-1, 1).constant("w", new float[] {1}, 1, 1);
    new Pair("p", INT16, 0.5f, 0).add(wide, "x").node("MatMul", List.of("p.d", "w"), "y");
    assertRefused(wide, "layer 'node-y'", "inputQuantization", "-32768..32767");

    OnnxModelBuilder wideWeights =
        new OnnxModelBuilder(-1, 1)
            .codes("c", INT32, new int[] {1}, 1, 1)
            .constant("s", new float[] {1})
            .node("DequantizeLinear", List.of("c", "s"), "w");
    image.add(wideWeights, "x").node("MatMul", List.of("image.d", "w"), "y");
    assertRefused(wideWeights, "layer 'node-y'", "-2147483648");

    OnnxModelBuilder perInput =
        new OnnxModelBuilder(-1, 2)
            .codes("c", INT8, new int[] {1, 2, 3, 4}, 2, 2)
            .constant("s", new float[] {1, 2}, 2)
            .node("DequantizeLinear", List.of("c", "s"), "w", integer("axis", 0));
    image.add(perInput, "x").node("MatMul", List.of("image.d", "w"), "y");
    assertRefused(perInput, "layer 'node-y'", "'w'", "axis 1 of [2, 2]", "each output");
  }

  private void assertRefused(OnnxModelBuilder model, String... words) {
    Settings settings = Settings.of(Arithmetic.approximate(exact));
    Model parsed = Model.parse("test", model.toBytes());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parsed.prepare(context, settings))
        .withMessageContainingAll(words);
  }

  private static float[] oracle(OnnxModelBuilder model, Tensor x) {
    try (OnnxRuntime oracle = new OnnxRuntime(model.toBytes(), OptLevel.NO_OPT)) {
      return oracle.forward(x).toFloatArray();
    }
  }

  /** All values of a run, by name. */
  private Map<String, Tensor> run(OnnxModelBuilder model, Arithmetic arithmetic, Tensor x) {
    try (Network network =
        Model.parse("test", model.toBytes()).prepare(context, Settings.of(arithmetic))) {
      Map<String, Tensor> values = new HashMap<>();
      network.forward(
          x, (name, value) -> values.put(name, Tensor.of(value.toFloatArray(), value.shape())));
      return values;
    }
  }
}
