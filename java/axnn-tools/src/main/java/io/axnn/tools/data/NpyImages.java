package io.axnn.tools.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** Images and labels from a pair of .npy files. */
final class NpyImages {
  private NpyImages() {}

  /** Reads the first images. */
  static LabelledImages read(Path imageFile, Path labelFile, Layout layout, int atMost)
      throws IOException {
    try (NpyFile images = NpyFile.open(imageFile);
        NpyFile labels = NpyFile.open(labelFile)) {
      int[] shape = imageShape(imageFile, images.shape(), layout);
      int available = images.shape()[0];
      int[] labelShape = labels.shape();
      if (labelShape.length > 2 || labelShape.length == 2 && labelShape[1] != 1) {
        throw new DataException(
            labelFile,
            "its shape is %s; labels have [n] or [n, 1]".formatted(Arrays.toString(labelShape)));
      }
      if (labelShape[0] != available) {
        throw new DataException(
            labelFile,
            "it has %d labels for the %d images of %s"
                .formatted(labelShape[0], available, imageFile));
      }
      int count = Math.min(available, atMost);
      Pixels pixels =
          switch (images.type()) {
            case "u1" -> new Pixels.Bytes(bytes(imageFile, images, shape, layout, count));
            case "f4" -> new Pixels.Floats(floats(imageFile, images, shape, layout, count));
            default ->
                throw new DataException(
                    imageFile,
                    "its elements are %s; images are uint8 (u1) or float32 (f4)"
                        .formatted(images.type()));
          };
      return new LabelledImages(shape, pixels, labels(labelFile, labels, count));
    }
  }

  /** Channels, height and width. */
  private static int[] imageShape(Path file, int[] array, Layout layout) {
    return switch (array.length) {
      case 3 -> new int[] {1, array[1], array[2]};
      case 4 ->
          switch (layout) {
            case NCHW -> new int[] {array[1], array[2], array[3]};
            case NHWC -> new int[] {array[3], array[1], array[2]};
          };
      default ->
          throw new DataException(
              file,
              "its shape is %s; images have [n, h, w], [n, c, h, w] or [n, h, w, c]"
                  .formatted(Arrays.toString(array)));
    };
  }

  private static byte[] bytes(Path file, NpyFile npy, int[] shape, Layout layout, int count)
      throws IOException {
    byte[] pixels = new byte[ImageArray.length(file, count, shape, Byte.BYTES)];
    int length = pixels.length / count;
    for (int image = 0; image < count; image++) {
      ByteBuffer values = npy.read(length);
      for (int i = 0; i < length; i++) {
        pixels[image * length + place(i, shape, layout)] = values.get();
      }
    }
    return pixels;
  }

  private static float[] floats(Path file, NpyFile npy, int[] shape, Layout layout, int count)
      throws IOException {
    float[] pixels = new float[ImageArray.length(file, count, shape, Float.BYTES)];
    int length = pixels.length / count;
    for (int image = 0; image < count; image++) {
      ByteBuffer values = npy.read(length);
      for (int i = 0; i < length; i++) {
        float value = values.getFloat();
        if (!Float.isFinite(value)) {
          throw new DataException(
              file, "image %d has the pixel %s; pixels are finite".formatted(image, value));
        }
        pixels[image * length + place(i, shape, layout)] = value;
      }
    }
    return pixels;
  }

  /** Where the element at a place of the file's image is in one that goes channel by channel. */
  private static int place(int index, int[] shape, Layout layout) {
    return switch (layout) {
      case NCHW -> index;
      case NHWC -> index % shape[0] * (shape[1] * shape[2]) + index / shape[0];
    };
  }

  private static int[] labels(Path file, NpyFile npy, int count) throws IOException {
    ByteBuffer values =
        switch (npy.type()) {
          case "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8" -> npy.read(count);
          default ->
              throw new DataException(
                  file, "its elements are %s; labels are integers".formatted(npy.type()));
        };
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      long label =
          switch (npy.type()) {
            case "u1" -> Byte.toUnsignedLong(values.get());
            case "i1" -> values.get();
            case "u2" -> Short.toUnsignedLong(values.getShort());
            case "i2" -> values.getShort();
            case "u4" -> Integer.toUnsignedLong(values.getInt());
            case "i4" -> values.getInt();
            default -> values.getLong();
          };
      if (label < 0 || label > Integer.MAX_VALUE) {
        throw new DataException(
            file, "label %d is %d; allowed: 0 to %d".formatted(i, label, Integer.MAX_VALUE));
      }
      labels[i] = (int) label;
    }
    return labels;
  }
}
