package io.axnn.tools.internal.operators;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.layers.ApproxLinear;
import io.axnn.layers.Linear;
import io.axnn.tools.Arithmetic;
import io.axnn.tools.Calibration;
import io.axnn.tools.internal.onnx.Constant;
import io.axnn.tools.internal.onnx.LinearQuantization;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * ONNX Gemm with constant B and C, and MatMul: y = alpha * A' * B' + beta * C, a linear layer.
 * Alpha and the transposition of B are in {@code weights} [out, in], beta is in {@code bias} (null
 * without C).
 *
 * @param inputPair the quantisation of the pair that gives A, null where there is none
 */
record Gemm(
    Location location,
    boolean transposeA,
    Constant weights,
    float[] bias,
    LinearQuantization inputPair)
    implements Operator.Weighted {

  static Gemm read(NodeReader node) {
    node.requireInputs(2, 3);
    int rank = node.activation(0, "A").length;
    Constant b = node.constant(1, "B");
    if (rank != 2 || b.rank() != 2) {
      throw node.error(
          "inputs A and B have ranks %d and %d; supported: 2".formatted(rank, b.rank()));
    }
    boolean transposeA = node.attributes().flag("transA", false);
    boolean transposeB = node.attributes().flag("transB", false);
    float alpha = node.attributes().real("alpha", 1);
    float beta = node.attributes().real("beta", 1);
    Constant weights = weights(b, transposeB, alpha);
    float[] bias = node.hasInput(2) ? bias(node, weights.shape()[0], beta) : null;
    return new Gemm(node.location(), transposeA, weights, bias, node.quantization(0));
  }

  /** ONNX MatMul of a computed matrix and a constant one: Gemm without alpha, beta and C. */
  static Gemm readMatMul(NodeReader node) {
    node.requireInputs(2, 2);
    int rank = node.activation(0, "A").length;
    Constant b = node.constant(1, "B");
    if (rank != 2 || b.rank() != 2) {
      throw node.error(
          "inputs A and B have ranks %d and %d; supported: 2".formatted(rank, b.rank()));
    }
    return new Gemm(node.location(), false, weights(b, false, 1), null, node.quantization(0));
  }

  /** alpha * B as [out, in]: as it lies there with transB, turned without. */
  private static Constant weights(Constant b, boolean transposeB, float alpha) {
    int outputs = b.shape()[transposeB ? 0 : 1];
    int inputs = b.shape()[transposeB ? 1 : 0];
    float[] values = transposeB ? b.values().clone() : transpose(b.values(), inputs, outputs);
    for (int i = 0; i < values.length; i++) {
      values[i] *= alpha;
    }
    return new Constant(
        b.name(),
        new int[] {outputs, inputs},
        values,
        weightQuantization(b.quantization(), transposeB, alpha));
  }

  /** That of B; an alpha other than 1 makes other numbers, which are not the file's codes. */
  private static LinearQuantization weightQuantization(
      LinearQuantization b, boolean transposeB, float alpha) {
    if (b == null || alpha != 1) {
      return null;
    }
    return transposeB || b.isPerTensor() ? b : b.withAxis(1 - b.axis());
  }

  /** beta * C for each output: C may be one number, or one row. */
  private static float[] bias(NodeReader node, int outputs, float beta) {
    Constant c = node.constant(2, "C");
    int columns = c.rank() == 0 ? 1 : c.shape()[c.rank() - 1];
    if (c.rank() > 2 || c.values().length != columns || (columns != 1 && columns != outputs)) {
      throw node.error(
          "input C has shape %s; supported: one number, [%d] and [1, %d]"
              .formatted(Arrays.toString(c.shape()), outputs, outputs));
    }
    float[] bias = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      bias[i] = beta * c.values()[columns == 1 ? 0 : i];
    }
    return bias;
  }

  private static float[] transpose(float[] values, int rows, int columns) {
    float[] turned = new float[values.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = values[row * columns + column];
      }
    }
    return turned;
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] a = inputs.getFirst();
    int rows = a[transposeA ? 1 : 0];
    int columns = a[transposeA ? 0 : 1];
    if (!Shapes.compatible(columns, weights.shape()[1])) {
      throw location.error(
          "input A has shape %s, so %d columns; B is for %d"
              .formatted(Arrays.toString(a), columns, weights.shape()[1]));
    }
    return new int[] {rows, weights.shape()[0]};
  }

  @Override
  public Step prepare(
      Context context,
      Arithmetic arithmetic,
      Supplier<Calibration.Range> inputRange,
      Limits limits) {
    Tensor biasTensor = bias == null ? null : Tensor.of(bias, bias.length);
    Step step =
        switch (arithmetic) {
          case Arithmetic.Float32 ignored ->
              limits.after(Step.of(Linear.of(context, weights.toTensor(), biasTensor)));
          case Arithmetic.Coded coded ->
              CodedStep.of(
                  this,
                  coded,
                  (correction, own) ->
                      ApproxLinear.builder(context, weights.toTensor(), biasTensor)
                          .zeroPointCorrection(correction)
                          .outputRange(own.min(), own.max())
                          .build(),
                  inputRange,
                  limits);
          case Arithmetic.Binary ignored -> throw Unsuited.binary();
        };
    return transposeA ? new Transposed(step) : step;
  }

  @Override
  public long opCount(int[] input) {
    return weights.values().length;
  }

  /** A step on the transposed matrix. */
  private record Transposed(Step step) implements Step {
    @Override
    public Value run(List<Value> inputs, Supplier<Tensor> output) {
      return step.run(turned(inputs), output);
    }

    @Override
    public String explain(List<Value> inputs) {
      return step.explain(turned(inputs));
    }

    private static List<Value> turned(List<Value> inputs) {
      Tensor a = ((Value.Floats) inputs.getFirst()).tensor();
      int rows = a.dimension(0);
      int columns = a.dimension(1);
      Tensor turned = Tensor.of(transpose(a.toFloatArray(), rows, columns), columns, rows);
      return List.of(new Value.Floats(turned));
    }

    @Override
    public void close() {
      step.close();
    }
  }
}
