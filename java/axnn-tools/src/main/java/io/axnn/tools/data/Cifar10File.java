package io.axnn.tools.data;

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
  private static final int[] SHAPE = {3, 32, 32};
  private static final int PIXELS = 3 * 32 * 32;
  private static final int RECORD = 1 + PIXELS;
  private static final int CLASSES = 10;

  private Cifar10File() {}

  static LabelledImages read(List<Path> files) throws IOException {
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
    int images = Math.toIntExact(bytes / RECORD);
    byte[] pixels = new byte[Math.multiplyExact(images, PIXELS)];
    int[] labels = new int[images];
    int image = 0;
    for (Path file : files) {
      byte[] data = Files.readAllBytes(file);
      for (int from = 0; from + RECORD <= data.length && image < images; from += RECORD) {
        labels[image] = Byte.toUnsignedInt(data[from]);
        if (labels[image] >= CLASSES) {
          throw new DataException(
              file,
              "image %d has label %d; labels are 0 to 9".formatted(from / RECORD, labels[image]));
        }
        System.arraycopy(data, from + 1, pixels, image * PIXELS, PIXELS);
        image++;
      }
    }
    return new LabelledImages(SHAPE, pixels, labels);
  }
}
