package io.axnn.multiplier;

import io.axnn.AxnnException;
import io.axnn.NativeLibraryException;
import io.axnn.internal.Access;
import io.axnn.internal.Check;
import io.axnn.internal.Lease;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.NativeLibrary;
import io.axnn.internal.TableFile;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.internal.ffi.axnn_multiplier_desc;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.IntBinaryOperator;

/**
 * A hardware multiplier as the table of all its products: {@code table[r][c]} is what it gives for
 * the operands whose bytes are r and c (two's complement for a signed one: 0..127, then -128..-1).
 * Which operand is the weight is not its business but the layer's; see {@link
 * io.axnn.layers.OperandOrder}.
 *
 * <p>Immutable, and safe for use by many threads. It may be closed before the layers made with it.
 * Tables of real circuits are in EvoApproxLib (Mrazek et al., "EvoApprox8b", 2017).
 */
public final class Multiplier implements AutoCloseable {

  private static final int EDGE = 256;
  private static final int ENTRIES = EDGE * EDGE;

  static {
    Access.setMultiplierLease(multiplier -> multiplier.lease);
  }

  private final String name;
  private final Operand rowOperand;
  private final Operand columnOperand;
  private final int[] products;
  private final Lease lease;

  /** Keeps {@code products}, which must be nobody else's. */
  private Multiplier(String name, Operand rowOperand, Operand columnOperand, int[] products) {
    this.name = Objects.requireNonNull(name, "name");
    this.rowOperand = Objects.requireNonNull(rowOperand, "row");
    this.columnOperand = Objects.requireNonNull(columnOperand, "column");
    this.products = products;
    if (products.length != ENTRIES) {
      throw new IllegalArgumentException(
          "products has " + products.length + " elements, but must have 256 x 256 = " + ENTRIES);
    }
    NativeLibrary.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = descriptor(arena);
      MemorySegment table = arena.allocateFrom(ValueLayout.JAVA_INT, products);
      MemorySegment handle =
          NativeCalls.create(
              arena, out -> AxnnH.axnn_multiplier_create(desc, table, table.byteSize(), out));
      lease = new Lease("Multiplier", handle, AxnnH::axnn_multiplier_destroy);
    }
  }

  private MemorySegment descriptor(Arena arena) {
    MemorySegment desc = axnn_multiplier_desc.allocate(arena);
    axnn_multiplier_desc.struct_size(desc, (int) desc.byteSize());
    axnn_multiplier_desc.row_bits(desc, rowOperand.bits());
    axnn_multiplier_desc.row_signed(desc, rowOperand.signed() ? 1 : 0);
    axnn_multiplier_desc.column_bits(desc, columnOperand.bits());
    axnn_multiplier_desc.column_signed(desc, columnOperand.signed() ? 1 : 0);
    return desc;
  }

  /**
   * A multiplier of two signed 8-bit operands.
   *
   * @param table 256 rows of 256 products, indexed by the operands' bytes; copied
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if the table has another size
   */
  public static Multiplier of(int[][] table) {
    Objects.requireNonNull(table, "table");
    if (table.length != EDGE) {
      throw new IllegalArgumentException(
          "table has " + table.length + " rows, but must have " + EDGE);
    }
    int[] products = new int[ENTRIES];
    for (int row = 0; row < EDGE; row++) {
      int[] from = Objects.requireNonNull(table[row], "table[" + row + "]");
      if (from.length != EDGE) {
        throw new IllegalArgumentException(
            "table[" + row + "] has " + from.length + " elements, but must have " + EDGE);
      }
      System.arraycopy(from, 0, products, row * EDGE, EDGE);
    }
    return new Multiplier("table", Operand.SIGNED8, Operand.SIGNED8, products);
  }

  /**
   * A multiplier of two signed 8-bit operands.
   *
   * @param table 65536 products, {@code table[r * 256 + c]} for the operands' bytes r and c; copied
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if the table has another size
   */
  public static Multiplier of(int[] table) {
    return ofTable("table", Operand.SIGNED8, Operand.SIGNED8, table);
  }

  /**
   * A multiplier from its table. Entries that an operand of less than 8 bits cannot reach are never
   * used.
   *
   * @param name for messages
   * @param row operand that chooses the row
   * @param column operand that chooses the column
   * @param products 65536 products, {@code products[r * 256 + c]} for the operands' bytes r and c;
   *     copied
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if the table has another size
   */
  public static Multiplier ofTable(String name, Operand row, Operand column, int[] products) {
    Objects.requireNonNull(products, "products");
    return new Multiplier(name, row, column, products.clone());
  }

  /**
   * A multiplier from a function, which is asked once for each pair of operand values.
   *
   * @param name for messages
   * @param row first operand of the function, chooses the row
   * @param column second operand of the function, chooses the column
   * @param function the product of two operand values
   * @return a new multiplier; close it
   */
  public static Multiplier fromFunction(
      String name, Operand row, Operand column, IntBinaryOperator function) {
    Objects.requireNonNull(row, "row");
    Objects.requireNonNull(column, "column");
    Objects.requireNonNull(function, "function");
    int[] products = new int[ENTRIES];
    for (int a = row.min(); a <= row.max(); a++) {
      for (int b = column.min(); b <= column.max(); b++) {
        products[index(a, b)] = function.applyAsInt(a, b);
      }
    }
    return new Multiplier(name, row, column, products);
  }

  /**
   * The exact product of two signed 8-bit operands.
   *
   * @return a new multiplier; close it
   */
  public static Multiplier exact() {
    return fromFunction("exact", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b);
  }

  /**
   * Reads the table of a multiplier of two signed 8-bit operands, as {@link #read(Path, Operand,
   * Operand)}.
   *
   * @param file a .npy or .safetensors file
   * @return a new multiplier; close it
   */
  public static Multiplier read(Path file) {
    return read(file, Operand.SIGNED8, Operand.SIGNED8);
  }

  /**
   * Reads a table of 256 x 256 integers: a NumPy array of that shape, or the tensor {@code lut} (or
   * the only one) of a safetensors file. The content says which; any integer type will do as long
   * as each product fits 32 bits. The file's name without its extension becomes the multiplier's.
   *
   * @param file a .npy or .safetensors file
   * @param row operand that chooses the row
   * @param column operand that chooses the column
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if the file's content is not such a table; the message names
   *     the file
   * @throws UncheckedIOException if the file cannot be read
   * @throws AxnnException if the native library has no memory for it
   * @throws NativeLibraryException if the native library cannot be loaded
   */
  public static Multiplier read(Path file, Operand row, Operand column) {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(row, "row");
    Objects.requireNonNull(column, "column");
    int[] products = TableFile.read(file, EDGE, EDGE);
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return new Multiplier(dot > 0 ? name.substring(0, dot) : name, row, column, products);
  }

  /**
   * What this multiplier is called in messages.
   *
   * @return the name of its file, for example
   */
  public String name() {
    return name;
  }

  /**
   * The operand that chooses the row of the table.
   *
   * @return width and signedness
   */
  public Operand rowOperand() {
    return rowOperand;
  }

  /**
   * The operand that chooses the column of the table.
   *
   * @return width and signedness
   */
  public Operand columnOperand() {
    return columnOperand;
  }

  /**
   * What the multiplier gives for two operand values.
   *
   * @param a value of the row operand
   * @param b value of the column operand
   * @return the entry of the table; works after close too
   * @throws IllegalArgumentException if a value is outside its operand's range
   */
  public int product(int a, int b) {
    Check.range("a", a, rowOperand.min(), rowOperand.max());
    Check.range("b", b, columnOperand.min(), columnOperand.max());
    return products[index(a, b)];
  }

  private static int index(int a, int b) {
    return (a & 0xFF) * EDGE + (b & 0xFF);
  }

  /**
   * The whole table by the operands' bytes, row by row.
   *
   * @return a copy of 65536 products; works after close too
   */
  public int[] toArray() {
    return products.clone();
  }

  /** Ends the use of this multiplier; layers made with it go on. Does nothing when called again. */
  @Override
  public void close() {
    lease.close();
  }

  @Override
  public String toString() {
    return "Multiplier[" + name + "]";
  }
}
