package io.axnn.tools.internal.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * A constant while sub-graphs of constants are computed: small, of floats or integers.
 *
 * @param type FLOAT, DOUBLE, FLOAT16, INT64, INT32, BOOL, or a type of codes
 * @param values in row-major order; integers beyond 2^53 are rounded, which only "as far as
 *     possible" needs; NaN among integers is a dimension that the file leaves open
 * @param quantization that of the codes that the floats come from, or null
 */
public record ConstantTensor(
    DataType type, int[] shape, double[] values, LinearQuantization quantization) {
  /** More elements are an error in the file, or an attack. */
  private static final long MOST_ELEMENTS = 1L << 24;

  /** A tensor that does not come from codes. */
  public ConstantTensor(DataType type, int[] shape, double[] values) {
    this(type, shape, values, null);
  }

  /** A vector of int64. */
  public static ConstantTensor of(long... values) {
    return new ConstantTensor(
        DataType.INT64,
        new int[] {values.length},
        Arrays.stream(values).asDoubleStream().toArray());
  }

  /** The number of elements of a shape, which is checked before room is made for them. */
  public static int size(Location location, int... shape) {
    long size = 1;
    for (int dimension : shape) {
      size *= dimension;
      if (dimension < 0 || size > MOST_ELEMENTS) {
        throw location.error(
            "its output would have shape %s; supported: constants of at most %d elements"
                .formatted(Arrays.toString(shape), MOST_ELEMENTS));
      }
    }
    return (int) size;
  }

  /** A value at each index along the axes. */
  public static ConstantTensor fill(
      Location location, DataType type, int[] shape, Element element) {
    double[] values = new double[size(location, shape)];
    int[] index = new int[shape.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = element.at(index);
      for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
        index[axis] = 0;
      }
    }
    return new ConstantTensor(type, shape, values);
  }

  /** A value by its index along each axis. */
  @FunctionalInterface
  public interface Element {
    double at(int[] index);
  }

  public int rank() {
    return shape.length;
  }

  /** The value at an index; axes of one element repeat, and leading axes may be missing. */
  public double at(int[] index) {
    int skipped = index.length - shape.length;
    return values[flat(axis -> shape[axis] == 1 ? 0 : index[axis + skipped])];
  }

  /** The position in {@link #values} of what has this index along each axis. */
  public int flat(IntUnaryOperator index) {
    int flat = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      flat = flat * shape[axis] + index.applyAsInt(axis);
    }
    return flat;
  }

  public ConstantTensor withShape(int... newShape) {
    boolean kept = quantization != null && quantization.isPerTensor();
    return new ConstantTensor(type, newShape, values, kept ? quantization : null);
  }

  /** The same numbers, as if they had come from codes by this quantisation, or null. */
  public ConstantTensor withQuantization(LinearQuantization newQuantization) {
    return new ConstantTensor(type, shape, values, newQuantization);
  }

  public ConstantTensor withType(DataType newType) {
    return new ConstantTensor(newType, shape, values);
  }

  public boolean isFloat() {
    return type == DataType.FLOAT;
  }

  /** A number as this type has it: integers lose their fraction, an open dimension stays open. */
  public double rounded(double value) {
    return switch (type) {
      case DOUBLE -> value;
      case FLOAT -> (float) value;
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) value));
      default -> value < 0 ? Math.ceil(value) : Math.floor(value);
    };
  }

  /** True if not of floats: of integers or truth values. */
  public boolean isInteger() {
    return type != DataType.FLOAT && type != DataType.DOUBLE && type != DataType.FLOAT16;
  }

  /** As integers, an open dimension as {@code open}. */
  public long[] toLongs(long open) {
    return Arrays.stream(values).mapToLong(v -> Double.isNaN(v) ? open : (long) v).toArray();
  }

  /** True if a dimension that the file leaves open is among the integers. */
  public boolean hasOpen() {
    return isInteger() && Arrays.stream(values).anyMatch(Double::isNaN);
  }

  /** As floats. */
  public float[] toFloats() {
    float[] floats = new float[values.length];
    IntStream.range(0, floats.length).forEach(i -> floats[i] = (float) values[i]);
    return floats;
  }
}
