package io.axnn.tools.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Recognises a set by what the user calls it: a name, a format and its files, or a folder that has
 * files of well-known names.
 */
final class DataSourceFinder {
  private static final String UNDERSTOOD =
      """
      understood are
        fashion-mnist, mnist, cifar10   what scripts/fetch-data.sh fetched
        idx:IMAGES,LABELS               two IDX files, plain or gzip
        npy:IMAGES,LABELS               two .npy files
        cifar10:FILE[,FILE...]          files in the binary format of CIFAR-10
        folder:DIR                      PNG and JPEG files as class/image.png, or as test/class/image.png
                                        (or val) and train/class/image.png
        DIR                             any of these folders, or one with t10k-images-idx3-ubyte[.gz],
                                        test_batch.bin or test_batch.png""";

  private static final String IDX_IMAGES = "-images-idx3-ubyte";
  private static final String IDX_LABELS = "-labels-idx1-ubyte";

  /** The files of CIFAR-10's training images are numbered from 1. */
  private static final int CIFAR10_TRAINING_FILES = 5;

  private final DataOptions options;
  private final FetchedData fetched;

  DataSourceFinder(DataOptions options, FetchedData fetched) {
    this.options = options;
    this.fetched = fetched;
  }

  /**
   * Recognises a set.
   *
   * @throws IllegalArgumentException if the text means no set, or one that was not fetched
   * @throws DataException if a file is missing
   */
  DataSource find(String set) throws IOException {
    try {
      Optional<KnownSet> known = KnownSet.named(set);
      if (known.isPresent()) {
        return recognise(fetched.find(known.get()));
      }
      int colon = set.indexOf(':');
      String rest = set.substring(colon + 1);
      return switch (set.substring(0, colon + 1)) {
        case "idx:" -> idx(pair(set, rest));
        case "npy:" -> npy(pair(set, rest));
        case "cifar10:" -> cifar10(files(set, rest), List.of());
        case "folder:" -> folder(Path.of(rest));
        default -> recognise(Path.of(set));
      };
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'%s' is no data set; %s".formatted(set, UNDERSTOOD), e);
    }
  }

  private static List<Path> pair(String set, String names) {
    List<Path> files = files(set, names);
    if (files.size() != 2) {
      throw new IllegalArgumentException(
          "'%s' names %d files; two are needed, as IMAGES,LABELS".formatted(set, files.size()));
    }
    return files;
  }

