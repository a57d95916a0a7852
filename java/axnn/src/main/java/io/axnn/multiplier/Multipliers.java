package io.axnn.multiplier;

import io.axnn.internal.Check;
import java.util.Objects;

/**
 * The approximate multipliers of the literature, of two operands of the same width and signedness:
 *
 * <pre>{@code
 * Multiplier truncated = Multipliers.of(8, Signedness.TWOS_COMPLEMENT).truncated(4);
 * Multiplier drum = Multipliers.of(16, Signedness.SIGN_MAGNITUDE).drum(6);
 * }</pre>
 *
 * <p>Families that drop partial products take every {@link Signedness}. The others are defined for
 * unsigned numbers and refuse {@link Signedness#TWOS_COMPLEMENT}.
 *
 * <p>Families that approximate operands or drop partial products have an exact {@link
 * ProductStructure}, by which layers run above 8 bits too. Those that approximate the accumulation
 * (logarithms, ORs, an output floor) have none: above 8 bits they give products and error figures,
 * but no layer.
 *
 * <p>In the formulas below a leading one is the uppermost bit of an operand that is 1, and a = 2^ka
 * (1 + fa) with 0 &lt;= fa &lt; 1. Immutable, safe for use by many threads. Every method makes a
 * new multiplier; close it after layers were made with it.
 */
public final class Multipliers {

  private static final int MIN_BITS = 4;

  private final int bits;
  private final Signedness signedness;

  private Multipliers(int bits, Signedness signedness) {
    this.bits = bits;
    this.signedness = signedness;
  }

  /**
   * The families at one width.
   *
   * @param bits width of both operands, 4 to 16
   * @param signedness how signs are treated; the same family gives other products in each way
   * @return the families
   * @throws IllegalArgumentException if bits is not in 4..16
   */
  public static Multipliers of(int bits, Signedness signedness) {
    Objects.requireNonNull(signedness, "signedness");
    return new Multipliers(Check.range("bits", bits, MIN_BITS, Operand.MAX_BITS), signedness);
  }

  /**
   * Signed use of some unsigned multiplier, as one of EvoApproxLib's {@code mul8u}.
   *
   * @param unsigned a multiplier of two unsigned operands; may be closed
   * @param signedness {@link Signedness#SIGN_MAGNITUDE} or {@link Signedness#ZERO_POINT}
   * @return a multiplier of two signed operands of the same widths
   * @throws IllegalArgumentException if an operand is signed already or signedness is another
   */
  public static Multiplier signed(Multiplier unsigned, Signedness signedness) {
    Objects.requireNonNull(unsigned, "unsigned");
    Objects.requireNonNull(signedness, "signedness");
    if (unsigned.rowOperand().signed() || unsigned.columnOperand().signed()) {
      throw new IllegalArgumentException(
          "unsigned is " + unsigned + " with a signed operand, but both must be unsigned");
    }
    if (signedness == Signedness.UNSIGNED) {
      throw new IllegalArgumentException(
          "signedness is UNSIGNED, but must be SIGN_MAGNITUDE or ZERO_POINT");
    }
    MultiplierModel model = unsigned.model().orElseGet(() -> new TableModel(unsigned));
    return signed(model, signedness, unsigned.name());
  }

  // ---- Partial products ------------------------------------------------------------------------

  /**
   * The exact product. All ways to be signed are the same here.
   *
   * @return a * b
   */
  public Multiplier exact() {
    boolean signed = signedness != Signedness.UNSIGNED;
    return Multiplier.fromModel(new PartialProducts(new Operand(bits, signed), (i, j) -> true))
        .withName("exact");
  }

