package io.axnn.multiplier;

import io.axnn.internal.Access;
import io.axnn.internal.Check;
import io.axnn.internal.LazyLease;
import io.axnn.internal.Lease;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.NativeLibrary;
import io.axnn.internal.TableFile;
import io.axnn.internal.TableShape;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.internal.ffi.axnn_multiplier_desc;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.IntBinaryOperator;

/**
 * A hardware multiplier of two operands of 1 to 16 bits.
 *
 * <p>Where both have at most 8 bits it is the table of all its products: {@code table[r][c]} is
 * what it gives for the operands whose bytes are r and c (two's complement for a signed one:
 * 0..127, then -128..-1). Wider ones have no table and are held by their {@link MultiplierModel}.
 * Which operand is the weight is not its business but the layer's; see {@link
 * io.axnn.layers.OperandOrder}.
 *
 * <p>An immutable value: two are equal if their {@link #identity()} is, whatever they are called.
 * Safe for use by many threads. Native memory is taken when the first layer is made with it, so
 * only one that layers were made with must be closed, which may be before those layers are.
 *
 * <p>{@link Multipliers} makes those of the literature, {@link EvoApprox} circuits of EvoApproxLib.
 */
public final class Multiplier implements AutoCloseable {

  private static final int EDGE = 256;
  private static final int ENTRIES = EDGE * EDGE;

  static {
    Access.setMultiplierLease(multiplier -> multiplier.lease.get());
  }

  private final String name;
  private final String libraryVersionOrNull;
  private final Operand rowOperand;
  private final Operand columnOperand;

  /** ENTRIES products, or null: then there is a model. */
  private final int[] productsOrNull;

  private final MultiplierModel modelOrNull;
  private final LazyLease lease = new LazyLease("Multiplier", this::createHandle);
  private volatile String identityOrNull;

