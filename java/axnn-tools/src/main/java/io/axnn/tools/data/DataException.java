package io.axnn.tools.data;

import java.nio.file.Path;

/** A data file whose contents contradict its format or each other. The message names the file. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * An error of a file.
   *
   * @param file the file
   * @param problem what is wrong, a sentence without the file's name
   */
  public DataException(Path file, String problem) {
    super(file + ": " + problem);
  }

  /**
   * An error of a file that another exception reported.
   *
   * @param file the file
   * @param problem what is wrong, a sentence without the file's name
   * @param cause the exception that said so
   */
  public DataException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
