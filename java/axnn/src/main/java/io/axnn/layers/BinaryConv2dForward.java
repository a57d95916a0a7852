package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import java.util.EnumSet;
import java.util.Objects;

/**
 * bitorch-engine's call of one binary convolution with square images and kernels, for programs that
 * are moved from there. New programs use {@link BinaryConv2d}, which packs its weights once.
 */
public final class BinaryConv2dForward {

  private BinaryConv2dForward() {}

  /**
   * Convolves signs, with padded taps counted as -1. The three matrix sizes are those that
   * bitorch-engine's C++ code uses (its Python docstring has them otherwise); all numbers are
   * checked against the tensors.
   *
   * @param context where the work is done
   * @param activations FLOAT32 [batch, inChannels, edge, edge]; their signs count
   * @param weights FLOAT32 [m, inChannels, kernelSize, kernelSize], whose signs count, or UINT8
   *     with the {@code m * ceil(k / 8)} bytes of {@link PackedBits} in any shape
   * @param m output channels
   * @param n output pixels of one image: outputEdge * outputEdge
   * @param k products in one output value: inChannels * kernelSize * kernelSize
   * @param kernelSize rows and columns of the kernel
   * @param stride pixels from one output pixel to the next
   * @param padding pixels on each side
   * @param dilation pixels from one tap of the kernel to the next
   * @param outputEdge rows and columns of the output
   * @return FLOAT32 [batch, m, outputEdge, outputEdge], each value an integer in -k..k
   * @throws IllegalArgumentException if an argument does not fit the others; the message has the
   *     value that it should have
   * @throws IllegalStateException if the context is closed
   * @throws AxnnException if the native library refuses
   */
  public static Tensor forward(
      Context context,
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
    Conv2dArgs args =
        checkedArgs(
            context,
            activations,
            weights,
            m,
            n,
            k,
            kernelSize,
            stride,
            padding,
            dilation,
            outputEdge);
    PackedBits bits =
        weights.dataType() == DataType.FLOAT32
            ? PackedBits.pack(context, weights)
            : packed(weights, args);
    try (BinaryConv2d layer =
        BinaryConv2d.fromPackedWeights(context, args, bits)
            .paddingValue(PaddingValue.MINUS_ONE)
            .build()) {
      return layer.forward(activations);
    }
  }

  /**
   * The gradients of that convolution, which bitorch-engine has on GPUs only: straight through
   * where an activation lies in -1..1, and likewise a float weight ({@link
   * SignEstimator#STE_SIGN}); packed weights have no magnitude, so their gradient is that of {@link
   * SignEstimator#IDENTITY}. Padded taps count as -1.
   *
   * @param context where the work is done
   * @param gradOutput gradient of the output, FLOAT32 [batch, m, outputEdge, outputEdge]
   * @param activations as in {@link #forward}
   * @param weights as in {@link #forward}
   * @param m output channels
   * @param n output pixels of one image: outputEdge * outputEdge
   * @param k products in one output value: inChannels * kernelSize * kernelSize
   * @param kernelSize rows and columns of the kernel
   * @param stride pixels from one output pixel to the next
   * @param padding pixels on each side
   * @param dilation pixels from one tap of the kernel to the next
   * @param outputEdge rows and columns of the output
   * @return the gradients of input and weights, the latter [m, inChannels, kernelSize, kernelSize]
   * @throws IllegalArgumentException if an argument does not fit the others; the message has the
   *     value that it should have
   * @throws IllegalStateException if the context is closed
   * @throws AxnnException if the native library refuses
   */
  public static Gradients backward(
      Context context,
      Tensor gradOutput,
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
    Conv2dArgs args =
        checkedArgs(
            context,
            activations,
            weights,
            m,
            n,
            k,
            kernelSize,
            stride,
            padding,
            dilation,
            outputEdge);
    Check.shape(
        "gradOutput",
        gradOutput,
        DataType.FLOAT32,
        activations.dimension(0),
        m,
        outputEdge,
        outputEdge);
    BinaryConv2d.Builder builder =
        weights.dataType() == DataType.FLOAT32
            ? BinaryConv2d.builder(context, args, weights)
            : BinaryConv2d.fromPackedWeights(context, args, packed(weights, args))
                .kernelQuantizer(SignEstimator.IDENTITY);
    try (BinaryConv2d layer = builder.paddingValue(PaddingValue.MINUS_ONE).build()) {
      return layer.backward(activations, gradOutput, EnumSet.of(Gradient.INPUT, Gradient.WEIGHTS));
    }
  }

  /** The geometry that all arguments agree on. */
  private static Conv2dArgs checkedArgs(
      Context context,
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
    Objects.requireNonNull(context, "context");
    Check.type("activations", activations, DataType.FLOAT32);
    Objects.requireNonNull(weights, "weights");
    if (activations.rank() != 4) {
      throw new IllegalArgumentException(
          activations + " is given as activations, but they must be [batch, inChannels, h, w]");
    }
    int inChannels = activations.dimension(1);
    int edge = activations.dimension(2);
    if (activations.dimension(3) != edge) {
      throw new IllegalArgumentException(
          activations + " is given as activations, but they must be square");
    }
    switch (weights.dataType()) {
      case FLOAT32 -> demandShape(weights, m, inChannels, kernelSize);
      case UINT8 -> {}
      default ->
          throw new IllegalArgumentException(
              "weights is " + weights.dataType() + ", but must be FLOAT32 or UINT8 (packed bits)");
    }
    Conv2dArgs args =
        Conv2dArgs.builder(
                inChannels,
                Check.positive("m", m),
                Check.positive("kernelSize", kernelSize),
                kernelSize)
            .stride(Check.positive("stride", stride))
            .padding(Check.atLeast("padding", padding, 0))
            .dilation(Check.positive("dilation", dilation))
            .build();
    demand("k", k, "inChannels * kernelSize * kernelSize", args.fanIn());
    demand("outputEdge", outputEdge, "the edge of the output", args.outputDims(edge, edge)[0]);
    demand("n", n, "outputEdge * outputEdge", (long) outputEdge * outputEdge);
    return args;
  }

  private static PackedBits packed(Tensor weights, Conv2dArgs args) {
    long bytes = (args.fanIn() + 7L) / Byte.SIZE * args.outChannels();
    if (weights.size() != bytes) {
      throw new IllegalArgumentException(
          "weights has " + weights.size() + " bytes, but must have m * ceil(k / 8): " + bytes);
    }
    return PackedBits.of(weights.toByteArray(), args.outChannels(), args.fanIn());
  }

  private static void demandShape(Tensor weights, int m, int inChannels, int kernelSize) {
    if (weights.rank() != 4) {
      throw new IllegalArgumentException(
          weights + " is given as weights, but they must be [m, inChannels, h, w]");
    }
    demand("m", m, "the first dimension of weights", weights.dimension(0));
    demand("kernelSize", kernelSize, "the third dimension of weights", weights.dimension(2));
    Check.shape("weights", weights, DataType.FLOAT32, m, inChannels, kernelSize, kernelSize);
  }

  private static void demand(String name, int value, String meaning, long wanted) {
    if (value != wanted) {
      throw new IllegalArgumentException(
          name + " is " + value + ", but must be " + meaning + ": " + wanted);
    }
  }
}
