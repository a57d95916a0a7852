package io.axnn.tools;

import io.axnn.Context;
import java.io.PrintStream;
import java.util.Locale;

/** The table of a run; each row is printed as soon as it is known. */
final class ResultTable {
  private static final String ROW = "%-34s %9s %10s %9s %7s %8s%n";

  private final PrintStream out;
  private final Context context;

  ResultTable(PrintStream out, Context context) {
    this.out = out;
    this.context = context;
  }

  void printHeader() {
    out.printf(ROW, "setting", "accuracy", "images/s", "ms/image", "tier", "threads");
    out.flush();
  }

  void print(String setting, Evaluation evaluation) {
    out.printf(
        ROW,
        setting,
        String.format(Locale.ROOT, "%.2f %%", evaluation.accuracyPercent()),
        String.format(Locale.ROOT, "%.0f", evaluation.imagesPerSecond()),
        String.format(Locale.ROOT, "%.3f", evaluation.millisecondsPerImage()),
        context.tier().name().toLowerCase(Locale.ROOT),
        context.threads());
    out.flush();
  }
}
