package io.axnn;

import io.axnn.internal.Shapes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * Numbers of one {@link DataType} in a row-major, contiguous shape, in memory outside the Java heap
 * so that native code reads and writes them in place. Activations are NCHW, convolution weights
 * OIHW.
 *
 * <p>A tensor is not closed: its memory belongs to the {@link Arena} that the caller names, else to
 * an automatic one that the garbage collector frees. There is at least one dimension, and each is
 * at least 1. Contents are mutable and not synchronised: threads that share a tensor must not write
 * while others read.
 */
public final class Tensor {

  /** Cache line and widest vector register. */
  private static final long ALIGNMENT = 64;

  private final DataType dataType;
  private final int[] shape;
  private final long size;
  private final MemorySegment memory;

  private Tensor(DataType dataType, int[] shape, MemorySegment memory) {
    this.dataType = dataType;
    this.shape = shape;
    this.size = memory.byteSize() / dataType.bytes();
    this.memory = memory;
  }

  /**
   * Makes a tensor of zeros in memory that the garbage collector frees.
   *
   * @param dataType type of the elements
   * @param shape dimensions, each at least 1
   * @return a new tensor
   * @throws IllegalArgumentException if a dimension is below 1 or their product too large
   */
  public static Tensor allocate(DataType dataType, int... shape) {
    return allocate(Arena.ofAuto(), dataType, shape);
  }

  /**
   * Makes a tensor of zeros in an arena.
   *
   * @param arena owner of the memory; the tensor is unusable once it is closed
   * @param dataType type of the elements
   * @param shape dimensions, each at least 1
   * @return a new tensor
   * @throws IllegalArgumentException if a dimension is below 1 or their product too large
   */
  public static Tensor allocate(Arena arena, DataType dataType, int... shape) {
    Objects.requireNonNull(arena, "arena");
    Objects.requireNonNull(dataType, "dataType");
    long bytes = Shapes.bytes(dataType, shape);
    return new Tensor(dataType, shape.clone(), arena.allocate(bytes, ALIGNMENT));
  }

  /**
   * Makes a {@link DataType#FLOAT32} tensor.
   *
   * @param values elements in row-major order; copied
   * @param shape dimensions whose product is the number of values
   * @return a new tensor
   * @throws IllegalArgumentException if values and shape do not fit
   */
  public static Tensor of(float[] values, int... shape) {
    Objects.requireNonNull(values, "values");
    return of(MemorySegment.ofArray(values), values.length, DataType.FLOAT32, shape);
  }

  /**
   * Makes an {@link DataType#INT32} tensor.
   *
   * @param values elements in row-major order; copied
   * @param shape dimensions whose product is the number of values
   * @return a new tensor
   * @throws IllegalArgumentException if values and shape do not fit
   */
  public static Tensor of(int[] values, int... shape) {
    Objects.requireNonNull(values, "values");
    return of(MemorySegment.ofArray(values), values.length, DataType.INT32, shape);
  }

  /**
   * Makes an {@link DataType#INT64} tensor.
   *
   * @param values elements in row-major order; copied
   * @param shape dimensions whose product is the number of values
   * @return a new tensor
   * @throws IllegalArgumentException if values and shape do not fit
   */
  public static Tensor of(long[] values, int... shape) {
    Objects.requireNonNull(values, "values");
    return of(MemorySegment.ofArray(values), values.length, DataType.INT64, shape);
  }

  /**
   * Makes an {@link DataType#INT8} tensor.
   *
   * @param values elements in row-major order; copied
   * @param shape dimensions whose product is the number of values
   * @return a new tensor
   * @throws IllegalArgumentException if values and shape do not fit
   */
  public static Tensor of(byte[] values, int... shape) {
    Objects.requireNonNull(values, "values");
    return of(MemorySegment.ofArray(values), values.length, DataType.INT8, shape);
  }

  /**
   * Makes a {@link DataType#UINT8} tensor.
   *
   * @param values elements in row-major order, each byte read as 0..255; copied
   * @param shape dimensions whose product is the number of values
   * @return a new tensor
   * @throws IllegalArgumentException if values and shape do not fit
   */
  public static Tensor ofUnsigned(byte[] values, int... shape) {
    Objects.requireNonNull(values, "values");
    return of(MemorySegment.ofArray(values), values.length, DataType.UINT8, shape);
  }

  private static Tensor of(MemorySegment values, long count, DataType dataType, int[] shape) {
    demandCount("values", count, Shapes.size(shape), shape);
    Tensor tensor = allocate(dataType, shape);
    tensor.memory.copyFrom(values);
    return tensor;
  }

  private static void demandCount(String name, long count, long needed, int[] shape) {
    if (count != needed) {
      throw new IllegalArgumentException(
          name
              + " has "
              + count
              + " elements, but shape "
              + Arrays.toString(shape)
              + " needs "
              + needed);
    }
  }

