package io.axnn.tools.internal.graph;

import io.axnn.tools.internal.operators.Clip;
import io.axnn.tools.internal.operators.LimitedLayer;
import io.axnn.tools.internal.operators.Operator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes a Relu or Clip that follows a layer the limits of the layer's own output. */
public final class FoldedActivations {
  private FoldedActivations() {}

  /** The graph without the Relu and Clip of every layer whose output nobody else reads. */
  public static Graph fold(Graph graph) {
    Map<String, Integer> readers = graph.readers();
    List<GraphNode> nodes = new ArrayList<>(graph.nodes().size());
    Map<String, Integer> layers = new HashMap<>(); // where in nodes, by output
    for (GraphNode node : graph.nodes()) {
      String input = node.inputs().getFirst();
      if (node.operator() instanceof Clip clip
          && layers.containsKey(input)
          && readers.get(input) == 1) {
        int before = layers.get(input);
        GraphNode layer = nodes.get(before);
        Operator limited = new LimitedLayer((Operator.Weighted) layer.operator(), clip.limits());
        nodes.set(before, new GraphNode(layer.location(), limited, layer.inputs(), node.output()));
        continue;
      }
      if (node.operator() instanceof Operator.Weighted
          && !(node.operator() instanceof Operator.ToBits)) {
        layers.put(node.output(), nodes.size());
      }
      nodes.add(node);
    }
    return new Graph(graph.input(), graph.inputShape(), graph.output(), List.copyOf(nodes));
  }
}
