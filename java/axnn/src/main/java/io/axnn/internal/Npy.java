package io.axnn.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NumPy's .npy format, versions 1 to 3: magic, version, length of the header, the header (a Python
 * dictionary with descr, fortran_order and shape), the elements.
 */
final class Npy {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int PREFIX_BYTES = MAGIC.length + 2;
  private static final int ALIGNMENT = 64;

  /** NumPy's own headers have about a hundred bytes; a long one is a lie or an attack. */
  private static final int MAX_HEADER_BYTES = 1 << 16;

  private static final Pattern DESCR = entry("descr", "['\"]([^'\"]*)['\"]");
  private static final Pattern ORDER = entry("fortran_order", "(True|False)");
  private static final Pattern SHAPE = entry("shape", "\\(([0-9, ]*)\\)");
  private static final Pattern INTEGER_TYPE = Pattern.compile("([<>|=])([iu])([1248])");

  private Npy() {}

  private static Pattern entry(String key, String value) {
    return Pattern.compile("['\"]" + key + "['\"] *: *" + value);
  }

  static boolean hasMagic(InputFile file) throws IOException {
    return file.size() >= MAGIC.length
        && Arrays.equals(file.read("the magic", 0, MAGIC.length).array(), MAGIC);
  }

  /** Reads an array of integers of an allowed shape, flat or not. */
  static TableFile.Table readTable(InputFile file, TableShape allowed) throws IOException {
    ByteBuffer prefix = file.read("the version", 0, PREFIX_BYTES);
    int version = prefix.get(MAGIC.length);
    if (version < 1 || version > 3) {
      throw file.bad("is of .npy version " + version + ", but must be of version 1, 2 or 3");
    }
    int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
    ByteBuffer lengthField = file.read("the header's length", PREFIX_BYTES, lengthBytes);
    long length =
        version == 1
            ? Short.toUnsignedLong(lengthField.getShort())
            : Integer.toUnsignedLong(lengthField.getInt());
    if (length > MAX_HEADER_BYTES) {
      throw file.bad(
          "claims a header of " + length + " bytes, but at most " + MAX_HEADER_BYTES + " are read");
    }
    long start = PREFIX_BYTES + lengthBytes;
    ByteBuffer header = file.read("the header", start, (int) length);
    String text = StandardCharsets.ISO_8859_1.decode(header).toString();
    return readElements(file, text, start + length, allowed);
  }

  private static TableFile.Table readElements(
      InputFile file, String header, long offset, TableShape allowed) throws IOException {
    TableShape found = allowed.ofArray(file, shape(file, header));
    Matcher type = INTEGER_TYPE.matcher(value(file, header, DESCR, "descr"));
    if (!type.matches()) {
      throw file.bad(
          "has elements of type "
              + value(file, header, DESCR, "descr")
              + ", but must have integers of 1, 2, 4 or 8 bytes");
    }
    IntegerType elements =
        new IntegerType(Integer.parseInt(type.group(3)), type.group(2).equals("i"));
    int count = found.count();
    int bytes = count * elements.bytes();
    if (file.size() != offset + bytes) {
      throw file.bad(
          "has " + (file.size() - offset) + " bytes of elements, but its header needs " + bytes);
    }
    ByteBuffer buffer = file.read("the array", offset, bytes);
    if (type.group(1).equals(">")) {
      buffer.order(ByteOrder.BIG_ENDIAN);
    }
    int[] table = elements.readInts(file, buffer, count);
    boolean fortranOrder = value(file, header, ORDER, "fortran_order").equals("True");
    boolean flat = shape(file, header).length == 1;
    return new TableFile.Table(
        found, fortranOrder && !flat ? transposed(table, found.rows(), found.columns()) : table);
  }

  /** A file of version 1 with integers of 4 bytes; NumPy aligns the elements to 64 bytes. */
  static ByteBuffer bytes(TableFile.Table table) {
    String header =
        "{'descr': '<i4', 'fortran_order': False, 'shape': ("
            + table.shape().rows()
            + ", "
            + table.shape().columns()
            + "), }";
    int start = PREFIX_BYTES + Short.BYTES;
    int length = Math.ceilDiv(start + header.length() + 1, ALIGNMENT) * ALIGNMENT - start;
    ByteBuffer elements = new IntegerType(Integer.BYTES, true).bytes(table.entries());
    ByteBuffer bytes =
        ByteBuffer.allocate(start + length + elements.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) length);
    bytes.put(header.getBytes(StandardCharsets.US_ASCII));
    while (bytes.position() < start + length - 1) {
      bytes.put((byte) ' ');
    }
    return bytes.put((byte) '\n').put(elements).flip();
  }

  private static long[] shape(InputFile file, String header) {
    String text = value(file, header, SHAPE, "shape");
    try {
      return Arrays.stream(text.split(","))
          .map(String::strip)
          .filter(dimension -> !dimension.isEmpty())
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (NumberFormatException e) {
      throw file.bad("has a header with the unusable shape (" + text + ")");
    }
  }

  private static String value(InputFile file, String header, Pattern entry, String key) {
    Matcher matcher = entry.matcher(header);
    if (!matcher.find()) {
      throw file.bad("has a header without a usable entry '" + key + "'");
    }
    return matcher.group(1);
  }

  private static int[] transposed(int[] columnMajor, int rows, int columns) {
    int[] rowMajor = new int[columnMajor.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        rowMajor[row * columns + column] = columnMajor[column * rows + row];
      }
    }
    return rowMajor;
  }
}
