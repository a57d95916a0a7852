package io.axnn.tools.command;

import io.axnn.multiplier.ErrorFigures;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.tools.MultiplierPictures;
import io.axnn.tools.multipliers.MultiplierSet;
import io.axnn.tools.multipliers.RatedMultiplier;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a multiplier is and does wrong. */
@Command(
    name = "inspect",
    description = "Prints identity, error figures and structure of multipliers, and draws them.",
    customSynopsis = "axnn inspect M... [OPTION]...",
    footer = {"", MultiplierOptions.FORMS})
final class InspectCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "M", description = "Multipliers, see below.")
  private List<String> multipliers;

  @Option(
      names = "--pictures",
      paramLabel = "DIR",
      description =
          "Writes a heat map and a histogram of the error of each multiplier there, NAME-heat.svg"
              + " and NAME-histogram.svg.")
  private Path pictures;

  @Option(
      names = "--sample",
      paramLabel = "PAIRS",
      defaultValue = "16777216",
      converter = Count.class,
      description =
          "Pairs of operands that figures are taken over where there are more than that."
              + " Default: ${DEFAULT-VALUE}, every pair of 12 bits.")
  private int sample;

  @Mixin private MultiplierOptions multiplierOptions = new MultiplierOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (pictures != null) {
      FileArguments.makeFolder(pictures);
    }
    try (MultiplierSet set = multiplierOptions.read(multipliers)) {
      for (RatedMultiplier rated : set.multipliers()) {
        print(out, rated);
        if (pictures != null) {
          draw(out, rated.multiplier());
        }
        out.println();
      }
    }
    return 0;
  }

  private void print(PrintWriter out, RatedMultiplier rated) {
    Multiplier multiplier = rated.multiplier();
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    FactPrinter.print(
        out,
        "multiplier",
        multiplier.name()
            + multiplier.libraryVersion().map(version -> " of " + version).orElse(""));
    FactPrinter.print(out, "operands", describe(row) + " x " + describe(column));
    FactPrinter.print(out, "identity", multiplier.identity());
    FactPrinter.print(out, "power", Numbers.milliwatts(rated.milliwatts()) + " mW");
    boolean all =
        row.bits() + column.bits() < Integer.SIZE - 1
            && (long) row.count() * column.count() <= sample;
    ErrorFigures figures =
        all ? ErrorFigures.of(multiplier) : ErrorFigures.ofSample(multiplier, sample, 1);
    FactPrinter.print(
        out,
        "figures over",
        Numbers.count(figures.pairs()) + (all ? " pairs, all there are" : " pairs, drawn"));
    FactPrinter.print(out, "MAE", absolute(figures.mae(), figures.maePercent()));
    FactPrinter.print(out, "WCE", absolute(figures.wce(), figures.wcePercent()));
    FactPrinter.print(out, "MSE", number(figures.mse()));
    FactPrinter.print(out, "EP", Numbers.percent(figures.epPercent()));
    FactPrinter.print(
        out,
        "MRE",
        Numbers.percent(figures.mrePercent())
            + String.format(
                Locale.ROOT,
                " (%.2f %% where a product of 0 counts too)",
                100 * figures.mreOfAllPairs()));
    FactPrinter.print(out, "WCRE", Numbers.percent(figures.wcrePercent()));
    FactPrinter.print(
        out,
        "noise",
        "mean " + number(figures.bias()) + ", deviation " + number(figures.standardDeviation()));
    FactPrinter.print(
        out,
        "structure",
        multiplier
            .structure()
            .map(structure -> structure.terms().size() + " exact integer passes give its products")
            .orElse("none found: a layer looks its products up"));
  }

  private void draw(PrintWriter out, Multiplier multiplier) throws IOException {
    String name = multiplier.name().replaceAll("[^\\w.-]", "_");
    Path heat = pictures.resolve(name + "-heat.svg");
    Path histogram = pictures.resolve(name + "-histogram.svg");
    MultiplierPictures.errorHeatMap(multiplier).write(heat);
    MultiplierPictures.errorHistogram(multiplier).write(histogram);
    FactPrinter.print(out, "pictures", heat + ", " + histogram);
  }

  private static String describe(Operand operand) {
    return "%d bits %s, %d..%d"
        .formatted(
            operand.bits(), operand.signed() ? "signed" : "unsigned", operand.min(), operand.max());
  }

  private static String absolute(double value, double percent) {
    return number(value) + String.format(Locale.ROOT, " (%.4f %% of the largest range)", percent);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6g", value);
  }
}
