package io.axnn.tools.multipliers;

import io.axnn.multiplier.Multiplier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The power of multipliers: EvoApproxLib's published figures for its 8 x 8 circuits (45 nm), known
 * by identity, so whatever a file is called; and what the user's file says by name, which goes
 * first.
 */
final class PowerTable {
  private static final String PUBLISHED = "circuits.csv";
  private static final String IDENTITY = "identity";
  private static final String POWER = "power_mw";

  private final Map<String, Double> byIdentity;
  private final Map<String, Double> byName;

  private PowerTable(Map<String, Double> byIdentity, Map<String, Double> byName) {
    this.byIdentity = byIdentity;
    this.byName = byName;
  }

  /** EvoApproxLib's figures alone. */
  static PowerTable published() {
    InputStream resource = PowerTable.class.getResourceAsStream(PUBLISHED);
    if (resource == null) {
      throw new IllegalStateException("the jar lacks " + PUBLISHED);
    }
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(resource, StandardCharsets.UTF_8))) {
      List<String> columns = List.of(lines.readLine().split(","));
      Map<String, Double> power = new HashMap<>();
      lines
          .lines()
          .map(line -> line.split(","))
          .forEach(
              cells ->
                  power.put(
                      cells[columns.indexOf(IDENTITY)],
                      Double.valueOf(cells[columns.indexOf(POWER)])));
      return new PowerTable(power, Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * These figures and those of a file, a line for each multiplier: name, comma, mW.
   *
   * @throws IllegalArgumentException if a line is something else
   */
  PowerTable with(Path file) throws IOException {
    Map<String, Double> own = new HashMap<>(byName);
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int comma = line.lastIndexOf(',');
      String name = line.substring(0, Math.max(comma, 0)).strip();
      double milliwatts = milliwatts(line.substring(comma + 1));
      if (name.isEmpty() || !(milliwatts >= 0) || Double.isInfinite(milliwatts)) {
        throw new IllegalArgumentException(
            "%s:%d: '%s' is not a multiplier's name, a comma and its power in mW"
                .formatted(file, number, line));
      }
      own.put(name, milliwatts);
    }
    return new PowerTable(byIdentity, Map.copyOf(own));
  }

  private static double milliwatts(String text) {
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** The power in mW, or empty where it is not known. */
  OptionalDouble of(Multiplier multiplier) {
    Double power = byName.getOrDefault(multiplier.name(), byIdentity.get(multiplier.identity()));
    return power == null ? OptionalDouble.empty() : OptionalDouble.of(power);
  }
}
