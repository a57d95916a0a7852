package io.axnn.multiplier;

import io.axnn.multiplier.ProductStructure.Term;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntBinaryOperator;
import java.util.stream.Collectors;

/**
 * An array multiplier that lacks some of its partial products: cell (i, j) is bit i of a and bit j
 * of b, of weight 2^(i + j); for two's complement a cell with one of the two uppermost bits counts
 * negative.
 */
final class PartialProducts implements MultiplierModel {

  /** Whether a cell is there. */
  interface Cells {
    boolean contains(int i, int j);
  }

  private final Operand operand;

  /** For each bit of a, the bits of b that it is multiplied with. */
  private final int[] rows;

  PartialProducts(Operand operand, Cells cells) {
    this.operand = operand;
    rows = masks(operand.bits(), (i, j) -> cells.contains(i, j) ? 1 : 0);
  }

  /** For each i, the j's where {@code cell} is 1, as bits. */
  private static int[] masks(int bits, IntBinaryOperator cell) {
    int[] masks = new int[bits];
    for (int i = 0; i < bits; i++) {
      for (int j = 0; j < bits; j++) {
        masks[i] |= cell.applyAsInt(i, j) << j;
      }
    }
    return masks;
  }

  @Override
  public Operand rowOperand() {
    return operand;
  }

  @Override
  public Operand columnOperand() {
    return operand;
  }

  @Override
  public long product(int a, int b) {
    long sum = 0;
    for (int i = 0; i < rows.length; i++) {
      sum += (long) masked(a, 1 << i) * masked(b, rows[i]);
    }
    return sum;
  }

  /** What some bits of an operand are worth. */
  private int masked(int value, int mask) {
    int kept = value & mask;
    return kept > operand.max() ? kept - operand.count() : kept;
  }

  /** The cells themselves, so that two ways to leave out the same ones are one multiplier. */
  @Override
  public String text() {
    return Arrays.stream(rows)
        .mapToObj(Integer::toHexString)
        .collect(Collectors.joining(" ", "partial-products ", ""));
  }

  /** One term for each set of bits that bits of the other operand have in common. */
  @Override
  public Optional<ProductStructure> structure() {
    int[] columns = masks(rows.length, (j, i) -> rows[i] >> j & 1);
    Map<Integer, Integer> byRows = bitsByMask(rows);
    Map<Integer, Integer> byColumns = bitsByMask(columns);
    return Optional.of(
        byRows.size() <= byColumns.size()
            ? ProductStructure.of(
                byRows.entrySet().stream()
                    .map(group -> term(group.getValue(), group.getKey()))
                    .toArray(Term[]::new))
            : ProductStructure.of(
                byColumns.entrySet().stream()
                    .map(group -> term(group.getKey(), group.getValue()))
                    .toArray(Term[]::new)));
  }

  private Term term(int rowMask, int columnMask) {
    return new Term(1, a -> masked(a, rowMask), b -> masked(b, columnMask));
  }

  /** The bits that have each mask; those without partial products are left out. */
  private static Map<Integer, Integer> bitsByMask(int[] masks) {
    Map<Integer, Integer> bits = new LinkedHashMap<>();
    for (int bit = 0; bit < masks.length; bit++) {
      if (masks[bit] != 0) {
        bits.merge(masks[bit], 1 << bit, (known, one) -> known | one);
      }
    }
    return bits;
  }
}
