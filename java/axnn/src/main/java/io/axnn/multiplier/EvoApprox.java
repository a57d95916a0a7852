package io.axnn.multiplier;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The 13 signed 8 x 8 multipliers of EvoApproxLib, by the names of both of its published sets. Each
 * is an array multiplier without some partial products ({@link Multipliers#brokenArray}), so no
 * file is needed; its products are those of the library's C model. The 51 unsigned ones are evolved
 * circuits without a formula and come from files.
 *
 * <p>V. Mrazek et al., "EvoApprox8b: Library of Approximate Adders and Multipliers for Circuit
 * Design and Benchmarking of Approximation Methods", DATE 2017.
 */
public final class EvoApprox {

  /** A published set of the library. They give the same names to different circuits. */
  public enum Version {
    /** The library's main branch; AdaPT and older papers use its names. */
    MASTER("master"),

    /** The set of 2022; TorchApprox uses its names. */
    V2022("v2022");

    private final String label;

    Version(String label) {
      this.label = label;
    }

    /**
     * The version as {@link Multiplier#libraryVersion()} has it.
     *
     * @return {@code master} or {@code v2022}
     */
    public String label() {
      return label;
    }
  }

  /**
   * A circuit under one of its names.
   *
   * @param name as {@code mul8s_1KVA}
   * @param version where it is called that
   * @param rowsOfA lowest bits of the first operand that it leaves out
   * @param rowsOfB lowest bits of the second operand that it leaves out
   * @param columns lowest columns that it leaves out
   * @param power published power in mW, in a process of 45 nm
   */
  public record Circuit(
      String name, Version version, int rowsOfA, int rowsOfB, int columns, double power) {

    /**
     * The multiplier.
     *
     * @return a new multiplier of this name and version; close it
     */
    public Multiplier multiplier() {
      return Multipliers.of(Byte.SIZE, Signedness.TWOS_COMPLEMENT)
          .brokenArray(rowsOfA, rowsOfB, columns)
          .withName(name, version.label());
    }
  }

  private static final String MUL8S = "mul8s_";

  private static final List<Circuit> MUL8S_CIRCUITS =
      Stream.of(
              both("1KV8", "1KV6", 0, 0, 0, 0.425),
              both("1KR8", "1KVM", 1, 0, 0, 0.369),
              both("1KTY", "1KXF", 3, 0, 0, 0.237),
              both("1KR3", "1L12", 6, 0, 0, 0.052),
              both("1L2H", "1L2J", 1, 1, 0, 0.301),
              both("1L2D", "1L2L", 2, 2, 0, 0.200),
              both("1L1G", "1L2N", 3, 3, 0, 0.126),
              both("1KVA", "1KV8", 0, 0, 2, 0.422),
              both("1KVB", "1KV9", 0, 0, 3, 0.410),
              both("1KX2", "1KVA", 0, 0, 4, 0.391),
              both("1KR6", "1KVP", 1, 0, 3, 0.363),
              both("1KRC", "1KVQ", 1, 0, 4, 0.351),
              both("1KVL", "1KX5", 2, 0, 5, 0.289))
          .flatMap(List::stream)
          .toList();

  private EvoApprox() {}

  private static List<Circuit> both(
      String master, String v2022, int rowsOfA, int rowsOfB, int columns, double power) {
    return List.of(
        new Circuit(MUL8S + master, Version.MASTER, rowsOfA, rowsOfB, columns, power),
        new Circuit(MUL8S + v2022, Version.V2022, rowsOfA, rowsOfB, columns, power));
  }

  /**
   * The signed 8 x 8 circuits of a version.
   *
   * @param version whose names are used
   * @return 13 circuits, the exact one first
   */
  public static List<Circuit> mul8s(Version version) {
    Objects.requireNonNull(version, "version");
    return MUL8S_CIRCUITS.stream().filter(circuit -> circuit.version() == version).toList();
  }

  /**
   * A signed 8 x 8 multiplier.
   *
   * @param name what follows {@code mul8s_}, as {@code 1KVA}
   * @param version where it is called that; {@code 1KVA} and {@code 1KV8} are in both, and differ
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if the version has no such circuit; the message lists them
   */
  public static Multiplier mul8s(String name, Version version) {
    Objects.requireNonNull(name, "name");
    List<Circuit> circuits = mul8s(version);
    return circuits.stream()
        .filter(circuit -> circuit.name().equals(MUL8S + name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "name is "
                        + name
                        + ", but must be one of "
                        + circuits.stream()
                            .map(circuit -> circuit.name().substring(MUL8S.length()))
                            .collect(Collectors.joining(", "))
                        + " in version "
                        + version.label()))
        .multiplier();
  }
}