  /**
   * The broken-array multiplier: an array multiplier without the partial products of the lowest
   * bits of either operand and of the lowest columns. Cell (i, j), bit i of a times bit j of b, is
   * kept if {@code i >= rowsOfA && j >= rowsOfB && i + j >= columns}. All 13 signed 8 x 8 circuits
   * of EvoApproxLib are such arrays.
   *
   * <p>H. R. Mahdiani et al., "Bio-Inspired Imprecise Computational Blocks for Efficient VLSI
   * Implementation of Soft-Computing Applications", IEEE TCAS I, 2010.
   *
   * @param rowsOfA lowest bits of a that are left out, 0..bits
   * @param rowsOfB lowest bits of b that are left out, 0..bits
   * @param columns lowest columns that are left out, 0..2 * bits - 1
   * @return the multiplier
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public Multiplier brokenArray(int rowsOfA, int rowsOfB, int columns) {
    Check.range("rowsOfA", rowsOfA, 0, bits);
    Check.range("rowsOfB", rowsOfB, 0, bits);
    Check.range("columns", columns, 0, 2 * bits - 1);
    return array(
        "brokenArray(" + rowsOfA + "," + rowsOfB + "," + columns + ")",
        (i, j) -> i >= rowsOfA && j >= rowsOfB && i + j >= columns);
  }

  /**
   * {@link #brokenArray} without the lowest columns: the truncated multiplier without correction.
   *
   * @param columns lowest columns that are left out, 0..2 * bits - 1
   * @return the multiplier
   * @throws IllegalArgumentException if columns is outside its range
   */
  public Multiplier truncated(int columns) {
    Check.range("columns", columns, 0, 2 * bits - 1);
    return array("truncated(" + columns + ")", (i, j) -> i + j >= columns);
  }

  /**
   * {@link #brokenArray} without the lowest bits of the operands.
   *
   * @param bitsOfA lowest bits of a taken as 0, 0..bits
   * @param bitsOfB lowest bits of b taken as 0, 0..bits
   * @return the multiplier
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public Multiplier operandMasked(int bitsOfA, int bitsOfB) {
    Check.range("bitsOfA", bitsOfA, 0, bits);
    Check.range("bitsOfB", bitsOfB, 0, bits);
    return array(
        "operandMasked(" + bitsOfA + "," + bitsOfB + ")", (i, j) -> i >= bitsOfA && j >= bitsOfB);
  }

  /**
   * Partial product perforation: some successive rows of the array are left out. With {@code first}
   * = 0 it is {@link #brokenArray} with that many rows of b.
   *
   * <p>G. Zervakis et al., "Design-Efficient Approximate Multiplication Circuits Through Partial
   * Product Perforation", IEEE TVLSI, 2016.
   *
   * @param first lowest bit of b whose row is left out, 0..bits - 1
   * @param count how many rows are left out, 0..bits - first
   * @return the multiplier
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public Multiplier perforated(int first, int count) {
    Check.range("first", first, 0, bits - 1);
    Check.range("count", count, 0, bits - first);
    return array(
        "perforated(" + first + "," + count + ")", (i, j) -> j < first || j >= first + count);
  }

  private Multiplier array(String name, PartialProducts.Cells cells) {
    if (signedness == Signedness.TWOS_COMPLEMENT) {
      return Multiplier.fromModel(new PartialProducts(Operand.signed(bits), cells)).withName(name);
    }
    return signed(new PartialProducts(Operand.unsigned(bits), cells), signedness, name);
  }

  // ---- Approximate operands --------------------------------------------------------------------

  /**
   * DRUM: of each operand the k bits from the leading one, the last of them set to 1 where bits
   * were cut off; so the error has almost no bias.
   *
   * <p>S. Hashemi et al., "DRUM: A Dynamic Range Unbiased Multiplier for Approximate Applications",
   * ICCAD 2015.
   *
   * @param k bits that are multiplied, 2..bits
   * @return the multiplier
   * @throws IllegalArgumentException if k is outside its range
   */
  public Multiplier drum(int k) {
    return wrapped(OperandSegments.drum(bits, Check.range("k", k, 2, bits)));
  }

  /**
   * SSM, the static segment method: of each operand the lower m bits if the others are 0, else the
   * upper m bits.
   *
   * <p>S. Narayanamoorthy et al., "Energy-Efficient Approximate Multiplication for Digital Signal
   * Processing and Classification Applications", IEEE TVLSI, 2015.
   *
   * @param m bits that are multiplied, at least half of the width: (bits + 1) / 2..bits
   * @return the multiplier
   * @throws IllegalArgumentException if m is outside its range
   */
  public Multiplier ssm(int m) {
    return wrapped(OperandSegments.staticSegment(bits, Check.range("m", m, (bits + 1) / 2, bits)));
  }

