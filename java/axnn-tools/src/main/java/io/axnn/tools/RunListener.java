package io.axnn.tools;

import io.axnn.Tensor;
import io.axnn.tools.internal.operators.Value;
import java.util.List;

/** Follows a batch through a network. */
interface RunListener {
  /** Called once, before the first instruction. */
  default void starts(Tensor input) {}

  /**
   * Called after each instruction.
   *
   * @param inputs valid during the call only, as is the result: their memory is used again
   * @param nanos what the instruction took
   */
  void ran(Instruction instruction, List<Value> inputs, Value result, long nanos);
}
