package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.Arrays;
import java.util.List;

/** ONNX MaxPool over 2-D images: the largest value under each position of the window. */
record MaxPool(Location location, Window window) implements Operator.Plain {

  static MaxPool read(NodeReader node) {
    node.requireInputs(1, 1);
    int rank = node.activation(0, "X").length;
    if (rank != 4) {
      throw node.error("input X has rank %d; supported: 4, [n, c, h, w]".formatted(rank));
    }
    node.attributes().flag("storage_order", false); // order of the second output, which is refused
    Window window = Window.read(node, null, node.attributes().flag("ceil_mode", false));
    requireSmallPadding(node, window.vertical());
    requireSmallPadding(node, window.horizontal());
    return new MaxPool(node.location(), window);
  }

  /** Padding as wide as the kernel would make windows without a pixel, which have no maximum. */
  private static void requireSmallPadding(NodeReader node, Window.Axis axis) {
    if (Math.max(axis.before(), axis.after()) >= axis.kernel()) {
      throw node.error(
          "attribute 'pads' holds %d; it has to be less than the kernel's %d"
              .formatted(Math.max(axis.before(), axis.after()), axis.kernel()));
    }
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] input = inputs.getFirst();
    int[] output = window.outputShape(input, input[1]);
    if (output == null) {
      throw location.error("the window does not fit an input of " + Arrays.toString(input));
    }
    return output;
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    Tensor input = inputs.getFirst();
    int channels = input.dimension(1);
    int height = input.dimension(2);
    int width = input.dimension(3);
    int outHeight = output.dimension(2);
    int outWidth = output.dimension(3);
    PerImage.apply(
        input,
        output,
        (x, y) -> {
          Arrays.fill(y, Float.NEGATIVE_INFINITY);
          for (int c = 0; c < channels; c++) {
            for (int row = 0; row < outHeight; row++) {
              int to = (c * outHeight + row) * outWidth;
              poolRow(x, c * height * width, height, width, row, y, to, outWidth);
            }
          }
        });
  }

  /** One row of outputs: every tap of the window moves along its row of the image. */
  private void poolRow(
      float[] x, int plane, int height, int width, int row, float[] y, int to, int outWidth) {
    Window.Axis vertical = window.vertical();
    Window.Axis horizontal = window.horizontal();
    int top = row * vertical.stride() - vertical.paddingBefore(height);
    int left = -horizontal.paddingBefore(width);
    int stride = horizontal.stride();
    for (int ky = 0; ky < vertical.kernel(); ky++) {
      long tapRow = top + (long) ky * vertical.dilation();
      if (tapRow < 0 || tapRow >= height) {
        continue;
      }
      int line = plane + (int) tapRow * width;
      for (int kx = 0; kx < horizontal.kernel(); kx++) {
        long first = left + (long) kx * horizontal.dilation();
        if (first >= width) {
          break;
        }
        int from = first >= 0 ? 0 : (int) Math.ceilDiv(-first, (long) stride);
        int end = (int) Math.min(outWidth, Math.ceilDiv(width - first, (long) stride));
        for (int column = from; column < end; column++) {
          int pixel = line + (int) first + column * stride;
          y[to + column] = Math.max(y[to + column], x[pixel]);
        }
      }
    }
  }
}
