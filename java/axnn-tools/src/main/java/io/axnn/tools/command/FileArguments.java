package io.axnn.tools.command;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is asked of files and folders before the work for which they are begins. */
final class FileArguments {
  private FileArguments() {}

  /**
   * A file that is to be read.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Path existing(Path file) {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(file + " is a folder, and has to be a file");
    }
    if (!Files.exists(file)) {
      throw new IllegalArgumentException("there is no file " + file);
    }
    return file;
  }

  /**
   * Checks a file that is to be written, without doing so.
   *
   * @throws IllegalArgumentException if it cannot be
   */
  static void requireWritable(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(file)) {
      throw new IllegalArgumentException(file + " is a folder, and has to be a file");
    }
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "%s cannot be written: there is no folder %s".formatted(file, folder));
    }
    if (!Files.isWritable(Files.exists(file) ? file : folder)) {
      throw new IllegalArgumentException(file + " cannot be written: permission denied");
    }
  }

  /**
   * Makes a folder that is to be written into, unless there is one.
   *
   * @throws IllegalArgumentException if it cannot be made
   */
  static void makeFolder(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw new IllegalArgumentException(
          "%s cannot be a folder: %s is a file".formatted(folder, e.getFile()), e);
    } catch (FileSystemException e) {
      String why = e.getReason() == null ? "" : ": " + e.getReason();
      throw new IllegalArgumentException(
          "the folder %s cannot be made%s".formatted(folder, why), e);
    }
    if (!Files.isWritable(folder)) {
      throw new IllegalArgumentException(
          "nothing can be written into the folder %s: permission denied".formatted(folder));
    }
  }
}
