package io.axnn.tools.internal.graph;

import io.axnn.tools.internal.operators.BatchNormalization;
import io.axnn.tools.internal.operators.Conv;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts a batch norm that follows a convolution into its weights and bias. */
public final class FoldedNormalizations {
  private FoldedNormalizations() {}

  /**
   * The graph without the BatchNormalization of every Conv whose output nobody else reads. Weights
   * that are codes in the file stay as they are.
   */
  public static Graph fold(Graph graph) {
    Map<String, Integer> readers = graph.readers();
    List<GraphNode> nodes = new ArrayList<>(graph.nodes().size());
    Map<String, Integer> convolutions = new HashMap<>(); // where in nodes, by output
    for (GraphNode node : graph.nodes()) {
      Integer before = convolutions.get(node.inputs().getFirst());
      if (node.operator() instanceof BatchNormalization norm
          && before != null
          && readers.get(node.inputs().getFirst()) == 1) {
        GraphNode conv = nodes.get(before);
        Conv scaled = ((Conv) conv.operator()).scaled(norm.factor(), norm.offset());
        nodes.set(before, new GraphNode(conv.location(), scaled, conv.inputs(), node.output()));
        continue;
      }
      if (node.operator() instanceof Conv conv && conv.weights().quantization() == null) {
        convolutions.put(node.output(), nodes.size());
      }
      nodes.add(node);
    }
    return new Graph(graph.input(), graph.inputShape(), graph.output(), List.copyOf(nodes));
  }
}
