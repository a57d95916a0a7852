package io.axnn.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.testing.Tiers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A layer without float weights is its bits and scales, and little more. */
class BinaryMemoryTest {

  /** What every layer has, whatever its size. */
  private static final int OBJECT_BYTES = 512;

  private static final int VECTOR_BYTES = 64;

  private static List<Context> contexts;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
  }

  @Test
  void wideLayersAreWithinTenPercentOfTheirBitsAndScales() {
    for (Conv2dArgs args :
        List.of(
            Conv2dArgs.builder(128, 64, 3, 3).padding(1).build(),
            Conv2dArgs.builder(64, 64, 5, 5).padding(2).build(),
            Conv2dArgs.builder(1152, 64, 1, 1).padding(1).build(),
            Conv2dArgs.builder(512, 512, 3, 3).padding(1).build(),
            Conv2dArgs.builder(8192, 64, 3, 3).padding(1).groups(64).build())) {
      check(args, 1.1 * bitsAndScales(args.outChannels(), args.fanIn()));
    }
  }

  @Test
  void otherLayersHaveAVectorMoreForAChannel() {
    for (Conv2dArgs args :
        List.of(
            Conv2dArgs.builder(3, 64, 7, 7).padding(3).build(),
            Conv2dArgs.builder(100, 37, 5, 5).padding(1).build(),
            Conv2dArgs.builder(256, 256, 3, 3).padding(1).groups(256).build(),
            Conv2dArgs.builder(65, 65, 3, 3).padding(1).build(),
            Conv2dArgs.builder(4096, 1, 1, 1).build(),
            Conv2dArgs.builder(4096, 5, 1, 1).build())) {
      check(
          args,
          bitsAndScales(args.outChannels(), args.fanIn())
              + OBJECT_BYTES
              + VECTOR_BYTES * args.outChannels());
    }
  }

  private static double bitsAndScales(int outputs, int fanIn) {
    return outputs * (fanIn / 8.0 + Float.BYTES);
  }

  private static void check(Conv2dArgs args, double allowed) {
    Tensor weights = Tensor.allocate(DataType.FLOAT32, args.weightShape());
    for (Context context : contexts) {
      for (PaddingValue padding : PaddingValue.values()) {
        String name = "%s, %s on %s".formatted(args, padding, context.tier());
        try (BinaryConv2d layer =
                BinaryConv2d.builder(context, args, weights).paddingValue(padding).build();
            BinaryConv2d ofBits =
                BinaryConv2d.fromPackedWeights(context, args, PackedBits.pack(context, weights))
                    .paddingValue(padding)
                    .build()) {
          long bits = ofBits.memoryBytes();
          assertThat((double) bits)
              .as(name)
              .isBetween(bitsAndScales(args.outChannels(), args.fanIn()), allowed);
          assertThat(layer.memoryBytes()).isEqualTo(bits + weights.memory().byteSize());
          layer.dropFloatWeights();
          assertThat(layer.memoryBytes()).as(name).isEqualTo(bits);
          layer.setWeights(weights);
          assertThat(layer.memoryBytes()).isEqualTo(bits + weights.memory().byteSize());
        }
      }
    }
  }

  @Test
  void aWideLinearLayerIsItsBitsAndScales() {
    for (Context context : contexts) {
      try (BinaryLinear layer =
          BinaryLinear.builder(context, Tensor.allocate(DataType.FLOAT32, 1024, 4096)).build()) {
        layer.dropFloatWeights();
        assertThat((double) layer.memoryBytes()).isLessThan(1.1 * bitsAndScales(1024, 4096));
      }
    }
  }

  @Test
  void theFactorsThatFollowTheWeightsCount() {
    Tensor weights = Tensor.allocate(DataType.FLOAT32, 4, 8);
    try (BinaryLinear layer =
        BinaryLinear.builder(contexts.get(0), weights)
            .kernelQuantizer(SignEstimator.MAGNITUDE_AWARE_SIGN)
            .build()) {
      long with = layer.memoryBytes();
      layer.dropFloatWeights();
      assertThat(layer.memoryBytes()).isEqualTo(with - 4 * 8 * 4 - 2 * 4 * 4);
    }
  }
}
