package io.axnn.tools;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT16;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT32;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT8;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.UINT16;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.UINT8;
import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static io.axnn.tools.testing.OnnxModelBuilder.real;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import com.google.protobuf.ByteString;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.tools.testing.Closeness;
import io.axnn.tools.testing.OnnxModelBuilder;
import io.axnn.tools.testing.OnnxRuntime;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * QuantizeLinear and DequantizeLinear in float32 against ONNX Runtime, which runs the nodes of the
 * file here and joins none. What one node computes has to be equal, not close.
 */
class QuantizationPairsTest {
  private static final long SEED = 20261126;

  private final Random random = new Random(SEED);

  @TestFactory
  Stream<DynamicTest> pairsAgree() {
    return Stream.of(10L, 13L, 19L, 21L)
        .flatMap(
            opset ->
                Stream.of(
                    pair(opset, UINT8, 0, 0.25f),
                    pair(opset, UINT8, 3, 0.25f),
                    pair(opset, UINT8, 128, 0.1f),
                    pair(opset, UINT8, 255, 0.013f),
                    pair(opset, INT8, 0, 0.25f),
                    pair(opset, INT8, 5, 0.3f),
                    pair(opset, INT8, -128, 0.25f),
                    pair(opset, INT8, 127, 1e-3f)));
  }

  @TestFactory
  Stream<DynamicTest> pairsOf16BitsAgree() {
    return Stream.of(
        pair(21, INT16, 0, 0.001f),
        pair(21, INT16, -77, 0.25f),
        pair(21, UINT16, 0, 0.25f),
        pair(21, UINT16, 32_769, 0.1f));
  }

  private static DynamicTest pair(long opset, DataType type, int zeroPoint, float scale) {
    OnnxModelBuilder model =
        onValues(opset)
            .constant("s", new float[] {scale})
            .codes("z", type, new int[] {zeroPoint})
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("DequantizeLinear", List.of("q", "s", "z"), "y");
    return DynamicTest.dynamicTest(
        "opset %d, %s, zero point %d, scale %s".formatted(opset, type, zeroPoint, scale),
        () -> assertEqual(model, values(scale)));
  }

  @Test
  void aZeroPointThatIsLeftOutIsZeroOfUint8() {
    assertEqual(
        onValues(13)
            .constant("s", new float[] {0.5f}, 1)
            .node("QuantizeLinear", List.of("x", "s"), "q")
            .node("DequantizeLinear", List.of("q", "s", ""), "y", integer("axis", 7)),
        values(0.5f));
  }

  /** As PyTorch writes them. */
  @Test
  void scaleAndZeroPointAreComputedFromConstants() {
    assertEqual(
        onValues(13)
            .node("Constant", List.of(), "s", real("value_float", 0.5f))
            .node("Constant", List.of(), "wide", integer("value_int", -3))
            .node("Cast", List.of("wide"), "z", integer("to", INT8.getNumber()))
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("DequantizeLinear", List.of("q", "s", "z"), "y"),
        values(0.5f));
  }

  @Test
  void opset21NamesTheTypeByAnAttribute() {
    for (DataType type : List.of(INT8, UINT8, INT16)) {
      assertEqual(
          onValues(21)
              .constant("s", new float[] {0.5f})
              .node(
                  "QuantizeLinear",
                  List.of("x", "s"),
                  "q",
                  integer("output_dtype", type.getNumber()),
                  integer("saturate", 1),
                  integer("block_size", 0))
              .node("DequantizeLinear", List.of("q", "s"), "y"),
          values(0.5f));
    }
  }

  @Test
  void severalDequantizeLinearReadOneQuantizeLinear() {
    assertEqual(
        onValues(13)
            .constant("s", new float[] {0.5f})
            .codes("z", INT8, new int[] {9})
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("DequantizeLinear", List.of("q", "s", "z"), "a")
            .node("DequantizeLinear", List.of("q", "s", "z"), "b")
            .node("Add", List.of("a", "b"), "y"),
        values(0.5f));
  }

  private static OnnxModelBuilder onValues(long opset) {
    return new OnnxModelBuilder(-1, 1).opset(opset);
  }

