package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.axnn.Axnn;
import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Modes and settings that change on a live layer. */
class LiveLayerTest {

  private static final Conv2dArgs ARGS =
      Conv2dArgs.builder(4, 6, 3, 3).padding(Padding.of(1)).groups(2).build();
  private static final Quantization INPUT = Quantization.affine(0.01f, -7);

  private final Random random = new Random(3);
  private final Tensor x = Tensor.of(Seeds.floats(random, 2 * 4 * 49), 2, 4, 7, 7);
  private final Tensor weights = weights(random);
  private final Tensor bias = Tensor.of(Seeds.floats(random, 6), 6);
  private long before;
  private Context context;
  private Multiplier exact;
  private Multiplier rough;

  @BeforeEach
  void open() {
    before = Axnn.liveHandles();
    context = Context.create();
    exact = Multiplier.exact();
    rough = truncated(3);
  }

  @AfterEach
  void close() {
    context.close();
    exact.close();
    rough.close();
    assertThat(Axnn.liveHandles()).isEqualTo(before);
  }

  private static Multiplier truncated(int bits) {
    return Multiplier.fromFunction(
        "t" + bits, Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b >> bits << bits);
  }

  private static Tensor weights(Random random) {
    return Tensor.of(Seeds.floats(random, 6 * ARGS.fanIn()), ARGS.weightShape());
  }

  private ApproxConv2d.Builder builder() {
    return ApproxConv2d.builder(context, ARGS, weights, bias);
  }

  /** What a layer that is built with these settings gives. */
  private float[] fresh(ApproxConv2d.Builder builder) {
    try (ApproxConv2d layer = builder.build()) {
      return layer.forward(x).toFloatArray();
    }
  }

  private static float[] run(ApproxLayer layer, Tensor x) {
    return layer.forward(x).toFloatArray();
  }

  @Test
  void theModeFollowsFromWhatIsKnown() {
    try (ApproxConv2d nothing = builder().build();
        ApproxConv2d quantized = builder().inputQuantization(INPUT).build();
        ApproxConv2d approximate = builder().inputQuantization(INPUT).multiplier(exact).build();
        ApproxConv2d chosen =
            builder().multiplier(exact).inferenceMode(InferenceMode.BASELINE).build()) {
      assertThat(nothing.inferenceMode()).isEqualTo(InferenceMode.BASELINE);
      assertThat(quantized.inferenceMode()).isEqualTo(InferenceMode.QUANTIZED);
      assertThat(approximate.inferenceMode()).isEqualTo(InferenceMode.APPROXIMATE);
      assertThat(chosen.inferenceMode()).isEqualTo(InferenceMode.BASELINE);
    }
  }

  @Test
  void everyModeGivesWhatItsMethodGives() {
    try (ApproxConv2d layer = builder().inputQuantization(INPUT).multiplier(rough).build();
        Conv2d conv = Conv2d.of(context, ARGS, weights, bias)) {
      float[] approximate = run(layer, x);
      layer.setInferenceMode(InferenceMode.QUANTIZED);
      float[] quantized = run(layer, x);
      layer.setInferenceMode(InferenceMode.NOISE);
      assertThat(run(layer, x)).as("noise without training").isEqualTo(quantized);
      layer.setInferenceMode(InferenceMode.BASELINE);
      float[] baseline = run(layer, x);
      assertThat(baseline).isEqualTo(conv.forward(x).toFloatArray());
      assertThat(layer.baselineForward(x).toFloatArray()).isEqualTo(baseline);
      assertThat(layer.quantForward(x).toFloatArray()).isEqualTo(quantized);
      assertThat(layer.noiseForward(x).toFloatArray()).isEqualTo(quantized);
      assertThat(layer.approxForward(x).toFloatArray()).isEqualTo(approximate);
      assertThat(approximate).isNotEqualTo(quantized);
      assertThatNullPointerException().isThrownBy(() -> layer.forward(x, null)).withMessage("y");
      assertThatNullPointerException().isThrownBy(() -> conv.forward(x, null)).withMessage("y");
      Tensor y = Tensor.allocate(DataType.FLOAT32, 2, 6, 7, 7);
      layer.baselineForward(x, y);
      assertThat(y.toFloatArray()).isEqualTo(baseline);
      layer.quantForward(x, y);
      assertThat(y.toFloatArray()).isEqualTo(quantized);
      layer.noiseForward(x, y);
      assertThat(y.toFloatArray()).isEqualTo(quantized);
      layer.approxForward(x, y);
      assertThat(y.toFloatArray()).isEqualTo(approximate);
    }
  }

