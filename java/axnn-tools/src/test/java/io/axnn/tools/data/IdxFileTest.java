package io.axnn.tools.data;

import static io.axnn.tools.data.ImageFiles.IDX_IMAGES;
import static io.axnn.tools.data.ImageFiles.IDX_LABELS;
import static io.axnn.tools.data.ImageFiles.gzip;
import static io.axnn.tools.data.ImageFiles.idx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** IDX files, good ones and those that lie. */
@Timeout(60)
class IdxFileTest {
  @TempDir Path folder;

  @Test
  void plainAndCompressedFilesHoldTheSame() throws IOException {
    byte[] bytes = idx(IDX_IMAGES, new int[] {2, 1, 3}, 6);
    for (byte[] contents : List.of(bytes, gzip(bytes))) {
      IdxFile file = IdxFile.read(write("file", contents));
      assertThat(file.rank()).isEqualTo(3);
      assertThat(file.dimension(0)).isEqualTo(2);
      assertThat(file.dimension(2)).isEqualTo(3);
      assertThat(file.data()).containsExactly(0, 1, 2, 3, 4, 5);
    }
  }

  @Test
  void theEmbeddedImagesAreThere() throws IOException {
    Path fashion = TestData.folder().resolve("fashion-mnist");
    LabelledImages images =
        LabelledImages.readIdx(
            fashion.resolve("t10k-images-idx3-ubyte.gz"),
            fashion.resolve("t10k-labels-idx1-ubyte.gz"));
    assertThat(images.size()).isEqualTo(1000);
    List<LabelledImages.Batch> batches = images.batches(300, new Normalization(0, 1));
    assertThat(batches)
        .extracting(batch -> batch.labels().size())
        .containsExactly(300, 300, 300, 100);
    assertThat(batches.getLast().images().shape()).containsExactly(100, 1, 28, 28);
    assertThat(batches.getFirst().labels()).startsWith(9, 2, 1, 1, 6);
  }

  @Test
  void pixelsAreNormalised() throws IOException {
    Path images = write("images", idx(IDX_IMAGES, new int[] {2, 1, 2}, 4));
    Path labels = write("labels", idx(IDX_LABELS, new int[] {2}, 2));
    LabelledImages both = LabelledImages.readIdx(images, labels);
    assertThat(both.first(1).size()).isEqualTo(1);
    LabelledImages.Batch batch = both.batches(2, new Normalization(0.5f, 0.25f)).getFirst();
    assertThat(batch.images().toFloatArray())
        .containsExactly(
            (0 / 255f - 0.5f) / 0.25f,
            (1 / 255f - 0.5f) / 0.25f,
            (2 / 255f - 0.5f) / 0.25f,
            (3 / 255f - 0.5f) / 0.25f);
    assertThat(batch.labels()).containsExactly(0, 1);
  }

  @Test
  void theFirstImagesAreReadWithoutTheRest() throws IOException {
    byte[] bytes = idx(IDX_IMAGES, new int[] {4, 1, 2}, 8);
    for (byte[] contents : List.of(bytes, gzip(bytes))) {
      IdxFile file = IdxFile.read(write("file", contents), 3);
      assertThat(file.dimension(0)).isEqualTo(4);
      assertThat(file.data()).containsExactly(0, 1, 2, 3, 4, 5);
    }
    Path cut = write("cut", Arrays.copyOf(bytes, bytes.length - 2));
    assertThat(IdxFile.read(write("images", bytes), 9).data()).hasSize(8);
    assertThatThrownBy(() -> IdxFile.read(cut, 4)).isInstanceOf(DataException.class);
  }

