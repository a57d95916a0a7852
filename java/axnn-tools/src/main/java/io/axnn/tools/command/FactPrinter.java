package io.axnn.tools.command;

import java.io.PrintWriter;
import java.util.Locale;

/** Lines of what a thing is called, and what it is. */
final class FactPrinter {
  private FactPrinter() {}

  static void print(PrintWriter out, String what, String value) {
    out.printf(Locale.ROOT, "%-13s %s%n", what, value);
  }
}