  /**
   * Makes a tensor of memory that is there already, a mapped file for example. Nothing is copied.
   *
   * @param memory native, writable memory, aligned to the size of an element, of exactly the needed
   *     bytes
   * @param dataType type of the elements
   * @param shape dimensions, each at least 1
   * @return a view of the memory
   * @throws IllegalArgumentException if the memory is on the heap, read-only, misaligned or of
   *     another size
   */
  public static Tensor wrap(MemorySegment memory, DataType dataType, int... shape) {
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(dataType, "dataType");
    long bytes = Shapes.bytes(dataType, shape);
    if (!memory.isNative()) {
      throw new IllegalArgumentException("memory is on the Java heap, but must be native");
    }
    if (memory.isReadOnly()) {
      throw new IllegalArgumentException("memory is read-only, but a tensor must be writable");
    }
    if (memory.address() % dataType.bytes() != 0) {
      throw new IllegalArgumentException(
          "memory is at address "
              + memory.address()
              + ", but "
              + dataType
              + " must be aligned to "
              + dataType.bytes()
              + " bytes");
    }
    if (memory.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "memory has "
              + memory.byteSize()
              + " bytes, but "
              + dataType
              + " "
              + Arrays.toString(shape)
              + " needs "
              + bytes);
    }
    return new Tensor(dataType, shape.clone(), memory);
  }

  /**
   * The type of the elements.
   *
   * @return never null
   */
  public DataType dataType() {
    return dataType;
  }

  /**
   * All dimensions.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * The number of dimensions.
   *
   * @return 1 or more
   */
  public int rank() {
    return shape.length;
  }

  /**
   * One dimension.
   *
   * @param axis 0 to rank - 1
   * @return at least 1
   * @throws IllegalArgumentException if there is no such axis
   */
  public int dimension(int axis) {
    if (axis < 0 || axis >= shape.length) {
      throw new IllegalArgumentException(
          "axis is " + axis + ", but the tensor has rank " + shape.length);
    }
    return shape[axis];
  }

  /**
   * The number of elements.
   *
   * @return the product of the dimensions
   */
  public long size() {
    return size;
  }

  /**
   * The elements in row-major order, in the byte order of the machine.
   *
   * @return the memory itself, not a copy
   */
  public MemorySegment memory() {
    return memory;
  }

  /**
   * Copies the elements out.
   *
   * @return a new array
   * @throws IllegalStateException if this is not a {@link DataType#FLOAT32} tensor
   */
  public float[] toFloatArray() {
    demandType(DataType.FLOAT32);
    return memory.toArray(ValueLayout.JAVA_FLOAT);
  }

  /**
   * Copies the elements out.
   *
   * @return a new array
   * @throws IllegalStateException if this is not an {@link DataType#INT32} tensor
   */
  public int[] toIntArray() {
    demandType(DataType.INT32);
    return memory.toArray(ValueLayout.JAVA_INT);
  }

  /**
   * Copies the elements out.
   *
   * @return a new array
   * @throws IllegalStateException if this is not an {@link DataType#INT64} tensor
   */
  public long[] toLongArray() {
    demandType(DataType.INT64);
    return memory.toArray(ValueLayout.JAVA_LONG);
  }

  /**
   * Copies the elements out.
   *
   * @return a new array, to be read as 0..255 for {@link DataType#UINT8}
   * @throws IllegalStateException if this is neither an {@link DataType#INT8} nor a {@link
   *     DataType#UINT8} tensor
   */
  public byte[] toByteArray() {
    if (dataType != DataType.UINT8) {
      demandType(DataType.INT8);
    }
    return memory.toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * The same elements in another shape.
   *
   * @param shape dimensions whose product is the size of this tensor
   * @return a view that shares the memory
   * @throws IllegalArgumentException if the sizes differ
   */
  public Tensor reshape(int... shape) {
    demandCount("the tensor", size, Shapes.size(shape), shape);
    return new Tensor(dataType, shape.clone(), memory);
  }

  /**
   * Some of the entries along the first axis: images of a batch, for example.
   *
   * @param from first index
   * @param to index after the last, greater than {@code from}
   * @return a view that shares the memory
   * @throws IllegalArgumentException if the indices are not inside the first axis
   */
  public Tensor slice(int from, int to) {
    int first = dimension(0);
    if (from < 0 || to <= from || to > first) {
      throw new IllegalArgumentException(
          "slice is " + from + ".." + to + ", but must be a non-empty part of 0.." + first);
    }
    long entry = memory.byteSize() / first;
    int[] part = shape();
    part[0] = to - from;
    return new Tensor(dataType, part, memory.asSlice(from * entry, (to - from) * entry));
  }

  /**
   * Overwrites all elements.
   *
   * @param values as many as the size of this tensor, in row-major order
   * @throws IllegalStateException if this is not a {@link DataType#FLOAT32} tensor
   * @throws IllegalArgumentException if the number of values differs
   */
  public void copyFrom(float[] values) {
    Objects.requireNonNull(values, "values");
    demandType(DataType.FLOAT32);
    demandCount("values", values.length, size, shape);
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
  }

  private void demandType(DataType wanted) {
    if (dataType != wanted) {
      throw new IllegalStateException("the tensor is " + dataType + ", not " + wanted);
    }
  }

  @Override
  public String toString() {
    return "Tensor[" + dataType + ", " + Arrays.toString(shape) + "]";
  }
}
