package io.axnn.internal;

import io.axnn.DataType;
import io.axnn.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.StringJoiner;

/** Writes a {@link TensorFile}; see {@link Safetensors} for the format. */
final class SafetensorsWriter {

  private static final int HEADER_ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /** Writes beside the file, then moves: a reader sees the old file or the new one. */
  static void write(TensorFile content, Path path) throws IOException {
    Path target = path.toAbsolutePath();
    Path part = Files.createTempFile(target.getParent(), "part-", null);
    try {
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        writeFully(channel, header(content));
        for (Tensor tensor : content.tensors().values()) {
          writeFully(channel, tensor.memory().asByteBuffer());
        }
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static ByteBuffer header(TensorFile content) {
    StringJoiner texts = new StringJoiner(",", "{", "}");
    content.metadata().forEach((key, value) -> texts.add(quote(key) + ":" + quote(value)));
    StringJoiner entries = new StringJoiner(",", "{", "}");
    entries.add("\"__metadata__\":" + texts);
    long begin = 0;
    for (Map.Entry<String, Tensor> named : content.tensors().entrySet()) {
      Tensor tensor = named.getValue();
      long end = begin + tensor.memory().byteSize();
      entries.add(
          "%s:{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(
                  quote(named.getKey()),
                  dtype(tensor.dataType()),
                  Arrays.toString(tensor.shape()),
                  begin,
                  end));
      begin = end;
    }
    byte[] json = entries.toString().getBytes(StandardCharsets.UTF_8);
    int length = Math.ceilDiv(json.length, HEADER_ALIGNMENT) * HEADER_ALIGNMENT;
    byte[] padded = Arrays.copyOf(json, length);
    Arrays.fill(padded, json.length, length, (byte) ' ');
    return ByteBuffer.allocate(Long.BYTES + length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(padded)
        .flip();
  }

  private static String dtype(DataType type) {
    return switch (type) {
      case FLOAT32 -> "F32";
      case INT32 -> "I32";
      case INT64 -> "I64";
      case INT8 -> "I8";
      case UINT8 -> "U8";
    };
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
