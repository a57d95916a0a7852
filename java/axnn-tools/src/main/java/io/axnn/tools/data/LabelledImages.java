package io.axnn.tools.data;

import io.axnn.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Grey images of one size with a label each. Immutable. */
public final class LabelledImages {
  private final IdxFile images;
  private final IdxFile labels;
  private final int size;

  private LabelledImages(IdxFile images, IdxFile labels, int size) {
    this.images = images;
    this.labels = labels;
    this.size = size;
  }

  /**
   * A batch.
   *
   * @param images float32 [n, 1, height, width], normalised
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
    return new LabelledImages(images, labels, images.dimension(0));
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
    return new LabelledImages(images, labels, count);
  }

  /**
   * All images in their order; the last batch may be smaller.
   *
   * @param batchSize at least 1
   * @param normalization of the pixels
   * @return the batches
   */
  public List<Batch> batches(int batchSize, Normalization normalization) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize is " + batchSize + "; the least is 1");
    }
    float[] table = normalization.table();
    List<Batch> batches = new ArrayList<>();
    for (int from = 0; from < size; from += batchSize) {
      batches.add(batch(from, Math.min(size, from + batchSize), table));
    }
    return List.copyOf(batches);
  }

  private Batch batch(int from, int to, float[] table) {
    int height = images.dimension(1);
    int width = images.dimension(2);
    int pixels = Math.multiplyExact(height, width);
    float[] values = new float[Math.multiplyExact(to - from, pixels)];
    for (int i = 0; i < values.length; i++) {
      values[i] = table[Byte.toUnsignedInt(images.data()[from * pixels + i])];
    }
    List<Integer> batchLabels = new ArrayList<>(to - from);
    for (byte label : Arrays.copyOfRange(labels.data(), from, to)) {
      batchLabels.add(Byte.toUnsignedInt(label));
    }
    return new Batch(Tensor.of(values, to - from, 1, height, width), List.copyOf(batchLabels));
  }
}
