package io.axnn.tools;

import io.axnn.Context;
import io.axnn.tools.internal.graph.Graph;
import io.axnn.tools.internal.graph.GraphNode;
import io.axnn.tools.internal.operators.BinaryConv;
import io.axnn.tools.internal.operators.Limits;
import io.axnn.tools.internal.operators.Operator;
import io.axnn.tools.internal.operators.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a graph into the instructions of a network: chooses what each node reads, drops nodes that
 * nobody reads, gives values their buffers, and makes the layers.
 */
final class NetworkBuilder {
  private final Model model;
  private final Graph graph;
  private final Context context;
  private final Settings settings;

  NetworkBuilder(Model model, Graph graph, Context context, Settings settings) {
    this.model = model;
    this.graph = graph;
    this.context = context;
    this.settings = settings;
  }

  Network build() {
    List<GraphNode> nodes = neededNodes();
    Set<String> bits = valuesInBits(nodes);
    Map<String, Integer> lastUse = lastUse(nodes);
    Deque<Integer> free = new ArrayDeque<>();
    Map<String, Integer> buffers = new HashMap<>();
    int bufferCount = 0;
    List<Instruction> instructions = new ArrayList<>();
    try {
      for (int i = 0; i < nodes.size(); i++) {
        GraphNode node = nodes.get(i);
        // The output's buffer is taken before the inputs' are given back: they never share one.
        int buffer = free.isEmpty() ? bufferCount++ : free.pop();
        buffers.put(node.output(), buffer);
        for (String input : Set.copyOf(node.inputs())) {
          if (lastUse.get(input) == i && buffers.containsKey(input)) {
            free.push(buffers.get(input));
          }
        }
        instructions.add(new Instruction(node, prepare(node, bits), buffer));
      }
    } catch (RuntimeException e) {
      instructions.forEach(instruction -> instruction.step().close());
      throw e;
    }
    return new Network(
        model, graph, List.copyOf(instructions), arithmetics(nodes), context, settings);
  }

  /**
   * The nodes that the output depends on. A layer on bits takes the signs itself: no Sign needed.
   */
  private List<GraphNode> neededNodes() {
    Set<String> needed = new HashSet<>(Set.of(graph.output()));
    List<GraphNode> nodes = new ArrayList<>();
    for (GraphNode node : graph.nodes().reversed()) {
      if (needed.contains(node.output())) {
        GraphNode chosen = withChosenInputs(node);
        needed.addAll(chosen.inputs());
        nodes.add(chosen);
      }
    }
    Collections.reverse(nodes);
    return nodes;
  }

  private GraphNode withChosenInputs(GraphNode node) {
    return node.operator() instanceof BinaryConv binary
            && arithmetic(node, binary) instanceof Arithmetic.Binary
        ? new GraphNode(node.location(), binary, List.of(binary.beforeSign()), node.output())
        : node;
  }

  /**
   * The values of which nothing but the signs is read: by layers that keep bits between them, or by
   * an operator whose own output is such a value.
   */
  private Set<String> valuesInBits(List<GraphNode> nodes) {
    Set<String> bits = new HashSet<>();
    Set<String> floats = new HashSet<>(Set.of(graph.output()));
    for (GraphNode node : nodes.reversed()) {
      if (node.operator() instanceof Operator.ToBits
          && !floats.contains(node.output())
          && (keepsBits(node) || !(node.operator() instanceof Operator.Weighted))) {
        bits.add(node.output());
      }
      if (!keepsBits(node) && !bits.contains(node.output())) {
        floats.addAll(node.inputs());
      }
    }
    return bits;
  }

  /** A layer on bits that takes bits and gives them. */
  private boolean keepsBits(GraphNode node) {
    return node.operator() instanceof BinaryConv binary
        && arithmetic(node, binary) instanceof Arithmetic.Binary arithmetic
        && arithmetic.bitsBetweenLayers();
  }

  private static Map<String, Integer> lastUse(List<GraphNode> nodes) {
    Map<String, Integer> lastUse = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String input : nodes.get(i).inputs()) {
        lastUse.put(input, i);
      }
    }
    return lastUse;
  }

  private Arithmetic arithmetic(GraphNode node, Operator.Weighted operator) {
    return settings.arithmetic(Model.layerInfo(node, operator));
  }

  private Map<String, Arithmetic> arithmetics(List<GraphNode> nodes) {
    Map<String, Arithmetic> arithmetics = new HashMap<>();
    for (GraphNode node : nodes) {
      if (node.operator() instanceof Operator.Weighted weighted) {
        arithmetics.put(node.name(), arithmetic(node, weighted));
      }
    }
    return Map.copyOf(arithmetics);
  }

  private Step prepare(GraphNode node, Set<String> bits) {
    try {
      if (bits.contains(node.output()) && node.operator() instanceof Operator.ToBits toBits) {
        return toBits.prepareToBits(context);
      }
      return switch (node.operator()) {
        case Operator.Plain plain -> Step.of(plain::apply);
        case Operator.Weighted weighted ->
            weighted.prepare(
                context,
                arithmetic(node, weighted),
                () -> range(node.inputs().getFirst()),
                Limits.NONE);
      };
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("layer '" + node.name() + "': " + e.getMessage(), e);
    }
  }

  private Calibration.Range range(String value) {
    return settings
        .calibration()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "arithmetic with codes needs the range of its input; calibrate a float32 network of"
                        + " this model and pass the result to Settings.withCalibration"))
        .range(value);
  }
}
