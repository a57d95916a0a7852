package io.axnn.tools.data;

import java.util.List;
import java.util.Optional;

/** Data sets that are known by name: what {@code scripts/fetch-data.sh} fetches. */
enum KnownSet {
  FASHION_MNIST(
      "fashion-mnist",
      new Normalization(0.2860f, 0.3530f),
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot")),
  MNIST(
      "mnist",
      new Normalization(0.1307f, 0.3081f),
      List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")),
  CIFAR10(
      "cifar10",
      new Normalization(List.of(0.4914f, 0.4822f, 0.4465f), List.of(0.2470f, 0.2435f, 0.2616f)),
      List.of(
          "airplane",
          "automobile",
          "bird",
          "cat",
          "deer",
          "dog",
          "frog",
          "horse",
          "ship",
          "truck"));

  private final String id;
  private final Normalization normalization;
  private final List<String> classNames;

  KnownSet(String id, Normalization normalization, List<String> classNames) {
    this.id = id;
    this.normalization = normalization;
    this.classNames = classNames;
  }

  /** The set of that name. */
  static Optional<KnownSet> named(String id) {
    return List.of(values()).stream().filter(set -> set.id.equals(id)).findFirst();
  }

  /** What the user, the script and folders call it. */
  String id() {
    return id;
  }

  /** Means and deviations of its training images, of bytes / 255. */
  Normalization normalization() {
    return normalization;
  }

  /** Each in the place of its label. */
  List<String> classNames() {
    return classNames;
  }
}
