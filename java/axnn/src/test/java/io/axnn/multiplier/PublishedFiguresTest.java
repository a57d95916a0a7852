package io.axnn.multiplier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Error figures against those that EvoApproxLib and the papers of the families print. */
class PublishedFiguresTest {

  private static final int PAIRS = 1 << 22;
  private static final long SEED = 7;

  // ---- EvoApproxLib ----------------------------------------------------------------------------

  @Test
  void thereAreNinetyNineCircuits() {
    assertThat(EvoApproxTables.circuits()).hasSize(99);
  }

  @ParameterizedTest
  @MethodSource("io.axnn.multiplier.EvoApproxTables#circuits")
  void figuresOfEvoApproxLib(EvoApproxTables.Circuit circuit) {
    Multiplier multiplier = circuit.multiplier();
    assertThat(multiplier.identity()).isEqualTo(circuit.identity());
    ErrorFigures figures = ErrorFigures.of(multiplier);
    assertPrinted("MAE", figures.mae(), circuit.mae());
    assertPrinted("MAE%", figures.maePercent(), circuit.maePercent());
    assertPrinted("WCE", figures.wce(), circuit.wce());
    assertPrinted("WCE%", figures.wcePercent(), circuit.wcePercent());
    assertPrinted("MSE", figures.mse(), circuit.mse());
    assertPrinted("EP%", figures.epPercent(), circuit.epPercent());
    assertPrinted("MRE%", figures.mrePercent(), circuit.mrePercent());
    assertPrinted("WCRE%", figures.wcrePercent(), circuit.wcrePercent());
  }

  /**
   * The library rounds some figures and cuts others: they are less than a last digit away, or a
   * little more where a percentage was made of a cut figure.
   */
  private static void assertPrinted(String figure, double computed, String printed) {
    BigDecimal number = new BigDecimal(printed);
    // Of its squared errors the library prints eight digits.
    int digits = Math.max(number.precision() - 8, 0);
    double lastDigit = Math.pow(10, digits - number.scale());
    assertThat(computed).as(figure).isCloseTo(number.doubleValue(), within(1.1 * lastDigit));
  }

  // ---- Papers, 16 bits -------------------------------------------------------------------------

  /** Mean relative error in percent; a sample of 2^22 pairs is within half a last digit or so. */
  @ParameterizedTest
  @CsvSource({
    "3, 11.9", "4, 5.9", "5, 2.94", "6, 1.47", "7, 0.73", "8, 0.37",
  })
  void drum(int k, String mre) {
    assertMre(sixteen().drum(k), mre);
  }

  @ParameterizedTest
  @CsvSource({"1, 9.41", "2, 0.99", "3, 0.107"})
  void ilm(int stages, String mre) {
    assertMre(sixteen().ilm(stages), mre);
  }

  @ParameterizedTest
  @CsvSource({"0, 2, 10.9", "5, 9, 0.26"})
  void tosam(int h, int t, String mre) {
    assertMre(sixteen().tosam(h, t), mre);
  }

  @Test
  void roba() {
    ErrorFigures figures = assertMre(sixteen().roba(), "2.89");
    assertThat(figures.wcrePercent()).isCloseTo(11.1, within(0.05));
  }

  @Test
  void mitchell() {
    ErrorFigures figures = assertMre(sixteen().mitchell(), "3.85");
    assertThat(figures.wcrePercent()).isCloseTo(11.11, within(0.005));
    assertThat(figures.bias()).isNegative();
  }

  /** The best of the earlier ones in the comparison of Saadat et al., "REALM", DATE 2020. */
  @Test
  void mbm() {
    ErrorFigures figures = assertMre(sixteen().mbm(), "2.6");
    assertThat(figures.wcrePercent()).isCloseTo(7.8, within(0.05));
  }

  /** Over all pairs, as its authors count. */
  @Test
  void udm() {
    ErrorFigures figures = ErrorFigures.of(Multipliers.of(8, Signedness.UNSIGNED).udm());
    assertThat(100 * figures.mreOfAllPairs()).isCloseTo(3.25, within(0.005));
    assertThat(figures.wcrePercent()).isCloseTo(22.2, within(0.05));
  }

  @ParameterizedTest
  @CsvSource({"4, 12.25", "6, 80.25", "8, 448.25"})
  void truncated(int columns, double mae) {
    Multiplier truncated = Multipliers.of(8, Signedness.UNSIGNED).truncated(columns);
    assertThat(ErrorFigures.of(truncated).mae()).isEqualTo(mae);
  }

  private static Multipliers sixteen() {
    return Multipliers.of(16, Signedness.UNSIGNED);
  }

  private static ErrorFigures assertMre(Multiplier multiplier, String printed) {
    ErrorFigures figures = ErrorFigures.ofSample(multiplier, PAIRS, SEED);
    BigDecimal number = new BigDecimal(printed);
    assertThat(figures.mrePercent())
        .as(multiplier.name())
        .isCloseTo(number.doubleValue(), within(0.6 * Math.pow(10, -number.scale())));
    return figures;
  }
}
