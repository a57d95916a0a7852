package io.axnn.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How a file stores an integer. */
record IntegerType(int bytes, boolean signed) {

  /** The next integer of {@code buffer}, in the buffer's byte order. */
  private long next(ByteBuffer buffer) {
    return switch (bytes) {
      case 1 -> signed ? buffer.get() : Byte.toUnsignedLong(buffer.get());
      case 2 -> signed ? buffer.getShort() : Short.toUnsignedLong(buffer.getShort());
      case 4 -> signed ? buffer.getInt() : Integer.toUnsignedLong(buffer.getInt());
      case 8 -> buffer.getLong();
      default -> throw new IllegalStateException("no integer has " + bytes + " bytes");
    };
  }

  /**
   * Integers as a file stores them, little-endian.
   *
   * @throws IllegalArgumentException if one does not fit
   */
  ByteBuffer bytes(int[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.multiplyExact(values.length, bytes))
            .order(ByteOrder.LITTLE_ENDIAN);
    long min = signed ? -1L << (Byte.SIZE * bytes - 1) : 0;
    long max = signed ? ~min : (1L << (Byte.SIZE * bytes)) - 1;
    for (int value : values) {
      if (value < min || value > max) {
        throw new IllegalArgumentException(
            "a product is " + value + ", but the format has integers " + min + ".." + max);
      }
      if (bytes == Short.BYTES) {
        buffer.putShort((short) value);
      } else {
        buffer.putInt(value);
      }
    }
    return buffer.flip();
  }

  /**
   * Reads integers that must fit 32 bits.
   *
   * @throws IllegalArgumentException naming {@code file} if one does not
   */
  int[] readInts(InputFile file, ByteBuffer buffer, int count) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      long value = next(buffer);
      boolean beyondSigned = bytes == Long.BYTES && !signed && value < 0;
      if (value != (int) value || beyondSigned) {
        String text = signed ? Long.toString(value) : Long.toUnsignedString(value);
        throw file.bad("has " + text + " at element " + i + ", but every one must fit 32 bits");
      }
      values[i] = (int) value;
    }
    return values;
  }
}
