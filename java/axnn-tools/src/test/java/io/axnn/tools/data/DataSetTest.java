package io.axnn.tools.data;

import static io.axnn.tools.data.ImageFiles.IDX_IMAGES;
import static io.axnn.tools.data.ImageFiles.IDX_LABELS;
import static io.axnn.tools.data.ImageFiles.cifar;
import static io.axnn.tools.data.ImageFiles.draw;
import static io.axnn.tools.data.ImageFiles.drawRows;
import static io.axnn.tools.data.ImageFiles.gzip;
import static io.axnn.tools.data.ImageFiles.idx;
import static io.axnn.tools.data.ImageFiles.npy;
import static io.axnn.tools.data.ImageFiles.pixels;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.tools.testing.TestData;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets by what users call them. */
class DataSetTest {
  private static final DataOptions ANY = DataOptions.forInput(-1, -1, -1, -1);
  private static final Normalization AS_THEY_ARE = new Normalization(0, 1 / 255f);

  @TempDir Path folder;
  private FetchedData fetched;

  @BeforeEach
  void nothingIsFetched() {
    fetched = new FetchedData(folder.resolve("cache"), folder.resolve("packages"));
  }

  private DataSet open(String set, DataOptions options) throws IOException {
    return DataSet.open(set, options, fetched);
  }

  private DataSet open(Path set) throws IOException {
    return open(set.toString(), ANY);
  }

