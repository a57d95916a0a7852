package io.axnn.internal;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.testing.SafetensorsBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TensorFileTest {

  @Test
  void readsTensorsAndTextsAndRefusesWhatDoesNotFit() throws IOException {
    Path path = Files.createTempFile("tensors", ".safetensors");
    String texts = "{\"__metadata__\":{\"a\":\"b\"},";
    try {
      write(path, texts + SafetensorsBytes.tensor("x", "I8", "[2,2]", "[0,4]") + "}");
      TensorFile file = TensorFile.read(path);
      assertThat(file.metadata()).containsEntry("a", "b");
      assertThat(file.tensors().get("x").toByteArray()).containsExactly(1, 2, 3, -4);
      for (String shape : new String[] {"[3]", "[]", "[0]", "[4294967296,4294967296]"}) {
        write(path, "{" + SafetensorsBytes.tensor("x", "I8", shape, "[0,4]") + "}");
        assertIllegalArgument(() -> TensorFile.read(path), "tensor 'x'");
      }
      write(path, "{" + SafetensorsBytes.tensor("x", "F64", "[1]", "[0,4]") + "}");
      assertIllegalArgument(() -> TensorFile.read(path), "F64");
    } finally {
      Files.delete(path);
    }
  }

  private static void write(Path path, String header) throws IOException {
    Files.write(path, SafetensorsBytes.of(header, new byte[] {1, 2, 3, -4}));
  }
}
