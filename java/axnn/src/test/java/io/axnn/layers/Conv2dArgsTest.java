package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Conv2dArgsTest {

  private static final int HUGE = Integer.MAX_VALUE;

  @Test
  void computesWhatFollowsFromTheShape() {
    Conv2dArgs args =
        Conv2dArgs.builder(6, 4, 3, 5)
            .stride(2, 1)
            .dilation(1, 2)
            .padding(new Padding(0, 1, 2, 3))
            .groups(2)
            .build();
    assertThat(args.fanIn()).isEqualTo(45);
    assertThat(args.weightShape()).containsExactly(4, 3, 3, 5);
    // (8 + 1 - 2 - 1) / 2 + 1 and (9 + 5 - 8 - 1) / 1 + 1
    assertThat(args.outputDims(8, 9)).containsExactly(4, 6);
  }

  @Test
  void defaultsAreThePlainConvolution() {
    assertThat(Conv2dArgs.builder(2, 3, 4, 5).build())
        .isEqualTo(new Conv2dArgs(2, 3, 4, 5, 1, 1, 1, 1, Padding.NONE, 1));
    assertThat(Padding.of(2)).isEqualTo(new Padding(2, 2, 2, 2));
    assertThat(Padding.of(1, 3)).isEqualTo(new Padding(1, 1, 3, 3));
  }

  @Test
  void paddingSameKeepsTheSize() {
    assertThat(Padding.VALID).isEqualTo(Padding.NONE);
    Conv2dArgs any = Conv2dArgs.builder(1, 1, 4, 3).paddingSame().dilation(1, 2).build();
    assertThat(any.padding()).isEqualTo(new Padding(1, 2, 2, 2));
    assertThat(any.outputDims(7, 11)).containsExactly(7, 11);
    assertIllegalArgument(
        () -> Conv2dArgs.builder(1, 1, 3, 3).stride(1, 2).paddingSame().build(),
        "paddingSame()",
        "1 x 2",
        "paddingSame(h, w)");
    assertIllegalArgument(() -> Conv2dArgs.builder(1, 1, 3, 3).paddingSame(0, 2), "h", "0");
    for (int size = 1; size < 12; size++) {
      for (int kernel = 1; kernel < 6; kernel++) {
        for (int stride = 1; stride < 5; stride++) {
          Conv2dArgs args =
              Conv2dArgs.builder(1, 1, kernel, 1).stride(stride).paddingSame(size, size).build();
          int output = (size + stride - 1) / stride;
          assertThat(args.outputDims(size, size)).containsExactly(output, output);
          int extra = args.padding().bottom() - args.padding().top();
          assertThat(extra).isBetween(0, 1);
          // One row less would not do: the last window reaches exactly that far, or past nothing.
          int reached = (output - 1) * stride + kernel;
          assertThat(args.padding().top() + args.padding().bottom())
              .isEqualTo(Math.max(0, reached - size));
        }
      }
    }
  }

  @Test
  void depthwiseIsOneInputChannelForEachGroup() {
    assertThat(Conv2dArgs.builder(4, 8, 3, 3).groups(4).build().useFastDwConv()).isTrue();
    assertThat(Conv2dArgs.builder(1, 1, 3, 3).build().useFastDwConv()).isTrue();
    assertThat(Conv2dArgs.builder(1, 8, 3, 3).build().useFastDwConv()).isFalse();
    assertThat(Conv2dArgs.builder(4, 8, 3, 3).groups(2).build().useFastDwConv()).isFalse();
  }

  @Test
  void refusesNumbersBelowTheirLeast() {
    assertIllegalArgument(() -> Conv2dArgs.builder(0, 1, 1, 1).build(), "inChannels", "0", "1");
    assertIllegalArgument(() -> Conv2dArgs.builder(1, -2, 1, 1).build(), "outChannels", "-2");
    assertIllegalArgument(() -> Conv2dArgs.builder(1, 1, 0, 1).build(), "kernelHeight", "0");
    assertIllegalArgument(() -> Conv2dArgs.builder(1, 1, 1, 0).build(), "kernelWidth", "0");
    assertIllegalArgument(() -> plain().stride(0, 1).build(), "strideHeight", "0");
    assertIllegalArgument(() -> plain().stride(1, -1).build(), "strideWidth", "-1");
    assertIllegalArgument(() -> plain().dilation(0, 1).build(), "dilationHeight", "0");
    assertIllegalArgument(() -> plain().dilation(1, 0).build(), "dilationWidth", "0");
    assertIllegalArgument(() -> plain().groups(0).build(), "groups", "0");
    assertIllegalArgument(() -> new Padding(-1, 0, 0, 0), "top", "-1");
    assertIllegalArgument(() -> new Padding(0, -2, 0, 0), "bottom", "-2");
    assertIllegalArgument(() -> new Padding(0, 0, -3, 0), "left", "-3");
    assertIllegalArgument(() -> new Padding(0, 0, 0, -4), "right", "-4");
  }

  @Test
  void refusesGroupsThatDoNotDivideTheChannels() {
    assertIllegalArgument(
        () -> Conv2dArgs.builder(4, 3, 1, 1).groups(2).build(), "groups", "2", "outChannels", "3");
    assertIllegalArgument(
        () -> Conv2dArgs.builder(3, 4, 1, 1).groups(2).build(), "groups", "2", "inChannels", "3");
  }

  @Test
  void refusesInputsThatGiveNoPixel() {
    Conv2dArgs args = Conv2dArgs.builder(1, 1, 3, 3).dilation(2, 1).build();
    assertIllegalArgument(() -> args.outputDims(4, 9), "4 x 9", "5 x 3");
    assertIllegalArgument(() -> args.outputDims(5, 2), "5 x 2", "5 x 3");
    assertThat(args.outputDims(5, 3)).containsExactly(1, 1);
    assertIllegalArgument(() -> args.outputDims(0, 3), "0");
    assertIllegalArgument(() -> args.outputDims(5, -3), "-3");
    assertIllegalArgument(() -> args.outputDims(Integer.MIN_VALUE, 3), "-2147483648");
  }

  @Test
  void sizesThatOverflowAreRefusedAndNotWrapped() {
    assertIllegalArgument(() -> Conv2dArgs.builder(HUGE, HUGE, HUGE, HUGE).build(), "2147483647");
    assertIllegalArgument(
        () -> Conv2dArgs.builder(1, 1, 3, 3).dilation(HUGE, 1).build().outputDims(100, 100),
        "2147483647");
    assertIllegalArgument(
        () ->
            Conv2dArgs.builder(1, 1, 1, 1)
                .padding(new Padding(HUGE, HUGE, 0, 0))
                .build()
                .outputDims(HUGE, 1),
        "6442450941");
  }

  private static Conv2dArgs.Builder plain() {
    return Conv2dArgs.builder(1, 1, 1, 1);
  }
}
