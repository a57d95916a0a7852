package io.axnn.tools;

import io.axnn.tools.internal.graph.GraphNode;
import io.axnn.tools.internal.operators.Step;

/**
 * One node of a network, ready to run.
 *
 * @param buffer the workspace buffer that its output goes to
 */
record Instruction(GraphNode node, Step step, int buffer) {}