  @Test
  void theExactTableEqualsTheQuantisedMode() {
    Random cases = Seeds.random("LiveLayerTest.theExactTableEqualsTheQuantisedMode");
    for (int i = 0; i < 60; i++) {
      ApproxCase drawn = ApproxCase.draw(cases, RandomConv.draw(cases));
      try (ApproxConv2d layer = drawn.build(context, exact)) {
        assertThat(layer.quantForward(drawn.xTensor()).toFloatArray())
            .as("case %d: %s", i, drawn)
            .isEqualTo(layer.approxForward(drawn.xTensor()).toFloatArray());
      }
    }
  }

  @Test
  void limitsHoldInEveryMode() {
    try (ApproxConv2d layer =
        builder().inputQuantization(INPUT).multiplier(rough).outputRange(0, 0.25f).build()) {
      for (InferenceMode mode : InferenceMode.values()) {
        layer.setInferenceMode(mode);
        for (float value : run(layer, x)) {
          assertThat(value).as(mode.name()).isBetween(0f, 0.25f);
        }
      }
    }
  }

  @Test
  void everySetterGivesTheLayerThatIsBuiltWithIt() {
    Tensor otherWeights = weights(random);
    Tensor otherBias = Tensor.of(Seeds.floats(random, 6), 6);
    Quantization otherInput = Quantization.symmetric(0.02f);
    WeightQuantization perTensor = WeightQuantization.perTensor(otherWeights);
    try (ApproxConv2d layer = builder().inputQuantization(INPUT).multiplier(exact).build()) {
      for (InferenceMode mode : InferenceMode.values()) {
        layer.setInferenceMode(mode);
        run(layer, x);
      }
      layer.setInferenceMode(InferenceMode.APPROXIMATE);
      layer.setMultiplier(rough);
      assertThat(run(layer, x))
          .isEqualTo(fresh(builder().inputQuantization(INPUT).multiplier(rough)));
      layer.setInputQuantization(otherInput);
      assertThat(run(layer, x))
          .isEqualTo(fresh(builder().inputQuantization(otherInput).multiplier(rough)));
      layer.setBias(null);
      assertThat(run(layer, x))
          .isEqualTo(
              fresh(
                  ApproxConv2d.builder(context, ARGS, weights, null)
                      .inputQuantization(otherInput)
                      .multiplier(rough)));
      layer.setBias(otherBias);
      layer.setWeights(otherWeights);
      ApproxConv2d.Builder other =
          ApproxConv2d.builder(context, ARGS, otherWeights, otherBias)
              .inputQuantization(otherInput)
              .multiplier(rough);
      assertThat(layer.weightQuantization()).isEqualTo(WeightQuantization.perChannel(otherWeights));
      assertThat(run(layer, x)).isEqualTo(fresh(other));
      layer.setWeightQuantization(perTensor);
      assertThat(run(layer, x)).isEqualTo(fresh(other.weightQuantization(perTensor)));
      for (InferenceMode mode : InferenceMode.values()) {
        layer.setInferenceMode(mode);
        assertThat(run(layer, x)).as(mode.name()).isEqualTo(fresh(other.inferenceMode(mode)));
      }
      layer.setWeights(weights);
      assertThat(layer.weightQuantization()).as("was set, so it stays").isEqualTo(perTensor);
      assertThat(layer.weights().toFloatArray()).isEqualTo(weights.toFloatArray());
      assertThat(layer.bias().orElseThrow().toFloatArray()).isEqualTo(otherBias.toFloatArray());
    }
  }

