package io.axnn.quant;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FakeQuantizeTest {

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
  void equalsTheDefinitionAndChangesNothingTheSecondTime() {
    Random random = Seeds.random("FakeQuantizeTest.definition");
    Quantization[] channels = {
      new Quantization(0.01f, 3, -128, 127),
      new Quantization(0.004f, -9, -128, 127),
      new Quantization(0.1f, 0, -128, 127)
    };
    WeightQuantization weights =
        WeightQuantization.of(new float[] {0.01f, 0.004f, 0.1f}, new int[] {3, -9, 0});
    int count = 37;
    float[] x = Seeds.floats(random, 3 * count);
    float[] gradY = Seeds.floats(random, 3 * count);
    float[] y = new float[x.length];
    float[] gradX = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      Quantization channel = channels[i / count];
      float code = (float) Math.rint(x[i] / channel.scale() + channel.zeroPoint());
      float clamped = Math.clamp(code, -128, 127);
      y[i] = ((int) clamped - channel.zeroPoint()) * channel.scale();
      gradX[i] = code == clamped ? gradY[i] : 0;
    }
    Tensor input = Tensor.of(x, 3, count);
    Tensor gradient = Tensor.of(gradY, 3, count);
    for (Context context : contexts) {
      Tensor fake = weights.fakeQuantize(context, input);
      assertThat(fake.toFloatArray()).isEqualTo(y);
      assertThat(weights.fakeQuantize(context, fake).toFloatArray()).isEqualTo(y);
      assertThat(weights.fakeQuantizeGradient(context, input, gradient).toFloatArray())
          .isEqualTo(gradX);
      assertThat(channels[0].fakeQuantize(context, input.slice(0, 1)).toFloatArray())
          .isEqualTo(fake.slice(0, 1).toFloatArray());
      assertIllegalArgument(
          () -> weights.fakeQuantizeGradient(context, input, gradient.slice(0, 2)), "gradY");
    }
  }
}
