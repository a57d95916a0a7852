package io.axnn.internal;

import io.axnn.multiplier.TableFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A table of integers in a file of any format. */
public final class TableFile {

  /**
   * What a file holds.
   *
   * @param shape which of the two shapes it has
   * @param entries row by row
   */
  public record Table(TableShape shape, int[] entries) {}

  private TableFile() {}

  /**
   * Reads a file.
   *
   * @param formatOrNull null for what the content or, for texts, the name says
   * @param entryOrNull name of an array in an archive, without .npy; null for the only one
   * @throws IllegalArgumentException naming the file if it holds anything else
   * @throws UncheckedIOException if it cannot be read
   */
  public static Table read(
      Path path, TableShape shape, TableFormat formatOrNull, String entryOrNull) {
    try (InputFile file = InputFile.open(path)) {
      TableFormat format = formatOrNull == null ? format(path, file) : formatOrNull;
      return switch (format) {
        case NPY -> Npy.readTable(file, shape);
        case NPZ -> Npz.readTable(path, shape, entryOrNull);
        case SAFETENSORS -> Safetensors.readTable(file, shape);
        case TEXT -> TableText.read(file, shape);
        case C_HEADER -> CHeader.read(file, shape);
        case RAW_INT16 -> readRaw(file, shape, new IntegerType(2, true));
        case RAW_UINT16 -> readRaw(file, shape, new IntegerType(2, false));
        case RAW_INT32 -> readRaw(file, shape, new IntegerType(4, true));
      };
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  private static TableFormat format(Path path, InputFile file) throws IOException {
    if (Npy.hasMagic(file)) {
      return TableFormat.NPY;
    }
    if (Npz.hasMagic(file)) {
      return TableFormat.NPZ;
    }
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    String extension = name.substring(name.lastIndexOf('.') + 1);
    return switch (extension) {
      case "txt", "csv", "tsv", "dat" -> TableFormat.TEXT;
      case "h", "hpp", "c" -> TableFormat.C_HEADER;
      case "bin", "raw" ->
          throw file.bad(
              "does not say which integers it holds; name the format: RAW_INT16, RAW_UINT16 or"
                  + " RAW_INT32");
      default -> TableFormat.SAFETENSORS;
    };
  }

  private static Table readRaw(InputFile file, TableShape shape, IntegerType type)
      throws IOException {
    if (file.size() % type.bytes() != 0) {
      throw file.bad("has " + file.size() + " bytes, no multiple of " + type.bytes());
    }
    TableShape found = shape.ofCount(file, file.size() / type.bytes(), "integers");
    ByteBuffer bytes = file.read("the table", 0, (int) file.size());
    return new Table(found, type.readInts(file, bytes, found.count()));
  }

  /**
   * Writes a file, in place of what is there; whole or not at all.
   *
   * @param name of the table, for formats that have names
   * @throws IllegalArgumentException if an entry does not fit the format
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path path, Table table, TableFormat format, String name) {
    List<ByteBuffer> parts =
        switch (format) {
          case NPY -> List.of(Npy.bytes(table));
          case NPZ -> List.of(Npz.bytes(table, name));
          case SAFETENSORS -> Safetensors.tableBytes(table);
          case TEXT -> List.of(TableText.bytes(table));
          case C_HEADER -> List.of(CHeader.bytes(table, name));
          case RAW_INT16 -> List.of(raw(table, new IntegerType(2, true)));
          case RAW_UINT16 -> List.of(raw(table, new IntegerType(2, false)));
          case RAW_INT32 -> List.of(raw(table, new IntegerType(4, true)));
        };
    try {
      AtomicFile.write(path, parts);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path + ": " + e.getMessage(), e);
    }
  }

  private static ByteBuffer raw(Table table, IntegerType type) {
    return type.bytes(table.entries());
  }
}
