package io.axnn.tools.internal.report;

import java.util.Locale;
import java.util.OptionalDouble;

/** Numbers as readers of a report see them. */
public final class Numbers {

  /** What stands for a number that is not known. */
  public static final String UNKNOWN = "–";

  private Numbers() {}

  /** With so many digits after the point, thousands apart, a true minus sign and no negative 0. */
  public static String fixed(double value, int digits) {
    String text = String.format(Locale.ROOT, "%,." + digits + "f", value);
    boolean zero = text.chars().noneMatch(c -> c >= '1' && c <= '9');
    return zero ? text.replace("-", "") : text.replace('-', '−');
  }

  /** The same, or {@link #UNKNOWN}. */
  public static String fixed(OptionalDouble value, int digits) {
    return value.isPresent() ? fixed(value.getAsDouble(), digits) : UNKNOWN;
  }

  /** A whole number, thousands apart. */
  public static String whole(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