  /** Ties, neighbours of ties, what saturates, and both zeros, for one scale. */
  private static Tensor values(float scale) {
    float[] quarters = new float[4 * 700];
    for (int i = 0; i < quarters.length; i++) {
      quarters[i] = (i / 4f - 350) * scale;
    }
    float[] special = {
      0f, -0f, 1e-30f, -1e-30f, 1e30f, -1e30f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
    };
    float[] x = new float[3 * quarters.length + special.length];
    for (int i = 0; i < quarters.length; i++) {
      x[3 * i] = quarters[i];
      x[3 * i + 1] = Math.nextUp(quarters[i]);
      x[3 * i + 2] = Math.nextDown(quarters[i]);
    }
    System.arraycopy(special, 0, x, 3 * quarters.length, special.length);
    return Tensor.of(x, x.length, 1);
  }

  @TestFactory
  Stream<DynamicTest> constantsAreDequantized() {
    int[] shape = {3, 4, 2};
    return Stream.of(
        constant("int8", INT8, codes(-128, 127), shape, 1, null),
        constant("int8, zero point", INT8, codes(-128, 127), shape, 1, new int[] {-7}),
        constant("uint8, zero point", UINT8, codes(0, 255), shape, 1, new int[] {130}),
        constant("int16", INT16, codes(-32768, 32767), shape, 1, new int[] {-300}),
        constant("uint16", UINT16, codes(0, 65535), shape, 1, new int[] {40_000}),
        constant(
            "int32, beyond float32",
            INT32,
            codes(Integer.MIN_VALUE, Integer.MAX_VALUE),
            shape,
            1,
            null),
        constant("axis 0", INT8, codes(-128, 127), shape, 3, null, integer("axis", 0)),
        constant("axis 1 by default", INT8, codes(-128, 127), shape, 4, new int[] {1, -2, 3, -4}),
        constant("the last axis", UINT8, codes(0, 255), shape, 2, null, integer("axis", -1)));
  }

  private DynamicTest constant(
      String name,
      DataType type,
      int[] codes,
      int[] shape,
      int scales,
      int[] zeroPoints,
      AttributeProto... attributes) {
    long[] each = scales == 1 ? new long[0] : new long[] {scales};
    OnnxModelBuilder model =
        new OnnxModelBuilder(-1, 3, 4, 2)
            .opset(21)
            .codes("c", type, codes, 1, 3, 4, 2)
            .integerConstant("shape", 3, 4, 2)
            .constant("s", scales(scales), each)
            .node("Reshape", List.of("c", "shape"), "turned");
    if (zeroPoints != null) {
      model.codes("z", type, zeroPoints, each);
    }
    List<String> inputs = zeroPoints == null ? List.of("turned", "s") : List.of("turned", "s", "z");
    model.node("DequantizeLinear", inputs, "d", attributes).node("Add", List.of("x", "d"), "y");
    return DynamicTest.dynamicTest(
        name, () -> assertEqual(model, Tensor.of(new float[24], 1, 3, 4, 2)));
  }

  /** Random codes that fill a constant of 24, the smallest and the largest among them. */
  private int[] codes(int min, int max) {
    int[] codes = IntStream.range(0, 24).map(i -> random.nextInt(min, max)).toArray();
    codes[5] = min;
    codes[17] = max;
    return codes;
  }

  private float[] scales(int count) {
    float[] scales = new float[count];
    for (int i = 0; i < count; i++) {
      scales[i] = random.nextFloat(0.001f, 0.1f);
    }
    return scales;
  }

  @Test
  void rawCodesAreReadByTheirWidth() {
    byte[] bytes = {-1, -128, 127, 0, 3, -4};
    for (DataType type : List.of(INT8, UINT8, INT16, UINT16)) {
      boolean wide = type == INT16 || type == UINT16;
      assertEqual(
          new OnnxModelBuilder(-1, wide ? 3 : 6)
              .opset(21)
              .initializer(
                  OnnxModelBuilder.floats("c", wide ? 3 : 6)
                      .setDataType(type.getNumber())
                      .setRawData(ByteString.copyFrom(bytes)))
              .constant("s", new float[] {0.25f})
              .node("DequantizeLinear", List.of("c", "s"), "d")
              .node("Add", List.of("x", "d"), "y"),
          Tensor.of(new float[wide ? 3 : 6], 1, wide ? 3 : 6));
    }
  }

  /** As exporters write weights that were trained with fake quantisation. */
  @Test
  void floatConstantsAreQuantizedAndDequantized() {
    assertEqual(
        new OnnxModelBuilder(-1, 2, 12)
            .opset(13)
            .constant("c", gaussians(24), 2, 12)
            .constant("s", new float[] {0.02f, 0.01f}, 2)
            .codes("z", INT8, new int[] {0, 11}, 2)
            .node("QuantizeLinear", List.of("c", "s", "z"), "q", integer("axis", 0))
            .node("DequantizeLinear", List.of("q", "s", "z"), "d", integer("axis", 0))
            .node("Add", List.of("x", "d"), "y"),
        Tensor.of(new float[24], 1, 2, 12));
  }

