package io.axnn.tools.data;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * An array from a file in NumPy's .npy format (versions 1 to 3), read from its start piece by
 * piece. What the header claims is compared with the file's size before anything is allocated.
 *
 * <p>The library reads tables from such files too, but whole, as integers, and in a package that
 * its module does not export; a qualified export cannot name this module, which is an automatic
 * one.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the
 *     format's description</a>
 */
final class NpyFile implements Closeable {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy's own headers have about a hundred bytes. */
  private static final int LONGEST_HEADER = 1 << 16;

  private static final Pattern TYPE = entry("descr", "['\"]([<>|=])([a-zA-Z][0-9]{1,3})['\"]");
  private static final Pattern ORDER = entry("fortran_order", "(True|False)");
  private static final Pattern SHAPE = entry("shape", "\\(([0-9, ]*)\\)");

  private final Path file;
  private final DataInputStream in;
  private final String type;
  private final ByteOrder byteOrder;
  private final int[] shape;

  private NpyFile(Path file, DataInputStream in, String type, ByteOrder byteOrder, int[] shape) {
    this.file = file;
    this.in = in;
    this.type = type;
    this.byteOrder = byteOrder;
    this.shape = shape;
  }

  private static Pattern entry(String key, String value) {
    return Pattern.compile("['\"]" + key + "['\"] *: *" + value);
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws DataException if it is no such file, or has another length than its header says
   */
  static NpyFile open(Path file) throws IOException {
    long size = Files.size(file);
    DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
    try {
      return open(file, in, size);
    } catch (EOFException e) {
      in.close();
      throw new DataException(file, "it ends early", e);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private static NpyFile open(Path file, DataInputStream in, long size) throws IOException {
    if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      throw new DataException(file, "it is no .npy file, which starts with \\x93NUMPY");
    }
    int version = in.readUnsignedByte();
    in.skipNBytes(1);
    if (version < 1 || version > 3) {
      throw new DataException(file, "its version is %d; known: 1 to 3".formatted(version));
    }
    int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
    long length =
        version == 1
            ? Short.toUnsignedLong(Short.reverseBytes(in.readShort()))
            : Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
    if (length > LONGEST_HEADER) {
      throw new DataException(
          file, "it claims a header of %d bytes; the most is %d".formatted(length, LONGEST_HEADER));
    }
    byte[] bytes = new byte[(int) length];
    in.readFully(bytes);
    String header = new String(bytes, StandardCharsets.ISO_8859_1);
    Matcher type = find(file, header, TYPE, "descr");
    int[] shape = shape(file, find(file, header, SHAPE, "shape").group(1));
    if (find(file, header, ORDER, "fortran_order").group(1).equals("True") && shape.length > 1) {
      throw new DataException(
          file, "its order is Fortran's; save it after numpy.ascontiguousarray(array)");
    }
    NpyFile npy =
        new NpyFile(
            file,
            in,
            type.group(2),
            type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
            shape);
    npy.requireBytes(size - MAGIC.length - 2 - lengthBytes - length);
    return npy;
  }

  private static Matcher find(Path file, String header, Pattern entry, String key) {
    Matcher matcher = entry.matcher(header);
    if (!matcher.find()) {
      throw new DataException(file, "its header has no usable entry '" + key + "'");
    }
    return matcher;
  }

  private static int[] shape(Path file, String text) {
    int[] shape;
    try {
      shape =
          Arrays.stream(text.split(","))
              .map(String::strip)
              .filter(dimension -> !dimension.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
    } catch (NumberFormatException e) {
      throw new DataException(file, "its shape (" + text + ") is unusable", e);
    }
    if (shape.length == 0 || Arrays.stream(shape).anyMatch(dimension -> dimension < 1)) {
      throw new DataException(file, "its shape (" + text + ") holds nothing to read");
    }
    return shape;
  }

  private void requireBytes(long bytes) {
    long needed =
        ImageArray.product(
            LongStream.concat(
                Arrays.stream(shape).asLongStream(), LongStream.of(Math.max(1, elementBytes()))));
    if (bytes != needed) {
      throw new DataException(
          file,
          "its shape %s of type %s makes %d bytes, but there are %d"
              .formatted(Arrays.toString(shape), type, needed, bytes));
    }
  }

  private int elementBytes() {
    return Integer.parseInt(type.substring(1));
  }

  /** The type of the elements as NumPy writes it, without the byte order: u1, i8, f4. */
  String type() {
    return type;
  }

  /** Dimensions of 1 or more, at least one. */
  int[] shape() {
    return shape.clone();
  }

  /** The next elements in the file's byte order. No more may be asked for than there are. */
  ByteBuffer read(int elements) throws IOException {
    byte[] bytes = new byte[Math.multiplyExact(elements, elementBytes())];
    in.readFully(bytes);
    return ByteBuffer.wrap(bytes).order(byteOrder);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
