package io.axnn.tools;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT32;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT8;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.UINT8;
import static io.axnn.tools.testing.OnnxModelBuilder.floats;
import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static io.axnn.tools.testing.OnnxModelBuilder.real;
import static io.axnn.tools.testing.OnnxModelBuilder.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.axnn.tools.testing.OnnxModelBuilder;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that lie, contradict themselves or ask for what is not supported: one clear exception. */
@Timeout(60)
class HostileModelTest {

  @Test
  void truncatedFilesAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(TestData.model("fashion-mnist-cnn.onnx"));
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      byte[] part = Arrays.copyOf(whole, i < 50 ? i : random.nextInt(whole.length));
      assertThatThrownBy(() -> Model.parse("part.onnx", part))
          .as("the first %d bytes", part.length)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("part.onnx");
    }
  }

  @Test
  void randomBytesAreRefused() {
    Random random = new Random(2);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      assertThatThrownBy(() -> Model.parse("random", bytes)).isInstanceOf(ModelException.class);
    }
  }

  /** A damaged file may still be a model; if it is not, the exception says so. */
  @Test
  void flippedBytesGiveAModelOrAModelException() throws IOException {
    byte[] whole = Files.readAllBytes(TestData.model("fashion-mnist-cnn.onnx"));
    Random random = new Random(3);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      // The graph's nodes and names lie in the first kilobytes, the weights behind them.
      for (int flip = 0; flip < 3; flip++) {
        damaged[random.nextInt(3_000)] ^= (byte) (1 << random.nextInt(8));
      }
      Throwable thrown = catchThrowable(() -> Model.parse("damaged", damaged));
      if (thrown != null) {
        assertThat(thrown).isInstanceOf(ModelException.class);
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  @Test
  void flippedBytesOfQuantizationGiveAModelOrAModelException() {
    byte[] whole =
        pair(UINT8, 3)
            .node("DequantizeLinear", List.of("q", "s", "z"), "d")
            .codes("c", INT8, new int[6], 3, 2)
            .constant("each", new float[] {1, 2}, 2)
            .node("DequantizeLinear", List.of("c", "each"), "w", integer("axis", 1))
            .node("MatMul", List.of("d", "w"), "y")
            .toBytes();
    Random random = new Random(4);
    int refused = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      Throwable thrown = catchThrowable(() -> Model.parse("damaged", damaged));
      if (thrown != null) {
        assertThat(thrown).isInstanceOf(ModelException.class);
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1_000);
  }

  @Test
  void aMissingFileIsAnIoError() {
    assertThatThrownBy(() -> Model.load(Path.of("/nowhere/model.onnx")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void anUnknownOperatorIsRefusedByNameWithWhatIsSupported() {
    OnnxModelBuilder model = new OnnxModelBuilder(-1, 3).opset(13).node("Tanh", List.of("x"), "y");
    assertThatThrownBy(() -> parse(model))
        .isInstanceOfSatisfying(
            ModelException.class,
            e -> {
              assertThat(e.file()).isEqualTo("test.onnx");
              assertThat(e.node()).contains("node-y");
              assertThat(e.operator()).contains("Tanh");
            })
        .hasMessageContainingAll(
            "test.onnx",
            "node-y",
            "Tanh",
            "opset 13",
            "Add, AveragePool, BatchNormalization, Clip, Concat, Conv,",
            "Relu, Reshape, Sigmoid, Sign, Slice, Softmax, Sub, Transpose");
  }

  @Test
  void anOperatorOfAnotherDomainIsUnknown() {
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .graph(
                graph ->
                    graph.addNode(
                        NodeProto.newBuilder()
                            .setDomain("com.example")
                            .setOpType("Relu")
                            .addInput("x")
                            .addOutput("y"))),
        "com.example.Relu",
        "not supported");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 6, 22, Long.MAX_VALUE, -1})
  void otherOpsetsAreRefused(long opset) {
    assertRefused(
        new OnnxModelBuilder(-1, 3).opset(opset).node("Relu", List.of("x"), "y"), "7 to 21");
  }

  @Test
  void weightsWhoseSizeIsNotThatOfTheirShapeAreRefused() {
    ByteString twelveBytes = ByteString.copyFrom(new byte[12]);
    assertWeightsRefused(floats("w", 2, 3).setRawData(twelveBytes), "6 numbers", "12 raw bytes");
    assertWeightsRefused(floats("w", 2, 3), "6 numbers", "0 raw bytes");
    assertWeightsRefused(floats("w", 1, 2).addFloatData(1), "2 numbers", "1 listed");
    assertWeightsRefused(
        floats("w", 1, 3).setRawData(twelveBytes).addFloatData(1), "12 raw bytes", "1 listed");
  }

  @Test
  void weightsOfImpossibleShapeAreRefused() {
    assertWeightsRefused(floats("w", -1, 3), "[-1, 3]");
    assertWeightsRefused(floats("w", 0, 3), "[0, 3]");
    assertWeightsRefused(floats("w", 1L << 40, 3), "1099511627776");
    assertWeightsRefused(floats("w", 50_000, 50_000), "too large");
    // The product is 2^64, which would be 0 if it wrapped.
    assertWeightsRefused(floats("w", 1 << 30, 1 << 30, 16), "too large");
  }

  @Test
  void weightsThatAreNotPlainFloatsAreRefused() {
    assertWeightsRefused(
        floats("w", 1).setDataType(TensorProto.DataType.INT64.getNumber()).addInt64Data(1),
        "INT64");
    assertWeightsRefused(floats("w", 1).setDataType(4711), "4711");
    assertWeightsRefused(floats("w", 1).addFloatData(Float.NaN), "NaN");
    assertWeightsRefused(
        floats("w", 1).setSegment(TensorProto.Segment.newBuilder().setEnd(1)), "segment");
    assertWeightsRefused(
        floats("w", 1)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue("/etc/passwd")),
        "another file");
  }

  private static void assertWeightsRefused(TensorProto.Builder weights, String... words) {
    OnnxModelBuilder model =
        new OnnxModelBuilder(-1, 3).initializer(weights).node("Gemm", List.of("x", "w"), "y");
    assertRefused(model, words);
    assertRefused(model, "'w'");
  }

  @Test
  void namesThatLeadNowhereAreRefused() {
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .node("Relu", List.of("a"), "b")
            .node("Relu", List.of("b"), "a")
            .node("Relu", List.of("x"), "y"),
        "'a'",
        "cycle");
    assertRefused(new OnnxModelBuilder(-1, 3).node("Relu", List.of("y"), "y"), "'y'");
    assertRefused(new OnnxModelBuilder(-1, 3).node("Gemm", List.of("x", "w"), "y"), "'w'");
    assertRefused(new OnnxModelBuilder(-1, 3).node("Relu", List.of("x"), "z"), "'y'");
    assertRefused(new OnnxModelBuilder(-1, 3), "'y'");
  }

  @Test
  void missingAndSurplusInputsAreRefused() {
    assertRefused(new OnnxModelBuilder(-1, 3).node("Relu", List.of(), "y"), "0 inputs");
    assertRefused(new OnnxModelBuilder(-1, 3).node("Relu", List.of("x", "x"), "y"), "2 inputs");
    assertRefused(new OnnxModelBuilder(-1, 3).node("Relu", List.of(""), "y"), "X is missing");
    assertRefused(
        new OnnxModelBuilder(-1, 3).node("Gemm", List.of("x", "x"), "y"), "'x'", "constant");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("c", new float[3], 1, 3)
            .node("Relu", List.of("c"), "y"),
        "'y'",
        "does not depend on its input");
  }

  @Test
  void namesThatAreGivenTwiceAreRefused() {
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .node("Relu", List.of("x"), "y")
            .graph(
                graph ->
                    graph.addNode(
                        NodeProto.newBuilder()
                            .setName("other")
                            .setOpType("Sign")
                            .addInput("x")
                            .addOutput("y"))),
        "second time");
    assertRefused(
        new OnnxModelBuilder(-1, 3).node("Relu", List.of("x"), "y").node("Relu", List.of("x"), "y"),
        "same name");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("w", new float[3], 3)
            .constant("w", new float[3], 3)
            .node("Relu", List.of("x"), "y"),
        "'w'",
        "twice");
  }

  @Test
  void graphsOfAnotherFormAreRefused() {
    assertRefused(
        relu().graph(graph -> graph.addInput(graph.getInput(0).toBuilder().setName("x2"))),
        "[x, x2]");
    assertRefused(
        relu().graph(graph -> graph.addOutput(graph.getOutput(0).toBuilder().setName("y2"))),
        "[y, y2]");
    assertRefused(relu().graph(graph -> graph.getInputBuilder(0).clearType()), "'x'", "type");
    assertRefused(new OnnxModelBuilder().node("Relu", List.of("x"), "y"), "no shape");
    assertRefused(new OnnxModelBuilder(-1, 0).node("Relu", List.of("x"), "y"), "dimension of 0");
  }

  @Test
  void attributesThatAreUnknownOrOfAnotherTypeAreRefused() {
    assertMaxPoolRefused("surprise", integer("surprise", 1));
    assertMaxPoolRefused("INTS", integer("strides", 1));
    assertMaxPoolRefused("1 numbers", integers("strides", 1));
    assertMaxPoolRefused("holds 0", integers("strides", 0, 1));
    assertMaxPoolRefused("holds -1", integers("pads", 0, -1, 0, 0));
    assertMaxPoolRefused("too large", integers("strides", 1L << 40, 1));
    assertMaxPoolRefused("less than the kernel", integers("pads", 0, 0, 2, 0));
    assertMaxPoolRefused("'ceil_mode' is 2", integer("ceil_mode", 2));
    assertMaxPoolRefused("SAME_MIDDLE", text("auto_pad", "SAME_MIDDLE"));
    assertMaxPoolRefused(
        "exclude each other", text("auto_pad", "VALID"), integers("pads", 0, 0, 0, 0));
    assertMaxPoolRefused("twice", integers("strides", 1, 1), integers("strides", 1, 1));
  }

  private static void assertMaxPoolRefused(String word, AttributeProto... attributes) {
    AttributeProto[] all = Arrays.copyOf(attributes, attributes.length + 1);
    all[attributes.length] = integers("kernel_shape", 2, 2);
    assertRefused(
        new OnnxModelBuilder(-1, 1, 8, 8).node("MaxPool", List.of("x"), "y", all),
        word,
        "node-y",
        "MaxPool");
  }

  @Test
  void shapesThatDoNotFitEachOtherAreRefused() {
    assertConvRefused(new int[] {-1, 3, 8, 8}, new long[] {1, 2, 3, 3}, "3 channels");
    assertConvRefused(new int[] {-1, 2, 2, 8}, new long[] {1, 2, 3, 3}, "does not fit");
    assertConvRefused(new int[] {-1, 2, 8}, new long[] {1, 2, 3}, "2-D images");
    assertConvRefused(
        new int[] {-1, 2, 8, 8},
        new long[] {1, 2, 3, 3},
        "kernel_shape",
        integers("kernel_shape", 2, 3));
    assertConvRefused(
        new int[] {-1, 4, 8, 8}, new long[] {3, 2, 3, 3}, "group", integer("group", 2));
    assertConvRefused(
        new int[] {-1, 4, 8, 8}, new long[] {3, 2, 3, 3}, "group", integer("group", 0));
    assertConvRefused(
        new int[] {-1, 4, 8, 8},
        new long[] {3, 2, 3, 3},
        "group",
        integer("group", Integer.MAX_VALUE));
    assertRefused(
        new OnnxModelBuilder(-1, 4)
            .constant("w", new float[6], 3, 2)
            .node("Gemm", List.of("x", "w"), "y"),
        "4 columns");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("w", new float[6], 3, 2)
            .constant("c", new float[4], 4)
            .node("Gemm", List.of("x", "w", "c"), "y"),
        "input C",
        "[4]");
  }

  @Test
  void outputsOfAbsurdSizeAreRefusedBeforeAnythingIsAllocated() {
    long huge = Integer.MAX_VALUE;
    assertConvRefused(
        new int[] {-1, 1, 8, 8},
        new long[] {1, 1, 3, 3},
        "output",
        integers("pads", 100_000, 100_000, 100_000, 100_000));
    assertConvRefused(
        new int[] {-1, 1, 8, 8},
        new long[] {1, 1, 3, 3},
        "node-y",
        integers("pads", huge, huge, huge, huge));
    assertConvRefused(
        new int[] {-1, 1, 8, 8},
        new long[] {1, 1, 3, 3},
        "dilation",
        integers("dilations", huge, huge));
    assertMaxPoolRefused("does not fit", integers("dilations", huge, huge));
    assertRefused(
        new OnnxModelBuilder(-1, Integer.MAX_VALUE, 9).node("Relu", List.of("x"), "y"), "output");
  }

  private static void assertConvRefused(
      int[] input, long[] weights, String word, AttributeProto... attributes) {
    int size = (int) Arrays.stream(weights).reduce(1, Math::multiplyExact);
    float[] ones = new float[size];
    Arrays.fill(ones, 1);
    assertRefused(
        new OnnxModelBuilder(input)
            .constant("w", ones, weights)
            .node("Conv", List.of("x", "w"), "y", attributes),
        word,
        "node-y",
        "Conv");
  }

  @Test
  void batchNormalizationInTrainingOrWithoutVarianceIsRefused() {
    assertRefused(batchNormalization(1, integer("training_mode", 1)), "training_mode");
    assertRefused(batchNormalization(-1), "variance");
    assertRefused(batchNormalization(0, real("epsilon", 0)), "variance");
    assertRefused(batchNormalization(1, real("epsilon", Float.NaN)), "epsilon");
    assertRefused(batchNormalization(1, integer("spatial", 0)).opset(7), "spatial");
    assertRefused(batchNormalization(1, integer("spatial", 1)).opset(9), "spatial");
  }

  private static OnnxModelBuilder batchNormalization(float variance, AttributeProto... attributes) {
    return new OnnxModelBuilder(-1, 1, 2, 2)
        .constant("one", new float[] {1}, 1)
        .constant("variance", new float[] {variance}, 1)
        .node("BatchNormalization", List.of("x", "one", "one", "one", "variance"), "y", attributes);
  }

  @Test
  void pairsOfDifferentNumbersAreRefused() {
    assertRefused(
        pair(UINT8, 3)
            .constant("other", new float[] {0.25f})
            .node("DequantizeLinear", List.of("q", "other", "z"), "y"),
        "node-y",
        "DequantizeLinear",
        "UINT8, scale 0.25, zero point 3",
        "'node-q'",
        "UINT8, scale 0.5, zero point 3",
        "pairs of the same numbers");
    assertRefused(
        pair(UINT8, 3).node("DequantizeLinear", List.of("q", "s"), "y"), "zero point 0", "point 3");
    assertRefused(
        pair(UINT8, 3)
            .codes("other", INT8, new int[] {3})
            .node("DequantizeLinear", List.of("q", "s", "other"), "y"),
        "node-y",
        "INT8",
        "UINT8");
    assertRefused(
        pair(UINT8, 3)
            .constant("each", new float[] {0.5f, 1, 2}, 3)
            .node("DequantizeLinear", List.of("q", "each"), "y"),
        "node-y",
        "3 scales along axis 1");
  }

  @Test
  void codesThatAnythingElseReadsAreRefused() {
    assertRefused(
        pair(UINT8, 3).node("Relu", List.of("q"), "y"),
        "node-y",
        "codes of QuantizeLinear 'node-q'",
        "only DequantizeLinear");
    assertRefused(
        pair(UINT8, 3).node("Gemm", List.of("x", "q"), "y"), "codes of QuantizeLinear 'node-q'");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {0.5f})
            .node("QuantizeLinear", List.of("x", "s"), "y"),
        "node-y",
        "QuantizeLinear",
        "the model's output");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {0.5f})
            .node("DequantizeLinear", List.of("x", "s"), "y"),
        "node-y",
        "'x'",
        "no output of QuantizeLinear");
    assertRefused(
        pair(UINT8, 3)
            .graph(
                graph ->
                    graph.addNode(
                        NodeProto.newBuilder()
                            .setName("other")
                            .setOpType("Relu")
                            .addInput("x")
                            .addOutput("q"))),
        "'other'",
        "second time");
  }

  @Test
  void scalesThatAreNotAboveZeroAreRefused() {
    for (float scale : new float[] {0, -0f, -1}) {
      assertScaleRefused(scale, "node-q", "QuantizeLinear", "y_scale holds " + scale);
    }
    for (float scale : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      assertScaleRefused(scale, "'s'", "holds " + scale);
    }
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {1, 0, 1}, 3)
            .codes("c", INT8, new int[9], 3, 3)
            .node("DequantizeLinear", List.of("c", "s"), "w")
            .node("Gemm", List.of("x", "w"), "y"),
        "node-w",
        "x_scale holds 0.0");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("one", new float[] {1})
            .constant("zero", new float[] {0})
            .node("Div", List.of("one", "zero"), "s")
            .node("QuantizeLinear", List.of("x", "s"), "q")
            .node("DequantizeLinear", List.of("q", "s"), "y"),
        "node-q",
        "y_scale holds Infinity; allowed: finite, above 0");
    assertRefused(
        new OnnxModelBuilder(-1, 1)
            .constant("s", new float[] {3e38f})
            .codes("c", INT8, new int[] {2}, 1, 1)
            .node("DequantizeLinear", List.of("c", "s"), "w")
            .node("Gemm", List.of("x", "w"), "y"),
        "node-w",
        "exceeds float32");
  }

  private static void assertScaleRefused(float scale, String... words) {
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {scale})
            .node("QuantizeLinear", List.of("x", "s"), "q")
            .node("DequantizeLinear", List.of("q", "s"), "y"),
        words);
  }

  @Test
  void zeroPointsThatDoNotFitAreRefused() {
    assertRefused(
        pair(UINT8, 256).node("DequantizeLinear", List.of("q", "s", "z"), "y"),
        "'z'",
        "holds 256",
        "UINT8 is 0 to 255");
    assertRefused(
        pair(INT8, -129).node("DequantizeLinear", List.of("q", "s", "z"), "y"),
        "holds -129",
        "INT8 is -128 to 127");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {1})
            .codes("z", INT8, new int[2], 2)
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("DequantizeLinear", List.of("q", "s", "z"), "y"),
        "node-q",
        "y_zero_point holds 2 numbers and y_scale 1");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {1})
            .codes("z", INT32, new int[] {1})
            .codes("c", INT32, new int[9], 3, 3)
            .node("DequantizeLinear", List.of("c", "s", "z"), "w")
            .node("Gemm", List.of("x", "w"), "y"),
        "node-w",
        "x_zero_point of INT32 is not 0");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .integerConstant("wide", 128)
            .node("Cast", List.of("wide"), "z", integer("to", INT8.getNumber()))
            .node("Relu", List.of("x"), "y"),
        "node-z",
        "holds 128.0; INT8 is -128 to 127");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .integerConstant("wide", 1)
            .node("Cast", List.of("wide"), "z", integer("to", 22))
            .node("Relu", List.of("x"), "y"),
        "node-z",
        "'to' is INT4",
        "supported: FLOAT, INT64, BOOL and [INT8, UINT8, INT16, UINT16, INT32]");
  }

  @Test
  void typesOfCodesThatAreNotSupportedAreRefused() {
    for (TensorProto.DataType type :
        List.of(
            TensorProto.DataType.INT4,
            TensorProto.DataType.FLOAT8E4M3FN,
            TensorProto.DataType.UINT32)) {
      assertRefused(
          pair(type, 0).opset(21).node("DequantizeLinear", List.of("q", "s", "z"), "y"),
          "node-q",
          "QuantizeLinear, opset 21",
          "y_zero_point has data type " + type,
          "supported: [INT8, UINT8, INT16, UINT16]");
      assertRefused(
          new OnnxModelBuilder(-1, 3)
              .opset(21)
              .constant("s", new float[] {1})
              .codes("c", type, new int[9], 3, 3)
              .node("DequantizeLinear", List.of("c", "s"), "w")
              .node("Gemm", List.of("x", "w"), "y"),
          "node-w",
          "DequantizeLinear, opset 21",
          "x has data type " + type,
          "supported: [INT8, UINT8, INT16, UINT16, INT32]");
    }
    assertQuantizeLinearRefused(21, "FLOAT8E5M2", integer("output_dtype", 19));
    assertQuantizeLinearRefused(21, "UNDEFINED", integer("output_dtype", 4711));
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .opset(21)
            .constant("s", new float[] {1})
            .codes("z", INT8, new int[1])
            .node("QuantizeLinear", List.of("x", "s", "z"), "q", integer("output_dtype", 2))
            .node("DequantizeLinear", List.of("q", "s", "z"), "y"),
        "'output_dtype' is UINT8, y_zero_point INT8");
  }

  @Test
  void otherFormsOfQuantizationAreRefused() {
    assertQuantizeLinearRefused(21, "'block_size' is 32; supported: 0", integer("block_size", 32));
    assertQuantizeLinearRefused(13, "block_size", integer("block_size", 32));
    assertQuantizeLinearRefused(10, "axis", integer("axis", 1));
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {1, 2, 3}, 3)
            .node("QuantizeLinear", List.of("x", "s"), "q")
            .node("DequantizeLinear", List.of("q", "s"), "y"),
        "node-q",
        "y_scale holds 3 numbers; supported: one");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {1, 2}, 2)
            .codes("c", INT8, new int[9], 3, 3)
            .node("DequantizeLinear", List.of("c", "s"), "w")
            .node("Gemm", List.of("x", "w"), "y"),
        "node-w",
        "x_scale has shape [2] for [3, 3]");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {1, 2, 3}, 3)
            .codes("c", INT8, new int[9], 3, 3)
            .node("DequantizeLinear", List.of("c", "s"), "w", integer("axis", 2))
            .node("Gemm", List.of("x", "w"), "y"),
        "node-w",
        "axis is 2");
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .constant("s", new float[] {1})
            .codes("c", INT8, new int[9], 3, 3)
            .node("Add", List.of("c", "c"), "d")
            .node("DequantizeLinear", List.of("d", "s"), "w")
            .node("Gemm", List.of("x", "w"), "y"),
        "node-d",
        "constants of INT8");
  }

  private static void assertQuantizeLinearRefused(
      long opset, String word, AttributeProto... attributes) {
    assertRefused(
        new OnnxModelBuilder(-1, 3)
            .opset(opset)
            .constant("s", new float[] {1})
            .node("QuantizeLinear", List.of("x", "s"), "q", attributes)
            .node("DequantizeLinear", List.of("q", "s"), "y"),
        "node-q",
        "QuantizeLinear, opset " + opset,
        word);
  }

  /** x quantised as q, of scale 0.5. */
  private static OnnxModelBuilder pair(TensorProto.DataType type, int zeroPoint) {
    return new OnnxModelBuilder(-1, 3)
        .constant("s", new float[] {0.5f})
        .codes("z", type, new int[] {zeroPoint})
        .node("QuantizeLinear", List.of("x", "s", "z"), "q");
  }

  private static OnnxModelBuilder relu() {
    return new OnnxModelBuilder(-1, 3).node("Relu", List.of("x"), "y");
  }

  private static Model parse(OnnxModelBuilder model) {
    return Model.parse("test.onnx", model.toBytes());
  }

  private static void assertRefused(OnnxModelBuilder model, String... words) {
    assertThatThrownBy(() -> parse(model))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("test.onnx")
        .hasMessageContainingAll(words);
  }
}
