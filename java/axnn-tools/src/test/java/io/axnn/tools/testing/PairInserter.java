package io.axnn.tools.testing;

import static io.axnn.tools.testing.OnnxModelBuilder.integer;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.axnn.Tensor;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.tools.Calibration;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a model as quantising exporters do: a QuantizeLinear/DequantizeLinear pair of int8 before
 * every Conv and Gemm, and one behind its weights, with the scales that axnn itself would choose.
 */
public final class PairInserter {
  private final GraphProto.Builder graph;
  private final Calibration ranges;

  private PairInserter(GraphProto.Builder graph, Calibration ranges) {
    this.graph = graph;
    this.ranges = ranges;
  }

  /**
   * The model with pairs.
   *
   * @param model whose weights are [out, ...], raw
   * @param ranges of the layers' inputs
   */
  public static byte[] insert(byte[] model, Calibration ranges)
      throws InvalidProtocolBufferException {
    ModelProto.Builder builder = ModelProto.newBuilder().mergeFrom(model);
    new PairInserter(builder.getGraphBuilder(), ranges).insert();
    return builder.build().toByteArray();
  }

  private void insert() {
    GraphProto before = graph.build();
    graph.clearNode();
    for (NodeProto node : before.getNodeList()) {
      if (!node.getOpType().equals("Conv") && !node.getOpType().equals("Gemm")) {
        graph.addNode(node);
        continue;
      }
      Calibration.Range range = ranges.range(node.getInput(0));
      String input = node.getName() + ".input";
      pair(node.getInput(0), input, Quantization.ofRange(range.min(), range.max()).scale());
      String weights = node.getName() + ".weights";
      pair(
          node.getInput(1),
          weights,
          WeightQuantization.perChannel(floats(before, node.getInput(1))).scales());
      graph.addNode(node.toBuilder().setInput(0, input).setInput(1, weights));
    }
  }

  /** Nodes from one value to another, symmetric, one scale or those of axis 0. */
  private void pair(String from, String to, float... scales) {
    TensorProto.Builder scale = OnnxModelBuilder.floats(to + ".scale");
    TensorProto.Builder zero =
        OnnxModelBuilder.floats(to + ".zero").setDataType(TensorProto.DataType.INT8.getNumber());
    if (scales.length > 1) {
      scale.addDims(scales.length);
      zero.addDims(scales.length);
    }
    for (float value : scales) {
      scale.addFloatData(value);
    }
    graph.addInitializer(scale);
    graph.addInitializer(zero.setRawData(ByteString.copyFrom(new byte[scales.length])));
    node("QuantizeLinear", from, to, to + ".codes");
    node("DequantizeLinear", to + ".codes", to, to);
  }

  private void node(String operator, String from, String pair, String to) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(to)
            .setOpType(operator)
            .addInput(from)
            .addInput(pair + ".scale")
            .addInput(pair + ".zero")
            .addOutput(to)
            .addAttribute(integer("axis", 0)));
  }

  private static Tensor floats(GraphProto graph, String name) {
    TensorProto tensor =
        graph.getInitializerList().stream()
            .filter(initializer -> initializer.getName().equals(name))
            .findFirst()
            .orElseThrow();
    ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[raw.remaining() / Float.BYTES];
    raw.asFloatBuffer().get(values);
    return Tensor.of(values, tensor.getDimsList().stream().mapToInt(Math::toIntExact).toArray());
  }
}
