package io.axnn.internal;

import io.axnn.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Tensors by name and texts by key, as a .safetensors file holds them.
 *
 * @param tensors in the order of the file
 * @param metadata texts by key
 */
public record TensorFile(Map<String, Tensor> tensors, Map<String, String> metadata) {

  /**
   * Reads F32, I32, I64, I8 and U8 tensors.
   *
   * @throws IllegalArgumentException naming the file if it holds anything else
   * @throws UncheckedIOException if it cannot be read
   */
  public static TensorFile read(Path path) {
    try (InputFile file = InputFile.open(path)) {
      return Safetensors.readTensors(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Writes the file, in place of what is there. It appears whole or not at all.
   *
   * @throws IllegalArgumentException if a name is {@code __metadata__} or not Unicode, a tensor has
   *     2 GiB or more, or the names and texts have more than 1 MiB
   * @throws UncheckedIOException if it cannot be written; what was there is unchanged then
   */
  public void write(Path path) {
    try {
      SafetensorsWriter.write(path, this);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path + ": " + e.getMessage(), e);
    }
  }
}
