package io.axnn.testing;

import io.axnn.layers.Conv2dArgs;

/** Plain, slow and obvious forms of what the library computes. */
public final class Reference {

  /** What {@link Tap} is told instead of an index where the tap lies in the padding. */
  public static final int PADDED = -1;

  /** The product of one weight and one input, each given by its index in its tensor. */
  public interface Tap {
    double product(int weight, int input);
  }

  private Reference() {}

  /**
   * The sum over all taps for every output {@code [batch, outChannels, outHeight, outWidth]}. A
   * double holds every sum of integers that a test makes (below 2^53).
   */
  public static double[] convolve(RandomConv conv, Tap tap) {
    Conv2dArgs c = conv.args();
    int h = conv.height();
    int w = conv.width();
    int outHeight =
        outputLength(
            h,
            c.padding().top() + c.padding().bottom(),
            c.dilationHeight(),
            c.kernelHeight(),
            c.strideHeight());
    int outWidth =
        outputLength(
            w,
            c.padding().left() + c.padding().right(),
            c.dilationWidth(),
            c.kernelWidth(),
            c.strideWidth());
    int groupIn = c.inChannels() / c.groups();
    int groupOut = c.outChannels() / c.groups();
    double[] sums = new double[conv.batch() * c.outChannels() * outHeight * outWidth];
    int next = 0;
    for (int n = 0; n < conv.batch(); n++) {
      for (int o = 0; o < c.outChannels(); o++) {
        for (int oy = 0; oy < outHeight; oy++) {
          for (int ox = 0; ox < outWidth; ox++) {
            double sum = 0;
            int weight = o * groupIn * c.kernelHeight() * c.kernelWidth();
            for (int i = 0; i < groupIn; i++) {
              int channel = o / groupOut * groupIn + i;
              for (int ky = 0; ky < c.kernelHeight(); ky++) {
                int y = oy * c.strideHeight() - c.padding().top() + ky * c.dilationHeight();
                for (int kx = 0; kx < c.kernelWidth(); kx++) {
                  int x = ox * c.strideWidth() - c.padding().left() + kx * c.dilationWidth();
                  boolean inside = y >= 0 && y < h && x >= 0 && x < w;
                  int input = inside ? ((n * c.inChannels() + channel) * h + y) * w + x : PADDED;
                  sum += tap.product(weight++, input);
                }
              }
            }
            sums[next++] = sum;
          }
        }
      }
    }
    return sums;
  }

  /** The output channel of one of the {@code size} values of {@link #convolve}'s result. */
  public static int channel(RandomConv conv, int size, int index) {
    int pixels = size / conv.batch() / conv.args().outChannels();
    return index / pixels % conv.args().outChannels();
  }

  private static int outputLength(int in, int padding, int dilation, int kernel, int stride) {
    return (in + padding - dilation * (kernel - 1) - 1) / stride + 1;
  }

  /** The code of one value: division, addition and rounding in float32, then the limits. */
  public static int quantize(float value, float scale, int zeroPoint, int codeMin, int codeMax) {
    if (Float.isNaN(value)) {
      return zeroPoint;
    }
    float rounded = (float) Math.rint(value / scale + zeroPoint);
    return (int) Math.max(codeMin, Math.min(codeMax, rounded));
  }

  /** +1 for both zeros and what is above, else -1; NaN is -1. */
  public static int sign(float value) {
    return value >= 0 ? 1 : -1;
  }
}