  @Test
  void weightsAndBiasAreCopied() {
    Tensor mine = weights(random);
    try (ApproxConv2d layer = ApproxConv2d.builder(context, ARGS, mine, null).build()) {
      float[] expected = run(layer, x);
      layer.setWeights(mine);
      mine.memory().fill((byte) 0);
      layer.setBias(null);
      assertThat(run(layer, x)).isEqualTo(expected);
    }
  }

  @Test
  void theMultiplierMayBeClosedOnceItIsSet() {
    float[] expected = fresh(builder().inputQuantization(INPUT).multiplier(rough));
    try (ApproxConv2d layer = builder().build()) {
      Multiplier mine = truncated(3);
      layer.setMultiplier(mine);
      mine.close();
      layer.setInferenceMode(InferenceMode.APPROXIMATE);
      layer.setInputQuantization(INPUT);
      assertThat(run(layer, x)).isEqualTo(expected);
      layer.setBias(bias);
      assertThat(run(layer, x)).isEqualTo(expected);
      Multiplier closed = truncated(2);
      closed.close();
      assertIllegalState(() -> layer.setMultiplier(closed), "Multiplier", "closed");
      assertThat(run(layer, x)).isEqualTo(expected);
    }
  }

  @Test
  void aSetterThatFailsLeavesTheLayerAsItWas() {
    try (ApproxConv2d layer = builder().inputQuantization(INPUT).multiplier(rough).build();
        Multiplier sevenBits =
            Multiplier.fromFunction(
                "7", new Operand(7, true), new Operand(7, true), (a, b) -> a * b)) {
      float[] expected = run(layer, x);
      final long open = Axnn.liveHandles();
      assertIllegalArgument(() -> layer.setMultiplier(sevenBits), "weightQuantization", "-64");
      assertIllegalArgument(
          () -> layer.setInputQuantization(new Quantization(1, 0, 0, 255)), "inputQuantization");
      assertIllegalArgument(
          () -> layer.setWeightQuantization(WeightQuantization.of(1, 1)), "scales", "2", "6");
      assertIllegalArgument(
          () -> layer.setWeightQuantization(WeightQuantization.of(1e-44f)), "scale");
      assertIllegalArgument(
          () -> layer.setWeights(Tensor.allocate(DataType.FLOAT32, 6, 4, 3, 3)), "weights");
      assertIllegalArgument(
          () -> layer.setBias(Tensor.allocate(DataType.FLOAT32, 5)), "bias", "[5]", "[6]");
      Tensor infinite = weights(random);
      infinite.memory().set(ValueLayout.JAVA_FLOAT, 0, Float.NaN);
      assertIllegalArgument(() -> layer.setWeights(infinite), "NaN");
      assertIllegalArgument(() -> layer.setStdev(-1), "stdev", "-1.0");
      assertIllegalArgument(() -> layer.setMean(Float.NaN), "mean", "NaN");
      assertThat(run(layer, x)).isEqualTo(expected);
      assertThat(layer.multiplier()).contains(rough);
      assertThat(layer.inputQuantization()).contains(INPUT);
      assertThat(Axnn.liveHandles()).isEqualTo(open);
      Quantization narrow = new Quantization(0.1f, 0, -63, 63);
      WeightQuantization narrowWeights =
          new WeightQuantization(new float[] {0.1f}, new int[] {0}, -63, 63);
      layer.setMultiplier(sevenBits, narrow, narrowWeights);
      assertThat(run(layer, x))
          .isEqualTo(
              fresh(
                  builder()
                      .multiplier(sevenBits)
                      .inputQuantization(narrow)
                      .weightQuantization(narrowWeights)));
    }
  }

  @Test
  void aModeWithoutItsSettingsSaysWhatToCall() {
    try (ApproxConv2d layer = builder().build()) {
      assertIllegalState(() -> layer.quantForward(x), "calibrate", "setInputQuantization");
      assertIllegalState(() -> layer.noiseForward(x), "calibrate");
      assertIllegalState(() -> layer.accumulate(x), "calibrate");
      layer.setInputQuantization(INPUT);
      assertIllegalState(() -> layer.approxForward(x), "setMultiplier");
      layer.setMultiplier(rough);
      assertThat(layer.approxForward(x).toFloatArray())
          .isEqualTo(fresh(builder().inputQuantization(INPUT).multiplier(rough)));
    }
    assertIllegalState(
        () -> {
          try (ApproxConv2d layer = builder().multiplier(exact).build()) {
            layer.forward(x);
          }
        },
        "calibrate");
  }

