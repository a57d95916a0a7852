package io.axnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.internal.GoldenFile;
import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.ApproxLayer;
import io.axnn.layers.ApproxLinear;
import io.axnn.layers.BinaryConv2d;
import io.axnn.layers.BinaryConv2dForward;
import io.axnn.layers.BinaryLinear;
import io.axnn.layers.Conv2dArgs;
import io.axnn.layers.Gradients;
import io.axnn.layers.OperandOrder;
import io.axnn.layers.PackedWeightFormat;
import io.axnn.layers.Padding;
import io.axnn.layers.PaddingCode;
import io.axnn.layers.PaddingValue;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.Close;
import io.axnn.testing.Exact;
import io.axnn.testing.GoldenFiles;
import io.axnn.testing.Tiers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What TorchApprox and bitorch-engine computed, through the public API, on every available tier.
 */
class GoldenTest {

  private static final int CODE_MIN = -128;
  private static final int CODE_MAX = 127;

  private static List<Context> contexts;

  @BeforeAll
  static void openContexts() {
    contexts = Tiers.contexts();
  }

  @AfterAll
  static void closeContexts() {
    contexts.forEach(Context::close);
  }

  @TestFactory
  Stream<DynamicTest> luts() {
    return everyFile("luts", (context, file) -> checkTable(file));
  }

  @TestFactory
  Stream<DynamicTest> approxConv() {
    return everyFile("approx_conv", GoldenTest::checkApproxConv);
  }

  @TestFactory
  Stream<DynamicTest> approxLinear() {
    return everyFile("approx_linear", GoldenTest::checkApproxLinear);
  }

  @TestFactory
  Stream<DynamicTest> binaryConv() {
    return everyFile(
        "binary_conv",
        (context, file) -> {
          checkBinaryConv(context, file);
          checkPackedConvWeights(context, file);
          checkBinaryConv2dForward(context, file);
        });
  }

  @TestFactory
  Stream<DynamicTest> binaryConvExt() {
    return everyFile("binary_conv_ext", GoldenTest::checkBinaryConv);
  }

  @TestFactory
  Stream<DynamicTest> binaryLinear() {
    return everyFile("binary_linear", GoldenTest::checkBinaryLinear);
  }

