package io.axnn.tools.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Context;
import io.axnn.layers.ZeroPointCorrection;
import io.axnn.tools.CalibrationMethod;
import io.axnn.tools.Experiment;
import io.axnn.tools.LayerCodes;
import io.axnn.tools.Model;
import io.axnn.tools.data.DataOptions;
import io.axnn.tools.data.DataSet;
import io.axnn.tools.multipliers.MultiplierSet;
import io.axnn.tools.multipliers.MultiplierSource;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which rows a sweep has, what it tells of its progress, and the power of networks. */
class SweepTest {
  private static final int IMAGES = 30;
  private static final int BATCH = 20;
  private static final Map<String, String> FINGERPRINT = Map.of("test", "sweep");

  @TempDir private Path folder;
  private Context context;
  private MultiplierSet exact;
  private MultiplierSet multipliers;
  private Experiment experiment;

  @BeforeEach
  void open() throws IOException {
    context = Context.builder().threads(1).build();
    exact = MultiplierSource.create().read(List.of("exact"));
    multipliers = MultiplierSource.create().read(List.of("mul8s_1KVA", "mul8s_1KR3"));
    Model model = Model.load(TestData.model("fashion-mnist-cnn.onnx"));
    DataSet set =
        DataSet.open(
            TestData.folder().resolve("fashion-mnist").toString(),
            DataOptions.forInput(model.inputShape()));
    experiment =
        new Experiment(
            model,
            context,
            set.test(IMAGES),
            set.training(20),
            set.normalization(),
            BATCH,
            CalibrationMethod.MIN_MAX);
  }

  @AfterEach
  void close() {
    multipliers.close();
    exact.close();
    context.close();
  }

  private Sweep sweep(Sweep.Scope scope) {
    return new Sweep(
        experiment,
        new LayerCodes(false, ZeroPointCorrection.TABLE),
        exact.multipliers().getFirst(),
        multipliers.multipliers(),
        scope);
  }

  private List<SweepRow> run(Sweep sweep, Consumer<Integer> progress) throws IOException {
    List<SweepRow> arrived = new ArrayList<>();
    try (ResultFiles files = ResultFiles.open(folder, FINGERPRINT, true)) {
      sweep.run(files, arrived::add, (what, images) -> progress.accept(images));
      assertThat(sweep.missing(files)).isZero();
      assertThat(arrived).isEqualTo(files.rows());
    }
    return arrived;
  }

  @Test
  void scopesSayWhichRows() {
    assertThat(sweep(Sweep.Scope.ALL).size()).isEqualTo(2 + 2);
    assertThat(sweep(Sweep.Scope.EACH).size()).isEqualTo(2 + 2 * 5);
    assertThat(sweep(Sweep.Scope.BOTH).size()).isEqualTo(2 + 2 + 2 * 5);
  }

  /** Of what is still to be measured, so that the time left can be told. */
  @Test
  void progressCountsTheRowsThatAreMeasured() throws IOException {
    List<Integer> first = new ArrayList<>();
    List<SweepRow> four = run(sweep(Sweep.Scope.ALL), first::add);
    assertThat(first).containsExactly(20, 30, 50, 60, 80, 90, 110, 120);
    Sweep both = sweep(Sweep.Scope.BOTH);
    try (ResultFiles files = ResultFiles.open(folder, FINGERPRINT, true)) {
      assertThat(both.missing(files)).isEqualTo(10);
    }
    List<Integer> second = new ArrayList<>();
    List<SweepRow> all = run(both, second::add);
    assertThat(second).hasSize(2 * 10).startsWith(20, 30, 50).endsWith(10 * IMAGES);
    assertThat(all.subList(0, 4)).isEqualTo(four);
  }

  /** The multiplier's power by the share of its layer, the exact one's by that of the others. */
  @Test
  void powerIsWeightedByProducts() throws IOException {
    List<SweepRow> rows = run(sweep(Sweep.Scope.BOTH), images -> {});
    Map<String, Long> products = new LinkedHashMap<>(experiment.opCounts());
    double all = products.values().stream().mapToLong(Long::longValue).sum();
    List<SweepRow> each =
        rows.stream()
            .filter(row -> row.key().multiplier().equals("mul8s_1KR3") && !row.key().ofAllLayers())
            .toList();
    assertThat(each)
        .extracting(row -> row.key().layers())
        .containsExactlyElementsOf(products.keySet());
    double saved = 0;
    for (SweepRow row : each) {
      double share = products.get(row.key().layers()) / all;
      double power = row.networkMilliwatts().orElseThrow();
      assertThat(power).isCloseTo(share * 0.052 + (1 - share) * 0.425, within(1e-12));
      saved += 0.425 - power;
    }
    // What the layers save alone they save together.
    SweepRow whole = rows.get(3);
    assertThat(whole.key().ofAllLayers()).isTrue();
    assertThat(0.425 - whole.networkMilliwatts().orElseThrow()).isCloseTo(saved, within(1e-12));
    assertThat(rows.getFirst().networkMilliwatts()).isEmpty();
    assertThat(rows.get(1).networkMilliwatts()).hasValue(0.425);
  }
}
