package io.axnn.layers;

/**
 * Receives the operands of chosen forward passes of approximate layers, in every mode but {@link
 * InferenceMode#BASELINE}: TorchApprox's traced inputs. Called on the thread of the pass; a layer
 * that many threads use calls it from all of them.
 */
public interface TraceListener {

  /** How much of a pass to record. */
  enum Detail {
    /** Nothing, at no cost. */
    NONE,
    /** {@link Trace.Histograms}. */
    HISTOGRAMS,
    /** {@link Trace.Operands}. */
    OPERANDS
  }

  /**
   * Asked before each pass.
   *
   * @param layer that is about to run
   * @return how much of this pass to record
   */
  Detail detail(ApproxLayer layer);

  /**
   * Told after each pass that was chosen, before its output is returned.
   *
   * @param layer that ran
   * @param trace its operands in the chosen detail; the listener's own
   */
  void traced(ApproxLayer layer, Trace trace);
}
