package io.axnn.tools.data;

import static io.axnn.tools.data.ImageFiles.npy;
import static io.axnn.tools.data.ImageFiles.pixels;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images and labels from .npy files, good ones and those that lie. */
@Timeout(60)
class NpyImagesTest {
  private static final Normalization AS_THEY_ARE = new Normalization(0, 1 / 255f);

  @TempDir Path folder;

  private Path write(String name, byte[] contents) throws IOException {
    return Files.write(folder.resolve(name), contents);
  }

  /** Labels 0, 1, 2 ... */
  private Path labels(int count) throws IOException {
    return write("labels.npy", npy("|u1", "(%d,)".formatted(count), counting(count)));
  }

  private static byte[] counting(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static byte[] floats(ByteOrder order, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(order);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  @Test
  void bytesAreReadInEitherLayout() throws IOException {
    Path labels = labels(2);
    Path grey = write("grey.npy", npy("|u1", "(2, 3, 1)", counting(6)));
    LabelledImages greyImages = LabelledImages.readNpy(grey, labels, Layout.NHWC);
    assertThat(greyImages.imageShape()).containsExactly(1, 3, 1);
    assertThat(pixels(greyImages.batches(2, AS_THEY_ARE).getFirst()))
        .containsExactly(0, 1, 2, 3, 4, 5);

    Path color = write("color.npy", npy("|u1", "(2, 3, 1, 2)", counting(12)));
    LabelledImages channelsFirst = LabelledImages.readNpy(color, labels, Layout.NCHW);
    assertThat(channelsFirst.imageShape()).containsExactly(3, 1, 2);
    assertThat(pixels(channelsFirst.batches(2, AS_THEY_ARE).getFirst()))
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    LabelledImages channelsLast = LabelledImages.readNpy(color, labels, Layout.NHWC);
    assertThat(channelsLast.imageShape()).containsExactly(2, 3, 1);
    assertThat(pixels(channelsLast.batches(2, AS_THEY_ARE).getFirst()))
        .containsExactly(0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11);
    assertThat(channelsLast.batches(2, AS_THEY_ARE).getFirst().labels()).containsExactly(0, 1);
  }

  @ParameterizedTest
  @CsvSource({"<f4, LITTLE_ENDIAN", ">f4, BIG_ENDIAN"})
  void floatsAreTakenAsTheyAre(String type, String order) throws IOException {
    float[] values = {-1.5f, 0.1f, -0f, 300f};
    byte[] elements =
        floats(order.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, values);
    Path file = write("images.npy", npy(type, "(1, 2, 1, 2)", elements));
    LabelledImages first = LabelledImages.readNpy(file, labels(1), Layout.NCHW);
    assertThat(first.batches(1, Normalization.NONE).getFirst().images().toFloatArray())
        .containsExactly(values);
    Normalization own = new Normalization(List.of(0.5f, 0f), List.of(2f, 1f));
    assertThat(first.batches(1, own).getFirst().images().toFloatArray())
        .containsExactly(-1f, -0.2f, -0f, 300f);
    LabelledImages last = LabelledImages.readNpy(file, labels(1), Layout.NHWC);
    assertThat(last.batches(1, Normalization.NONE).getFirst().images().toFloatArray())
        .containsExactly(-1.5f, -0f, 0.1f, 300f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"|u1", "|i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">i4", "<u8", ">u8", "<i8"})
  void labelsMayBeIntegersOfAnyType(String type) throws IOException {
    int bytes = type.charAt(2) - '0';
    ByteBuffer elements = ByteBuffer.allocate(2 * bytes);
    int low = type.charAt(0) == '>' ? bytes - 1 : 0;
    elements.put(low, (byte) 100).put(bytes + low, (byte) 3);
    Path images = write("images.npy", npy("|u1", "(2, 1, 1)", counting(2)));
    for (String shape : new String[] {"(2,)", "(2, 1)"}) {
      Path labels = write("labels.npy", npy(type, shape, elements.array()));
      assertThat(
              LabelledImages.readNpy(images, labels, Layout.NCHW)
                  .batches(2, AS_THEY_ARE)
                  .getFirst()
                  .labels())
          .containsExactly(100, 3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyVersionIsRead(int version) throws IOException {
    String header = "{\"shape\": (1, 1, 2), \"fortran_order\": False, \"descr\": \"|u1\"}   \n";
    Path images = write("images.npy", npy(version, header, new byte[] {7, (byte) 200}));
    assertThat(
            pixels(
                LabelledImages.readNpy(images, labels(1), Layout.NCHW)
                    .batches(1, AS_THEY_ARE)
                    .getFirst()))
        .containsExactly(7, 200);
  }

  @Test
  void theFirstImagesAreReadWithoutTheRest() throws IOException {
    byte[] elements = floats(ByteOrder.LITTLE_ENDIAN, 1, 2, Float.NaN, 3);
    Path images = write("images.npy", npy("<f4", "(2, 1, 2)", elements));
    assertThat(NpyImages.read(images, labels(2), Layout.NCHW, 1).size()).isEqualTo(1);
    assertThatThrownBy(() -> NpyImages.read(images, labels(2), Layout.NCHW, 2))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("images.npy", "image 1", "NaN");
  }

  @Test
  void otherArraysAreRefused() throws IOException {
    assertImagesRefused(npy("<f8", "(1, 1, 1)", new byte[8]), "f8", "uint8", "float32");
    assertImagesRefused(npy("|u1", "(4,)", new byte[4]), "[4]", "[n, h, w]");
    assertImagesRefused(npy("|u1", "(1, 2, 1, 1, 2)", new byte[4]), "[n, c, h, w]");
    assertImagesRefused(npy("|u1", "(2, 1, 1)", new byte[2]), "1 labels", "2 images");
    String fortran = "{'descr': '|u1', 'fortran_order': True, 'shape': (1, 2, 2), }";
    assertImagesRefused(npy(1, fortran, new byte[4]), "ascontiguousarray");

    assertLabelsRefused(npy("<f4", "(1,)", new byte[4]), "f4", "integers");
    assertLabelsRefused(npy("|u1", "(1, 2)", new byte[2]), "[1, 2]", "[n, 1]");
    assertLabelsRefused(npy("|u1", "(3,)", new byte[3]), "3 labels", "1 images");
    assertLabelsRefused(npy("|i1", "(1,)", new byte[] {-1}), "label 0 is -1");
    assertLabelsRefused(npy("<i8", "(1,)", new byte[] {0, 0, 0, 0, 1, 0, 0, 0}), "4294967296");
    assertLabelsRefused(npy("<u8", "(1,)", new byte[] {0, 0, 0, 0, 0, 0, 0, -1}), "label 0");
  }

  @Test
  void headersThatLieAreRefusedWithoutAllocatingWhatTheyClaim() throws IOException {
    byte[] good = npy("|u1", "(1, 1, 1)", new byte[1]);
    assertImagesRefused(new byte[0], "no .npy file");
    assertImagesRefused("words and more words".getBytes(ISO_8859_1), "no .npy file");
    byte[] version4 = good.clone();
    version4[6] = 4;
    assertImagesRefused(version4, "version is 4");
    byte[] longHeader = npy(2, "{}", new byte[0]);
    longHeader[11] = (byte) 0xff;
    assertImagesRefused(longHeader, "claims a header of", "65536");
    assertImagesRefused(npy(1, "{}", new byte[0]), "'descr'");
    assertImagesRefused(npy(1, "{'descr': '|u1', 'shape': (1,)}", new byte[1]), "fortran_order");
    assertImagesRefused(npy("|O", "(1, 1, 1)", new byte[1]), "'descr'");
    assertImagesRefused(npy("|u1", "()", new byte[1]), "shape ()");
    assertImagesRefused(npy("|u1", "(0, 1, 1)", new byte[0]), "shape (0, 1, 1)");
    assertImagesRefused(npy("|u1", "(99999999999, 1, 1)", new byte[0]), "99999999999");
    assertImagesRefused(npy("|u1", "(1 1, 1, 1)", new byte[0]), "unusable");
    assertImagesRefused(npy("|u1", "(1, 2, 2)", new byte[3]), "makes 4 bytes", "there are 3");
    assertImagesRefused(npy("|u1", "(1, 2, 2)", new byte[5]), "makes 4 bytes", "there are 5");
    String huge = "(2147483647, 2147483647, 2147483647)";
    assertImagesRefused(npy("<f4", huge, new byte[4]), "2147483647", "there are 4");
    // 2^64, which would be 0 if it wrapped.
    assertImagesRefused(npy("|u1", "(65536, 65536, 65536, 65536)", new byte[0]), "there are 0");
  }

  @Test
  void damagedFilesAreReadOrRefusedButNothingElse() throws IOException {
    byte[] whole = npy("<f4", "(2, 1, 3)", new byte[24]);
    Path labels = labels(2);
    for (int length = 0; length < whole.length; length++) {
      Path cut = write("images.npy", Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> LabelledImages.readNpy(cut, labels, Layout.NCHW))
          .isInstanceOf(DataException.class)
          .hasMessageStartingWith(cut.toString());
    }
    Random random = new Random(8);
    for (int i = 0; i < 500; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      Path file = write("images.npy", damaged);
      try {
        assertThat(LabelledImages.readNpy(file, labels, Layout.NCHW).size()).isEqualTo(2);
      } catch (DataException refused) {
        assertThat(refused).hasMessageContaining(folder.toString());
      }
    }
  }

  private void assertImagesRefused(byte[] images, String... words) throws IOException {
    Path file = write("images.npy", images);
    Path labels = labels(1);
    assertThatThrownBy(() -> LabelledImages.readNpy(file, labels, Layout.NCHW))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(folder.toString())
        .hasMessageContainingAll(words);
  }

  private void assertLabelsRefused(byte[] labels, String... words) throws IOException {
    Path images = write("images.npy", npy("|u1", "(1, 1, 1)", new byte[1]));
    Path file = write("labels.npy", labels);
    assertThatThrownBy(() -> LabelledImages.readNpy(images, file, Layout.NCHW))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContainingAll(words);
  }
}
