package io.axnn.tools.data;

import static io.axnn.tools.data.ImageFiles.drawRows;
import static io.axnn.tools.data.ImageFiles.pixels;
import static io.axnn.tools.data.ImageFiles.writePng;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CIFAR-10 in PNG files with an image a row. */
@Timeout(60)
class Cifar10PicturesTest {
  private static final Normalization AS_THEY_ARE = new Normalization(0, 1 / 255f);

  @TempDir Path folder;

  private Path labels(String json) throws IOException {
    return Files.writeString(folder.resolve("labels.json"), json);
  }

  @Test
  void rowsAreImages() throws IOException {
    Path first = folder.resolve("1.png");
    BufferedImage row = new BufferedImage(1024, 1, BufferedImage.TYPE_3BYTE_BGR);
    for (int x = 0; x < 1024; x++) {
      row.setRGB(x, 0, x % 256 << 16 | x / 256 << 8 | x % 100);
    }
    writePng(first, row);
    Path second = folder.resolve("2.png");
    drawRows(second, 0xff0102, 0x030405);
    LabelledImages images = Cifar10Pictures.read(List.of(first, second), labels("[9,0,4]"), 99);
    assertThat(images.imageShape()).containsExactly(3, 32, 32);
    LabelledImages.Batch batch = images.batches(9, AS_THEY_ARE).getFirst();
    assertThat(batch.labels()).containsExactly(9, 0, 4);
    int[] pixels = pixels(batch);
    for (int x = 0; x < 1024; x++) {
      assertThat(pixels[x]).isEqualTo(x % 256);
      assertThat(pixels[1024 + x]).isEqualTo(x / 256);
      assertThat(pixels[2048 + x]).isEqualTo(x % 100);
    }
    assertThat(pixels[3072]).isEqualTo(255);
    assertThat(pixels[3072 + 2048]).isEqualTo(2);
    assertThat(pixels[2 * 3072 + 2047]).isEqualTo(4);
  }

  @Test
  void theFirstImagesAreReadWithoutTheRest() throws IOException {
    Path first = folder.resolve("1.png");
    Path second = folder.resolve("2.png");
    drawRows(first, 0x010000, 0x020000);
    drawRows(second, 0x030000, 0x040000);
    List<Path> files = List.of(first, second);
    for (int count = 1; count <= 4; count++) {
      LabelledImages images = Cifar10Pictures.read(files, labels("[0,1,2,3]"), count);
      assertThat(images.size()).isEqualTo(count);
      int[] pixels = pixels(images.batches(4, AS_THEY_ARE).getFirst());
      assertThat(pixels[(count - 1) * 3072]).isEqualTo(count);
    }
  }

  @Test
  void otherPicturesAreRefusedByName() throws IOException {
    Path labels = labels("[0]");
    Path file = folder.resolve("1.png");
    writePng(file, new BufferedImage(1023, 1, BufferedImage.TYPE_3BYTE_BGR));
    assertRefused(file, labels, "1.png", "1023 columns", "1024");
    writePng(file, new BufferedImage(1024, 1, BufferedImage.TYPE_BYTE_GRAY));
    assertRefused(file, labels, "1.png", "1 channels", "3 of 8");
    Files.writeString(file, "words");
    assertRefused(file, labels, "1.png");
    drawRows(file, 0x123456);
    byte[] whole = Files.readAllBytes(file);
    // Without the last chunk and the checksums before it the pixels are still whole.
    for (int length = 0; length < whole.length - 20; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertRefused(file, labels, "1.png");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[0,1]; 2 labels for the 1 images",
        "[]; no JSON array",
        "''; no JSON array",
        "{\"a\": 0}; no JSON array",
        "7; no JSON array",
        "[0; no JSON file",
        "[0,]; no JSON file",
        "[10]; label 0 is 10",
        "[-1]; label 0 is -1",
        "[1.5]; label 0 is 1.5",
        "[\"1\"]; label 0 is \"1\"",
        "[null]; label 0 is null",
        "[99999999999]; label 0 is 99999999999"
      })
  void otherLabelsAreRefusedByName(String json, String message) throws IOException {
    Path file = folder.resolve("1.png");
    drawRows(file, 0x123456);
    assertRefused(file, labels(json), "labels.json", message);
  }

  @Test
  void aHugeLabelFileIsRefused() throws IOException {
    Path file = folder.resolve("1.png");
    drawRows(file, 0x123456);
    assertRefused(file, labels("[" + " ".repeat(1 << 24) + "0]"), "labels.json", "16777219 bytes");
  }

  private static void assertRefused(Path file, Path labels, String... words) {
    assertThatThrownBy(() -> Cifar10Pictures.read(List.of(file), labels, 1))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(words);
  }
}
