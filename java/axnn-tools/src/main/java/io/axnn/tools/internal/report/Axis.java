package io.axnn.tools.internal.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * An axis of a picture: where a value is, in the picture's units, and which values are written
 * beside it.
 */
record Axis(DoubleUnaryOperator place, List<Tick> ticks) {

  /** A value that is written. */
  record Tick(double value, String text) {}

  /** How far apart the numbers of a logarithmic axis are at least, in the picture's units. */
  private static final double LOGARITHMIC_SPACING = 56;

  private static final double NUMBER_HEIGHT = 14;

  private static final double[] ROUND_STEPS = {1, 2, 5, 10};

  double at(double value) {
    return place.applyAsDouble(value);
  }

  /** From a value to a larger one, at two places; its numbers at least so far apart. */
  static Axis linear(double least, double most, double from, double to, double spacing) {
    double perUnit = (to - from) / (most - least);
    double step = roundStep(spacing / Math.abs(perUnit));
    int digits = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
    List<Tick> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(least / step - 1e-9); i * step <= most + 1e-9 * step; i++) {
      ticks.add(new Tick(i * step, Numbers.fixed(i * step, digits)));
    }
    return new Axis(value -> from + (value - least) * perUnit, ticks);
  }

  /** The least of 1, 2, 5, 10, 20 ... and 0.5, 0.2, 0.1 ... that is not below. */
  private static double roundStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : ROUND_STEPS) {
      if (factor * power >= least) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /**
   * Logarithmic from a value above 0 to a larger one. Values below the least are at {@code zero},
   * where a 0 is written.
   */
  static Axis logarithmicWithZero(double least, double most, double zero, double from, double to) {
    double perDecade = (to - from) / Math.log10(most / least);
    DoubleUnaryOperator place =
        value -> value < least ? zero : from + Math.log10(value / least) * perDecade;
    List<Tick> ticks = new ArrayList<>(List.of(new Tick(0, "0")));
    double[] factors =
        Math.abs(perDecade) < 3 * LOGARITHMIC_SPACING ? new double[] {1} : ROUND_STEPS;
    for (int power = (int) Math.floor(Math.log10(least)); Math.pow(10, power) <= most; power++) {
      for (double factor : factors) {
        BigDecimal value = BigDecimal.valueOf((long) factor).scaleByPowerOfTen(power);
        if (factor < 10 && value.doubleValue() >= least && value.doubleValue() <= most) {
          ticks.add(new Tick(value.doubleValue(), value.stripTrailingZeros().toPlainString()));
        }
      }
    }
    return new Axis(place, ticks);
  }

  /** Two in one: this one below a value, the other one from there on. */
  Axis then(double value, Axis other) {
    List<Tick> both = new ArrayList<>(other.ticks);
    // Where they meet the other's numbers have the room.
    ticks.stream()
        .filter(tick -> Math.abs(at(tick.value()) - other.at(value)) >= NUMBER_HEIGHT)
        .forEach(both::add);
    return new Axis(v -> v < value ? at(v) : other.at(v), both);
  }
}