  /** Keeps {@code products}, which must be nobody else's; null for those of the model. */
  private Multiplier(
      String name,
      String libraryVersionOrNull,
      Operand row,
      Operand column,
      int[] productsOrNull,
      MultiplierModel modelOrNull) {
    this.name = Objects.requireNonNull(name, "name");
    this.libraryVersionOrNull = libraryVersionOrNull;
    rowOperand = Objects.requireNonNull(row, "row");
    columnOperand = Objects.requireNonNull(column, "column");
    this.productsOrNull = productsOrNull;
    this.modelOrNull = modelOrNull;
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
    return ofTable("table", Operand.SIGNED8, Operand.SIGNED8, products);
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
   * @param row operand that chooses the row, of at most 8 bits
   * @param column operand that chooses the column, of at most 8 bits
   * @param products 65536 products, {@code products[r * 256 + c]} for the operands' bytes r and c;
   *     copied
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if the table has another size or an operand more bits
   */
  public static Multiplier ofTable(String name, Operand row, Operand column, int[] products) {
    Objects.requireNonNull(products, "products");
    checkTableOperands(row, column);
    if (products.length != ENTRIES) {
      throw new IllegalArgumentException(
          "products has " + products.length + " elements, but must have 256 x 256 = " + ENTRIES);
    }
    return new Multiplier(name, null, row, column, products.clone(), null);
  }

  /**
   * A multiplier from a function, which is asked once for each pair of operand values.
   *
   * @param name for messages
   * @param row first operand of the function, chooses the row; of at most 8 bits
   * @param column second operand of the function, chooses the column; of at most 8 bits
   * @param function the product of two operand values
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if an operand has more bits: {@link #fromModel} takes those
   */
  public static Multiplier fromFunction(
      String name, Operand row, Operand column, IntBinaryOperator function) {
    Objects.requireNonNull(function, "function");
    checkTableOperands(row, column);
    return new Multiplier(name, null, row, column, tabulate(row, column, function), null);
  }

  /**
   * A multiplier from its definition. Up to 8 bits its products are computed now and are its
   * identity; above, the definition is.
   *
   * @param model what it does; its text becomes the name
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if a product of a table does not fit 32 bits
   */
  public static Multiplier fromModel(MultiplierModel model) {
    Objects.requireNonNull(model, "model");
    Operand row = model.rowOperand();
    Operand column = model.columnOperand();
    int[] productsOrNull =
        fitTable(row, column)
            ? tabulate(row, column, (a, b) -> tableEntry(a, b, model.product(a, b)))
            : null;
    return new Multiplier(model.text(), null, row, column, productsOrNull, model);
  }

  private static int tableEntry(int a, int b, long product) {
    if (product != (int) product) {
      throw new IllegalArgumentException(
          "the product of " + a + " and " + b + " is " + product + ", but must fit 32 bits");
    }
    return (int) product;
  }

  private static int[] tabulate(Operand row, Operand column, IntBinaryOperator function) {
    int[] products = new int[ENTRIES];
    for (int a = row.min(); a <= row.max(); a++) {
      for (int b = column.min(); b <= column.max(); b++) {
        products[index(a, b)] = function.applyAsInt(a, b);
      }
    }
    return products;
  }

  private static boolean fitTable(Operand row, Operand column) {
    return Math.max(row.bits(), column.bits()) <= Operand.MAX_TABLE_BITS;
  }

  private static void checkTableOperands(Operand row, Operand column) {
    Check.range("row operand's bits", row.bits(), 1, Operand.MAX_TABLE_BITS);
    Check.range("column operand's bits", column.bits(), 1, Operand.MAX_TABLE_BITS);
  }

  /**
   * The exact product of two signed 8-bit operands; {@link Multipliers#exact} has other widths.
   *
   * @return a new multiplier; close it
   */
  public static Multiplier exact() {
    return Multipliers.of(Byte.SIZE, Signedness.TWOS_COMPLEMENT).exact();
  }

  /**
   * Reads the table of a multiplier of two signed 8-bit operands, as {@link #read(Path, Operand,
   * Operand)}.
   *
   * @param file to read
   * @return a new multiplier; close it
   */
  public static Multiplier read(Path file) {
    return read(file, Operand.SIGNED8, Operand.SIGNED8);
  }

  /**
   * Reads a table of products from a file of any {@link TableFormat}. The content says which of
   * {@code NPY}, {@code NPZ} and {@code SAFETENSORS} it is, the extension .txt, .csv, .tsv or .dat
   * that it is a text, .h, .hpp or .c that it is C; nothing says which integers a raw file has. Any
   * integer type will do as long as each product fits 32 bits. The file's name without its
   * extension becomes the multiplier's.
   *
   * @param file to read
   * @param row operand that chooses the row, of at most 8 bits
   * @param column operand that chooses the column, of at most 8 bits
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if the file's content is not such a table; the message names
   *     the file
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Multiplier read(Path file, Operand row, Operand column) {
    return read(file, null, null, row, column);
  }

  /**
   * {@link #read(Path, Operand, Operand)} of a file of a known format.
   *
   * @param file to read
   * @param format what it is
   * @param row operand that chooses the row, of at most 8 bits
   * @param column operand that chooses the column, of at most 8 bits
   * @return a new multiplier; close it
   */
  public static Multiplier read(Path file, TableFormat format, Operand row, Operand column) {
    return read(file, Objects.requireNonNull(format, "format"), null, row, column);
  }

  /**
   * {@link #read(Path, Operand, Operand)} of one of several arrays in a .npz file; its name becomes
   * the multiplier's.
   *
   * @param file a .npz file
   * @param entry name of the array, without .npy
   * @param row operand that chooses the row, of at most 8 bits
   * @param column operand that chooses the column, of at most 8 bits
   * @return a new multiplier; close it
   */
  public static Multiplier readEntry(Path file, String entry, Operand row, Operand column) {
    return read(file, TableFormat.NPZ, Objects.requireNonNull(entry, "entry"), row, column);
  }

  private static Multiplier read(
      Path file, TableFormat formatOrNull, String entryOrNull, Operand row, Operand column) {
    Objects.requireNonNull(file, "file");
    checkTableOperands(row, column);
    TableFile.Table table =
        TableFile.read(
            file, new TableShape(row.count(), column.count()), formatOrNull, entryOrNull);
    String fileName = file.getFileName().toString();
    int dot = fileName.lastIndexOf('.');
    String name = dot > 0 ? fileName.substring(0, dot) : fileName;
    return new Multiplier(
        entryOrNull == null ? name : entryOrNull,
        null,
        row,
        column,
        byBytes(table, row, column),
        null);
  }

  private static int[] byBytes(TableFile.Table table, Operand row, Operand column) {
    if (table.shape().count() == ENTRIES) {
      return table.entries();
    }
    int columns = column.count();
    return tabulate(row, column, (a, b) -> table.entries()[row.code(a) * columns + column.code(b)]);
  }

  /**
   * Writes the products to a file, in place of what is there: an entry for each pair of operand
   * values. {@link #read(Path, TableFormat, Operand, Operand)} gives an equal multiplier.
   *
   * @param file appears whole or not at all
   * @param format of the file
   * @throws IllegalArgumentException if a product does not fit the format
   * @throws UnsupportedOperationException if this multiplier has no table
   * @throws UncheckedIOException if the file cannot be written
   */
  public void write(Path file, TableFormat format) {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(format, "format");
    demandTable();
    TableShape shape = new TableShape(rowOperand.count(), columnOperand.count());
    TableFile.write(file, new TableFile.Table(shape, reachableProducts()), format, name);
  }

  /**
   * Tabulates a multiplier that is a function of a compiled library, as EvoApproxLib's C models
   * are. The library is loaded for the time of this call, which is why an operand has at most 8
   * bits: products that no table holds would need it later. The function is called once for every
   * pair of operand values, by several threads at once: it must be pure, without state of its own.
   *
   * @param library a shared library for this machine
   * @param symbol name of the function, which becomes the multiplier's
   * @param prototype its result and parameters
   * @param row first operand, of at most 8 bits
   * @param column second operand, of at most 8 bits
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if the library cannot be loaded, with what the system's loader
   *     says, has no such symbol, or a product does not fit 32 bits
   */
  public static Multiplier fromNativeFunction(
      Path library, String symbol, Prototype prototype, Operand row, Operand column) {
    return fromNativeFunction(library, symbol, prototype, row, column, done -> {});
  }

  /**
   * {@link #fromNativeFunction(Path, String, Prototype, Operand, Operand)}, telling how far it is.
   *
   * @param library a shared library for this machine
   * @param symbol name of the function, which becomes the multiplier's
   * @param prototype its result and parameters
   * @param row first operand, of at most 8 bits
   * @param column second operand, of at most 8 bits
   * @param progress called with the share that is done, rising to 1, by one thread at a time; what
   *     it throws ends the work and is thrown on, and it is not called again
   * @return a new multiplier; close it
   */
  public static Multiplier fromNativeFunction(
      Path library,
      String symbol,
      Prototype prototype,
      Operand row,
      Operand column,
      DoubleConsumer progress) {
    checkTableOperands(row, column);
    int[] products = NativeFunction.tabulate(library, symbol, prototype, row, column, progress);
    return new Multiplier(symbol, null, row, column, products, null);
  }

  /**
   * Compiles a C model and tabulates it as {@link #fromNativeFunction(Path, String, Prototype,
   * Operand, Operand)}. The compiler is {@code cc} of the PATH; what it makes is in a folder that
   * only this user can read and is deleted before this method ends.
   *
   * @param source a .c file with the function
   * @param symbol name of the function, which becomes the multiplier's
   * @param prototype its result and parameters
   * @param row first operand, of at most 8 bits
   * @param column second operand, of at most 8 bits
   * @return a new multiplier; close it
   * @throws IllegalArgumentException if it does not compile, with what the compiler says, or the
   *     result is refused as above
   * @throws IllegalStateException if there is no compiler
   * @throws UncheckedIOException if the temporary folder cannot be written
   */
  public static Multiplier fromCSource(
      Path source, String symbol, Prototype prototype, Operand row, Operand column) {
    return fromCSource(source, symbol, prototype, row, column, done -> {});
  }

  /**
   * {@link #fromCSource(Path, String, Prototype, Operand, Operand)}, telling how far it is.
   *
   * @param source a .c file with the function
   * @param symbol name of the function, which becomes the multiplier's
   * @param prototype its result and parameters
   * @param row first operand, of at most 8 bits
   * @param column second operand, of at most 8 bits
   * @param progress as of {@link #fromNativeFunction(Path, String, Prototype, Operand, Operand,
   *     DoubleConsumer)}
   * @return a new multiplier; close it
   */
  public static Multiplier fromCSource(
      Path source,
      String symbol,
      Prototype prototype,
      Operand row,
      Operand column,
      DoubleConsumer progress) {
    checkTableOperands(row, column);
    return CSource.compiled(
        source, library -> fromNativeFunction(library, symbol, prototype, row, column, progress));
  }

  /**
   * The same multiplier under another name, without a library version.
   *
   * @param newName any text
   * @return a new multiplier, equal to this one; close it too
   */
  public Multiplier withName(String newName) {
    return new Multiplier(newName, null, rowOperand, columnOperand, productsOrNull, modelOrNull);
  }

  /**
   * The same multiplier under the name that a version of a library gives it. Names are not stable:
   * {@code mul8s_1KV8} is exact in EvoApproxLib's {@code master} and truncated in {@code v2022}.
   *
   * @param newName any text
   * @param libraryVersion as {@code v2022}
   * @return a new multiplier, equal to this one; close it too
   */
  public Multiplier withName(String newName, String libraryVersion) {
    return new Multiplier(
        newName,
        Objects.requireNonNull(libraryVersion, "libraryVersion"),
        rowOperand,
        columnOperand,
        productsOrNull,
        modelOrNull);
  }

  /**
   * What this multiplier is called: a label, which says nothing about its products.
   *
   * @return the name of its file or the text of its model, for example
   */
  public String name() {
    return name;
  }

  /**
   * The version of the library that the name is from.
   *
   * @return empty if none was given
   */
  public Optional<String> libraryVersion() {
    return Optional.ofNullable(libraryVersionOrNull);
  }

  /**
   * The definition that this multiplier was made from.
   *
   * @return empty if it was made from a table or a function; never above 8 bits
   */
  public Optional<MultiplierModel> model() {
    return Optional.ofNullable(modelOrNull);
  }

  /**
   * What tells this multiplier from others: SHA-256 over
   *
   * <ol>
   *   <li>the 17 bytes of the ASCII text {@code axnn-multiplier-1};
   *   <li>four bytes: the width of the row operand, that of the column operand, then 1 or 0 for
   *       signed or unsigned, again row first;
   *   <li>if both operands have at most 8 bits, all products as little-endian int32, row by row; a
   *       row's index is the bits of its operand, 0..2^bits - 1 (for signed ones 0..max, then
   *       min..-1), and so is a column's. Entries of a 256 x 256 table that a narrower operand
   *       cannot reach are left out;
   *   <li>otherwise the UTF-8 bytes of {@link MultiplierModel#text()}.
   * </ol>
   *
   * @return 64 hexadecimal digits in lower case; works after close too
   */
  public String identity() {
    String known = identityOrNull;
    if (known == null) {
      known =
          hasTable()
              ? Identity.ofProducts(rowOperand, columnOperand, reachableProducts())
              : Identity.ofText(rowOperand, columnOperand, modelOrNull.text());
      identityOrNull = known;
    }
    return known;
  }

  private int[] reachableProducts() {
    int[] reachable = new int[rowOperand.count() * columnOperand.count()];
    int next = 0;
    for (int row = 0; row < rowOperand.count(); row++) {
      int a = rowOperand.value(row);
      for (int column = 0; column < columnOperand.count(); column++) {
        reachable[next++] = productsOrNull[index(a, columnOperand.value(column))];
      }
    }
    return reachable;
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
   * Whether the products are held as a table: both operands have at most 8 bits.
   *
   * @return false for wider multipliers
   */
  public boolean hasTable() {
    return productsOrNull != null;
  }

  /**
   * What the multiplier gives for two operand values.
   *
   * @param a value of the row operand
   * @param b value of the column operand
   * @return the product; works after close too
   * @throws IllegalArgumentException if a value is outside its operand's range
   * @throws ArithmeticException if the product does not fit 32 bits, as it may above 8 bits; {@link
   *     #longProduct} gives every product
   */
  public int product(int a, int b) {
    return Math.toIntExact(longProduct(a, b));
  }

  /**
   * What the multiplier gives for two operand values.
   *
   * @param a value of the row operand
   * @param b value of the column operand
   * @return the product; works after close too
   * @throws IllegalArgumentException if a value is outside its operand's range
   */
  public long longProduct(int a, int b) {
    Check.range("a", a, rowOperand.min(), rowOperand.max());
    Check.range("b", b, columnOperand.min(), columnOperand.max());
    return productsOrNull != null ? productsOrNull[index(a, b)] : modelOrNull.product(a, b);
  }

  private static int index(int a, int b) {
    return (a & 0xFF) * EDGE + (b & 0xFF);
  }

  /**
   * The whole table by the operands' bytes, row by row.
   *
   * @return a copy of 65536 products; works after close too
   * @throws UnsupportedOperationException if this multiplier has no table
   */
  public int[] toArray() {
    demandTable();
    return productsOrNull.clone();
  }

  private void demandTable() {
    if (!hasTable()) {
      throw new UnsupportedOperationException(this + " has no table: " + noTable());
    }
  }

  /**
   * The exact structure of the products: what a layer's sums may run through, as one exact integer
   * matrix product a term. Up to 8 bits it is searched over the whole table when a layer is made or
   * this method is called first, in some milliseconds to tenths of a second, and kept for all
   * multipliers of this {@link #identity()}: the one of fewest terms that was found, with features
   * of 8 bits each, and at most 16 of them. Above 8 bits it is that of the {@link #model()}.
   *
   * @return equal to {@link #longProduct} for all operands; empty if none is known; works after
   *     close too
   */
  public Optional<ProductStructure> structure() {
    if (!hasTable()) {
      return modelOrNull.structure();
    }
    return StructureCache.get(identity(), this::search);
  }

  /** Searches in native memory that is freed at once: what is kept is the layers'. */
  private Optional<ProductStructure> search() {
    NativeLibrary.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = createOfTable(arena, descriptor(arena), table(arena));
      try {
        return NativeStructure.of(handle, rowOperand, columnOperand);
      } finally {
        AxnnH.axnn_multiplier_destroy(handle);
      }
    }
  }

  private String noTable() {
    return "its operands have "
        + rowOperand.bits()
        + " and "
        + columnOperand.bits()
        + " bits, but those of a table have at most "
        + Operand.MAX_TABLE_BITS;
  }

  /** Makes what a layer runs with: of the table, of the structure, or of both where it is known. */
  private Lease createHandle() {
    Optional<ProductStructure> structure =
        hasTable() ? StructureCache.known(identity()) : modelOrNull.structure();
    if (!hasTable() && structure.isEmpty()) {
      throw new IllegalArgumentException(
          "multiplier is "
              + this
              + ", but a layer needs a table of products or their exact structure: "
              + noTable());
    }
    NativeLibrary.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = descriptor(arena);
      MemorySegment table = hasTable() ? table(arena) : MemorySegment.NULL;
      MemorySegment handle =
          structure.isPresent()
              ? NativeStructure.create(
                  arena, desc, table, structure.get(), rowOperand, columnOperand)
              : createOfTable(arena, desc, table);
      Lease made = new Lease("Multiplier", handle, AxnnH::axnn_multiplier_destroy);
      if (hasTable()) {
        // The native multiplier keeps what is found, so the layer does not search again.
        StructureCache.get(identity(), () -> NativeStructure.of(handle, rowOperand, columnOperand));
      }
      return made;
    }
  }

  private static MemorySegment createOfTable(Arena arena, MemorySegment desc, MemorySegment table) {
    return NativeCalls.create(
        arena, out -> AxnnH.axnn_multiplier_create(desc, table, table.byteSize(), out));
  }

  private MemorySegment table(Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_INT, productsOrNull);
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

  /** Ends the use of this multiplier; layers made with it go on. Does nothing when called again. */
  @Override
  public void close() {
    lease.close();
  }

  /** Whether the other is a multiplier of the same {@link #identity()}. */
  @Override
  public boolean equals(Object other) {
    return other == this || other instanceof Multiplier that && identity().equals(that.identity());
  }

  @Override
  public int hashCode() {
    return identity().hashCode();
  }

  @Override
  public String toString() {
    String version = libraryVersionOrNull == null ? "" : " " + libraryVersionOrNull;
    return "Multiplier[" + name + version + "]";
  }
}
