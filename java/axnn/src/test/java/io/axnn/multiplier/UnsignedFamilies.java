package io.axnn.multiplier;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Unsigned 8 x 8 multipliers of every family, as the page and the tests name them. */
final class UnsignedFamilies {

  private static final Multipliers EIGHT = Multipliers.of(8, Signedness.UNSIGNED);

  private static final Map<String, Multiplier> BY_NAME =
      Stream.of(
              EIGHT.exact(),
              EIGHT.truncated(4),
              EIGHT.truncated(6),
              EIGHT.truncated(8),
              EIGHT.brokenArray(0, 2, 6),
              EIGHT.brokenArray(0, 4, 8),
              EIGHT.operandMasked(2, 2),
              EIGHT.operandMasked(2, 3),
              EIGHT.perforated(0, 2),
              EIGHT.perforated(1, 3),
              EIGHT.drum(3),
              EIGHT.drum(4),
              EIGHT.drum(6),
              EIGHT.ssm(4),
              EIGHT.ssm(5),
              EIGHT.ssm(6),
              EIGHT.dsm(3),
              EIGHT.dsm(4),
              EIGHT.dsm(5),
              EIGHT.dsm(6),
              EIGHT.roba(),
              EIGHT.ilm(1),
              EIGHT.ilm(2),
              EIGHT.ilm(3),
              EIGHT.udm(),
              EIGHT.tosam(1, 3),
              EIGHT.tosam(3, 5),
              EIGHT.tosamWithoutOutputFloor(1, 3),
              EIGHT.tosamWithoutOutputFloor(3, 5),
              EIGHT.mitchell(),
              EIGHT.mbm(),
              EIGHT.almSoa(3),
              EIGHT.almSoa(5),
              EIGHT.loa(4),
              EIGHT.loa(6),
              EIGHT.loa(8),
              EIGHT.orColumns(4),
              EIGHT.orColumns(6),
              EIGHT.orColumns(8))
          .collect(Collectors.toMap(Multiplier::name, Function.identity()));

  private UnsignedFamilies() {}

  static Multiplier byName(String name) {
    Multiplier multiplier = BY_NAME.get(name);
    if (multiplier == null) {
      throw new IllegalArgumentException(name + " is not among " + BY_NAME.keySet());
    }
    return multiplier;
  }
}