  /**
   * DSM, the dynamic segment method: of each operand the m bits from the leading one, without
   * DRUM's correction.
   *
   * <p>S. Narayanamoorthy et al., as {@link #ssm}.
   *
   * @param m bits that are multiplied, 1..bits
   * @return the multiplier
   * @throws IllegalArgumentException if m is outside its range
   */
  public Multiplier dsm(int m) {
    return wrapped(OperandSegments.dynamicSegment(bits, Check.range("m", m, 1, bits)));
  }

  /**
   * RoBA: with the operands rounded to powers of two, A and B, it is {@code A * b + B * a - A * B},
   * three shifts and two additions. 3 * 2^n rounds up to 2^(n + 2) but for 3 itself, which rounds
   * to 2.
   *
   * <p>R. Zendegani et al., "RoBA Multiplier: A Rounding-Based Approximate Multiplier for
   * High-Speed yet Energy-Efficient Digital Signal Processing", IEEE TVLSI, 2017. Its signed form
   * (S-RoBA) is {@link Signedness#SIGN_MAGNITUDE}.
   *
   * @return the multiplier
   */
  public Multiplier roba() {
    return wrapped(ResidueProducts.roba(bits));
  }

  /**
   * ILM, the iterative logarithmic multiplier: each stage adds {@code 2^ka * b + (a - 2^ka) * 2^kb}
   * and hands the operands without their leading ones to the next.
   *
   * <p>Z. Babic, A. Avramovic and P. Bulic, "An Iterative Logarithmic Multiplier", Microprocessors
   * and Microsystems, 2011.
   *
   * @param stages 1 without a correction, up to bits, which is exact
   * @return the multiplier
   * @throws IllegalArgumentException if stages is outside its range
   */
  public Multiplier ilm(int stages) {
    return wrapped(
        ResidueProducts.iterativeLogarithmic(bits, Check.range("stages", stages, 1, bits)));
  }

  /**
   * UDM, the underdesigned multiplier: made of 2 x 2 blocks that give 3 * 3 = 7.
   *
   * <p>P. Kulkarni, P. Gupta and M. Ercegovac, "Trading Accuracy for Power with an Underdesigned
   * Multiplier Architecture", VLSI Design 2011.
   *
   * @return the multiplier
   * @throws IllegalArgumentException if the width is odd
   */
  public Multiplier udm() {
    if (bits % 2 != 0) {
      throw new IllegalArgumentException("bits is " + bits + ", but must be even for udm");
    }
    return wrapped(ResidueProducts.underdesigned(bits));
  }

  /**
   * TOSAM: {@code floor(2^(ka + kb) * (1 + ta + tb + ha * hb))}, where ta is the fraction fa cut to
   * t bits and ha is fa cut to h bits with 2^-(h + 1) added.
   *
   * <p>S. Vahdat et al., "TOSAM: An Energy-Efficient Truncation- and Rounding-Based Scalable
   * Approximate Multiplier", IEEE TVLSI, 2019.
   *
   * @param h bits that are multiplied, 0..t - 1
   * @param t bits that are added, 1..bits - 1
   * @return the multiplier
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public Multiplier tosam(int h, int t) {
    checkTosam(h, t);
    return wrapped(Tosam.withOutputFloor(bits, h, t));
  }

  /**
   * {@link #tosam} without the floor at its output, which gives it an exact structure of three
   * terms: {@code 2^(ka + kb) * (1 + ta + tb) + floor(2^ka * ha) * floor(2^kb * hb)}. It differs
   * from {@link #tosam} only where an operand is below 2^(h + 1), and is nearer to the exact
   * product there.
   *
   * @param h bits that are multiplied, 0..t - 1
   * @param t bits that are added, 1..bits - 1
   * @return the multiplier
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public Multiplier tosamWithoutOutputFloor(int h, int t) {
    checkTosam(h, t);
    return wrapped(Tosam.withoutOutputFloor(bits, h, t));
  }

  private void checkTosam(int h, int t) {
    Check.range("t", t, 1, bits - 1);
    Check.range("h", h, 0, t - 1);
  }

  // ---- Approximate accumulation ----------------------------------------------------------------

  /**
   * Mitchell's logarithmic multiplier: log2(a) is taken as ka + fa. The product is never too large,
   * and at most one ninth too small.
   *
   * <p>J. N. Mitchell, "Computer Multiplication and Division Using Binary Logarithms", IRE
   * Transactions on Electronic Computers, 1962.
   *
   * @return the multiplier
   */
  public Multiplier mitchell() {
    return wrapped(LogarithmicMultipliers.mitchell(bits));
  }

