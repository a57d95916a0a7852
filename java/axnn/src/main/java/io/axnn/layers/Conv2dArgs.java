package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.internal.Check;
import io.axnn.internal.Shapes;
import java.util.Objects;

/**
 * The geometry of a two-dimensional convolution, of any input size. Output height is {@code (h +
 * top + bottom - dilationHeight * (kernelHeight - 1) - 1) / strideHeight + 1}, rounded down; width
 * likewise.
 *
 * @param inChannels input channels, at least 1
 * @param outChannels output channels, at least 1
 * @param kernelHeight rows of the kernel, at least 1
 * @param kernelWidth columns of the kernel, at least 1
 * @param strideHeight rows from one output pixel to the next, at least 1
 * @param strideWidth columns from one output pixel to the next, at least 1
 * @param dilationHeight rows from one tap of the kernel to the next, at least 1
 * @param dilationWidth columns from one tap of the kernel to the next, at least 1
 * @param padding rows and columns around the input
 * @param groups parts that the channels are divided into, a divisor of both channel counts
 */
public record Conv2dArgs(
    int inChannels,
    int outChannels,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int dilationHeight,
    int dilationWidth,
    Padding padding,
    int groups) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is below 1, the groups do not divide both channel
   *     counts, or a size is larger than can be addressed
   */
  public Conv2dArgs {
    Check.positive("inChannels", inChannels);
    Check.positive("outChannels", outChannels);
    Check.positive("kernelHeight", kernelHeight);
    Check.positive("kernelWidth", kernelWidth);
    Check.positive("strideHeight", strideHeight);
    Check.positive("strideWidth", strideWidth);
    Check.positive("dilationHeight", dilationHeight);
    Check.positive("dilationWidth", dilationWidth);
    Objects.requireNonNull(padding, "padding");
    Check.positive("groups", groups);
    demandDivisor("inChannels", inChannels, groups);
    demandDivisor("outChannels", outChannels, groups);
    demandReach("kernelHeight", kernelHeight, dilationHeight);
    demandReach("kernelWidth", kernelWidth, dilationWidth);
    demandFanIn(inChannels / groups, kernelHeight, kernelWidth);
    Shapes.bytes(DataType.FLOAT32, outChannels, inChannels / groups, kernelHeight, kernelWidth);
  }

  private static void demandDivisor(String name, int channels, int groups) {
    if (channels % groups != 0) {
      throw new IllegalArgumentException(
          "groups is " + groups + ", but must divide " + name + ", which is " + channels);
    }
  }

  private static void demandReach(String name, int kernel, int dilation) {
    if (reach(kernel, dilation) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          name
              + " is "
              + kernel
              + " and its dilation "
              + dilation
              + ", but together they must span less than 2^31 pixels");
    }
  }

  private static void demandFanIn(int channels, int kernelHeight, int kernelWidth) {
    long fanIn = Shapes.size(channels, kernelHeight, kernelWidth);
    if (fanIn > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "inChannels / groups * kernelHeight * kernelWidth is "
              + fanIn
              + ", but must be less than 2^31");
    }
  }

  /** Pixels from the first tap of a kernel to its last, both included. */
  static long reach(int kernel, int dilation) {
    return (kernel - 1L) * dilation + 1;
  }

  /**
   * Begins the arguments of a convolution with stride 1, dilation 1, no padding and one group.
   *
   * @param inChannels input channels, at least 1
   * @param outChannels output channels, at least 1
   * @param kernelHeight rows of the kernel, at least 1
   * @param kernelWidth columns of the kernel, at least 1
   * @return a new builder
   */
  public static Builder builder(
      int inChannels, int outChannels, int kernelHeight, int kernelWidth) {
    return new Builder(inChannels, outChannels, kernelHeight, kernelWidth);
  }

  /**
   * The number of products in one output value.
   *
   * @return inChannels / groups * kernelHeight * kernelWidth
   */
  public int fanIn() {
    return inChannels / groups * kernelHeight * kernelWidth;
  }

  /**
   * Whether native code takes its depthwise path: every group has one input channel, and there is
   * more than one group or one output channel. Every stride, padding, dilation and channel
   * multiplier is served.
   *
   * @return true if groups == inChannels and (groups &gt; 1 or outChannels == 1)
   */
  public boolean useFastDwConv() {
    return groups == inChannels && (groups > 1 || outChannels == 1);
  }

  /**
   * The shape of the weights, OIHW.
   *
   * @return [outChannels, inChannels / groups, kernelHeight, kernelWidth]
   */
  public int[] weightShape() {
    return new int[] {outChannels, inChannels / groups, kernelHeight, kernelWidth};
  }

  /**
   * The size of the output image.
   *
   * @param h rows of the input, at least 1
   * @param w columns of the input, at least 1
   * @return [height, width], each at least 1
   * @throws IllegalArgumentException if the input is so small that there is no output pixel
   */
  public int[] outputDims(int h, int w) {
    Check.positive("h", h);
    Check.positive("w", w);
    long paddedHeight = (long) h + padding.top() + padding.bottom();
    long paddedWidth = (long) w + padding.left() + padding.right();
    long reachHeight = reach(kernelHeight, dilationHeight);
    long reachWidth = reach(kernelWidth, dilationWidth);
    if (paddedHeight < reachHeight || paddedWidth < reachWidth) {
      throw new IllegalArgumentException(
          "the input image is "
              + pixels(h, w)
              + ", with padding "
              + pixels(paddedHeight, paddedWidth)
              + ", but must be at least "
              + pixels(reachHeight, reachWidth)
              + ", which the dilated kernel spans: there is no output pixel");
    }
    return new int[] {
      outputDim("h", paddedHeight - reachHeight, strideHeight),
      outputDim("w", paddedWidth - reachWidth, strideWidth)
    };
  }

  private static String pixels(long height, long width) {
    return height + " x " + width;
  }

  private static int outputDim(String name, long lastStart, int stride) {
    long output = lastStart / stride + 1;
    if (output > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          name + " gives " + output + " output pixels, but there must be less than 2^31");
    }
    return (int) output;
  }

  /** Arguments of a convolution, one by one. */
  public static final class Builder {

    private final int inChannels;
    private final int outChannels;
    private final int kernelHeight;
    private final int kernelWidth;
    private int strideHeight = 1;
    private int strideWidth = 1;
    private int dilationHeight = 1;
    private int dilationWidth = 1;
    private SamePadding samePadding;
    private Padding padding = Padding.NONE;
    private int groups = 1;

    private Builder(int inChannels, int outChannels, int kernelHeight, int kernelWidth) {
      this.inChannels = inChannels;
      this.outChannels = outChannels;
      this.kernelHeight = kernelHeight;
      this.kernelWidth = kernelWidth;
    }

    /**
     * Sets the same stride in both directions.
     *
     * @param both pixels, at least 1
     * @return this
     */
    public Builder stride(int both) {
      return stride(both, both);
    }

    /**
     * Sets the stride.
     *
     * @param height rows, at least 1
     * @param width columns, at least 1
     * @return this
     */
    public Builder stride(int height, int width) {
      strideHeight = height;
      strideWidth = width;
      return this;
    }

    /**
     * Sets the same dilation in both directions.
     *
     * @param both pixels, at least 1
     * @return this
     */
    public Builder dilation(int both) {
      return dilation(both, both);
    }

    /**
     * Sets the dilation.
     *
     * @param height rows, at least 1
     * @param width columns, at least 1
     * @return this
     */
    public Builder dilation(int height, int width) {
      dilationHeight = height;
      dilationWidth = width;
      return this;
    }

    /**
     * Sets the same padding on all four sides.
     *
     * @param all pixels, 0 or more
     * @return this
     */
    public Builder padding(int all) {
      return padding(Padding.of(all));
    }

    /**
     * Sets the padding.
     *
     * @param padding rows and columns on each side
     * @return this
     */
    public Builder padding(Padding padding) {
      this.padding = Objects.requireNonNull(padding, "padding");
      samePadding = null;
      return this;
    }

    /**
     * Pads so that the output has the size of the input, whatever that is: {@code dilation *
     * (kernel - 1)} rows and columns in all, an odd one below and to the right. As PyTorch's
     * "same", this is for stride 1.
     *
     * @return this; {@link #build} throws {@link IllegalArgumentException} if a stride is above 1
     */
    public Builder paddingSame() {
      samePadding = SamePadding.OF_ANY_IMAGE;
      return this;
    }

    /**
     * Pads so that an image of this size gives {@code ceil(h / strideHeight)} by {@code ceil(w /
     * strideWidth)} output pixels, an odd row below and an odd column to the right: TensorFlow's
     * "SAME", ONNX's "SAME_UPPER". Images of other sizes are padded alike.
     *
     * @param h rows of the input, at least 1
     * @param w columns of the input, at least 1
     * @return this
     * @throws IllegalArgumentException if h or w is below 1
     */
    public Builder paddingSame(int h, int w) {
      samePadding = new SamePadding(Check.positive("h", h), Check.positive("w", w));
      return this;
    }

    /**
     * Sets the number of groups.
     *
     * @param groups a divisor of both channel counts
     * @return this
     */
    public Builder groups(int groups) {
      this.groups = groups;
      return this;
    }

    /**
     * Checks the arguments and makes them a value.
     *
     * @return the arguments
     * @throws IllegalArgumentException as the record's constructor
     */
    public Conv2dArgs build() {
      Conv2dArgs unpadded = with(Padding.NONE);
      return with(samePadding == null ? padding : samePadding.of(unpadded));
    }

    private Conv2dArgs with(Padding chosen) {
      return new Conv2dArgs(
          inChannels,
          outChannels,
          kernelHeight,
          kernelWidth,
          strideHeight,
          strideWidth,
          dilationHeight,
          dilationWidth,
          chosen,
          groups);
    }
  }
}
