package io.axnn.layers;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Reference;
import io.axnn.testing.Seeds;
import java.util.Random;

/** An approximate layer with random settings, and what it must give. */
record ApproxCase(
    RandomConv conv,
    float[] x,
    float[] weights,
    float[] bias,
    Multiplier source,
    Quantization input,
    WeightQuantization weightQuantization,
    OperandOrder order,
    PaddingCode paddingCode,
    ZeroPointCorrection correction,
    float outputMin,
    float outputMax) {

  /** A case of a table of signed bytes. */
  ApproxCase(
      RandomConv conv,
      float[] x,
      float[] weights,
      float[] bias,
      int[] table,
      Quantization input,
      WeightQuantization weightQuantization,
      OperandOrder order,
      PaddingCode paddingCode,
      ZeroPointCorrection correction,
      float outputMin,
      float outputMax) {
    this(
        conv,
        x,
        weights,
        bias,
        ofTable(table),
        input,
        weightQuantization,
        order,
        paddingCode,
        correction,
        outputMin,
        outputMax);
  }

  private static Multiplier ofTable(int[] table) {
    return Multiplier.ofTable("random", Operand.SIGNED8, Operand.SIGNED8, table);
  }

  int[] table() {
    return source.toArray();
  }

  static ApproxCase draw(Random random, RandomConv conv) {
    return draw(
        random,
        conv,
        ofTable(drawTable(random)),
        drawInput(random),
        drawWeights(random, conv.args().outChannels()));
  }

  /** Codes of all of a multiplier's operands, which both have this one's range. */
  static ApproxCase drawOf(Random random, RandomConv conv, Multiplier source) {
    Operand operand = source.rowOperand();
    // Half the values are beyond the codes.
    float step = 1.4f / (operand.max() - operand.min());
    boolean affine = random.nextBoolean();
    Quantization input =
        new Quantization(step, affine ? any(random, operand) : 0, operand.min(), operand.max());
    float[] scales = new float[random.nextBoolean() ? 1 : conv.args().outChannels()];
    int[] zeroPoints = new int[scales.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = step * (0.5f + random.nextFloat());
      zeroPoints[i] = affine ? any(random, operand) : 0;
    }
    return draw(
        random,
        conv,
        source,
        input,
        new WeightQuantization(scales, zeroPoints, operand.min(), operand.max()));
  }

  private static int any(Random random, Operand operand) {
    return switch (random.nextInt(4)) {
      case 0 -> operand.min();
      case 1 -> operand.max();
      default -> random.nextInt(operand.min(), operand.max() + 1);
    };
  }

  private static ApproxCase draw(
      Random random,
      RandomConv conv,
      Multiplier source,
      Quantization input,
      WeightQuantization weightQuantization) {
    int channels = conv.args().outChannels();
    boolean limited = random.nextInt(3) == 0;
    return new ApproxCase(
        conv,
        Seeds.floats(random, conv.inputSize()),
        Seeds.floats(random, conv.weightSize()),
        random.nextBoolean() ? Seeds.floats(random, channels) : null,
        source,
        input,
        weightQuantization,
        draw(random, OperandOrder.values()),
        draw(random, PaddingCode.values()),
        draw(random, ZeroPointCorrection.values()),
        limited ? 0 : Float.NEGATIVE_INFINITY,
        limited ? 0.25f : Float.POSITIVE_INFINITY);
  }

  /** Tables of every size of entry, the largest of which need 64-bit sums. */
  private static int[] drawTable(Random random) {
    int kind = random.nextInt(5);
    int[] table = new int[65536];
    for (int i = 0; i < table.length; i++) {
      table[i] =
          switch (kind) {
            case 0 -> (byte) (i >> 8) * (byte) i;
            case 1 -> (byte) random.nextInt();
            case 2 -> (short) random.nextInt();
            case 3 -> random.nextInt(-(1 << 20), 1 << 20);
            default -> random.nextInt();
          };
    }
    return table;
  }

  private static Quantization drawInput(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> Quantization.symmetric(1f / 127);
      case 1 -> Quantization.unsigned7(1f / 127);
      // A scale that saturates.
      case 2 -> Quantization.affine(0.004f, random.nextInt(-128, 128));
      default -> Quantization.affine(0.0078f, random.nextInt(-128, 128));
    };
  }

  private static WeightQuantization drawWeights(Random random, int channels) {
    boolean affine = random.nextBoolean();
    int length = random.nextBoolean() ? 1 : channels;
    float[] scales = new float[length];
    int[] zeroPoints = new int[length];
    for (int i = 0; i < length; i++) {
      scales[i] = 0.004f + 0.008f * random.nextFloat();
      zeroPoints[i] = affine ? random.nextInt(-128, 128) : 0;
    }
    return new WeightQuantization(scales, zeroPoints, affine ? -128 : -127, 127);
  }

  private static <T> T draw(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  Tensor xTensor() {
    return Tensor.of(x, conv.inputShape());
  }

  Tensor weightTensor() {
    return Tensor.of(weights, conv.args().weightShape());
  }

  Tensor biasTensor() {
    return bias == null ? null : Tensor.of(bias, bias.length);
  }

  Multiplier multiplier() {
    return source.withName("random");
  }

  /** The layer of this case; for a linear case the 1x1 convolution that it equals. */
  ApproxConv2d build(Context context, Multiplier multiplier) {
    return builder(context, multiplier).build();
  }

  /** The linear layer of a linear case, for {@link #rowsTensor}. */
  ApproxLinear buildLinear(Context context, Multiplier multiplier) {
    Tensor matrix = Tensor.of(weights, conv.args().outChannels(), conv.args().inChannels());
    return ApproxLinear.builder(context, matrix, biasTensor())
        .multiplier(multiplier)
        .inputQuantization(input)
        .weightQuantization(weightQuantization)
        .operandOrder(order)
        .zeroPointCorrection(correction)
        .outputRange(outputMin, outputMax)
        .build();
  }

  /** The input of a linear case as rows. */
  Tensor rowsTensor() {
    return Tensor.of(x, conv.batch(), conv.args().inChannels());
  }

  ApproxConv2d.Builder builder(Context context, Multiplier multiplier) {
    return ApproxConv2d.builder(context, conv.args(), weightTensor(), biasTensor())
        .multiplier(multiplier)
        .inputQuantization(input)
        .weightQuantization(weightQuantization)
        .operandOrder(order)
        .paddingCode(paddingCode)
        .zeroPointCorrection(correction)
        .outputRange(outputMin, outputMax);
  }

  /** Sums of table entries. */
  long[] sums() {
    return integers((w, in) -> product(weightCode(w), inputCode(in)));
  }

  float[] output() {
    long[] corrected = correctedSums();
    float[] y = new float[corrected.length];
    for (int i = 0; i < y.length; i++) {
      int o = Reference.channel(conv, y.length, i);
      float value = (float) corrected[i] * (input.scale() * scale(o));
      if (bias != null) {
        value += bias[o];
      }
      y[i] = Math.min(Math.max(value, outputMin), outputMax);
    }
    return y;
  }

  private long[] correctedSums() {
    int zx = input.zeroPoint();
    return switch (correction) {
      case EXACT ->
          integers(
              (w, in) ->
                  product(weightCode(w), inputCode(in))
                      - (double) zx * weightCode(w)
                      - (double) weightZero(w) * inputCode(in)
                      + (double) zx * weightZero(w));
      case TABLE ->
          integers(
              (w, in) ->
                  (double) product(weightCode(w), inputCode(in))
                      - product(weightCode(w), zx)
                      - product(weightZero(w), inputCode(in))
                      + product(weightZero(w), zx));
    };
  }

  private long[] integers(Reference.Tap tap) {
    double[] sums = Reference.convolve(conv, tap);
    long[] integers = new long[sums.length];
    for (int i = 0; i < sums.length; i++) {
      integers[i] = (long) sums[i];
    }
    return integers;
  }

  private long product(int weight, int activation) {
    int row = order == OperandOrder.WEIGHT_FIRST ? weight : activation;
    int column = order == OperandOrder.WEIGHT_FIRST ? activation : weight;
    return source.longProduct(row, column);
  }

  private int inputCode(int index) {
    if (index == Reference.PADDED) {
      return paddingCode == PaddingCode.ZERO ? 0 : input.zeroPoint();
    }
    return Reference.quantize(
        x[index], input.scale(), input.zeroPoint(), input.codeMin(), input.codeMax());
  }

  private int weightCode(int index) {
    int o = index / conv.args().fanIn();
    return Reference.quantize(
        weights[index],
        scale(o),
        weightZero(index),
        weightQuantization.codeMin(),
        weightQuantization.codeMax());
  }

  private int weightZero(int index) {
    int[] zeroPoints = weightQuantization.zeroPoints();
    return zeroPoints.length == 1 ? zeroPoints[0] : zeroPoints[index / conv.args().fanIn()];
  }

  private float scale(int o) {
    float[] scales = weightQuantization.scales();
    return scales.length == 1 ? scales[0] : scales[o];
  }
}
