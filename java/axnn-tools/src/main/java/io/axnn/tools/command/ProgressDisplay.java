package io.axnn.tools.command;

import java.io.Console;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A bar with the time left on standard error where that is a terminal, and nothing elsewhere: there
 * the rows have to do.
 */
final class ProgressDisplay implements AutoCloseable {
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final ProgressBar barOrNull;

  private ProgressDisplay(ProgressBar barOrNull) {
    this.barOrNull = barOrNull;
  }

  /**
   * A bar.
   *
   * @param total of what {@link #advanceTo} counts
   */
  static ProgressDisplay start(String unit, long total) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      return new ProgressDisplay(null);
    }
    return new ProgressDisplay(
        new ProgressBarBuilder()
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(" " + unit, 1)
            .setConsumer(new ConsoleProgressBarConsumer(System.err))
            .clearDisplayOnFinish()
            .build());
  }

  void advanceTo(String what, long done) {
    if (barOrNull != null) {
      barOrNull.setExtraMessage(what);
      barOrNull.stepTo(done);
    }
  }

  /** Makes room for a line of something else; the bar comes back below it. */
  void clear() {
    if (barOrNull != null) {
      System.err.print(CLEAR_LINE);
      System.err.flush();
    }
  }

  @Override
  public void close() {
    if (barOrNull != null) {
      barOrNull.close();
    }
  }
}
