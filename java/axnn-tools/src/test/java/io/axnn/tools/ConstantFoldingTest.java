package io.axnn.tools;

import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static io.axnn.tools.testing.OnnxModelBuilder.real;
import static io.axnn.tools.testing.OnnxModelBuilder.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.tools.testing.Closeness;
import io.axnn.tools.testing.OnnxModelBuilder;
import io.axnn.tools.testing.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Sub-graphs of constants against ONNX Runtime: what they compute, as one row of floats, is added
 * to the input.
 */
class ConstantFoldingTest {
  private static final float[] FLOATS = {-2.5f, -1, -0.4f, 0.5f, 1.5f, 3};
  private static final float[] POSITIVE = {0.25f, 1, 2, 3, 4.5f, 9};
  private static final long[] INTEGERS = {-7, -3, 2, 5, 0, 9};

  /** Constants f and p (2 x 3 floats), i (2 x 3 integers), and three, axes and the like. */
  private static OnnxModelBuilder constants(long opset, int size) {
    return new OnnxModelBuilder(-1, size)
        .opset(opset)
        .constant("f", FLOATS, 2, 3)
        .constant("p", POSITIVE, 2, 3)
        .constant("row", new float[] {2, -3, 0.5f}, 3)
        .integerConstant("flat-i", INTEGERS)
        .integerConstant("matrix", 2, 3)
        .node("Reshape", List.of("flat-i", "matrix"), "i")
        .integerConstant("three", 3)
        .integerConstant("minus-two", -2)
        .integerConstant("zero", 0)
        .integerConstant("one", 1)
        .integerConstant("seven", 7)
        .integerConstant("one-row", 1, -1);
  }

  private static DynamicTest agrees(
      String name, long opset, int size, UnaryOperator<OnnxModelBuilder> makesC) {
    return DynamicTest.dynamicTest(
        name + ", opset " + opset,
        () -> {
          OnnxModelBuilder model =
              makesC
                  .apply(constants(opset, size))
                  .node("Cast", List.of("c"), "as-float", integer("to", 1))
                  .node("Reshape", List.of("as-float", "one-row"), "row-of-c")
                  .node("Add", List.of("x", "row-of-c"), "y");
          assertAgrees(model.toBytes(), Tensor.of(new float[2 * size], 2, size));
        });
  }

  private static void assertAgrees(byte[] model, Tensor x) {
    try (OnnxRuntime oracle = new OnnxRuntime(model);
        Context context = Context.create();
        Network network =
            Model.parse("test", model).prepare(context, Settings.of(Arithmetic.float32()))) {
      Tensor expected = oracle.forward(x);
      Tensor actual = network.forward(x);
      assertThat(actual.shape()).containsExactly(expected.shape());
      Closeness.assertClose(actual.toFloatArray(), expected.toFloatArray(), 1e-6);
    }
  }

  private static DynamicTest of(
      String operator, long opset, int size, List<String> inputs, AttributeProto... attributes) {
    return agrees(
        operator + inputs, opset, size, model -> model.node(operator, inputs, "c", attributes));
  }

