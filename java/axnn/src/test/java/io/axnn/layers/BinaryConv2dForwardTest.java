package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** bitorch-engine's call: 2 images, 3 channels, 7x7; 4 filters 3x3, stride 2, padding 1, edge 4. */
class BinaryConv2dForwardTest {

  private static final int M = 4;
  private static final int N = 16;
  private static final int K = 27;
  private static final int KERNEL = 3;
  private static final int STRIDE = 2;
  private static final int PADDING = 1;
  private static final int DILATION = 1;
  private static final int EDGE = 4;

  private static Context context;
  private static Tensor x;
  private static Tensor w;

  @BeforeAll
  static void open() {
    context = Context.create();
    Random random = Seeds.random("BinaryConv2dForwardTest");
    x = Tensor.of(Seeds.floats(random, 2 * 3 * 49), 2, 3, 7, 7);
    w = Tensor.of(Seeds.floats(random, M * K), M, 3, KERNEL, KERNEL);
  }

  @AfterAll
  static void close() {
    context.close();
  }

  @Test
  void equalsTheLayerWithPaddingMinusOne() {
    Tensor y = forward(x, w, M, N, K, KERNEL, STRIDE, PADDING, DILATION, EDGE);
    assertThat(y.shape()).containsExactly(2, M, EDGE, EDGE);
    assertThat(y.dataType()).isEqualTo(DataType.FLOAT32);
    Conv2dArgs args =
        Conv2dArgs.builder(3, M, KERNEL, KERNEL)
            .stride(STRIDE, STRIDE)
            .padding(Padding.of(PADDING))
            .build();
    try (BinaryConv2d layer =
        BinaryConv2d.builder(context, args, w).paddingValue(PaddingValue.MINUS_ONE).build()) {
      assertThat(y.toFloatArray()).isEqualTo(layer.forward(x).toFloatArray());
    }
  }

  @Test
  void takesPackedWeights() {
    byte[] bytes = PackedBits.pack(context, w).toByteArray();
    Tensor packed = Tensor.ofUnsigned(bytes, bytes.length);
    Tensor y = forward(x, packed, M, N, K, KERNEL, STRIDE, PADDING, DILATION, EDGE);
    assertThat(y.toFloatArray())
        .isEqualTo(forward(x, w, M, N, K, KERNEL, STRIDE, PADDING, DILATION, EDGE).toFloatArray());
  }

  @Test
  void dilationCountsInTheOutputSize() {
    // (7 + 2 - 2 * 2 - 1) / 1 + 1
    Tensor y = forward(x, w, M, 25, K, KERNEL, 1, PADDING, 2, 5);
    assertThat(y.shape()).containsExactly(2, M, 5, 5);
  }

  @Test
  void everyNumberIsCheckedAgainstTheTensors() {
    refused("m", "5", "4", 5, N, K, KERNEL, STRIDE, PADDING, DILATION, EDGE);
    refused("n", "15", "16", M, 15, K, KERNEL, STRIDE, PADDING, DILATION, EDGE);
    refused("k", "28", "27", M, N, 28, KERNEL, STRIDE, PADDING, DILATION, EDGE);
    refused("kernelSize", "2", "3", M, N, K, 2, STRIDE, PADDING, DILATION, EDGE);
    refused("outputEdge", "5", "4", M, 25, K, KERNEL, STRIDE, PADDING, DILATION, 5);
    refused("stride", "0", "1", M, N, K, KERNEL, 0, PADDING, DILATION, EDGE);
    refused("padding", "-1", "0", M, N, K, KERNEL, STRIDE, -1, DILATION, EDGE);
    refused("dilation", "0", "1", M, N, K, KERNEL, STRIDE, PADDING, 0, EDGE);
  }

