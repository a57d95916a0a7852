package io.axnn.tools;

import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static io.axnn.tools.testing.OnnxModelBuilder.real;
import static io.axnn.tools.testing.OnnxModelBuilder.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertAll;

import ai.onnx.proto.OnnxMl.AttributeProto;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.tools.testing.Closeness;
import io.axnn.tools.testing.OnnxModelBuilder;
import io.axnn.tools.testing.OnnxRuntime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every operator, over the range of its attributes, against ONNX Runtime. */
class OperatorTest {
  private static final long SEED = 20260101;

  private final Random random = new Random(SEED);

  @TestFactory
  Stream<DynamicTest> convAgrees() {
    return Stream.of(
        conv("plain", 1, 3, 4, 3, 3),
        conv("stride and symmetric pads", 1, 3, 4, 3, 3, strides(2, 2), pads(1, 1, 1, 1)),
        conv("asymmetric pads", 1, 3, 4, 3, 2, pads(2, 0, 1, 3)),
        conv("dilations", 1, 2, 3, 3, 2, dilations(2, 3), pads(1, 1, 1, 1)),
        conv("groups", 2, 2, 6, 3, 3, pads(1, 1, 1, 1)),
        conv("depthwise", 4, 1, 8, 3, 3, pads(1, 1, 1, 1), strides(1, 2)),
        conv("rectangular", 1, 3, 5, 1, 5, strides(3, 1), pads(0, 2, 0, 2)),
        conv("SAME_UPPER", 1, 3, 4, 2, 4, text("auto_pad", "SAME_UPPER")),
        conv("SAME_LOWER", 1, 3, 4, 2, 4, text("auto_pad", "SAME_LOWER")),
        conv("SAME_UPPER, stride", 1, 3, 4, 3, 4, text("auto_pad", "SAME_UPPER"), strides(2, 3)),
        conv("SAME_LOWER, stride", 1, 3, 4, 4, 3, text("auto_pad", "SAME_LOWER"), strides(3, 2)),
        conv("VALID", 1, 3, 4, 3, 3, text("auto_pad", "VALID"), strides(2, 1)));
  }

  /** A convolution of a 11 x 13 image with as many channels as the groups need. */
  private DynamicTest conv(
      String name, int groups, int inPerGroup, int out, int kh, int kw, AttributeProto... more) {
    AttributeProto[] attributes =
        Stream.concat(
                Stream.of(integers("kernel_shape", kh, kw), integer("group", groups)),
                Stream.of(more))
            .toArray(AttributeProto[]::new);
    int[] shape = {-1, groups * inPerGroup, 11, 13};
    OnnxModelBuilder model =
        new OnnxModelBuilder(shape)
            .constant("w", gaussians(out * inPerGroup * kh * kw), out, inPerGroup, kh, kw)
            .constant("b", gaussians(out), out)
            .node("Conv", List.of("x", "w", "b"), "y", attributes);
    return agrees(name, model, 2, groups * inPerGroup, 11, 13);
  }

  @Test
  void convTakesItsKernelFromTheWeightsAndNeedsNoBias() {
    assertAgrees(
        new OnnxModelBuilder(-1, 2, -1, -1)
            .constant("w", gaussians(3 * 2 * 2 * 3), 3, 2, 2, 3)
            .node("Conv", List.of("x", "w"), "y"),
        3,
        2,
        5,
        7);
  }

