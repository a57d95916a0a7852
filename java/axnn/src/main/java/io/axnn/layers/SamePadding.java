package io.axnn.layers;

/**
 * Padding that keeps the size of the output at that of the input, divided by the stride.
 *
 * @param h rows of the input, 0 for any
 * @param w columns of the input, 0 for any
 */
record SamePadding(int h, int w) {

  static final SamePadding OF_ANY_IMAGE = new SamePadding(0, 0);

  /**
   * @param args whose own padding is not looked at
   * @throws IllegalArgumentException if there is no padding for any image, or it is too large
   */
  Padding of(Conv2dArgs args) {
    boolean strided = args.strideHeight() > 1 || args.strideWidth() > 1;
    if (strided && equals(OF_ANY_IMAGE)) {
      throw new IllegalArgumentException(
          "paddingSame() needs stride 1, but the stride is "
              + args.strideHeight()
              + " x "
              + args.strideWidth()
              + "; with larger strides the padding depends on the image: call paddingSame(h, w)");
    }
    int rows = total(h, args.kernelHeight(), args.dilationHeight(), args.strideHeight());
    int columns = total(w, args.kernelWidth(), args.dilationWidth(), args.strideWidth());
    return new Padding(rows / 2, rows - rows / 2, columns / 2, columns - columns / 2);
  }

  private static int total(int size, int kernel, int dilation, int stride) {
    long reach = Conv2dArgs.reach(kernel, dilation);
    // With stride 1 the size cancels out.
    long lastStart = stride == 1 ? size - 1L : (size - 1L) / stride * stride;
    return (int) Math.max(0, lastStart + reach - size);
  }
}
