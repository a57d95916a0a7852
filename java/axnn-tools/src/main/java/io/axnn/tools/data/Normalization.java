package io.axnn.tools.data;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the pixels of an image become numbers: value v of channel c gives (v - mean of c) /
 * (deviation of c). The value of a pixel that is a byte is the byte / 255, that of a float the
 * float itself.
 *
 * @param means of the training set's values: one for each channel in the order that the set has
 *     them, or one for all
 * @param deviations of the training set's values: as many; above 0
 */
public record Normalization(List<Float> means, List<Float> deviations) {
  /** Leaves values as they are: bytes from 0 to 1, floats unchanged. */
  public static final Normalization NONE = new Normalization(0, 1);

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
   * @param mean of the training set's values
   * @param deviation of the training set's values; above 0
   */
  public Normalization(float mean, float deviation) {
    this(List.of(mean), List.of(deviation));
  }

  /** A reader for each channel of these pixels. */
  List<Pixels.ChannelReader> readers(Pixels pixels, int channels) {
    if (means.size() == 1) {
      return Collections.nCopies(channels, pixels.reader(means.getFirst(), deviations.getFirst()));
    }
    if (means.size() != channels) {
      throw new IllegalArgumentException(
          "the normalization is for %d channels; the images have %d"
              .formatted(means.size(), channels));
    }
    return IntStream.range(0, channels)
        .mapToObj(channel -> pixels.reader(means.get(channel), deviations.get(channel)))
        .toList();
  }
}
