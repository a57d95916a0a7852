package io.axnn.internal;

import io.axnn.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One file of golden vectors in memory. The parts of the library that read safetensors are used
 * here; what is added are float tensors and metadata, which the library itself never needs.
 */
public final class GoldenFile {

  private final Path path;
  private final Map<?, ?> header;
  private final ByteBuffer data;

  private GoldenFile(Path path, Map<?, ?> header, ByteBuffer data) {
    this.path = path;
    this.header = header;
    this.data = data;
  }

  public static GoldenFile read(Path path) throws IOException {
    try (InputFile file = InputFile.open(path)) {
      int headerBytes = Math.toIntExact(file.read("length", 0, Long.BYTES).getLong());
      ByteBuffer header = file.read("header", Long.BYTES, headerBytes);
      int dataStart = Long.BYTES + headerBytes;
      ByteBuffer data = file.read("data", dataStart, Math.toIntExact(file.size() - dataStart));
      Object json = Json.parse(StandardCharsets.UTF_8.decode(header).toString());
      return new GoldenFile(path, (Map<?, ?>) json, data);
    } catch (Json.SyntaxException e) {
      throw new AssertionError(path.toString(), e);
    }
  }

  public Path path() {
    return path;
  }

  /** The table that the file's layer uses. */
  public Path table() {
    return path.resolveSibling("../luts").resolve(text("lut")).normalize();
  }

  public boolean has(String tensor) {
    return header.containsKey(tensor);
  }

  /** An entry of the metadata. */
  public String text(String key) {
    Object value = ((Map<?, ?>) header.get("__metadata__")).get(key);
    if (value == null) {
      throw new AssertionError(path + " has no " + key);
    }
    return (String) value;
  }

  /** An entry of the metadata that is a number. */
  public int number(String key) {
    return Integer.parseInt(text(key));
  }

  public int[] shape(String tensor) {
    return ((List<?>) entry(tensor).get("shape"))
        .stream().mapToInt(size -> ((Long) size).intValue()).toArray();
  }

  public float[] floats(String tensor) {
    float[] values = new float[size(tensor)];
    bytes(tensor, "F32").asFloatBuffer().get(values);
    return values;
  }

  public int[] ints(String tensor) {
    int[] values = new int[size(tensor)];
    bytes(tensor, "I32").asIntBuffer().get(values);
    return values;
  }

  /** A tensor of signed or unsigned bytes. */
  public byte[] bytes(String tensor) {
    byte[] values = new byte[size(tensor)];
    bytes(tensor, entry(tensor).get("dtype").equals("U8") ? "U8" : "I8").get(values);
    return values;
  }

  /** A float tensor as the library takes it. */
  public Tensor tensor(String name) {
    return Tensor.of(floats(name), shape(name));
  }

  /** The bias, or null if the file says that there is none. */
  public Tensor bias() {
    return Boolean.parseBoolean(text("has_bias")) ? tensor("bias") : null;
  }

  private int size(String tensor) {
    int size = 1;
    for (int dimension : shape(tensor)) {
      size = Math.multiplyExact(size, dimension);
    }
    return size;
  }

  private Map<?, ?> entry(String tensor) {
    if (!has(tensor)) {
      throw new AssertionError(path + " has no tensor " + tensor);
    }
    return (Map<?, ?>) header.get(tensor);
  }

  /** The bytes of a tensor, which must be of this type and no longer or shorter than its shape. */
  private ByteBuffer bytes(String tensor, String dtype) {
    List<?> offsets = (List<?>) entry(tensor).get("data_offsets");
    int begin = Math.toIntExact((Long) offsets.get(0));
    int end = Math.toIntExact((Long) offsets.get(1));
    int elementBytes = dtype.endsWith("32") ? Integer.BYTES : 1;
    if (!entry(tensor).get("dtype").equals(dtype) || end - begin != size(tensor) * elementBytes) {
      throw new AssertionError(path + ": " + tensor + " is " + entry(tensor));
    }
    return data.slice(begin, end - begin).order(data.order());
  }
}
