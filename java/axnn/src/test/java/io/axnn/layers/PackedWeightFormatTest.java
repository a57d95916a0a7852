package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Byte orders of other systems, against definitions written word by word. */
class PackedWeightFormatTest {

  private static Context context;

  @BeforeAll
  static void open() {
    context = Context.create();
  }

  @AfterAll
  static void close() {
    context.close();
  }

  @Test
  void everyFormatOfAConvolutionComesBack() {
    Random random = Seeds.random("PackedWeightFormatTest.everyFormatOfAConvolutionComesBack");
    for (int i = 0; i < 60; i++) {
      Conv2dArgs args = RandomConv.draw(random).args();
      if (i % 3 == 0) {
        args = Conv2dArgs.builder(30 + random.nextInt(70), 5, 1 + random.nextInt(3), 2).build();
      }
      float[] values = Seeds.floats(random, args.outChannels() * args.fanIn());
      Tensor w = Tensor.of(values, args.weightShape());
      try (BinaryConv2d layer =
          BinaryConv2d.builder(context, args, w).paddingValue(PaddingValue.ZERO).build()) {
        byte[] rows = layer.packedWeights().toByteArray();
        assertThat(layer.packedWeights(PackedWeightFormat.ROWS)).isEqualTo(rows);
        assertThat(layer.packedWeights(PackedWeightFormat.LARQ))
            .as("%s", args)
            .isEqualTo(larq(values, args.weightShape()));
        for (PackedWeightFormat format : PackedWeightFormat.values()) {
          try (BinaryConv2d again =
              BinaryConv2d.fromPackedWeights(context, args, layer.packedWeights(format), format)
                  .paddingValue(PaddingValue.ZERO)
                  .build()) {
            assertThat(again.packedWeights().toByteArray())
                .as("%s of %s", format, args)
                .isEqualTo(rows);
          }
        }
      }
    }
  }

  @Test
  void everyFormatOfALinearLayerComesBack() {
    Random random = Seeds.random("PackedWeightFormatTest.everyFormatOfALinearLayerComesBack");
    for (int i = 0; i < 40; i++) {
      int in = 1 + random.nextInt(100);
      int out = 1 + random.nextInt(20);
      float[] values = Seeds.floats(random, out * in);
      try (BinaryLinear layer =
          BinaryLinear.builder(context, Tensor.of(values, out, in)).build()) {
        byte[] rows = layer.packedWeights().toByteArray();
        assertThat(layer.packedWeights(PackedWeightFormat.LARQ))
            .isEqualTo(larq(values, out, in, 1, 1));
        byte[] columns = layer.packedWeights(PackedWeightFormat.COLUMNS);
        assertThat(columns).hasSize(Math.ceilDiv(in, 8) * out);
        for (int k = 0; k < in; k++) {
          for (int n = 0; n < out; n++) {
            assertThat((columns[k / 8 * out + n] >> k % 8 & 1) != 0)
                .isEqualTo(values[n * in + k] >= 0);
          }
        }
        for (PackedWeightFormat format : PackedWeightFormat.values()) {
          try (BinaryLinear again =
              BinaryLinear.fromPackedWeights(
                      context, in, out, layer.packedWeights(format), format)
                  .build()) {
            assertThat(again.packedWeights().toByteArray()).as("%s", format).isEqualTo(rows);
          }
        }
      }
    }
  }

  /** OHWI, a bit is 1 where the weight is negative, words of 32 channels. */
  private static byte[] larq(float[] oihw, int... shape) {
    int words = (shape[1] + 31) / 32;
    int[] filter = new int[shape[0] * shape[2] * shape[3] * words];
    for (int o = 0; o < shape[0]; o++) {
      for (int i = 0; i < shape[1]; i++) {
        for (int y = 0; y < shape[2]; y++) {
          for (int x = 0; x < shape[3]; x++) {
            float weight = oihw[((o * shape[1] + i) * shape[2] + y) * shape[3] + x];
            if (!(weight >= 0)) {
              filter[((o * shape[2] + y) * shape[3] + x) * words + i / 32] |= 1 << i % 32;
            }
          }
        }
      }
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(filter.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(filter);
    return bytes.array();
  }

  @Test
  void refusesWhatDoesNotFit() {
    Conv2dArgs args = Conv2dArgs.builder(5, 3, 2, 2).build();
    assertIllegalArgument(
        () -> larqLayer(args, new byte[47]), "packedWeights", "47", "[3, 5, 2, 2]", "48", "LARQ");
    byte[] bytes = new byte[48];
    larqLayer(args, bytes);
    bytes[4] = 1 << 5;
    assertIllegalArgument(() -> larqLayer(args, bytes), "packedWeights", "5 channels", "word 1");
    bytes[4] = 0;
    bytes[47] = 1;
    assertIllegalArgument(() -> larqLayer(args, bytes), "word 11");
    assertIllegalArgument(
        () ->
            BinaryLinear.fromPackedWeights(
                context, 5, 3, new byte[] {0, 0, 32}, PackedWeightFormat.COLUMNS),
        "row 2");
  }

  private static BinaryConv2d.Builder larqLayer(Conv2dArgs args, byte[] bytes) {
    return BinaryConv2d.fromPackedWeights(context, args, bytes, PackedWeightFormat.LARQ);
  }
}
