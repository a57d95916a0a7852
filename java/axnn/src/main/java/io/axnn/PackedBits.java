package io.axnn;

import io.axnn.internal.Access;
import io.axnn.internal.Check;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.Shapes;
import io.axnn.internal.Signs;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * A tensor of signs as bits: bit 1 is +1, bit 0 is -1, the lowest bit of a byte first. The last
 * axis is packed: a row, which is all entries along it, starts on a byte, and the bits after its
 * end are 0. Immutable, and so for any number of threads.
 *
 * <ul>
 *   <li>Weights are [outputs, products of one output]: a row is one output channel in the order (in
 *       channel, kernel row, kernel column). Where a row has a multiple of 8 bits these are the
 *       packed bytes of bitorch-engine.
 *   <li>An image is [n, h, w, channels]: the channels of a pixel are a row. What is NCHW in floats
 *       is NHWC in bits.
 *   <li>Inputs and outputs of linear layers are [..., features].
 * </ul>
 */
public final class PackedBits {

  /** Cache line and widest vector register, as tensors have. */
  private static final long ALIGNMENT = 64;

  private static final int IMAGE_RANK = 4;

  static {
    Access.setPackedBits(PackedBits::new);
  }

  private final int[] shape;
  private final int rows;
  private final int columns;
  private final long rowBytes;
  private final MemorySegment memory;

  private PackedBits(MemorySegment memory, int... shape) {
    this.shape = shape.clone();
    this.rows = Shapes.bitRows(shape);
    this.columns = shape[shape.length - 1];
    this.rowBytes = Shapes.bytesOfBits(columns);
    this.memory = memory.asReadOnly();
  }

  private static MemorySegment allocate(int... shape) {
    return Arena.ofAuto().allocate(Shapes.bitBytes(shape), ALIGNMENT);
  }