  /**
   * MBM, the minimally biased multiplier: {@link #mitchell} and {@code floor(2^(ka + kb) * 5 /
   * 64)}. The paper's constant is 0.0833; 5/64 is that in six bits, which gives the published
   * error.
   *
   * <p>H. Saadat, H. Bokhari and S. Parameswaran, "Minimally Biased Multipliers for Approximate
   * Integer and Floating-Point Multiplication", IEEE TCAD, 2018.
   *
   * @return the multiplier
   */
  public Multiplier mbm() {
    return wrapped(LogarithmicMultipliers.minimallyBiased(bits));
  }

  /**
   * ALM-SOA, the approximate logarithmic multiplier with a set-one adder: {@link #mitchell} with
   * the lowest m bits of the sum of logarithms set to 1; the carry out of them is the AND of the
   * uppermost two bits there.
   *
   * <p>W. Liu et al., "Design and Evaluation of Approximate Logarithmic Multipliers for Low Power
   * Error-Tolerant Applications", IEEE TCAS I, 2018.
   *
   * @param m bits set to 1, 0..bits - 1
   * @return the multiplier
   * @throws IllegalArgumentException if m is outside its range
   */
  public Multiplier almSoa(int m) {
    return wrapped(LogarithmicMultipliers.setOneAdder(bits, Check.range("m", m, 0, bits - 1)));
  }

  /**
   * The rows of the array are added one after the other by lower-part-OR adders: the lowest columns
   * of a sum are the OR of both numbers, and the carry out of them is the AND of their uppermost
   * bits.
   *
   * <p>H. R. Mahdiani et al., as {@link #brokenArray}.
   *
   * @param columns lowest columns that are ORed, 0..2 * bits - 1
   * @return the multiplier
   * @throws IllegalArgumentException if columns is outside its range
   */
  public Multiplier loa(int columns) {
    return wrapped(
        ApproximateAccumulation.lowerPartOr(
            bits, Check.range("columns", columns, 0, 2 * bits - 1)));
  }

  /**
   * In the lowest columns of the array the partial products are ORed, and nothing is carried out of
   * them; the others are added exactly.
   *
   * <p>After the lower-part OR of H. R. Mahdiani et al., as {@link #brokenArray}.
   *
   * @param columns lowest columns that are ORed, 0..2 * bits - 1
   * @return the multiplier
   * @throws IllegalArgumentException if columns is outside its range
   */
  public Multiplier orColumns(int columns) {
    return wrapped(
        ApproximateAccumulation.orColumns(bits, Check.range("columns", columns, 0, 2 * bits - 1)));
  }

  private Multiplier wrapped(MultiplierModel unsigned) {
    return signed(unsigned, signedness, unsigned.text());
  }

  private static Multiplier signed(
      MultiplierModel unsigned, Signedness signedness, String unsignedName) {
    return Multiplier.fromModel(SignedUse.of(unsigned, signedness))
        .withName(signedness.prefix() + unsignedName);
  }

  /** The products of a table, known by its identity. */
  private record TableModel(Multiplier table) implements MultiplierModel {

    @Override
    public Operand rowOperand() {
      return table.rowOperand();
    }

    @Override
    public Operand columnOperand() {
      return table.columnOperand();
    }

    @Override
    public long product(int a, int b) {
      return table.longProduct(a, b);
    }

    @Override
    public String text() {
      return "table " + table.identity();
    }
  }
}