  private Path write(String name, byte[] contents) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, contents);
  }

  private static List<Integer> labels(LabelledImages images) {
    return images.batches(images.size(), AS_THEY_ARE).getFirst().labels();
  }

  /** A part of an IDX folder whose images are 1 x 2, with the labels 0, 1, 2 ... */
  private void writeIdx(String place, String part, int images) throws IOException {
    write(
        "%s/%s-images-idx3-ubyte".formatted(place, part),
        idx(IDX_IMAGES, new int[] {images, 1, 2}, 2 * images));
    write(
        "%s/%s-labels-idx1-ubyte.gz".formatted(place, part),
        gzip(idx(IDX_LABELS, new int[] {images}, images)));
  }

  @Test
  void filesOfAFormat() throws IOException {
    Path images = write("i.idx", idx(IDX_IMAGES, new int[] {3, 1, 2}, 6));
    Path labels = write("l.idx", idx(IDX_LABELS, new int[] {3}, 3));
    DataSet idx = open("idx:%s,%s".formatted(images, labels), ANY);
    assertThat(labels(idx.test())).containsExactly(0, 1, 2);
    assertThat(labels(idx.test(2))).containsExactly(0, 1);
    assertThat(labels(idx.test(4))).containsExactly(0, 1, 2);
    assertThat(idx.training()).isEmpty();
    assertThat(idx.training(5)).isEmpty();
    assertThat(idx.normalization()).isEqualTo(Normalization.NONE);
    assertThat(idx.classNames()).isEmpty();
    assertThat(idx.name()).isEqualTo("idx:%s,%s".formatted(images, labels));

    Path array = write("i.npy", npy("|u1", "(1, 1, 2, 3)", new byte[] {1, 2, 3, 4, 5, 6}));
    Path arrayLabels = write("l.npy", npy("|u1", "(1,)", new byte[] {7}));
    String npy = "npy:%s,%s".formatted(array, arrayLabels);
    assertThat(open(npy, ANY).test().imageShape()).containsExactly(1, 2, 3);
    LabelledImages last =
        open(npy, ANY.withLayout(Layout.NHWC).withChannelOrder(ChannelOrder.BGR)).test();
    assertThat(last.imageShape()).containsExactly(3, 1, 2);
    assertThat(pixels(last.batches(1, AS_THEY_ARE).getFirst())).containsExactly(3, 6, 2, 5, 1, 4);

    Path one = write("1.bin", cifar(3, 10));
    Path two = write("2.bin", cifar(4, 20));
    DataSet cifar = open("cifar10:%s,%s".formatted(one, two), ANY);
    assertThat(labels(cifar.test())).containsExactly(3, 4);
    assertThat(cifar.training()).isEmpty();
    assertThat(cifar.classNames().get(3)).isEqualTo("cat");
    assertThat(cifar.normalization().means()).containsExactly(0.4914f, 0.4822f, 0.4465f);
  }

  @Test
  void theEmbeddedFolderIsFashionMnistByItsName() throws IOException {
    DataSet set =
        open(
            TestData.folder().resolve("fashion-mnist").toString(),
            DataOptions.forInput(-1, 1, 28, 28));
    assertThat(set.test().size()).isEqualTo(1000);
    assertThat(labels(set.test(5))).containsExactly(9, 2, 1, 1, 6);
    assertThat(set.training().orElseThrow().size()).isEqualTo(200);
    assertThat(set.training(50).orElseThrow().size()).isEqualTo(50);
    assertThat(set.normalization()).isEqualTo(new Normalization(0.2860f, 0.3530f));
    assertThat(set.classNames()).hasSize(10).startsWith("T-shirt/top").endsWith("Ankle boot");
  }

  @Test
  void anIdxFolderOfAnotherNameIsOfAnUnknownSet() throws IOException {
    writeIdx("digits", "t10k", 2);
    DataSet set = open(folder.resolve("digits"));
    assertThat(labels(set.test())).containsExactly(0, 1);
    assertThat(set.training()).isEmpty();
    assertThat(set.normalization()).isEqualTo(Normalization.NONE);
    assertThat(set.classNames()).isEmpty();
    writeIdx("cifar10", "t10k", 2);
    assertThat(open(folder.resolve("cifar10")).normalization()).isEqualTo(Normalization.NONE);
    writeIdx("digits", "train", 4);
    assertThat(open(folder.resolve("digits")).training().map(LabelledImages::size)).hasValue(4);
  }

  @Test
  void anIdxFolderThatLacksAFileIsRefused() throws IOException {
    writeIdx("set", "train", 2);
    assertThatThrownBy(() -> open(folder.resolve("set")))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("set", "t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz");
    writeIdx("set", "t10k", 2);
    Files.delete(folder.resolve("set/train-labels-idx1-ubyte.gz"));
    assertThatThrownBy(() -> open(folder.resolve("set")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train-labels-idx1-ubyte");
  }

  @Test
  void foldersOfCifar10InEitherForm() throws IOException {
    write("binary/test_batch.bin", cifar(1, 0, 2, 0));
    DataSet binary = open(folder.resolve("binary"));
    assertThat(labels(binary.test())).containsExactly(1, 2);
    assertThat(binary.training()).isEmpty();
    write("binary/data_batch_1.bin", cifar(3, 0));
    write("binary/data_batch_2.bin", cifar(4, 0));
    binary = open(folder.resolve("binary"));
    assertThat(labels(binary.training().orElseThrow())).containsExactly(3, 4);
    assertThat(labels(binary.training(1).orElseThrow())).containsExactly(3);
    assertThat(binary.normalization().deviations()).containsExactly(0.2470f, 0.2435f, 0.2616f);

    drawRows(folder.resolve("pictures/test_batch.png"), 0x010203);
    drawRows(folder.resolve("pictures/data_batch_1.png"), 0x040506, 0x070809);
    drawRows(folder.resolve("pictures/data_batch_2.png"), 0x0a0b0c);
    assertThatThrownBy(() -> open(folder.resolve("pictures")))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("pictures", "test_lables.json");
    write("pictures/test_lables.json", "[6]".getBytes(US_ASCII));
    assertThatThrownBy(() -> open(folder.resolve("pictures")))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("pictures", "train_lables.json");
    write("pictures/train_lables.json", "[7,8,9]".getBytes(US_ASCII));
    DataSet pictures = open(folder.resolve("pictures"));
    assertThat(labels(pictures.test())).containsExactly(6);
    assertThat(labels(pictures.training().orElseThrow())).containsExactly(7, 8, 9);
    assertThat(labels(pictures.training(2).orElseThrow())).containsExactly(7, 8);
    assertThat(pictures.classNames()).isEqualTo(binary.classNames());
    assertThat(pictures.normalization()).isEqualTo(binary.normalization());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "folder:"})
  void foldersOfImages(String format) throws IOException {
    draw(folder.resolve("set/cat/1.png"), BufferedImage.TYPE_INT_RGB, 0x010203, 0);
    draw(folder.resolve("set/dog/1.png"), BufferedImage.TYPE_INT_RGB, 0x040506, 0);
    String name = format + folder.resolve("set");
    DataSet set = open(name, ANY);
    assertThat(set.test().imageShape()).containsExactly(3, 1, 2);
    assertThat(labels(set.test(1))).containsExactly(0);
    assertThat(set.training()).isEmpty();
    assertThat(set.classNames()).containsExactly("cat", "dog");
    assertThat(set.normalization()).isEqualTo(Normalization.NONE);
    DataSet grey = open(name, DataOptions.forInput(-1, 1, -1, -1));
    assertThat(grey.test().imageShape()).containsExactly(1, 1, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"test", "val"})
  void foldersOfImagesInParts(String part) throws IOException {
    draw(folder.resolve("set/%s/cat/1.png".formatted(part)), BufferedImage.TYPE_INT_RGB, 1, 2);
    draw(folder.resolve("set/%s/dog/1.png".formatted(part)), BufferedImage.TYPE_INT_RGB, 3, 4);
    assertThat(open(folder.resolve("set")).training()).isEmpty();
    draw(folder.resolve("set/train/dog/1.png"), BufferedImage.TYPE_INT_RGB, 5, 6);
    draw(folder.resolve("set/train/dog/2.png"), BufferedImage.TYPE_INT_RGB, 7, 8);
    assertThatThrownBy(() -> open(folder.resolve("set")))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("train", "[dog]", part, "[cat, dog]");
    draw(folder.resolve("set/train/cat/1.png"), BufferedImage.TYPE_INT_RGB, 9, 10);
    DataSet set = open(folder.resolve("set"));
    assertThat(labels(set.test())).containsExactly(0, 1);
    assertThat(labels(set.training().orElseThrow())).containsExactly(0, 1, 1);
    assertThat(set.classNames()).containsExactly("cat", "dog");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fashion-mnist", "mnist", "cifar10"})
  void whatWasNotFetchedNamesTheScript(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open(name, ANY))
        .withMessageContaining(folder.resolve("cache").resolve(name).toString())
        .withMessageEndingWith("scripts/fetch-data.sh " + name);
  }

  @Test
  void fetchedSetsAreFoundByName() throws IOException {
    writeIdx("cache/mnist", "t10k", 1);
    assertThat(open("mnist", ANY).normalization()).isEqualTo(new Normalization(0.1307f, 0.3081f));
    assertThat(open("mnist", ANY).classNames()).startsWith("0").endsWith("9").hasSize(10);
    write("cache/cifar10/test_batch.bin", cifar(9, 0));
    assertThat(labels(open("cifar10", ANY).test())).containsExactly(9);
    writeIdx("packages/fashion-mnist", "t10k", 2);
    assertThat(open("fashion-mnist", ANY).test().size()).isEqualTo(2);
    assertThat(open("fashion-mnist", ANY).classNames()).contains("Sneaker");
    writeIdx("cache/fashion-mnist", "t10k", 3);
    assertThat(open("fashion-mnist", ANY).test().size()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "imagenet, understood",
    "'', understood",
    "images.npy, npy:IMAGES",
    "npz:a, understood",
    "'idx:a.idx,b.idx', a.idx",
    "cifar10:, cifar10:",
    "folder:missing, missing"
  })
  void otherWordsAreRefusedWithWhatIsUnderstood(String set, String word) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open(set, ANY))
        .withMessageContaining(word);
  }

  @Test
  void aFolderOfNothingKnownIsRefusedWithWhatIsUnderstood() throws IOException {
    write("set/notes/readme.txt", new byte[1]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open(folder.resolve("set")))
        .withMessageStartingWith("'" + folder.resolve("set"))
        .withMessageContaining("fashion-mnist, mnist, cifar10")
        .withMessageContaining("idx:IMAGES,LABELS")
        .withMessageContaining("npy:IMAGES,LABELS")
        .withMessageContaining("cifar10:FILE[,FILE...]")
        .withMessageContaining("folder:DIR")
        .withMessageContaining("t10k-images-idx3-ubyte")
        .withMessageContaining("test_batch.png");
  }

  @Test
  void pairsAreOfTwoFilesThatExist() throws IOException {
    Path file = write("one.idx", new byte[1]);
    for (String format : List.of("idx", "npy")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> open(format + ":" + file, ANY))
          .withMessageContaining("names 1 files")
          .withMessageContaining("IMAGES,LABELS");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> open("%s:%s,%s,%s".formatted(format, file, file, file), ANY))
          .withMessageContaining("names 3 files");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> open("%s:%s,%s.txt".formatted(format, file, file), ANY))
          .withMessageContaining("'%s.txt', which is not there".formatted(file));
    }
  }

  @Test
  void imagesOfAnotherSizeThanTheNetworksAreRefused() throws IOException {
    writeIdx("set", "t10k", 1);
    writeIdx("set", "train", 1);
    DataSet fits = open(folder.resolve("set").toString(), DataOptions.forInput(1, 1, -1, 2));
    assertThat(fits.test().imageShape()).containsExactly(1, 1, 2);
    DataSet set = open(folder.resolve("set").toString(), DataOptions.forInput(-1, 3, -1, 32));
    assertThatIllegalArgumentException()
        .isThrownBy(set::test)
        .withMessageContaining(folder.resolve("set").toString())
        .withMessageContaining("1 x 1 x 2")
        .withMessageContaining("3 x * x 32");
    assertThatIllegalArgumentException().isThrownBy(set::training);

    Path array = write("i.npy", npy("|u1", "(1, 1, 2, 3)", new byte[6]));
    Path labels = write("l.npy", npy("|u1", "(1,)", new byte[1]));
    DataSet npy = open("npy:%s,%s".formatted(array, labels), DataOptions.forInput(-1, 3, 1, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(npy::test)
        .withMessageContaining("1 x 2 x 3")
        .withMessageContaining("layout NCHW")
        .withMessageContaining("3 x 1 x 2");
  }

  @Test
  void optionsGoBeforeWhatIsKnown() throws IOException {
    Normalization own = new Normalization(0.5f, 0.5f);
    write("set/test_batch.bin", cifar(0, 100));
    DataSet set =
        open(
            folder.resolve("set").toString(),
            ANY.withNormalization(own).withChannelOrder(ChannelOrder.BGR));
    assertThat(set.normalization()).isEqualTo(own);
    assertThat(pixels(set.test().batches(1, AS_THEY_ARE).getFirst())[0]).isEqualTo(102);
    writeIdx("grey", "t10k", 1);
    DataSet grey = open(folder.resolve("grey").toString(), ANY.withChannelOrder(ChannelOrder.BGR));
    assertThatIllegalArgumentException().isThrownBy(grey::test).withMessageContaining("BGR");
  }

  @Test
  void wrongArgumentsAreRefused() throws IOException {
    writeIdx("set", "t10k", 1);
    DataSet set = open(folder.resolve("set"));
    assertThatIllegalArgumentException().isThrownBy(() -> set.test(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataOptions.forInput(-1, 0, 28, 28))
        .withMessageContaining("[0, 28, 28]");
    assertThat(DataOptions.forInput(-1, 784).imageShape()).containsExactly(-1, -1, -1);
  }

  @Test
  void moreImagesThanMemoryIsOneSentence() {
    assertThatThrownBy(() -> ImageArray.length(folder, 1 << 20, new int[] {3, 224, 224}, 1))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(folder.toString())
        .hasMessageContainingAll("1048576 images of 3 x 224 x 224", "147.0 GB", "-Xmx");
    int tooMany = (int) Math.min(1 << 30, Runtime.getRuntime().maxMemory() / 4096 + 1);
    assertThatThrownBy(() -> ImageArray.length(folder, tooMany, new int[] {1, 32, 32}, 4))
        .isInstanceOf(DataException.class);
    int huge = Integer.MAX_VALUE;
    assertThatThrownBy(() -> ImageArray.length(folder, huge, new int[] {huge, huge, huge}, 4))
        .isInstanceOf(DataException.class);
    assertThat(ImageArray.length(folder, 10, new int[] {3, 32, 32}, 4)).isEqualTo(30720);
  }

  @Test
  void theCacheFolderFollowsTheEnvironment() {
    assertThat(cache(Map.of("AXNN_DATA_DIR", "/d", "XDG_CACHE_HOME", "/x"))).isEqualTo("/d");
    assertThat(cache(Map.of("AXNN_DATA_DIR", "", "XDG_CACHE_HOME", "/x", "HOME", "/h")))
        .isEqualTo("/x/axnn/data");
    assertThat(cache(Map.of("XDG_CACHE_HOME", "relative", "HOME", "/h")))
        .isEqualTo("/h/.cache/axnn/data");
    assertThat(cache(Map.of())).isEqualTo("/somebody/.cache/axnn/data");
  }

  private static String cache(Map<String, String> environment) {
    return FetchedData.of(environment, "/somebody").folder().toString();
  }
}
