package io.axnn.tools.testing;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Writes small ONNX models, from an input named "x" to an output named "y". */
public final class OnnxModelBuilder {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
  private long opset = 17;

  /** A model whose input has this shape, -1 for an open dimension. */
  public OnnxModelBuilder(int... inputShape) {
    graph.addInput(value("x", inputShape));
    graph.addOutput(
        ValueInfoProto.newBuilder()
            .setName("y")
            .setType(TypeProto.newBuilder().setTensorType(floatType())));
  }

  public OnnxModelBuilder opset(long version) {
    opset = version;
    return this;
  }

  public OnnxModelBuilder constant(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return initializer(floats(name, shape).setRawData(ByteString.copyFrom(bytes)));
  }

  /** A vector of int64. */
  public OnnxModelBuilder integerConstant(String name, long... values) {
    TensorProto.Builder tensor =
        floats(name, values.length).setDataType(TensorProto.DataType.INT64.getNumber());
    for (long value : values) {
      tensor.addInt64Data(value);
    }
    return initializer(tensor);
  }

  /** A tensor of an integer type of at most 32 bits, listed. */
  public OnnxModelBuilder codes(
      String name, TensorProto.DataType type, int[] values, long... shape) {
    TensorProto.Builder tensor = floats(name, shape).setDataType(type.getNumber());
    for (int value : values) {
      tensor.addInt32Data(value);
    }
    return initializer(tensor);
  }

  public OnnxModelBuilder initializer(TensorProto.Builder tensor) {
    graph.addInitializer(tensor);
    return this;
  }

  /** A float32 tensor without its data. */
  public static TensorProto.Builder floats(String name, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT.getNumber());
    for (long dimension : shape) {
      tensor.addDims(dimension);
    }
    return tensor;
  }

  /** A node named after its output. */
  public OnnxModelBuilder node(
      String operator, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName("node-" + output)
            .setOpType(operator)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
    return this;
  }

  /** Changes what the other methods cannot. */
  public OnnxModelBuilder graph(Consumer<GraphProto.Builder> change) {
    change.accept(graph);
    return this;
  }

  public static AttributeProto integer(String name, long value) {
    return attribute(name, AttributeProto.AttributeType.INT).setI(value).build();
  }

  public static AttributeProto real(String name, float value) {
    return attribute(name, AttributeProto.AttributeType.FLOAT).setF(value).build();
  }

  public static AttributeProto text(String name, String value) {
    return attribute(name, AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  public static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute = attribute(name, AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private static AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  private static ValueInfoProto value(String name, int... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    IntStream.range(0, shape.length)
        .mapToObj(
            axis ->
                shape[axis] < 0
                    ? TensorShapeProto.Dimension.newBuilder().setDimParam("d" + axis)
                    : TensorShapeProto.Dimension.newBuilder().setDimValue(shape[axis]))
        .forEach(dimensions::addDim);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(floatType().setShape(dimensions)))
        .build();
  }

  private static TypeProto.Tensor.Builder floatType() {
    return TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber());
  }

  public byte[] toBytes() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph)
        .build()
        .toByteArray();
  }
}
