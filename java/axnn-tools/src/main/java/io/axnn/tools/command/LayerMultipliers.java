package io.axnn.tools.command;

import io.axnn.multiplier.Multiplier;
import io.axnn.tools.multipliers.MultiplierSet;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The multipliers that an assignment names, by layer. */
record LayerMultipliers(Map<String, Multiplier> multipliers, List<MultiplierSet> sets)
    implements AutoCloseable {

  /**
   * Makes each multiplier once.
   *
   * @param assignment multipliers as the command line has them, by layer
   * @throws IllegalArgumentException if one stands for none or for several
   */
  static LayerMultipliers read(Map<String, String> assignment, MultiplierOptions options)
      throws IOException {
    Map<String, MultiplierSet> byText = new LinkedHashMap<>();
    Map<String, Multiplier> byLayer = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, String> layer : assignment.entrySet()) {
        if (!byText.containsKey(layer.getValue())) {
          byText.put(layer.getValue(), options.read(List.of(layer.getValue())));
        }
        MultiplierSet set = byText.get(layer.getValue());
        if (set.multipliers().size() != 1) {
          throw new IllegalArgumentException(
              "layer '%s' has '%s', which stands for %d multipliers; allowed: one"
                  .formatted(layer.getKey(), layer.getValue(), set.multipliers().size()));
        }
        byLayer.put(layer.getKey(), set.multipliers().getFirst().multiplier());
      }
    } catch (RuntimeException | IOException e) {
      byText.values().forEach(MultiplierSet::close);
      throw e;
    }
    return new LayerMultipliers(byLayer, List.copyOf(byText.values()));
  }

  @Override
  public void close() {
    sets.forEach(MultiplierSet::close);
  }
}
