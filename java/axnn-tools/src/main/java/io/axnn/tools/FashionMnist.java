package io.axnn.tools;

import io.axnn.tools.data.LabelledImages;
import io.axnn.tools.data.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the Fashion-MNIST images are: a part in the checkout, all of them in a Debian package. */
final class FashionMnist {
  /** The pixels' mean and deviation over the training set, as the networks were trained with. */
  static final Normalization NORMALIZATION = new Normalization(0.2860f, 0.3530f);

  /** Where Debian's dataset-fashion-mnist puts its files. */
  static final Path PACKAGE_FOLDER = Path.of("/usr/share/datasets/fashion-mnist");

  static final int EMBEDDED_IMAGES = 1_000;
  static final int ALL_IMAGES = 10_000;

  private FashionMnist() {}

  /** The first {@code count} test images: those of the checkout if they suffice. */
  static LabelledImages testImages(Path testdata, int count) throws IOException {
    return read(folder(testdata, count), "t10k").first(count);
  }

  /** The training images of the checkout, for calibration. */
  static LabelledImages trainingImages(Path testdata) throws IOException {
    return read(testdata.resolve("fashion-mnist"), "train");
  }

  /** True if that many test images are on this machine. */
  static boolean available(Path testdata, int count) {
    return Files.isReadable(imageFile(folder(testdata, count), "t10k"));
  }

  private static Path folder(Path testdata, int count) {
    return count <= EMBEDDED_IMAGES ? testdata.resolve("fashion-mnist") : PACKAGE_FOLDER;
  }

  private static LabelledImages read(Path folder, String part) throws IOException {
    return LabelledImages.readIdx(
        imageFile(folder, part), folder.resolve(part + "-labels-idx1-ubyte.gz"));
  }

  private static Path imageFile(Path folder, String part) {
    return folder.resolve(part + "-images-idx3-ubyte.gz");
  }
}