  @TestFactory
  Stream<DynamicTest> maxPoolAgrees() {
    return Stream.of(
        maxPool("plain", kernel(2, 2)),
        maxPool("strides", kernel(2, 3), strides(2, 2)),
        maxPool("pads", kernel(3, 3), pads(1, 1, 1, 1), strides(2, 2)),
        maxPool("asymmetric pads", kernel(3, 4), pads(2, 0, 1, 3)),
        maxPool("dilations", kernel(2, 3), dilations(3, 2), pads(1, 2, 0, 1)),
        maxPool("ceil_mode", kernel(2, 2), strides(2, 2), integer("ceil_mode", 1)),
        maxPool("ceil_mode, wide stride", kernel(2, 2), strides(3, 4), integer("ceil_mode", 1)),
        maxPool(
            "ceil_mode, a last window in the padding",
            kernel(2, 2),
            strides(2, 2),
            pads(0, 0, 1, 1),
            integer("ceil_mode", 1)),
        maxPool(
            "ceil_mode and pads",
            kernel(3, 3),
            strides(2, 3),
            pads(1, 1, 1, 1),
            integer("ceil_mode", 1)),
        maxPool("SAME_UPPER", kernel(3, 2), strides(2, 2), text("auto_pad", "SAME_UPPER")),
        maxPool("SAME_LOWER", kernel(2, 3), strides(2, 2), text("auto_pad", "SAME_LOWER")),
        maxPool("VALID", kernel(3, 3), strides(2, 2), text("auto_pad", "VALID")),
        maxPool("storage_order", kernel(2, 2), integer("storage_order", 1)));
  }

  private DynamicTest maxPool(String name, AttributeProto... attributes) {
    OnnxModelBuilder model =
        new OnnxModelBuilder(-1, 3, 10, 13).node("MaxPool", List.of("x"), "y", attributes);
    return agrees(name, model, 2, 3, 10, 13);
  }

  @TestFactory
  Stream<DynamicTest> gemmAgrees() {
    return Stream.of(
        gemm("plain", false, false, 1, 1, new long[] {5}),
        gemm("transB", false, true, 1, 1, new long[] {1, 5}),
        gemm("transA", true, false, 1, 1, new long[] {5}),
        gemm("both, alpha, beta", true, true, 0.5f, -2, new long[] {5}),
        gemm("C is one number", false, true, 3, 0.25f, new long[] {1}),
        gemm("C is a scalar", false, true, 1, 2, new long[] {}),
        gemm("no C", false, false, -1.5f, 1, null));
  }

  private DynamicTest gemm(
      String name, boolean transA, boolean transB, float alpha, float beta, long[] c) {
    int rows = 4;
    int in = 7;
    int out = 5;
    OnnxModelBuilder model = transA ? new OnnxModelBuilder(in, rows) : new OnnxModelBuilder(-1, in);
    model.constant("b", gaussians(in * out), transB ? out : in, transB ? in : out);
    if (c != null) {
      model.constant("c", gaussians(c.length == 0 || c[c.length - 1] == 1 ? 1 : out), c);
    }
    model.node(
        "Gemm",
        c == null ? List.of("x", "b") : List.of("x", "b", "c"),
        "y",
        integer("transA", transA ? 1 : 0),
        integer("transB", transB ? 1 : 0),
        real("alpha", alpha),
        real("beta", beta));
    return transA ? agrees(name, model, in, rows) : agrees(name, model, rows, in);
  }

  @TestFactory
  Stream<DynamicTest> batchNormalizationAgrees() {
    return Stream.of(
        agrees("images", batchNormalization(-1, 3, 4, 5), 2, 3, 4, 5),
        agrees("rows", batchNormalization(-1, 3), 6, 3),
        agrees(
            "a large epsilon",
            batchNormalization(new int[] {-1, 3, 4, 5}, real("epsilon", 0.5f)),
            2,
            3,
            4,
            5));
  }

  private OnnxModelBuilder batchNormalization(int... shape) {
    return batchNormalization(shape, real("momentum", 0.5f));
  }

  private OnnxModelBuilder batchNormalization(int[] shape, AttributeProto attribute) {
    return normalize(new OnnxModelBuilder(shape), "x", "y", attribute);
  }

