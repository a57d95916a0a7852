package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StructureUseTest {

  @Test
  void theSumsAreThoseOfTheTable() {
    Random random = Seeds.random("theSumsAreThoseOfTheTable");
    for (EvoApprox.Circuit circuit : EvoApprox.mul8s(EvoApprox.Version.MASTER)) {
      ApproxCase c = ApproxCase.drawOf(random, RandomConv.draw(random), circuit.multiplier());
      for (Context context : Tiers.contexts()) {
        try (context;
            Multiplier multiplier = c.multiplier()) {
          for (StructureUse use : StructureUse.values()) {
            try (ApproxConv2d layer = c.builder(context, multiplier).structureUse(use).build()) {
              assertThat(layer.structureUse()).isEqualTo(use);
              assertThat(layer.accumulate(c.xTensor()).toLongArray()).isEqualTo(c.sums());
              assertThat(layer.forward(c.xTensor()).toFloatArray()).isEqualTo(c.output());
            }
          }
        }
      }
    }
  }

  @Test
  void explainSaysWhatIsChosenAndWhy() {
    Tensor weights =
        Tensor.of(
            Seeds.floats(Seeds.random("explainSaysWhatIsChosenAndWhy"), 64 * 64), 64, 64, 1, 1);
    try (Context context = Context.create();
        Multiplier multiplier = EvoApprox.mul8s("1KR8", EvoApprox.Version.MASTER);
        ApproxConv2d layer =
            ApproxConv2d.builder(context, Conv2dArgs.builder(64, 64, 1, 1).build(), weights, null)
                .multiplier(multiplier)
                .inputQuantization(Quantization.symmetric(0.01f))
                .build()) {
      assertThat(layer.explain(1, 64, 28, 28))
          .contains("structured GEMM", "1 passes", "table GEMM", "times as long");
      layer.setStructureUse(StructureUse.NEVER);
      assertThat(layer.explain(1, 64, 28, 28))
          .startsWith("table GEMM")
          .contains("must not be used");
      layer.setStructureUse(StructureUse.ALWAYS);
      assertThat(layer.explain(1, 64, 1, 1)).startsWith("structured GEMM").contains("must be used");
    }
  }

  @Test
  void alwaysNeedsAStructure() {
    Random random = Seeds.random("alwaysNeedsAStructure");
    int[] table = new int[65536];
    for (int i = 0; i < table.length; i++) {
      table[i] = (short) random.nextInt();
    }
    Tensor weights = Tensor.of(new float[] {1}, 1, 1, 1, 1);
    try (Context context = Context.create();
        Multiplier none = Multiplier.of(table);
        Multiplier exact = Multiplier.exact();
        ApproxConv2d layer =
            ApproxConv2d.builder(context, Conv2dArgs.builder(1, 1, 1, 1).build(), weights, null)
                .multiplier(none)
                .inputQuantization(Quantization.symmetric(1))
                .build()) {
      assertThat(layer.explain(1, 1, 3, 3)).contains("no structure");
      assertIllegalArgument(
          () -> layer.setStructureUse(StructureUse.ALWAYS), "ALWAYS", "table", "structure");
      assertThat(layer.structureUse()).isEqualTo(StructureUse.AUTO);
      layer.setMultiplier(exact);
      layer.setStructureUse(StructureUse.ALWAYS);
      assertIllegalArgument(() -> layer.setMultiplier(none), "ALWAYS", "structure");
      assertThat(layer.multiplier()).contains(exact);
    }
  }
}