  @Test
  void aFolderWithoutVectorsFails(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> GoldenFiles.list(folder, "approx_conv"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no folder of golden vectors");
    Files.createDirectory(folder.resolve("approx_conv"));
    assertThatThrownBy(() -> GoldenFiles.list(folder, "approx_conv"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no golden vectors in");
  }

  private static Stream<DynamicTest> everyFile(String kind, BiConsumer<Context, GoldenFile> check) {
    List<Path> files = GoldenFiles.list(GoldenFiles.folder(), kind);
    System.out.printf(
        "golden %s: %d files of %s on %s%n",
        kind, files.size(), GoldenFiles.folder(), contexts.stream().map(Context::tier).toList());
    return files.stream()
        .map(
            path ->
                DynamicTest.dynamicTest(
                    path.getFileName().toString(),
                    () -> {
                      GoldenFile file = GoldenFile.read(path);
                      contexts.forEach(context -> check.accept(context, file));
                    }));
  }

  private static void checkTable(GoldenFile file) {
    int[] expected = file.ints("lut");
    try (Multiplier multiplier = Multiplier.read(file.path())) {
      assertThat(multiplier.toArray()).isEqualTo(expected);
      for (int a = CODE_MIN; a <= CODE_MAX; a++) {
        for (int b = CODE_MIN; b <= CODE_MAX; b++) {
          assertThat(multiplier.product(a, b)).isEqualTo(expected[(a & 255) * 256 + (b & 255)]);
        }
      }
    }
  }

  private static void checkApproxConv(Context context, GoldenFile file) {
    checkCodes(context, file);
    checkApproxConv(context, file, PaddingCode.ZERO, "acc", "y");
    if (file.has("acc_pad_zp")) {
      checkApproxConv(context, file, PaddingCode.ZERO_POINT, "acc_pad_zp", "y_pad_zp");
    }
  }

  private static void checkApproxConv(
      Context context, GoldenFile file, PaddingCode paddingCode, String sums, String y) {
    Tensor x = file.tensor("x");
    try (Multiplier multiplier = Multiplier.read(file.table());
        ApproxConv2d layer =
            ApproxConv2d.builder(context, convArgs(file), file.tensor("w"), file.bias())
                .multiplier(multiplier)
                .inputQuantization(inputQuantization(file))
                .weightQuantization(weightQuantization(file))
                .operandOrder(operandOrder(file))
                .paddingCode(paddingCode)
                .build()) {
      assertSums(context, layer.accumulate(x), file, sums);
      assertClose(context, layer.forward(x), file, y);
      assertGradients(context, layer, file);
    }
  }

  private static void checkApproxLinear(Context context, GoldenFile file) {
    checkCodes(context, file);
    Tensor x = file.tensor("x");
    try (Multiplier multiplier = Multiplier.read(file.table());
        ApproxLinear layer =
            ApproxLinear.builder(context, file.tensor("w"), file.bias())
                .multiplier(multiplier)
                .inputQuantization(inputQuantization(file))
                .weightQuantization(weightQuantization(file))
                .operandOrder(operandOrder(file))
                .build()) {
      assertSums(context, layer.accumulate(x), file, "acc");
      assertClose(context, layer.forward(x), file, "y");
      assertGradients(context, layer, file);
    }
  }

  private static void assertGradients(Context context, ApproxLayer layer, GoldenFile file) {
    Gradients gradients = layer.backward(file.tensor("x"), file.tensor("grad_out"));
    assertClose(context, gradients.input().orElseThrow(), file, "grad_x");
    assertClose(context, gradients.weights().orElseThrow(), file, "grad_w");
    if (file.has("grad_bias")) {
      assertClose(context, gradients.bias().orElseThrow(), file, "grad_bias");
    }
  }

  /** x_q and w_q, the latter one output channel at a time. */
  private static void checkCodes(Context context, GoldenFile file) {
    Tensor inputCodes = inputQuantization(file).quantize(context, file.tensor("x"));
    assertThat(inputCodes.dataType()).isEqualTo(DataType.INT8);
    assertThat(inputCodes.toByteArray())
        .as("x_q on %s", context.tier())
        .isEqualTo(file.bytes("x_q"));

    Tensor weights = file.tensor("w");
    WeightQuantization quantization = weightQuantization(file);
    Tensor expected = Tensor.of(file.bytes("w_q"), weights.shape());
    for (int o = 0; o < weights.dimension(0); o++) {
      int channel = quantization.scales().length == 1 ? 0 : o;
      Quantization ofChannel =
          new Quantization(
              quantization.scales()[channel],
              quantization.zeroPoints()[channel],
              CODE_MIN,
              CODE_MAX);
      assertThat(ofChannel.quantize(context, weights.slice(o, o + 1)).toByteArray())
          .as("w_q of channel %d on %s", o, context.tier())
          .isEqualTo(expected.slice(o, o + 1).toByteArray());
    }
  }

  private static void checkBinaryConv(Context context, GoldenFile file) {
    Tensor x = file.tensor("x");
    Conv2dArgs args = convArgs(file);
    for (PaddingValue padding : List.of(PaddingValue.MINUS_ONE, PaddingValue.ZERO)) {
      String y = padding == PaddingValue.ZERO ? "y_zero_pad" : "y";
      try (BinaryConv2d layer =
          BinaryConv2d.builder(context, args, file.tensor("w")).paddingValue(padding).build()) {
        assertSame(context, layer.forward(x), file, y);
        assertSame(context, layer.forward(PackedBits.packImage(context, x)), file, y);
        assertSameSums(context, layer.accumulate(x), file, y);
      }
    }
  }

  /** Both ways, used again and again, which frees the weights in bitorch-engine. */
  private static void checkPackedConvWeights(Context context, GoldenFile file) {
    Conv2dArgs args = convArgs(file);
    byte[] bytes = file.bytes("w_packed");
    assertThat(PackedBits.pack(context, file.tensor("w")).toByteArray())
        .as("w_packed on %s", context.tier())
        .isEqualTo(bytes);
    try (BinaryConv2d layer =
        BinaryConv2d.fromPackedWeights(context, args, bytes, PackedWeightFormat.ROWS)
            .paddingValue(PaddingValue.MINUS_ONE)
            .build()) {
      for (int run = 0; run < 3; run++) {
        assertSame(context, layer.forward(file.tensor("x")), file, "y");
      }
      assertThat(layer.packedWeights(PackedWeightFormat.ROWS)).isEqualTo(bytes);
    }
  }

  /** bitorch-engine's own call, where the file has the square shapes that it can say. */
  private static void checkBinaryConv2dForward(Context context, GoldenFile file) {
    Conv2dArgs args = convArgs(file);
    int outputEdge = file.number("out_h");
    boolean square =
        args.kernelHeight() == args.kernelWidth()
            && args.strideHeight() == args.strideWidth()
            && args.dilationHeight() == args.dilationWidth()
            && args.padding().top() == args.padding().left()
            && file.number("in_h") == file.number("in_w")
            && outputEdge == file.number("out_w");
    if (!square) {
      return;
    }
    Tensor bytes = Tensor.ofUnsigned(file.bytes("w_packed"), file.bytes("w_packed").length);
    for (Tensor weights : List.of(file.tensor("w"), bytes)) {
      Tensor y =
          BinaryConv2dForward.forward(
              context,
              file.tensor("x"),
              weights,
              args.outChannels(),
              outputEdge * outputEdge,
              args.fanIn(),
              args.kernelHeight(),
              args.strideHeight(),
              args.padding().top(),
              args.dilationHeight(),
              outputEdge);
      assertSame(context, y, file, "y");
    }
  }

  private static void checkBinaryLinear(Context context, GoldenFile file) {
    Tensor x = file.tensor("x");
    Tensor w = file.tensor("w");
    byte[] rows = file.bytes("w_packed_rows");
    assertThat(PackedBits.pack(context, w).toByteArray())
        .as("w_packed_rows on %s", context.tier())
        .isEqualTo(rows);
    try (BinaryLinear layer = BinaryLinear.builder(context, w).build()) {
      assertSame(context, layer.forward(x), file, "y");
      assertSame(context, layer.forward(PackedBits.packRows(context, x)), file, "y");
      assertSameSums(context, layer.accumulate(x), file, "y");
    }
    checkPackedLinearWeights(context, file, PackedWeightFormat.ROWS, "w_packed_rows");
    checkPackedLinearWeights(context, file, PackedWeightFormat.COLUMNS, "w_packed");
  }

  private static void checkPackedLinearWeights(
      Context context, GoldenFile file, PackedWeightFormat format, String name) {
    byte[] bytes = file.bytes(name);
    int[] shape = file.shape("w");
    try (BinaryLinear layer =
        BinaryLinear.fromPackedWeights(context, shape[1], shape[0], bytes, format).build()) {
      assertSame(context, layer.forward(file.tensor("x")), file, "y");
      assertThat(layer.packedWeights(format))
          .as("%s on %s", name, context.tier())
          .isEqualTo(bytes);
    }
    try (BinaryLinear layer = BinaryLinear.builder(context, file.tensor("w")).build()) {
      assertThat(layer.packedWeights(format))
          .as("%s on %s", name, context.tier())
          .isEqualTo(bytes);
    }
  }

  private static Conv2dArgs convArgs(GoldenFile file) {
    return Conv2dArgs.builder(
            file.number("in_channels"),
            file.number("out_channels"),
            file.number("kernel_h"),
            file.number("kernel_w"))
        .stride(file.number("stride_h"), file.number("stride_w"))
        .dilation(file.number("dilation_h"), file.number("dilation_w"))
        .padding(Padding.of(file.number("padding_h"), file.number("padding_w")))
        .groups(file.number("groups"))
        .build();
  }

  private static Quantization inputQuantization(GoldenFile file) {
    return new Quantization(
        file.floats("x_scale")[0], file.ints("x_zero_point")[0], CODE_MIN, CODE_MAX);
  }

  private static WeightQuantization weightQuantization(GoldenFile file) {
    return new WeightQuantization(
        file.floats("w_scale"), file.ints("w_zero_point"), CODE_MIN, CODE_MAX);
  }

  private static OperandOrder operandOrder(GoldenFile file) {
    return switch (file.text("lut_row_operand")) {
      case "weight" -> OperandOrder.WEIGHT_FIRST;
      case "activation" -> OperandOrder.ACTIVATION_FIRST;
      default -> throw new AssertionError("lut_row_operand of " + file.path());
    };
  }

  private static void assertSums(Context context, Tensor sums, GoldenFile file, String name) {
    assertThat(sums.shape()).isEqualTo(file.shape(name));
    assertThat(sums.toLongArray())
        .as("%s on %s", name, context.tier())
        .isEqualTo(Arrays.stream(file.ints(name)).asLongStream().toArray());
  }

  private static void assertClose(Context context, Tensor y, GoldenFile file, String name) {
    assertThat(y.shape()).isEqualTo(file.shape(name));
    Close.assertClose(y.toFloatArray(), file.floats(name), name + " on " + context.tier());
  }

  private static void assertSame(Context context, Tensor y, GoldenFile file, String name) {
    assertThat(y.shape()).isEqualTo(file.shape(name));
    Exact.assertEqual(y.toFloatArray(), file.floats(name), name + " on " + context.tier());
  }

  private static void assertSameSums(Context context, Tensor sums, GoldenFile file, String name) {
    assertThat(sums.shape()).isEqualTo(file.shape(name));
    float[] expected = file.floats(name);
    long[] actual = sums.toLongArray();
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i])
          .as("sum %d of %s on %s", i, name, context.tier())
          .isEqualTo((long) expected[i]);
    }
  }
}
