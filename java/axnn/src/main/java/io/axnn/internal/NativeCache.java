package io.axnn.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/**
 * The folder that libraries are extracted into, so that each is written once and not at every start.
 * Only the user may write there, or another user could plant code. A file's name has the hash of its
 * content, and the content is hashed again before each load.
 */
final class NativeCache {

  static final String PROPERTY = "axnn.cache.dir";

  private final Path folder;

  private NativeCache(Path folder) {
    this.folder = folder;
  }

  /** {@code -Daxnn.cache.dir}, else {@code axnn} in the user's cache folder. */
  static NativeCache ofUser() {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      return new NativeCache(Path.of(named).toAbsolutePath());
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    // The XDG specification says to ignore a relative path.
    Path base =
        xdg != null && xdg.startsWith("/")
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".cache").toAbsolutePath();
    return new NativeCache(base.resolve("axnn"));
  }

  Path folder() {
    return folder;
  }

  /**
   * The file that holds {@code content}, written if it is not there yet.
   *
   * @throws IOException if the folder is not the user's alone or cannot be written
   */
  Path extract(String fileName, byte[] content) throws IOException {
    createFolder();
    String hash = hash(content);
    Path file = folder.resolve(hash + "-" + fileName);
    if (holds(file, hash)) {
      demandPrivateFolder(folder);
      return file;
    }
    Path part = Files.createTempFile(folder, "part-", null);
    try {
      demandPrivateFolder(part);
      Files.write(part, content);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
    if (!holds(file, hash)) {
      throw new IOException(file + " is not what was written to it");
    }
    return file;
  }
}
