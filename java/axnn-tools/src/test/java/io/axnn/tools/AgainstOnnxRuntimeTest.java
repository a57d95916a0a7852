package io.axnn.tools;

import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.Conv2d;
import io.axnn.layers.Conv2dArgs;
import io.axnn.layers.Padding;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.tools.testing.Closeness;
import io.axnn.tools.testing.OnnxModelBuilder;
import io.axnn.tools.testing.OnnxRuntime;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Convolutions of random shapes against the operators Conv and ConvInteger of ONNX Runtime. */
class AgainstOnnxRuntimeTest {
  private static final int SHAPES = 200;

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
  void floatConvolutionsAreConv() {
    Random random = random("floatConvolutionsAreConv");
    for (int i = 0; i < SHAPES; i++) {
      Shape shape = Shape.draw(random);
      Conv2dArgs args = shape.args();
      float[] weights = gaussians(random, shape.weights());
      float[] bias = gaussians(random, args.outChannels());
      Tensor x = Tensor.of(gaussians(random, shape.inputs()), shape.input());
      byte[] model =
          new OnnxModelBuilder(shape.input())
              .constant("w", weights, shape.weightShape())
              .constant("b", bias, bias.length)
              .node("Conv", List.of("x", "w", "b"), "y", shape.attributes())
              .toBytes();
      try (OnnxRuntime oracle = new OnnxRuntime(model);
          Conv2d conv =
              Conv2d.of(
                  context,
                  args,
                  Tensor.of(weights, args.weightShape()),
                  Tensor.of(bias, bias.length));
          ApproxConv2d layer = ApproxConv2d.fromConv2d(context, conv).build()) {
        Tensor expected = oracle.forward(x);
        for (Tensor y : List.of(conv.forward(x), layer.baselineForward(x))) {
          assertThat(y.shape()).as("shape %d: %s", i, shape).isEqualTo(expected.shape());
          Closeness.assertClose(y.toFloatArray(), expected.toFloatArray(), 1e-5);
        }
      }
    }
  }

  /**
   * Activations of uint8 up to 127, where no CPU's kernel saturates; weights of int8 or uint8;
   * every zero point. With scales of 1 the output is the corrected sum, below 2^24 and so exact.
   */
  @Test
  void integerConvolutionsAreConvInteger() {
    Random random = random("integerConvolutionsAreConvInteger");
    for (int i = 0; i < SHAPES; i++) {
      Shape shape = Shape.draw(random);
      Conv2dArgs args = shape.args();
      Operand operand = random.nextBoolean() ? Operand.SIGNED8 : Operand.UNSIGNED8;
      boolean affine = random.nextInt(3) > 0;
      int zx = affine ? random.nextInt(128) : 0;
      int zw = affine ? random.nextInt(operand.min(), operand.max() + 1) : 0;
      int[] xCodes = random.ints(shape.inputs(), 0, 128).toArray();
      int[] wCodes = random.ints(shape.weights(), operand.min(), operand.max() + 1).toArray();

      Tensor expected;
      try (OnnxRuntime oracle = new OnnxRuntime(convInteger(shape, operand, zx, zw, wCodes))) {
        expected = oracle.forward(Tensor.of(reals(xCodes, 0), shape.input()));
      }
      Tensor x = Tensor.of(reals(xCodes, zx), shape.input());
      Tensor weights = Tensor.of(reals(wCodes, zw), args.weightShape());
      try (Multiplier exact =
              Multiplier.fromFunction("exact", operand, Operand.SIGNED8, (w, a) -> w * a);
          ApproxConv2d layer =
              ApproxConv2d.builder(context, args, weights, null)
                  .multiplier(exact)
                  .inputQuantization(new Quantization(1, zx, 0, 127))
                  .weightQuantization(
                      new WeightQuantization(
                          new float[] {1}, new int[] {zw}, operand.min(), operand.max()))
                  .build()) {
        String name = "shape %d: %s, weights %s, zx %d, zw %d".formatted(i, shape, operand, zx, zw);
        Tensor y = layer.quantForward(x);
        assertThat(y.shape()).as(name).isEqualTo(expected.shape());
        assertThat(sums(y)).as(name).isEqualTo(sums(expected));
        assertThat(sums(layer.approxForward(x))).as(name).isEqualTo(sums(expected));
        if (!affine) {
          assertThat(layer.accumulate(x).toLongArray()).as(name).isEqualTo(sums(expected));
        }
      }
    }
  }