  /**
   * Takes signs, with everything behind the first axis as one row: +1 where v &gt;= 0 (both zeros),
   * else -1 (NaN too). For weights.
   *
   * @param context where the work is done
   * @param x FLOAT32, or INT8 of +1 and -1, [rows, ...]
   * @return [rows, product of the other dimensions]
   * @throws IllegalArgumentException if x has another type, too long rows, or a byte other than +1
   *     and -1; the message has its index
   * @throws IllegalStateException if the context is closed, or the arena of x
   */
  public static PackedBits pack(Context context, Tensor x) {
    Objects.requireNonNull(context, "context");
    Tensor floats = Signs.floats("x", x);
    long columns = x.size() / x.dimension(0);
    if (columns > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "x has rows of " + columns + " elements, but at most 2^31 - 1 are allowed");
    }
    return packRows(context, floats, x.dimension(0), (int) columns);
  }

  /**
   * Takes signs, each entry of the last axis beside the next. For inputs of linear layers.
   *
   * @param context where the work is done
   * @param x FLOAT32, or INT8 of +1 and -1, [..., columns]
   * @return bits of the same shape
   * @throws IllegalArgumentException if x has another type, 2^31 rows or more, or a byte other than
   *     +1 and -1
   * @throws IllegalStateException if the context is closed, or the arena of x
   */
  public static PackedBits packRows(Context context, Tensor x) {
    Objects.requireNonNull(context, "context");
    return packRows(context, Signs.floats("x", x), x.shape());
  }

  private static PackedBits packRows(Context context, Tensor floats, int... shape) {
    MemorySegment values = Check.readable("x", floats);
    MemorySegment bits = allocate(shape);
    int rows = Shapes.bitRows(shape);
    int columns = shape[shape.length - 1];
    NativeCalls.run(
        context,
        handle ->
            AxnnH.axnn_binary_pack(
                handle, values, values.byteSize(), rows, columns, bits, bits.byteSize()));
    return new PackedBits(bits, shape);
  }

  /**
   * Takes the signs of images, channels innermost. For inputs of convolutions.
   *
   * @param context where the work is done
   * @param x FLOAT32, or INT8 of +1 and -1, [n, channels, h, w]
   * @return [n, h, w, channels]
   * @throws IllegalArgumentException if x has another type or rank, 2^31 pixels or more, or a byte
   *     other than +1 and -1
   * @throws IllegalStateException if the context is closed, or the arena of x
   */
  public static PackedBits packImage(Context context, Tensor x) {
    Objects.requireNonNull(context, "context");
    int[] nchw = Objects.requireNonNull(x, "x").shape();
    if (nchw.length != IMAGE_RANK) {
      throw new IllegalArgumentException(
          "x has shape " + Arrays.toString(nchw) + ", but must have shape [n, channels, h, w]");
    }
    MemorySegment values = Check.readable("x", Signs.floats("x", x));
    int[] nhwc = {nchw[0], nchw[2], nchw[3], nchw[1]};
    MemorySegment bits = allocate(nhwc);
    NativeCalls.run(
        context,
        handle ->
            AxnnH.axnn_binary_pack_image(
                handle,
                values,
                values.byteSize(),
                nchw[0],
                nchw[1],
                nchw[2],
                nchw[3],
                bits,
                bits.byteSize()));
    return new PackedBits(bits, nhwc);
  }

  /**
   * Takes bits that were packed before.
   *
   * @param bytes {@code rows * ceil(columns / 8)} bytes, rows being the product of all dimensions
   *     but the last, which is columns; copied
   * @param shape dimensions, each at least 1
   * @return those bits
   * @throws IllegalArgumentException if the number of bytes differs or a bit after the end of a row
   *     is not 0
   */
  public static PackedBits of(byte[] bytes, int... shape) {
    Objects.requireNonNull(bytes, "bytes");
    long needed = Shapes.bitBytes(shape);
    if (bytes.length != needed) {
      throw new IllegalArgumentException(
          "bytes has "
              + bytes.length
              + " elements, but bits of shape "
              + Arrays.toString(shape)
              + " need "
              + needed);
    }
    MemorySegment memory = allocate(shape);
    memory.copyFrom(MemorySegment.ofArray(bytes));
    PackedBits bits = new PackedBits(memory, shape);
    bits.demandZeroTails();
    return bits;
  }

  private void demandZeroTails() {
    int used = columns % Byte.SIZE;
    if (used == 0) {
      return;
    }
    for (int row = 0; row < rows; row++) {
      int last = Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, (row + 1) * rowBytes - 1));
      if (last >> used != 0) {
        throw new IllegalArgumentException(
            "bytes has trailing bits that are 1 after the "
                + columns
                + " bits of row "
                + row
                + ", but they must be 0");
      }
    }
  }

  /**
   * All dimensions, the packed axis last.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * The number of rows.
   *
   * @return the product of all dimensions but the last, at least 1
   */
  public int rows() {
    return rows;
  }

  /**
   * The number of bits in a row.
   *
   * @return the last dimension, at least 1
   */
  public int columns() {
    return columns;
  }

  /**
   * One sign.
   *
   * @param row 0 to rows - 1
   * @param column 0 to columns - 1
   * @return true for +1, false for -1
   * @throws IllegalArgumentException if there is no such bit
   */
  public boolean get(int row, int column) {
    Check.range("row", row, 0, rows - 1);
    Check.range("column", column, 0, columns - 1);
    return bit(row, column);
  }

  private boolean bit(long row, int column) {
    byte bits = memory.get(ValueLayout.JAVA_BYTE, row * rowBytes + column / Byte.SIZE);
    return (bits >> column % Byte.SIZE & 1) != 0;
  }

  /**
   * The signs as bytes; {@link #packRows} is the way back.
   *
   * @return INT8 of +1 and -1 in this shape
   */
  public Tensor unpack() {
    Tensor signs = Tensor.allocate(DataType.INT8, shape);
    long next = 0;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        signs.memory().set(ValueLayout.JAVA_BYTE, next++, (byte) (bit(row, column) ? 1 : -1));
      }
    }
    return signs;
  }

  /**
   * The signs of images as floats; {@link #packImage} is the way back.
   *
   * @return FLOAT32 of +1 and -1, [n, channels, h, w]
   * @throws IllegalStateException if this is no image, [n, h, w, channels]
   */
  public Tensor unpackImage() {
    if (shape.length != IMAGE_RANK) {
      throw new IllegalStateException(
          this + " is no image, which has the shape [n, h, w, channels]");
    }
    int pixels = shape[1] * shape[2];
    Tensor signs = Tensor.allocate(DataType.FLOAT32, shape[0], columns, shape[1], shape[2]);
    for (int row = 0; row < rows; row++) {
      long first = (long) row / pixels * columns * pixels + row % pixels;
      for (int column = 0; column < columns; column++) {
        signs
            .memory()
            .setAtIndex(
                ValueLayout.JAVA_FLOAT, first + (long) column * pixels, bit(row, column) ? 1 : -1);
      }
    }
    return signs;
  }

  /**
   * The same rows in another shape.
   *
   * @param shape dimensions with the same last one, whose product is the same
   * @return bits that share the memory
   * @throws IllegalArgumentException if rows or columns differ
   */
  public PackedBits reshape(int... shape) {
    if (Shapes.bitRows(shape) != rows || shape[shape.length - 1] != columns) {
      throw new IllegalArgumentException(
          "shape is "
              + Arrays.toString(shape)
              + ", but must have "
              + rows
              + " rows of "
              + columns
              + " bits");
    }
    return new PackedBits(memory, shape);
  }

  /**
   * Copies the bytes out.
   *
   * @return {@code rows * ceil(columns / 8)} bytes
   */
  public byte[] toByteArray() {
    return memory.toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * The bytes themselves.
   *
   * @return read-only memory of {@code rows * ceil(columns / 8)} bytes
   */
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public String toString() {
    return "PackedBits" + Arrays.toString(shape);
  }
}
