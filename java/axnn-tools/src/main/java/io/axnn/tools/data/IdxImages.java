package io.axnn.tools.data;

import java.io.IOException;
import java.nio.file.Path;

/** Images and labels from a pair of IDX files. */
final class IdxImages {
  private IdxImages() {}

  /** Reads the first images. */
  static LabelledImages read(Path imageFile, Path labelFile, int atMost) throws IOException {
    IdxFile labels = IdxFile.read(labelFile);
    if (labels.rank() != 1) {
      throw new DataException(
          labelFile, "it has %d dimensions; labels have 1".formatted(labels.rank()));
    }
    IdxFile images = IdxFile.read(imageFile, atMost);
    if (images.rank() != 3) {
      throw new DataException(
          imageFile, "it has %d dimensions; images have 3".formatted(images.rank()));
    }
    if (images.dimension(0) != labels.dimension(0)) {
      throw new DataException(
          labelFile,
          "it has %d labels for the %d images of %s"
              .formatted(labels.dimension(0), images.dimension(0), imageFile));
    }
    int[] numbers = new int[Math.min(labels.data().length, atMost)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Byte.toUnsignedInt(labels.data()[i]);
    }
    return new LabelledImages(
        new int[] {1, images.dimension(1), images.dimension(2)},
        new Pixels.Bytes(images.data()),
        numbers);
  }
}
