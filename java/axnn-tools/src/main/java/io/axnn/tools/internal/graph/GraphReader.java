package io.axnn.tools.internal.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.axnn.tools.ModelException;
import io.axnn.tools.internal.constants.ConstantFolding;
import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.Initializers;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.QuantizationPairs;
import io.axnn.tools.internal.onnx.Shapes;
import io.axnn.tools.internal.operators.FakeQuantize;
import io.axnn.tools.internal.operators.Operator;
import io.axnn.tools.internal.operators.Operators;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the bytes of an ONNX file into a {@link Graph}. Everything is checked here: names, order,
 * operators and shapes, so that what remains for a run is only what the images decide.
 */
public final class GraphReader {
  private static final String ONNX_DOMAIN = "ai.onnx";
  private static final long OLDEST_OPSET = 7;
  private static final long NEWEST_OPSET = 21;

  private final String file;
  private final Map<String, int[]> shapes = new HashMap<>();
  private final QuantizationPairs pairs = new QuantizationPairs();
  private final Set<String> nodeNames = new HashSet<>();

  private GraphReader(String file) {
    this.file = file;
  }

  /**
   * Reads a file's bytes.
   *
   * @param file what errors call it
   */
  public static Graph read(String file, byte[] bytes) {
    return new GraphReader(file).read(bytes);
  }

  private Graph read(byte[] bytes) {
    ModelProto model;
    try {
      model = ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw ModelException.inFile(file, "it is damaged or no ONNX file: " + e.getMessage(), e);
    }
    if (!model.hasGraph()) {
      throw ModelException.inFile(file, "it holds no graph, so it is no ONNX model");
    }
    GraphProto graph = model.getGraph();
    if (graph.getSparseInitializerCount() != 0) {
      throw ModelException.inFile(file, "sparse initializers are not supported; store them dense");
    }
    long opset = opset(model);
    Initializers initializers = new Initializers(file, graph.getInitializerList());
    ValueInfoProto input = singleInput(graph, initializers);
    int[] inputShape = inputShape(input);
    shapes.put(input.getName(), inputShape);

    List<GraphNode> nodes = new ArrayList<>(graph.getNodeCount());
    for (NodeProto node : graph.getNodeList()) {
      readNode(node, opset, initializers).ifPresent(nodes::add);
    }
    return new Graph(input.getName(), inputShape, singleOutput(graph, nodes, initializers), nodes);
  }

