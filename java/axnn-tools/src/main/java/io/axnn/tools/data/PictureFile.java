package io.axnn.tools.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;

/** A PNG or JPEG file. Its size can be looked at before its pixels take any memory. */
final class PictureFile {
  private PictureFile() {}

  /** What is done with an open file, whose picture has the index 0. */
  @FunctionalInterface
  interface Use<T> {
    T apply(ImageReader reader) throws IOException;
  }

  /**
   * Opens a file and closes it again.
   *
   * @throws DataException if it is no image, or a damaged one
   */
  static <T> T read(Path file, Use<T> use) throws IOException {
    try (FileImageInputStream in = new FileImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new DataException(file, "it is no PNG or JPEG image");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return use.apply(reader);
      } finally {
        reader.dispose();
      }
    } catch (DataException | FileNotFoundException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new DataException(file, "it cannot be read as an image: " + e.getMessage(), e);
    }
  }
}
