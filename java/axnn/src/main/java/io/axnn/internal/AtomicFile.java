package io.axnn.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;

/**
 * Writes files that appear whole or not at all: under another name in the same folder first, then
 * moved to their place.
 */
final class AtomicFile {

  private AtomicFile() {}

  /** Writes a file, in place of what is there. */
  static void write(Path path, List<ByteBuffer> parts) throws IOException {
    Path whole = path.toAbsolutePath();
    Path unfinished = whole.resolveSibling(".unfinished-" + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        for (ByteBuffer part : parts) {
          while (part.hasRemaining()) {
            channel.write(part);
          }
        }
        channel.force(true);
      }
      Files.move(unfinished, whole, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }
}
