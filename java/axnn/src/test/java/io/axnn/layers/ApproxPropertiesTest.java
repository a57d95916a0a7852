package io.axnn.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.Exact;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What holds for every table, whatever its entries, on every tier. */
class ApproxPropertiesTest {

  private static final int CASES = 40;
  private static final int[] EXACT_TABLE = each(i -> (byte) (i >> 8) * (byte) i);

  private static List<Context> contexts;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
  }

  @Test
  void theSumOfTwoTablesGivesTheSumOfTheirSums() {
    check(
        "theSumOfTwoTablesGivesTheSumOfTheirSums",
        (drawn, context, random) -> {
          int[] one = table(random);
          int[] other = table(random);
          long[] ones = sums(context, with(drawn, one));
          long[] others = sums(context, with(drawn, other));
          assertThat(sums(context, with(drawn, each(i -> one[i] + other[i]))))
              .as("%s", drawn)
              .isEqualTo(eachLong(ones, i -> ones[i] + others[i]));
        });
  }

  @Test
  void aMultipleOfATableGivesThatMultipleOfItsSums() {
    check(
        "aMultipleOfATableGivesThatMultipleOfItsSums",
        (drawn, context, random) -> {
          int[] table = table(random);
          int factor = random.nextInt(-7, 8);
          long[] sums = sums(context, with(drawn, table));
          assertThat(sums(context, with(drawn, each(i -> factor * table[i]))))
              .as("%d times %s", factor, drawn)
              .isEqualTo(eachLong(sums, i -> factor * sums[i]));
        });
  }

  @Test
  void aConstantOnEveryEntryAddsItForEveryTap() {
    check(
        "aConstantOnEveryEntryAddsItForEveryTap",
        (drawn, context, random) -> {
          int[] table = table(random);
          int constant = random.nextInt(-(1 << 30), 1 << 30);
          long[] sums = sums(context, with(drawn, table));
          assertThat(sums(context, with(drawn, each(i -> table[i] + constant))))
              .as("%d on %s", constant, drawn)
              .isEqualTo(
                  eachLong(sums, i -> sums[i] + (long) drawn.conv().args().fanIn() * constant));
        });
  }

  @Test
  void theTransposedTableInTheOtherOrderIsTheSameLayer() {
    check(
        "theTransposedTableInTheOtherOrderIsTheSameLayer",
        (drawn, context, random) -> {
          OperandOrder other =
              drawn.order() == OperandOrder.WEIGHT_FIRST
                  ? OperandOrder.ACTIVATION_FIRST
                  : OperandOrder.WEIGHT_FIRST;
          int[] table = drawn.table();
          ApproxCase transposed = with(drawn, each(i -> table[(i & 255) << 8 | i >> 8]), other);
          assertThat(sums(context, transposed)).as("%s", drawn).isEqualTo(sums(context, drawn));
          assertThat(output(context, transposed)).as("%s", drawn).isEqualTo(output(context, drawn));
        });
  }

  @Test
  void permutedOutputChannelsGivePermutedOutputs() {
    check(
        "permutedOutputChannelsGivePermutedOutputs",
        (drawn, context, random) -> {
          Conv2dArgs args = drawn.conv().args();
          int channels = args.outChannels();
          int[] from = permutationInGroups(random, channels, args.groups());
          ApproxCase permuted =
              new ApproxCase(
                  drawn.conv(),
                  drawn.x(),
                  blocks(drawn.weights(), from),
                  drawn.bias() == null ? null : blocks(drawn.bias(), from),
                  drawn.table(),
                  drawn.input(),
                  permuted(drawn.weightQuantization(), from),
                  drawn.order(),
                  drawn.paddingCode(),
                  drawn.correction(),
                  drawn.outputMin(),
                  drawn.outputMax());
          int[] fromInBatch =
              IntStream.range(0, drawn.conv().batch() * channels)
                  .map(i -> i / channels * channels + from[i % channels])
                  .toArray();
          assertThat(output(context, permuted))
              .as("%s of %s", Arrays.toString(from), drawn)
              .isEqualTo(blocks(output(context, drawn), fromInBatch));
        });
  }

  @Test
  void permutedImagesGivePermutedOutputs() {
    check(
        "permutedImagesGivePermutedOutputs",
        (drawn, context, random) -> {
          int[] from = permutationInGroups(random, drawn.conv().batch(), 1);
          ApproxCase permuted = with(drawn, drawn.conv(), blocks(drawn.x(), from), drawn.weights());
          assertThat(output(context, permuted))
              .as("%s of %s", Arrays.toString(from), drawn)
              .isEqualTo(blocks(output(context, drawn), from));
        });
  }

  @Test
  void theInputChannelsOfAGroupCanBeSummedApart() {
    check(
        "theInputChannelsOfAGroupCanBeSummedApart",
        (drawn, context, random) -> {
          Conv2dArgs args = drawn.conv().args();
          int inGroup = args.inChannels() / args.groups();
          if (inGroup == 1) {
            return;
          }
          int cut = random.nextInt(1, inGroup);
          long[] first = sums(context, channels(drawn, 0, cut));
          long[] second = sums(context, channels(drawn, cut, inGroup));
          assertThat(sums(context, drawn))
              .as("cut at %d of %s", cut, drawn)
              .isEqualTo(eachLong(first, i -> first[i] + second[i]));
        });
  }

  @Test
  void paddingIsAnImageWithABorderOfThePaddingCode() {
    check(
        "paddingIsAnImageWithABorderOfThePaddingCode",
        (drawn, context, random) -> {
          ApproxCase padded = bordered(drawn);
          assertThat(sums(context, padded)).as("%s", drawn).isEqualTo(sums(context, drawn));
          assertThat(output(context, padded)).as("%s", drawn).isEqualTo(output(context, drawn));
        });
  }

  /** Its correction subtracts the terms of the weights and those of the activations. */
  @Test
  void tableCorrectionLeavesNothingOfAnAdditiveTable() {
    check(
        "tableCorrectionLeavesNothingOfAnAdditiveTable",
        (drawn, context, random) -> {
          int[] f = random.ints(256, -(1 << 28), 1 << 28).toArray();
          int[] g = random.ints(256, -(1 << 28), 1 << 28).toArray();
          ApproxCase additive =
              with(
                  withoutBiasAndLimits(drawn, ZeroPointCorrection.TABLE),
                  each(i -> f[i >> 8] + g[i & 255]));
          assertThat(output(context, additive)).as("%s", drawn).containsOnly(0);
        });
  }

  @Test
  void bothCorrectionsOfTheExactTableAreTheFloatConvolutionOfIntegers() {
    check(
        "bothCorrectionsOfTheExactTableAreTheFloatConvolutionOfIntegers",
        (drawn, context, random) -> {
          ApproxCase integers = integers(drawn, random);
          float[] expected;
          try (Conv2d layer =
              Conv2d.of(context, drawn.conv().args(), integers.weightTensor(), null)) {
            expected = layer.forward(integers.xTensor()).toFloatArray();
          }
          for (ZeroPointCorrection correction : ZeroPointCorrection.values()) {
            Exact.assertEqual(
                output(context, withoutBiasAndLimits(integers, correction)),
                expected,
                correction + " of " + integers);
          }
        });
  }

  @Test
  void approximateWithTheExactTableIsQuantized() {
    check(
        "approximateWithTheExactTableIsQuantized",
        (drawn, context, random) -> {
          ApproxCase exact = with(drawn, EXACT_TABLE);
          try (Multiplier multiplier = exact.multiplier();
              ApproxConv2d layer = exact.build(context, multiplier)) {
            assertThat(layer.approxForward(drawn.xTensor()).toFloatArray())
                .as("%s", drawn)
                .isEqualTo(layer.quantForward(drawn.xTensor()).toFloatArray());
          }
        });
  }

  private interface Property {
    void holdsFor(ApproxCase drawn, Context context, Random random);
  }

  private static void check(String test, Property property) {
    Random random = Seeds.random("ApproxPropertiesTest." + test);
    for (int i = 0; i < CASES; i++) {
      ApproxCase drawn = ApproxCase.draw(random, RandomConv.draw(random));
      for (Context context : contexts) {
        property.holdsFor(drawn, context, random);
      }
    }
  }

  private static long[] sums(Context context, ApproxCase layerCase) {
    try (Multiplier multiplier = layerCase.multiplier();
        ApproxConv2d layer = layerCase.build(context, multiplier)) {
      return layer.accumulate(layerCase.xTensor()).toLongArray();
    }
  }

  private static float[] output(Context context, ApproxCase layerCase) {
    try (Multiplier multiplier = layerCase.multiplier();
        ApproxConv2d layer = layerCase.build(context, multiplier)) {
      return layer.forward(layerCase.xTensor()).toFloatArray();
    }
  }

  /** Entries of 4 to 28 bits, so that small multiples and sums of two tables are ints. */
  private static int[] table(Random random) {
    int limit = 1 << random.nextInt(4, 29);
    return random.ints(65536, -limit, limit).toArray();
  }

  private static int[] each(IntUnaryOperator entry) {
    return IntStream.range(0, 65536).map(entry).toArray();
  }

  private interface LongAt {
    long at(int index);
  }

  private static long[] eachLong(long[] like, LongAt value) {
    return IntStream.range(0, like.length).mapToLong(value::at).toArray();
  }

  /** The blocks of an array, as many as {@code from}, in that order. */
  private static float[] blocks(float[] values, int[] from) {
    int length = values.length / from.length;
    float[] moved = new float[values.length];
    for (int i = 0; i < from.length; i++) {
      System.arraycopy(values, from[i] * length, moved, i * length, length);
    }
    return moved;
  }

  private static int[] permutationInGroups(Random random, int count, int groups) {
    int length = count / groups;
    return IntStream.range(0, groups)
        .flatMap(
            group -> {
              List<Integer> members =
                  IntStream.range(group * length, (group + 1) * length)
                      .boxed()
                      .collect(Collectors.toList());
              Collections.shuffle(members, random);
              return members.stream().mapToInt(Integer::intValue);
            })
        .toArray();
  }

  private static WeightQuantization permuted(WeightQuantization quantization, int[] from) {
    if (quantization.scales().length == 1) {
      return quantization;
    }
    int[] zeroPoints = quantization.zeroPoints();
    return new WeightQuantization(
        blocks(quantization.scales(), from),
        IntStream.of(from).map(i -> zeroPoints[i]).toArray(),
        quantization.codeMin(),
        quantization.codeMax());
  }

  /** The layer on the input channels from..to of every group. */
  private static ApproxCase channels(ApproxCase drawn, int from, int to) {
    RandomConv conv = drawn.conv();
    Conv2dArgs args = conv.args();
    int inGroup = args.inChannels() / args.groups();
    Conv2dArgs fewer = args(args, args.groups() * (to - from), args.padding());
    return with(
        drawn,
        new RandomConv(fewer, conv.batch(), conv.height(), conv.width()),
        parts(drawn.x(), conv.height() * conv.width(), inGroup, from, to),
        parts(drawn.weights(), args.kernelHeight() * args.kernelWidth(), inGroup, from, to));
  }

  /** Of every {@code count} runs of {@code length} values those from..to. */
  private static float[] parts(float[] values, int length, int count, int from, int to) {
    float[] kept = new float[values.length / count * (to - from)];
    int run = (to - from) * length;
    for (int i = 0; i < kept.length / run; i++) {
      System.arraycopy(values, (i * count + from) * length, kept, i * run, run);
    }
    return kept;
  }

  /** The layer without padding, on images that have it around them. */
  private static ApproxCase bordered(ApproxCase drawn) {
    RandomConv conv = drawn.conv();
    Padding padding = conv.args().padding();
    int height = conv.height() + padding.top() + padding.bottom();
    int width = conv.width() + padding.left() + padding.right();
    Quantization input = drawn.input();
    float border = drawn.paddingCode() == PaddingCode.ZERO ? -input.zeroPoint() * input.scale() : 0;
    float[] x = new float[conv.batch() * conv.args().inChannels() * height * width];
    Arrays.fill(x, border);
    for (int row = 0; row < drawn.x().length / conv.width(); row++) {
      int image = row / conv.height();
      int y = row % conv.height() + padding.top();
      System.arraycopy(
          drawn.x(),
          row * conv.width(),
          x,
          (image * height + y) * width + padding.left(),
          conv.width());
    }
    Conv2dArgs unpadded = args(conv.args(), conv.args().inChannels(), Padding.NONE);
    return with(drawn, new RandomConv(unpadded, conv.batch(), height, width), x, drawn.weights());
  }

  private static Conv2dArgs args(Conv2dArgs args, int inChannels, Padding padding) {
    return new Conv2dArgs(
        inChannels,
        args.outChannels(),
        args.kernelHeight(),
        args.kernelWidth(),
        args.strideHeight(),
        args.strideWidth(),
        args.dilationHeight(),
        args.dilationWidth(),
        padding,
        args.groups());
  }

  /** Scales of 1 and values that are codes without their zero points; sums stay below 2^24. */
  private static ApproxCase integers(ApproxCase drawn, Random random) {
    int zx = random.nextInt(-128, 128);
    int zw = random.nextInt(-128, 128);
    return new ApproxCase(
        drawn.conv(),
        codesWithoutZeroPoint(random, drawn.x().length, zx),
        codesWithoutZeroPoint(random, drawn.weights().length, zw),
        null,
        EXACT_TABLE,
        Quantization.affine(1, zx),
        WeightQuantization.of(new float[] {1}, new int[] {zw}),
        drawn.order(),
        PaddingCode.ZERO_POINT,
        drawn.correction(),
        Float.NEGATIVE_INFINITY,
        Float.POSITIVE_INFINITY);
  }

  private static float[] codesWithoutZeroPoint(Random random, int count, int zeroPoint) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(-128, 128) - zeroPoint;
    }
    return values;
  }

  private static ApproxCase with(ApproxCase drawn, int[] table) {
    return with(drawn, table, drawn.order());
  }

  private static ApproxCase with(ApproxCase drawn, int[] table, OperandOrder order) {
    return new ApproxCase(
        drawn.conv(),
        drawn.x(),
        drawn.weights(),
        drawn.bias(),
        table,
        drawn.input(),
        drawn.weightQuantization(),
        order,
        drawn.paddingCode(),
        drawn.correction(),
        drawn.outputMin(),
        drawn.outputMax());
  }

  private static ApproxCase with(ApproxCase drawn, RandomConv conv, float[] x, float[] weights) {
    return new ApproxCase(
        conv,
        x,
        weights,
        drawn.bias(),
        drawn.table(),
        drawn.input(),
        drawn.weightQuantization(),
        drawn.order(),
        drawn.paddingCode(),
        drawn.correction(),
        drawn.outputMin(),
        drawn.outputMax());
  }

  private static ApproxCase withoutBiasAndLimits(ApproxCase drawn, ZeroPointCorrection correction) {
    return new ApproxCase(
        drawn.conv(),
        drawn.x(),
        drawn.weights(),
        null,
        drawn.table(),
        drawn.input(),
        drawn.weightQuantization(),
        drawn.order(),
        drawn.paddingCode(),
        correction,
        Float.NEGATIVE_INFINITY,
        Float.POSITIVE_INFINITY);
  }
}
