package io.axnn.tools.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.axnn.tools.Evaluation;
import io.axnn.tools.LayerProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a network gave in a setting of its arithmetic, and the JSON of that.
 *
 * @param layers empty if they were not asked for
 */
record EvaluationResult(String setting, Evaluation evaluation, List<LayerProfile> layers) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Writes an array with an object for each result. What is not known is null. */
  static void write(List<EvaluationResult> results, Path file) throws IOException {
    Files.write(
        file, JSON.writeValueAsBytes(results.stream().map(EvaluationResult::json).toList()));
  }

  private Map<String, Object> json() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("setting", setting);
    object.put("images", evaluation.images());
    object.put("top1_percent", evaluation.accuracyPercent());
    object.put("top5_percent", evaluation.top5Percent());
    object.put("images_per_second", evaluation.imagesPerSecond());
    object.put("classes", evaluation.classes());
    object.put("layers", layers.stream().map(EvaluationResult::json).toList());
    return object;
  }

  private static Map<String, Object> json(LayerProfile layer) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("layer", layer.layer().name());
    object.put("operator", layer.layer().operator());
    object.put("arithmetic", layer.arithmetic().toString());
    object.put("products", layer.opCount());
    object.put("fan_in", layer.layer().fanIn());
    object.put("kernel", layer.kernel());
    object.put("microseconds_per_image", layer.timePerImage().toNanos() * 1e-3);
    object.put("mean_error_percent", finiteOrNull(layer.meanErrorPercent()));
    object.put("max_error_percent", finiteOrNull(layer.maxErrorPercent()));
    return object;
  }

  private static Double finiteOrNull(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
