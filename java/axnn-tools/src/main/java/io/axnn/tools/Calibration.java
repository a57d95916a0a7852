package io.axnn.tools;

import io.axnn.Tensor;
import io.axnn.quant.Observer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The range that each layer's input took on calibration images. Immutable. */
public final class Calibration {
  private final Map<String, Range> ranges;
  private final Set<String> notFinite;

  private Calibration(Map<String, Range> ranges, Set<String> notFinite) {
    this.ranges = ranges;
    this.notFinite = notFinite;
  }

  /**
   * What a value ranged over, by a {@link CalibrationMethod}.
   *
   * @param min lower end
   * @param max upper end
   */
  public record Range(float min, float max) {}

  /**
   * The names of the values that have a range.
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
    if (notFinite.contains(value)) {
      throw new IllegalArgumentException(
          "value '%s' was NaN or Infinity on the calibration images; a scale needs finite numbers"
              .formatted(value));
    }
    Range range = ranges.get(value);
    if (range == null) {
      throw new IllegalArgumentException(
          "the calibration has not seen value '"
              + value
              + "'; calibrate a float32 network of the same model");
    }
    return range;
  }

  /** Watches runs of a network and collects ranges. */
  static final class Collector implements ValueObserver {
    private final Set<String> wanted;
    private final CalibrationMethod method;
    private final Map<String, Observer> observers = new HashMap<>();
    private final Set<String> notFinite = new HashSet<>();
    private boolean empty = true;

    /** Collects the values of these names only: most values are no input of a layer. */
    Collector(Set<String> wanted, CalibrationMethod method) {
      this.wanted = wanted;
      this.method = method;
    }

    @Override
    public void observe(String value, Tensor tensor) {
      empty = false;
      if (!wanted.contains(value)) {
        return;
      }
      try {
        observers.computeIfAbsent(value, name -> method.observer()).observe(tensor);
      } catch (IllegalArgumentException e) {
        // An observer refuses nothing else; an error here would not name who wants the range.
        notFinite.add(value);
      }
    }

    Calibration finish() {
      if (empty) {
        throw new IllegalArgumentException(
            "batches is empty; calibration needs at least one image");
      }
      Map<String, Range> ranges = new HashMap<>();
      observers.forEach(
          (value, observer) -> {
            if (!notFinite.contains(value)) {
              ranges.put(value, new Range(observer.min(), observer.max()));
            }
          });
      return new Calibration(Map.copyOf(ranges), Set.copyOf(notFinite));
    }
  }
}
