package io.axnn.tools.data;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How the images of a set are given to a network.
 *
 * @param imageShape channels, height and width that the network takes, -1 for any; images of
 *     another size are refused, and a folder's images are read with so many channels (3 for any)
 * @param layout of .npy images with channels
 * @param channelOrder of the batches
 * @param normalization empty for that of the set: its standard one if the set is known by name,
 *     none for others
 */
public record DataOptions(
    List<Integer> imageShape,
    Layout layout,
    ChannelOrder channelOrder,
    Optional<Normalization> normalization) {

  /** Checks and copies the shape. */
  public DataOptions {
    imageShape = List.copyOf(imageShape);
    if (imageShape.size() != 3 || imageShape.stream().anyMatch(size -> size < 1 && size != -1)) {
      throw new IllegalArgumentException(
          "imageShape is %s; allowed: channels, height and width, each 1 or more or -1 for any"
              .formatted(imageShape));
    }
  }

  /**
   * For a network's input: layout NCHW, channels as the set has them, the set's normalization.
   *
   * @param shape what the network declares, the number of images first, -1 for any size; one that
   *     has not four dimensions is left to the network to refuse
   * @return the options
   */
  public static DataOptions forInput(int... shape) {
    int[] image = shape.length == 4 ? Arrays.copyOfRange(shape, 1, 4) : new int[] {-1, -1, -1};
    return new DataOptions(
        Arrays.stream(image).boxed().toList(), Layout.NCHW, ChannelOrder.RGB, Optional.empty());
  }

  /**
   * These options with another layout.
   *
   * @param newLayout of .npy images with channels
   * @return the new options
   */
  public DataOptions withLayout(Layout newLayout) {
    return new DataOptions(imageShape, newLayout, channelOrder, normalization);
  }

  /**
   * These options with another order of the channels.
   *
   * @param newOrder of the batches
   * @return the new options
   */
  public DataOptions withChannelOrder(ChannelOrder newOrder) {
    return new DataOptions(imageShape, layout, newOrder, normalization);
  }

  /**
   * These options with a normalization in place of the set's.
   *
   * @param newNormalization in the set's order of the channels
   * @return the new options
   */
  public DataOptions withNormalization(Normalization newNormalization) {
    return new DataOptions(imageShape, layout, channelOrder, Optional.of(newNormalization));
  }
}