  private OnnxModelBuilder normalize(
      OnnxModelBuilder model, String from, String to, AttributeProto... attributes) {
    return model
        .constant("scale", gaussians(3), 3)
        .constant("bias", gaussians(3), 3)
        .constant("mean", gaussians(3), 3)
        .constant("variance", new float[] {0.1f, 1, 7}, 3)
        .node(
            "BatchNormalization",
            List.of(from, "scale", "bias", "mean", "variance"),
            to,
            attributes);
  }

  @TestFactory
  Stream<DynamicTest> flattenAgrees() {
    return Stream.of(0, 1, 2, 4, -1, -3)
        .map(
            axis ->
                agrees(
                    "axis " + axis,
                    new OnnxModelBuilder(-1, 3, 4, 5)
                        .node("Flatten", List.of("x"), "y", integer("axis", axis)),
                    2,
                    3,
                    4,
                    5));
  }

  @TestFactory
  Stream<DynamicTest> elementwiseOperatorsAgree() {
    return Stream.of("Relu", "Sign", "LeakyRelu", "Sigmoid", "Identity", "Clip", "Dropout")
        .map(operator -> agrees(operator, onImages(17).node(operator, List.of("x"), "y"), IMAGES));
  }

  private static final int[] IMAGES = {2, 3, 4, 5};

  private static OnnxModelBuilder onImages(long opset) {
    return new OnnxModelBuilder(-1, 3, 4, 5).opset(opset);
  }

  @TestFactory
  Stream<DynamicTest> leakyReluAndClipAgreeWithTheirParameters() {
    return Stream.of(
        agrees(
            "alpha", onImages(17).node("LeakyRelu", List.of("x"), "y", real("alpha", .3f)), IMAGES),
        agrees(
            "attributes",
            onImages(7).node("Clip", List.of("x"), "y", real("min", -.5f), real("max", .25f)),
            IMAGES),
        agrees(
            "constants",
            onImages(13)
                .constant("least", new float[] {-.5f})
                .constant("most", new float[] {.25f})
                .node("Clip", List.of("x", "least", "most"), "y"),
            IMAGES),
        agrees(
            "most alone",
            onImages(11)
                .constant("most", new float[] {.25f})
                .node("Clip", List.of("x", "", "most"), "y"),
            IMAGES));
  }

  @TestFactory
  Stream<DynamicTest> averagePoolAgrees() {
    return Stream.of(
        averagePool("plain", kernel(2, 3)),
        averagePool("strides and pads", kernel(3, 3), strides(2, 1), pads(1, 0, 2, 1)),
        averagePool(
            "padding counts",
            kernel(3, 3),
            strides(2, 1),
            pads(1, 0, 2, 1),
            integer("count_include_pad", 1)),
        averagePool("SAME_UPPER", kernel(3, 2), strides(2, 2), text("auto_pad", "SAME_UPPER")),
        averagePool("ceil_mode", kernel(2, 2), strides(2, 2), integer("ceil_mode", 1)),
        agrees("global", onImages(17).node("GlobalAveragePool", List.of("x"), "y"), IMAGES));
  }

  private DynamicTest averagePool(String name, AttributeProto... attributes) {
    OnnxModelBuilder model =
        new OnnxModelBuilder(-1, 3, 10, 13).node("AveragePool", List.of("x"), "y", attributes);
    return agrees(name, model, 2, 3, 10, 13);
  }

  @TestFactory
  Stream<DynamicTest> reduceMeanAgrees() {
    return Stream.of(
        agrees(
            "axes of images",
            onImages(13).node("ReduceMean", List.of("x"), "y", integers("axes", 2, 3)),
            IMAGES),
        agrees(
            "dropped, from the end",
            onImages(13)
                .node(
                    "ReduceMean",
                    List.of("x"),
                    "y",
                    integers("axes", -1, 1),
                    integer("keepdims", 0)),
            IMAGES),
        agrees(
            "an input",
            onImages(18)
                .integerConstant("axes", -1, -2)
                .node("ReduceMean", List.of("x", "axes"), "y", integer("keepdims", 0)),
            IMAGES));
  }

