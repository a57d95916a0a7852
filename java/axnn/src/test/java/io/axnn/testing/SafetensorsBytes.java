package io.axnn.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Makes the bytes of safetensors files, well-formed or not. */
public final class SafetensorsBytes {

  private SafetensorsBytes() {}

  /** The header's length, the header, the data. */
  public static byte[] of(String header, byte[] data) {
    return claiming(header.getBytes(StandardCharsets.UTF_8).length, header, data);
  }

  /** As {@link #of}, with a length of the header that may lie. */
  public static byte[] claiming(long headerLength, String header, byte[] data) {
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength).array();
    return NpyBytes.concat(length, header.getBytes(StandardCharsets.UTF_8), data);
  }

  /** The JSON of one tensor. */
  public static String tensor(String name, String type, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
        .formatted(name, type, shape, offsets);
  }
}
