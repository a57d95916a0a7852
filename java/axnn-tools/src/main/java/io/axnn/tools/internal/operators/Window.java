package io.axnn.tools.internal.operators;

import io.axnn.layers.Padding;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;

/** The window that Conv and MaxPool slide over a 2-D image: one {@link Axis} for each direction. */
record Window(Axis vertical, Axis horizontal) {

  /** How ONNX's auto_pad finds the padding. */
  enum AutoPad {
    NOTSET,
    VALID,
    SAME_UPPER,
    SAME_LOWER
  }

  /**
   * One direction. {@code before} and {@code after} are the padding where {@code autoPad} is not
   * set.
   */
  record Axis(
      int kernel, int stride, int dilation, int before, int after, AutoPad autoPad, boolean ceil) {

    /** What the window covers: kernel with its gaps. */
    long extent() {
      return (kernel - 1L) * dilation + 1;
    }

    int paddingBefore(int size) {
      return switch (autoPad) {
        case NOTSET -> before;
        case VALID -> 0;
        case SAME_UPPER -> (int) (samePadding(size) / 2);
        case SAME_LOWER -> (int) ((samePadding(size) + 1) / 2);
      };
    }

    int paddingAfter(int size) {
      return switch (autoPad) {
        case NOTSET -> after;
        case VALID -> 0;
        case SAME_UPPER, SAME_LOWER -> (int) (samePadding(size) - paddingBefore(size));
      };
    }

    /** The padding that makes the output ceil(size / stride) long. */
    private long samePadding(int size) {
      long positions = Math.ceilDiv(size, stride);
      return Math.max(0, (positions - 1) * stride + extent() - size);
    }

    /** True if the padding does not depend on the image. */
    boolean fixedPadding() {
      return autoPad == AutoPad.NOTSET || autoPad == AutoPad.VALID || stride == 1;
    }

    /** The padding after the image that the last position reaches into. */
    int paddingToLast(int size) {
      long end = (positions(size) - 1L) * stride + extent();
      return (int) Math.max(0, end - size - paddingBefore(size));
    }

    /** How many positions the window has; 0 or less if it does not fit; open for an open size. */
    int positions(int size) {
      if (size == Shapes.UNKNOWN) {
        return Shapes.UNKNOWN;
      }
      long padded = (long) size + paddingBefore(size) + paddingAfter(size);
      long last = padded - extent();
      if (last < 0) {
        return 0;
      }
      long positions = (ceil ? Math.ceilDiv(last, (long) stride) : last / stride) + 1;
      // Rounding up may add a window that lies wholly in the padding behind the image: ONNX drops
      // it.
      if (ceil && (positions - 1) * stride >= (long) size + paddingBefore(size)) {
        positions--;
      }
      return (int) Math.min(positions, Integer.MAX_VALUE);
    }
  }

  /** Reads the attributes; a kernel without kernel_shape has the size of the weights. */
  static Window read(NodeReader node, int[] weightKernel, boolean ceil) {
    int[] kernel = node.attributes().integers("kernel_shape", 2, 1, weightKernel);
    if (kernel == null) {
      throw node.error("attribute 'kernel_shape' is missing");
    }
    int[] strides = node.attributes().integers("strides", 2, 1, new int[] {1, 1});
    int[] dilations = node.attributes().integers("dilations", 2, 1, new int[] {1, 1});
    AutoPad autoPad = autoPad(node);
    if (autoPad != AutoPad.NOTSET && node.attributes().contains("pads")) {
      throw node.error("attributes 'pads' and 'auto_pad' exclude each other");
    }
    // ONNX's order: top, left, bottom, right.
    int[] pads = node.attributes().integers("pads", 4, 0, new int[4]);
    return new Window(
        new Axis(kernel[0], strides[0], dilations[0], pads[0], pads[2], autoPad, ceil),
        new Axis(kernel[1], strides[1], dilations[1], pads[1], pads[3], autoPad, ceil));
  }

  private static AutoPad autoPad(NodeReader node) {
    String name = node.attributes().text("auto_pad", AutoPad.NOTSET.name());
    for (AutoPad autoPad : AutoPad.values()) {
      if (autoPad.name().equals(name)) {
        return autoPad;
      }
    }
    throw node.error(
        "attribute 'auto_pad' is '%s'; supported: NOTSET, VALID, SAME_UPPER, SAME_LOWER"
            .formatted(name));
  }

  /** The padding on an image of this size. */
  Padding padding(int height, int width) {
    return new Padding(
        vertical.paddingBefore(height),
        vertical.paddingAfter(height),
        horizontal.paddingBefore(width),
        horizontal.paddingAfter(width));
  }

  /**
   * The padding with which a window that only rounds down has the same positions: where ceil_mode
   * rounds up, what the last position needs.
   */
  Padding paddingOfPositions(int height, int width) {
    return new Padding(
        vertical.paddingBefore(height),
        vertical.paddingToLast(height),
        horizontal.paddingBefore(width),
        horizontal.paddingToLast(width));
  }

  /** The output's shape for an NCHW shape, with this many channels; null if there is no pixel. */
  int[] outputShape(int[] input, int channels) {
    int height = vertical.positions(input[2]);
    int width = horizontal.positions(input[3]);
    return height == 0 || width == 0 ? null : new int[] {input[0], channels, height, width};
  }
}
