package io.axnn.internal;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The folder that libraries are extracted into, so that each is written once and not at every
 * start. Only the user may write there, or another user could plant code. A file's name has the
 * hash of its content, and the content is hashed again before each load.
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
    Path part = Files.createTempFile(folder, "part-", null);
    try {
      // The owner of a file made just now is the user of this process.
      demandPrivate(Files.getOwner(part));
      if (!holds(file, hash)) {
        Files.write(part, content);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      }
    } finally {
      Files.deleteIfExists(part);
    }
    if (!holds(file, hash)) {
      throw new IOException(file + " is not what was written to it");
    }
    return file;
  }

  private void createFolder() throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Files.createDirectories(folder.getParent());
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      // Another JVM that starts now was faster; a file of that name fails the next step.
    }
  }

  private void demandPrivate(UserPrincipal user) throws IOException {
    PosixFileAttributes attributes = Files.readAttributes(folder, PosixFileAttributes.class);
    if (!attributes.owner().equals(user)) {
      throw new IOException(
          folder + " belongs to " + attributes.owner() + ", but must belong to " + user);
    }
    if (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
        || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          folder
              + " has permissions "
              + PosixFilePermissions.toString(attributes.permissions())
              + ", but only its owner may be able to write there");
    }
  }

  private static boolean holds(Path file, String hash) throws IOException {
    return Files.isRegularFile(file) && hash(Files.readAllBytes(file)).equals(hash);
  }

  private static String hash(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
