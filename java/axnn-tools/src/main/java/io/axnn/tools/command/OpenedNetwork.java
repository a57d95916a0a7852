package io.axnn.tools.command;

import io.axnn.tools.Experiment;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/**
 * What {@link NetworkOptions} opened.
 *
 * @param classNames by label, empty if they are not known
 * @param facts for people, by what they are
 * @param fingerprint all that decides what a row of results is, by what it is
 */
record OpenedNetwork(
    Experiment experiment,
    List<String> classNames,
    Map<String, String> facts,
    Map<String, String> fingerprint) {

  /** The name of a class, or its number. */
  String className(int label) {
    return label < classNames.size() ? classNames.get(label) : String.valueOf(label);
  }

  void printFacts(PrintWriter out) {
    facts.forEach((what, value) -> FactPrinter.print(out, what, value));
    out.println();
  }
}
