package io.axnn.tools.sweep;

import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * What one multiplier did to one network: a row of a sweep. The references, float32 and the exact
 * product in 8 bits, are rows too.
 *
 * @param key what was measured
 * @param images how many there were, at least 1
 * @param top1Correct how many got the largest output at their label's place
 * @param top5Correct how many got one of the five largest outputs there
 * @param seconds what the forward calls took together, above 0
 * @param multiplierMilliwatts power of the multiplier, empty where it is not known
 * @param networkMilliwatts mean power of one product of the whole network, each layer weighted by
 *     its number of products; empty where the power of some layer's multiplier is not known
 * @param maePercent mean absolute error of the multiplier in percent of the largest product range,
 *     empty for float32
 */
public record SweepRow(
    Key key,
    int images,
    int top1Correct,
    int top5Correct,
    double seconds,
    OptionalDouble multiplierMilliwatts,
    OptionalDouble networkMilliwatts,
    OptionalDouble maePercent) {

  /** What {@link Key#layers()} says where every layer has the multiplier. */
  public static final String ALL_LAYERS = "all";

  private static final Pattern IDENTITY = Pattern.compile("([0-9a-f]{64})?");

  /**
   * What a row measures. A sweep has no two rows of one key.
   *
   * @param multiplier its name, as "mul8s_1KVA" or "float32"
   * @param identity of the multiplier's table, 64 hexadecimal digits in lower case; empty for
   *     float32
   * @param layers {@link #ALL_LAYERS}, or the name of the one layer that has the multiplier while
   *     the others are exact
   * @param setting of the layers, as "8-bit, zero point 0"
   */
  public record Key(String multiplier, String identity, String layers, String setting) {
    /**
     * Checks the texts.
     *
     * @throws IllegalArgumentException if one is blank, or the identity is none
     */
    public Key {
      requireText("multiplier", multiplier);
      requireText("layers", layers);
      requireText("setting", setting);
      if (!IDENTITY.matcher(identity).matches()) {
        throw new IllegalArgumentException(
            "identity is \"" + identity + "\"; allowed: 64 hexadecimal digits, or none at all");
      }
    }

    /**
     * Whether the multiplier is in every layer.
     *
     * @return false for a row of one layer
     */
    public boolean ofAllLayers() {
      return layers.equals(ALL_LAYERS);
    }
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public SweepRow {
    require(images >= 1, "images", images, "at least 1");
    require(
        top1Correct >= 0 && top1Correct <= images, "top1Correct", top1Correct, "0 to " + images);
    require(
        top5Correct >= top1Correct && top5Correct <= images,
        "top5Correct",
        top5Correct,
        top1Correct + " to " + images);
    require(seconds > 0 && Double.isFinite(seconds), "seconds", seconds, "above 0, finite");
    requireAmount("multiplierMilliwatts", multiplierMilliwatts);
    requireAmount("networkMilliwatts", networkMilliwatts);
    requireAmount("maePercent", maePercent);
  }

  private static void requireText(String name, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " is blank; allowed: a text");
    }
  }

  private static void requireAmount(String name, OptionalDouble amount) {
    amount.ifPresent(
        value -> require(value >= 0 && Double.isFinite(value), name, value, "0 or more, finite"));
  }

  private static void require(boolean condition, String name, Number value, String allowed) {
    if (!condition) {
      throw new IllegalArgumentException(name + " is " + value + "; allowed: " + allowed);
    }
  }

  /**
   * The share of images whose first guess was right.
   *
   * @return in percent
   */
  public double top1Percent() {
    return 100.0 * top1Correct / images;
  }

  /**
   * The share of images that had the right class among the first five guesses.
   *
   * @return in percent
   */
  public double top5Percent() {
    return 100.0 * top5Correct / images;
  }

  /**
   * The speed.
   *
   * @return images per second
   */
  public double imagesPerSecond() {
    return images / seconds;
  }
}
