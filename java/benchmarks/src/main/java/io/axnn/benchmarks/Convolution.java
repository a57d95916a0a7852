package io.axnn.benchmarks;

import io.axnn.layers.Conv2dArgs;
import java.util.List;

/** A convolution of square images with square kernels. */
record Convolution(
    int batch,
    int inChannels,
    int edge,
    int outChannels,
    int kernel,
    int stride,
    int padding,
    int groups) {

  /** The inner convolutions of ResNet-18 on 224 x 224 images. */
  static final List<Convolution> RESNET =
      List.of(square(64, 56), square(128, 28), square(256, 14), square(512, 7));

  /**
   * ResNet's first convolution, eight images at once, two pointwise convolutions and a depthwise
   * one of MobileNet.
   */
  static final List<Convolution> OTHERS =
      List.of(
          new Convolution(1, 3, 224, 64, 7, 2, 3, 1),
          new Convolution(8, 128, 32, 128, 3, 1, 1, 1),
          new Convolution(1, 256, 14, 256, 1, 1, 0, 1),
          new Convolution(1, 512, 7, 1024, 1, 1, 0, 1),
          new Convolution(1, 256, 28, 256, 3, 1, 1, 256));

  /** 3x3, padding 1, as many filters as channels, one image. */
  static Convolution square(int channels, int edge) {
    return new Convolution(1, channels, edge, channels, 3, 1, 1, 1);
  }

  Conv2dArgs args() {
    return Conv2dArgs.builder(inChannels, outChannels, kernel, kernel)
        .stride(stride)
        .padding(padding)
        .groups(groups)
        .build();
  }

  int outEdge() {
    return (edge + 2 * padding - kernel) / stride + 1;
  }

  int[] inputShape() {
    return new int[] {batch, inChannels, edge, edge};
  }

  int[] outputShape() {
    return new int[] {batch, outChannels, outEdge(), outEdge()};
  }

  double products() {
    return (double) batch * outChannels * outEdge() * outEdge() * args().fanIn();
  }

  /** As {@code scripts/bench} writes shapes: 1x64x56x56/64x3x3/s1p1. */
  @Override
  public String toString() {
    return "%dx%dx%dx%d/%dx%dx%d/s%dp%d"
        .formatted(batch, inChannels, edge, edge, outChannels, kernel, kernel, stride, padding);
  }
}
