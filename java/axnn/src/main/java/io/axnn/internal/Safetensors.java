package io.axnn.internal;

import io.axnn.DataType;
import io.axnn.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads the safetensors format: the length of the header as 8 bytes, the header (a JSON object of
 * tensor name to dtype, shape and data_offsets), the tensors' bytes without gap or overlap.
 */
final class Safetensors {

  static final String METADATA = "__metadata__";

  /** The tensor that holds a multiplier's table. */
  private static final String TABLE = "lut";

  /** A header has some hundred bytes; a parsed one takes twenty times its size. */
  static final int MAX_HEADER_BYTES = 1 << 20;

  private static final Map<String, IntegerType> INTEGER_TYPES =
      Map.of(
          "I8", new IntegerType(1, true),
          "U8", new IntegerType(1, false),
          "I16", new IntegerType(2, true),
          "U16", new IntegerType(2, false),
          "I32", new IntegerType(4, true),
          "U32", new IntegerType(4, false),
          "I64", new IntegerType(8, true),
          "U64", new IntegerType(8, false));

  private static final Map<String, DataType> TENSOR_TYPES =
      Arrays.stream(DataType.values()).collect(Collectors.toMap(Safetensors::dtype, type -> type));

  /** One tensor; begin and end are counted from the end of the header. */
  private record Entry(String name, String dtype, long[] shape, long begin, long end) {}

  private final InputFile file;
  private final long dataStart;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private Safetensors(InputFile file) throws IOException {
    this.file = file;
    long length = file.read("the header's length", 0, Long.BYTES).getLong();
    // A length of 2^63 and more is negative here.
    if (length < 0 || length > MAX_HEADER_BYTES || length > file.size() - Long.BYTES) {
      throw file.bad(
          "is no .npy and no .safetensors file: of its "
              + file.size()
              + " bytes it claims "
              + Long.toUnsignedString(length)
              + " as safetensors header, of which at most "
              + MAX_HEADER_BYTES
              + " are read");
    }
    dataStart = Long.BYTES + length;
    readHeader(file.read("the header", Long.BYTES, (int) length));
    demandWholeFile();
  }

  /** The format's name of a type. */
  static String dtype(DataType type) {
    return switch (type) {
      case FLOAT32 -> "F32";
      case INT32 -> "I32";
      case INT64 -> "I64";
      case INT8 -> "I8";
      case UINT8 -> "U8";
    };
  }

  /** Reads tensor "lut", or the only one: integers of shape [rows, columns] or [rows * columns]. */
  static TableFile.Table readTable(InputFile file, TableShape allowed) throws IOException {
    return new Safetensors(file).readTable(allowed);
  }

  /** A file of one table. */
  static List<ByteBuffer> tableBytes(TableFile.Table table) {
    Tensor tensor = Tensor.of(table.entries(), table.shape().rows(), table.shape().columns());
    return SafetensorsWriter.parts(new TensorFile(Map.of(TABLE, tensor), Map.of()));
  }