  @TestFactory
  Stream<DynamicTest> layersOfCodesAgree() {
    return Stream.of(
        layer(
            "Conv, axis 0, and its bias",
            new OnnxModelBuilder(-1, 2, 5, 6)
                .codes("c", INT8, randomCodes(3 * 2 * 3 * 3), 3, 2, 3, 3)
                .constant("s", scales(3), 3)
                .codes("b", INT32, new int[] {100, -2000, 30_000}, 3)
                .constant("bs", scales(3), 3)
                .node("DequantizeLinear", List.of("c", "s"), "w", integer("axis", 0))
                .node("DequantizeLinear", List.of("b", "bs"), "bias", integer("axis", 0))
                .node("Conv", List.of("x", "w", "bias"), "y", integers("pads", 1, 1, 1, 1)),
            2,
            2,
            5,
            6),
        layer("MatMul, axis 1", columns().node("MatMul", List.of("x", "w"), "y"), 3, 7),
        layer("Gemm, axis 1", columns().node("Gemm", List.of("x", "w"), "y"), 3, 7),
        layer(
            "MatMul of turned weights",
            rows()
                .node("Transpose", List.of("w"), "t", integers("perm", 1, 0))
                .node("MatMul", List.of("x", "t"), "y"),
            3,
            7),
        layer(
            "Gemm, axis 0 of turned weights",
            rows().node("Gemm", List.of("x", "w"), "y", integer("transB", 1)),
            3,
            7),
        layer(
            "MaxPool and Flatten between pairs",
            new OnnxModelBuilder(-1, 2, 4, 4)
                .constant("s", new float[] {0.02f})
                .node("QuantizeLinear", List.of("x", "s"), "q1")
                .node("DequantizeLinear", List.of("q1", "s"), "d1")
                .node("MaxPool", List.of("d1"), "m", integers("kernel_shape", 2, 2))
                .node("Flatten", List.of("m"), "f")
                .node("QuantizeLinear", List.of("f", "s"), "q2")
                .node("DequantizeLinear", List.of("q2", "s"), "y"),
            2,
            2,
            4,
            4));
  }

  private OnnxModelBuilder columns() {
    return new OnnxModelBuilder(-1, 7)
        .codes("c", INT8, randomCodes(35), 7, 5)
        .constant("s", scales(5), 5)
        .node("DequantizeLinear", List.of("c", "s"), "w", integer("axis", 1));
  }

  private OnnxModelBuilder rows() {
    return new OnnxModelBuilder(-1, 7)
        .codes("c", UINT8, randomCodes(35, 0, 255), 5, 7)
        .constant("s", scales(5), 5)
        .codes("z", UINT8, randomCodes(5, 100, 140), 5)
        .node("DequantizeLinear", List.of("c", "s", "z"), "w", integer("axis", 0));
  }

  private DynamicTest layer(String name, OnnxModelBuilder model, int... shape) {
    int size = IntStream.of(shape).reduce(1, Math::multiplyExact);
    return DynamicTest.dynamicTest(
        name,
        () -> {
          Tensor x = Tensor.of(gaussians(size), shape);
          Closeness.assertClose(
              forward(model, x).toFloatArray(), oracle(model, x).toFloatArray(), 1e-6);
        });
  }

  private int[] randomCodes(int count) {
    return randomCodes(count, -128, 127);
  }

  private int[] randomCodes(int count, int min, int max) {
    return random.ints(count, min, max + 1).toArray();
  }

  private float[] gaussians(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void assertEqual(OnnxModelBuilder model, Tensor x) {
    Tensor expected = oracle(model, x);
    Tensor actual = forward(model, x);
    assertThat(actual.shape()).containsExactly(expected.shape());
    assertThat(actual.toFloatArray()).containsExactly(expected.toFloatArray());
  }

  private static Tensor oracle(OnnxModelBuilder model, Tensor x) {
    try (OnnxRuntime oracle = new OnnxRuntime(model.toBytes(), OptLevel.NO_OPT)) {
      return oracle.forward(x);
    }
  }

  private static Tensor forward(OnnxModelBuilder model, Tensor x) {
    try (Context context = Context.create();
        Network network =
            Model.parse("test", model.toBytes())
                .prepare(context, Settings.of(Arithmetic.float32()))) {
      return network.forward(x);
    }
  }
}