  private long opset(ModelProto model) {
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      if (isOnnxDomain(set.getDomain())) {
        if (set.getVersion() < OLDEST_OPSET || set.getVersion() > NEWEST_OPSET) {
          throw ModelException.inFile(
              file,
              "it uses opset %d; supported: %d to %d"
                  .formatted(set.getVersion(), OLDEST_OPSET, NEWEST_OPSET));
        }
        return set.getVersion();
      }
    }
    throw ModelException.inFile(file, "it does not say which ONNX opset it uses");
  }

  private static boolean isOnnxDomain(String domain) {
    return domain.isEmpty() || domain.equals(ONNX_DOMAIN);
  }

  /** Old files list their initializers among the inputs too. */
  private ValueInfoProto singleInput(GraphProto graph, Initializers initializers) {
    List<ValueInfoProto> inputs =
        graph.getInputList().stream()
            .filter(input -> !initializers.contains(input.getName()))
            .toList();
    if (inputs.size() != 1) {
      throw ModelException.inFile(
          file,
          "it has inputs %s; supported: one"
              .formatted(inputs.stream().map(ValueInfoProto::getName).toList()));
    }
    return inputs.getFirst();
  }

  private int[] inputShape(ValueInfoProto input) {
    String name = "input '" + input.getName() + "' ";
    int type = input.getType().getTensorType().getElemType();
    if (type != TensorProto.DataType.FLOAT.getNumber()) {
      throw ModelException.inFile(
          file, name + "has element type " + type + "; supported: 1, float32");
    }
    TensorShapeProto declared = input.getType().getTensorType().getShape();
    if (declared.getDimCount() < 1) {
      throw ModelException.inFile(file, name + "declares no shape, or that of a single number");
    }
    int[] shape = new int[declared.getDimCount()];
    for (int axis = 0; axis < shape.length; axis++) {
      TensorShapeProto.Dimension dimension = declared.getDim(axis);
      if (!dimension.hasDimValue()) {
        shape[axis] = Shapes.UNKNOWN;
      } else if (dimension.getDimValue() < 1 || dimension.getDimValue() > Integer.MAX_VALUE) {
        throw ModelException.inFile(
            file, name + "declares a dimension of " + dimension.getDimValue());
      } else {
        shape[axis] = (int) dimension.getDimValue();
      }
    }
    return shape;
  }

  /**
   * The node, or nothing if it computes a constant, which is then an initializer, or quantises, and
   * is then read with its DequantizeLinear.
   */
  private Optional<GraphNode> readNode(NodeProto proto, long opset, Initializers initializers) {
    String name = proto.getName();
    if (name.isEmpty() && proto.getOutputCount() > 0) {
      name = proto.getOutput(0);
    }
    boolean foreign = !isOnnxDomain(proto.getDomain());
    String type = foreign ? proto.getDomain() + "." + proto.getOpType() : proto.getOpType();
    Location location = new Location(file, name, type, opset);
    if (!nodeNames.add(name)) {
      throw location.error("another node has the same name");
    }
    NodeReader reader = new NodeReader(location, proto, initializers, shapes, pairs);
    List<ConstantTensor> constants = foreign ? List.of() : ConstantFolding.fold(reader);
    if (!constants.isEmpty()) {
      putConstants(reader, constants, initializers);
      return Optional.empty();
    }
    if (type.equals("QuantizeLinear")) {
      pairs.open(newOutput(reader, initializers), reader);
      return Optional.empty();
    }
    Operator operator = Operators.read(reader);
    String output = newOutput(reader, initializers);
    GraphNode node = new GraphNode(location, operator, reader.activations(), output);
    shapes.put(output, node.outputShape(node.inputs().stream().map(shapes::get).toList()));
    if (operator instanceof FakeQuantize fake) {
      pairs.close(output, fake.quantization());
    }
    return Optional.of(node);
  }

  private void putConstants(
      NodeReader node, List<ConstantTensor> values, Initializers initializers) {
    if (values.size() == 1) {
      initializers.put(newOutput(node, initializers), values.getFirst());
      return;
    }
    for (int i = 0; i < values.size(); i++) {
      initializers.put(requireNew(node.outputs().get(i), node, initializers), values.get(i));
    }
  }

  private String newOutput(NodeReader node, Initializers initializers) {
    return requireNew(node.singleOutput(), node, initializers);
  }

  private String requireNew(String output, NodeReader node, Initializers initializers) {
    if (initializers.contains(output)
        || shapes.containsKey(output)
        || pairs.codes(output) != null) {
      throw node.error("its output '" + output + "' is given a second time");
    }
    return output;
  }

  private String singleOutput(GraphProto graph, List<GraphNode> nodes, Initializers initializers) {
    List<String> outputs = graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
    if (outputs.size() != 1) {
      throw ModelException.inFile(file, "it has outputs " + outputs + "; supported: one");
    }
    QuantizationPairs.Codes codes = pairs.codes(outputs.getFirst());
    if (codes != null) {
      throw codes.location().error("its codes are the model's output; supported: float32");
    }
    if (initializers.contains(outputs.getFirst())) {
      throw ModelException.inFile(
          file, "its output '" + outputs.getFirst() + "' does not depend on its input");
    }
    if (nodes.stream().noneMatch(node -> node.output().equals(outputs.getFirst()))) {
      throw ModelException.inFile(
          file, "its output '" + outputs.getFirst() + "' is computed by no node");
    }
    return outputs.getFirst();
  }
}
