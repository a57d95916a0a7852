package io.axnn.tools;

import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static io.axnn.tools.testing.OnnxModelBuilder.text;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.tools.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Binary layers that hand bits to each other give the numbers of those that hand floats. */
class BitsBetweenLayersTest {
  private static final Settings FLOATS =
      Settings.of(Arithmetic.float32()).withBinaryLayers(Arithmetic.binary());
  private static final Settings BITS =
      FLOATS.withBinaryLayers(Arithmetic.binary().withBitsBetweenLayers());

  private final Random random = new Random(77);
  private Context context;

  @BeforeEach
  void open() {
    context = Context.create();
  }

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void aValueThatOnlySuchLayersReadIsNeverMadeOfFloats() {
    OnnxModelBuilder builder =
        new OnnxModelBuilder(-1, 3, 9, 8)
            .node("Sign", List.of("x"), "s1")
            .node("Conv", convolution("c1"), "v1", integers("pads", 1, 1, 1, 1))
            .node("Sign", List.of("v1"), "s2")
            .node("Conv", convolution("c2"), "y", integers("pads", 1, 1, 1, 1));
    constants(builder, "c1", 3, 20);
    constants(builder, "c2", 20, 7);
    assertThat(valuesAfter(builder, FLOATS)).containsExactly("x", "v1", "y");
    assertThat(valuesAfter(builder, BITS)).containsExactly("x", "y");
    assertSameNumbers(builder);
  }

  @Test
  void aValueThatAnotherNodeReadsStaysFloats() {
    OnnxModelBuilder builder =
        new OnnxModelBuilder(-1, 3, 9, 8)
            .node("Sign", List.of("x"), "s1")
            .node("Conv", convolution("c1"), "v1", integers("pads", 1, 1, 1, 1))
            .node("Sign", List.of("v1"), "s2")
            .node("Conv", convolution("c2"), "v2", integers("pads", 1, 1, 1, 1))
            .node("Sign", List.of("v2"), "s3")
            .node("Relu", List.of("v1"), "r")
            .node("Conv", List.of("s3", "c1", "c1-bias"), "v3")
            .node("Conv", List.of("r", "c2", "c2-bias"), "y");
    constants(builder, "c1", 3, 3);
    constants(builder, "c2", 3, 3);
    // v3 has no reader, so v2 and s3 are not computed at all.
    assertThat(valuesAfter(builder, BITS)).containsExactly("x", "v1", "r", "y");
    assertSameNumbers(builder);
  }

  @Test
  void poolingStaysInBitsWhateverItsWindow() {
    List<AttributeProto[]> windows =
        List.of(
            window(integers("kernel_shape", 2, 2), integers("strides", 2, 2)),
            window(integers("kernel_shape", 3, 2), integers("pads", 1, 0, 2, 1)),
            window(integers("kernel_shape", 2, 3), integers("dilations", 2, 3)),
            window(
                integers("kernel_shape", 3, 3), integers("strides", 2, 2), integer("ceil_mode", 1)),
            window(
                integers("kernel_shape", 2, 2),
                integers("strides", 3, 3),
                integers("pads", 1, 1, 1, 1),
                integer("ceil_mode", 1)),
            window(
                integers("kernel_shape", 3, 4),
                integers("strides", 2, 3),
                text("auto_pad", "SAME_UPPER")),
            window(
                integers("kernel_shape", 4, 2),
                integers("strides", 1, 2),
                text("auto_pad", "SAME_LOWER")));
    for (AttributeProto[] window : windows) {
      OnnxModelBuilder builder =
          new OnnxModelBuilder(-1, 3, 12, 13)
              .node("MaxPool", List.of("x"), "p0", window)
              .node("Sign", List.of("p0"), "s1")
              .node("Conv", convolution("c1"), "v1", integers("pads", 2, 2, 2, 2))
              .node("MaxPool", List.of("v1"), "p1", window)
              .node("Sign", List.of("p1"), "s2")
              .node("Conv", convolution("c2"), "y", integers("pads", 1, 1, 1, 1));
      constants(builder, "c1", 3, 20);
      constants(builder, "c2", 20, 7);
      assertThat(valuesAfter(builder, FLOATS)).containsExactly("x", "p0", "v1", "p1", "y");
      assertThat(valuesAfter(builder, BITS)).as("pools too").containsExactly("x", "y");
      assertSameNumbers(builder);
    }
  }

  @Test
  void theNetworksOutputIsFloats() {
    OnnxModelBuilder builder =
        new OnnxModelBuilder(-1, 3, 9, 8)
            .node("Sign", List.of("x"), "s1")
            .node("Conv", convolution("c1"), "v1")
            .node("MaxPool", List.of("v1"), "y", integers("kernel_shape", 2, 2));
    constants(builder, "c1", 3, 5);
    assertThat(valuesAfter(builder, BITS)).containsExactly("x", "v1", "y");
    assertSameNumbers(builder);
  }

  private static AttributeProto[] window(AttributeProto... attributes) {
    return attributes;
  }

  /** The inputs of a convolution of s1 by the weights c1 and so on. */
  private static List<String> convolution(String weights) {
    return List.of("s" + weights.substring(1), weights, weights + "-bias");
  }

  /** Weights of one magnitude, and biases that move the sign of a sum. */
  private void constants(OnnxModelBuilder builder, String name, int inputs, int outputs) {
    float[] weights = new float[outputs * inputs * 9];
    float[] bias = new float[outputs];
    for (int o = 0; o < outputs; o++) {
      float magnitude = 0.1f + random.nextFloat();
      for (int i = 0; i < inputs * 9; i++) {
        weights[o * inputs * 9 + i] = random.nextBoolean() ? magnitude : -magnitude;
      }
      bias[o] = magnitude * (random.nextInt(11) - 5) * (random.nextBoolean() ? 1 : 0.99f);
    }
    builder.constant(name, weights, outputs, inputs, 3, 3);
    builder.constant(name + "-bias", bias, outputs);
  }

  private List<String> valuesAfter(OnnxModelBuilder builder, Settings settings) {
    List<String> values = new ArrayList<>();
    Model model = Model.parse("test", builder.toBytes());
    try (Network network = model.prepare(context, settings)) {
      network.forward(input(model, 1), (value, tensor) -> values.add(value));
    }
    return values;
  }

  private void assertSameNumbers(OnnxModelBuilder builder) {
    Model model = Model.parse("test", builder.toBytes());
    try (Network floats = model.prepare(context, FLOATS);
        Network bits = model.prepare(context, BITS)) {
      for (int batch = 1; batch <= 3; batch++) {
        Tensor x = input(model, batch);
        Tensor y = bits.forward(x);
        assertThat(y.shape()).containsExactly(floats.forward(x).shape());
        assertThat(y.toFloatArray()).containsExactly(floats.forward(x).toFloatArray());
      }
    }
  }

  private Tensor input(Model model, int batch) {
    int[] shape = model.inputShape();
    shape[0] = batch;
    float[] values = new float[batch * shape[1] * shape[2] * shape[3]];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape);
  }
}
