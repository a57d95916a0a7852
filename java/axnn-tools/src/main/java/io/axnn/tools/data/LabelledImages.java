package io.axnn.tools.data;

import io.axnn.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Images of one size with a label each, in memory: bytes take a byte a pixel, floats four.
 * Immutable.
 *
 * <p>Of a color image the channels are red, green and blue, unless {@link #withChannelOrder} says
 * otherwise.
 */
public final class LabelledImages {
  private final int[] shape;
  private final Pixels pixels;
  private final int[] labels;
  private final int start;
  private final int size;
  private final ChannelOrder order;

  /**
   * Takes arrays that nobody writes any more.
   *
   * @param shape channels, height and width
   * @param pixels of as many images as there are labels
   * @param labels one an image
   */
  LabelledImages(int[] shape, Pixels pixels, int[] labels) {
    this(shape, pixels, labels, 0, labels.length, ChannelOrder.RGB);
  }

  private LabelledImages(
      int[] shape, Pixels pixels, int[] labels, int start, int size, ChannelOrder order) {
    this.shape = shape;
    this.pixels = pixels;
    this.labels = labels;
    this.start = start;
    this.size = size;
    this.order = order;
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
    return IdxImages.read(imageFile, labelFile, Integer.MAX_VALUE);
  }

  /**
   * Reads a pair of .npy files.
   *
   * @param imageFile uint8 or float32: [n, h, w], or with channels in the order of {@code layout}
   * @param labelFile integers of any type: [n] or [n, 1]
   * @param layout of images with channels
   * @return the images
   * @throws IOException if a file cannot be read
   * @throws DataException if a file is damaged or holds anything else, a float is not finite, a
   *     label is negative, or the two files do not belong together
   */
  public static LabelledImages readNpy(Path imageFile, Path labelFile, Layout layout)
      throws IOException {
    return NpyImages.read(imageFile, labelFile, layout, Integer.MAX_VALUE);
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
    return Cifar10File.read(files, Integer.MAX_VALUE);
  }

  /**
   * Reads a folder of PNG and JPEG files in a folder for each class. The classes are numbered in
   * the order of their names, from 0; names that start with a dot are left out.
   *
   * @param folder with the classes' folders
   * @param channels 1 for grey images, 3 for color; the files are converted
   * @return the first image of each class, then the second of each and so on, in the order of their
   *     names, so that a part of them has something of every class
   * @throws IOException if a file cannot be read
   * @throws DataException if a file is no image, sizes differ, or there is none
   */
  public static LabelledImages readFolder(Path folder, int channels) throws IOException {
    return ImageFolder.read(folder, channels, Integer.MAX_VALUE);
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
    return range(0, count);
  }

  /**
   * Some of these images, as to hold them out for calibration.
   *
   * @param from index of the first, from 0
   * @param count at least 1; no more than there are from that one on
   * @return that many; they share the memory of these
   */
  public LabelledImages range(int from, int count) {
    if (from < 0 || from >= size) {
      throw new IllegalArgumentException("from is %d; allowed: 0 to %d".formatted(from, size - 1));
    }
    if (count < 1 || count > size - from) {
      throw new IllegalArgumentException(
          "count is %d; allowed: 1 to %d, the images from index %d on"
              .formatted(count, size - from, from));
    }
    return new LabelledImages(shape, pixels, labels, start + from, count, order);
  }

  /**
   * These images with their channels in another order.
   *
   * @param channelOrder what the batches have
   * @return the images, which share the memory of these
   * @throws IllegalArgumentException if BGR is wanted of images without three channels
   */
  public LabelledImages withChannelOrder(ChannelOrder channelOrder) {
    if (channelOrder == ChannelOrder.BGR && shape[0] != 3) {
      throw new IllegalArgumentException(
          "channelOrder is BGR, but the images have %d channels, not 3".formatted(shape[0]));
    }
    return new LabelledImages(shape, pixels, labels, start, size, channelOrder);
  }

  /**
   * All images in their order; the last batch may be smaller.
   *
   * @param batchSize at least 1
   * @param normalization of the pixels, for as many channels as the images have, in the order of
   *     the set whatever that of the batches, or for all alike
   * @return the batches; each is made when it is asked for and not kept
   */
  public List<Batch> batches(int batchSize, Normalization normalization) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize is " + batchSize + "; the least is 1");
    }
    return new Batches(batchSize, normalization.readers(pixels, shape[0]));
  }

  /**
   * The size of an image.
   *
   * @return channels, height and width
   */
  public int[] imageShape() {
    return shape.clone();
  }

  /** What {@link #batches} gives. A large set's numbers would take four times its bytes. */
  private final class Batches extends AbstractList<Batch> implements RandomAccess {
    private final int batchSize;
    private final List<Pixels.ChannelReader> readers;

    Batches(int batchSize, List<Pixels.ChannelReader> readers) {
      this.batchSize = batchSize;
      this.readers = readers;
    }

    @Override
    public int size() {
      return Math.ceilDiv(size, batchSize);
    }

    @Override
    public Batch get(int index) {
      Objects.checkIndex(index, size());
      int from = start + index * batchSize;
      int count = Math.min(batchSize, start + size - from);
      int plane = shape[1] * shape[2];
      float[] values = new float[Math.multiplyExact(count, shape[0] * plane)];
      for (int to = 0; to < count * shape[0]; to++) {
        int image = from + to / shape[0];
        int given = to % shape[0];
        int channel = order == ChannelOrder.BGR ? shape[0] - 1 - given : given;
        readers.get(channel).read((image * shape[0] + channel) * plane, values, to * plane, plane);
      }
      return new Batch(
          Tensor.of(values, count, shape[0], shape[1], shape[2]),
          Arrays.stream(labels, from, from + count).boxed().toList());
    }
  }
}
