package io.axnn.multiplier;

import io.axnn.testing.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The 8 x 8 tables of EvoApproxLib and what was published about them; see their README. */
final class EvoApproxTables {

  private static final Path FOLDER = Checkout.root().resolve("testdata/evoapprox");

  /**
   * A circuit under one of its names, with its published figures as they are printed.
   *
   * @param table its products, by their name in the archive
   */
  record Circuit(
      String name,
      String version,
      String table,
      String identity,
      String power,
      String area,
      String delay,
      String mae,
      String maePercent,
      String wce,
      String wcePercent,
      String mse,
      String epPercent,
      String mrePercent,
      String wcrePercent) {

    boolean signed() {
      return name.startsWith("mul8s");
    }

    Multiplier multiplier() {
      return read(table, new Operand(8, signed())).withName(name, version);
    }
  }

  private EvoApproxTables() {}

  static List<Circuit> circuits() {
    try {
      return Files.readAllLines(FOLDER.resolve("circuits.csv")).stream()
          .skip(1)
          .map(EvoApproxTables::circuit)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Circuit circuit(String line) {
    String[] f = line.split(",", -1);
    return new Circuit(
        f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10], f[11], f[12], f[13],
        f[14]);
  }

  static Multiplier read(String table, Operand operand) {
    return Multiplier.readEntry(FOLDER.resolve("evoapprox_8x8.npz"), table, operand, operand);
  }
}
