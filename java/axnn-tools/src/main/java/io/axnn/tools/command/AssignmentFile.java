package io.axnn.tools.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.axnn.tools.internal.files.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which layer has which multiplier: a JSON object of layer names and multipliers as the command
 * line has them. Layers that it does not name are exact.
 */
final class AssignmentFile {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private AssignmentFile() {}

  /**
   * The multipliers by layer name.
   *
   * @throws IllegalArgumentException if the file is something else
   */
  static Map<String, String> read(Path file) throws IOException {
    JsonNode object;
    try {
      object = JSON.readTree(Files.readAllBytes(FileArguments.existing(file)));
    } catch (JsonProcessingException e) {
      throw wrong(file, e.getOriginalMessage());
    }
    if (!object.isObject()) {
      throw wrong(file, "it is no object");
    }
    Map<String, String> assignment = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> layer : object.properties()) {
      if (!layer.getValue().isTextual()) {
        throw wrong(file, "'%s' has %s".formatted(layer.getKey(), layer.getValue()));
      }
      assignment.put(layer.getKey(), layer.getValue().textValue());
    }
    return assignment;
  }

  private static IllegalArgumentException wrong(Path file, String why) {
    return new IllegalArgumentException(
        "%s is no JSON object of layer names and multipliers: %s".formatted(file, why));
  }

  static void write(Path file, Map<String, String> assignment) throws IOException {
    WholeFile.write(file, JSON.writeValueAsBytes(assignment));
  }
}
