package io.axnn.tools.data;

import io.axnn.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Images of one size with a label each. Immutable.
 *
 * <p>Of a color image the channels are red, green and blue.
 */
public final class LabelledImages {
  private final int[] shape;
  private final byte[] pixels;
  private final int[] labels;
  private final int size;

  /**
   * Takes arrays that nobody writes any more.
   *
   * @param shape channels, height and width
   * @param pixels of all images, image by image and channel by channel
   * @param labels one an image
   */
  LabelledImages(int[] shape, byte[] pixels, int[] labels) {
    this(shape, pixels, labels, labels.length);
  }

  private LabelledImages(int[] shape, byte[] pixels, int[] labels, int size) {
    this.shape = shape;
    this.pixels = pixels;
    this.labels = labels;
    this.size = size;
  }

  /**
   * A batch.
   *
   * @param images float32 [n, channels, height, width], normalised
   * @param labels one an image
   */
  public record Batch(Tensor images, List<Integer> labels) {}

  /**
   * Reads a pair of IDX files.
   *
   * @param imageFile bytes [n, height, width]
   * @param labelFile bytes [n]
   * @return the images
   * @throws IOException if a file cannot be read
   * @throws DataException if a file is damaged or the two do not belong together
   */
  public static LabelledImages readIdx(Path imageFile, Path labelFile) throws IOException {
    IdxFile images = IdxFile.read(imageFile);
    IdxFile labels = IdxFile.read(labelFile);
    if (images.rank() != 3) {
      throw new DataException(
          imageFile, "it has %d dimensions; images have 3".formatted(images.rank()));
    }
    if (labels.rank() != 1) {
      throw new DataException(
          labelFile, "it has %d dimensions; labels have 1".formatted(labels.rank()));
    }
    if (images.dimension(0) != labels.dimension(0)) {
      throw new DataException(
          labelFile,
          "it has %d labels for the %d images of %s"
              .formatted(labels.dimension(0), images.dimension(0), imageFile));
    }
    int[] numbers = new int[labels.data().length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Byte.toUnsignedInt(labels.data()[i]);
    }
    return new LabelledImages(
        new int[] {1, images.dimension(1), images.dimension(2)}, images.data(), numbers);
  }

  /**
   * Reads files in CIFAR-10's binary format: for each image a byte of label, then 32 x 32 bytes of
   * red, of green and of blue.
   *
   * @param files one or more, whose images follow each other
   * @return the images
   * @throws IOException if a file cannot be read
   * @throws DataException if a file does not have the format's length or has a label above 9
   */
  public static LabelledImages readCifar10(List<Path> files) throws IOException {
    return Cifar10File.read(files);
  }

  /**
   * Reads a folder of PNG and JPEG files in a folder for each class. The classes are numbered in
   * the order of their names, from 0.
   *
   * @param folder with the classes' folders
   * @param channels 1 for grey images, 3 for color; the files are converted
   * @return the images, class by class, in the order of their names
   * @throws IOException if a file cannot be read
   * @throws DataException if a file is no image, sizes differ, or there is none
   */
  public static LabelledImages readFolder(Path folder, int channels) throws IOException {
    return ImageFolder.read(folder, channels);
  }

  /**
   * How many images there are.
   *
   * @return at least 1
   */
  public int size() {
    return size;
  }

  /**
   * The first of these images.
   *
   * @param count from 1 to {@link #size()}
   * @return that many
   */
  public LabelledImages first(int count) {
    if (count < 1 || count > size) {
      throw new IllegalArgumentException("count is %d; there are %d images".formatted(count, size));
    }
    return new LabelledImages(shape, pixels, labels, count);
  }

  /**
   * All images in their order; the last batch may be smaller.
   *
   * @param batchSize at least 1
   * @param normalization of the pixels, for as many channels as the images have or for all alike
   * @return the batches
   */
  public List<Batch> batches(int batchSize, Normalization normalization) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize is " + batchSize + "; the least is 1");
    }
    List<float[]> tables = normalization.tables(shape[0]);
    List<Batch> batches = new ArrayList<>();
    for (int from = 0; from < size; from += batchSize) {
      batches.add(batch(from, Math.min(size, from + batchSize), tables));
    }
    return List.copyOf(batches);
  }

  /**
   * The size of an image.
   *
   * @return channels, height and width
   */
  public int[] imageShape() {
    return shape.clone();
  }

  private Batch batch(int from, int to, List<float[]> tables) {
    int plane = Math.multiplyExact(shape[1], shape[2]);
    int image = Math.multiplyExact(shape[0], plane);
    float[] values = new float[Math.multiplyExact(to - from, image)];
    for (int i = 0; i < values.length; i++) {
      int channel = i / plane % shape[0];
      values[i] = tables.get(channel)[Byte.toUnsignedInt(pixels[from * image + i])];
    }
    return new Batch(
        Tensor.of(values, to - from, shape[0], shape[1], shape[2]),
        Arrays.stream(labels, from, to).boxed().toList());
  }
}
