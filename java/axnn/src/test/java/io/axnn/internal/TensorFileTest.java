package io.axnn.internal;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.Tensor;
import io.axnn.testing.SafetensorsBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void writesWhatItReads(@TempDir Path folder) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("f \"quoted\" \\", Tensor.of(new float[] {1.5f, -0f, Float.NaN}, 3, 1));
    tensors.put("i", Tensor.of(new int[] {Integer.MIN_VALUE}, 1));
    tensors.put("l", Tensor.of(new long[] {Long.MAX_VALUE, 2}, 2));
    tensors.put("b", Tensor.of(new byte[] {-1, 2, 3}, 3));
    tensors.put("u", Tensor.ofUnsigned(new byte[] {-1}, 1));
    Map<String, String> texts = Map.of("line\nbreak", "\u00fc \t \"x\"", "empty", "");
    Path path = folder.resolve("x.safetensors");
    new TensorFile(Map.of(), Map.of()).write(path);
    new TensorFile(tensors, texts).write(path);
    TensorFile read = TensorFile.read(path);
    assertThat(read.metadata()).isEqualTo(texts);
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
    tensors.forEach(
        (name, tensor) -> {
          Tensor same = read.tensors().get(name);
          assertThat(same.dataType()).isEqualTo(tensor.dataType());
          assertThat(same.shape()).isEqualTo(tensor.shape());
          assertThat(same.memory().mismatch(tensor.memory())).as(name).isEqualTo(-1);
        });
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
    assertThatThrownBy(() -> read.write(folder.resolve("none").resolve("x")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none");
  }
}
