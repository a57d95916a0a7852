package io.axnn.tools.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images from CIFAR-10's files and from folders. */
class LabelledImagesTest {
  private static final Normalization AS_THEY_ARE = new Normalization(0, 1 / 255f);

  @TempDir Path folder;

  /** An image whose channels hold first, first + 1 and first + 2. */
  private static byte[] cifar(int... labelsAndFirst) {
    byte[] file = new byte[labelsAndFirst.length / 2 * 3073];
    for (int i = 0; i < file.length; i++) {
      int image = i / 3073;
      int within = i % 3073;
      file[i] =
          (byte)
              (within == 0
                  ? labelsAndFirst[2 * image]
                  : labelsAndFirst[2 * image + 1] + (within - 1) / 1024);
    }
    return file;
  }

  /** Pixels that are whole numbers up to rounding. */
  private static int[] rounded(LabelledImages.Batch batch) {
    float[] values = batch.images().toFloatArray();
    int[] pixels = new int[values.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = Math.round(values[i]);
      assertThat(values[i] - pixels[i]).isBetween(-1e-3f, 1e-3f);
    }
    return pixels;
  }

  @Test
  void cifarFilesFollowEachOther() throws IOException {
    Path first = Files.write(folder.resolve("1.bin"), cifar(3, 10, 9, 200));
    Path second = Files.write(folder.resolve("2.bin"), cifar(0, 50));
    LabelledImages images = LabelledImages.readCifar10(List.of(first, second));
    assertThat(images.imageShape()).containsExactly(3, 32, 32);
    LabelledImages.Batch batch = images.batches(10, AS_THEY_ARE).getFirst();
    assertThat(batch.labels()).containsExactly(3, 9, 0);
    assertThat(batch.images().shape()).containsExactly(3, 3, 32, 32);
    int[] pixels = rounded(batch);
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
    int[] pixels = rounded(LabelledImages.readCifar10(List.of(file)).batches(1, own).getFirst());
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

  private void draw(String name, int type, int... samples) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(2, 1, type);
    for (int x = 0; x < 2; x++) {
      if (type == BufferedImage.TYPE_BYTE_GRAY) {
        image.getRaster().setSample(x, 0, 0, samples[x]);
      } else {
        image.setRGB(x, 0, samples[x]);
      }
    }
    assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
  }

  @Test
  void foldersAreClassesInTheOrderOfTheirNames() throws IOException {
    draw("dogs/b.png", BufferedImage.TYPE_INT_RGB, 0x010203, 0xffffff);
    draw("cats/z.PNG", BufferedImage.TYPE_BYTE_GRAY, 7, 100);
    draw("dogs/a.png", BufferedImage.TYPE_INT_RGB, 0xff0000, 0x00ff00);
    Files.writeString(folder.resolve("dogs/notes.txt"), "no image");
    LabelledImages.Batch color =
        LabelledImages.readFolder(folder, 3).batches(9, AS_THEY_ARE).getFirst();
    assertThat(color.labels()).containsExactly(0, 1, 1);
    assertThat(color.images().shape()).containsExactly(3, 3, 1, 2);
    assertThat(rounded(color))
        .containsExactly(7, 100, 7, 100, 7, 100, 255, 0, 0, 255, 0, 0, 1, 255, 2, 255, 3, 255);
    assertThat(rounded(LabelledImages.readFolder(folder, 1).batches(9, AS_THEY_ARE).getFirst()))
        .containsExactly(7, 100, 76, 150, 2, 255);
  }

  @Test
  void whatIsNoImageOrOfAnotherSizeIsRefusedByName() throws IOException {
    assertThatThrownBy(() -> LabelledImages.readFolder(folder, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("class/image.png");
    draw("a/a.png", BufferedImage.TYPE_INT_RGB, 0, 0);
    ImageIO.write(
        new BufferedImage(3, 1, BufferedImage.TYPE_INT_RGB),
        "png",
        folder.resolve("a/b.png").toFile());
    assertThatThrownBy(() -> LabelledImages.readFolder(folder, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("b.png")
        .hasMessageContaining("3 x 1");
    Files.writeString(folder.resolve("a/b.png"), "words");
    assertThatThrownBy(() -> LabelledImages.readFolder(folder, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("b.png");
    assertThatIllegalArgumentException().isThrownBy(() -> LabelledImages.readFolder(folder, 2));
  }
}
