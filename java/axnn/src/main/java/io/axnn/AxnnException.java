package io.axnn;

import java.util.Objects;

/** The native library refused a call; the message is its own. */
public class AxnnException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The cause as a code. */
  private final Status status;

  /**
   * Makes the exception of one refused call.
   *
   * @param status the cause as a code
   * @param message the library's sentence on it
   */
  public AxnnException(Status status, String message) {
    super(Objects.requireNonNull(status, "status") + ": " + message);
    this.status = status;
  }

  /**
   * The cause as a code.
   *
   * @return never {@link Status#OK}
   */
  public Status status() {
    return status;
  }
}
