package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.quant.Quantization;
import io.axnn.testing.Exact;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BinaryConv2dTest {

  private static final int CASES = 150;
  private static final Conv2dArgs ARGS =
      Conv2dArgs.builder(5, 3, 3, 3).padding(Padding.of(1)).build();

  private static List<Context> contexts;
  private static Context context;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
    context = Context.create();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
    context.close();
  }

  @Test
  void equalsTheReferenceOnEveryTier() {
    Random random = Seeds.random("BinaryConv2dTest.equalsTheReferenceOnEveryTier");
    for (int i = 0; i < CASES; i++) {
      check(BinaryCase.draw(random, RandomConv.draw(random)), i);
    }
  }

  @Test
  void equalsTheReferenceOnManyChannels() {
    Random random = Seeds.random("BinaryConv2dTest.equalsTheReferenceOnManyChannels");
    for (int channels : new int[] {63, 64, 65, 127, 128, 129, 255, 257, 520}) {
      Conv2dArgs args =
          Conv2dArgs.builder(channels, 9, 3, 2).padding(new Padding(1, 0, 2, 1)).build();
      check(BinaryCase.draw(random, new RandomConv(args, 2, 4, 5)), channels);
    }
  }

  private static void check(BinaryCase drawn, int index) {
    String name = "case %d: %s".formatted(index, drawn);
    long[] sums = drawn.sums();
    float[] y = drawn.output();
    Tensor x = drawn.xTensor();
    for (Context tier : contexts) {
      try (BinaryConv2d layer = drawn.conv2d(tier)) {
        BinaryOutputs.assertAll(
            layer, x, PackedBits.packImage(tier, x), sums, y, name + " on " + tier.tier());
      }
    }
    Exact.assertEqualOnEveryTier(
        contexts,
        tier -> {
          try (BinaryConv2d layer = drawn.conv2d(tier)) {
            return layer.forward(x).toFloatArray();
          }
        },
        y,
        name);
  }

  @Test
  void everyThreadCountGivesTheSameBits() {
    Random random = Seeds.random("BinaryConv2dTest.everyThreadCountGivesTheSameBits");
    Conv2dArgs args = Conv2dArgs.builder(40, 24, 3, 3).padding(Padding.of(1)).build();
    BinaryCase drawn = BinaryCase.draw(random, new RandomConv(args, 2, 30, 27));
    float[] y = drawn.output();
    for (int threads : new int[] {1, 2, 3, 8}) {
      try (Context several = Context.builder().threads(threads).build();
          BinaryConv2d layer = drawn.conv2d(several)) {
        Exact.assertEqual(layer.forward(drawn.xTensor()).toFloatArray(), y, threads + " threads");
      }
    }
  }

  @Test
  void packedWeightsGiveTheSameLayer() {
    Random random = Seeds.random("BinaryConv2dTest.packedWeightsGiveTheSameLayer");
    Tensor w = Tensor.of(Seeds.floats(random, 3 * 45), ARGS.weightShape());
    Tensor x = Tensor.of(Seeds.floats(random, 5 * 36), 1, 5, 6, 6);
    PackedBits packed = PackedBits.pack(context, w);
    try (BinaryConv2d ofFloats =
            BinaryConv2d.builder(context, ARGS, w).paddingValue(PaddingValue.ZERO).build();
        BinaryConv2d ofBits =
            BinaryConv2d.fromPackedWeights(context, ARGS, packed)
                .paddingValue(PaddingValue.ZERO)
                .build()) {
      assertThat(ofFloats.packedWeights().toByteArray()).isEqualTo(packed.toByteArray());
      assertThat(ofBits.packedWeights().toByteArray()).isEqualTo(packed.toByteArray());
      assertThat(ofBits.forward(x).toFloatArray()).isEqualTo(ofFloats.forward(x).toFloatArray());
      assertThat(ofBits.convArgs()).isEqualTo(ARGS);
      assertThat(ofBits.outputShape(2, 5, 7, 8)).containsExactly(2, 3, 7, 8);
      assertThat(ofBits.explain(1, 5, 6, 6)).containsIgnoringCase(context.tier().name());
    }
  }

  @Test
  void bytesOfPlusAndMinusOneGiveTheSameLayer() {
    Random random = Seeds.random("BinaryConv2dTest.bytesOfPlusAndMinusOneGiveTheSameLayer");
    Tensor w = Tensor.of(Seeds.floats(random, 3 * 45), ARGS.weightShape());
    Tensor x = Tensor.of(Seeds.floats(random, 5 * 36), 1, 5, 6, 6);
    Tensor bytes = Tensor.of(PackedBits.pack(context, w).unpack().toByteArray(), w.shape());
    try (BinaryConv2d ofFloats =
            BinaryConv2d.builder(context, ARGS, w).paddingValue(PaddingValue.PLUS_ONE).build();
        BinaryConv2d ofBytes =
            BinaryConv2d.builder(context, ARGS, bytes)
                .paddingValue(PaddingValue.PLUS_ONE)
                .build()) {
      assertThat(ofBytes.packedWeights().toByteArray())
          .isEqualTo(ofFloats.packedWeights().toByteArray());
      assertThat(ofBytes.forward(x).toFloatArray()).isEqualTo(ofFloats.forward(x).toFloatArray());
      assertThat(ofBytes.weights()).isEmpty();
      assertThat(ofFloats.weights().orElseThrow().toFloatArray()).isEqualTo(w.toFloatArray());
    }
  }

  @Test
  void thePaddingValueIsDemanded() {
    assertIllegalState(
        () -> BinaryConv2d.builder(context, ARGS, weights()).build(), "paddingValue");
    assertIllegalState(
        () ->
            BinaryConv2d.fromPackedWeights(context, ARGS, PackedBits.pack(context, weights()))
                .build(),
        "paddingValue");
  }

  @Test
  void refusesParametersThatDoNotFit() {
    assertIllegalArgument(
        () -> BinaryConv2d.builder(context, ARGS, Tensor.allocate(DataType.FLOAT32, 3, 4, 3, 3)),
        "weights",
        "[3, 4, 3, 3]",
        "[3, 5, 3, 3]");
    assertIllegalArgument(
        () -> BinaryConv2d.builder(context, ARGS, Tensor.allocate(DataType.INT8, 3, 5, 3, 3)),
        "weights",
        "0 at element 0",
        "+1 or -1");
    assertIllegalArgument(
        () -> BinaryConv2d.builder(context, ARGS, Tensor.allocate(DataType.INT32, 3, 5, 3, 3)),
        "weights",
        "INT32",
        "FLOAT32",
        "INT8");
    assertIllegalArgument(
        () -> BinaryConv2d.fromPackedWeights(context, ARGS, PackedBits.of(new byte[12], 3, 32)),
        "[3, 32]",
        "[3, 45]");
    assertIllegalArgument(
        () -> BinaryConv2d.fromPackedWeights(context, ARGS, PackedBits.of(new byte[24], 4, 45)),
        "[4, 45]",
        "[3, 45]");
    assertIllegalArgument(() -> builder().scale(1, 2).build(), "scale", "2", "3");
    assertIllegalArgument(() -> builder().scale(1, Float.NaN, 2).build(), "scale", "NaN");
    assertIllegalArgument(
        () -> builder().scale(1, Float.POSITIVE_INFINITY, 2).build(), "scale", "Infinity");
    assertIllegalArgument(
        () -> builder().bias(Tensor.allocate(DataType.FLOAT32, 2)).build(), "bias", "[2]", "[3]");
    assertIllegalArgument(
        () -> builder().bias(Tensor.allocate(DataType.INT32, 3)).build(), "bias", "INT32");
    assertIllegalArgument(() -> builder().outputRange(2, 1).build(), "outputRange", "2.0", "1.0");
  }

  @Test
  void refusesInputsAndOutputsThatDoNotFit() {
    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 5, 8, 8);
    try (BinaryConv2d layer = builder().build()) {
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 1, 6, 8, 8)), "x", "6", "5");
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.UINT8, 1, 5, 8, 8)), "x", "UINT8");
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 5, 8, 8)), "x", "[5, 8, 8]");
      assertIllegalArgument(
          () -> layer.forward(PackedBits.of(new byte[64], 1, 8, 8, 6)),
          "x",
          "[1, 8, 8, 6]",
          "[n, h, w, 5]");
      assertIllegalArgument(
          () -> layer.forwardBits(PackedBits.of(new byte[64], 64, 5)), "x", "[64, 5]");
      assertIllegalArgument(
          () -> layer.forwardSums(Tensor.allocate(DataType.FLOAT32, 1, 6, 8, 8)), "x", "6", "5");
      assertIllegalArgument(
          () -> layer.forward(x, Tensor.allocate(DataType.FLOAT32, 1, 3, 8, 7)),
          "y",
          "[1, 3, 8, 7]",
          "[1, 3, 8, 8]");
    }
  }

  @Test
  void nullsAreRefusedByName() {
    PackedBits bits = PackedBits.of(new byte[18], 3, 45);
    try (BinaryConv2d layer = builder().build()) {
      Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 5, 8, 8);
      Quantization quantization = Quantization.symmetric(1);
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> layer.forward((Tensor) null),
              () -> layer.forward((PackedBits) null),
              () -> layer.forwardBits((Tensor) null),
              () -> layer.forwardBits((PackedBits) null),
              () -> layer.forwardSums((Tensor) null),
              () -> layer.forwardSums((PackedBits) null),
              () -> layer.forwardCodes((Tensor) null, quantization),
              () -> layer.forwardCodes((PackedBits) null, quantization),
              () -> layer.accumulate(null),
              () -> layer.backward(null, x))) {
        refusesNull("x", call);
      }
      refusesNull("y", () -> layer.forward(x, null));
      refusesNull("y", () -> layer.forward(PackedBits.packImage(context, x), null));
      refusesNull("quantization", () -> layer.forwardCodes(x, null));
      refusesNull("gradOut", () -> layer.backward(x, null));
      refusesNull("wanted", () -> layer.backward(x, x, null));
      refusesNull("weights", () -> layer.setWeights(null));
      refusesNull("epilogue", () -> layer.setWeights(weights(), null));
      refusesNull("epilogue", () -> layer.setEpilogue(null));
      refusesNull("scale", () -> layer.setScale((float[]) null));
      refusesNull("format", () -> layer.packedWeights(null));
      refusesNull("file", () -> layer.save(null));
    }
    PackedWeightFormat rows = PackedWeightFormat.ROWS;
    refusesNull("context", () -> BinaryConv2d.builder(null, ARGS, weights()));
    refusesNull("args", () -> BinaryConv2d.builder(context, null, weights()));
    refusesNull("weights", () -> BinaryConv2d.builder(context, ARGS, null));
    refusesNull("weights", () -> BinaryConv2d.fromPackedWeights(context, ARGS, null));
    refusesNull("args", () -> BinaryConv2d.fromPackedWeights(context, null, bits));
    refusesNull("packedWeights", () -> BinaryConv2d.fromPackedWeights(context, ARGS, null, rows));
    refusesNull("format", () -> BinaryConv2d.fromPackedWeights(context, ARGS, new byte[18], null));
    refusesNull("context", () -> BinaryConv2d.load(null, Path.of("x")));
    refusesNull("weights", () -> BinaryLinear.builder(context, null));
    refusesNull("weights", () -> BinaryLinear.fromPackedWeights(context, null));
    refusesNull("packedWeights", () -> BinaryLinear.fromPackedWeights(context, 1, 1, null, rows));
    refusesNull("scale", () -> builder().scale((float[]) null));
    refusesNull("bias", () -> builder().bias(null));
    refusesNull("batchNorm", () -> builder().batchNorm(null));
    refusesNull("epilogue", () -> builder().epilogue(null));
    refusesNull("inputQuantizer", () -> builder().inputQuantizer(null));
    refusesNull("kernelQuantizer", () -> builder().kernelQuantizer(null));
    refusesNull("paddingValue", () -> builder().paddingValue(null));
    refusesNull("context", () -> BinaryLayer.meanMagnitudes(null, weights()));
    refusesNull("weights", () -> BinaryLayer.meanMagnitudes(context, null));
  }

  private static void refusesNull(String name, ThrowingCallable call) {
    assertThatNullPointerException().isThrownBy(call).withMessage(name);
  }

  private static Tensor weights() {
    return Tensor.allocate(DataType.FLOAT32, ARGS.weightShape());
  }

  private static BinaryConv2d.Builder builder() {
    return BinaryConv2d.builder(context, ARGS, weights()).paddingValue(PaddingValue.PLUS_ONE);
  }
}
