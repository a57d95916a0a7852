package io.axnn.layers;

import io.axnn.Tensor;

/** Output and operands of one pass, the latter null if they were not asked for. */
record Traced(Tensor y, Trace trace) {}
