package io.axnn.tools.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How the bytes of an image become numbers: pixel v of channel c gives (v / 255 - mean of c) /
 * (deviation of c).
 *
 * @param means of the training set's v / 255: one for each channel, or one for all
 * @param deviations of the training set's v / 255: as many; above 0
 */
public record Normalization(List<Float> means, List<Float> deviations) {
  /** Checks and copies the numbers. */
  public Normalization {
    means = List.copyOf(means);
    deviations = List.copyOf(deviations);
    if (means.isEmpty() || means.size() != deviations.size()) {
      throw new IllegalArgumentException(
          "there are %d means and %d deviations; as many of both are needed, at least one"
              .formatted(means.size(), deviations.size()));
    }
    for (float mean : means) {
      if (!Float.isFinite(mean)) {
        throw new IllegalArgumentException("mean is " + mean + "; it has to be finite");
      }
    }
    for (float deviation : deviations) {
      if (!Float.isFinite(deviation) || deviation <= 0) {
        throw new IllegalArgumentException(
            "deviation is " + deviation + "; it has to be finite and above 0");
      }
    }
  }

  /**
   * The same for all channels.
   *
   * @param mean of the training set's v / 255
   * @param deviation of the training set's v / 255; above 0
   */
  public Normalization(float mean, float deviation) {
    this(List.of(mean), List.of(deviation));
  }

  /** The numbers of all 256 pixels of each channel. */
  List<float[]> tables(int channels) {
    if (means.size() == 1) {
      return Collections.nCopies(channels, table(0));
    }
    if (means.size() != channels) {
      throw new IllegalArgumentException(
          "the normalization is for %d channels; the images have %d"
              .formatted(means.size(), channels));
    }
    List<float[]> tables = new ArrayList<>();
    for (int channel = 0; channel < channels; channel++) {
      tables.add(table(channel));
    }
    return tables;
  }

  private float[] table(int channel) {
    float[] table = new float[256];
    for (int v = 0; v < table.length; v++) {
      table[v] = (v / 255f - means.get(channel)) / deviations.get(channel);
    }
    return table;
  }
}
