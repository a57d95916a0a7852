package io.axnn.tools.command;

import io.axnn.Context;
import io.axnn.tools.Evaluation;
import io.axnn.tools.LayerProfile;
import java.util.ArrayList;
import java.util.List;

/** Results of {@code axnn evaluate} as tables. */
final class EvaluationTables {
  private EvaluationTables() {}

  /** For rows that are printed as they arrive. */
  static TextTable summary() {
    return new TextTable(
        List.of(
            TextTable.Column.text("setting", 36),
            TextTable.Column.number("top-1", 9),
            TextTable.Column.number("top-5", 9),
            TextTable.Column.number("images/s", 9),
            TextTable.Column.number("ms/image", 9),
            TextTable.Column.text("tier", 6),
            TextTable.Column.number("threads", 7)));
  }

  static String[] summaryRow(EvaluationResult result, Context context) {
    Evaluation evaluation = result.evaluation();
    return new String[] {
      result.setting(),
      Numbers.percent(evaluation.accuracyPercent()),
      Numbers.percent(evaluation.top5Percent()),
      Numbers.decimals(0, evaluation.imagesPerSecond()),
      Numbers.decimals(3, evaluation.millisecondsPerImage()),
      EnumNames.of(context.tier()),
      String.valueOf(context.threads())
    };
  }

  /** A row for each class, a column for each result. */
  static TextTable classes(OpenedNetwork opened, List<EvaluationResult> results) {
    List<TextTable.Column> columns = new ArrayList<>();
    columns.add(TextTable.Column.text("class", 0));
    columns.add(TextTable.Column.number("images", 0));
    results.forEach(result -> columns.add(TextTable.Column.number(result.setting(), 0)));
    TextTable table = new TextTable(columns);
    int classes = results.getFirst().evaluation().classes().size();
    for (int label = 0; label < classes; label++) {
      List<String> cells = new ArrayList<>();
      cells.add(opened.className(label));
      cells.add(Numbers.count(results.getFirst().evaluation().classes().get(label).images()));
      for (EvaluationResult result : results) {
        cells.add(Numbers.percent(result.evaluation().classes().get(label).accuracyPercent()));
      }
      table.add(cells.toArray(String[]::new));
    }
    return table;
  }

  static TextTable layers(List<LayerProfile> layers) {
    TextTable table =
        new TextTable(
            List.of(
                TextTable.Column.text("layer", 0),
                TextTable.Column.text("arithmetic", 0),
                TextTable.Column.number("products", 0),
                TextTable.Column.number("fan-in", 0),
                TextTable.Column.number("mean error", 0),
                TextTable.Column.number("max error", 0),
                TextTable.Column.number("us/image", 0),
                TextTable.Column.text("kernel", 0)));
    for (LayerProfile layer : layers) {
      table.add(
          layer.layer().name(),
          layer.arithmetic().toString(),
          Numbers.count(layer.opCount()),
          String.valueOf(layer.layer().fanIn()),
          Numbers.finePercent(layer.meanErrorPercent()),
          Numbers.finePercent(layer.maxErrorPercent()),
          Numbers.decimals(1, layer.timePerImage().toNanos() * 1e-3),
          layer.kernel());
    }
    return table;
  }
}
