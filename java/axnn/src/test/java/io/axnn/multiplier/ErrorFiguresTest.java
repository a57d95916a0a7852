package io.axnn.multiplier;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.axnn.testing.Seeds;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ErrorFiguresTest {

  private static final Offset<Double> TINY = within(1e-12);
  private static final Operand TWO_BITS = new Operand(2, false);

  @Test
  void theExactMultiplierHasNoError() {
    assertThat(ErrorFigures.of(Multiplier.exact()))
        .isEqualTo(new ErrorFigures(16, 65536, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    assertThat(ErrorFigures.of(Multiplier.exact(), 0, 0, -128, 127).mre()).isZero();
  }

  /** Errors -1, 0, 1, 2 for the four values of b. */
  @Test
  void errorsOfKnownDistributionGiveItsNumbers() {
    Multiplier multiplier =
        Multiplier.fromFunction("m", new Operand(8, true), TWO_BITS, (a, b) -> a * b + b - 1);
    ErrorFigures all = ErrorFigures.of(multiplier);
    assertThat(all.pairs()).isEqualTo(1024);
    assertThat(all.productBits()).isEqualTo(10);
    assertThat(all.bias()).isCloseTo(0.5, TINY);
    assertThat(all.variance()).isCloseTo(1.25, TINY);
    assertThat(all.standardDeviation()).isCloseTo(Math.sqrt(1.25), TINY);
    assertThat(all.mae()).isCloseTo(1, TINY);
    assertThat(all.maePercent()).isCloseTo(100.0 / 1024, TINY);
    assertThat(all.mse()).isCloseTo(1.5, TINY);
    assertThat(all.wce()).isEqualTo(2);
    assertThat(all.wcePercent()).isCloseTo(200.0 / 1024, TINY);
    assertThat(all.ep()).isCloseTo(0.75, TINY);
    assertThat(all.epPercent()).isCloseTo(75, TINY);
    ErrorFigures some = ErrorFigures.of(multiplier, -3, 5, 0, 1);
    assertThat(some.bias()).isCloseTo(-0.5, TINY);
    assertThat(some.standardDeviation()).isCloseTo(0.5, TINY);
  }

  /** Of 3 x 3 pairs of 0, 1, 2 only 2 * 2 and 0 * 0 are wrong: by 1 of 4, and by 1 of 0. */
  @Test
  void theTwoMeanRelativeErrorsDifferInWhatTheyAreTakenOver() {
    Multiplier multiplier =
        Multiplier.fromFunction(
            "m", TWO_BITS, TWO_BITS, (a, b) -> a * b + (a == b && a != 1 ? 1 : 0));
    ErrorFigures figures = ErrorFigures.of(multiplier, 0, 2, 0, 2);
    assertThat(figures.mre()).isCloseTo(0.25 / 4, TINY);
    assertThat(figures.mrePercent()).isCloseTo(25.0 / 4, TINY);
    assertThat(figures.mreOfAllPairs()).isCloseTo(0.25 / 9, TINY);
    assertThat(figures.wcre()).isEqualTo(0.25);
    assertThat(figures.wcrePercent()).isEqualTo(25);
    assertThat(figures.ep()).isCloseTo(2.0 / 9, TINY);
  }

  @Test
  void equalWeightsGiveTheFiguresOfAllPairs() {
    Multiplier multiplier = Multipliers.of(8, Signedness.SIGN_MAGNITUDE).drum(3);
    double[] ones = new double[256];
    Arrays.fill(ones, 3);
    ErrorFigures all = ErrorFigures.of(multiplier);
    ErrorFigures weighted = ErrorFigures.weighted(multiplier, ones, ones);
    assertThat(weighted.pairs()).isEqualTo(all.pairs());
    assertThat(weighted.wce()).isEqualTo(all.wce());
    assertThat(weighted.wcre()).isEqualTo(all.wcre());
    assertThat(weighted.mae()).isCloseTo(all.mae(), within(1e-9));
    assertThat(weighted.mse()).isCloseTo(all.mse(), within(1e-6));
    assertThat(weighted.mre()).isCloseTo(all.mre(), TINY);
    assertThat(weighted.bias()).isCloseTo(all.bias(), within(1e-9));
  }

  /** Weights that are whole numbers are as if pairs were there that often. */
  @Test
  void weightsCountPairs() {
    Random random = Seeds.random("ErrorFiguresTest");
    int[] table = random.ints(65536, -50, 50).toArray();
    Operand row = new Operand(3, true);
    Multiplier multiplier = Multiplier.ofTable("random", row, TWO_BITS, table);
    double[] rowWeights = random.ints(8, 0, 4).asDoubleStream().toArray();
    rowWeights[2] = 5;
    double[] columnWeights = {0, 2, 1, 3};
    double weight = 0;
    double nonzero = 0;
    double mae = 0;
    double mre = 0;
    double bias = 0;
    double worst = 0;
    for (int a = -4; a < 4; a++) {
      for (int b = 0; b < 4; b++) {
        double w = rowWeights[a + 4] * columnWeights[b];
        double error = multiplier.product(a, b) - a * b;
        weight += w;
        mae += w * Math.abs(error);
        bias += w * error;
        worst = w > 0 ? Math.max(worst, Math.abs(error)) : worst;
        if (a * b != 0) {
          nonzero += w;
          mre += w * Math.abs(error / (a * b));
        }
      }
    }
    ErrorFigures figures = ErrorFigures.weighted(multiplier, rowWeights, columnWeights);
    assertThat(figures.mae()).isCloseTo(mae / weight, within(1e-9));
    assertThat(figures.bias()).isCloseTo(bias / weight, within(1e-9));
    assertThat(figures.mre()).isCloseTo(mre / nonzero, within(1e-9));
    assertThat(figures.mreOfAllPairs()).isCloseTo(mre / weight, within(1e-9));
    assertThat(figures.wce()).isEqualTo(worst);
  }

  @Test
  void threadsDoNotShow() throws Exception {
    Multiplier multiplier = Multipliers.of(10, Signedness.SIGN_MAGNITUDE).mitchell();
    try (ForkJoinPool one = new ForkJoinPool(1);
        ForkJoinPool three = new ForkJoinPool(3)) {
      assertThat(one.submit(() -> ErrorFigures.of(multiplier)).get())
          .isEqualTo(three.submit(() -> ErrorFigures.of(multiplier)).get());
      assertThat(one.submit(() -> ErrorFigures.ofSample(multiplier, 12345, 1)).get())
          .isEqualTo(three.submit(() -> ErrorFigures.ofSample(multiplier, 12345, 1)).get());
    }
  }

  @Test
  void aSampleResemblesTheWhole() {
    Multiplier multiplier = Multipliers.of(12, Signedness.SIGN_MAGNITUDE).drum(5);
    ErrorFigures all = ErrorFigures.of(multiplier);
    ErrorFigures sample = ErrorFigures.ofSample(multiplier, 1 << 20, 5);
    assertThat(all.pairs()).isEqualTo(1L << 24);
    assertThat(sample.pairs()).isEqualTo(1 << 20);
    assertThat(sample.mre()).isCloseTo(all.mre(), within(0.005 * all.mre()));
    assertThat(sample.mae()).isCloseTo(all.mae(), within(0.005 * all.mae()));
    assertThat(sample.variance()).isCloseTo(all.variance(), within(0.02 * all.variance()));
    assertThat(sample.wce()).isLessThanOrEqualTo(all.wce()).isGreaterThan(all.mae());
    assertThat(ErrorFigures.ofSample(multiplier, 1 << 20, 5)).isEqualTo(sample);
    assertThat(ErrorFigures.ofSample(multiplier, 1 << 20, 6)).isNotEqualTo(sample);
    assertThat(ErrorFigures.ofSample(multiplier, 3, 6).pairs()).isEqualTo(3);
  }

  @Test
  void errorsBeyondThirtyTwoBitsCount() {
    Multiplier nothing = Multipliers.of(16, Signedness.UNSIGNED).brokenArray(16, 0, 0);
    ErrorFigures figures = ErrorFigures.of(nothing, 65535, 65535, 65534, 65535);
    assertThat(figures.wce()).isEqualTo(65535.0 * 65535.0);
    assertThat(figures.mae()).isEqualTo(65535.0 * 65534.5);
    assertThat(figures.bias()).isEqualTo(-65535.0 * 65534.5);
    assertThat(figures.mre()).isEqualTo(1);
  }

  @Test
  void refusesBadRangesWeightsAndCounts() {
    Multiplier exact = Multiplier.exact();
    assertIllegalArgument(() -> ErrorFigures.of(exact, 0, 128, 0, 1), "rowMax", "128", "127");
    assertIllegalArgument(() -> ErrorFigures.of(exact, -129, 0, 0, 1), "rowMin", "-129", "-128");
    assertIllegalArgument(() -> ErrorFigures.of(exact, 0, 1, 3, 2), "columnMax", "2", "3");
    assertIllegalArgument(() -> ErrorFigures.ofSample(exact, 0, 1), "pairs", "0", "1");
    double[] good = new double[256];
    good[7] = 1;
    assertIllegalArgument(
        () -> ErrorFigures.weighted(exact, new double[255], good), "rowWeights", "255", "256");
    assertIllegalArgument(
        () -> ErrorFigures.weighted(exact, good, new double[256]), "columnWeights", "sums to 0");
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      double[] weights = good.clone();
      weights[9] = bad;
      assertIllegalArgument(
          () -> ErrorFigures.weighted(exact, good, weights), "columnWeights[9]", "" + bad);
    }
  }
}
