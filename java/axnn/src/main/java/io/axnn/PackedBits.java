package io.axnn;

import io.axnn.internal.Access;
import io.axnn.internal.Check;
import io.axnn.internal.Lease;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.Shapes;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Signs as bits: bit 1 is +1, bit 0 is -1, the lowest bit of a byte first. Every row starts on a
 * byte, the bits after its end are 0. For weights a row is one output channel in the order (in
 * channel, kernel row, kernel column); where a row has a multiple of 8 bits these are the packed
 * bytes of bitorch-engine. Immutable.
 */
public final class PackedBits {

  private final int rows;
  private final int columns;
  private final long rowBytes;
  private final MemorySegment memory;

  private PackedBits(int rows, int columns, MemorySegment memory) {
    this.rows = rows;
    this.columns = columns;
    this.rowBytes = rowBytes(columns);
    this.memory = memory.asReadOnly();
  }

  /**
   * Takes the signs of floats: +1 where v &gt;= 0 (both zeros), else -1 (NaN too).
   *
   * @param context where the work is done
   * @param x FLOAT32 [rows, ...]
   * @return rows of the product of the other dimensions
   * @throws IllegalArgumentException if x has another type or too long rows
   */
  public static PackedBits pack(Context context, Tensor x) {
    Objects.requireNonNull(context, "context");
    Check.type("x", x, DataType.FLOAT32);
    int rows = x.dimension(0);
    long columns = x.size() / rows;
    if (columns > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "x has rows of " + columns + " elements, but at most 2^31 - 1 are allowed");
    }
    MemorySegment bits = Arena.ofAuto().allocate(bytes(rows, (int) columns));
    MemorySegment values = Check.readable("x", x);
    Lease lease = Access.lease(context);
    MemorySegment handle = lease.acquire();
    try {
      NativeCalls.check(
          AxnnH.axnn_binary_pack(
              handle, values, values.byteSize(), rows, columns, bits, bits.byteSize()));
    } finally {
      lease.release();
    }
    return new PackedBits(rows, (int) columns, bits);
  }

  /**
   * Takes bits that were packed before.
   *
   * @param bytes {@code rows * ceil(columns / 8)} bytes; copied
   * @param rows at least 1
   * @param columns bits of a row, at least 1
   * @return those bits
   * @throws IllegalArgumentException if the number of bytes differs or a bit after the end of a row
   *     is not 0
   */
  public static PackedBits of(byte[] bytes, int rows, int columns) {
    Objects.requireNonNull(bytes, "bytes");
    Check.positive("rows", rows);
    Check.positive("columns", columns);
    long needed = bytes(rows, columns);
    if (bytes.length != needed) {
      throw new IllegalArgumentException(
          "bytes has "
              + bytes.length
              + " elements, but "
              + rows
              + " rows of "
              + columns
              + " bits need "
              + needed);
    }
    MemorySegment memory = Arena.ofAuto().allocate(needed);
    memory.copyFrom(MemorySegment.ofArray(bytes));
    PackedBits bits = new PackedBits(rows, columns, memory);
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

  private static long rowBytes(int columns) {
    return (columns + 7L) / Byte.SIZE;
  }

  private static long bytes(int rows, int columns) {
    return Shapes.product("rows x columns", rows, rowBytes(columns));
  }

  /**
   * The number of rows.
   *
   * @return at least 1
   */
  public int rows() {
    return rows;
  }

  /**
   * The number of bits in a row.
   *
   * @return at least 1
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
    byte bits = memory.get(ValueLayout.JAVA_BYTE, row * rowBytes + column / Byte.SIZE);
    return (bits >> column % Byte.SIZE & 1) != 0;
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
    return "PackedBits[" + rows + " x " + columns + "]";
  }
}
