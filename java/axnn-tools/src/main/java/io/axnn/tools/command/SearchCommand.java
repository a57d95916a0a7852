package io.axnn.tools.command;

import io.axnn.Context;
import io.axnn.multiplier.Multiplier;
import io.axnn.tools.Arithmetic;
import io.axnn.tools.Experiment;
import io.axnn.tools.Settings;
import io.axnn.tools.multipliers.MultiplierSet;
import io.axnn.tools.multipliers.RatedMultiplier;
import io.axnn.tools.search.AccuracyOracle;
import io.axnn.tools.search.Assignment;
import io.axnn.tools.search.EvaluationMemo;
import io.axnn.tools.search.GreedySearch;
import io.axnn.tools.search.Nsga2Search;
import io.axnn.tools.search.SearchProgress;
import io.axnn.tools.search.SearchResult;
import io.axnn.tools.search.SearchSpace;
import io.axnn.tools.search.Solution;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The cheapest multiplier for each layer. */
@Command(
    name = "search",
    description =
        "Finds a multiplier for each layer so that power is least under a limit on the loss of"
            + " accuracy.",
    customSynopsis = "axnn search MODEL --data=SET -m=M... [OPTION]...",
    footer = {"", MultiplierOptions.FORMS})
final class SearchCommand implements Callable<Integer> {
  private static final int LEAST_EVALUATIONS = 400;

  /** Algorithms. */
  enum Algorithm {
    /** Step by step, by the sensitivity of layers. */
    GREEDY,
    /** The genetic algorithm, which begins with the front of the greedy one. */
    NSGA2
  }

