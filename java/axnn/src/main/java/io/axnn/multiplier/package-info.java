/**
 * Approximate hardware multipliers: {@link io.axnn.multiplier.Multiplier} is one, {@link
 * io.axnn.multiplier.Multipliers} makes those of the literature, {@link
 * io.axnn.multiplier.EvoApprox} circuits of EvoApproxLib, and {@link
 * io.axnn.multiplier.ErrorFigures} says how far one is from the exact product.
 */
package io.axnn.multiplier;
