package io.axnn.tools;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.tools.internal.operators.Operator;
import io.axnn.tools.internal.operators.Step;
import io.axnn.tools.internal.operators.Value;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Measures the layers of a network beside the same layers with exact products. */
final class LayerProfiler implements RunListener {
  private final Network network;
  private final Map<String, Step> exactSteps = new HashMap<>();
  private final Map<String, Record> records = new HashMap<>();
  private boolean empty = true;

  /** What is known of a layer so far. */
  private static final class Record {
    private long opCount;
    private String kernel = "";
    private long images;
    private long nanos;
    private double errors;
    private double magnitudes;
    private double largestError;
    private double largestMagnitude;
    private boolean compared = true;

    void compare(Tensor actual, Tensor exact) {
      MemorySegment actualMemory = actual.memory();
      MemorySegment exactMemory = exact.memory();
      for (long i = 0; i < actual.size(); i++) {
        double expected = exactMemory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        double error = Math.abs(actualMemory.getAtIndex(ValueLayout.JAVA_FLOAT, i) - expected);
        errors += error;
        magnitudes += Math.abs(expected);
        largestError = Math.max(largestError, error);
        largestMagnitude = Math.max(largestMagnitude, Math.abs(expected));
      }
    }

    double meanErrorPercent() {
      return compared ? percent(errors, magnitudes) : Double.NaN;
    }

    double maxErrorPercent() {
      return compared ? percent(largestError, largestMagnitude) : Double.NaN;
    }

    private static double percent(double part, double whole) {
      return part == 0 ? 0 : 100 * part / whole;
    }
  }

  /** The exact network has the same nodes; its steps run on this one's values. */
  LayerProfiler(Network network, Network exact) {
    this.network = network;
    for (Instruction instruction : exact.instructions()) {
      exactSteps.put(instruction.node().name(), instruction.step());
    }
  }

  @Override
  public void starts(Tensor input) {
    empty = false;
  }

  @Override
  public void ran(Instruction instruction, List<Value> inputs, Value result, long nanos) {
    if (!(instruction.node().operator() instanceof Operator.Weighted weighted)) {
      return;
    }
    String name = instruction.node().name();
    int[] shape = inputs.getFirst().shape();
    Record record = records.computeIfAbsent(name, key -> new Record());
    record.opCount = weighted.opCount(shape);
    record.kernel = instruction.step().explain(inputs);
    record.images += shape[0];
    record.nanos += nanos;
    Arithmetic arithmetic = network.arithmetics().get(name);
    if (arithmetic instanceof Arithmetic.Binary || arithmetic instanceof Arithmetic.Float32) {
      // A layer on bits takes no signs as floats, which the exact one would need.
      record.compared = false;
    } else {
      Tensor actual = ((Value.Floats) result).tensor();
      Value exact =
          exactSteps.get(name).run(inputs, () -> Tensor.allocate(DataType.FLOAT32, actual.shape()));
      record.compare(actual, ((Value.Floats) exact).tensor());
    }
  }

  List<LayerProfile> finish() {
    if (empty) {
      throw new IllegalArgumentException("batches is empty; a profile needs at least one image");
    }
    List<LayerProfile> profiles = new ArrayList<>();
    for (LayerInfo layer : network.model().layers()) {
      Record record = records.get(layer.name());
      // A layer whose output nobody reads does not run.
      if (record != null) {
        profiles.add(
            new LayerProfile(
                layer,
                network.arithmetics().get(layer.name()),
                record.opCount,
                record.kernel,
                Duration.ofNanos(record.nanos / record.images),
                record.meanErrorPercent(),
                record.maxErrorPercent()));
      }
    }
    return profiles;
  }
}
