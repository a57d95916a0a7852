package io.axnn.tools;

import io.axnn.layers.ZeroPointCorrection;
import io.axnn.multiplier.Multiplier;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * How the activations of all layers become codes; makes the arithmetic of any multiplier.
 *
 * @param affineInput true for affine codes, false for zero point 0
 * @param zeroPointCorrection how affine zero points are taken out of the sums
 */
public record LayerCodes(boolean affineInput, ZeroPointCorrection zeroPointCorrection) {
  /** Refuses null. */
  public LayerCodes {
    Objects.requireNonNull(zeroPointCorrection, "zeroPointCorrection");
  }

  /**
   * The arithmetic of a multiplier.
   *
   * @param multiplier stays the caller's
   * @return its products of these codes
   */
  public Arithmetic.Approximate approximate(Multiplier multiplier) {
    return new Arithmetic.Approximate(multiplier, affineInput, zeroPointCorrection);
  }

  /**
   * Exact products of 8-bit codes.
   *
   * @return the arithmetic
   */
  public Arithmetic.Quantized quantized() {
    return affineInput ? Arithmetic.quantized().withAffineInput() : Arithmetic.quantized();
  }

  /**
   * The settings that give layers a multiplier each.
   *
   * @param multipliers by layer name; stay the caller's
   * @return exact products in all other layers
   */
  public Settings settings(Map<String, Multiplier> multipliers) {
    Settings settings = Settings.of(quantized());
    for (Map.Entry<String, Multiplier> layer : multipliers.entrySet()) {
      settings = settings.withLayer(layer.getKey(), approximate(layer.getValue()));
    }
    return settings;
  }

  /** In words. */
  @Override
  public String toString() {
    return affineInput
        ? "affine, corrected by " + zeroPointCorrection.name().toLowerCase(Locale.ROOT)
        : "zero point 0";
  }
}