  @TestFactory
  Stream<DynamicTest> arithmeticAgrees() {
    return Stream.of("Add", "Sub", "Mul", "Div")
        .flatMap(
            operator ->
                Stream.of(
                    arithmetic(operator, "a scalar", false),
                    arithmetic(operator, "channels", false, 3, 1, 1),
                    arithmetic(operator, "columns, first", true, 5),
                    arithmetic(operator, "all, first", true, 1, 3, 4, 5),
                    agrees(
                        operator + " of two values",
                        onImages(17)
                            .node("Sigmoid", List.of("x"), "s")
                            .node(operator, List.of("x", "s"), "y"),
                        IMAGES),
                    agrees(
                        operator + " of a value and its means",
                        onImages(17)
                            .node("Sigmoid", List.of("x"), "s")
                            .node("GlobalAveragePool", List.of("s"), "m")
                            .node(operator, List.of("x", "m"), "y"),
                        IMAGES)));
  }

  private DynamicTest arithmetic(
      String operator, String name, boolean constantFirst, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
    // The divided stay off zero.
    OnnxModelBuilder model =
        onImages(17)
            .constant("c", gaussians(size), shape)
            .node("Sigmoid", List.of("x"), "s")
            .node(operator, constantFirst ? List.of("c", "s") : List.of("s", "c"), "y");
    return agrees(operator + ", " + name, model, IMAGES);
  }

  @TestFactory
  Stream<DynamicTest> softmaxAgrees() {
    return Stream.of(7L, 11L, 13L, 21L)
        .flatMap(
            opset ->
                Stream.of(-1, 1, 2)
                    .filter(axis -> axis > 0 || opset > 7)
                    .map(
                        axis ->
                            agrees(
                                "opset %d, axis %d".formatted(opset, axis),
                                onImages(opset)
                                    .node("Softmax", List.of("x"), "y", integer("axis", axis)),
                                IMAGES)));
  }

  @TestFactory
  Stream<DynamicTest> shapesAgree() {
    return Stream.of(
        reshape("the rest follows", -1, 60),
        reshape("taken over", 0, 0, -1),
        reshape("an axis more", 0, 3, 2, 2, 5),
        agrees(
            "transposed",
            onImages(17).node("Transpose", List.of("x"), "y", integers("perm", 0, 3, 1, 2)),
            IMAGES),
        agrees(
            "joined channels",
            onImages(17)
                .node("Relu", List.of("x"), "r")
                .node("GlobalAveragePool", List.of("x"), "m")
                .node("Add", List.of("r", "m"), "a")
                .node("Concat", List.of("x", "r", "a"), "y", integer("axis", 1)),
            IMAGES),
        agrees(
            "joined rows of different heights",
            onImages(17)
                .node("MaxPool", List.of("x"), "p", kernel(2, 1))
                .node("Concat", List.of("x", "p"), "y", integer("axis", -2)),
            IMAGES),
        agrees(
            "MatMul",
            new OnnxModelBuilder(-1, 7)
                .constant("b", gaussians(35), 7, 5)
                .node("MatMul", List.of("x", "b"), "y"),
            4,
            7));
  }

  private DynamicTest reshape(String name, long... shape) {
    return agrees(
        "reshaped: " + name,
        onImages(17).integerConstant("shape", shape).node("Reshape", List.of("x", "shape"), "y"),
        IMAGES);
  }

