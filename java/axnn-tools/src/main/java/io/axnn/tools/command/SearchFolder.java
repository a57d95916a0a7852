package io.axnn.tools.command;

import io.axnn.tools.SearchPicture;
import io.axnn.tools.internal.files.WholeFile;
import io.axnn.tools.search.Assignment;
import io.axnn.tools.search.SearchResult;
import io.axnn.tools.search.SearchSpace;
import io.axnn.tools.search.Solution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The files that a search leaves in a folder. */
record SearchFolder(Path folder) {
  private static final String EVALUATIONS = "evaluations.jsonl";
  private static final String BEST = "best.json";
  private static final String FRONT = "front.csv";
  private static final String PICTURE = "front.svg";

  /** What was evaluated, by which a search is continued. */
  Path evaluations() {
    return folder.resolve(EVALUATIONS);
  }

  /**
   * Refuses to mix a new search with one that is there.
   *
   * @throws IllegalArgumentException if one is
   */
  void requireNone() {
    if (Files.exists(evaluations())) {
      throw new IllegalArgumentException(
          evaluations()
              + " is there already; --resume continues that search, --out names another folder");
    }
  }

  /** Writes the front as a table and as a picture. */
  void writeFront(SearchResult result) throws IOException {
    SearchSpace space = result.space();
    List<String> layers = space.layers().stream().map(SearchSpace.Layer::name).toList();
    StringBuilder csv = new StringBuilder("loss_points,top1_percent,milliwatts,");
    csv.append(quoted(layers)).append('\n');
    for (Solution solution : result.front()) {
      csv.append(solution.accuracyLoss())
          .append(',')
          .append(solution.accuracyPercent())
          .append(',')
          .append(solution.power())
          .append(',')
          .append(quoted(names(space, solution.assignment())))
          .append('\n');
    }
    WholeFile.write(folder.resolve(FRONT), csv.toString().getBytes(StandardCharsets.UTF_8));
    SearchPicture.of(result).write(folder.resolve(PICTURE));
  }

  /** Cells of CSV, RFC 4180. */
  private static String quoted(List<String> cells) {
    return String.join(
        ",", cells.stream().map(cell -> '"' + cell.replace("\"", "\"\"") + '"').toList());
  }

  /** The multipliers of an assignment, layer by layer. */
  static List<String> names(SearchSpace space, Assignment assignment) {
    List<String> names = new ArrayList<>();
    for (int layer = 0; layer < space.layers().size(); layer++) {
      names.add(space.candidates().get(assignment.choice(layer)).name());
    }
    return names;
  }

  /**
   * Writes the best assignment as {@code evaluate --per-layer} takes it.
   *
   * @param source of a candidate, by its index: what the command line calls it
   * @return the file
   */
  Path writeBest(SearchResult result, IntFunction<String> source) throws IOException {
    List<SearchSpace.Layer> layers = result.space().layers();
    Map<String, String> assignment = new LinkedHashMap<>();
    for (int layer = 0; layer < layers.size(); layer++) {
      int choice = result.best().assignment().choice(layer);
      assignment.put(layers.get(layer).name(), source.apply(choice));
    }
    Path file = folder.resolve(BEST);
    AssignmentFile.write(file, assignment);
    return file;
  }
}
