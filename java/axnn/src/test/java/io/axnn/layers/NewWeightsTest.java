package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Axnn;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.Seeds;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Weights that change again and again, as in training: what is copied, kept, made and refused. */
class NewWeightsTest {

  private static final Conv2dArgs ARGS =
      Conv2dArgs.builder(32, 48, 3, 3).padding(Padding.of(1)).build();

  private final Random random = Seeds.random("NewWeightsTest");
  private final Tensor x = Tensor.of(Seeds.floats(random, 32 * 16), 1, 32, 4, 4);
  private final Tensor weights = weights(1);
  private final Quantization input = Quantization.of(x);
  private Context context;
  private Multiplier exact;

  @BeforeEach
  void open() {
    context = Context.builder().threads(2).build();
    exact = Multiplier.exact();
  }

  @AfterEach
  void close() {
    context.close();
    exact.close();
  }

  private Tensor weights(float largest) {
    float[] values = Seeds.floats(random, 48 * ARGS.fanIn());
    for (int i = 0; i < values.length; i++) {
      values[i] *= largest;
    }
    return Tensor.of(values, ARGS.weightShape());
  }

  private ApproxConv2d layer(Tensor of) {
    return ApproxConv2d.builder(context, ARGS, of, null)
        .inputQuantization(input)
        .multiplier(exact)
        .build();
  }

  private static long memory(ApproxLayer layer) {
    return layer.settings().parameters().weights().memory().address();
  }

  @Test
  void everyModeRunsOnTheWeightsThatWereSetLast() {
    try (ApproxConv2d layer = layer(weights)) {
      for (int step = 0; step < 4; step++) {
        Tensor next = weights(1 + step);
        layer.setWeights(next);
        assertThat(layer.weightQuantization()).isEqualTo(WeightQuantization.perChannel(next));
        assertThat(layer.weights().toFloatArray()).isEqualTo(next.toFloatArray());
        try (ApproxConv2d fresh = layer(next)) {
          assertThat(layer.baselineForward(x).toFloatArray())
              .isEqualTo(fresh.baselineForward(x).toFloatArray());
          assertThat(layer.quantForward(x).toFloatArray())
              .isEqualTo(fresh.quantForward(x).toFloatArray());
          assertThat(layer.approxForward(x).toFloatArray())
              .isEqualTo(fresh.approxForward(x).toFloatArray());
        }
      }
    }
  }

  @Test
  void onlyThePlansThatAreNeededAreMadeAgain() {
    try (ApproxConv2d layer = layer(weights)) {
      final long none = Axnn.liveHandles() - 1;
      layer.baselineForward(x);
      layer.quantForward(x);
      assertThat(Axnn.liveHandles()).isEqualTo(none + 3);
      layer.setWeights(weights(2));
      assertThat(Axnn.liveHandles()).as("until they are needed").isEqualTo(none);
      layer.quantForward(x);
      assertThat(Axnn.liveHandles()).isEqualTo(none + 1);
      layer.setMultiplier(exact);
      layer.setBias(Tensor.of(new float[48], 48));
      assertThat(Axnn.liveHandles()).as("the codes stay").isEqualTo(none + 1);
    }
  }

  @Test
  void theCopyGoesWhereEarlierWeightsWere() {
    try (ApproxConv2d layer = layer(weights)) {
      final long first = memory(layer);
      layer.setWeights(weights(2));
      final long second = memory(layer);
      assertThat(second).isNotEqualTo(first);
      for (int step = 0; step < 4; step++) {
        layer.setWeights(weights(step));
        assertThat(memory(layer)).isEqualTo(step % 2 == 0 ? first : second);
        layer.forward(x);
        layer.weights();
      }
    }
  }

  @Test
  void whatTheGetterGaveStaysAsItIs() {
    try (ApproxConv2d layer = layer(weights)) {
      Tensor got = layer.weights();
      float[] expected = layer.forward(x).toFloatArray();
      layer.setWeights(weights(2));
      layer.setWeights(weights(3));
      assertThat(got.toFloatArray()).isEqualTo(weights.toFloatArray());
      layer.setWeights(weights);
      layer.weights().memory().fill((byte) 0);
      assertThat(layer.baselineForward(x).toFloatArray()).isNotEqualTo(new float[48 * 16]);
      assertThat(layer.forward(x).toFloatArray()).isEqualTo(expected);
    }
  }

  @Test
  void aWeightThatIsNotFiniteIsNamedAndNothingHasChanged() {
    try (ApproxConv2d layer = layer(weights)) {
      layer.setWeights(weights(2));
      final float[] expected = layer.forward(x).toFloatArray();
      final float[] floats = layer.baselineForward(x).toFloatArray();
      int at = 5 * ARGS.fanIn() + 7;
      for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
        Tensor broken = weights(3);
        broken.memory().setAtIndex(ValueLayout.JAVA_FLOAT, at, bad);
        assertIllegalArgument(
            () -> layer.setWeights(broken), "weights has " + bad, "element " + at);
        assertThat(layer.forward(x).toFloatArray()).isEqualTo(expected);
        layer.setBias(null);
        assertThat(layer.baselineForward(x).toFloatArray()).isEqualTo(floats);
      }
      layer.setWeights(weights);
      layer.setWeightQuantization(WeightQuantization.of(0.01f));
      Tensor infinite = weights(3);
      infinite.memory().setAtIndex(ValueLayout.JAVA_FLOAT, at, Float.POSITIVE_INFINITY);
      layer.setWeights(infinite);
      assertThat(layer.weightQuantization()).as("set").isEqualTo(WeightQuantization.of(0.01f));
      layer.forward(x);
    }
  }

  /**
   * Clipping reads the weights at the end of a backward pass. Weights that follow their own scales
   * are never clipped, large ones under the scales of small ones always are: a pass whose weights
   * were overwritten shows.
   */
  @Test
  void aCallUnderWayKeepsItsWeights() throws Exception {
    Tensor large = weights(1000);
    Tensor gradOut = Tensor.of(Seeds.floats(random, 48 * 16), 1, 48, 4, 4);
    GradientOptions clipped = GradientOptions.STE.withClip(true);
    try (ApproxConv2d layer = layer(weights)) {
      float[] expected = layer.backward(x, gradOut, clipped).weights().orElseThrow().toFloatArray();
      AtomicBoolean done = new AtomicBoolean();
      List<FutureTask<Integer>> runners = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        FutureTask<Integer> runner =
            new FutureTask<>(
                () -> {
                  int runs = 0;
                  for (; !done.get() || runs == 0; runs++) {
                    Tensor gradient = layer.backward(x, gradOut, clipped).weights().orElseThrow();
                    assertThat(Arrays.equals(gradient.toFloatArray(), expected))
                        .as("run %d is of the weights it began with", runs)
                        .isTrue();
                  }
                  return runs;
                });
        runners.add(runner);
        Thread.ofPlatform().start(runner);
      }
      // Small, small, large: every memory holds both.
      for (int step = 0; step < 3000; step++) {
        layer.setWeights(step % 3 == 2 ? large : weights);
      }
      done.set(true);
      for (FutureTask<Integer> runner : runners) {
        assertThat(runner.get()).isPositive();
      }
    }
  }
}