  @Test
  void calibrateAndFreezeSetBothQuantisations() {
    try (ApproxConv2d layer = builder().build()) {
      assertIllegalState(layer::freeze, "observed");
      assertThat(layer.inputQuantization()).isEmpty();
      assertIllegalArgument(
          () -> layer.calibrate(Tensor.allocate(DataType.FLOAT32, 1, 3, 7, 7)), "[1, 3, 7, 7]");
      layer.calibrate(x.slice(0, 1));
      layer.calibrate(x.slice(1, 2));
      assertThat(layer.inputQuantization()).isEmpty();
      layer.freeze();
      assertThat(layer.inputQuantization()).contains(Quantization.of(x));
      assertThat(layer.weightQuantization()).isEqualTo(WeightQuantization.perChannel(weights));
      layer.setWeights(weights(random));
      assertThat(layer.weightQuantization())
          .as("frozen")
          .isEqualTo(WeightQuantization.perChannel(weights));
    }
  }

  @Test
  void accumulateTakesTheMultiplierIfThereIsOne() {
    try (ApproxConv2d layer = builder().inputQuantization(INPUT).build();
        ApproxConv2d table = builder().inputQuantization(INPUT).multiplier(exact).build();
        ApproxConv2d roughTable = builder().inputQuantization(INPUT).multiplier(rough).build()) {
      assertThat(layer.accumulate(x).toLongArray()).isEqualTo(table.accumulate(x).toLongArray());
      layer.setMultiplier(rough);
      assertThat(layer.accumulate(x).toLongArray())
          .isEqualTo(roughTable.accumulate(x).toLongArray());
    }
  }

  @Test
  void aLinearLayerIsAsLive() {
    Tensor matrix = Tensor.of(Seeds.floats(random, 5 * 7), 5, 7);
    Tensor rows = Tensor.of(Seeds.floats(random, 21), 3, 7);
    try (ApproxLinear layer = ApproxLinear.builder(context, matrix, null).build();
        Linear linear = Linear.of(context, matrix, null);
        ApproxLinear direct =
            ApproxLinear.builder(context, matrix, null)
                .inputQuantization(INPUT)
                .multiplier(rough)
                .build()) {
      assertThat(run(layer, rows)).isEqualTo(linear.forward(rows).toFloatArray());
      layer.setInputQuantization(INPUT);
      assertThat(layer.quantForward(rows).toFloatArray()).isNotEqualTo(run(layer, rows));
      layer.setMultiplier(rough);
      layer.setInferenceMode(InferenceMode.APPROXIMATE);
      assertThat(run(layer, rows)).isEqualTo(run(direct, rows));
    }
  }

  @Test
  void closedLayersRefuseEverySetter() {
    ApproxConv2d layer = builder().inputQuantization(INPUT).multiplier(rough).build();
    layer.close();
    layer.close();
    List<Runnable> calls =
        List.of(
            () -> layer.setMultiplier(exact),
            () -> layer.setInputQuantization(INPUT),
            () -> layer.setWeightQuantization(WeightQuantization.of(1)),
            () -> layer.setWeights(weights),
            () -> layer.setBias(null),
            () -> layer.setTraining(true),
            () -> layer.setStdev(1),
            () -> layer.setMean(1),
            () -> layer.setSeed(1),
            () -> layer.setInferenceMode(InferenceMode.BASELINE),
            () -> layer.calibrate(x),
            layer::freeze,
            () -> layer.setTraceListener(null),
            () -> layer.baselineForward(x),
            () -> layer.quantForward(x),
            () -> layer.noiseForward(x),
            () -> layer.approxForward(x),
            () -> layer.accumulate(x),
            () -> layer.backward(x, layer.weights()),
            () -> layer.noiseOf(exact, x),
            () -> layer.save(Path.of("unwritten")));
    for (Runnable call : calls) {
      assertIllegalState(call::run, "ApproxConv2d", "closed");
    }
    assertThat(layer.multiplier()).contains(rough);
  }

