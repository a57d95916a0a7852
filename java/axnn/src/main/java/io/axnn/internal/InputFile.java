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

  private final Path path;
  private final FileChannel channel;
  private final long size;

  private InputFile(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  static InputFile open(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    // Opening a pipe could wait for ever, and a device has no size to check against.
    if (!attributes.isRegularFile()) {
      throw new IllegalArgumentException(path + " is not a regular file");
    }
    FileChannel channel = FileChannel.open(path);
    return new InputFile(path, channel, channel.size());
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
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        throw bad("became shorter while it was read");
      }
    }
    return bytes.flip();
  }

  /** The exception that says what is wrong with this file. */
  IllegalArgumentException bad(String why) {
    return new IllegalArgumentException(path + " " + why);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
