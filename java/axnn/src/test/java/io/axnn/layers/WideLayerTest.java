package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.Tier;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Multipliers;
import io.axnn.multiplier.Signedness;
import io.axnn.quant.Quantization;
import io.axnn.quant.QuantizationConfig;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers of 9 to 16 bits: their sums are those of the multiplier's own products, one by one. */
class WideLayerTest {

  static Stream<Multiplier> multipliers() {
    List<Multiplier> all = new ArrayList<>();
    for (int bits : new int[] {9, 12, 16}) {
      Multipliers twosComplement = Multipliers.of(bits, Signedness.TWOS_COMPLEMENT);
      Multipliers unsigned = Multipliers.of(bits, Signedness.UNSIGNED);
      Multipliers signMagnitude = Multipliers.of(bits, Signedness.SIGN_MAGNITUDE);
      all.add(twosComplement.exact());
      all.add(twosComplement.brokenArray(1, 2, 4));
      all.add(twosComplement.brokenArray(0, 0, bits));
      all.add(unsigned.brokenArray(2, 0, 5));
      all.add(unsigned.drum(6));
      all.add(signMagnitude.drum(4));
      all.add(unsigned.roba());
      all.add(signMagnitude.roba());
      all.add(signMagnitude.ilm(2));
      all.add(unsigned.ilm(1));
      all.add(Multipliers.of(bits, Signedness.ZERO_POINT).drum(5));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("multipliers")
  void sumsAreThoseOfTheProducts(Multiplier source) {
    Random random = Seeds.random("sumsAreThoseOfTheProducts");
    for (int i = 0; i < 3; i++) {
      expect(ApproxCase.drawOf(random, RandomConv.draw(random), source));
    }
  }

  @ParameterizedTest
  @MethodSource("multipliers")
  void linearLayersToo(Multiplier source) {
    Random random = Seeds.random("linearLayersToo");
    ApproxCase c = ApproxCase.drawOf(random, RandomConv.drawLinear(random), source);
    for (Context context : contexts()) {
      try (context;
          Multiplier multiplier = c.multiplier();
          ApproxLinear layer = c.buildLinear(context, multiplier)) {
        expect(c, layer, c.rowsTensor());
      }
    }
  }

  private static void expect(ApproxCase c) {
    for (Context context : contexts()) {
      try (context;
          Multiplier multiplier = c.multiplier();
          ApproxConv2d layer = c.build(context, multiplier)) {
        expect(c, layer, c.xTensor());
      }
    }
  }

  private static void expect(ApproxCase c, ApproxLayer layer, Tensor x) {
    assertThat(layer.accumulate(x).toLongArray()).as("%s", c).isEqualTo(c.sums());
    assertThat(layer.forward(x).toFloatArray()).as("%s", c).isEqualTo(c.output());
  }

  /** Every tier with one thread and with two. */
  private static List<Context> contexts() {
    List<Context> contexts = new ArrayList<>(Tiers.contexts());
    for (Tier tier : Tiers.available()) {
      contexts.add(Context.builder().tier(tier).threads(2).build());
    }
    return contexts;
  }

  /** The largest products and corrections there are: codes and zero points at their ends. */
  @ParameterizedTest
  @EnumSource(
      value = Signedness.class,
      names = {"TWOS_COMPLEMENT", "UNSIGNED"})
  void zeroPointsAtTheEnds(Signedness signs) {
    Conv2dArgs args = Conv2dArgs.builder(8, 2, 3, 3).padding(new Padding(1, 0, 0, 1)).build();
    RandomConv conv = new RandomConv(args, 1, 3, 3);
    Multipliers families = Multipliers.of(16, signs);
    for (Multiplier source : List.of(families.exact(), families.brokenArray(0, 0, 6))) {
      int min = source.rowOperand().min();
      int max = source.rowOperand().max();
      for (int zx : new int[] {min, max}) {
        for (int zw : new int[] {min, max}) {
          // Floats far beyond the codes become the end that is not the zero point.
          float[] x = new float[conv.inputSize()];
          float[] weights = new float[conv.weightSize()];
          Arrays.fill(x, zx == min ? 1e9f : -1e9f);
          Arrays.fill(weights, zw == min ? 1e9f : -1e9f);
          for (PaddingCode padding : PaddingCode.values()) {
            for (ZeroPointCorrection correction : ZeroPointCorrection.values()) {
              expect(
                  new ApproxCase(
                      conv,
                      x,
                      weights,
                      null,
                      source,
                      new Quantization(1, zx, min, max),
                      new WeightQuantization(new float[] {1}, new int[] {zw}, min, max),
                      OperandOrder.WEIGHT_FIRST,
                      padding,
                      correction,
                      Float.NEGATIVE_INFINITY,
                      Float.POSITIVE_INFINITY));
            }
          }
        }
      }
    }
  }

  @Test
  void exactProductsAreThoseOfTheQuantisedMode() {
    Random random = Seeds.random("exactProductsAreThoseOfTheQuantisedMode");
    for (int bits = 9; bits <= 16; bits++) {
      for (Signedness signs : List.of(Signedness.TWOS_COMPLEMENT, Signedness.UNSIGNED)) {
        ApproxCase c =
            ApproxCase.drawOf(random, RandomConv.draw(random), Multipliers.of(bits, signs).exact());
        try (Context context = Context.builder().threads(2).build();
            Multiplier multiplier = c.multiplier();
            ApproxConv2d layer = c.build(context, multiplier)) {
          // Exact products are the table's own, so the two corrections are one.
          assertThat(layer.quantForward(c.xTensor()).toFloatArray())
              .isEqualTo(layer.approxForward(c.xTensor()).toFloatArray());
        }
      }
    }
  }

  /** Sums of K times 2^30, and of twice that in every pair of products. */
  @Test
  void theLargestCodesEverywhere() {
    Conv2dArgs args = Conv2dArgs.builder(64, 2, 3, 3).build();
    float[] lowest = new float[64 * 9 * 2];
    Arrays.fill(lowest, -32768);
    Multipliers families = Multipliers.of(16, Signedness.TWOS_COMPLEMENT);
    for (Context context : Tiers.contexts()) {
      try (context;
          Multiplier exact = families.exact();
          Multiplier array = families.brokenArray(0, 0, 6);
          ApproxConv2d layer =
              ApproxConv2d.builder(context, args, Tensor.of(lowest, 2, 64, 3, 3), null)
                  .multiplier(exact)
                  .inputQuantization(new Quantization(1, 0, -32768, 32767))
                  .weightQuantization(
                      new WeightQuantization(new float[] {1}, new int[1], -32768, 32767))
                  .build()) {
        Tensor x = Tensor.of(Arrays.copyOf(lowest, 64 * 9), 1, 64, 3, 3);
        long expected = 576L << 30;
        assertThat(layer.accumulate(x).toLongArray()).containsExactly(expected, expected);
        assertThat(layer.quantForward(x).toFloatArray())
            .containsExactly((float) expected, (float) expected);
        layer.setMultiplier(array);
        long one = array.longProduct(-32768, -32768);
        assertThat(layer.accumulate(x).toLongArray()).containsExactly(576 * one, 576 * one);
      }
    }
  }

  /** A convolution whose windows do not all lie in its padding: its outputs differ. */
  private static RandomConv drawOfManyOutputs(Random random) {
    while (true) {
      RandomConv conv = RandomConv.draw(random);
      Tensor weights =
          Tensor.of(Seeds.floats(random, conv.weightSize()), conv.args().weightShape());
      Tensor x = Tensor.of(Seeds.floats(random, conv.inputSize()), conv.inputShape());
      try (Context context = Context.create();
          Conv2d layer = Conv2d.of(context, conv.args(), weights, null)) {
        float[] outputs = layer.forward(x).toFloatArray();
        long different =
            IntStream.range(0, outputs.length).mapToObj(i -> outputs[i]).distinct().count();
        if (different > 2) {
          return conv;
        }
      }
    }
  }

  @Test
  void everyModeCalibrationGradientsAndTraces() {
    Random random = Seeds.random("everyModeCalibrationGradientsAndTraces");
    RandomConv conv = drawOfManyOutputs(random);
    Tensor weights = Tensor.of(Seeds.floats(random, conv.weightSize()), conv.args().weightShape());
    Tensor x = Tensor.of(Seeds.floats(random, conv.inputSize()), conv.inputShape());
    try (Context context = Context.create();
        Multiplier multiplier = Multipliers.of(12, Signedness.SIGN_MAGNITUDE).drum(5);
        ApproxConv2d layer =
            ApproxConv2d.builder(context, conv.args(), weights, null)
                .multiplier(multiplier)
                .quantizationConfig(QuantizationConfig.axnn(12))
                .build()) {
      layer.calibrate(x);
      layer.freeze();
      assertThat(layer.weightQuantization().codeMax()).isEqualTo(2047);
      assertThat(layer.weightQuantization()).isEqualTo(WeightQuantization.perChannel(weights, 12));
      assertThat(layer.inputQuantization()).contains(Quantization.of(x, 12));
      float[] exact = layer.quantForward(x).toFloatArray();
      assertThat(layer.noiseForward(x).toFloatArray()).isEqualTo(exact);
      assertThat(layer.forward(x).toFloatArray()).isNotEqualTo(exact);
      // Twelve bits are close to the floats.
      float[] floats = layer.baselineForward(x).toFloatArray();
      for (int i = 0; i < floats.length; i++) {
        assertThat(exact[i]).isCloseTo(floats[i], offset(0.1f));
      }
      Noise noise = layer.noiseOf(multiplier, x);
      assertThat(noise.stdev()).isPositive();

      Tensor gradOut = Tensor.of(Seeds.floats(random, exact.length), layer.outputShape(x.shape()));
      Gradients table = layer.backward(x, gradOut, GradientOptions.tableDifference(0));
      assertThat(table.weights().orElseThrow().size()).isEqualTo(weights.size());

      List<Trace> traces = new ArrayList<>();
      layer.setTraceListener(
          new TraceListener() {
            @Override
            public Detail detail(ApproxLayer traced) {
              return Detail.OPERANDS;
            }

            @Override
            public void traced(ApproxLayer traced, Trace trace) {
              traces.add(trace);
            }
          });
      layer.forward(x);
      Trace.Operands operands = (Trace.Operands) traces.get(0);
      assertThat(operands.weights().dataType()).isEqualTo(DataType.INT32);
      assertThat(operands.inputs().dataType()).isEqualTo(DataType.INT32);
      assertThat(operands.weights().toIntArray())
          .isEqualTo(layer.weightQuantization().quantize(weights).toIntArray());
      assertThat(layer.inputQuantization().orElseThrow().quantize(context, x).toIntArray())
          .isEqualTo(layer.inputQuantization().orElseThrow().quantize(x).toIntArray());
    }
  }

  @Test
  void isSavedAndRead(@TempDir Path folder) {
    Random random = Seeds.random("isSavedAndRead");
    ApproxCase c =
        ApproxCase.drawOf(
            random,
            RandomConv.draw(random),
            Multipliers.of(16, Signedness.TWOS_COMPLEMENT).brokenArray(0, 0, 8));
    try (Context context = Context.create();
        Multiplier multiplier = c.multiplier();
        ApproxConv2d layer =
            c.builder(context, multiplier).structureUse(StructureUse.ALWAYS).build()) {
      Path file = folder.resolve("layer.safetensors");
      layer.save(file);
      try (ApproxConv2d again = ApproxConv2d.load(context, file).multiplier(multiplier).build()) {
        assertThat(again.structureUse()).isEqualTo(StructureUse.ALWAYS);
        assertThat(again.forward(c.xTensor()).toFloatArray()).isEqualTo(c.output());
      }
    }
  }

  @Test
  void familiesWithoutStructureAreRefused() {
    Multipliers families = Multipliers.of(12, Signedness.SIGN_MAGNITUDE);
    Multipliers unsigned = Multipliers.of(12, Signedness.UNSIGNED);
    try (Context context = Context.create()) {
      for (Multiplier multiplier :
          List.of(
              families.mitchell(),
              families.mbm(),
              families.almSoa(4),
              unsigned.loa(6),
              unsigned.orColumns(6))) {
        var builder =
            ApproxConv2d.builder(
                    context,
                    Conv2dArgs.builder(1, 1, 1, 1).build(),
                    Tensor.of(new float[] {1}, 1, 1, 1, 1),
                    null)
                .weightQuantization(new WeightQuantization(new float[] {1}, new int[1], 0, 127))
                .inputQuantization(Quantization.unsigned7(1))
                .multiplier(multiplier);
        assertIllegalArgument(builder::build, multiplier.name(), "more than 8 bits", "structure");
      }
      var builder =
          ApproxConv2d.builder(
                  context,
                  Conv2dArgs.builder(1, 1, 1, 1).build(),
                  Tensor.of(new float[] {1}, 1, 1, 1, 1),
                  null)
              .inputQuantization(Quantization.symmetric(1))
              .multiplier(families.drum(4))
              .structureUse(StructureUse.NEVER);
      assertIllegalArgument(builder::build, "NEVER", "drum", "no table");
    }
  }
}