  @Test
  void wrongArgumentsAreRefused() throws IOException {
    LabelledImages one =
        LabelledImages.readIdx(
            write("images", idx(IDX_IMAGES, new int[] {1, 1, 1}, 1)),
            write("labels", idx(IDX_LABELS, new int[] {1}, 1)));
    assertThatIllegalArgumentException().isThrownBy(() -> one.first(2));
    assertThatIllegalArgumentException().isThrownBy(() -> one.first(0));
    assertThatIllegalArgumentException().isThrownBy(() -> one.batches(0, new Normalization(0, 1)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Normalization(0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Normalization(Float.NaN, 1));
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    assertRefused(new byte[0], "ends early");
    assertRefused(new byte[] {0}, "ends early");
    assertRefused(new byte[] {0, 0, 8, 3, 0, 0}, "ends early");
    assertRefused(idx(0xD03, new int[] {1, 1, 1}, 4), "unsigned bytes");
    assertRefused(idx(0x800, new int[] {}, 4), "dimensions");
    assertRefused(idx(0x50800803, new int[] {1, 1, 1}, 1), "unsigned bytes");
    assertRefused("not an IDX file at all".getBytes(StandardCharsets.US_ASCII), "000008");
  }

  @Test
  void sizesThatLieAreRefusedWithoutAllocatingThem() throws IOException {
    int huge = Integer.MAX_VALUE;
    assertRefused(idx(IDX_IMAGES, new int[] {2, 2, 2}, 7), "8 bytes", "7");
    assertRefused(idx(IDX_IMAGES, new int[] {2, 2, 2}, 9), "8 bytes", "more");
    assertRefused(idx(IDX_IMAGES, new int[] {-1, 2, 2}, 4), "-1");
    assertRefused(idx(IDX_IMAGES, new int[] {0, 2, 2}, 4), "0");
    assertRefused(idx(IDX_IMAGES, new int[] {huge, 2, 2}, 4), "more than the file can hold");
    assertRefused(idx(IDX_IMAGES, new int[] {huge, huge, huge}, 4), "more than the file can hold");
    // 2^64, which would be 0 if it wrapped.
    assertRefused(idx(0x804, new int[] {1 << 16, 1 << 16, 1 << 16, 1 << 16}, 4), "more than");
    // A compressed file might hold this much, but a small one cannot.
    assertRefused(gzip(idx(IDX_IMAGES, new int[] {1000, 1000, 1000}, 4)), "more than the file can");
    assertRefused(gzip(idx(IDX_IMAGES, new int[] {10, 20, 30}, 4)), "6000 bytes", "4");
    assertRefused(gzip(idx(IDX_IMAGES, new int[] {1, 1, 1}, 100_000)), "1 bytes", "more");
  }

  @Test
  void damagedCompressedFilesAreRefused() throws IOException {
    byte[] whole = gzip(idx(IDX_IMAGES, new int[] {40, 5, 5}, 1000));
    for (int length = 2; length < whole.length; length++) {
      assertRefused(Arrays.copyOf(whole, length), "file.idx");
    }
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      byte[] damaged = whole.clone();
      damaged[10 + random.nextInt(whole.length - 10)] ^= (byte) (1 << random.nextInt(8));
      assertRefused(damaged, "file.idx");
    }
  }

  @Test
  void imagesAndLabelsThatDoNotBelongTogetherAreRefused() throws IOException {
    Path images = write("images", idx(IDX_IMAGES, new int[] {2, 1, 1}, 2));
    Path labels = write("labels", idx(IDX_LABELS, new int[] {3}, 3));
    assertThatThrownBy(() -> LabelledImages.readIdx(images, labels))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("3 labels", "2 images", "labels", "images");
    assertThatThrownBy(() -> LabelledImages.readIdx(labels, labels))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("images have 3");
    assertThatThrownBy(() -> LabelledImages.readIdx(images, images))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("labels have 1");
  }

  private void assertRefused(byte[] contents, String... words) throws IOException {
    Path file = write("file.idx", contents);
    assertThatThrownBy(() -> IdxFile.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContainingAll(words);
  }

  private Path write(String name, byte[] contents) throws IOException {
    return Files.write(folder.resolve(name), contents);
  }
}
