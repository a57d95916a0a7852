package io.axnn.tools.data;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * An array of unsigned bytes from a file in the IDX format of MNIST: two zero bytes, the type, the
 * number of dimensions, the dimensions as big-endian 32-bit numbers, then the data. The file may be
 * compressed with gzip, which is seen from its first bytes. Nothing is allocated on the word of the
 * header alone.
 *
 * @see <a href="http://yann.lecun.com/exdb/mnist/">the format's description</a>
 */
public final class IdxFile {
  private static final int UNSIGNED_BYTE = 0x08;

  /** Above this a file is refused: the largest sets in this format have 0.6 GB. */
  private static final long LARGEST = 1L << 30;

  /** Deflate cannot compress better than this, so a larger claim is false. */
  private static final long LARGEST_GZIP_RATIO = 1032;

  private final int[] shape;
  private final byte[] data;

  private IdxFile(int[] shape, byte[] data) {
    this.shape = shape;
    this.data = data;
  }

  /**
   * Reads a file.
   *
   * @param file plain or gzip
   * @return its array
   * @throws IOException if the file cannot be read
   * @throws DataException if it is no IDX file of unsigned bytes, or its length is not what it says
   */
  public static IdxFile read(Path file) throws IOException {
    return read(file, Integer.MAX_VALUE);
  }

  /** Reads of the first dimension at most so much; {@link #dimension} tells all that is there. */
  static IdxFile read(Path file, int atMost) throws IOException {
    long size = Files.size(file);
    try (InputStream raw = Files.newInputStream(file)) {
      byte[] magic = raw.readNBytes(2);
      boolean gzip = magic.length == 2 && magic[0] == (byte) 0x1f && magic[1] == (byte) 0x8b;
      InputStream whole = new SequenceInputStream(new ByteArrayInputStream(magic), raw);
      if (!gzip) {
        return read(file, whole, size, atMost);
      }
      return read(file, new GZIPInputStream(whole, 1 << 16), size * LARGEST_GZIP_RATIO, atMost);
    } catch (ZipException e) {
      throw new DataException(file, "it starts like a gzip file and is none: " + e.getMessage(), e);
    } catch (EOFException e) {
      throw new DataException(file, "it ends early", e);
    }
  }

  private static IdxFile read(Path file, InputStream in, long largestPossible, int atMost)
      throws IOException {
    int[] shape = readShape(file, new DataInputStream(in));
    long bytes = ImageArray.product(Arrays.stream(shape).asLongStream());
    if (bytes > LARGEST || bytes > largestPossible) {
      throw new DataException(
          file,
          "it claims the shape %s, which is more than the file can hold or than %d bytes"
              .formatted(Arrays.toString(shape), LARGEST));
    }
    int wanted = (int) (bytes / shape[0] * Math.min(shape[0], atMost));
    // Grows with what is there; after all of it one byte more tells whether the file goes on.
    byte[] data = in.readNBytes(wanted < bytes ? wanted : wanted + 1);
    if (data.length != wanted) {
      throw new DataException(
          file,
          "its shape %s makes %d bytes of data, but there are %s"
              .formatted(
                  Arrays.toString(shape), bytes, data.length > bytes ? "more" : data.length));
    }
    return new IdxFile(shape, data);
  }

  private static int[] readShape(Path file, DataInputStream in) throws IOException {
    int zeros = in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int rank = in.readUnsignedByte();
    if (zeros != 0 || type != UNSIGNED_BYTE || rank == 0) {
      throw new DataException(
          file,
          "it starts with %04x%02x%02x; an IDX file of unsigned bytes starts with 000008 and the"
                  .formatted(zeros, type, rank)
              + " number of its dimensions");
    }
    int[] shape = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      shape[axis] = in.readInt();
      if (shape[axis] < 1) {
        throw new DataException(file, "it claims a dimension of " + shape[axis]);
      }
    }
    return shape;
  }

  /**
   * The number of dimensions.
   *
   * @return at least 1
   */
  public int rank() {
    return shape.length;
  }

  /**
   * The length of one dimension.
   *
   * @param axis from 0
   * @return at least 1
   */
  public int dimension(int axis) {
    return shape[axis];
  }

  /**
   * The data that was read.
   *
   * @return this object's own array, the last dimension running fastest; not to be written
   */
  byte[] data() {
    return data;
  }
}
