package io.axnn.testing;

import io.axnn.layers.Conv2dArgs;
import io.axnn.layers.Padding;
import java.util.Random;

/** A small convolution of any legal form, with an input to run it on. */
public record RandomConv(Conv2dArgs args, int batch, int height, int width) {

  public static RandomConv draw(Random random) {
    int groups = 1 + random.nextInt(3);
    int inChannels = groups * (1 + random.nextInt(6));
    int outChannels = groups * (1 + random.nextInt(6));
    int kernelHeight = 1 + random.nextInt(4);
    int kernelWidth = 1 + random.nextInt(4);
    int dilationHeight = 1 + random.nextInt(2);
    int dilationWidth = 1 + random.nextInt(3);
    Padding padding =
        new Padding(random.nextInt(4), random.nextInt(3), random.nextInt(3), random.nextInt(4));
    int spanHeight = dilationHeight * (kernelHeight - 1) + 1;
    int spanWidth = dilationWidth * (kernelWidth - 1) + 1;
    // At least one output pixel, at times with an input that is smaller than the kernel.
    int height = Math.max(1, spanHeight - padding.top() - padding.bottom()) + random.nextInt(8);
    int width = Math.max(1, spanWidth - padding.left() - padding.right()) + random.nextInt(12);
    Conv2dArgs args =
        Conv2dArgs.builder(inChannels, outChannels, kernelHeight, kernelWidth)
            .stride(1 + random.nextInt(3), 1 + random.nextInt(2))
            .dilation(dilationHeight, dilationWidth)
            .padding(padding)
            .groups(groups)
            .build();
    return new RandomConv(args, 1 + random.nextInt(3), height, width);
  }

  /** A linear layer as the convolution that it is: one pixel, {@code rows} of them. */
  public static RandomConv drawLinear(Random random) {
    Conv2dArgs args =
        Conv2dArgs.builder(1 + random.nextInt(150), 1 + random.nextInt(20), 1, 1).build();
    return new RandomConv(args, 1 + random.nextInt(9), 1, 1);
  }

  public int[] inputShape() {
    return new int[] {batch, args.inChannels(), height, width};
  }

  public int inputSize() {
    return batch * args.inChannels() * height * width;
  }

  public int weightSize() {
    return args.outChannels() * args.fanIn();
  }
}
