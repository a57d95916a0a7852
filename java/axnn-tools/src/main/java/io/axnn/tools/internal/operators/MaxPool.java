package io.axnn.tools.internal.operators;

import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.layers.BinaryMaxPool2d;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.Arrays;
import java.util.List;

/** ONNX MaxPool over 2-D images: the largest value under each position of the window. */
record MaxPool(Location location, Window window) implements Operator.Plain, Operator.ToBits {

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

  /** The sign of the largest value is +1 if that of any value is. */
  @Override
  public Step prepareToBits(Context context) {
    return (inputs, output) -> {
      PackedBits image =
          switch (inputs.getFirst()) {
            case Value.Floats x -> PackedBits.packImage(context, x.tensor());
            case Value.Bits x -> x.image();
          };
      return new Value.Bits(pool(context, image.shape()[1], image.shape()[2]).forward(image));
    };
  }

  private BinaryMaxPool2d pool(Context context, int height, int width) {
    Window.Axis vertical = window.vertical();
    Window.Axis horizontal = window.horizontal();
    return BinaryMaxPool2d.builder(context, vertical.kernel(), horizontal.kernel())
        .stride(vertical.stride(), horizontal.stride())
        .dilation(vertical.dilation(), horizontal.dilation())
        .padding(window.paddingOfPositions(height, width))
        .build();
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    Tensor input = inputs.getFirst();
    int channels = input.dimension(1);
    int height = input.dimension(2);
    int width = input.dimension(3);
    int outHeight = output.dimension(2);
    int outWidth = output.dimension(3);
    float[] line = new float[width];
    PerImage.apply(
        input,
        output,
        (x, y) -> {
          Arrays.fill(y, Float.NEGATIVE_INFINITY);
          for (int c = 0; c < channels; c++) {
            for (int row = 0; row < outHeight; row++) {
              maximumOfRows(x, c * height * width, height, row, line);
              maximumOfColumns(line, y, (c * outHeight + row) * outWidth, outWidth);
            }
          }
        });
  }

  /**
   * The largest value of each image column under the window's rows. Rows first, for they lie side
   * by side in memory: these maxima are vector instructions, and what is left is one row.
   */
  private void maximumOfRows(float[] x, int plane, int height, int outRow, float[] line) {
    Window.Axis axis = window.vertical();
    int top = outRow * axis.stride() - axis.paddingBefore(height);
    Arrays.fill(line, Float.NEGATIVE_INFINITY);
    for (int tap = 0; tap < axis.kernel(); tap++) {
      long row = top + (long) tap * axis.dilation();
      if (row >= 0 && row < height) {
        int from = plane + (int) row * line.length;
        for (int column = 0; column < line.length; column++) {
          line[column] = Math.max(line[column], x[from + column]);
        }
      }
    }
  }

  private void maximumOfColumns(float[] line, float[] y, int to, int outWidth) {
    Window.Axis axis = window.horizontal();
    int stride = axis.stride();
    int left = -axis.paddingBefore(line.length);
    for (int tap = 0; tap < axis.kernel(); tap++) {
      long first = left + (long) tap * axis.dilation();
      if (first >= line.length) {
        break;
      }
      int from = first >= 0 ? 0 : (int) Math.ceilDiv(-first, (long) stride);
      int end = (int) Math.min(outWidth, Math.ceilDiv(line.length - first, (long) stride));
      for (int column = from; column < end; column++) {
        int pixel = (int) first + column * stride;
        y[to + column] = Math.max(y[to + column], line[pixel]);
      }
    }
  }
}
