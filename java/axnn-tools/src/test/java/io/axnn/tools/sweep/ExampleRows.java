package io.axnn.tools.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Rows as a sweep of ResNet-8 would give: the signed multipliers of EvoApproxLib with their power
 * and error, and accuracies that fall with the error by a formula.
 */
final class ExampleRows {

  static final String ZERO_POINT_0 = "8-bit, zero point 0";

  static final List<String> LAYERS =
      List.of(
          "/stem/conv/Conv",
          "/stage1/conv1/Conv",
          "/stage1/conv2/Conv",
          "/stage2/conv1/Conv",
          "/stage2/conv2/Conv",
          "/stage2/shortcut/Conv",
          "/stage3/conv1/Conv",
          "/stage3/conv2/Conv",
          "/stage3/shortcut/Conv",
          "/head/Gemm");

  private static final int IMAGES = 10_000;
  private static final int FLOAT32_CORRECT = 8_497;
  private static final int EXACT_CORRECT = 8_486;
  private static final double EXACT_MILLIWATTS = 0.425;

  private record Circuit(String name, double milliwatts, double maePercent) {}

  private static final List<Circuit> CIRCUITS =
      List.of(
          new Circuit("mul8s_1KVA", 0.422, 0.0018),
          new Circuit("mul8s_1KVB", 0.410, 0.0064),
          new Circuit("mul8s_1KX2", 0.391, 0.018),
          new Circuit("mul8s_1KR8", 0.369, 0.049),
          new Circuit("mul8s_1KR6", 0.363, 0.050),
          new Circuit("mul8s_1KRC", 0.351, 0.055),
          new Circuit("mul8s_1L2H", 0.301, 0.081),
          new Circuit("mul8s_1KVL", 0.289, 0.15),
          new Circuit("mul8s_1KTY", 0.237, 0.34),
          new Circuit("mul8s_1L2D", 0.200, 0.23),
          new Circuit("mul8s_1L1G", 0.126, 0.52),
          new Circuit("mul8s_1KR3", 0.052, 3.08));

  private ExampleRows() {}

  static SweepRow float32() {
    return row(
        new SweepRow.Key("float32", "", "all", "float32"),
        FLOAT32_CORRECT,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }

  static SweepRow exact(String setting) {
    return row(
        new SweepRow.Key("mul8s_1KV8", identity(0), "all", setting),
        EXACT_CORRECT,
        OptionalDouble.of(EXACT_MILLIWATTS),
        OptionalDouble.of(EXACT_MILLIWATTS),
        OptionalDouble.of(0));
  }

  /** Some of the multipliers in all layers. */
  static List<SweepRow> wholeNetwork(int multipliers, String setting) {
    List<SweepRow> rows = new ArrayList<>();
    for (int i = 0; i < multipliers; i++) {
      Circuit circuit = CIRCUITS.get(i);
      rows.add(
          row(
              new SweepRow.Key(circuit.name(), identity(i + 1), "all", setting),
              correct(circuit, 1),
              OptionalDouble.of(circuit.milliwatts()),
              OptionalDouble.of(circuit.milliwatts()),
              OptionalDouble.of(circuit.maePercent())));
    }
    return rows;
  }

  /** Each of the multipliers in each of the layers. */
  static List<SweepRow> eachLayer() {
    List<SweepRow> rows = new ArrayList<>();
    for (int i = 0; i < CIRCUITS.size(); i++) {
      Circuit circuit = CIRCUITS.get(i);
      for (int layer = 0; layer < LAYERS.size(); layer++) {
        double share = (layer % 3 + 1) / 20.0;
        rows.add(
            row(
                new SweepRow.Key(circuit.name(), identity(i + 1), LAYERS.get(layer), ZERO_POINT_0),
                correct(circuit, share) + (i * 7 + layer * 5) % 9 - 4,
                OptionalDouble.of(circuit.milliwatts()),
                OptionalDouble.of(share * circuit.milliwatts() + (1 - share) * EXACT_MILLIWATTS),
                OptionalDouble.of(circuit.maePercent())));
      }
    }
    return rows;
  }

  private static int correct(Circuit circuit, double share) {
    double kept = Math.exp(-2.2 * share * Math.pow(circuit.maePercent(), 1.5));
    return 1000 + (int) Math.round((EXACT_CORRECT - 1000) * kept);
  }

  private static String identity(int number) {
    return "%08x".formatted(0x9e3779b9L * (number + 1) & 0xffffffffL).repeat(8);
  }

  private static SweepRow row(
      SweepRow.Key key,
      int correct,
      OptionalDouble multiplierMilliwatts,
      OptionalDouble networkMilliwatts,
      OptionalDouble maePercent) {
    return new SweepRow(
        key,
        IMAGES,
        correct,
        Math.min(IMAGES, correct + 1_400),
        IMAGES / (3_000.0 + correct % 97),
        multiplierMilliwatts,
        networkMilliwatts,
        maePercent);
  }
}
