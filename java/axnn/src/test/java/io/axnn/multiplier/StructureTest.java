package io.axnn.multiplier;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Axnn;
import io.axnn.testing.Seeds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StructureTest {

  private static void expectEqual(Multiplier multiplier, ProductStructure structure) {
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    for (int a = row.min(); a <= row.max(); a++) {
      for (int b = column.min(); b <= column.max(); b++) {
        if (structure.product(a, b) != multiplier.product(a, b)) {
          assertThat(structure.product(a, b))
              .as("%s of %d and %d", multiplier, a, b)
              .isEqualTo(multiplier.product(a, b));
        }
      }
    }
    for (ProductStructure.Term term : structure.terms()) {
      for (int a = row.min(); a <= row.max(); a++) {
        assertThat(term.row().applyAsInt(a)).isBetween(-128, 127);
      }
      for (int b = column.min(); b <= column.max(); b++) {
        assertThat(term.column().applyAsInt(b)).isBetween(-128, 127);
      }
    }
  }

  /** Terms of the 13 signed functions, as rank was computed by another program. */
  @Test
  void signedCircuitsHaveAtMostFiveTerms() {
    Map<String, Integer> expected =
        Map.ofEntries(
            Map.entry("mul8s_1KV8", 1),
            Map.entry("mul8s_1KR8", 1),
            Map.entry("mul8s_1KTY", 1),
            Map.entry("mul8s_1KR3", 1),
            Map.entry("mul8s_1L2H", 1),
            Map.entry("mul8s_1L2D", 1),
            Map.entry("mul8s_1L1G", 1),
            Map.entry("mul8s_1KVA", 3),
            Map.entry("mul8s_1KVB", 4),
            Map.entry("mul8s_1KX2", 5),
            Map.entry("mul8s_1KR6", 3),
            Map.entry("mul8s_1KRC", 4),
            Map.entry("mul8s_1KVL", 4));
    Map<String, Integer> found = new LinkedHashMap<>();
    for (EvoApprox.Circuit circuit : EvoApprox.mul8s(EvoApprox.Version.MASTER)) {
      try (Multiplier multiplier = circuit.multiplier()) {
        ProductStructure structure = multiplier.structure().orElseThrow();
        expectEqual(multiplier, structure);
        assertThat(structure.termsOnly()).as(circuit.name()).isTrue();
        found.put(circuit.name(), structure.terms().size());
      }
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void unsignedCircuitsHaveTheTermsThatTheDocumentationSays() {
    List<Integer> terms = new ArrayList<>();
    List<String> tables =
        EvoApproxTables.circuits().stream()
            .filter(circuit -> !circuit.signed())
            .map(EvoApproxTables.Circuit::table)
            .distinct()
            .toList();
    assertThat(tables).hasSize(51);
    for (String table : tables) {
      try (Multiplier multiplier = EvoApproxTables.read(table, Operand.UNSIGNED8)) {
        multiplier
            .structure()
            .ifPresent(
                structure -> {
                  expectEqual(multiplier, structure);
                  terms.add(structure.terms().size());
                });
      }
    }
    assertThat(terms.stream().filter(t -> t <= 1)).hasSize(3);
    assertThat(terms.stream().filter(t -> t <= 4)).hasSize(11);
    assertThat(terms.stream().filter(t -> t <= 8)).hasSize(18);
    assertThat(terms).hasSize(29).allMatch(t -> t <= 16);
  }

  @Test
  void familiesHaveTheTermsOfTheirDefinition() {
    Multipliers unsigned = Multipliers.of(8, Signedness.UNSIGNED);
    Multipliers signed7 = Multipliers.of(7, Signedness.SIGN_MAGNITUDE);
    assertThat(
            List.of(
                terms(unsigned.drum(6)),
                terms(unsigned.udm()),
                terms(signed7.drum(4)),
                terms(signed7.ssm(4)),
                terms(signed7.dsm(4)),
                terms(signed7.roba()),
                terms(signed7.ilm(2)),
                terms(Multipliers.of(8, Signedness.SIGN_MAGNITUDE).drum(4)),
                terms(unsigned.roba())))
        .isEqualTo(List.of(1, 2, 1, 1, 1, 2, 2, 4, 2));
    assertThat(Multipliers.of(8, Signedness.UNSIGNED).mitchell().structure()).isEmpty();
    assertThat(Multipliers.of(12, Signedness.UNSIGNED).mitchell().structure()).isEmpty();
    assertThat(Multipliers.of(12, Signedness.UNSIGNED).drum(4).structure().orElseThrow().terms())
        .hasSize(1);
  }

  private static int terms(Multiplier multiplier) {
    try (multiplier) {
      ProductStructure structure = multiplier.structure().orElseThrow();
      expectEqual(multiplier, structure);
      return structure.terms().size();
    }
  }

  @Test
  void operandsOfEveryWidth() {
    Random random = Seeds.random("operandsOfEveryWidth");
    for (int i = 0; i < 30; i++) {
      Operand row = new Operand(1 + random.nextInt(8), random.nextBoolean());
      Operand column = new Operand(1 + random.nextInt(8), random.nextBoolean());
      int[] u = random.ints(256, -60, 60).toArray();
      int[] v = random.ints(256, -60, 60).toArray();
      int[] f = random.ints(256, -5000, 5000).toArray();
      try (Multiplier multiplier =
          Multiplier.fromFunction(
              "drawn",
              row,
              column,
              (a, b) -> 3 * u[a & 255] * v[b & 255] + f[a & 255] - f[b & 255])) {
        ProductStructure structure = multiplier.structure().orElseThrow();
        expectEqual(multiplier, structure);
        assertThat(structure.terms().size()).isLessThanOrEqualTo(1);
      }
    }
  }

  @Test
  void equalMultipliersAreSearchedOnce() {
    Random random = Seeds.random("equalMultipliersAreSearchedOnce");
    int[] u = random.ints(256, -100, 100).toArray();
    long handles = Axnn.liveHandles();
    try (Multiplier one = drawn(u);
        Multiplier other = drawn(u).withName("another")) {
      long before = StructureCache.searches();
      ProductStructure found = one.structure().orElseThrow();
      assertThat(StructureCache.searches()).isEqualTo(before + 1);
      assertThat(other.structure()).containsSame(found);
      assertThat(StructureCache.searches()).isEqualTo(before + 1);
    }
    assertThat(Axnn.liveHandles()).isEqualTo(handles);
  }

  /** Native memory is the layers' alone, so asking takes none and needs no open multiplier. */
  @Test
  void isKnownAfterCloseAndTakesNoMemory() {
    Random random = Seeds.random("isKnownAfterCloseAndTakesNoMemory");
    int[] noise = random.ints(65536, -30000, 30000).toArray();
    for (Multiplier multiplier :
        List.of(drawn(random.ints(256, -100, 100).toArray()), Multiplier.of(noise))) {
      long handles = Axnn.liveHandles();
      long searches = StructureCache.searches();
      Optional<ProductStructure> found = multiplier.structure();
      assertThat(found.isPresent()).isEqualTo(multiplier.name().equals("drawn"));
      assertThat(Axnn.liveHandles()).isEqualTo(handles);
      multiplier.close();
      assertThat(multiplier.structure()).isEqualTo(found);
      assertThat(StructureCache.searches()).isEqualTo(searches + 1);
    }
  }

  private static Multiplier drawn(int[] u) {
    return Multiplier.fromFunction(
        "drawn", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> u[a & 255] * b);
  }
}
