package io.axnn.tools;

import io.axnn.Context;
import io.axnn.tools.internal.graph.BinaryConvolutions;
import io.axnn.tools.internal.graph.FoldedActivations;
import io.axnn.tools.internal.graph.FoldedNormalizations;
import io.axnn.tools.internal.graph.Graph;
import io.axnn.tools.internal.graph.GraphNode;
import io.axnn.tools.internal.graph.GraphReader;
import io.axnn.tools.internal.onnx.Shapes;
import io.axnn.tools.internal.operators.BinaryConv;
import io.axnn.tools.internal.operators.Operator;
import io.axnn.tools.internal.operators.Sign;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A network of an ONNX file: read, checked and immutable. It holds no native memory; {@link
 * #prepare} makes networks of it that do.
 *
 * <p>Supported are opsets 7 to 21, one float32 input whose first axis counts the images, one
 * output, and these operators: Add, AveragePool, BatchNormalization, Clip, Concat, Conv,
 * DequantizeLinear, Div, Dropout, Flatten, Gemm, GlobalAveragePool, Identity, LeakyRelu, MatMul,
 * MaxPool, Mul, Pad, QuantizeLinear, ReduceMean, Relu, Reshape, Sigmoid, Sign, Slice, Softmax, Sub
 * and Transpose. Weights, limits, axes and shapes are constants of the file or computed from such,
 * and no operator mixes images. A batch norm after a convolution becomes part of it, as does a Relu
 * or Clip after any layer. What the file asks for beyond that is refused when it is read.
 *
 * <p>What is computed from constants, and from shapes of values, is computed when the file is read,
 * by these operators but the convolution, and Abs, And, Cast, Ceil, Constant, ConstantOfShape,
 * Equal, Exp, Expand, Floor, Gather, GatherElements, GatherND, Greater, GreaterOrEqual, Less,
 * LessOrEqual, Log, Max, Min, Mod, Neg, Not, Or, Pow, Range, Reciprocal, ReduceMax, ReduceMin,
 * ReduceProd, ReduceSum, Round, ScatterND, Shape, Size, Split, Sqrt, Squeeze, Tanh, Tile,
 * Unsqueeze, Where and Xor.
 *
 * <p>Such constants may be of float32, float64 or float16, of integers or truth values; a constant
 * that the network itself reads is float32. A dimension that the file leaves open, as the number of
 * images, is any number from 1 on: what it leaves undecided is refused.
 *
 * <p>QuantizeLinear and DequantizeLinear come as pairs of the same scale and zero point, one for
 * the whole value, of 8 or 16 bits: in float32 the nearest value that has a code. Constants may
 * also have one scale for each entry of an axis. A layer that computes with codes takes those of
 * the pair before it and of its weights from the file, whatever its {@link Arithmetic} says of the
 * input's codes and without calibration; the batch norm after a convolution of such weights stays
 * by itself.
 */
public final class Model {
  private final Graph graph;
  private final List<LayerInfo> layers;

  private Model(Graph graph) {
    this.graph = graph;
    this.layers =
        graph.nodes().stream()
            .filter(node -> node.operator() instanceof Operator.Weighted)
            .map(node -> layerInfo(node, (Operator.Weighted) node.operator()))
            .toList();
  }

  /**
   * Reads a file.
   *
   * @param file an ONNX file that holds its weights
   * @return the model
   * @throws IOException if the file cannot be read
   * @throws ModelException if what it holds cannot be run
   */
  public static Model load(Path file) throws IOException {
    // Protobuf's own limit, which an array shares; asked before the file is taken into memory.
    if (Files.size(file) > Integer.MAX_VALUE - 8) {
      throw ModelException.inFile(file.toString(), "it is larger than 2 GiB");
    }
    return parse(file.toString(), Files.readAllBytes(file));
  }

  /**
   * Reads a file that is in memory.
   *
   * @param name what errors call it
   * @param bytes the file's contents
   * @return the model
   * @throws ModelException if what they hold cannot be run
   */
  public static Model parse(String name, byte[] bytes) {
    Graph graph = FoldedNormalizations.fold(GraphReader.read(name, bytes));
    return new Model(FoldedActivations.fold(BinaryConvolutions.mark(graph)));
  }

  /**
   * The layers with weights, in the order in which they run.
   *
   * @return their names are those of the nodes in the file
   */
  public List<LayerInfo> layers() {
    return layers;
  }

  /**
   * The shape that the file declares for its input.
   *
   * @return -1 where the file leaves a dimension open, as that of the batch
   */
  public int[] inputShape() {
    return graph.inputShape().clone();
  }

  /**
   * The values that are the input of a Sign, the ones whose exact zeros a bit cannot represent.
   *
   * @return names as a {@link ValueObserver} gets them
   */
  public Set<String> signInputs() {
    return graph.nodes().stream()
        .filter(node -> node.operator() instanceof Sign)
        .map(node -> node.inputs().getFirst())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * The multiplications of each layer for one image.
   *
   * @param imageShape shape of an image, without the axis of the batch
   * @return counts by layer name, in the order in which the layers run
   * @throws IllegalArgumentException if the model's input is of another shape
   * @throws ModelException if an operator cannot work on such images
   */
  public Map<String, Long> opCounts(int... imageShape) {
    int[] declared = inputShape();
    int[] expected = Arrays.copyOfRange(declared, 1, declared.length);
    if (!Shapes.fits(imageShape, expected)) {
      throw new IllegalArgumentException(
          "imageShape is %s; the model takes %s, -1 standing for any size of 1 or more"
              .formatted(Arrays.toString(imageShape), Arrays.toString(expected)));
    }
    Map<String, int[]> shapes = new HashMap<>();
    shapes.put(
        graph.input(), IntStream.concat(IntStream.of(1), IntStream.of(imageShape)).toArray());
    Map<String, Long> counts = new LinkedHashMap<>();
    for (GraphNode node : graph.nodes()) {
      List<int[]> inputs = node.inputs().stream().map(shapes::get).toList();
      shapes.put(node.output(), node.outputShape(inputs));
      if (node.operator() instanceof Operator.Weighted weighted) {
        counts.put(node.name(), weighted.opCount(inputs.getFirst()));
      }
    }
    return counts;
  }

  /**
   * Makes the network executable: quantises and packs its weights.
   *
   * @param context what it runs on; stays open longer than the network
   * @param settings an arithmetic for each layer
   * @return the network, to be closed
   * @throws IllegalArgumentException if the settings name a layer that is not there, give a layer
   *     an arithmetic that it cannot use, or lack the calibration that it needs
   */
  public Network prepare(Context context, Settings settings) {
    Set<String> names = layers.stream().map(LayerInfo::name).collect(Collectors.toSet());
    for (String name : settings.exceptions().keySet()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "settings name layer '%s', which the model does not have; its layers: %s"
                .formatted(name, layers.stream().map(LayerInfo::name).toList()));
      }
    }
    return new NetworkBuilder(this, graph, context, settings).build();
  }

  /** Whether a layer's codes depend on a range: the file does not quantise its input. */
  boolean needsRanges(Settings settings) {
    return graph.nodes().stream()
        .anyMatch(
            node ->
                node.operator() instanceof Operator.Weighted weighted
                    && settings.arithmetic(layerInfo(node, weighted)) instanceof Arithmetic.Coded
                    && weighted.inputPair() == null);
  }

  /** The layer of a node that has weights. */
  static LayerInfo layerInfo(GraphNode node, Operator.Weighted operator) {
    return new LayerInfo(
        node.name(),
        node.location().operator(),
        operator instanceof BinaryConv,
        Arrays.stream(operator.weights().shape()).boxed().toList());
  }
}
