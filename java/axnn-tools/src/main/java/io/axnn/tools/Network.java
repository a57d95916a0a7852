package io.axnn.tools;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.tools.internal.graph.Graph;
import io.axnn.tools.internal.onnx.Shapes;
import io.axnn.tools.internal.operators.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/**
 * A model that runs, with one arithmetic for each of its layers. Calls may run in many threads at
 * once; each needs memory for the values of its batch, so large sets are better given in batches of
 * some tens of images.
 */
public final class Network implements AutoCloseable {
  private final Model model;
  private final Graph graph;
  private final List<Instruction> instructions;
  private final Map<String, Arithmetic> arithmetics;
  private final Queue<Workspace> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  Network(
      Model model,
      Graph graph,
      List<Instruction> instructions,
      Map<String, Arithmetic> arithmetics) {
    this.model = model;
    this.graph = graph;
    this.instructions = instructions;
    this.arithmetics = arithmetics;
  }

  /**
   * The model that this network runs.
   *
   * @return it is shared
   */
  public Model model() {
    return model;
  }

  /**
   * What each layer computes with.
   *
   * @return by the layer's name in {@link Model#layers()}
   */
  public Map<String, Arithmetic> arithmetics() {
    return arithmetics;
  }

  /**
   * Runs a batch.
   *
   * @param x float32, the shape that the model declares, the number of images first
   * @return the model's output, as [n, classes]; new memory
   * @throws IllegalArgumentException if x does not fit the model's input
   * @throws IllegalStateException if the network is closed
   */
  public Tensor forward(Tensor x) {
    return forward(x, (value, tensor) -> {});
  }

  /**
   * Runs a batch and shows the values in it, but for those that stay in bits between layers.
   *
   * @param x float32, the shape that the model declares, the number of images first
   * @param observer is called in this thread
   * @return the model's output, as [n, classes]; new memory
   * @throws IllegalArgumentException if x does not fit the model's input
   * @throws IllegalStateException if the network is closed
   */
  public Tensor forward(Tensor x, ValueObserver observer) {
    if (closed) {
      throw new IllegalStateException("the network is closed");
    }
    requireInput(x);
    Workspace reused = idle.poll();
    Workspace workspace = reused == null ? new Workspace() : reused;
    try {
      return run(x, observer, workspace);
    } finally {
      idle.add(workspace);
    }
  }

  private Tensor run(Tensor x, ValueObserver observer, Workspace workspace) {
    Map<String, Value> values = new HashMap<>();
    values.put(graph.input(), new Value.Floats(x));
    observer.observe(graph.input(), x);
    for (Instruction instruction : instructions) {
      List<Value> inputs = instruction.node().inputs().stream().map(values::get).toList();
      int[] shape = instruction.node().outputShape(inputs.stream().map(Value::shape).toList());
      String name = instruction.node().output();
      Value result =
          instruction
              .step()
              .run(
                  inputs,
                  () ->
                      name.equals(graph.output())
                          ? Tensor.allocate(DataType.FLOAT32, shape)
                          : workspace.tensor(instruction.buffer(), shape, Shapes.elements(shape)));
      values.put(name, result);
      if (result instanceof Value.Floats floats) {
        observer.observe(name, floats.tensor());
      }
    }
    // The network's output is never bits.
    return ((Value.Floats) values.get(graph.output())).tensor();
  }

  /**
   * Runs images and notes over what range the input of each layer goes. Ranges are meant to come
   * from a float32 network and from images that accuracy is not measured on.
   *
   * @param batches what {@link #forward(Tensor)} takes
   * @return the ranges, for {@link Settings#withCalibration}
   * @throws IllegalArgumentException if there is no batch, or one does not fit the model's input
   */
  public Calibration calibrate(Iterable<Tensor> batches) {
    Set<String> layerInputs =
        graph.nodes().stream()
            .filter(node -> arithmetics.containsKey(node.name()))
            .flatMap(node -> node.inputs().stream())
            .collect(Collectors.toUnmodifiableSet());
    Calibration.Collector collector = new Calibration.Collector(layerInputs);
    for (Tensor batch : batches) {
      forward(batch, collector);
    }
    return collector.finish();
  }

  private void requireInput(Tensor x) {
    int[] expected = graph.inputShape();
    int[] shape = x.shape();
    boolean fits = x.dataType() == DataType.FLOAT32 && shape.length == expected.length;
    for (int axis = 0; fits && axis < shape.length; axis++) {
      fits = shape[axis] > 0 && Shapes.compatible(expected[axis], shape[axis]);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "x is %s %s; the model takes FLOAT32 %s, -1 standing for any size of 1 or more"
              .formatted(x.dataType(), Arrays.toString(shape), Arrays.toString(expected)));
    }
  }

  /**
   * Frees the layers. A call that is running finishes; a later one throws. Closing twice is fine.
   */
  @Override
  public void close() {
    closed = true;
    instructions.forEach(instruction -> instruction.step().close());
  }
}
