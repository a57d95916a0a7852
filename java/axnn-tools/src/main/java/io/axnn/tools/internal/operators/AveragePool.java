package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX AveragePool over 2-D images: the mean of each window, in double.
 *
 * @param countPadding whether padding counts as zeros, else it does not count at all
 */
record AveragePool(Location location, Window window, boolean countPadding)
    implements Operator.Plain {

  static AveragePool read(NodeReader node) {
    node.requireInputs(1, 1);
    int[] shape = node.activation(0, "X");
    if (shape.length != 4) {
      throw node.error("input X has rank %d; supported: 4, 2-D images".formatted(shape.length));
    }
    boolean ceil = node.attributes().flag("ceil_mode", false);
    boolean countPadding = node.attributes().flag("count_include_pad", false);
    return new AveragePool(node.location(), Window.read(node, null, ceil), countPadding);
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
    int channels = output.dimension(1);
    int height = inputs.getFirst().dimension(2);
    int width = inputs.getFirst().dimension(3);
    int outHeight = output.dimension(2);
    int outWidth = output.dimension(3);
    PerImage.apply(
        inputs.getFirst(),
        output,
        (x, y) -> {
          for (int c = 0; c < channels; c++) {
            for (int row = 0; row < outHeight; row++) {
              for (int column = 0; column < outWidth; column++) {
                y[(c * outHeight + row) * outWidth + column] =
                    mean(x, c * height * width, height, width, row, column);
              }
            }
          }
        });
  }

  private float mean(float[] x, int plane, int height, int width, int row, int column) {
    Window.Axis vertical = window.vertical();
    Window.Axis horizontal = window.horizontal();
    int top = row * vertical.stride() - vertical.paddingBefore(height);
    int left = column * horizontal.stride() - horizontal.paddingBefore(width);
    double sum = 0;
    int count = 0;
    for (int r = 0; r < vertical.kernel(); r++) {
      int i = top + r * vertical.dilation();
      for (int s = 0; s < horizontal.kernel(); s++) {
        int j = left + s * horizontal.dilation();
        if (i >= 0 && i < height && j >= 0 && j < width) {
          sum += x[plane + i * width + j];
          count++;
        } else if (countPadding
            && i < height + vertical.paddingAfter(height)
            && j < width + horizontal.paddingAfter(width)) {
          count++;
        }
      }
    }
    return (float) (sum / count);
  }
}
