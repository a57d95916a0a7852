package io.axnn;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.axnn.testing.Tiers;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContextTest {

  @Test
  void theDefaultIsTheHighestTierThatRuns() {
    List<Tier> available = Tiers.available();
    assertThat(available).contains(Tier.SCALAR);
    try (Context context = Context.create()) {
      assertThat(context.tier()).isEqualTo(available.get(available.size() - 1));
      assertThat(context.threads()).isPositive();
    }
  }

  @Test
  void avx2IsThereWhereTheProcessorHasIt() {
    assumeThat(System.getenv("AXNN_MAX_ISA")).isNull();
    boolean has =
        Axnn.cpuFeatures().containsAll(List.of("AVX2", "FMA", "F16C", "POPCNT", "BMI1", "BMI2"));
    assertThat(Tiers.available().contains(Tier.AVX2)).isEqualTo(has);
  }

  @Test
  void usesTheThreadsThatItIsTold() {
    try (Context context = Context.builder().threads(3).tier(Tier.SCALAR).build()) {
      assertThat(context.threads()).isEqualTo(3);
      assertThat(context.tier()).isEqualTo(Tier.SCALAR);
    }
  }

  @Test
  void aTierThatDoesNotRunIsRefusedByName() {
    for (Tier tier : Tier.values()) {
      if (!Tiers.available().contains(tier)) {
        assertThatThrownBy(() -> Context.builder().tier(tier).build())
            .isInstanceOf(AxnnException.class)
            .hasMessageContaining(tier.name().toLowerCase());
      }
    }
  }

  @Test
  void refusesThreadsThatAreNone() {
    for (int threads : new int[] {0, -1, 1025, Integer.MIN_VALUE}) {
      assertIllegalArgument(
          () -> Context.builder().threads(threads).build(),
          "threads",
          Integer.toString(threads),
          "1024");
    }
  }

  @Test
  void theLibrarySaysWhatItIs() {
    assertThat(Axnn.version()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(Axnn.abiVersion()).isEqualTo(4);
    assertThat(Axnn.cpuFeatures())
        .isSubsetOf(
            "AVX2",
            "FMA",
            "F16C",
            "POPCNT",
            "BMI1",
            "BMI2",
            "AVX512F",
            "AVX512BW",
            "AVX512DQ",
            "AVX512VL",
            "AVX512VBMI",
            "AVX512VNNI",
            "AVX512VPOPCNTDQ",
            "AVX512BITALG");
  }
}
