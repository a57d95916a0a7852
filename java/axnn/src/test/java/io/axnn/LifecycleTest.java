package io.axnn;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.ApproxLinear;
import io.axnn.layers.BinaryConv2d;
import io.axnn.layers.BinaryLayer;
import io.axnn.layers.BinaryLinear;
import io.axnn.layers.Conv2d;
import io.axnn.layers.Conv2dArgs;
import io.axnn.layers.Layer;
import io.axnn.layers.Linear;
import io.axnn.layers.Padding;
import io.axnn.layers.PaddingValue;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.testing.ChildJvm;
import io.axnn.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who frees what and when; the native library counts its live handles. */
class LifecycleTest {

  private static final Conv2dArgs ARGS =
      Conv2dArgs.builder(3, 4, 3, 3).padding(Padding.of(1)).build();
  private static final Quantization QUANTIZATION = Quantization.symmetric(1f / 127);

  private long before;

  @BeforeEach
  void countHandles() {
    before = Axnn.liveHandles();
  }

  @Test
  void everyObjectIsClosedOnceHoweverOftenItIsClosed() {
    Context context = Context.create();
    Multiplier multiplier = Multiplier.exact();
    List<Layer> layers = layers(context, multiplier);
    assertThat(Axnn.liveHandles()).isGreaterThan(before);
    for (int i = 0; i < 3; i++) {
      layers.forEach(Layer::close);
      multiplier.close();
      context.close();
      assertThat(Axnn.liveHandles()).isEqualTo(before);
    }
  }

  @Test
  void closedObjectsRefuseEveryCall() {
    Context context = Context.create();
    Multiplier multiplier = Multiplier.exact();
    List<Layer> layers = layers(context, multiplier);
    layers.forEach(Layer::close);
    for (Layer layer : layers) {
      int[] shape = shapeFor(layer);
      Tensor x = Tensor.allocate(DataType.FLOAT32, shape);
      Tensor y = Tensor.allocate(DataType.FLOAT32, layer.outputShape(shape));
      String name = layer.getClass().getSimpleName();
      assertIllegalState(() -> layer.forward(x), name, "closed");
      assertIllegalState(() -> layer.forward(x, y), name, "closed");
      assertIllegalState(() -> layer.explain(shape), name, "closed");
      if (layer instanceof BinaryLayer binary) {
        assertIllegalState(() -> binary.forwardBits(x), name, "closed");
        assertIllegalState(() -> binary.setScale(1), name, "closed");
      }
    }
    ApproxConv2d.Builder builder =
        ApproxConv2d.builder(
                context, ARGS, Tensor.allocate(DataType.FLOAT32, ARGS.weightShape()), null)
            .inputQuantization(QUANTIZATION)
            .multiplier(multiplier);
    multiplier.close();
    assertIllegalState(builder::build, "Multiplier", "closed");
    context.close();
    assertIllegalState(() -> layers(context, multiplier), "Context", "closed");
    assertIllegalState(
        () -> PackedBits.pack(context, Tensor.allocate(DataType.FLOAT32, 1, 1)), "closed");
    assertIllegalState(
        () -> QUANTIZATION.quantize(context, Tensor.allocate(DataType.FLOAT32, 1)), "closed");
    assertThat(Axnn.liveHandles()).isEqualTo(before);
  }

  @Test
  void aLayerOutlivesWhatItWasMadeFrom() {
    Tensor x = Tensor.of(Seeds.floats(new Random(1), 3 * 64), 1, 3, 8, 8);
    Context context = Context.create();
    Multiplier multiplier = Multiplier.exact();
    List<Layer> layers = layers(context, multiplier);
    List<float[]> expected = forwardAll(layers, x);
    multiplier.close();
    context.close();
    assertThat(forwardAll(layers, x)).usingRecursiveComparison().isEqualTo(expected);
    layers.forEach(Layer::close);
    assertThat(Axnn.liveHandles()).isEqualTo(before);
  }

  @Test
  void aThousandLayersLeaveNothingBehind() {
    for (int i = 0; i < 1000; i++) {
      try (Context context = Context.builder().threads(1).build();
          Multiplier multiplier = Multiplier.exact()) {
        layers(context, multiplier).forEach(Layer::close);
      }
    }
    assertThat(Axnn.liveHandles()).isEqualTo(before);
  }

  @Test
  void aFailedBuildLeavesNothingBehind() {
    try (Context context = Context.create();
        Multiplier multiplier = Multiplier.exact()) {
      long open = Axnn.liveHandles();
      Tensor w = Tensor.allocate(DataType.FLOAT32, ARGS.weightShape());
      for (int i = 0; i < 100; i++) {
        assertIllegalArgument(
            () ->
                ApproxConv2d.builder(context, ARGS, w, null)
                    .multiplier(multiplier)
                    .inputQuantization(new Quantization(1, 0, 0, 255))
                    .build(),
            "inputQuantization");
      }
      assertThat(Axnn.liveHandles()).isEqualTo(open);
    }
  }