  @Test
  void backwardIsStraightThrough() {
    Tensor gradOutput = Tensor.of(Seeds.floats(new Random(5), 2 * M * N), 2, M, EDGE, EDGE);
    Conv2dArgs args =
        Conv2dArgs.builder(3, M, KERNEL, KERNEL).stride(STRIDE).padding(PADDING).build();
    byte[] bytes = PackedBits.pack(context, w).toByteArray();
    Tensor packed = Tensor.ofUnsigned(bytes, bytes.length);
    for (Tensor weights : new Tensor[] {w, packed}) {
      SignEstimator kernel = weights == w ? SignEstimator.STE_SIGN : SignEstimator.IDENTITY;
      try (BinaryConv2d layer =
          BinaryConv2d.builder(context, args, w)
              .paddingValue(PaddingValue.MINUS_ONE)
              .kernelQuantizer(kernel)
              .build()) {
        Gradients expected = layer.backward(x, gradOutput);
        Gradients actual = backward(gradOutput, weights, M, EDGE);
        assertThat(actual.input().orElseThrow().toFloatArray())
            .isEqualTo(expected.input().orElseThrow().toFloatArray());
        assertThat(actual.weights().orElseThrow().toFloatArray())
            .isEqualTo(expected.weights().orElseThrow().toFloatArray());
        assertThat(actual.weights().orElseThrow().shape()).containsExactly(M, 3, KERNEL, KERNEL);
        assertThat(actual.scale()).isEmpty();
        assertThat(actual.bias()).isEmpty();
      }
    }
    assertIllegalArgument(() -> backward(gradOutput, w, 5, EDGE), "m", "5", "4");
    assertIllegalArgument(() -> backward(gradOutput, w, M, 5), "outputEdge", "5", "4");
    assertIllegalArgument(
        () -> backward(gradOutput.reshape(2, M, N, 1), w, M, EDGE),
        "gradOutput",
        "[2, 4, 16, 1]",
        "[2, 4, 4, 4]");
    assertIllegalArgument(
        () -> backward(Tensor.allocate(DataType.INT32, 2, M, EDGE, EDGE), w, M, EDGE),
        "gradOutput",
        "INT32");
  }

  private static Gradients backward(Tensor gradOutput, Tensor weights, int m, int outputEdge) {
    return BinaryConv2dForward.backward(
        context, gradOutput, x, weights, m, N, K, KERNEL, STRIDE, PADDING, DILATION, outputEdge);
  }

  @Test
  void theTensorsAreChecked() {
    assertIllegalArgument(
        () ->
            forward(
                Tensor.allocate(DataType.FLOAT32, 2, 3, 7, 8),
                w,
                M,
                N,
                K,
                KERNEL,
                STRIDE,
                PADDING,
                DILATION,
                EDGE),
        "activations",
        "8",
        "7");
    assertIllegalArgument(
        () ->
            forward(
                Tensor.allocate(DataType.INT8, 2, 3, 7, 7),
                w,
                M,
                N,
                K,
                KERNEL,
                STRIDE,
                PADDING,
                DILATION,
                EDGE),
        "activations",
        "INT8");
    assertIllegalArgument(
        () ->
            forward(
                x,
                Tensor.allocate(DataType.FLOAT32, 4, 2, 3, 3),
                M,
                N,
                K,
                KERNEL,
                STRIDE,
                PADDING,
                DILATION,
                EDGE),
        "weights");
    assertIllegalArgument(
        () ->
            forward(
                x,
                Tensor.ofUnsigned(new byte[15], 15),
                M,
                N,
                K,
                KERNEL,
                STRIDE,
                PADDING,
                DILATION,
                EDGE),
        "weights",
        "15",
        "16");
    assertIllegalArgument(
        () ->
            forward(
                x,
                Tensor.allocate(DataType.INT32, 4, 3, 3, 3),
                M,
                N,
                K,
                KERNEL,
                STRIDE,
                PADDING,
                DILATION,
                EDGE),
        "weights",
        "INT32");
  }

  private static void refused(String name, String value, String right, int... numbers) {
    assertIllegalArgument(
        () ->
            forward(
                x,
                w,
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                numbers[6],
                numbers[7]),
        name,
        value,
        right);
  }

  private static Tensor forward(
      Tensor activations,
      Tensor weights,
      int m,
      int n,
      int k,
      int kernelSize,
      int stride,
      int padding,
      int dilation,
      int outputEdge) {
    return BinaryConv2dForward.forward(
        context, activations, weights, m, n, k, kernelSize, stride, padding, dilation, outputEdge);
  }
}
