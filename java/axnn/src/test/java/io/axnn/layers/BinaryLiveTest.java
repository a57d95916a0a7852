package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Axnn;
import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.quant.Quantization;
import io.axnn.testing.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Weights, scale and bias that change on a live layer. */
class BinaryLiveTest {

  private static final Conv2dArgs ARGS =
      Conv2dArgs.builder(4, 6, 3, 3).padding(Padding.of(1)).groups(2).build();

  private final Random random = new Random(3);
  private final Tensor x = Tensor.of(Seeds.floats(random, 2 * 4 * 49), 2, 4, 7, 7);
  private final Tensor weights = weights(random);
  private final Tensor others = weights(random);
  private final Tensor bias = Tensor.of(Seeds.floats(random, 6), 6);
  private final float[] scale = Seeds.floats(random, 6);
  private long before;
  private Context context;

  @BeforeEach
  void open() {
    before = Axnn.liveHandles();
    context = Context.create();
  }

  @AfterEach
  void close() {
    context.close();
    assertThat(Axnn.liveHandles()).isEqualTo(before);
  }

  private static Tensor weights(Random random) {
    return Tensor.of(Seeds.floats(random, 6 * ARGS.fanIn()), ARGS.weightShape());
  }

  private BinaryConv2d.Builder builder(Tensor w) {
    return BinaryConv2d.builder(context, ARGS, w).paddingValue(PaddingValue.ZERO);
  }

  private float[] run(BinaryConv2d layer) {
    return layer.forward(x).toFloatArray();
  }

  private float[] fresh(BinaryConv2d.Builder builder) {
    try (BinaryConv2d layer = builder.build()) {
      return run(layer);
    }
  }

  @Test
  void settersGiveTheLayerThatIsBuiltSo() {
    try (BinaryConv2d layer = builder(weights).outputRange(-3, 4).build()) {
      layer.setWeights(others);
      assertThat(run(layer)).isEqualTo(fresh(builder(others).outputRange(-3, 4)));
      layer.setScale(scale);
      assertThat(run(layer)).isEqualTo(fresh(builder(others).scale(scale).outputRange(-3, 4)));
      layer.setBias(bias);
      assertThat(run(layer))
          .isEqualTo(fresh(builder(others).scale(scale).bias(bias).outputRange(-3, 4)));
      layer.setWeights(weights);
      assertThat(run(layer))
          .isEqualTo(fresh(builder(weights).scale(scale).bias(bias).outputRange(-3, 4)));
      layer.setBias(null);
      layer.setScale(2);
      assertThat(run(layer)).isEqualTo(fresh(builder(weights).scale(2).outputRange(-3, 4)));
      Epilogue epilogue = Epilogue.IDENTITY.withScale(scale).withBias(1).relu();
      layer.setEpilogue(epilogue);
      assertThat(run(layer)).isEqualTo(fresh(builder(weights).epilogue(epilogue)));
      layer.setWeights(others, Epilogue.IDENTITY);
      assertThat(run(layer)).isEqualTo(fresh(builder(others)));
      assertThat(layer.epilogue().range()).isEqualTo(OutputRange.UNLIMITED);
      assertThat(layer.weights().orElseThrow().toFloatArray()).isEqualTo(others.toFloatArray());
      assertThat(Axnn.liveHandles()).isEqualTo(before + 2);
    }
  }

  @Test
  void theLayerHasItsOwnCopyOfTheWeights() {
    Tensor mine = Tensor.of(weights.toFloatArray(), weights.shape());
    try (BinaryConv2d layer = builder(mine).build()) {
      mine.copyFrom(others.toFloatArray());
      layer.weights().orElseThrow().copyFrom(others.toFloatArray());
      assertThat(layer.weights().orElseThrow().toFloatArray()).isEqualTo(weights.toFloatArray());
    }
  }

  @Test
  void droppedWeightsLeaveTheForwardPassAsItIs() {
    try (BinaryConv2d layer = builder(weights).scale(scale).bias(bias).build()) {
      float[] y = run(layer);
      layer.dropFloatWeights();
      layer.dropFloatWeights();
      assertThat(layer.weights()).isEmpty();
      assertThat(run(layer)).isEqualTo(y);
      assertIllegalState(() -> layer.clipWeights(1), "float weights", "setWeights");
      layer.setScale(2);
      layer.setBias(null);
      assertThat(run(layer)).isEqualTo(fresh(builder(weights).scale(2)));
      layer.setWeights(others);
      assertThat(run(layer)).isEqualTo(fresh(builder(others).scale(2)));
      assertThat(layer.weights().orElseThrow().toFloatArray()).isEqualTo(others.toFloatArray());
    }
  }

