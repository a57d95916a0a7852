package io.axnn.tools.internal.operators;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.tools.Arithmetic;
import io.axnn.tools.Calibration;
import io.axnn.tools.internal.onnx.Constant;
import io.axnn.tools.internal.onnx.LinearQuantization;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a node computes, its attributes checked and its constants in place; immutable and shared by
 * all networks of a model. To add one: write its class with a {@code static read(NodeReader)}, and
 * name it in {@link Operators}.
 */
public sealed interface Operator {

  /** Makes an operator of a node, or throws the node's error. */
  @FunctionalInterface
  interface Reader {
    Operator read(NodeReader node);
  }

  /**
   * The output's shape for the inputs' shapes, open dimensions allowed.
   *
   * @throws io.axnn.tools.ModelException if the operator cannot work on these shapes
   */
  int[] outputShape(List<int[]> inputs);

  /** An operator without weights: float32 in, float32 out, on any context. */
  non-sealed interface Plain extends Operator {
    void apply(List<Tensor> inputs, Tensor output);
  }

  /** An operator with weights, which a native layer computes. It has one computed input. */
  non-sealed interface Weighted extends Operator {
    Location location();

    Constant weights();

    /** The quantisation of the pair that gives the input, null where there is none. */
    LinearQuantization inputPair();

    /**
     * Multiplications for one image.
     *
     * @param input its shape, the number of images first, no dimension but that open
     */
    long opCount(int[] input);

    /**
     * The layer in one arithmetic.
     *
     * @param inputRange asked only where the arithmetic needs it
     * @param limits that its output is cut to
     */
    Step prepare(
        Context context,
        Arithmetic arithmetic,
        Supplier<Calibration.Range> inputRange,
        Limits limits);
  }

  /** An operator that can give the signs of its output as bits. It has one computed input. */
  interface ToBits {
    /**
     * The operator from floats or bits to bits.
     *
     * @param context what it runs in
     */
    Step prepareToBits(Context context);
  }
}
