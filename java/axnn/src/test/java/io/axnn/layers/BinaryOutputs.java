package io.axnn.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.quant.Quantization;
import io.axnn.testing.Exact;
import io.axnn.testing.Reference;
import java.util.Arrays;

/** Everything that a binary layer can give for one input, from floats and from bits. */
final class BinaryOutputs {

  private static final Quantization SIGNED = new Quantization(0.37f, -3, -100, 90);
  private static final Quantization UNSIGNED = new Quantization(0.5f, 128, 0, 255);

  private BinaryOutputs() {}

  /**
   * @param bits the signs of x
   * @param sums what the layer must sum up
   * @param y what its float output must be
   */
  static void assertAll(
      BinaryLayer layer, Tensor x, PackedBits bits, long[] sums, float[] y, String name) {
    int[] shape = layer.outputShape(x.shape());
    Tensor floats = layer.forward(x);
    assertThat(floats.shape()).as(name).isEqualTo(shape);
    Exact.assertEqual(floats.toFloatArray(), y, name);
    assertThat(layer.accumulate(x).toLongArray()).as("sums of %s", name).isEqualTo(sums);
    int[] intSums = Arrays.stream(sums).mapToInt(Math::toIntExact).toArray();
    for (Tensor ints : new Tensor[] {layer.forwardSums(x), layer.forwardSums(bits)}) {
      assertThat(ints.dataType()).isEqualTo(DataType.INT32);
      assertThat(ints.shape()).isEqualTo(shape);
      assertThat(ints.toIntArray()).as("int sums of %s", name).isEqualTo(intSums);
    }

    assertThat(layer.forward(bits).toFloatArray())
        .as("floats of bits of %s", name)
        .isEqualTo(floats.toFloatArray());
    Tensor into = Tensor.allocate(DataType.FLOAT32, shape);
    layer.forward(x, into);
    assertThat(into.toFloatArray()).as(name).isEqualTo(floats.toFloatArray());
    Tensor intoOfBits = Tensor.allocate(DataType.FLOAT32, shape);
    layer.forward(bits, intoOfBits);
    assertThat(intoOfBits.toFloatArray()).as(name).isEqualTo(floats.toFloatArray());

    byte[] signs = signs(y);
    for (PackedBits output : new PackedBits[] {layer.forwardBits(x), layer.forwardBits(bits)}) {
      boolean image = layer instanceof BinaryConv2d;
      assertThat(image ? output.unpackImage().shape() : output.shape()).isEqualTo(shape);
      byte[] actual =
          image ? signs(output.unpackImage().toFloatArray()) : output.unpack().toByteArray();
      assertThat(actual).as("bits of %s", name).isEqualTo(signs);
    }

    for (Quantization quantization : new Quantization[] {SIGNED, UNSIGNED}) {
      Tensor expected = quantization.quantize(floats);
      for (Tensor codes :
          new Tensor[] {
            layer.forwardCodes(x, quantization), layer.forwardCodes(bits, quantization)
          }) {
        assertThat(codes.dataType()).isEqualTo(expected.dataType());
        assertThat(codes.shape()).isEqualTo(shape);
        assertThat(codes.toByteArray())
            .as("codes %s of %s", quantization, name)
            .isEqualTo(expected.toByteArray());
      }
    }
  }

  private static byte[] signs(float[] values) {
    byte[] signs = new byte[values.length];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = (byte) Reference.sign(values[i]);
    }
    return signs;
  }
}
