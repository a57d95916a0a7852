package io.axnn.tools.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.imageio.ImageReader;

/** A folder of PNG and JPEG files by class. */
final class ImageFolder {
  private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg");

  private ImageFolder() {}

  /** The names of the classes, each in the place of its number. */
  static List<String> classes(Path folder) throws IOException {
    return sorted(folder, Files::isDirectory).stream()
        .map(name -> name.getFileName().toString())
        .toList();
  }

  /** Whether a folder in this one has images. */
  static boolean hasImages(Path folder) throws IOException {
    for (Path name : sorted(folder, Files::isDirectory)) {
      if (!sorted(name, ImageFolder::isImage).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** Reads the first images, of every class in turn. */
  static LabelledImages read(Path folder, int channels, int atMost) throws IOException {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels is %d; allowed: 1 and 3".formatted(channels));
    }
    List<Entry> all = entries(folder);
    if (all.isEmpty()) {
      throw new DataException(
          folder, "it has no PNG or JPEG file in a folder of its class, as class/image.png");
    }
    List<Entry> entries = all.subList(0, Math.min(all.size(), atMost));
    Path first = entries.getFirst().file();
    int[] shape = PictureFile.read(first, reader -> shape(reader, channels));
    byte[] pixels = new byte[ImageArray.length(folder, entries.size(), shape, Byte.BYTES)];
    int length = pixels.length / entries.size();
    for (int i = 0; i < entries.size(); i++) {
      Path file = entries.get(i).file();
      BufferedImage image =
          PictureFile.read(
              file,
              reader -> {
                int[] own = shape(reader, channels);
                if (!Arrays.equals(shape, own)) {
                  throw new DataException(
                      file,
                      "it has %d x %d pixels; %s has %d x %d"
                          .formatted(own[2], own[1], first, shape[2], shape[1]));
                }
                return reader.read(0);
              });
      System.arraycopy(planes(image, channels), 0, pixels, i * length, length);
    }
    return new LabelledImages(
        shape, new Pixels.Bytes(pixels), entries.stream().mapToInt(Entry::label).toArray());
  }

  private static int[] shape(ImageReader reader, int channels) throws IOException {
    return new int[] {channels, reader.getHeight(0), reader.getWidth(0)};
  }

  /** An image, and its place among those of its class. */
  private record Entry(Path file, int label, int place) {}

  /** The first image of every class, then the second, and so on. */
  private static List<Entry> entries(Path folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    List<Path> classes = sorted(folder, Files::isDirectory);
    for (int label = 0; label < classes.size(); label++) {
      List<Path> files = sorted(classes.get(label), ImageFolder::isImage);
      for (int place = 0; place < files.size(); place++) {
        entries.add(new Entry(files.get(place), label, place));
      }
    }
    entries.sort(Comparator.comparingInt(Entry::place).thenComparingInt(Entry::label));
    return entries;
  }

  /** Without names that start with a dot, which programs put there for their own use. */
  private static List<Path> sorted(Path folder, Predicate<Path> wanted) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !entry.getFileName().toString().startsWith("."))
          .filter(wanted)
          .sorted()
          .toList();
    }
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  /** The channels one after the other; grey by ITU-R BT.601 where the file has colors. */
  private static byte[] planes(BufferedImage image, int channels) {
    int width = image.getWidth();
    int height = image.getHeight();
    boolean grey =
        image.getRaster().getNumBands() <= 2
            && image.getSampleModel().getSampleSize(0) == 8
            && !(image.getColorModel() instanceof IndexColorModel);
    byte[] planes = new byte[channels * height * width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = image.getRGB(x, y);
        // Java converts grey samples between color spaces on the way to RGB; the sample is wanted.
        int sample = grey ? image.getRaster().getSample(x, y, 0) : -1;
        int red = grey ? sample : rgb >> 16 & 0xff;
        int green = grey ? sample : rgb >> 8 & 0xff;
        int blue = grey ? sample : rgb & 0xff;
        int at = y * width + x;
        if (channels == 1) {
          planes[at] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
        } else {
          planes[at] = (byte) red;
          planes[height * width + at] = (byte) green;
          planes[2 * height * width + at] = (byte) blue;
        }
      }
    }
    return planes;
  }
}
