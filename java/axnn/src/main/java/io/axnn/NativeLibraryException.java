package io.axnn;

/**
 * The native library of axnn cannot be used in this JVM. The message lists every place that was
 * tried and why it failed, the platform, and the flag or property that helps.
 */
public class NativeLibraryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception of one failed load.
   *
   * @param message what was tried and what helps
   * @param cause the failure of the last place tried, or null
   */
  public NativeLibraryException(String message, Throwable cause) {
    super(message, cause);
  }
}
