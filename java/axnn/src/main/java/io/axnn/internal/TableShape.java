package io.axnn.internal;

import java.util.Arrays;
import java.util.List;

/**
 * How large a table of products may be: an entry for each pair of operand values, indexed by their
 * bits, or one for each pair of bytes.
 *
 * @param rows values of the row operand, at most 256
 * @param columns values of the column operand, at most 256
 */
public record TableShape(int rows, int columns) {

  private static final TableShape BYTES = new TableShape(256, 256);

  /** How many entries. */
  public int count() {
    return rows * columns;
  }

  private List<TableShape> allowed() {
    return equals(BYTES) ? List.of(BYTES) : List.of(this, BYTES);
  }

  /**
   * Which of the two a file's array has, flat or not.
   *
   * @throws IllegalArgumentException naming the file if it is neither
   */
  TableShape ofArray(InputFile file, long[] shape) {
    for (TableShape one : allowed()) {
      if (Arrays.equals(shape, new long[] {one.rows, one.columns})
          || Arrays.equals(shape, new long[] {one.count()})) {
        return one;
      }
    }
    throw file.bad("has a table of shape " + Arrays.toString(shape) + ", but must have " + this);
  }

  /**
   * Which of the two has so many entries.
   *
   * @param what the entries, for messages, as "integers"
   * @throws IllegalArgumentException naming the file if it is neither
   */
  TableShape ofCount(InputFile file, long count, String what) {
    for (TableShape one : allowed()) {
      if (one.count() == count) {
        return one;
      }
    }
    throw file.bad("has " + count + " " + what + ", but must have " + this);
  }

  /** Whether one of the two has so many entries. */
  boolean hasCount(long count) {
    return allowed().stream().anyMatch(one -> one.count() == count);
  }

  /** As "16 x 16 or 256 x 256". */
  @Override
  public String toString() {
    String text = rows + " x " + columns;
    return equals(BYTES) ? text : text + " or " + BYTES;
  }
}
