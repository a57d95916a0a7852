package io.axnn.tools.internal.graph;

import io.axnn.tools.internal.operators.BinaryConv;
import io.axnn.tools.internal.operators.Conv;
import io.axnn.tools.internal.operators.Sign;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the convolutions of signs that can run on bits. */
public final class BinaryConvolutions {
  private BinaryConvolutions() {}

  /**
   * The graph with a {@link BinaryConv} wherever the input of a suitable Conv comes from a Sign.
   */
  public static Graph mark(Graph graph) {
    Map<String, GraphNode> signs = new HashMap<>();
    List<GraphNode> nodes = new ArrayList<>(graph.nodes().size());
    for (GraphNode node : graph.nodes()) {
      if (node.operator() instanceof Sign) {
        signs.put(node.output(), node);
      }
      nodes.add(marked(node, signs).orElse(node));
    }
    return new Graph(graph.input(), graph.inputShape(), graph.output(), List.copyOf(nodes));
  }

  private static Optional<GraphNode> marked(GraphNode node, Map<String, GraphNode> signs) {
    if (!(node.operator() instanceof Conv conv)) {
      return Optional.empty();
    }
    GraphNode sign = signs.get(node.inputs().getFirst());
    if (sign == null) {
      return Optional.empty();
    }
    String beforeSign = sign.inputs().getFirst();
    return BinaryConv.of(conv, beforeSign)
        .map(binary -> new GraphNode(node.location(), binary, node.inputs(), node.output()));
  }
}
