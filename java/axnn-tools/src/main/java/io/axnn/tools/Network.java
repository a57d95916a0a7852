package io.axnn.tools;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.tools.internal.graph.Graph;
import io.axnn.tools.internal.onnx.Shapes;
import io.axnn.tools.internal.operators.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private final Context context;
  private final Settings settings;
  private final Queue<Workspace> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  Network(
      Model model,
      Graph graph,
      List<Instruction> instructions,
      Map<String, Arithmetic> arithmetics,
      Context context,
      Settings settings) {
    this.model = model;
    this.graph = graph;
    this.instructions = instructions;
    this.arithmetics = arithmetics;
    this.context = context;
    this.settings = settings;
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
    return run(
        x,
        new RunListener() {
          @Override
          public void starts(Tensor input) {
            observer.observe(graph.input(), input);
          }

          @Override
          public void ran(Instruction instruction, List<Value> inputs, Value result, long nanos) {
            if (result instanceof Value.Floats floats) {
              observer.observe(instruction.node().output(), floats.tensor());
            }
          }
        });
  }

  /** Runs a batch under the eyes of a listener. */
  Tensor run(Tensor x, RunListener listener) {
    if (closed) {
      throw new IllegalStateException("the network is closed");
    }
    requireInput(x);
    Workspace reused = idle.poll();
    Workspace workspace = reused == null ? new Workspace() : reused;
    try {
      return run(x, listener, workspace);
    } finally {
      idle.add(workspace);
    }
  }

  private Tensor run(Tensor x, RunListener listener, Workspace workspace) {
    Map<String, Value> values = new HashMap<>();
    values.put(graph.input(), new Value.Floats(x));
    listener.starts(x);
    for (Instruction instruction : instructions) {
      List<Value> inputs = instruction.node().inputs().stream().map(values::get).toList();
      int[] shape = instruction.node().outputShape(inputs.stream().map(Value::shape).toList());
      String name = instruction.node().output();
      long start = System.nanoTime();
      Value result =
          instruction
              .step()
              .run(
                  inputs,
                  () ->
                      name.equals(graph.output())
                          ? Tensor.allocate(DataType.FLOAT32, shape)
                          : workspace.tensor(instruction.buffer(), shape, Shapes.elements(shape)));
      listener.ran(instruction, inputs, result, System.nanoTime() - start);
      values.put(name, result);
    }
    // The network's output is never bits.
    return ((Value.Floats) values.get(graph.output())).tensor();
  }

  /** The instructions, in the order in which they run. */
  List<Instruction> instructions() {
    return instructions;
  }

  /**
   * Looks at each layer while batches run: its kernel, its time, and what its arithmetic does to
   * its output.
   *
   * @param batches what {@link #forward(Tensor)} takes, at least one
   * @return the layers in the order in which they run
   * @throws IllegalArgumentException if there is no batch, or one does not fit the model's input
   * @throws IllegalStateException if the network is closed
   */
  public List<LayerProfile> profile(Iterable<Tensor> batches) {
    try (Network exact = model.prepare(context, settings.exact())) {
      LayerProfiler profiler = new LayerProfiler(this, exact);
      for (Tensor batch : batches) {
        run(batch, profiler);
      }
      return profiler.finish();
    }
  }

  /**
   * Runs images and notes from which smallest to which largest value the input of each layer goes.
   *
   * @param batches what {@link #forward(Tensor)} takes
   * @return the ranges, for {@link Settings#withCalibration}
   * @throws IllegalArgumentException if there is no batch, or one does not fit the model's input
   * @throws IllegalStateException if the network is closed
   */
  public Calibration calibrate(Iterable<Tensor> batches) {
    return calibrate(batches, CalibrationMethod.MIN_MAX);
  }

  /**
   * Runs images and notes over what range the input of each layer goes. Ranges are meant to come
   * from a float32 network and from images that accuracy is not measured on.
   *
   * @param batches what {@link #forward(Tensor)} takes
   * @param method how a range is found from the values
   * @return the ranges, for {@link Settings#withCalibration}; of a value that was NaN or infinite
   *     {@link Calibration#range} has none
   * @throws IllegalArgumentException if there is no batch, or one does not fit the model's input
   * @throws IllegalStateException if the network is closed
   */
  public Calibration calibrate(Iterable<Tensor> batches, CalibrationMethod method) {
    Objects.requireNonNull(method, "method");
    Set<String> layerInputs =
        graph.nodes().stream()
            .filter(node -> arithmetics.containsKey(node.name()))
            .flatMap(node -> node.inputs().stream())
            .collect(Collectors.toUnmodifiableSet());
    Calibration.Collector collector = new Calibration.Collector(layerInputs, method);
    for (Tensor batch : batches) {
      forward(batch, collector);
    }
    return collector.finish();
  }

  private void requireInput(Tensor x) {
    int[] expected = graph.inputShape();
    if (x.dataType() != DataType.FLOAT32 || !Shapes.fits(x.shape(), expected)) {
      throw new IllegalArgumentException(
          "x is %s %s; the model takes FLOAT32 %s, -1 standing for any size of 1 or more"
              .formatted(x.dataType(), Arrays.toString(x.shape()), Arrays.toString(expected)));
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
