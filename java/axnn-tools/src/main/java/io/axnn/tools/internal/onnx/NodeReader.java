package io.axnn.tools.internal.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.axnn.tools.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A node while its operator is made: gives attributes and inputs, and errors that name the node.
 */
public final class NodeReader {
  private final Location location;
  private final NodeProto node;
  private final Attributes attributes;
  private final Initializers initializers;
  private final Map<String, int[]> shapes;
  private final QuantizationPairs pairs;
  private final boolean onImages;
  private final List<String> activations = new ArrayList<>();

  /**
   * @param shapes shapes of the values that are computed before this node, with {@link
   *     Shapes#UNKNOWN} for dimensions that the file leaves open
   * @param pairs what the nodes before this one quantise
   */
  public NodeReader(
      Location location,
      NodeProto node,
      Initializers initializers,
      Map<String, int[]> shapes,
      QuantizationPairs pairs) {
    this(location, node, initializers, shapes, pairs, true);
  }

  private NodeReader(
      Location location,
      NodeProto node,
      Initializers initializers,
      Map<String, int[]> shapes,
      QuantizationPairs pairs,
      boolean onImages) {
    this.location = location;
    this.node = node;
    this.initializers = initializers;
    this.shapes = shapes;
    this.pairs = pairs;
    this.onImages = onImages;
    this.attributes = new Attributes(location, node);
  }

  public Location location() {
    return location;
  }

  public long opset() {
    return location.opset();
  }

  public Attributes attributes() {
    return attributes;
  }

  public ModelException error(String problem) {
    return location.error(problem);
  }

  public void requireInputs(int least, int most) {
    if (node.getInputCount() < least || node.getInputCount() > most) {
      throw error(
          "it has %d inputs; expected: %d to %d".formatted(node.getInputCount(), least, most));
    }
  }

  /** True if the input is there: an optional one may be left out or have an empty name. */
  public boolean hasInput(int index) {
    return index < node.getInputCount() && !node.getInput(index).isEmpty();
  }

  /**
   * The shape of a computed input. The node's activations are what was asked for here, in order.
   */
  public int[] activation(int index, String formalName) {
    String name = inputName(index, formalName);
    int[] shape = shapes.get(name);
    if (shape == null) {
      throw error(
          initializers.contains(name)
              ? "input %s ('%s') is a constant; supported: a computed value"
                  .formatted(formalName, name)
              : unknown(formalName, name));
    }
    activations.add(name);
    return shape;
  }

  /** The codes that an input is; what they are made of is then the activation. */
  public QuantizationPairs.Codes codes(int index, String formalName) {
    String name = inputName(index, formalName);
    QuantizationPairs.Codes codes = pairs.codes(name);
    if (codes == null) {
      throw error(
          "input %s ('%s') is no output of QuantizeLinear; supported: that, and a constant with"
                  .formatted(formalName, name)
              + " constant scale and zero point");
    }
    activations.add(codes.source());
    return codes;
  }

  /** The quantisation of a computed input that a DequantizeLinear gives, or null. */
  public LinearQuantization quantization(int index) {
    return pairs.dequantized(node.getInput(index));
  }

  /** The type of a constant input, also one that nothing supports. */
  DataType type(int index, String formalName) {
    return initializers.type(constantName(index, formalName));
  }

  /** A constant input. */
  public Constant constant(int index, String formalName) {
    return initializers.get(constantName(index, formalName));
  }

  private String constantName(int index, String formalName) {
    String name = inputName(index, formalName);
    if (shapes.containsKey(name)) {
      throw error(
          "input %s ('%s') is computed; supported: a constant of the file"
              .formatted(formalName, name));
    }
    if (!initializers.contains(name)) {
      throw error(unknown(formalName, name));
    }
    return name;
  }

  /** The shape of a computed input that the node does not read. */
  public int[] shape(int index, String formalName) {
    int[] shape = activation(index, formalName);
    activations.removeLast();
    return shape;
  }

  /** True if the input is there and a constant. */
  public boolean isConstant(int index) {
    return hasInput(index)
        && initializers.contains(node.getInput(index))
        && !shapes.containsKey(node.getInput(index));
  }

