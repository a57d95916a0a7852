package io.axnn.tools.command;

import java.util.Locale;
import java.util.OptionalDouble;

/** Numbers as the tables have them, the same in every locale. */
final class Numbers {
  private Numbers() {}

  static String percent(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f %%", value);
  }

  /** With so many digits that small errors are no zeros. */
  static String finePercent(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f %%", value);
  }

  static String milliwatts(OptionalDouble value) {
    return value.isEmpty() ? "-" : String.format(Locale.ROOT, "%.3f", value.getAsDouble());
  }

  static String decimals(int count, double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + count + "f", value);
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
