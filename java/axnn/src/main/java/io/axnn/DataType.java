package io.axnn;

/** The type of a {@link Tensor}'s elements, in the byte order of the machine. */
public enum DataType {
  /** IEEE 754 single precision: activations, weights and biases. */
  FLOAT32(Float.BYTES),
  /** 32-bit two's complement. */
  INT32(Integer.BYTES),
  /** 64-bit two's complement: the exact sums of integer layers. */
  INT64(Long.BYTES),
  /** 8-bit two's complement: codes that can be negative or end at 127. */
  INT8(Byte.BYTES),
  /** 8-bit unsigned: codes above 127, and packed bits. */
  UINT8(Byte.BYTES);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /**
   * The size of one element.
   *
   * @return bytes, 1 to 8
   */
  public int bytes() {
    return bytes;
  }
}
