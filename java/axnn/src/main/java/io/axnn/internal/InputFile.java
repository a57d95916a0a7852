package io.axnn.internal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file from anywhere, read in parts that are checked against its real size before any memory is
 * allocated: what its headers claim is not believed.
 */
final class InputFile implements Closeable {

  /** Reads some bytes from an offset on, at least one; -1 at the end. */
  private interface Source extends Closeable {
    int read(ByteBuffer to, long offset) throws IOException;
  }

  private final String name;
  private final Source source;
  private final long size;

  private InputFile(String name, Source source, long size) {
    this.name = name;
    this.source = source;
    this.size = size;
  }

  static InputFile open(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    // Opening a pipe could wait for ever, and a device has no size to check against.
    if (!attributes.isRegularFile()) {
      throw new IllegalArgumentException(path + " is not a regular file");
    }
    FileChannel channel = FileChannel.open(path);
    Source source =
        new Source() {
          @Override
          public int read(ByteBuffer to, long offset) throws IOException {
            return channel.read(to, offset);
          }

          @Override
          public void close() throws IOException {
            channel.close();
          }
        };
    return new InputFile(path.toString(), source, channel.size());
  }

  /** What is in memory, as a file of an archive. */
  static InputFile of(String name, byte[] content) {
    Source source =
        new Source() {
          @Override
          public int read(ByteBuffer to, long offset) {
            int count = Math.min(to.remaining(), content.length - (int) offset);
            to.put(content, (int) offset, count);
            return count;
          }

          @Override
          public void close() {}
        };
    return new InputFile(name, source, content.length);
  }

  long size() {
    return size;
  }

  /**
   * Reads a part of the file.
   *
   * @param what the part, for messages
   * @return its bytes, little-endian
   * @throws IllegalArgumentException if the file does not have that part
   */
  ByteBuffer read(String what, long offset, int length) throws IOException {
    if (offset > size || length > size - offset) {
      throw bad(
          "is too short: it has "
              + size
              + " bytes, but "
              + what
              + " needs "
              + length
              + " from byte "
              + offset
              + " on");
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (source.read(bytes, offset + bytes.position()) < 0) {
        throw bad("became shorter while it was read");
      }
    }
    return bytes.flip();
  }

  /** The exception that says what is wrong with this file. */
  IllegalArgumentException bad(String why) {
    return new IllegalArgumentException(name + " " + why);
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
