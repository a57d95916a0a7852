package io.axnn.layers;

/** The native plans that one approximate layer can need. */
enum PlanKind {
  /** Float32 products of the float weights. */
  FLOAT,
  /** Exact products of the codes. */
  EXACT,
  /** Products of the multiplier's table. */
  TABLE
}
