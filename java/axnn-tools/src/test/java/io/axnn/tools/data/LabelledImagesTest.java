package io.axnn.tools.data;

import static io.axnn.tools.data.ImageFiles.cifar;
import static io.axnn.tools.data.ImageFiles.draw;
import static io.axnn.tools.data.ImageFiles.pixels;
import static io.axnn.tools.data.ImageFiles.writePng;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images from CIFAR-10's files and from folders. */
class LabelledImagesTest {
  private static final Normalization AS_THEY_ARE = new Normalization(0, 1 / 255f);

  @TempDir Path folder;

  @Test
  void cifarFilesFollowEachOther() throws IOException {
    Path first = Files.write(folder.resolve("1.bin"), cifar(3, 10, 9, 200));
    Path second = Files.write(folder.resolve("2.bin"), cifar(0, 50));
    LabelledImages images = LabelledImages.readCifar10(List.of(first, second));
    assertThat(images.imageShape()).containsExactly(3, 32, 32);
    LabelledImages.Batch batch = images.batches(10, AS_THEY_ARE).getFirst();
    assertThat(batch.labels()).containsExactly(3, 9, 0);
    assertThat(batch.images().shape()).containsExactly(3, 3, 32, 32);
    int[] pixels = pixels(batch);
    assertThat(pixels[0]).isEqualTo(10);
    assertThat(pixels[3072 + 1024]).isEqualTo(201);
    assertThat(pixels[2 * 3072 + 3071]).isEqualTo(52);
  }

