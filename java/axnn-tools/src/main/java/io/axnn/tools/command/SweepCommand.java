package io.axnn.tools.command;

import io.axnn.Axnn;
import io.axnn.Context;
import io.axnn.tools.Experiment;
import io.axnn.tools.multipliers.MultiplierSet;
import io.axnn.tools.sweep.ResultFiles;
import io.axnn.tools.sweep.Sweep;
import io.axnn.tools.sweep.SweepRow;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Every multiplier in a network. */
@Command(
    name = "sweep",
    description =
        "Measures what each of many multipliers does to a network, in all layers or in each alone:"
            + " tables, and a report with accuracy against power.",
    customSynopsis = "axnn sweep MODEL --data=SET -m=M... [OPTION]...",
    footer = {"", MultiplierOptions.FORMS})
final class SweepCommand implements Callable<Integer> {
  private static final String REPORT = "report.html";
  private static final List<TextTable.Column> COLUMNS =
      List.of(
          TextTable.Column.text("multiplier", 28),
          TextTable.Column.text("layers", 16),
          TextTable.Column.number("top-1", 9),
          TextTable.Column.number("top-5", 9),
          TextTable.Column.number("mW", 6),
          TextTable.Column.number("network mW", 10),
          TextTable.Column.number("MAE", 10),
          TextTable.Column.number("images/s", 9));

  @Mixin private NetworkOptions networkOptions = new NetworkOptions();

  @Option(
      names = {"-m", "--multipliers"},
      required = true,
      arity = "1..*",
      paramLabel = "M",
      description = "Multipliers, see below. MODEL stands before them.")
  private List<String> multipliers;

  @Option(
      names = "--layers",
      paramLabel = "WHERE",
      defaultValue = "all",
      description =
          "Where a multiplier is put, of ${COMPLETION-CANDIDATES}: into all layers, into each layer"
              + " alone while the others are exact, or first the one, then the other. Default:"
              + " ${DEFAULT-VALUE}.")
  private Sweep.Scope scope;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      defaultValue = "axnn-sweep",
      description =
          "Folder for results.jsonl, results.csv and report.html. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(names = "--resume", description = "Continues the sweep whose results are in the folder.")
  private boolean resume;

  @Mixin private MultiplierOptions multiplierOptions = new MultiplierOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (Context context = networkOptions.context();
        MultiplierSet exact = multiplierOptions.read(List.of("exact"));
        MultiplierSet set = multiplierOptions.read(multipliers)) {
      OpenedNetwork opened = networkOptions.open(context);
      Experiment experiment = opened.experiment();
      Sweep sweep =
          new Sweep(
              experiment,
              networkOptions.codes(),
              exact.multipliers().getFirst(),
              set.multipliers(),
              scope);
      FileArguments.makeFolder(folder);
      opened.printFacts(out);
      TextTable table = new TextTable(COLUMNS);
      List<SweepRow> rows;
      try (ResultFiles files = ResultFiles.open(folder, opened.fingerprint(), resume)) {
        table.printTitles(out);
        run(sweep, files, experiment.images(), table, out);
        rows = files.rows();
      }
      Map<String, String> facts = new LinkedHashMap<>(opened.facts());
      facts.put(
          "run on",
          "%s, %d threads, axnn %s"
              .formatted(EnumNames.of(context.tier()), context.threads(), Axnn.version()));
      Path report = folder.resolve(REPORT);
      sweep.report(networkOptions.model().getFileName().toString(), facts, rows).write(report);
      out.println();
      PeakMemory.mebibytes()
          .ifPresent(peak -> out.println("Peak memory of the process: " + peak + " MiB"));
      out.println("Report: " + report.toAbsolutePath());
    }
    return 0;
  }

  private static void run(
      Sweep sweep, ResultFiles files, int images, TextTable table, PrintWriter out)
      throws IOException {
    try (ProgressDisplay progress =
        ProgressDisplay.start("images", (long) sweep.missing(files) * images)) {
      sweep.run(
          files, row -> progress.printAbove(() -> print(table, row, out)), progress::advanceTo);
    }
  }

  private static void print(TextTable table, SweepRow row, PrintWriter out) {
    table.printRow(
        out,
        row.key().multiplier(),
        row.key().layers(),
        Numbers.percent(row.top1Percent()),
        Numbers.percent(row.top5Percent()),
        Numbers.milliwatts(row.multiplierMilliwatts()),
        Numbers.milliwatts(row.networkMilliwatts()),
        Numbers.finePercent(row.maePercent().orElse(Double.NaN)),
        Numbers.decimals(0, row.imagesPerSecond()));
  }
}
