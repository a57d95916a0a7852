package io.axnn.layers;

import io.axnn.PackedBits;
import io.axnn.internal.Shapes;
import java.util.Arrays;

/**
 * The byte orders in which systems store the signs of weights. A convolution's weights are [out, in
 * / groups, kernel rows, kernel columns] in floats, K is the number of products of one output.
 */
public enum PackedWeightFormat {

  /**
   * That of {@link PackedBits}: {@code ceil(K / 8)} bytes an output channel, in the order (in
   * channel, kernel row, kernel column), bit 1 = +1, lowest bit first, trailing bits 0.
   * bitorch-engine's packed weights of convolutions, and {@code w_packed_rows} of its linear layers
   * in the golden files, where K is a multiple of 8.
   */
  ROWS {
    @Override
    long bytes(int... weightShape) {
      return Shapes.bitBytes(rowShape(weightShape));
    }

    @Override
    byte[] encode(byte[] rows, int... weightShape) {
      return rows;
    }

    @Override
    byte[] decode(byte[] bytes, int... weightShape) {
      return bytes;
    }
  },

  /**
   * The bytes of {@link #ROWS}, transposed: byte {@code k / 8 * N + n} has bits k..k + 7 of output
   * n of N. bitorch-engine's packed weights of linear layers ({@code w_packed}).
   */
  COLUMNS {
    @Override
    long bytes(int... weightShape) {
      return ROWS.bytes(weightShape);
    }

    @Override
    byte[] encode(byte[] rows, int... weightShape) {
      return transpose(rows, weightShape[0], rows.length / weightShape[0]);
    }

    @Override
    byte[] decode(byte[] bytes, int... weightShape) {
      return transpose(bytes, bytes.length / weightShape[0], weightShape[0]);
    }
  },

  /**
   * Larq Compute Engine's filters: [out, kernel rows, kernel columns, ceil(in / groups / 32)] words
   * of 32 bits, little-endian, packed along the channels, bit 1 = -1, lowest bit first, unused bits
   * 0. A linear layer is a kernel of 1 x 1.
   */
  LARQ {
    @Override
    long bytes(int... weightShape) {
      return (long) weightShape[0] * taps(weightShape) * tapBytes(weightShape);
    }

    @Override
    byte[] encode(byte[] rows, int... weightShape) {
      byte[] words = new byte[Math.toIntExact(bytes(weightShape))];
      forEachWeight(
          weightShape,
          (rowBit, larqBit) -> {
            if (!bit(rows, rowBit)) {
              setBit(words, larqBit);
            }
          });
      return words;
    }

    @Override
    byte[] decode(byte[] bytes, int... weightShape) {
      demandUnusedBitsZero(bytes, weightShape);
      byte[] rows = new byte[Math.toIntExact(ROWS.bytes(weightShape))];
      forEachWeight(
          weightShape,
          (rowBit, larqBit) -> {
            if (!bit(bytes, larqBit)) {
              setBit(rows, rowBit);
            }
          });
      return rows;
    }

    private int tapBytes(int... weightShape) {
      return Math.ceilDiv(weightShape[1], Integer.SIZE) * Integer.BYTES;
    }

    private void forEachWeight(int[] weightShape, BitPair action) {
      int channels = weightShape[1];
      int taps = taps(weightShape);
      long rowBits = Shapes.bytesOfBits((long) channels * taps) * Byte.SIZE;
      long tapBits = (long) tapBytes(weightShape) * Byte.SIZE;
      for (int o = 0; o < weightShape[0]; o++) {
        for (int tap = 0; tap < taps; tap++) {
          for (int i = 0; i < channels; i++) {
            action.accept(
                o * rowBits + (long) i * taps + tap, ((long) o * taps + tap) * tapBits + i);
          }
        }
      }
    }

    private void demandUnusedBitsZero(byte[] bytes, int... weightShape) {
      int tapBytes = tapBytes(weightShape);
      for (int i = 0; i < bytes.length; i++) {
        int channel = i % tapBytes * Byte.SIZE;
        int used = Math.clamp(weightShape[1] - (long) channel, 0, Byte.SIZE);
        if (Byte.toUnsignedInt(bytes[i]) >> used != 0) {
          throw new IllegalArgumentException(
              "packedWeights has bits that are 1 after the "
                  + weightShape[1]
                  + " channels of word "
                  + i / Integer.BYTES
                  + ", but they must be 0");
        }
      }
    }
  };

  /** Called with where a weight's bit is in {@link #ROWS} and in {@link #LARQ}. */
  @FunctionalInterface
  private interface BitPair {
    void accept(long rowBit, long larqBit);
  }

  /** The bytes of weights of some shape, outputs first. */
  abstract long bytes(int... weightShape);

  /** Bytes of this format, from those of {@link #ROWS}. */
  abstract byte[] encode(byte[] rows, int... weightShape);

  /** Bytes of {@link #ROWS}, from as many of this format as there must be. */
  abstract byte[] decode(byte[] bytes, int... weightShape);

  /**
   * Takes weights of some shape in this format.
   *
   * @throws IllegalArgumentException if there are more or fewer bytes, or an unused bit is 1
   */
  final PackedBits unpack(byte[] packedWeights, int... weightShape) {
    long needed = bytes(weightShape);
    if (packedWeights.length != needed) {
      throw new IllegalArgumentException(
          "packedWeights has "
              + packedWeights.length
              + " bytes, but weights of shape "
              + Arrays.toString(weightShape)
              + " need "
              + needed
              + " in the format "
              + this);
    }
    return PackedBits.of(decode(packedWeights, weightShape), rowShape(weightShape));
  }

  private static int[] rowShape(int... weightShape) {
    return new int[] {weightShape[0], weightShape[1] * taps(weightShape)};
  }

  /** Pixels of the kernel. */
  private static int taps(int... weightShape) {
    return weightShape.length == 2 ? 1 : weightShape[2] * weightShape[3];
  }

  private static byte[] transpose(byte[] matrix, int rows, int columns) {
    byte[] transposed = new byte[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        transposed[column * rows + row] = matrix[row * columns + column];
      }
    }
    return transposed;
  }

  private static boolean bit(byte[] bytes, long index) {
    return (bytes[(int) (index / Byte.SIZE)] >> index % Byte.SIZE & 1) != 0;
  }

  private static void setBit(byte[] bytes, long index) {
    bytes[(int) (index / Byte.SIZE)] |= (byte) (1 << index % Byte.SIZE);
  }
}
