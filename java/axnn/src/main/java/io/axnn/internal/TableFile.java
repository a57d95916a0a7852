package io.axnn.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A table of integers in a file of either format. */
public final class TableFile {

  private TableFile() {}

  /**
   * Reads a .npy or .safetensors file, whichever its content says it is.
   *
   * @return rows * columns integers, row by row
   * @throws IllegalArgumentException naming the file if it holds anything else
   * @throws UncheckedIOException if it cannot be read
   */
  public static int[] read(Path path, int rows, int columns) {
    try (InputFile file = InputFile.open(path)) {
      return Npy.hasMagic(file)
          ? Npy.readTable(file, rows, columns)
          : Safetensors.readTable(file, rows, columns);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  /** Refuses every shape but [rows, columns] and the flat [rows * columns]. */
  static void demandShape(InputFile file, long[] shape, int rows, int columns) {
    if (!Arrays.equals(shape, new long[] {rows, columns})
        && !Arrays.equals(shape, new long[] {(long) rows * columns})) {
      throw file.bad(
          "has a table of shape "
              + Arrays.toString(shape)
              + ", but must have "
              + rows
              + " x "
              + columns);
    }
  }
}