  @TestFactory
  Stream<DynamicTest> elementwise() {
    Stream<DynamicTest> ofFloats =
        Stream.of(
                "Abs",
                "Ceil",
                "Exp",
                "Floor",
                "Neg",
                "Round",
                "Sign",
                "Tanh",
                "Relu",
                "Sigmoid",
                "LeakyRelu")
            .map(operator -> of(operator, 17, 6, List.of("f")));
    Stream<DynamicTest> ofPositive =
        Stream.of("Log", "Reciprocal", "Sqrt").map(operator -> of(operator, 17, 6, List.of("p")));
    Stream<DynamicTest> ofTwo =
        Stream.of("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min")
            .flatMap(
                operator ->
                    Stream.of(
                        of(operator, 13, 6, List.of("p", "row")),
                        of(operator, 17, 6, List.of("p", "f"))));
    Stream<DynamicTest> ofIntegers =
        Stream.of("Add", "Sub", "Mul", "Div", "Mod", "Max", "Min")
            .map(operator -> of(operator, 17, 6, List.of("i", "three")));
    Stream<DynamicTest> comparisons =
        Stream.of("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
            .flatMap(
                operator ->
                    Stream.of(
                        of(operator, 17, 6, List.of("i", "three")),
                        of(operator, 17, 6, List.of("f", "p"))));
    Stream<DynamicTest> others =
        Stream.of(
            of("Mod", 17, 6, List.of("i", "minus-two")),
            of("Mod", 17, 6, List.of("f", "row"), integer("fmod", 1)),
            of("Abs", 17, 6, List.of("i")),
            of("Neg", 17, 6, List.of("i")),
            of("Max", 17, 6, List.of("p", "row", "f")),
            of("Softmax", 17, 6, List.of("f"), integer("axis", 1)));
    return Stream.of(ofFloats, ofPositive, ofTwo, ofIntegers, comparisons, others)
        .flatMap(tests -> tests);
  }

  @TestFactory
  Stream<DynamicTest> logic() {
    return Stream.concat(
        Stream.of("And", "Or", "Xor")
            .map(
                operator ->
                    agrees(
                        operator,
                        17,
                        6,
                        model ->
                            model
                                .node("Greater", List.of("f", "row"), "a")
                                .node("Less", List.of("i", "three"), "b")
                                .node(operator, List.of("a", "b"), "c"))),
        Stream.of(
            agrees(
                "Not",
                17,
                6,
                model ->
                    model.node("Equal", List.of("i", "zero"), "a").node("Not", List.of("a"), "c")),
            agrees(
                "Where",
                17,
                6,
                model ->
                    model
                        .node("Less", List.of("i", "three"), "a")
                        .node("Where", List.of("a", "f", "row"), "c"))));
  }

  @TestFactory
  Stream<DynamicTest> shapesAndSelections() {
    return Stream.of(
        of("Size", 17, 1, List.of("f")),
        of("Shape", 17, 1, List.of("f"), integer("start", -1)),
        of("Shape", 17, 1, List.of("f"), integer("end", 1)),
        of("Flatten", 17, 6, List.of("f"), integer("axis", -1)),
        agrees(
            "Range",
            17,
            3,
            model ->
                model
                    .node("Squeeze", List.of("one"), "a")
                    .node("Squeeze", List.of("seven"), "b")
                    .node("Squeeze", List.of("minus-two"), "d")
                    .node("Range", List.of("b", "a", "d"), "c")),
        agrees(
            "Expand",
            17,
            12,
            model ->
                model
                    .integerConstant("larger", 2, 2, 1)
                    .node("Expand", List.of("row", "larger"), "c")),
        agrees(
            "Tile",
            17,
            24,
            model -> model.integerConstant("times", 2, 2).node("Tile", List.of("f", "times"), "c")),
        agrees(
            "GatherElements",
            17,
            4,
            model ->
                model
                    .integerConstant("flat", 0, -1, 2, 1)
                    .integerConstant("square", 2, 2)
                    .node("Reshape", List.of("flat", "square"), "indices")
                    .node("GatherElements", List.of("f", "indices"), "c", integer("axis", 1))),
        agrees(
            "GatherND of elements",
            17,
            2,
            model ->
                model
                    .integerConstant("flat", 0, -1, 1, 1)
                    .integerConstant("square", 2, 2)
                    .node("Reshape", List.of("flat", "square"), "indices")
                    .node("GatherND", List.of("f", "indices"), "c")),
        agrees(
            "GatherND of rows",
            17,
            9,
            model ->
                model
                    .integerConstant("flat", 1, 0, -1)
                    .integerConstant("column", 3, 1)
                    .node("Reshape", List.of("flat", "column"), "indices")
                    .node("GatherND", List.of("f", "indices"), "c")),
        agrees(
            "ScatterND",
            17,
            6,
            model ->
                model
                    .integerConstant("pair", 1, 1)
                    .node("Reshape", List.of("one", "pair"), "indices")
                    .integerConstant("row-shape", 1, 3)
                    .node("Reshape", List.of("row", "row-shape"), "updates")
                    .node("ScatterND", List.of("f", "indices", "updates"), "c")),
        agrees(
            "MatMul",
            17,
            4,
            model ->
                model
                    .node("Transpose", List.of("p"), "turned", integers("perm", 1, 0))
                    .node("MatMul", List.of("f", "turned"), "c")),
        agrees(
            "Pad",
            17,
            12,
            model ->
                model.integerConstant("pads", 0, 1, 0, 2).node("Pad", List.of("f", "pads"), "c")));
  }

  @TestFactory
  Stream<DynamicTest> reductions() {
    return Stream.of("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum")
        .flatMap(
            operator -> {
              boolean asInput = operator.equals("ReduceSum");
              return Stream.of(
                  asInput
                      ? of(operator, 13, 2, List.of("f", "one"))
                      : of(operator, 13, 2, List.of("f"), integers("axes", 1)),
                  of(operator, 17, 1, List.of("i"), integer("keepdims", 0)),
                  of(operator, 18, 3, List.of("f", "zero"), integer("keepdims", 0)),
                  of(operator, 18, 6, List.of("f"), integer("noop_with_empty_axes", 1)));
            });
  }

  @TestFactory
  Stream<DynamicTest> splits() {
    return Stream.of(
        split("sizes as attribute", 11, List.of("f"), integers("split", 1, 2), integer("axis", 1)),
        split("equal parts", 13, List.of("p"), integer("axis", 0)),
        split("last one smaller", 18, List.of("f"), integer("axis", 1), integer("num_outputs", 2)),
        split("sizes as input", 13, List.of("f", "sizes"), integer("axis", 1)));
  }

  private static DynamicTest split(
      String name, long opset, List<String> inputs, AttributeProto... attributes) {
    return agrees(
        "Split, " + name,
        opset,
        6,
        model ->
            model
                .integerConstant("sizes", 2, 1)
                .graph(
                    graph ->
                        graph.addNode(
                            NodeProto.newBuilder()
                                .setOpType("Split")
                                .setName("split")
                                .addAllInput(inputs)
                                .addAllOutput(List.of("first", "second"))
                                .addAllAttribute(List.of(attributes))))
                .node("Reshape", List.of("first", "one-row"), "a")
                .node("Reshape", List.of("second", "one-row"), "b")
                .node("Concat", List.of("b", "a"), "c", integer("axis", 1)));
  }

  @TestFactory
  Stream<DynamicTest> constantsOfOtherTypes() {
    ByteBuffer doubles = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer halves = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : new double[] {0.1, -3, 1e-3}) {
      doubles.putDouble(value);
      halves.putShort(Float.floatToFloat16((float) value));
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (DataType type : List.of(DataType.DOUBLE, DataType.FLOAT16)) {
      byte[] raw = (type == DataType.DOUBLE ? doubles : halves).array();
      tests.add(
          agrees(
              type.name(),
              17,
              3,
              model ->
                  model
                      .initializer(
                          OnnxModelBuilder.floats("d", 3)
                              .setDataType(type.getNumber())
                              .setRawData(ByteString.copyFrom(raw)))
                      .node("Mul", List.of("d", "d"), "c")));
      // Of a network's operators one that rounds nothing: ONNX Runtime computes halves in float.
      tests.add(
          agrees(
              type + " in a network's operator",
              17,
              3,
              model ->
                  model
                      .initializer(
                          OnnxModelBuilder.floats("d", 3)
                              .setDataType(type.getNumber())
                              .setRawData(ByteString.copyFrom(raw)))
                      .node("Relu", List.of("d"), "c")));
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> matrices() {
    UnaryOperator<OnnxModelBuilder> stacks =
        model ->
            model
                .constant("a", new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 1, 2, 2)
                .constant("b", new float[] {1, -1, 2, 0.5f, 3, -2}, 3, 2, 1);
    return Stream.of(
        agrees(
            "MatMul of stacks",
            13,
            12,
            model -> stacks.apply(model).node("MatMul", List.of("a", "b"), "c")),
        agrees(
            "MatMul of a vector and a matrix",
            13,
            2,
            model ->
                model
                    .node("Transpose", List.of("p"), "turned")
                    .node("MatMul", List.of("row", "turned"), "c")),
        agrees(
            "MatMul of a matrix and a vector",
            13,
            2,
            model -> model.node("MatMul", List.of("f", "row"), "c")),
        of("Gemm", 13, 4, List.of("f", "p"), integer("transB", 1)),
        of("Gemm", 7, 9, List.of("f", "p", "row"), integer("transA", 1), real("alpha", 0.5f)),
        of("Gemm", 11, 9, List.of("f", "p", "row"), integer("transA", 1), real("beta", -2)));
  }

  @TestFactory
  Stream<DynamicTest> clips() {
    return Stream.of(
        of("Clip", 7, 6, List.of("f"), real("min", -1), real("max", 1)),
        agrees(
            "Clip of integers from below",
            12,
            6,
            model ->
                model
                    .node("Squeeze", List.of("one"), "low", integers("axes", 0))
                    .node("Clip", List.of("i", "low"), "c")),
        agrees(
            "Clip of integers from above",
            13,
            6,
            model ->
                model
                    .node("Squeeze", List.of("one", "zero"), "high")
                    .node("Clip", List.of("i", "", "high"), "c")));
  }

  @TestFactory
  Stream<DynamicTest> axesPositionsAndSteps() {
    return Stream.of(
        of("Concat", 7, 12, List.of("f", "p"), integer("axis", -1)),
        of("Concat", 13, 12, List.of("f", "p"), integer("axis", -2)),
        of("Unsqueeze", 7, 6, List.of("f"), integers("axes", 1)),
        of("Unsqueeze", 11, 6, List.of("f"), integers("axes", -1)),
        of("Unsqueeze", 13, 6, List.of("f", "minus-two")),
        squeezed(11, List.of("u"), integers("axes", -2)),
        squeezed(13, List.of("u", "minus-two")),
        squeezed(13, List.of("u")),
        // As PyTorch writes f[:, 1:].
        of(
            "Slice",
            9,
            4,
            List.of("f"),
            integers("axes", 1),
            integers("starts", 1),
            integers("ends", Long.MAX_VALUE)),
        agrees(
            "Slice by numbers that attributes hold",
            13,
            6,
            model ->
                model
                    .node("Constant", List.of(), "ends", integers("value_ints", Long.MIN_VALUE))
                    .node("Constant", List.of(), "step", integer("value_int", -1))
                    .node("Reshape", List.of("step", "one"), "steps")
                    .node("Slice", List.of("f", "steps", "ends", "one", "steps"), "c")),
        agrees(
            "Slice of every second from the end",
            11,
            4,
            model ->
                model
                    .integerConstant("far", -100)
                    .node("Slice", List.of("f", "seven", "far", "one", "minus-two"), "c")));
  }

  /** Of the shape 2 x 1 x 3, transposed so that an axis that is wrong would be seen. */
  private static DynamicTest squeezed(
      long opset, List<String> inputs, AttributeProto... attributes) {
    return agrees(
        "Squeeze" + inputs,
        opset,
        6,
        model ->
            model
                .integerConstant("with-one", 2, 1, 3)
                .node("Reshape", List.of("f", "with-one"), "u")
                .node("Squeeze", inputs, "s", attributes)
                .node("Transpose", List.of("s"), "c", integers("perm", 1, 0)));
  }

  /** The first axis of a constant counts no images. */
  @TestFactory
  Stream<DynamicTest> theFirstAxis() {
    return Stream.of(
        of("Softmax", 7, 6, List.of("f"), integer("axis", 0)),
        of("Softmax", 13, 6, List.of("f"), integer("axis", 0)),
        of("Softmax", 13, 3, List.of("row"), integer("axis", -1)),
        padded("constant", 2),
        padded("edge", 2),
        padded("reflect", 1));
  }

  private static DynamicTest padded(String mode, long first) {
    return agrees(
        "Pad, " + mode,
        13,
        (int) (first + 2 + 1) * (1 + 3 + 2),
        model ->
            model
                .integerConstant("pads", first, 1, 1, 2)
                .node("Pad", List.of("f", "pads"), "c", text("mode", mode)));
  }

  /** PyTorch writes the shape of a single number as an empty tensor. */
  @TestFactory
  Stream<DynamicTest> emptyShapes() {
    return Stream.of(
        agrees(
            "Reshape to a number",
            13,
            1,
            model ->
                model.integerConstant("no-axes").node("Reshape", List.of("one", "no-axes"), "c")),
        agrees(
            "ConstantOfShape of a number",
            13,
            1,
            model ->
                model.integerConstant("no-axes").node("ConstantOfShape", List.of("no-axes"), "c")));
  }

  @TestFactory
  Stream<DynamicTest> integersOfAllWidths() {
    return Stream.of(DataType.INT8, DataType.UINT8, DataType.INT16, DataType.UINT16, DataType.INT32)
        .map(
            type ->
                agrees(
                    type + " becomes float",
                    17,
                    3,
                    model ->
                        model
                            .codes("codes", type, new int[] {0, 1, 127}, 3)
                            .node("Cast", List.of("codes"), "d", integer("to", 1))
                            .node("Mul", List.of("d", "row"), "c")));
  }

  /** What is computed from the number of images n, and a comparison of it with a constant. */
  @TestFactory
  Stream<DynamicTest> anOpenDimensionIsAnyNumberFromOneOn() {
    return Stream.of(
        decided("Add", "one", "Greater", "zero", true),
        decided("Mul", "seven", "LessOrEqual", "zero", false),
        decided("Mul", "zero", "Equal", "zero", true),
        decided("Max", "seven", "Less", "one", false),
        decided("Min", "one", "Equal", "one", true),
        decided("Sub", "minus-two", "Equal", "zero", false),
        undecided("Sub", "one"),
        undecided("Mul", "minus-two"),
        undecided("Div", "three"),
        undecided("Mod", "three"));
  }

  private static DynamicTest decided(
      String operator, String operand, String comparison, String limit, boolean expected) {
    return DynamicTest.dynamicTest(
        "%s(n, %s), then %s %s".formatted(operator, operand, comparison, limit),
        () ->
            assertAgrees(
                ofImages(operator, operand, expected ? 1 : 3)
                    .node(comparison, List.of("c", limit), "yes")
                    .node("Where", List.of("yes", "one", "three"), "size")
                    .node("ConstantOfShape", List.of("size"), "zeros")
                    .node("Exp", List.of("zeros"), "ones")
                    .node("Add", List.of("x", "ones"), "y")
                    .toBytes(),
                Tensor.of(new float[2 * (expected ? 1 : 3)], 2, expected ? 1 : 3)));
  }

  private static DynamicTest undecided(String operator, String operand) {
    return DynamicTest.dynamicTest(
        "%s(n, %s)".formatted(operator, operand),
        () ->
            assertRefused(
                ofImages(operator, operand, 3)
                    .node("Greater", List.of("c", "zero"), "yes")
                    .node("Where", List.of("yes", "one", "three"), "size")
                    .node("ConstantOfShape", List.of("size"), "zeros")
                    .node("Add", List.of("x", "zeros"), "y"),
                "node-c",
                operator,
                "dimension that the file leaves open"));
  }

  /** A model of images of that size whose c is computed from how many they are. */
  private static OnnxModelBuilder ofImages(String operator, String operand, int size) {
    return constants(17, size)
        .node("Shape", List.of("x"), "shape")
        .node("Gather", List.of("shape", "zero"), "n")
        .node(operator, List.of("n", operand), "c");
  }

  /** As PyTorch writes expand: -1 keeps a dimension, here that of the images. */
  @Test
  void anOpenDimensionIsDecidedWhereItCanBe() {
    byte[] model =
        new OnnxModelBuilder(-1, 2, 3)
            .opset(17)
            .integerConstant("given", -1, 6)
            .integerConstant("two", 2)
            .integerConstant("minus-one", -1)
            .integerConstant("first", 0)
            .integerConstant("six", 6)
            .constant("half", new float[] {0.5f})
            .node("Shape", List.of("x"), "shape")
            .node("Gather", List.of("shape", "first"), "images")
            .node("Concat", List.of("images", "six"), "wanted", integer("axis", 0))
            // An open dimension is not -1, so what was wanted is taken.
            .node("Equal", List.of("wanted", "minus-one"), "unknown")
            .node("Where", List.of("unknown", "given", "wanted"), "target")
            .node("Reshape", List.of("x", "target"), "r")
            .node("Mul", List.of("r", "half"), "y")
            .toBytes();
    assertAgrees(model, Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 2, 2, 3));
  }

  /** The same with what PyTorch compares with: as many -1 as the target has axes. */
  @Test
  void anExpandOfPyTorchKeepsTheNumberOfImages() {
    assertAgrees(
        constants(13, 6)
            .integerConstant("six", 6)
            .node("Shape", List.of("x"), "shape")
            .node("Gather", List.of("shape", "zero"), "n", integer("axis", 0))
            .node("Concat", List.of("n", "six"), "wanted", integer("axis", 0))
            .node("Shape", List.of("wanted"), "axes")
            .node("ConstantOfShape", List.of("axes"), "zeros")
            .node("Exp", List.of("zeros"), "floats")
            .node("Cast", List.of("floats"), "ones", integer("to", 7))
            .node("Neg", List.of("one"), "minus-one")
            .node("Mul", List.of("ones", "minus-one"), "unknown")
            .node("Equal", List.of("wanted", "unknown"), "kept")
            .node("Where", List.of("kept", "ones", "wanted"), "target")
            .node("Reshape", List.of("x", "target"), "r")
            .node("Slice", List.of("target", "one", "seven"), "columns")
            .node("Expand", List.of("one", "columns"), "expanded")
            .node("Cast", List.of("expanded"), "row-of-ones", integer("to", 1))
            .node("Add", List.of("r", "row-of-ones"), "y")
            .toBytes(),
        Tensor.of(new float[18], 3, 6));
  }

  /** A constant has no images: what would make one for each of them cannot be folded. */
  @Test
  void aConstantForEachImageIsRefused() {
    assertRefused(
        constants(13, 3)
            .node("Shape", List.of("x"), "shape")
            .node("Expand", List.of("row", "shape"), "c")
            .node("Add", List.of("x", "c"), "y"),
        "node-c",
        "Expand, opset 13",
        "dimension that the file leaves open");
  }

  @Test
  void whatCannotBeDecidedOrIsNotSupportedIsRefused() {
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .integerConstant("four", 4)
            .node("Shape", List.of("x"), "s")
            .node("Greater", List.of("s", "four"), "y"),
        "Greater",
        "dimension that the file leaves open");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("c", FLOATS, 2, 3)
            .node("Erf", List.of("c"), "d")
            .node("Add", List.of("x", "d"), "y"),
        "node-d",
        "Erf, opset 17",
        "GatherElements",
        "Split",
        "AveragePool");
    for (String huge : List.of("Expand", "Tile", "ConstantOfShape")) {
      List<String> inputs = huge.equals("ConstantOfShape") ? List.of("size") : List.of("c", "size");
      for (long size : new long[] {1L << 40, 1L << 30, -1}) {
        assertRefused(
            new OnnxModelBuilder(-1, 3)
                .constant("c", new float[] {1}, 1)
                .integerConstant("size", size)
                .node(huge, inputs, "d")
                .node("Add", List.of("x", "d"), "y"),
            huge);
      }
    }
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("a", new float[] {0})
            .constant("b", new float[] {1e9f})
            .constant("d", new float[] {1e-9f})
            .node("Range", List.of("a", "b", "d"), "r")
            .node("Add", List.of("x", "r"), "y"),
        "Range");
  }

  @Test
  void whatIsNoNumberIsNoOpenDimension() {
    for (String operator : List.of("Div", "Mod")) {
      assertRefused(
          constants(17, 3)
              .node(operator, List.of("zero", "zero"), "c")
              .node("Reshape", List.of("x", "c"), "y"),
          "node-c",
          operator);
    }
    assertRefused(
        constants(17, 3)
            .node("Log", List.of("f"), "c")
            .node("Cast", List.of("c"), "d", integer("to", 7))
            .node("Add", List.of("x", "d"), "y"),
        "node-d",
        "NaN");
    assertRefused(
        constants(17, 3)
            .node("Shape", List.of("x"), "shape")
            .node("Gather", List.of("flat-i", "shape"), "c")
            .node("Add", List.of("x", "c"), "y"),
        "node-c",
        "dimension that the file leaves open");
    assertRefused(
        constants(17, 3)
            .node("Shape", List.of("x"), "shape")
            .node("Concat", List.of("shape", "minus-two"), "more", integer("axis", 0))
            .node("ReduceSum", List.of("more"), "c")
            .node("Reshape", List.of("x", "c"), "y"),
        "node-c",
        "dimension that the file leaves open");
  }

  /** Products and sums of sizes that overflow, and work without end. */
  @Test
  void sizesThatOverflowAreRefused() {
    long huge = Integer.MAX_VALUE;
    OnnxModelBuilder empty =
        constants(17, 3)
            .integerConstant("sizes", 0, huge, huge, huge, huge)
            .node("ConstantOfShape", List.of("sizes"), "e");
    assertRefused(empty.node("Flatten", List.of("e"), "c"), "node-c", "Flatten");
    assertRefused(
        constants(17, 3)
            .integerConstant("sizes", 1L << 30, 1L << 30, 1L << 30, 1L << 30)
            .node("Reshape", List.of("f", "sizes"), "c"),
        "node-c",
        "Reshape");
    assertRefused(
        constants(13, 3)
            .integerConstant("sizes", 1L << 62, 1L << 62, 1L << 62, (1L << 62) + 2)
            .graph(
                graph ->
                    graph.addNode(
                        NodeProto.newBuilder()
                            .setOpType("Split")
                            .setName("split")
                            .addAllInput(List.of("f", "sizes"))
                            .addAllOutput(List.of("c", "d", "e", "g"))))
            .node("Add", List.of("x", "c"), "y"),
        "split",
        "Split");
    assertRefused(
        constants(17, 3)
            .integerConstant("pads", 0, 1L << 28, 0, 1L << 28)
            .node("Pad", List.of("f", "pads"), "c"),
        "node-c",
        "Pad");
    assertRefused(
        constants(17, 3)
            .integerConstant("square", 4096, 4096)
            .node("ConstantOfShape", List.of("square"), "e")
            .node("MatMul", List.of("e", "e"), "c"),
        "node-c",
        "MatMul");
  }

  @Test
  void aConvolutionOfConstantsIsRefused() {
    assertRefused(
        constants(17, 3)
            .constant("w", new float[] {1}, 1, 1, 1, 1)
            .constant("image", new float[] {1}, 1, 1, 1, 1)
            .node("Conv", List.of("image", "w"), "c"),
        "node-c",
        "Conv, opset 17",
        "not supported among constants",
        "Gemm");
  }

  private static void assertRefused(OnnxModelBuilder model, String... words) {
    assertThatExceptionOfType(ModelException.class)
        .isThrownBy(() -> Model.parse("test", model.toBytes()))
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }
}
