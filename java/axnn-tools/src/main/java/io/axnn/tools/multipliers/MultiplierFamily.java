package io.axnn.tools.multipliers;

import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Multipliers;
import io.axnn.multiplier.Signedness;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The parametric families of {@link Multipliers} as text: {@code drum(6):sign-magnitude}, and with
 * another width than 8 bits {@code drum(6):sign-magnitude:12}.
 */
final class MultiplierFamily {
  private static final Pattern TEXT =
      Pattern.compile("(\\w+)\\(([\\d, ]*)\\)(?::([\\w-]+))?(?::(\\d{1,2}))?");

  /** A family's method, and how many numbers it takes. */
  private record Maker(int numbers, BiFunction<Multipliers, int[], Multiplier> method) {}

  private static final Map<String, Maker> MAKERS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("almSoa", new Maker(1, (m, n) -> m.almSoa(n[0]))),
              Map.entry("brokenArray", new Maker(3, (m, n) -> m.brokenArray(n[0], n[1], n[2]))),
              Map.entry("drum", new Maker(1, (m, n) -> m.drum(n[0]))),
              Map.entry("dsm", new Maker(1, (m, n) -> m.dsm(n[0]))),
              Map.entry("exact", new Maker(0, (m, n) -> m.exact())),
              Map.entry("ilm", new Maker(1, (m, n) -> m.ilm(n[0]))),
              Map.entry("loa", new Maker(1, (m, n) -> m.loa(n[0]))),
              Map.entry("mbm", new Maker(0, (m, n) -> m.mbm())),
              Map.entry("mitchell", new Maker(0, (m, n) -> m.mitchell())),
              Map.entry("operandMasked", new Maker(2, (m, n) -> m.operandMasked(n[0], n[1]))),
              Map.entry("orColumns", new Maker(1, (m, n) -> m.orColumns(n[0]))),
              Map.entry("perforated", new Maker(2, (m, n) -> m.perforated(n[0], n[1]))),
              Map.entry("roba", new Maker(0, (m, n) -> m.roba())),
              Map.entry("ssm", new Maker(1, (m, n) -> m.ssm(n[0]))),
              Map.entry("tosam", new Maker(2, (m, n) -> m.tosam(n[0], n[1]))),
              Map.entry(
                  "tosamWithoutOutputFloor",
                  new Maker(2, (m, n) -> m.tosamWithoutOutputFloor(n[0], n[1]))),
              Map.entry("truncated", new Maker(1, (m, n) -> m.truncated(n[0]))),
              Map.entry("udm", new Maker(0, (m, n) -> m.udm()))));

  private MultiplierFamily() {}

  /**
   * The multiplier that a text stands for, or nothing if it does not look like a family.
   *
   * @throws IllegalArgumentException if it looks like one but is none
   */
  static Optional<Multiplier> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    Maker maker = MAKERS.get(parts.group(1));
    if (maker == null) {
      throw new IllegalArgumentException(
          "'%s' is no family; there are %s".formatted(parts.group(1), MAKERS.keySet()));
    }
    int[] numbers = numbers(text, parts.group(2));
    if (numbers.length != maker.numbers()) {
      throw new IllegalArgumentException(
          "'%s' has %d in brackets; numbers that %s takes: %d"
              .formatted(text, numbers.length, parts.group(1), maker.numbers()));
    }
    int bits = parts.group(4) == null ? Byte.SIZE : Integer.parseInt(parts.group(4));
    Multipliers families = Multipliers.of(bits, signedness(text, parts.group(3)));
    return Optional.of(maker.method().apply(families, numbers).withName(text));
  }

  private static int[] numbers(String text, String list) {
    if (list.isBlank()) {
      return new int[0];
    }
    try {
      return Arrays.stream(list.split(",", -1))
          .map(String::strip)
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'%s' has '%s' in brackets; allowed: numbers with commas between them"
              .formatted(text, list),
          e);
    }
  }

  private static Signedness signedness(String text, String name) {
    return Arrays.stream(Signedness.values())
        .filter(value -> spelled(value).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'%s' does not say how signs are treated; append one of %s, as drum(6):%s"
                        .formatted(
                            text,
                            Arrays.stream(Signedness.values())
                                .map(value -> ":" + spelled(value))
                                .collect(Collectors.joining(", ")),
                            spelled(Signedness.SIGN_MAGNITUDE))));
  }

  private static String spelled(Signedness signedness) {
    return signedness.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
