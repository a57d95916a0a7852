package io.axnn.tools.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Files in the binary format of CIFAR-10.
 *
 * @see <a href="https://www.cs.toronto.edu/~kriz/cifar.html">the format's description</a>
 */
final class Cifar10File {
  static final int[] SHAPE = {3, 32, 32};
  static final int PIXELS = 3 * 32 * 32;
  static final int CLASSES = 10;
  private static final int RECORD = 1 + PIXELS;

  private Cifar10File() {}

  /** Reads the first images of files that follow each other. */
  static LabelledImages read(List<Path> files, int atMost) throws IOException {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("files is empty");
    }
    long bytes = 0;
    for (Path file : files) {
      long size = Files.size(file);
      if (size == 0 || size % RECORD != 0) {
        throw new DataException(
            file, "it has %d bytes; expected: %d for each image".formatted(size, RECORD));
      }
      bytes += size;
    }
    int images = (int) Math.min(bytes / RECORD, atMost);
    byte[] pixels = new byte[ImageArray.length(files.getFirst(), images, SHAPE, 1)];
    int[] labels = new int[images];
    int image = 0;
    for (Path file : files) {
      long inFile = Files.size(file) / RECORD;
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
        for (int i = 0; i < inFile && image < images; i++) {
          labels[image] = in.readUnsignedByte();
          if (labels[image] >= CLASSES) {
            throw new DataException(
                file, "image %d has label %d; labels are 0 to 9".formatted(i, labels[image]));
          }
          in.readFully(pixels, image * PIXELS, PIXELS);
          image++;
        }
      }
    }
    return new LabelledImages(SHAPE, new Pixels.Bytes(pixels), labels);
  }
}
