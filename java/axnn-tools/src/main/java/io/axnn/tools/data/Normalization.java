package io.axnn.tools.data;

/**
 * How the bytes of an image become numbers: pixel v gives (v / 255 - mean) / deviation.
 *
 * @param mean of the training set's v / 255
 * @param deviation of the training set's v / 255; above 0
 */
public record Normalization(float mean, float deviation) {
  /** Checks the numbers. */
  public Normalization {
    if (!Float.isFinite(mean)) {
      throw new IllegalArgumentException("mean is " + mean + "; it has to be finite");
    }
    if (!Float.isFinite(deviation) || deviation <= 0) {
      throw new IllegalArgumentException(
          "deviation is " + deviation + "; it has to be finite and above 0");
    }
  }

  /** The numbers of all 256 pixels. */
  float[] table() {
    float[] table = new float[256];
    for (int v = 0; v < table.length; v++) {
      table[v] = (v / 255f - mean) / deviation;
    }
    return table;
  }
}
