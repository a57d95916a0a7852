package io.axnn.layers;

/**
 * Whether an approximate layer may compute its sums through the exact structure of its multiplier
 * ({@link io.axnn.multiplier.Multiplier#structure}): as exact integer products of functions of one
 * operand each, a pass a term. The sums are the same bits as those of the table; only the time
 * differs.
 */
public enum StructureUse {
  /**
   * Where it is expected to be faster than the table, which a model of costs decides for each input
   * shape; {@link Layer#explain} says what and why.
   */
  AUTO,
  /** Always the table. Multipliers of more than 8 bits have none, so a layer of them is refused. */
  NEVER,
  /** Always the structure. A layer of a multiplier that has none is refused. */
  ALWAYS
}
