package io.axnn.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Networks that never leave the bits, against the same networks in floats. */
class BinaryChainTest {

  private static final int NETWORKS = 40;
  private static final int LAYERS = 4;

  private static List<Context> contexts;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
  }

  /** A max-pooling over padding that never wins: there is a pixel in every window. */
  private record Pool(int kernel, int stride, int padding) {

    static Pool draw(Random random) {
      int kernel = 1 + random.nextInt(3);
      return new Pool(kernel, 1 + random.nextInt(2), random.nextInt(kernel));
    }

    boolean fits(int h, int w) {
      return Math.min(h, w) + 2 * padding >= kernel;
    }

    BinaryMaxPool2d of(Context context, Epilogue epilogue) {
      double[] scale = epilogue.scale();
      float[] falling = new float[scale.length];
      for (int i = 0; i < falling.length; i++) {
        falling[i] = (float) scale[i];
      }
      return BinaryMaxPool2d.builder(context, kernel, kernel)
          .stride(stride, stride)
          .padding(Padding.of(padding))
          .fallingWhere(falling)
          .build();
    }

    /** The largest sum of each window, [n, c, h, w]. */
    Tensor of(Tensor sums) {
      int h = sums.dimension(2);
      int w = sums.dimension(3);
      int outH = (h + 2 * padding - kernel) / stride + 1;
      int outW = (w + 2 * padding - kernel) / stride + 1;
      int images = sums.dimension(0) * sums.dimension(1);
      int[] in = sums.toIntArray();
      int[] out = new int[images * outH * outW];
      for (int image = 0; image < images; image++) {
        for (int y = 0; y < outH; y++) {
          for (int x = 0; x < outW; x++) {
            int largest = Integer.MIN_VALUE;
            for (int ky = 0; ky < kernel; ky++) {
              for (int kx = 0; kx < kernel; kx++) {
                int iy = y * stride - padding + ky;
                int ix = x * stride - padding + kx;
                if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
                  largest = Math.max(largest, in[(image * h + iy) * w + ix]);
                }
              }
            }
            out[(image * outH + y) * outW + x] = largest;
          }
        }
      }
      return Tensor.of(out, sums.dimension(0), sums.dimension(1), outH, outW);
    }
  }

  @Test
  void bitsAreTheSignsOfTheFloats() {
    Random random = Seeds.random("BinaryChainTest.bitsAreTheSignsOfTheFloats");
    for (int network = 0; network < NETWORKS; network++) {
      long seed = random.nextLong();
      for (Context context : contexts) {
        runNetwork(context, new Random(seed), "network %d on %s".formatted(network, context));
      }
    }
  }

  private static void runNetwork(Context context, Random random, String name) {
    int channels = 1 + random.nextInt(70);
    int h = 6 + random.nextInt(6);
    int w = 6 + random.nextInt(6);
    Tensor floats = Tensor.of(Seeds.floats(random, 2 * channels * h * w), 2, channels, h, w);
    PackedBits bits = PackedBits.packImage(context, floats);
    for (int i = 0; i < LAYERS; i++) {
      int out = 1 + random.nextInt(70);
      int kernel = 1 + random.nextInt(3);
      Conv2dArgs args =
          Conv2dArgs.builder(channels, out, kernel, kernel).padding(Padding.of(kernel / 2)).build();
      Tensor weights = Tensor.of(Seeds.floats(random, out * args.fanIn()), args.weightShape());
      BatchNorm batchNorm = batchNorm(random, out, args.fanIn());
      try (BinaryConv2d layer =
          BinaryConv2d.builder(context, args, weights)
              .paddingValue(PaddingValue.values()[random.nextInt(3)])
              .scale(BinaryLayer.meanMagnitudes(context, weights))
              .batchNorm(batchNorm)
              .build()) {
        Pool pool = Pool.draw(random);
        boolean pooled =
            random.nextBoolean() && pool.fits(floats.dimension(2), floats.dimension(3));
        Epilogue epilogue = layer.epilogue();
        if (pooled) {
          floats = epilogue(pool.of(layer.forwardSums(floats)), epilogue);
          bits = pool.of(context, epilogue).forward(layer.forwardBits(bits));
        } else {
          floats = layer.forward(floats);
          bits = layer.forwardBits(bits);
        }
        assertThat(bits.toByteArray())
            .as("layer %d of %s", i, name)
            .isEqualTo(PackedBits.packImage(context, floats).toByteArray());
      }
      channels = out;
    }
    Tensor matrix = Tensor.of(Seeds.floats(random, 5 * channels), 5, channels);
    Conv2dArgs pointwise = Conv2dArgs.builder(channels, 5, 1, 1).build();
    try (BinaryLinear linear = BinaryLinear.builder(context, matrix).build();
        BinaryConv2d conv =
            BinaryConv2d.builder(context, pointwise, matrix.reshape(5, channels, 1, 1))
                .paddingValue(PaddingValue.ZERO)
                .build()) {
      // The pixels of an image are rows of features.
      assertThat(linear.forwardBits(bits).toByteArray())
          .as(name)
          .isEqualTo(conv.forwardBits(bits).toByteArray());
    }
  }

  /** Factors of both signs, and 0; summands that cut the sums somewhere. */
  private static BatchNorm batchNorm(Random random, int channels, int fanIn) {
    float[] variance = new float[channels];
    float[] mean = Seeds.floats(random, channels);
    for (int i = 0; i < channels; i++) {
      variance[i] = 0.1f + 4 * random.nextFloat();
      mean[i] *= (float) Math.sqrt(fanIn);
    }
    return new BatchNorm(
        mean, variance, Seeds.floats(random, channels), Seeds.floats(random, channels), 1e-3f);
  }

  private static Tensor epilogue(Tensor sums, Epilogue epilogue) {
    int[] values = sums.toIntArray();
    double[] scale = epilogue.scale();
    double[] bias = epilogue.bias();
    int pixels = sums.dimension(2) * sums.dimension(3);
    float[] y = new float[values.length];
    for (int i = 0; i < y.length; i++) {
      int o = i / pixels % scale.length;
      y[i] = (float) values[i] * (float) scale[o] + (float) bias[o];
    }
    return Tensor.of(y, sums.shape());
  }
}
