package io.axnn.tools;

import io.axnn.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The smallest and the largest number that each value of a network took on calibration images. */
public final class Calibration {
  private final Map<String, Range> ranges;

  private Calibration(Map<String, Range> ranges) {
    this.ranges = ranges;
  }

  /**
   * What a value ranged over.
   *
   * @param min smallest number seen
   * @param max largest number seen
   */
  public record Range(float min, float max) {
    private Range or(Range other) {
      return new Range(Math.min(min, other.min), Math.max(max, other.max));
    }
  }

  /**
   * The names of the values that were seen.
   *
   * @return names as in the model file
   */
  public Set<String> values() {
    return ranges.keySet();
  }

  /**
   * The range of a value.
   *
   * @param value its name in the model file
   * @return what it ranged over
   * @throws IllegalArgumentException if the value was not seen, or was NaN or infinite
   */
  public Range range(String value) {
    Range range = ranges.get(value);
    if (range == null) {
      throw new IllegalArgumentException(
          "the calibration has not seen value '"
              + value
              + "'; calibrate a float32 network of the same model");
    }
    if (!Float.isFinite(range.min) || !Float.isFinite(range.max)) {
      throw new IllegalArgumentException(
          "value '%s' ranges from %s to %s on the calibration images; a scale needs finite numbers"
              .formatted(value, range.min, range.max));
    }
    return range;
  }

  /** Watches runs of a network and collects ranges. */
  static final class Collector implements ValueObserver {
    private final Set<String> wanted;
    private final Map<String, Range> ranges = new HashMap<>();

    /** Collects the values of these names only: most values are no input of a layer. */
    Collector(Set<String> wanted) {
      this.wanted = wanted;
    }

    @Override
    public void observe(String value, Tensor tensor) {
      if (wanted.contains(value)) {
        ranges.merge(value, rangeOf(tensor), Range::or);
      }
    }

    Calibration finish() {
      if (ranges.isEmpty()) {
        throw new IllegalArgumentException(
            "batches is empty; calibration needs at least one image");
      }
      return new Calibration(Map.copyOf(ranges));
    }

    private static Range rangeOf(Tensor tensor) {
      MemorySegment memory = tensor.memory();
      float min = Float.POSITIVE_INFINITY;
      float max = Float.NEGATIVE_INFINITY;
      for (long i = 0; i < tensor.size(); i++) {
        float value = memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
      return new Range(min, max);
    }
  }
}
