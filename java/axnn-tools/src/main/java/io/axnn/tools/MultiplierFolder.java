package io.axnn.tools;

import io.axnn.multiplier.ErrorFigures;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The multipliers of a folder of table files, from the exact ones to the most harmful. */
final class MultiplierFolder implements AutoCloseable {
  private final List<Entry> multipliers = new ArrayList<>();
  private final List<Entry> others = new ArrayList<>();

  /**
   * A table.
   *
   * @param meanError mean distance from the exact product over all pairs of operands
   */
  record Entry(Multiplier multiplier, double meanError) {
    boolean exact() {
      return meanError == 0;
    }
  }

  /** Reads all .safetensors files of a folder. */
  static MultiplierFolder open(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    }
    MultiplierFolder result = new MultiplierFolder();
    try {
      for (Path file : files) {
        result.add(Multiplier.read(file));
      }
    } catch (RuntimeException e) {
      result.close();
      throw e;
    }
    result.multipliers.sort(Comparator.comparingDouble(Entry::meanError));
    return result;
  }

  /**
   * A table that is off by more than its largest product, as one of random numbers, multiplies not.
   */
  private void add(Multiplier multiplier) {
    Entry entry = new Entry(multiplier, ErrorFigures.of(multiplier).mae());
    boolean multiplies = entry.meanError() <= largestProduct(multiplier);
    (multiplies ? multipliers : others).add(entry);
  }

  private static long largestProduct(Multiplier multiplier) {
    return largestMagnitude(multiplier.rowOperand()) * largestMagnitude(multiplier.columnOperand());
  }

  private static long largestMagnitude(Operand operand) {
    return Math.max(Math.abs((long) operand.min()), Math.abs((long) operand.max()));
  }

  List<Entry> multipliers() {
    return List.copyOf(multipliers);
  }

  /** The tables that are none. */
  List<Entry> others() {
    return List.copyOf(others);
  }

  @Override
  public void close() {
    Stream.concat(multipliers.stream(), others.stream())
        .forEach(entry -> entry.multiplier().close());
  }
}
