package io.axnn.tools.internal.graph;

import java.util.List;

/** A network with one input and one output; its nodes come in an order in which they can run. */
public record Graph(String input, int[] inputShape, String output, List<GraphNode> nodes) {}