  /** Threads run while others swap; every result is that of one of the legal states. */
  @Test
  void swapsNeverDisturbCallsUnderWay() throws Exception {
    Tensor other = weights(new Random(8));
    List<Multiplier> multipliers = List.of(exact, rough, truncated(5));
    List<float[]> legal = new ArrayList<>();
    for (Tensor w : List.of(weights, other)) {
      for (Tensor b : new Tensor[] {null, bias}) {
        ApproxConv2d.Builder builder =
            ApproxConv2d.builder(context, ARGS, w, b).inputQuantization(INPUT);
        legal.add(fresh(builder.inferenceMode(InferenceMode.BASELINE)));
        legal.add(fresh(builder.inferenceMode(InferenceMode.QUANTIZED)));
        for (Multiplier multiplier : multipliers) {
          legal.add(fresh(builder.inferenceMode(InferenceMode.APPROXIMATE).multiplier(multiplier)));
        }
      }
    }
    try (ApproxConv2d layer = builder().inputQuantization(INPUT).multiplier(exact).build()) {
      AtomicBoolean done = new AtomicBoolean();
      List<FutureTask<Integer>> runners = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        FutureTask<Integer> runner =
            new FutureTask<>(
                () -> {
                  int runs = 0;
                  for (; !done.get() || runs == 0; runs++) {
                    float[] y = run(layer, x);
                    assertThat(legal).as("run %d", runs).anyMatch(one -> equal(one, y));
                  }
                  return runs;
                });
        runners.add(runner);
        Thread.ofPlatform().start(runner);
      }
      List<FutureTask<Void>> swappers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Random order = Seeds.random("LiveLayerTest.swapsNeverDisturbCallsUnderWay");
        FutureTask<Void> swapper =
            new FutureTask<>(
                () -> {
                  for (int swap = 0; swap < 1500; swap++) {
                    switch (order.nextInt(4)) {
                      case 0 -> layer.setWeights(order.nextBoolean() ? weights : other);
                      case 1 -> layer.setBias(order.nextBoolean() ? bias : null);
                      case 2 -> layer.setInferenceMode(InferenceMode.values()[order.nextInt(4)]);
                      default -> layer.setMultiplier(multipliers.get(order.nextInt(3)));
                    }
                  }
                  return null;
                });
        swappers.add(swapper);
        Thread.ofPlatform().start(swapper);
      }
      for (FutureTask<Void> swapper : swappers) {
        swapper.get();
      }
      done.set(true);
      for (FutureTask<Integer> runner : runners) {
        assertThat(runner.get()).isPositive();
      }
      // Three plans at the most, and nothing of the forms before.
      layer.setInferenceMode(InferenceMode.BASELINE);
      assertThat(Axnn.liveHandles()).isLessThanOrEqualTo(before + 1 + multipliers.size() + 3);
    }
    multipliers.getLast().close();
  }

  private static boolean equal(float[] a, float[] b) {
    return Arrays.equals(a, b);
  }

  @Test
  void closingDuringForwardsAndSwapsFreesAll() throws Exception {
    for (int round = 0; round < 50; round++) {
      ApproxConv2d layer = builder().inputQuantization(INPUT).multiplier(exact).build();
      float[] first = run(layer, x);
      List<FutureTask<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        boolean swaps = i == 0;
        FutureTask<Void> task =
            new FutureTask<>(
                () -> {
                  try {
                    while (true) {
                      if (swaps) {
                        layer.setBias(bias);
                      } else {
                        assertThat(run(layer, x)).isEqualTo(first);
                      }
                    }
                  } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContainingAll("ApproxConv2d", "closed");
                    return null;
                  }
                });
        tasks.add(task);
        Thread.ofPlatform().start(task);
      }
      Thread.sleep(2);
      layer.close();
      for (FutureTask<Void> task : tasks) {
        task.get();
      }
      // The context and the multiplier in use.
      assertThat(Axnn.liveHandles()).isEqualTo(before + 2);
    }
  }
}
