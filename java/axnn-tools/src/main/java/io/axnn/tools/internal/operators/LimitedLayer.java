package io.axnn.tools.internal.operators;

import io.axnn.Context;
import io.axnn.tools.Arithmetic;
import io.axnn.tools.Calibration;
import io.axnn.tools.internal.onnx.Constant;
import io.axnn.tools.internal.onnx.LinearQuantization;
import io.axnn.tools.internal.onnx.Location;
import java.util.List;
import java.util.function.Supplier;

/** A layer whose output is cut, as by the Relu that follows it in the file. */
public record LimitedLayer(Operator.Weighted layer, Limits limits) implements Operator.Weighted {
  @Override
  public Location location() {
    return layer.location();
  }

  @Override
  public Constant weights() {
    return layer.weights();
  }

  @Override
  public LinearQuantization inputPair() {
    return layer.inputPair();
  }

  @Override
  public long opCount(int[] input) {
    return layer.opCount(input);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    return layer.outputShape(inputs);
  }

  @Override
  public Step prepare(
      Context context,
      Arithmetic arithmetic,
      Supplier<Calibration.Range> inputRange,
      Limits ignored) {
    return layer.prepare(context, arithmetic, inputRange, limits);
  }
}