  @TestFactory
  Stream<DynamicTest> padAgrees() {
    return Stream.of("constant", "reflect", "edge")
        .flatMap(
            mode ->
                Stream.of(
                    agrees(
                        mode + ", attributes",
                        onImages(10)
                            .node(
                                "Pad",
                                List.of("x"),
                                "y",
                                text("mode", mode),
                                integers("pads", 0, 0, 1, 3, 0, 0, 2, 4)),
                        IMAGES),
                    agrees(
                        mode + ", inputs, channels",
                        onImages(18)
                            .integerConstant("axes", -1, 1)
                            .integerConstant("pads", 2, 1, 0, 2)
                            .constant("value", new float[] {1.5f})
                            .node(
                                "Pad",
                                List.of("x", "pads", "value", "axes"),
                                "y",
                                text("mode", mode)),
                        IMAGES)));
  }

  @TestFactory
  Stream<DynamicTest> sliceAgrees() {
    return Stream.of(
        agrees(
            "attributes",
            onImages(9)
                .node(
                    "Slice",
                    List.of("x"),
                    "y",
                    integers("axes", 1, 3),
                    integers("starts", 1, -4),
                    integers("ends", 9, -1)),
            IMAGES),
        slice("ahead", new long[] {0, 1}, new long[] {4, Long.MAX_VALUE}, 2, 1),
        slice("backwards", new long[] {-1, 3}, new long[] {Long.MIN_VALUE, 0}, -1, -2));
  }

  private DynamicTest slice(String name, long[] starts, long[] ends, long... steps) {
    return agrees(
        name,
        onImages(13)
            .integerConstant("starts", starts)
            .integerConstant("ends", ends)
            .integerConstant("axes", 2, -1)
            .integerConstant("steps", steps)
            .node("Slice", List.of("x", "starts", "ends", "axes", "steps"), "y"),
        IMAGES);
  }

  /** As PyTorch writes x.view(x.size(0), -1) where the number of images is open. */
  @Test
  void theNumberOfImagesGoesThroughAShape() {
    assertAgrees(
        onImages(13)
            .integerConstant("first", 0)
            .integerConstant("rest", -1)
            .node("Shape", List.of("x"), "s")
            .node("Gather", List.of("s", "first"), "n", integer("axis", 0))
            .node("Concat", List.of("n", "rest"), "shape", integer("axis", 0))
            .node("Reshape", List.of("x", "shape"), "y"),
        IMAGES);
  }

  /** As PyTorch writes F.pad(x, (1, 2, 3, 0)): pairs from the last axis on, turned into ONNX's. */
  @Test
  void paddingIsComputedFromConstants() {
    assertAgrees(
        onImages(13)
            .integerConstant("given", 1, 2, 3, 0)
            .integerConstant("missing", 4)
            .integerConstant("pairs", -1, 2)
            .integerConstant("start", -1)
            .integerConstant("end", Long.MIN_VALUE)
            .integerConstant("axis", 0)
            .integerConstant("flat", -1)
            .node("ConstantOfShape", List.of("missing"), "floats")
            .node("Cast", List.of("floats"), "zeros", integer("to", 7))
            .node("Concat", List.of("given", "zeros"), "all", integer("axis", 0))
            .node("Reshape", List.of("all", "pairs"), "matrix")
            .node("Slice", List.of("matrix", "start", "end", "axis", "start"), "turned")
            .node("Transpose", List.of("turned"), "columns", integers("perm", 1, 0))
            .node("Reshape", List.of("columns", "flat"), "pads")
            .node("Pad", List.of("x", "pads"), "y"),
        IMAGES);
  }

  @Test
  void weightsAreComputedFromConstants() {
    assertAgrees(
        onImages(13)
            .constant("w", gaussians(6 * 3 * 2), 6, 3, 2)
            .constant("half", new float[] {0.5f})
            .constant("more", gaussians(2), 2)
            .integerConstant("axes", 3)
            .integerConstant("of", 2, 0, 1)
            .node("Mul", List.of("w", "half"), "a")
            .node("Sub", List.of("a", "more"), "b")
            .node("Gather", List.of("b", "of"), "c", integer("axis", 1))
            .node("Unsqueeze", List.of("c", "axes"), "d")
            .node("Conv", List.of("x", "d"), "y"),
        IMAGES);
  }