  @Test
  void clippingLimitsTheFloatsAndKeepsTheSigns() {
    Tensor wide = Tensor.of(weights.toFloatArray(), weights.shape());
    float[] values = wide.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 3;
    }
    wide.copyFrom(values);
    try (BinaryConv2d layer = builder(wide).build()) {
      float[] y = run(layer);
      layer.clipWeights(0.75f);
      float[] clipped = layer.weights().orElseThrow().toFloatArray();
      for (int i = 0; i < values.length; i++) {
        assertThat(clipped[i]).isEqualTo(Math.clamp(values[i], -0.75f, 0.75f));
      }
      assertThat(run(layer)).isEqualTo(y);
      assertIllegalArgument(() -> layer.clipWeights(0), "limit", "0.0");
      assertIllegalArgument(() -> layer.clipWeights(Float.NaN), "limit", "NaN");
    }
  }

  @Test
  void aMagnitudeAwareScaleFollowsTheWeights() {
    try (BinaryConv2d layer =
        builder(weights)
            .scale(scale)
            .bias(bias)
            .kernelQuantizer(SignEstimator.MAGNITUDE_AWARE_SIGN)
            .build()) {
      assertThat(run(layer)).isEqualTo(fresh(builder(weights).scale(times(weights)).bias(bias)));
      layer.setWeights(others);
      assertThat(run(layer)).isEqualTo(fresh(builder(others).scale(times(others)).bias(bias)));
      assertThat(layer.epilogue().scales(6)).isEqualTo(scale);
      layer.clipWeights(0.25f);
      Tensor clipped = layer.weights().orElseThrow();
      assertThat(run(layer)).isEqualTo(fresh(builder(clipped).scale(times(clipped)).bias(bias)));
      layer.setScale(1);
      float[] alpha = BinaryLayer.meanMagnitudes(context, clipped);
      float[] y = run(layer);
      assertThat(y).isEqualTo(fresh(builder(clipped).scale(alpha).bias(bias)));

      layer.dropFloatWeights();
      assertThat(run(layer)).isEqualTo(y);
      assertThat(layer.epilogue().scales(6)).isEqualTo(alpha);
      assertIllegalState(() -> layer.setScale(2), "MAGNITUDE_AWARE_SIGN", "weights, epilogue");
      assertIllegalState(() -> layer.setWeights(others), "weights, epilogue");
      assertIllegalState(() -> layer.setEpilogue(Epilogue.IDENTITY), "weights, epilogue");
      layer.setBias(null);
      assertThat(run(layer)).isEqualTo(fresh(builder(clipped).scale(alpha)));
      layer.setWeights(others, Epilogue.IDENTITY.withScale(scale));
      assertThat(run(layer)).isEqualTo(fresh(builder(others).scale(times(others))));
    }
  }

  private float[] times(Tensor w) {
    float[] product = BinaryLayer.meanMagnitudes(context, w);
    for (int o = 0; o < product.length; o++) {
      product[o] *= scale[o];
    }
    return product;
  }

  @Test
  void aRefusedSetterChangesNothing() {
    try (BinaryConv2d layer =
        builder(weights).kernelQuantizer(SignEstimator.MAGNITUDE_AWARE_SIGN).build()) {
      float[] y = run(layer);
      assertIllegalArgument(
          () -> layer.setWeights(Tensor.allocate(DataType.FLOAT32, 6, 4, 3, 3)), "weights");
      assertIllegalArgument(
          () -> layer.setWeights(Tensor.allocate(DataType.INT8, ARGS.weightShape())), "INT8");
      assertIllegalArgument(() -> layer.setScale(1, 2), "scale", "2", "6");
      assertIllegalArgument(() -> layer.setScale(Float.NaN), "scale[0]", "NaN");
      assertIllegalArgument(
          () -> layer.setBias(Tensor.allocate(DataType.FLOAT32, 5)), "bias", "[5]", "[6]");
      assertIllegalArgument(
          () -> layer.setBias(Tensor.of(new float[] {0, 0, Float.NaN, 0, 0, 0}, 6)),
          "bias[2]",
          "NaN");
      assertIllegalArgument(
          () -> layer.setEpilogue(Epilogue.IDENTITY.withBias(1, 2)), "bias", "2", "6");
      float[] infinite = weights.toFloatArray();
      infinite[ARGS.fanIn()] = Float.POSITIVE_INFINITY;
      assertIllegalArgument(
          () -> layer.setWeights(Tensor.of(infinite, ARGS.weightShape())), "channel 1", "Infinity");
      assertThat(run(layer)).isEqualTo(y);
      assertThat(Axnn.liveHandles()).isEqualTo(before + 2);
    }
  }

  @Test
  void closedLayersRefuseEveryCall() {
    BinaryConv2d layer = builder(weights).build();
    PackedBits bits = PackedBits.packImage(context, x);
    Tensor y = layer.forward(x);
    Quantization quantization = Quantization.symmetric(1);
    layer.close();
    layer.close();
    List<Runnable> calls =
        List.of(
            () -> layer.forward(x),
            () -> layer.forward(bits),
            () -> layer.forward(x, y),
            () -> layer.forward(bits, y),
            () -> layer.forwardBits(x),
            () -> layer.forwardBits(bits),
            () -> layer.forwardSums(x),
            () -> layer.forwardSums(bits),
            () -> layer.forwardCodes(x, quantization),
            () -> layer.forwardCodes(bits, quantization),
            () -> layer.accumulate(x),
            () -> layer.explain(1, 4, 7, 7),
            () -> layer.backward(x, y),
            () -> layer.setWeights(weights),
            () -> layer.setWeights(weights, Epilogue.IDENTITY),
            () -> layer.setScale(1),
            () -> layer.setBias(null),
            () -> layer.setEpilogue(Epilogue.IDENTITY),
            () -> layer.clipWeights(1),
            layer::dropFloatWeights,
            layer::packedWeights,
            () -> layer.packedWeights(PackedWeightFormat.LARQ),
            layer::weights,
            layer::epilogue,
            layer::memoryBytes,
            () -> layer.save(Path.of("unwritten")));
    for (Runnable call : calls) {
      assertIllegalState(call::run, "BinaryConv2d", "closed");
    }
    assertThat(layer.outputShape(1, 4, 7, 7)).containsExactly(1, 6, 7, 7);
  }

  /** Threads run while others swap; every result is that of one of the legal states. */
  @Test
  void swapsNeverDisturbCallsUnderWay() throws Exception {
    List<float[]> legal = new ArrayList<>();
    for (Tensor w : List.of(weights, others)) {
      for (Tensor b : List.of(bias, Tensor.allocate(DataType.FLOAT32, 6))) {
        for (float[] s : List.of(new float[] {1}, scale)) {
          legal.add(fresh(builder(w).bias(b).scale(s)));
        }
      }
    }
    try (BinaryConv2d layer = builder(weights).build()) {
      AtomicBoolean done = new AtomicBoolean();
      List<FutureTask<Integer>> runners = new ArrayList<>();
      PackedBits bits = PackedBits.packImage(context, x);
      for (int i = 0; i < 3; i++) {
        boolean ofBits = i == 0;
        runners.add(
            start(
                () -> {
                  int runs = 0;
                  for (; !done.get() || runs == 0; runs++) {
                    float[] y = ofBits ? layer.forward(bits).toFloatArray() : run(layer);
                    assertThat(legal).as("run %d", runs).anyMatch(one -> Arrays.equals(one, y));
                  }
                  return runs;
                }));
      }
      List<FutureTask<Integer>> swappers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Random order = Seeds.random("BinaryLiveTest.swapsNeverDisturbCallsUnderWay");
        swappers.add(
            start(
                () -> {
                  for (int swap = 0; swap < 1500; swap++) {
                    switch (order.nextInt(5)) {
                      case 0 -> layer.setWeights(order.nextBoolean() ? weights : others);
                      case 1 -> layer.setBias(order.nextBoolean() ? bias : null);
                      case 2 -> layer.dropFloatWeights();
                      case 3 ->
                          layer.setWeights(
                              order.nextBoolean() ? weights : others,
                              Epilogue.IDENTITY.withScale(scale));
                      default -> layer.setScale(order.nextBoolean() ? scale : new float[] {1});
                    }
                  }
                  return 1;
                }));
      }
      for (FutureTask<Integer> swapper : swappers) {
        swapper.get();
      }
      done.set(true);
      for (FutureTask<Integer> runner : runners) {
        assertThat(runner.get()).isPositive();
      }
      // One plan, and nothing of the forms before.
      assertThat(Axnn.liveHandles()).isEqualTo(before + 2);
    }
  }

  private static FutureTask<Integer> start(Callable<Integer> call) {
    FutureTask<Integer> task = new FutureTask<>(call);
    Thread.ofPlatform().start(task);
    return task;
  }

  @Test
  void closingDuringForwardsAndSwapsFreesAll() throws Exception {
    for (int round = 0; round < 50; round++) {
      BinaryConv2d layer = builder(weights).bias(bias).build();
      float[] first = run(layer);
      List<FutureTask<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        boolean swaps = i == 0;
        tasks.add(
            start(
                () -> {
                  try {
                    while (true) {
                      if (swaps) {
                        layer.setBias(bias);
                      } else {
                        assertThat(run(layer)).isEqualTo(first);
                      }
                    }
                  } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContainingAll("BinaryConv2d", "closed");
                    return 0;
                  }
                }));
      }
      Thread.sleep(2);
      layer.close();
      for (FutureTask<Integer> task : tasks) {
        task.get();
      }
      assertThat(Axnn.liveHandles()).isEqualTo(before + 1);
    }
  }
}
