package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.testing.Close;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Reference;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LinearTest {

  private static final int CASES = 100;

  private static List<Context> contexts;
  private static Context context;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
    context = Context.create();
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
    context.close();
  }

  @Test
  void agreesWithADoubleReferenceOnEveryTier() {
    Random random = Seeds.random("LinearTest.agreesWithADoubleReferenceOnEveryTier");
    for (int i = 0; i < CASES; i++) {
      RandomConv rows = RandomConv.drawLinear(random);
      int in = rows.args().inChannels();
      int out = rows.args().outChannels();
      float[] x = Seeds.floats(random, rows.inputSize());
      float[] w = Seeds.floats(random, rows.weightSize());
      float[] bias = Seeds.floats(random, out);
      double[] expected = Reference.convolve(rows, (weight, j) -> (double) w[weight] * x[j]);
      for (int j = 0; j < expected.length; j++) {
        expected[j] += bias[j % out];
      }
      for (Context tier : contexts) {
        try (Linear layer = Linear.of(tier, Tensor.of(w, out, in), Tensor.of(bias, out))) {
          Tensor y = layer.forward(Tensor.of(x, rows.batch(), in));
          Close.assertClose(
              y.toFloatArray(), expected, "case %d on %s: %s".formatted(i, tier.tier(), rows));
        }
      }
    }
  }

  @Test
  void leadingDimensionsAreRows() {
    Random random = Seeds.random("LinearTest.leadingDimensionsAreRows");
    Tensor w = Tensor.of(Seeds.floats(random, 5 * 7), 5, 7);
    Tensor x = Tensor.of(Seeds.floats(random, 24 * 7), 2, 3, 4, 7);
    try (Linear layer = Linear.of(context, w, null)) {
      assertThat(layer.outputShape(2, 3, 4, 7)).containsExactly(2, 3, 4, 5);
      Tensor y = layer.forward(x);
      assertThat(y.shape()).containsExactly(2, 3, 4, 5);
      assertThat(y.toFloatArray()).isEqualTo(layer.forward(x.reshape(24, 7)).toFloatArray());
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor w = Tensor.allocate(DataType.FLOAT32, 5, 7);
    assertIllegalArgument(
        () -> Linear.of(context, Tensor.allocate(DataType.FLOAT32, 5), null), "weights", "[5]");
    assertIllegalArgument(
        () -> Linear.of(context, Tensor.allocate(DataType.INT8, 5, 7), null), "weights", "INT8");
    assertIllegalArgument(
        () -> Linear.of(context, w, Tensor.allocate(DataType.FLOAT32, 7)), "bias", "[7]", "[5]");
    try (Linear layer = Linear.of(context, w, null)) {
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.FLOAT32, 2, 8)), "x", "8", "7");
      assertIllegalArgument(
          () -> layer.forward(Tensor.allocate(DataType.INT32, 2, 7)), "x", "INT32", "FLOAT32");
      assertIllegalArgument(() -> layer.outputShape(2, 8), "8", "7");
    }
  }
}