  /** In every arithmetic what the layer and then the Relu or Clip give, to the bit. */
  @Test
  void limitsArePartOfTheLayerBeforeThem() {
    for (String limit : List.of("Relu", "Clip")) {
      byte[] folded = limited(limit, false).toBytes();
      byte[] apart = limited(limit, true).toBytes();
      assertAgrees(limited(limit, false), 3, 2, 4, 5);
      Tensor x = Tensor.of(gaussians(3 * 2 * 4 * 5), 3, 2, 4, 5);
      for (Arithmetic arithmetic : List.of(Arithmetic.float32(), Arithmetic.quantized())) {
        assertThat(values(folded, arithmetic, x).get("y").toFloatArray())
            .as(limit + " in " + arithmetic)
            .isEqualTo(values(apart, arithmetic, x).get("y").toFloatArray());
      }
      assertThat(values(folded, Arithmetic.quantized(), x)).doesNotContainKey("c");
      assertThat(values(apart, Arithmetic.quantized(), x)).containsKey("c");
    }
  }

  /** Conv, a limit, and a Flatten; the convolution's output is read once more, or not. */
  private OnnxModelBuilder limited(String limit, boolean readAgain) {
    Random fixed = new Random(5);
    float[] weights = new float[3 * 2 * 2 * 2];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) fixed.nextGaussian();
    }
    OnnxModelBuilder model =
        new OnnxModelBuilder(-1, 2, 4, 5)
            .opset(17)
            .constant("w", weights, 3, 2, 2, 2)
            .constant("b", new float[] {0.3f, -1, 2}, 3)
            .constant("least", new float[] {-0.5f})
            .constant("most", new float[] {1.5f})
            .constant("nothing", new float[] {0})
            .node("Conv", List.of("x", "w", "b"), "c")
            .node(limit, limit.equals("Clip") ? List.of("c", "least", "most") : List.of("c"), "l");
    if (!readAgain) {
      return model.node("Flatten", List.of("l"), "y");
    }
    return model
        .node("Mul", List.of("c", "nothing"), "zero")
        .node("Add", List.of("l", "zero"), "sum")
        .node("Flatten", List.of("sum"), "y");
  }

  private static Map<String, Tensor> values(byte[] bytes, Arithmetic arithmetic, Tensor x) {
    Model model = Model.parse("test", bytes);
    Map<String, Tensor> values = new HashMap<>();
    try (Context context = Context.create();
        Network floats = model.prepare(context, Settings.of(Arithmetic.float32()));
        Network network =
            model.prepare(
                context, Settings.of(arithmetic).withCalibration(floats.calibrate(List.of(x))))) {
      values.put("y", network.forward(x, (name, tensor) -> values.put(name, tensor)));
    }
    return values;
  }

  @Test
  void aBatchNormIsPartOfTheConvolutionBeforeIt() {
    OnnxModelBuilder model =
        new OnnxModelBuilder(-1, 2, 4, 5)
            .constant("w", gaussians(3 * 2 * 2 * 2), 3, 2, 2, 2)
            .constant("b", gaussians(3), 3)
            .node("Conv", List.of("x", "w", "b"), "c");
    normalize(model, "c", "y");
    assertAgrees(model, 2, 2, 4, 5);
    assertThat(Model.parse("test", model.toBytes()).layers()).hasSize(1);

    OnnxModelBuilder readTwice =
        new OnnxModelBuilder(-1, 2, 4, 5)
            .constant("w", gaussians(3 * 2 * 2 * 2), 3, 2, 2, 2)
            .node("Conv", List.of("x", "w"), "c");
    normalize(readTwice, "c", "n");
    assertAgrees(readTwice.node("Add", List.of("n", "c"), "y"), 2, 2, 4, 5);
  }

  @TestFactory
  Stream<DynamicTest> whatWouldMixImagesIsRefused() {
    return Stream.of(
        refused("ReduceMean", onImages(13).node("ReduceMean", List.of("x"), "y"), "the images"),
        refused(
            "Softmax",
            onImages(13).node("Softmax", List.of("x"), "y", integer("axis", 0)),
            "the images"),
        refused("Transpose", onImages(13).node("Transpose", List.of("x"), "y"), "stays the first"),
        refused(
            "Concat",
            onImages(13).node("Concat", List.of("x", "x"), "y", integer("axis", 0)),
            "the images"),
        refused(
            "Add",
            onImages(13)
                .constant("c", gaussians(2), 2, 1, 1, 1)
                .node("Add", List.of("x", "c"), "y"),
            "the images"),
        refused(
            "Pad",
            onImages(10).node("Pad", List.of("x"), "y", integers("pads", 1, 0, 0, 0, 0, 0, 0, 0)),
            "the images"),
        refused(
            "Slice",
            onImages(9)
                .node("Slice", List.of("x"), "y", integers("starts", 0), integers("ends", 1)),
            "the images"),
        refused(
            "Reshape",
            onImages(13).integerConstant("s", -1, 5).node("Reshape", List.of("x", "s"), "y"),
            "the images"));
  }

  private static DynamicTest refused(String operator, OnnxModelBuilder model, String reason) {
    return DynamicTest.dynamicTest(
        operator,
        () ->
            assertThatThrownBy(() -> Model.parse("test", model.toBytes()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("node-y")
                .hasMessageContaining(operator)
                .hasMessageContaining(reason));
  }

  @Test
  void signOfBothZerosIsZero() {
    byte[] model = new OnnxModelBuilder(-1, 4).node("Sign", List.of("x"), "y").toBytes();
    Tensor x = Tensor.of(new float[] {0f, -0f, -3f, 1e-30f}, 1, 4);
    assertThat(forward(model, x).toFloatArray()).containsExactly(0f, -0f, -1f, 1f);
  }

  @Test
  void aNodeThatNobodyReadsDoesNotDisturb() {
    assertAgrees(
        new OnnxModelBuilder(-1, 2, 4, 4)
            .node("Relu", List.of("x"), "a")
            .node("MaxPool", List.of("a"), "b", kernel(2, 2))
            .node("Sign", List.of("a"), "unused")
            .node("Flatten", List.of("b"), "y"),
        2,
        2,
        4,
        4);
  }

  private DynamicTest agrees(String name, OnnxModelBuilder model, int... shape) {
    return DynamicTest.dynamicTest(name, () -> assertAgrees(model, shape));
  }

  private void assertAgrees(OnnxModelBuilder model, int... shape) {
    byte[] bytes = model.toBytes();
    int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    Tensor x = Tensor.of(gaussians(size), shape);
    Tensor expected;
    try (OnnxRuntime oracle = new OnnxRuntime(bytes)) {
      expected = oracle.forward(x);
    }
    Tensor actual = forward(bytes, x);
    assertAll(
        "seed " + SEED,
        () -> assertThat(actual.shape()).containsExactly(expected.shape()),
        () -> Closeness.assertClose(actual.toFloatArray(), expected.toFloatArray(), 1e-5));
  }

  private static Tensor forward(byte[] model, Tensor x) {
    try (Context context = Context.create();
        Network network =
            Model.parse("test", model).prepare(context, Settings.of(Arithmetic.float32()))) {
      return network.forward(x);
    }
  }

  private float[] gaussians(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static AttributeProto kernel(int height, int width) {
    return integers("kernel_shape", height, width);
  }

  private static AttributeProto strides(int height, int width) {
    return integers("strides", height, width);
  }

  private static AttributeProto dilations(int height, int width) {
    return integers("dilations", height, width);
  }

  private static AttributeProto pads(int top, int left, int bottom, int right) {
    return integers("pads", top, left, bottom, right);
  }
}