  /** A constant input that is a single number. */
  public float number(int index, String formalName) {
    Constant constant = constant(index, formalName);
    if (constant.values().length != 1) {
      throw error(
          "input %s has shape %s; expected one number"
              .formatted(formalName, Arrays.toString(constant.shape())));
    }
    return constant.values()[0];
  }

  /** A constant input of integers or booleans, in row-major order. */
  public long[] integers(int index, String formalName) {
    ConstantTensor tensor = tensor(index, formalName);
    if (tensor.hasOpen()) {
      throw open(formalName);
    }
    return tensor.toLongs(0);
  }

  /** A constant input of any type that is a single number, no open dimension. */
  public double decidedNumber(int index, String formalName) {
    ConstantTensor tensor = tensor(index, formalName);
    if (tensor.values().length != 1) {
      throw error(
          "input %s has shape %s; expected one number"
              .formatted(formalName, Arrays.toString(tensor.shape())));
    }
    if (tensor.hasOpen()) {
      throw open(formalName);
    }
    return tensor.values()[0];
  }

  private ModelException open(String formalName) {
    return error("input %s depends on a dimension that the file leaves open".formatted(formalName));
  }

  /** A size along an axis. */
  public int dimension(long size) {
    if (size < 0 || size > Integer.MAX_VALUE) {
      throw error("an axis of its output would have %d elements".formatted(size));
    }
    return (int) size;
  }

  /** A constant input of integers among which may be open dimensions, as {@code open}. */
  public long[] integers(int index, String formalName, long open) {
    return tensor(index, formalName).toLongs(open);
  }

  /** A constant input of any type. */
  public ConstantTensor tensor(int index, String formalName) {
    return initializers.tensor(constantName(index, formalName));
  }

  /** True if all inputs are constants: such a node is computed when the file is read. */
  public boolean hasOnlyConstants() {
    return IntStream.range(0, node.getInputCount()).allMatch(i -> isConstant(i) || !hasInput(i));
  }

  /** The tensor of an attribute, or null. */
  public ConstantTensor tensorAttribute(String name) {
    TensorProto tensor = attributes.tensor(name);
    return tensor == null ? null : initializers.decodeAny(tensor);
  }

  /** True if the first axis of computed inputs counts images, which an operator must not mix. */
  public boolean isOnImages() {
    return onImages;
  }

  /** This node, as if an input of it were no constant but a value of that shape, not of images. */
  public NodeReader withComputedInput(int index, int[] shape) {
    Map<String, int[]> more = new HashMap<>(shapes);
    more.put(node.getInput(index), shape);
    return new NodeReader(location, node, initializers, more, pairs, false);
  }

  /** The names of the outputs. */
  public List<String> outputs() {
    return List.copyOf(node.getOutputList());
  }

  /** How many inputs are named. */
  public int inputs() {
    return node.getInputCount();
  }

  /**
   * An axis counted from the first.
   *
   * @param axis negative if it counts from the end
   */
  public int axis(String name, long axis, int rank) {
    long fromStart = axis < 0 ? axis + rank : axis;
    if (fromStart < 0 || fromStart >= rank) {
      throw error("%s is %d for an input of rank %d".formatted(name, axis, rank));
    }
    return (int) fromStart;
  }

  public List<String> activations() {
    return List.copyOf(activations);
  }

  /** The one output that supported operators have; the optional further ones are refused. */
  public String singleOutput() {
    List<String> used = node.getOutputList().stream().filter(name -> !name.isEmpty()).toList();
    if (used.size() != 1 || node.getOutput(0).isEmpty()) {
      throw error("it has outputs %s; supported: the first one alone".formatted(used));
    }
    return used.getFirst();
  }

  private String inputName(int index, String formalName) {
    if (!hasInput(index)) {
      throw error("input %s is missing".formatted(formalName));
    }
    return node.getInput(index);
  }

  private String unknown(String formalName, String name) {
    QuantizationPairs.Codes codes = pairs.codes(name);
    if (codes != null) {
      return "input %s ('%s') is the codes of QuantizeLinear '%s'; only DequantizeLinear reads codes"
          .formatted(formalName, name, codes.location().node());
    }
    return "input %s names value '%s', which no earlier node and no initializer gives"
            .formatted(formalName, name)
        + " (a cycle, a missing part, or nodes out of order)";
  }
}