  /** Percentage points. */
  static final class Points implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      try {
        double points = Double.parseDouble(text);
        if (points >= 0 && points <= 100) {
          return points;
        }
      } catch (NumberFormatException e) {
        // The sentence below is of this case too.
      }
      throw new TypeConversionException("'%s' is no number from 0 to 100".formatted(text));
    }
  }

  @Mixin private NetworkOptions networkOptions = new NetworkOptions();

  @Option(
      names = {"-m", "--multipliers"},
      required = true,
      arity = "1..*",
      paramLabel = "M",
      description =
          "Candidates for each layer, see below; their power has to be known. MODEL stands before"
              + " them.")
  private List<String> multipliers;

  @Option(
      names = "--max-loss",
      paramLabel = "POINTS",
      defaultValue = "1",
      converter = Points.class,
      description =
          "Accuracy that may be lost against exact products, in percentage points. Default:"
              + " ${DEFAULT-VALUE}.")
  private double maximumLoss;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      defaultValue = "nsga2",
      description =
          "Of ${COMPLETION-CANDIDATES}: sensitivity-guided and greedy, or that and then NSGA-II."
              + " Default: ${DEFAULT-VALUE}.")
  private Algorithm algorithm;

  @Option(
      names = "--evaluations",
      paramLabel = "N",
      converter = Count.class,
      description =
          "Networks that each algorithm may evaluate. Default: twice as many as there are layers"
              + " with a candidate in them, at least "
              + LEAST_EVALUATIONS
              + ".")
  private Integer evaluations;

  @Option(
      names = "--search-images",
      paramLabel = "N",
      defaultValue = "1000",
      converter = Count.class,
      description =
          "The first test images, by which the search chooses. What it chose is measured on the"
              + " others, if there are more. Default: ${DEFAULT-VALUE}.")
  private int searchImages;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of NSGA-II. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      defaultValue = "axnn-search",
      description =
          "Folder for evaluations.jsonl, front.csv, front.svg, and best.json, which evaluate"
              + " --per-layer takes. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(
      names = "--resume",
      description = "Continues the search whose evaluations are in the folder.")
  private boolean resume;

  @Mixin private MultiplierOptions multiplierOptions = new MultiplierOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    SearchFolder files = new SearchFolder(folder);
    if (!resume) {
      files.requireNone();
    }
    List<String> texts = new ArrayList<>(List.of("exact"));
    texts.addAll(multipliers);
    try (Context context = networkOptions.context();
        MultiplierSet set = multiplierOptions.read(texts)) {
      OpenedNetwork opened = networkOptions.open(context);
      Experiment all = opened.experiment();
      SearchSpace space = space(all, set.multipliers());
      FileArguments.makeFolder(folder);
      opened.printFacts(out);
      Experiment chooses = all.ofImages(0, Math.min(searchImages, all.images()));
      SearchResult result;
      try (EvaluationMemo memo =
          EvaluationMemo.open(files.evaluations(), space, fingerprint(opened, chooses))) {
        result = run(space, memo.remembering(oracle(chooses, space, set)));
      }
      printFront(result, out);
      files.writeFront(result);
      Path best = files.writeBest(result, choice -> set.multipliers().get(choice).source());
      out.println("Best: " + best + ", for evaluate --per-layer");
      if (all.images() > chooses.images()) {
        Experiment others = all.ofImages(chooses.images(), all.images() - chooses.images());
        printOnOthers(others, space, set, result, out);
      }
    }
    return 0;
  }

  private SearchSpace space(Experiment experiment, List<RatedMultiplier> multipliers) {
    List<String> unknown =
        multipliers.stream()
            .filter(rated -> rated.milliwatts().isEmpty())
            .map(rated -> rated.multiplier().name())
            .toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "the power of %s is not known; --power FILE gives it, a line for each: name, comma, mW"
              .formatted(String.join(", ", unknown)));
    }
    Map<String, Long> opCounts = experiment.opCounts();
    return new SearchSpace(
        experiment.model().layers().stream()
            .filter(layer -> !layer.binary())
            .map(layer -> new SearchSpace.Layer(layer.name(), opCounts.get(layer.name())))
            .toList(),
        multipliers.stream()
            .map(
                rated ->
                    new SearchSpace.Candidate(
                        rated.multiplier().name(),
                        rated.multiplier().identity(),
                        rated.milliwatts().orElseThrow()))
            .toList(),
        0);
  }

  private static String fingerprint(OpenedNetwork opened, Experiment chooses) {
    return opened.fingerprint() + ", " + chooses.images() + " images";
  }

  private AccuracyOracle oracle(Experiment experiment, SearchSpace space, MultiplierSet set) {
    return assignment ->
        experiment.evaluate(settings(assignment, space, set), done -> {}).accuracyPercent();
  }

  private Settings settings(Assignment assignment, SearchSpace space, MultiplierSet set) {
    Map<String, Multiplier> multipliers = new LinkedHashMap<>();
    for (int layer = 0; layer < space.layers().size(); layer++) {
      int choice = assignment.choice(layer);
      if (choice != space.reference()) {
        multipliers.put(
            space.layers().get(layer).name(), set.multipliers().get(choice).multiplier());
      }
    }
    return networkOptions
        .codes()
        .settings(multipliers)
        .withBinaryLayers(Arithmetic.binary().withBitsBetweenLayers());
  }

  private SearchResult run(SearchSpace space, AccuracyOracle oracle) throws InterruptedException {
    int each = evaluations(space);
    int budget = algorithm == Algorithm.GREEDY ? each : 2 * each;
    try (ProgressDisplay progress = ProgressDisplay.start("networks", budget)) {
      SearchResult greedy =
          new GreedySearch(maximumLoss, each).run(space, oracle, shown(progress, "greedy", 0));
      if (algorithm == Algorithm.GREEDY) {
        return greedy;
      }
      SearchResult genetic =
          Nsga2Search.of(maximumLoss, each)
              .withSeed(seed)
              .withStart(greedy.front().stream().map(Solution::assignment).toList())
              .run(space, oracle, shown(progress, "NSGA-II", greedy.evaluated().size()));
      return greedy.and(genetic);
    }
  }

  /** Greedy search begins with every candidate in every layer. */
  private int evaluations(SearchSpace space) {
    return evaluations != null
        ? evaluations
        : Math.max(LEAST_EVALUATIONS, 2 * space.layers().size() * space.candidates().size());
  }

  private static SearchProgress shown(ProgressDisplay progress, String what, int before) {
    return (done, budget, latest) -> progress.advanceTo(what, before + done);
  }

  private static void printFront(SearchResult result, PrintWriter out) {
    TextTable table =
        new TextTable(
            List.of(
                TextTable.Column.number("loss, points", 0),
                TextTable.Column.number("top-1", 0),
                TextTable.Column.number("mW", 0),
                TextTable.Column.text("", 0),
                TextTable.Column.text("multipliers, layer by layer", 0)));
    for (Solution solution : result.front()) {
      table.add(
          Numbers.decimals(2, solution.accuracyLoss()),
          Numbers.percent(solution.accuracyPercent()),
          Numbers.decimals(4, solution.power()),
          solution.equals(result.best()) ? "best" : "",
          String.join(" ", SearchFolder.names(result.space(), solution.assignment())));
    }
    table.print(out);
    out.printf("%n%d networks evaluated%n", result.evaluated().size());
  }

  private void printOnOthers(
      Experiment others,
      SearchSpace space,
      MultiplierSet set,
      SearchResult result,
      PrintWriter out) {
    double exact =
        others.evaluate(settings(space.exact(), space, set), done -> {}).accuracyPercent();
    double best =
        others
            .evaluate(settings(result.best().assignment(), space, set), done -> {})
            .accuracyPercent();
    out.printf(
        "On the %d other images: exact %s, best %s%n",
        others.images(), Numbers.percent(exact), Numbers.percent(best));
  }
}
