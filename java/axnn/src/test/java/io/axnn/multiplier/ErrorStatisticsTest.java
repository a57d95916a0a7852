package io.axnn.multiplier;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ErrorStatisticsTest {

  @Test
  void theExactMultiplierHasNoError() {
    try (Multiplier exact = Multiplier.exact()) {
      assertThat(ErrorStatistics.of(exact)).isEqualTo(new ErrorStatistics(0, 0));
    }
  }

  @Test
  void errorsOfKnownDistributionGiveItsNumbers() {
    // Errors -1, 0, 1, 2 for the four values of b: mean 1/2, variance 5/4.
    try (Multiplier multiplier =
        Multiplier.fromFunction(
            "m", new Operand(8, true), new Operand(2, false), (a, b) -> a * b + b - 1)) {
      ErrorStatistics all = ErrorStatistics.of(multiplier);
      assertThat(all.mean()).isCloseTo(0.5, within(1e-12));
      assertThat(all.standardDeviation()).isCloseTo(Math.sqrt(1.25), within(1e-12));
      ErrorStatistics some = ErrorStatistics.of(multiplier, -3, 5, 0, 1);
      assertThat(some.mean()).isCloseTo(-0.5, within(1e-12));
      assertThat(some.standardDeviation()).isCloseTo(0.5, within(1e-12));
    }
  }

  @Test
  void refusesRangesOutsideTheOperands() {
    try (Multiplier exact = Multiplier.exact()) {
      assertIllegalArgument(() -> ErrorStatistics.of(exact, 0, 128, 0, 1), "rowMax", "128", "127");
      assertIllegalArgument(() -> ErrorStatistics.of(exact, 0, 1, 3, 2), "columnMax", "2", "3");
    }
  }
}
