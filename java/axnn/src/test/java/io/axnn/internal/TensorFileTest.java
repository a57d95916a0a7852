package io.axnn.internal;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.testing.SafetensorsBytes;
import io.axnn.testing.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorFileTest {

  private static final Tensor ONE = Tensor.of(new float[] {1}, 1);

  @TempDir private Path folder;

  @Test
  void readsTensorsAndTextsAndRefusesWhatDoesNotFit() throws IOException {
    Path path = folder.resolve("tensors");
    String texts = "{\"__metadata__\":{\"a\":\"b\"},";
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
  }

  private static void write(Path path, String header) throws IOException {
    Files.write(path, SafetensorsBytes.of(header, new byte[] {1, 2, 3, -4}));
  }

  @Test
  void readsWhatItWroteWhateverTheNames() throws IOException {
    Random random = Seeds.random("TensorFileTest.roundTrip");
    Path path = folder.resolve("round trip.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : List.of("", "a.b", "\"q\"\\", "\n\t\0\u001f\u007f", "größe \u2028 🙂")) {
      for (DataType type : DataType.values()) {
        tensors.put(name + type, random(random, type));
      }
      texts.put(name, name);
    }
    for (Map<String, String> metadata : List.of(texts, Map.<String, String>of())) {
      new TensorFile(tensors, metadata).write(path);
      TensorFile read = TensorFile.read(path);
      assertThat(read.metadata()).isEqualTo(metadata);
      assertThat(read.tensors()).containsOnlyKeys(tensors.keySet());
      tensors.forEach((name, tensor) -> assertSame(read.tensors().get(name), tensor));
      assertThat(filesInFolder()).containsExactly(path);
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(bytes.getLong() % 8).isZero();
    }
  }

  private static Tensor random(Random random, DataType type) {
    Tensor tensor = Tensor.allocate(type, 1 + random.nextInt(3), 1 + random.nextInt(5));
    byte[] bytes = new byte[(int) tensor.memory().byteSize()];
    random.nextBytes(bytes);
    tensor.memory().copyFrom(MemorySegment.ofArray(bytes));
    return tensor;
  }

  private static void assertSame(Tensor actual, Tensor expected) {
    assertThat(actual.dataType()).isEqualTo(expected.dataType());
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.memory().mismatch(expected.memory())).isEqualTo(-1);
  }

  @Test
  void alignsEveryTensorToItsElements() throws IOException {
    Path path = folder.resolve("aligned");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("bytes", Tensor.of(new byte[3], 3));
    tensors.put("floats", Tensor.of(new float[3], 3));
    tensors.put("longs", Tensor.of(new long[3], 3));
    new TensorFile(tensors, Map.of()).write(path);
    assertThat(Files.readString(path, StandardCharsets.ISO_8859_1))
        .contains("\"longs\":{\"dtype\":\"I64\",\"shape\":[3],\"data_offsets\":[0,24]}")
        .contains("\"floats\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[24,36]}")
        .contains("\"bytes\":{\"dtype\":\"I8\",\"shape\":[3],\"data_offsets\":[36,39]}");
  }

  @Test
  void aFailureLeavesWhatWasThereAndNothingElse() throws IOException {
    Path path = folder.resolve("old");
    TensorFile content = new TensorFile(Map.of("x", ONE), Map.of());
    content.write(path);
    Tensor huge =
        Tensor.wrap(MemorySegment.ofAddress(64).reinterpret(1L << 31), DataType.INT8, 2, 1 << 30);
    refuse(path, new TensorFile(Map.of("huge", huge), Map.of()), "'huge'", "2147483648");
    refuse(path, new TensorFile(Map.of("__metadata__", ONE), Map.of()), "__metadata__");
    refuse(path, new TensorFile(Map.of("\ud800", ONE), Map.of()), "Unicode");
    String longText = "x".repeat(1 << 20);
    refuse(path, new TensorFile(Map.of("x", ONE), Map.of("key", longText)), "1048576");
    assertThat(TensorFile.read(path).tensors().get("x").toFloatArray()).containsExactly(1);

    Path occupied = Files.createDirectory(folder.resolve("folder"));
    for (Path unusable : List.of(occupied, folder.resolve("missing/file"))) {
      assertThatThrownBy(() -> content.write(unusable))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(unusable.toString());
    }
    assertThat(filesInFolder()).containsExactlyInAnyOrder(path, occupied);
  }

  private static void refuse(Path path, TensorFile content, String... messageParts) {
    assertIllegalArgument(() -> content.write(path), messageParts);
  }

  private List<Path> filesInFolder() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
