package io.axnn.benchmarks;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import io.axnn.Tensor;
import io.axnn.layers.Conv2dArgs;
import io.axnn.layers.Padding;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A model of one convolution node in ONNX Runtime with its default optimisations. Input and output
 * are bound once, so a run copies nothing.
 */
final class OnnxConvolution implements AutoCloseable {

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final Map<String, OnnxTensor> input;
  private final Map<String, OnnxValue> output;

  /**
   * Makes the model.
   *
   * @param operator a convolution of ONNX
   * @param args its geometry
   * @param x its first input
   * @param constants its other inputs, known when the model is made
   * @param y its output, whose type and shape must be right
   */
  OnnxConvolution(
      String operator, Conv2dArgs args, int threads, Tensor x, List<Tensor> constants, Tensor y)
      throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      // Else its threads spin on after a run and slow down whoever is timed next.
      options.addConfigEntry("session.force_spinning_stop", "1");
      session = environment.createSession(model(operator, args, x, constants, y), options);
    }
    input = Map.of("x", bind(x));
    output = Map.of("y", bind(y));
  }

  void run() {
    try {
      session.run(input, Set.of(), output).close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
    input.get("x").close();
    output.get("y").close();
  }

  private OnnxTensor bind(Tensor tensor) throws OrtException {
    return OnnxTensor.createTensor(
        environment,
        tensor.memory().asByteBuffer().order(ByteOrder.nativeOrder()),
        IntStream.of(tensor.shape()).asLongStream().toArray(),
        OnnxJavaType.valueOf(onnxType(tensor).name()));
  }

  private static byte[] model(
      String operator, Conv2dArgs args, Tensor x, List<Tensor> constants, Tensor y) {
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(operator).addInput("x").addOutput("y");
    Padding padding = args.padding();
    node.addAttribute(
        integers("pads", padding.top(), padding.left(), padding.bottom(), padding.right()));
    node.addAttribute(integers("strides", args.strideHeight(), args.strideWidth()));
    node.addAttribute(
        AttributeProto.newBuilder()
            .setName("group")
            .setType(AttributeProto.AttributeType.INT)
            .setI(args.groups()));
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("convolution")
            .addInput(value("x", x))
            .addOutput(value("y", y));
    for (Tensor constant : constants) {
      String name = "constant" + node.getInputCount();
      node.addInput(name);
      graph.addInitializer(initializer(name, constant));
    }
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph.addNode(node))
        .build()
        .toByteArray();
  }

  private static AttributeProto integers(String name, long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INTS)
        .addAllInts(LongStream.of(values).boxed().toList())
        .build();
  }

  private static ValueInfoProto value(String name, Tensor tensor) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int dimension : tensor.shape()) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dimension));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(onnxType(tensor).getNumber())
                        .setShape(shape)))
        .build();
  }

  private static TensorProto initializer(String name, Tensor tensor) {
    TensorProto.Builder constant =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(onnxType(tensor).getNumber())
            .setRawData(ByteString.copyFrom(tensor.memory().asByteBuffer()));
    for (int dimension : tensor.shape()) {
      constant.addDims(dimension);
    }
    return constant.build();
  }

  private static TensorProto.DataType onnxType(Tensor tensor) {
    return switch (tensor.dataType()) {
      case FLOAT32 -> TensorProto.DataType.FLOAT;
      default -> TensorProto.DataType.valueOf(tensor.dataType().name());
    };
  }
}
