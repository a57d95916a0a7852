package io.axnn.tools.data;

/**
 * The pixels of images in memory, image by image, channel by channel and row by row. A byte v
 * stands for v / 255, a float for itself.
 */
sealed interface Pixels {

  /** Turns pixels of one channel into normalised numbers. */
  @FunctionalInterface
  interface ChannelReader {
    /**
     * Reads {@code count} pixels.
     *
     * @param from index of the first pixel among all
     * @param to gets the numbers
     * @param at index of the first number
     */
    void read(int from, float[] to, int at, int count);
  }

  /** A reader that makes of v the number (v - mean) / deviation. */
  ChannelReader reader(float mean, float deviation);

  /** Unsigned bytes that nobody writes any more. */
  record Bytes(byte[] values) implements Pixels {
    @Override
    public ChannelReader reader(float mean, float deviation) {
      float[] table = new float[256];
      for (int v = 0; v < table.length; v++) {
        table[v] = (v / 255f - mean) / deviation;
      }
      return (from, to, at, count) -> {
        for (int i = 0; i < count; i++) {
          to[at + i] = table[Byte.toUnsignedInt(values[from + i])];
        }
      };
    }
  }

  /** Floats that nobody writes any more. */
  record Floats(float[] values) implements Pixels {
    @Override
    public ChannelReader reader(float mean, float deviation) {
      return (from, to, at, count) -> {
        for (int i = 0; i < count; i++) {
          to[at + i] = (values[from + i] - mean) / deviation;
        }
      };
    }
  }
}