  @Test
  void cifarFilesOfAnotherLengthOrLabelAreRefused() throws IOException {
    Path cut = Files.write(folder.resolve("cut.bin"), new byte[3072]);
    Path labels = Files.write(folder.resolve("labels.bin"), cifar(1, 0, 10, 0));
    assertThatThrownBy(() -> LabelledImages.readCifar10(List.of(cut)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cut.bin")
        .hasMessageContaining("3073");
    assertThatThrownBy(() -> LabelledImages.readCifar10(List.of(labels)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("image 1 has label 10");
  }

  @Test
  void channelsAreNormalisedByTheirOwnNumbers() throws IOException {
    Path file = Files.write(folder.resolve("1.bin"), cifar(0, 51));
    Normalization own =
        new Normalization(List.of(0.2f, 0f, 0.2f), List.of(1f, 1f / 255, 0.5f / 255));
    int[] pixels = pixels(LabelledImages.readCifar10(List.of(file)).batches(1, own).getFirst());
    assertThat(pixels[0]).isEqualTo(0);
    assertThat(pixels[1024]).isEqualTo(52);
    assertThat(pixels[2048]).isEqualTo(4);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LabelledImages.readCifar10(List.of(file))
                    .batches(1, new Normalization(List.of(0f, 0f), List.of(1f, 1f))))
        .withMessageContaining("2 channels");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Normalization(List.of(0f, 0f), List.of(1f)));
  }

  @Test
  void foldersAreClassesInTheOrderOfTheirNames() throws IOException {
    draw(folder.resolve("dogs/b.png"), BufferedImage.TYPE_INT_RGB, 0x010203, 0xffffff);
    draw(folder.resolve("cats/z.PNG"), BufferedImage.TYPE_BYTE_GRAY, 7, 100);
    draw(folder.resolve("dogs/a.png"), BufferedImage.TYPE_INT_RGB, 0xff0000, 0x00ff00);
    Files.writeString(folder.resolve("dogs/notes.txt"), "no image");
    LabelledImages.Batch color =
        LabelledImages.readFolder(folder, 3).batches(9, AS_THEY_ARE).getFirst();
    assertThat(color.labels()).containsExactly(0, 1, 1);
    assertThat(color.images().shape()).containsExactly(3, 3, 1, 2);
    assertThat(pixels(color))
        .containsExactly(7, 100, 7, 100, 7, 100, 255, 0, 0, 255, 0, 0, 1, 255, 2, 255, 3, 255);
    assertThat(pixels(LabelledImages.readFolder(folder, 1).batches(9, AS_THEY_ARE).getFirst()))
        .containsExactly(7, 100, 76, 150, 2, 255);
  }

  @Test
  void whatIsNoImageOrOfAnotherSizeIsRefusedByName() throws IOException {
    assertThatThrownBy(() -> LabelledImages.readFolder(folder, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("class/image.png");
    draw(folder.resolve("a/a.png"), BufferedImage.TYPE_INT_RGB, 0, 0);
    writePng(folder.resolve("a/b.png"), new BufferedImage(3, 1, BufferedImage.TYPE_INT_RGB));
    assertThatThrownBy(() -> LabelledImages.readFolder(folder, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("b.png")
        .hasMessageContaining("3 x 1")
        .hasMessageContaining("2 x 1");
    Files.writeString(folder.resolve("a/b.png"), "words");
    assertThatThrownBy(() -> LabelledImages.readFolder(folder, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("b.png");
    assertThatIllegalArgumentException().isThrownBy(() -> LabelledImages.readFolder(folder, 2));
  }

  /** The size that a PNG file claims is in bytes 16 to 23, with a checksum in 29 to 32. */
  @Test
  void aPictureThatClaimsToBeHugeIsRefusedBeforeItTakesMemory() throws IOException {
    draw(folder.resolve("a/a.png"), BufferedImage.TYPE_INT_RGB, 0, 0);
    draw(folder.resolve("a/b.png"), BufferedImage.TYPE_INT_RGB, 0, 0);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("a/b.png")));
    bytes.putInt(16, 40_000).putInt(20, 40_000);
    CRC32 checksum = new CRC32();
    checksum.update(bytes.array(), 12, 17);
    bytes.putInt(29, (int) checksum.getValue());
    Files.write(folder.resolve("a/b.png"), bytes.array());
    assertThatThrownBy(() -> LabelledImages.readFolder(folder, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("b.png", "40000 x 40000", "a.png", "2 x 1");
    Files.delete(folder.resolve("a/a.png"));
    assertThatThrownBy(() -> LabelledImages.readFolder(folder, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(folder.toString(), "3 x 40000 x 40000", "-Xmx");
  }

  @Test
  void everyClassIsAmongTheFirstOfAFolder() throws IOException {
    for (int i = 0; i < 3; i++) {
      draw(folder.resolve("a/%d.png".formatted(i)), BufferedImage.TYPE_BYTE_GRAY, i, 0);
    }
    draw(folder.resolve("b/0.png"), BufferedImage.TYPE_BYTE_GRAY, 10, 0);
    draw(folder.resolve("c/0.png"), BufferedImage.TYPE_BYTE_GRAY, 20, 0);
    draw(folder.resolve("c/1.png"), BufferedImage.TYPE_BYTE_GRAY, 21, 0);
    Files.writeString(folder.resolve("c/._1.png"), "what another system put beside it");
    draw(folder.resolve(".thumbnails/0.png"), BufferedImage.TYPE_BYTE_GRAY, 99, 0);
    LabelledImages.Batch all =
        LabelledImages.readFolder(folder, 1).batches(9, AS_THEY_ARE).getFirst();
    assertThat(all.labels()).containsExactly(0, 1, 2, 0, 2, 0);
    assertThat(pixels(all)).containsExactly(0, 0, 10, 0, 20, 0, 1, 0, 21, 0, 2, 0);
    Files.writeString(folder.resolve("c/1.png"), "no image, which the first four do not need");
    assertThat(ImageFolder.read(folder, 1, 4).batches(9, AS_THEY_ARE).getFirst().labels())
        .containsExactly(0, 1, 2, 0);
  }

  @Test
  void rangesAreParts() throws IOException {
    Path file = Files.write(folder.resolve("1.bin"), cifar(0, 0, 1, 10, 2, 20, 3, 30, 4, 40));
    LabelledImages all = LabelledImages.readCifar10(List.of(file));
    LabelledImages part = all.range(1, 3);
    assertThat(part.size()).isEqualTo(3);
    List<LabelledImages.Batch> batches = part.batches(2, AS_THEY_ARE);
    assertThat(batches)
        .extracting(LabelledImages.Batch::labels)
        .containsExactly(List.of(1, 2), List.of(3));
    assertThat(pixels(batches.getFirst())[3072]).isEqualTo(20);
    assertThat(pixels(batches.getLast())).startsWith(30).hasSize(3072);
    assertThat(part.range(2, 1).batches(1, AS_THEY_ARE).getFirst().labels()).containsExactly(3);
    assertThat(part.first(1).batches(1, AS_THEY_ARE).getFirst().labels()).containsExactly(1);
    for (int[] wrong : new int[][] {{-1, 1}, {3, 1}, {0, 0}, {0, 4}, {2, 2}, {1, 1 << 31}}) {
      assertThatIllegalArgumentException().isThrownBy(() -> part.range(wrong[0], wrong[1]));
    }
    assertThatThrownBy(() -> batches.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void channelsCanBeReversed() throws IOException {
    Path file = Files.write(folder.resolve("1.bin"), cifar(5, 100, 6, 200));
    LabelledImages images =
        LabelledImages.readCifar10(List.of(file)).withChannelOrder(ChannelOrder.BGR);
    int[] pixels = pixels(images.range(1, 1).batches(1, AS_THEY_ARE).getFirst());
    assertThat(pixels[0]).isEqualTo(202);
    assertThat(pixels[1024]).isEqualTo(201);
    assertThat(pixels[3071]).isEqualTo(200);
    // Red's mean is taken from red, wherever that is.
    Normalization reds = new Normalization(List.of(1f, 0f, 0f), List.of(1f, 1f, 1f));
    assertThat(images.batches(1, reds).getFirst().images().toFloatArray()[3071])
        .isEqualTo(100 / 255f - 1);
    draw(folder.resolve("a/0.png"), BufferedImage.TYPE_BYTE_GRAY, 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelledImages.readFolder(folder, 1).withChannelOrder(ChannelOrder.BGR))
        .withMessageContaining("1 channels");
  }

  @Test
  void theFirstImagesOfCifarFilesAreReadWithoutTheRest() throws IOException {
    Path first = Files.write(folder.resolve("1.bin"), cifar(3, 10, 9, 200));
    Path second = Files.write(folder.resolve("2.bin"), cifar(0, 50, 99, 60));
    LabelledImages.Batch batch =
        Cifar10File.read(List.of(first, second), 3).batches(9, AS_THEY_ARE).getFirst();
    assertThat(batch.labels()).containsExactly(3, 9, 0);
    assertThat(pixels(batch)[2 * 3072]).isEqualTo(50);
  }
}
