package io.axnn.internal;

import io.axnn.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes what {@link Safetensors} reads. The header is padded with spaces to a multiple of 8 bytes
 * and the widest elements come first, so that each tensor is aligned to its elements.
 */
final class SafetensorsWriter {

  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /**
   * Writes a file, in place of what is there.
   *
   * @throws IllegalArgumentException if the reader would refuse it
   */
  static void write(Path path, TensorFile content) throws IOException {
    AtomicFile.write(path, parts(content));
  }

  /** The header with its length, then the tensors. */
  static List<ByteBuffer> parts(TensorFile content) {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!content.metadata().isEmpty()) {
      header.put(Safetensors.METADATA, content.metadata());
    }
    List<Map.Entry<String, Tensor>> widestFirst = new ArrayList<>(content.tensors().entrySet());
    widestFirst.sort(Comparator.comparingInt(entry -> -entry.getValue().dataType().bytes()));
    List<ByteBuffer> parts = new ArrayList<>();
    long end = 0;
    for (Map.Entry<String, Tensor> entry : widestFirst) {
      ByteBuffer bytes = bytes(entry.getKey(), entry.getValue());
      long begin = end;
      end += bytes.remaining();
      header.put(entry.getKey(), fields(entry.getValue(), begin, end));
      parts.add(bytes);
    }
    parts.addFirst(bytes(header));
    return parts;
  }

  private static ByteBuffer bytes(String name, Tensor tensor) {
    if (name.equals(Safetensors.METADATA)) {
      throw new IllegalArgumentException(
          "a tensor is named '" + name + "', but that name belongs to the metadata");
    }
    long bytes = tensor.memory().byteSize();
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "tensor '"
              + name
              + "' has "
              + bytes
              + " bytes, but must have at most "
              + Integer.MAX_VALUE
              + " to be saved");
    }
    return Check.readable("tensor '" + name + "'", tensor).asByteBuffer();
  }

  private static Map<String, Object> fields(Tensor tensor, long begin, long end) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("dtype", Safetensors.dtype(tensor.dataType()));
    fields.put("shape", Arrays.stream(tensor.shape()).boxed().toList());
    fields.put("data_offsets", List.of(begin, end));
    return fields;
  }

  private static ByteBuffer bytes(Map<String, Object> header) {
    String json = Json.text(header);
    ByteBuffer text;
    try {
      text = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a name or text is not Unicode: " + json, e);
    }
    int length = Math.ceilDiv(text.remaining(), ALIGNMENT) * ALIGNMENT;
    if (length > Safetensors.MAX_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "names and texts make a header of "
              + length
              + " bytes, but must make at most "
              + Safetensors.MAX_HEADER_BYTES);
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + length).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    bytes.put(text);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.flip();
  }
}
