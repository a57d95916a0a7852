package io.axnn.tools.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
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
    try {
      return JSON.readValue(
          Files.readAllBytes(file), new TypeReference<LinkedHashMap<String, String>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is no JSON object of layer names and multipliers: %s"
              .formatted(file, e.getOriginalMessage()),
          e);
    }
  }

  static void write(Path file, Map<String, String> assignment) throws IOException {
    Files.write(file, JSON.writeValueAsBytes(assignment));
  }
}
