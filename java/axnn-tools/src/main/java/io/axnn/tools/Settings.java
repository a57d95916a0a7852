package io.axnn.tools;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a network computes with: an arithmetic for plain layers, one for binary layers, exceptions
 * by layer name, and the activation ranges that layers with codes need. Immutable.
 */
public final class Settings {
  private final Arithmetic layers;
  private final Arithmetic binaryLayers;
  private final Map<String, Arithmetic> exceptions;
  private final Calibration calibration;

  private Settings(
      Arithmetic layers,
      Arithmetic binaryLayers,
      Map<String, Arithmetic> exceptions,
      Calibration calibration) {
    this.layers = layers;
    this.binaryLayers = binaryLayers;
    this.exceptions = exceptions;
    this.calibration = calibration;
  }

  /**
   * The same arithmetic for every layer, binary ones too (they run as convolutions of signs).
   *
   * @param layers any but binary, which fits binary layers only
   * @return the settings
   */
  public static Settings of(Arithmetic layers) {
    Objects.requireNonNull(layers, "layers");
    if (layers instanceof Arithmetic.Binary) {
      throw new IllegalArgumentException(
          "layers is binary, which fits binary layers only; choose another arithmetic for the plain"
              + " ones and use withBinaryLayers");
    }
    return new Settings(layers, layers, Map.of(), null);
  }

  /**
   * These settings with another arithmetic for the binary layers.
   *
   * @param arithmetic any
   * @return the new settings
   */
  public Settings withBinaryLayers(Arithmetic arithmetic) {
    Objects.requireNonNull(arithmetic, "arithmetic");
    return new Settings(layers, arithmetic, exceptions, calibration);
  }

  /**
   * These settings with another arithmetic for one layer.
   *
   * @param name the layer's name in {@link Model#layers()}
   * @param arithmetic any that fits the layer
   * @return the new settings
   */
  public Settings withLayer(String name, Arithmetic arithmetic) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(arithmetic, "arithmetic");
    Map<String, Arithmetic> more = new LinkedHashMap<>(exceptions);
    more.put(name, arithmetic);
    return new Settings(layers, binaryLayers, Map.copyOf(more), calibration);
  }

  /**
   * These settings with activation ranges, which every layer with codes needs but one whose input
   * the file quantises.
   *
   * @param ranges what {@link Network#calibrate} of the same model gave
   * @return the new settings
   */
  public Settings withCalibration(Calibration ranges) {
    Objects.requireNonNull(ranges, "ranges");
    return new Settings(layers, binaryLayers, exceptions, ranges);
  }

  /**
   * These settings with the arithmetic in the place of each that a layer's error is measured
   * against: exact products of the same codes for a multiplier, float32 for everything else.
   *
   * @return the new settings
   */
  public Settings exact() {
    Map<String, Arithmetic> others = new LinkedHashMap<>();
    exceptions.forEach((name, arithmetic) -> others.put(name, exact(arithmetic)));
    return new Settings(exact(layers), exact(binaryLayers), Map.copyOf(others), calibration);
  }

  private static Arithmetic exact(Arithmetic arithmetic) {
    return switch (arithmetic) {
      case Arithmetic.Approximate approximate -> approximate.exact();
      case Arithmetic.Noisy noisy -> noisy.of().exact();
      case Arithmetic.Quantized ignored -> Arithmetic.float32();
      case Arithmetic.Float32 ignored -> Arithmetic.float32();
      case Arithmetic.Binary ignored -> Arithmetic.float32();
    };
  }

  /**
   * The arithmetic that a layer gets.
   *
   * @param layer one of {@link Model#layers()}
   * @return the one named for it, else that of its kind
   */
  public Arithmetic arithmetic(LayerInfo layer) {
    return exceptions.getOrDefault(layer.name(), layer.binary() ? binaryLayers : layers);
  }

  /**
   * The layers that have an arithmetic of their own.
   *
   * @return by layer name
   */
  public Map<String, Arithmetic> exceptions() {
    return exceptions;
  }

  /**
   * The activation ranges.
   *
   * @return empty if none were given
   */
  public Optional<Calibration> calibration() {
    return Optional.ofNullable(calibration);
  }
}