  @Test
  void aRunningCallEndsInPeaceWhenItsLayerIsClosed() throws Exception {
    Conv2dArgs args = Conv2dArgs.builder(64, 64, 3, 3).padding(Padding.of(1)).build();
    Random random = Seeds.random("LifecycleTest.aRunningCallEndsInPeaceWhenItsLayerIsClosed");
    Tensor x = Tensor.of(Seeds.floats(random, 64 * 96 * 96), 1, 64, 96, 96);
    Tensor w = Tensor.of(Seeds.floats(random, 64 * args.fanIn()), args.weightShape());
    try (Context context = Context.builder().tier(Tier.SCALAR).threads(1).build();
        Multiplier multiplier = Multiplier.exact()) {
      float[] expected;
      try (ApproxConv2d layer = layer(context, args, w, multiplier)) {
        expected = layer.forward(x).toFloatArray();
      }
      long withoutLayer = Axnn.liveHandles();
      boolean observed = false;
      for (int attempt = 0; attempt < 20 && !observed; attempt++) {
        observed = closeWhileRunning(layer(context, args, w, multiplier), x, expected);
        assertThat(Axnn.liveHandles()).isEqualTo(withoutLayer);
      }
      assertThat(observed).as("a close fell into a running call").isTrue();
    }
    assertThat(Axnn.liveHandles()).isEqualTo(before);
  }

  /**
   * Whether the layer was closed while its call ran; the call may also be too early or too late.
   */
  private static boolean closeWhileRunning(ApproxConv2d layer, Tensor x, float[] expected)
      throws InterruptedException {
    long open = Axnn.liveHandles();
    CountDownLatch started = new CountDownLatch(1);
    FutureTask<float[]> call =
        new FutureTask<>(
            () -> {
              started.countDown();
              return layer.forward(x).toFloatArray();
            });
    Thread thread = Thread.ofPlatform().start(call);
    started.await();
    Thread.sleep(20);
    layer.close();
    assertIllegalState(() -> layer.forward(x), "closed");
    long whileRunning = Axnn.liveHandles();
    boolean running = !call.isDone();
    thread.join();
    try {
      assertThat(call.get()).isEqualTo(expected);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(IllegalStateException.class);
      return false;
    }
    if (running) {
      assertThat(whileRunning).as("handles while the call ran").isEqualTo(open);
    }
    return running;
  }

  @Test
  void manyThreadsShareOneLayer() throws Exception {
    Random random = Seeds.random("LifecycleTest.manyThreadsShareOneLayer");
    Tensor x = Tensor.of(Seeds.floats(random, 2 * 3 * 400), 2, 3, 20, 20);
    try (Context context = Context.create();
        Multiplier multiplier = Multiplier.exact()) {
      List<Layer> layers = layers(context, multiplier);
      List<float[]> expected = forwardAll(layers, x);
      List<FutureTask<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        FutureTask<Void> task =
            new FutureTask<>(
                () -> {
                  for (int round = 0; round < 20; round++) {
                    assertThat(forwardAll(layers, x))
                        .usingRecursiveComparison()
                        .isEqualTo(expected);
                  }
                  return null;
                });
        tasks.add(task);
        Thread.ofPlatform().start(task);
      }
      for (FutureTask<Void> task : tasks) {
        task.get();
      }
      layers.forEach(Layer::close);
    }
    assertThat(Axnn.liveHandles()).isEqualTo(before);
  }

  /** In a JVM of its own, whose standard error shows the warning. */
  @Test
  void whatIsForgottenIsFreedWithAWarning() {
    ChildJvm.Result result =
        new ChildJvm()
            .flags(
                "--enable-native-access=ALL-UNNAMED",
                "-Daxnn.cache.dir=" + System.getProperty("axnn.cache.dir"))
            .run(ForgottenCloseMain.class);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("handles at the end: 0")
        .containsPattern("WARNING.*Context.*without close")
        .containsPattern("WARNING.*Multiplier.*without close")
        .containsPattern("WARNING.* Conv2d .*without close")
        .containsPattern("WARNING.* ApproxConv2d .*without close");
  }

  private static ApproxConv2d layer(
      Context context, Conv2dArgs args, Tensor weights, Multiplier multiplier) {
    return ApproxConv2d.builder(context, args, weights, null)
        .multiplier(multiplier)
        .inputQuantization(QUANTIZATION)
        .build();
  }

  /** One of each kind. */
  private static List<Layer> layers(Context context, Multiplier multiplier) {
    float[] values = Seeds.floats(new Random(2), 4 * ARGS.fanIn());
    Tensor w = Tensor.of(values, ARGS.weightShape());
    Tensor matrix = Tensor.of(Seeds.floats(new Random(3), 2 * 8), 2, 8);
    return List.of(
        Conv2d.of(context, ARGS, w, null),
        layer(context, ARGS, w, multiplier),
        BinaryConv2d.builder(context, ARGS, w).paddingValue(PaddingValue.ZERO).build(),
        Linear.of(context, matrix, null),
        ApproxLinear.builder(context, matrix, null)
            .multiplier(multiplier)
            .inputQuantization(QUANTIZATION)
            .build(),
        BinaryLinear.builder(context, matrix).build());
  }

  private static List<float[]> forwardAll(List<Layer> layers, Tensor x) {
    int rows = (int) (x.size() / 8);
    return layers.stream()
        .map(layer -> layer.forward(isLinear(layer) ? x.reshape(rows, 8) : x).toFloatArray())
        .toList();
  }

  private static int[] shapeFor(Layer layer) {
    return isLinear(layer) ? new int[] {1, 8} : new int[] {1, 3, 8, 8};
  }

  private static boolean isLinear(Layer layer) {
    return layer.getClass().getSimpleName().endsWith("Linear");
  }
}