  /** From codes as floats to sums as floats: ConvInteger between two casts. */
  private static byte[] convInteger(Shape shape, Operand operand, int zx, int zw, int[] wCodes) {
    TensorProto.DataType weightType =
        operand.signed() ? TensorProto.DataType.INT8 : TensorProto.DataType.UINT8;
    return new OnnxModelBuilder(shape.input())
        .initializer(bytes("w", weightType, wCodes, shape.weightShape()))
        .initializer(bytes("zx", TensorProto.DataType.UINT8, new int[] {zx}))
        .initializer(bytes("zw", weightType, new int[] {zw}))
        .node("Cast", List.of("x"), "codes", castTo(TensorProto.DataType.UINT8))
        .node("ConvInteger", List.of("codes", "w", "zx", "zw"), "sums", shape.attributes())
        .node("Cast", List.of("sums"), "y", castTo(TensorProto.DataType.FLOAT))
        .toBytes();
  }

  private static AttributeProto castTo(TensorProto.DataType type) {
    return integer("to", type.getNumber());
  }

  private static TensorProto.Builder bytes(
      String name, TensorProto.DataType type, int[] codes, long... shape) {
    byte[] data = new byte[codes.length];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) codes[i];
    }
    return OnnxModelBuilder.floats(name, shape)
        .setDataType(type.getNumber())
        .setRawData(ByteString.copyFrom(data));
  }

  private static float[] reals(int[] codes, int zeroPoint) {
    float[] values = new float[codes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = codes[i] - zeroPoint;
    }
    return values;
  }

  private static long[] sums(Tensor y) {
    float[] values = y.toFloatArray();
    return IntStream.range(0, values.length).mapToLong(i -> (long) values[i]).toArray();
  }

  private static float[] gaussians(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Random random(String test) {
    long seed = Long.getLong("axnn.test.seed", System.nanoTime());
    System.out.printf("AgainstOnnxRuntimeTest.%s: -Daxnn.test.seed=%d%n", test, seed);
    return new Random(seed);
  }

  /** A small convolution with groups, dilation, strides and padding of its own on every side. */
  private record Shape(Conv2dArgs args, int batch, int height, int width) {

    static Shape draw(Random random) {
      int groups = 1 + random.nextInt(4);
      int kernelHeight = 1 + random.nextInt(4);
      int kernelWidth = 1 + random.nextInt(5);
      int dilationHeight = 1 + random.nextInt(3);
      int dilationWidth = 1 + random.nextInt(2);
      Padding padding =
          new Padding(random.nextInt(3), random.nextInt(4), random.nextInt(4), random.nextInt(3));
      Conv2dArgs args =
          Conv2dArgs.builder(
                  groups * (1 + random.nextInt(8)),
                  groups * (1 + random.nextInt(8)),
                  kernelHeight,
                  kernelWidth)
              .stride(1 + random.nextInt(2), 1 + random.nextInt(3))
              .dilation(dilationHeight, dilationWidth)
              .padding(padding)
              .groups(groups)
              .build();
      // At least one output pixel.
      int height =
          atLeast(dilationHeight * (kernelHeight - 1) + 1 - padding.top() - padding.bottom());
      int width = atLeast(dilationWidth * (kernelWidth - 1) + 1 - padding.left() - padding.right());
      return new Shape(
          args, 1 + random.nextInt(3), height + random.nextInt(12), width + random.nextInt(9));
    }

    private static int atLeast(int pixels) {
      return Math.max(1, pixels);
    }

    int[] input() {
      return new int[] {batch, args.inChannels(), height, width};
    }

    int inputs() {
      return batch * args.inChannels() * height * width;
    }

    int weights() {
      return args.outChannels() * args.fanIn();
    }

    long[] weightShape() {
      return IntStream.of(args.weightShape()).asLongStream().toArray();
    }

    AttributeProto[] attributes() {
      Padding pads = args.padding();
      return new AttributeProto[] {
        integers("kernel_shape", args.kernelHeight(), args.kernelWidth()),
        integers("strides", args.strideHeight(), args.strideWidth()),
        integers("dilations", args.dilationHeight(), args.dilationWidth()),
        integers("pads", pads.top(), pads.left(), pads.bottom(), pads.right()),
        integer("group", args.groups())
      };
    }
  }
}
