package io.axnn.tools.command;

import java.util.concurrent.locks.ReentrantLock;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A bar with the time left on standard error where that and standard output are a terminal, and
 * nothing elsewhere: there the rows have to do.
 */
final class ProgressDisplay implements AutoCloseable {
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final ProgressBar barOrNull;
  private final ReentrantLock terminal;

  private ProgressDisplay(ProgressBar barOrNull, ReentrantLock terminal) {
    this.barOrNull = barOrNull;
    this.terminal = terminal;
  }

  /**
   * A bar.
   *
   * @param total of what {@link #advanceTo} counts
   */
  static ProgressDisplay start(String unit, long total) {
    ReentrantLock terminal = new ReentrantLock();
    if (!Terminal.isWatched()) {
      return new ProgressDisplay(null, terminal);
    }
    ProgressBar bar =
        new ProgressBarBuilder()
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(" " + unit, 1)
            .setConsumer(new LockedConsole(terminal))
            .clearDisplayOnFinish()
            .build();
    return new ProgressDisplay(bar, terminal);
  }

  void advanceTo(String what, long done) {
    if (barOrNull != null) {
      barOrNull.setExtraMessage(" " + what);
      barOrNull.stepTo(done);
    }
  }

  /** Prints something else where the bar is, which comes back below it. */
  void printAbove(Runnable print) {
    if (barOrNull == null) {
      print.run();
      return;
    }
    terminal.lock();
    try {
      System.err.print(CLEAR_LINE);
      System.err.flush();
      print.run();
    } finally {
      terminal.unlock();
    }
  }

  @Override
  public void close() {
    if (barOrNull != null) {
      barOrNull.close();
    }
  }

  /** The bar is drawn by a thread of its own. */
  private static final class LockedConsole extends ConsoleProgressBarConsumer {
    private final ReentrantLock terminal;

    LockedConsole(ReentrantLock terminal) {
      super(System.err);
      this.terminal = terminal;
    }

    @Override
    public void accept(String bar) {
      terminal.lock();
      try {
        super.accept(bar);
      } finally {
        terminal.unlock();
      }
    }
  }
}
