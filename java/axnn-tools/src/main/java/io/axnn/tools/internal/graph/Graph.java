package io.axnn.tools.internal.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A network with one input and one output; its nodes come in an order in which they can run. */
public record Graph(String input, int[] inputShape, String output, List<GraphNode> nodes) {

  /** How many inputs of nodes each value is; being the output counts as one more. */
  Map<String, Integer> readers() {
    Map<String, Integer> readers = new HashMap<>(Map.of(output, 1));
    for (GraphNode node : nodes) {
      node.inputs().forEach(value -> readers.merge(value, 1, Integer::sum));
    }
    return readers;
  }
}
