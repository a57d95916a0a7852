package io.axnn.multiplier;

/**
 * How a file holds a table of products. Rows follow each other; the row is chosen by the bits of
 * the first operand and the column by those of the second one (two's complement: 0..max, then
 * min..-1). A table has an entry for each pair of operand values, or 256 x 256, one for each pair
 * of bytes.
 */
public enum TableFormat {
  /** A NumPy array of integers of any width, two-dimensional or flat. */
  NPY,
  /** An archive of NumPy arrays; written with one, which has the multiplier's name. */
  NPZ,
  /** The tensor {@code lut} of a safetensors file, or the only one. */
  SAFETENSORS,
  /**
   * Integers, decimal or 0x hexadecimal, between spaces, commas, semicolons or line ends; from # to
   * the end of a line is a comment. Written with a line for each row.
   */
  TEXT,
  /**
   * C source with one array of that many integer literals, nested or flat; comments and other
   * arrays may be in it. Written as {@code static const int32_t name[rows][columns]}. AdaPT's
   * headers are such files. AdaPT too has an operand's bits as index, {@code lut[(uint8_t)
   * a][(uint8_t) b]}, with the weight as a in convolutions and the activation in linear layers. The
   * tool that writes them takes f(-a, -b) where both operands are negative, and so do its tables.
   */
  C_HEADER,
  /** Signed 16-bit integers without a header, little-endian. */
  RAW_INT16,
  /**
   * Unsigned 16-bit integers without a header, little-endian, as TFApprox's .bin files. Its row is
   * the activation: {@link io.axnn.layers.OperandOrder#ACTIVATION_FIRST}.
   */
  RAW_UINT16,
  /** Signed 32-bit integers without a header, little-endian. */
  RAW_INT32
}
