package io.axnn.multiplier;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.testing.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The figures in docs/multipliers.md are those of the code. */
class MultipliersPageTest {

  private static final int FAMILIES = 29;

  @Test
  void errorsOfTheFamilies() throws IOException {
    List<String> rows = rows("| multiplier | terms | MAE % | WCE % | MRE % | bias | stdev |");
    assertThat(rows).hasSize(FAMILIES);
    for (String row : rows) {
      Multiplier multiplier = UnsignedFamilies.byName(row.substring(3, row.indexOf("` |")));
      ErrorFigures error = ErrorFigures.of(multiplier);
      String terms =
          multiplier
              .model()
              .flatMap(MultiplierModel::structure)
              .map(structure -> String.valueOf(structure.terms().size()))
              .orElse("none");
      assertThat(row)
          .isEqualTo(
              String.format(
                  Locale.ROOT,
                  "| `%s` | %s | %.3f | %.3f | %.2f | %.1f | %.1f |",
                  multiplier.name(),
                  terms,
                  error.maePercent(),
                  error.wcePercent(),
                  error.mrePercent(),
                  error.bias(),
                  error.standardDeviation()));
    }
  }

  @Test
  void circuitsOfEvoApproxLib() throws IOException {
    String table =
        String.join(
            "\n",
            rows(
                "| `master` | `v2022` | `brokenArray` | power, mW"
                    + " | `master` | `v2022` | `brokenArray` | power, mW |"));
    List<EvoApprox.Circuit> master = EvoApprox.mul8s(EvoApprox.Version.MASTER);
    List<EvoApprox.Circuit> v2022 = EvoApprox.mul8s(EvoApprox.Version.V2022);
    for (int i = 0; i < master.size(); i++) {
      EvoApprox.Circuit circuit = master.get(i);
      assertThat(table)
          .containsPattern(
              String.format(
                  Locale.ROOT,
                  "\\| %s \\| %s \\| \\(%d, %d, %d\\)(, exact)? \\| %.3f \\|",
                  circuit.name().substring(6),
                  v2022.get(i).name().substring(6),
                  circuit.rowsOfA(),
                  circuit.rowsOfB(),
                  circuit.columns(),
                  circuit.power()));
    }
  }

  @Test
  void termsOfEvoApproxLibsTables() throws IOException {
    Map<String, SortedSet<String>> expected = new TreeMap<>();
    Set<String> seen = new HashSet<>();
    for (boolean master : new boolean[] {true, false}) {
      for (EvoApproxTables.Circuit circuit : EvoApproxTables.circuits()) {
        if (circuit.version().equals("master") != master || !seen.add(circuit.table())) {
          continue;
        }
        try (Multiplier multiplier = circuit.multiplier()) {
          String terms =
              multiplier
                  .structure()
                  .map(structure -> String.valueOf(structure.terms().size()))
                  .orElse("none of at most 16");
          String name = circuit.name().substring("mul8x_".length()) + (master ? "" : "*");
          expected
              .computeIfAbsent(terms + (circuit.signed() ? " signed" : ""), key -> new TreeSet<>())
              .add(name);
        }
      }
    }
    Map<String, SortedSet<String>> written = new TreeMap<>();
    for (String row : rows("| terms | signed | unsigned |")) {
      String[] cells = row.split("\\|");
      put(written, cells[1].strip() + " signed", cells[2]);
      put(written, cells[1].strip(), cells[3]);
    }
    assertThat(written).isEqualTo(expected);
  }

  private static void put(Map<String, SortedSet<String>> map, String key, String names) {
    if (!names.isBlank()) {
      map.put(key, new TreeSet<>(List.of(names.strip().split(" "))));
    }
  }

  /** What follows the line between a table's head and its body. */
  private static List<String> rows(String head) throws IOException {
    List<String> lines = Files.readAllLines(Checkout.root().resolve("docs/multipliers.md"));
    int start = lines.indexOf(head);
    assertThat(start).as(head).isNotNegative();
    return lines.stream().skip(start + 2L).takeWhile(line -> line.startsWith("|")).toList();
  }
}
