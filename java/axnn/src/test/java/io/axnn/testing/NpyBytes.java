package io.axnn.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes the bytes of .npy files, well-formed or not. */
public final class NpyBytes {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private NpyBytes() {}

  /** A file of version 1.0 in C order. */
  public static byte[] of(String type, String shape, byte[] data) {
    return of(type, "False", shape, data);
  }

  public static byte[] of(String type, String fortranOrder, String shape, byte[] data) {
    return ofHeader(
        "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }".formatted(type, fortranOrder, shape),
        data);
  }

  /** Version 1.0 with this header, padded as NumPy does. */
  public static byte[] ofHeader(String header, byte[] data) {
    int length = header.length() + 1;
    int padded = (length + 10 + 63) / 64 * 64 - 10;
    String text = header + " ".repeat(padded - length) + "\n";
    return concat(
        MAGIC,
        new byte[] {1, 0, (byte) padded, (byte) (padded >> 8)},
        text.getBytes(StandardCharsets.ISO_8859_1),
        data);
  }

  /** Version, claimed header length in as many bytes as the version has, header, data. */
  public static byte[] raw(int version, long headerLength, String header, byte[] data) {
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(headerLength);
    byte[] lengthBytes = Arrays.copyOf(length.array(), version == 1 ? 2 : 4);
    return concat(
        MAGIC,
        new byte[] {(byte) version, 0},
        lengthBytes,
        header.getBytes(StandardCharsets.ISO_8859_1),
        data);
  }

  public static byte[] littleEndian(int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return bytes.array();
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