  /** Reads all tensors and the metadata that are texts. */
  static TensorFile readTensors(InputFile file) throws IOException {
    Safetensors content = new Safetensors(file);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Entry entry : content.entries.values()) {
      tensors.put(entry.name(), content.readTensor(entry));
    }
    return new TensorFile(tensors, content.metadata);
  }

  private Tensor readTensor(Entry entry) throws IOException {
    DataType type = TENSOR_TYPES.get(entry.dtype());
    if (type == null) {
      throw file.bad("has tensor '" + entry.name() + "' of unusable type " + entry.dtype());
    }
    long bytes = entry.end() - entry.begin();
    long needed = type.bytes();
    for (long dimension : entry.shape()) {
      if (dimension < 1 || dimension > bytes || needed > bytes) {
        throw file.bad("has tensor '" + entry.name() + "' of unusable shape");
      }
      needed = Math.multiplyHigh(needed, dimension) == 0 ? needed * dimension : -1;
    }
    if (needed != bytes || entry.shape().length == 0 || bytes > Integer.MAX_VALUE) {
      throw file.bad("has tensor '" + entry.name() + "' with " + bytes + " bytes for its shape");
    }
    int[] shape = Arrays.stream(entry.shape()).mapToInt(Math::toIntExact).toArray();
    Tensor tensor = Tensor.allocate(type, shape);
    tensor
        .memory()
        .copyFrom(
            MemorySegment.ofBuffer(
                file.read("tensor " + entry.name(), dataStart + entry.begin(), (int) bytes)));
    return tensor;
  }

  private void readHeader(ByteBuffer header) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(header).toString();
      for (Map.Entry<?, ?> entry : object("header", Json.parse(text)).entrySet()) {
        String name = (String) entry.getKey();
        if (!name.equals(METADATA)) {
          entries.put(name, entry(name, object(name, entry.getValue())));
        } else if (entry.getValue() instanceof Map<?, ?> texts) {
          texts.forEach(
              (key, value) -> {
                if (value instanceof String string) {
                  metadata.put((String) key, string);
                }
              });
        }
      }
    } catch (CharacterCodingException e) {
      throw file.bad("has a header that is not UTF-8");
    } catch (Json.SyntaxException e) {
      throw file.bad("has a header that is not JSON: " + e.getMessage());
    }
  }

  private Entry entry(String name, Map<?, ?> fields) {
    long[] shape = sizes(name, "shape", fields.get("shape"));
    long[] offsets = sizes(name, "data_offsets", fields.get("data_offsets"));
    if (!(fields.get("dtype") instanceof String dtype)) {
      throw file.bad("has a tensor '" + name + "' without dtype");
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw file.bad("has a tensor '" + name + "' with unusable data_offsets");
    }
    return new Entry(name, dtype, shape, offsets[0], offsets[1]);
  }

  private Map<?, ?> object(String name, Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw file.bad("has something else than a JSON object as '" + name + "'");
  }

  private long[] sizes(String name, String field, Object value) {
    if (value instanceof List<?> list
        && list.stream().allMatch(item -> item instanceof Long size && size >= 0)) {
      return list.stream().mapToLong(item -> (Long) item).toArray();
    }
    throw file.bad("has a tensor '" + name + "' without usable " + field);
  }

  /** The format's own rule: the tensors cover all bytes after the header, each byte once. */
  private void demandWholeFile() {
    List<Entry> inOrder = new ArrayList<>(entries.values());
    inOrder.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = 0;
    for (Entry entry : inOrder) {
      if (entry.begin() != end) {
        throw file.bad(
            "has a tensor '"
                + entry.name()
                + "' that begins at byte "
                + entry.begin()
                + " of the data, but the one before ends at "
                + end);
      }
      end = entry.end();
    }
    long data = file.size() - dataStart;
    if (end != data) {
      throw file.bad("has " + data + " bytes of data, but its header says " + end);
    }
  }

  private TableFile.Table readTable(TableShape allowed) throws IOException {
    Entry entry = entries.get(entries.size() == 1 ? entries.keySet().iterator().next() : TABLE);
    if (entry == null) {
      throw file.bad(
          "has " + entries.size() + " tensors, but must have one or one named '" + TABLE + "'");
    }
    IntegerType type = INTEGER_TYPES.get(entry.dtype());
    if (type == null) {
      throw file.bad("has elements of type " + entry.dtype() + ", but must have integers");
    }
    TableShape found = allowed.ofArray(file, entry.shape());
    int count = found.count();
    int bytes = count * type.bytes();
    if (entry.end() - entry.begin() != bytes) {
      throw file.bad(
          "has "
              + (entry.end() - entry.begin())
              + " bytes for tensor '"
              + entry.name()
              + "', but its shape needs "
              + bytes);
    }
    ByteBuffer buffer =
        file.read("tensor '" + entry.name() + "'", dataStart + entry.begin(), bytes);
    return new TableFile.Table(found, type.readInts(file, buffer, count));
  }
}