  private static List<Path> files(String set, String names) {
    List<Path> files = Arrays.stream(names.split(",", -1)).map(Path::of).toList();
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException(
            "'%s' names the file '%s', which is not there".formatted(set, file));
      }
    }
    return files;
  }

  private static DataSource idx(List<Path> pair) {
    return DataSource.unknown(
        atMost -> IdxImages.read(pair.getFirst(), pair.getLast(), atMost), Optional.empty());
  }

  private DataSource npy(List<Path> pair) {
    return DataSource.unknown(
        atMost -> NpyImages.read(pair.getFirst(), pair.getLast(), options.layout(), atMost),
        Optional.empty());
  }

  private static DataSource cifar10(List<Path> test, List<Path> training) {
    return DataSource.known(
        atMost -> Cifar10File.read(test, atMost),
        training.isEmpty()
            ? Optional.empty()
            : Optional.of(atMost -> Cifar10File.read(training, atMost)),
        KnownSet.CIFAR10);
  }

  private DataSource recognise(Path folder) throws IOException {
    if (exists(folder, "t10k" + IDX_IMAGES) || exists(folder, "train" + IDX_IMAGES)) {
      return idxFolder(folder);
    }
    if (Files.isRegularFile(folder.resolve("test_batch.bin"))) {
      return cifar10(List.of(folder.resolve("test_batch.bin")), trainingFiles(folder, ".bin"));
    }
    if (Files.isRegularFile(folder.resolve("test_batch.png"))) {
      return cifar10Pictures(folder);
    }
    if (Files.isDirectory(folder) && (ImageFolder.hasImages(folder) || hasParts(folder))) {
      return folder(folder);
    }
    throw new IllegalArgumentException("'%s' is no data set; %s".formatted(folder, UNDERSTOOD));
  }

  private static DataSource idxFolder(Path folder) {
    DataSource.Part test = idxPart(folder, "t10k");
    Optional<DataSource.Part> training =
        exists(folder, "train" + IDX_IMAGES)
            ? Optional.of(idxPart(folder, "train"))
            : Optional.empty();
    // The files of MNIST and its successors have the same names; the folder's tells them apart.
    return Optional.ofNullable(folder.toAbsolutePath().normalize().getFileName())
        .flatMap(name -> KnownSet.named(name.toString()))
        .filter(set -> set != KnownSet.CIFAR10)
        .map(set -> DataSource.known(test, training, set))
        .orElseGet(() -> DataSource.unknown(test, training));
  }

  private static DataSource.Part idxPart(Path folder, String part) {
    Path images = plainOrGzip(folder, part + IDX_IMAGES);
    Path labels = plainOrGzip(folder, part + IDX_LABELS);
    return atMost -> IdxImages.read(images, labels, atMost);
  }

  private static boolean exists(Path folder, String name) {
    return Files.isRegularFile(folder.resolve(name))
        || Files.isRegularFile(folder.resolve(name + ".gz"));
  }

  private static Path plainOrGzip(Path folder, String name) {
    if (!exists(folder, name)) {
      throw new DataException(folder, "it has no file %s or %s.gz".formatted(name, name));
    }
    Path plain = folder.resolve(name);
    return Files.isRegularFile(plain) ? plain : folder.resolve(name + ".gz");
  }

  private static DataSource cifar10Pictures(Path folder) {
    List<Path> test = List.of(folder.resolve("test_batch.png"));
    List<Path> training = trainingFiles(folder, ".png");
    return DataSource.known(
        cifar10Part(folder, test, "test_lables.json"),
        training.isEmpty()
            ? Optional.empty()
            : Optional.of(cifar10Part(folder, training, "train_lables.json")),
        KnownSet.CIFAR10);
  }

  /** The package spells the names of its labels so. */
  private static DataSource.Part cifar10Part(Path folder, List<Path> files, String lables) {
    Path labels = folder.resolve(lables);
    if (!Files.isRegularFile(labels)) {
      throw new DataException(folder, "it has no file " + lables);
    }
    return atMost -> Cifar10Pictures.read(files, labels, atMost);
  }

  private static List<Path> trainingFiles(Path folder, String ending) {
    return IntStream.rangeClosed(1, CIFAR10_TRAINING_FILES)
        .mapToObj(number -> folder.resolve("data_batch_" + number + ending))
        .filter(Files::isRegularFile)
        .toList();
  }

  private DataSource folder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("'%s' is no folder".formatted(folder));
    }
    if (!hasParts(folder)) {
      return new DataSource(
          imagesOf(folder), Optional.empty(), Normalization.NONE, ImageFolder.classes(folder));
    }
    Path test = testFolder(folder);
    Path training = folder.resolve("train");
    List<String> classes = ImageFolder.classes(test);
    if (!Files.isDirectory(training)) {
      return new DataSource(imagesOf(test), Optional.empty(), Normalization.NONE, classes);
    }
    if (!ImageFolder.classes(training).equals(classes)) {
      throw new DataException(
          training,
          "its classes %s are not those of %s, %s"
              .formatted(ImageFolder.classes(training), test, classes));
    }
    return new DataSource(
        imagesOf(test), Optional.of(imagesOf(training)), Normalization.NONE, classes);
  }

  private static boolean hasParts(Path folder) throws IOException {
    Path test = testFolder(folder);
    return Files.isDirectory(test) && ImageFolder.hasImages(test);
  }

  private static Path testFolder(Path folder) {
    Path test = folder.resolve("test");
    return Files.isDirectory(test) ? test : folder.resolve("val");
  }

  private DataSource.Part imagesOf(Path folder) {
    int wanted = options.imageShape().getFirst();
    return atMost -> ImageFolder.read(folder, wanted == -1 ? 3 : wanted, atMost);
  }
}
