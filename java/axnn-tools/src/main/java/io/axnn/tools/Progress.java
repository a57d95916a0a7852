package io.axnn.tools;

import java.io.Console;
import java.io.PrintStream;

/** One line on a terminal that tells how far a row of the table is. */
final class Progress {
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream terminal;

  private Progress(PrintStream terminal) {
    this.terminal = terminal;
  }

  /** Shows on standard error where that is a terminal; elsewhere the rows themselves have to do. */
  static Progress onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal() ? new Progress(System.err) : none();
  }

  static Progress none() {
    return new Progress(null);
  }

  void show(String setting, int done, int total) {
    if (terminal != null) {
      terminal.print(CLEAR_LINE + "%s: %d of %d images".formatted(setting, done, total));
      terminal.flush();
    }
  }

  void clear() {
    if (terminal != null) {
      terminal.print(CLEAR_LINE);
      terminal.flush();
    }
  }
}
