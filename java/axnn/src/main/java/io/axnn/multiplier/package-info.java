/**
 * Approximate hardware multipliers as tables of all their products: {@link
 * io.axnn.multiplier.Multiplier}.
 */
package io.axnn.multiplier;
