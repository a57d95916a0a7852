package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.internal.Access;
import io.axnn.internal.Check;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.Shapes;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * Max-pooling of signs that never leaves the bits. A bit of the output is the OR of its window,
 * padding left out: the sign of the largest value. Where a falling function comes between the
 * pooling and the sign, as a batch normalisation with a negative factor does, it is the AND: {@link
 * Builder#fallingWhere} says in which channels. So {@code convolution, max-pooling, scale and bias,
 * sign} on floats is {@code BinaryConv2d.forwardBits} with that scale and bias, then this, on bits.
 *
 * <p>A window that lies in the padding altogether gives -1, with AND +1. Immutable; any number of
 * threads may use it while its context is open.
 */
public final class BinaryMaxPool2d {

  private final Context context;
  private final Conv2dArgs window;
  private final byte[] minimum;
  private final int channels;

  private BinaryMaxPool2d(Builder builder) {
    context = builder.context;
    window = builder.window.build();
    minimum = builder.minimum;
    channels = builder.channels;
  }

  /**
   * Begins a pooling of windows side by side: the stride is the kernel, there is no padding.
   *
   * @param context what it runs in; must stay open
   * @param kernelHeight rows of a window, at least 1
   * @param kernelWidth columns of a window, at least 1
   * @return a new builder
   * @throws IllegalArgumentException if a number is below 1
   */
  public static Builder builder(Context context, int kernelHeight, int kernelWidth) {
    return new Builder(context, kernelHeight, kernelWidth);
  }

  /**
   * Pools an image.
   *
   * @param x [n, h, w, channels]
   * @return [n, outH, outW, channels], with the output size of {@link Conv2dArgs#outputDims}
   * @throws IllegalArgumentException if x has another rank, another number of channels than {@link
   *     Builder#fallingWhere} was told, or is so small that there is no output pixel
   * @throws IllegalStateException if the context is closed
   * @throws AxnnException if the native library has no memory for it
   */
  public PackedBits forward(PackedBits x) {
    int[] shape = outputShape(Objects.requireNonNull(x, "x").shape());
    Geometry geometry = new Geometry.Convolution(ofChannels(x.columns()));
    Geometry.Run run = geometry.ofBits(x.shape());
    MemorySegment from = x.memory();
    MemorySegment to = Arena.ofAuto().allocate(Shapes.bitBytes(shape));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = Descriptors.of(arena, geometry);
      MemorySegment flags =
          minimum == null ? MemorySegment.NULL : arena.allocateFrom(ValueLayout.JAVA_BYTE, minimum);
      NativeCalls.run(
          context,
          handle ->
              AxnnH.axnn_binary_max_pool(
                  handle,
                  desc,
                  from,
                  from.byteSize(),
                  run.n(),
                  run.h(),
                  run.w(),
                  flags,
                  flags.byteSize(),
                  to,
                  to.byteSize()));
    }
    return Access.packedBits(to, shape);
  }

  /**
   * The shape of the output for an image of some shape.
   *
   * @param inputShape [n, h, w, channels]
   * @return [n, outH, outW, channels]
   * @throws IllegalArgumentException if it takes no such image
   */
  public int[] outputShape(int... inputShape) {
    Shapes.size(inputShape);
    if (inputShape.length != 4 || minimum != null && inputShape[3] != channels) {
      throw new IllegalArgumentException(
          "x has shape "
              + Arrays.toString(inputShape)
              + ", but must have shape [n, h, w, "
              + (minimum == null ? "channels" : channels)
              + "]");
    }
    int[] dims = window.outputDims(inputShape[1], inputShape[2]);
    return new int[] {inputShape[0], dims[0], dims[1], inputShape[3]};
  }

  /** The window as a depthwise convolution of so many channels. */
  private Conv2dArgs ofChannels(int count) {
    return new Conv2dArgs(
        count,
        count,
        window.kernelHeight(),
        window.kernelWidth(),
        window.strideHeight(),
        window.strideWidth(),
        window.dilationHeight(),
        window.dilationWidth(),
        window.padding(),
        count);
  }

  @Override
  public String toString() {
    return "BinaryMaxPool2d["
        + window.kernelHeight()
        + " x "
        + window.kernelWidth()
        + (minimum == null ? "]" : ", " + channels + " channels]");
  }

  /** Settings of a new {@link BinaryMaxPool2d}. */
  public static final class Builder {

    private final Context context;
    private final Conv2dArgs.Builder window;
    private byte[] minimum;
    private int channels;

    private Builder(Context context, int kernelHeight, int kernelWidth) {
      this.context = Objects.requireNonNull(context, "context");
      Check.positive("kernelHeight", kernelHeight);
      Check.positive("kernelWidth", kernelWidth);
      window =
          Conv2dArgs.builder(1, 1, kernelHeight, kernelWidth).stride(kernelHeight, kernelWidth);
    }

    /**
     * Sets the stride.
     *
     * @param height rows from one window to the next, at least 1
     * @param width columns from one window to the next, at least 1
     * @return this
     */
    public Builder stride(int height, int width) {
      window.stride(height, width);
      return this;
    }

    /**
     * Sets the dilation.
     *
     * @param height rows from one pixel of a window to the next, at least 1
     * @param width columns from one pixel of a window to the next, at least 1
     * @return this
     */
    public Builder dilation(int height, int width) {
      window.dilation(height, width);
      return this;
    }

    /**
     * Sets the padding, which never wins.
     *
     * @param padding rows and columns on each side
     * @return this
     */
    public Builder padding(Padding padding) {
      window.padding(padding);
      return this;
    }

    /**
     * Takes the AND in the channels where what comes between pooling and sign is falling.
     *
     * @param scale the factor of each channel, finite: AND where it is negative
     * @return this
     * @throws IllegalArgumentException if there is none, or one is not finite
     */
    public Builder fallingWhere(float... scale) {
      Objects.requireNonNull(scale, "scale");
      if (scale.length == 0) {
        throw new IllegalArgumentException("scale is empty, but must have one element a channel");
      }
      byte[] bits = new byte[Math.toIntExact(Shapes.bytesOfBits(scale.length))];
      for (int i = 0; i < scale.length; i++) {
        if (Check.finite("scale[" + i + "]", scale[i]) < 0) {
          bits[i / Byte.SIZE] |= (byte) (1 << i % Byte.SIZE);
        }
      }
      minimum = bits;
      channels = scale.length;
      return this;
    }

    /**
     * Makes the pooling.
     *
     * @return a new pooling; it holds nothing that must be closed
     * @throws IllegalArgumentException if stride or dilation are below 1
     */
    public BinaryMaxPool2d build() {
      return new BinaryMaxPool2d(this);
    }
  }
}
