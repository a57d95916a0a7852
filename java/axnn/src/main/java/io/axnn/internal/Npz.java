package io.axnn.internal;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** NumPy's .npz format: a ZIP archive of .npy files, stored or deflated. */
final class Npz {

  private static final byte[] MAGIC = {'P', 'K', 3, 4};
  private static final String SUFFIX = ".npy";

  /** More than a table of 256 x 256 integers of 8 bytes with its header has: a bomb stops here. */
  private static final int MAX_BYTES = 1 << 20;

  /** As many names as a message shows. */
  private static final int SHOWN = 10;

  private Npz() {}

  static boolean hasMagic(InputFile file) throws IOException {
    return file.size() >= MAGIC.length
        && Arrays.equals(file.read("the magic", 0, MAGIC.length).array(), MAGIC);
  }

  static TableFile.Table readTable(Path path, TableShape shape, String nameOrNull)
      throws IOException {
    try (ZipFile archive = new ZipFile(path.toFile())) {
      ZipEntry entry = entry(path, archive, nameOrNull);
      byte[] content;
      try (InputStream stream = archive.getInputStream(entry)) {
        content = stream.readNBytes(MAX_BYTES + 1);
      }
      String name = path + " (array '" + entry.getName() + "')";
      if (content.length > MAX_BYTES) {
        throw new IllegalArgumentException(
            name + " has more than " + MAX_BYTES + " bytes, which no table has");
      }
      CRC32 checksum = new CRC32();
      checksum.update(content);
      // ZipFile does not look at it.
      if (checksum.getValue() != entry.getCrc()) {
        throw new IllegalArgumentException(name + " is damaged: its checksum is wrong");
      }
      try (InputFile file = InputFile.of(name, content)) {
        return Npy.readTable(file, shape);
      }
    } catch (ZipException | EOFException e) {
      throw new IllegalArgumentException(path + " is no usable .npz file: " + e.getMessage(), e);
    }
  }

  private static ZipEntry entry(Path path, ZipFile archive, String nameOrNull) {
    if (nameOrNull == null) {
      if (archive.size() == 1) {
        return archive.entries().nextElement();
      }
      throw new IllegalArgumentException(
          path + " has " + archive.size() + " arrays " + names(archive) + "; name one of them");
    }
    ZipEntry entry = archive.getEntry(nameOrNull + SUFFIX);
    if (entry == null) {
      throw new IllegalArgumentException(
          path + " has no array '" + nameOrNull + "', but " + names(archive));
    }
    return entry;
  }

  private static String names(ZipFile archive) {
    List<String> names =
        archive.stream()
            .map(entry -> entry.getName().replaceAll("\\.npy$", ""))
            .limit(SHOWN)
            .toList();
    return names + (archive.size() > SHOWN ? " and others" : "");
  }

  /** An archive of one array. */
  static ByteBuffer bytes(TableFile.Table table, String name) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
      ZipEntry entry = new ZipEntry(name + SUFFIX);
      // The same table gives the same file at any time.
      entry.setTime(0);
      archive.putNextEntry(entry);
      archive.write(Npy.bytes(table).array());
      archive.closeEntry();
    } catch (IOException e) {
      throw new AssertionError("memory can be written to", e);
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }
}
