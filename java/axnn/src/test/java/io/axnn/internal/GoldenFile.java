package io.axnn.internal;

import io.axnn.Tensor;
import java.nio.file.Path;

/** One file of golden vectors in memory. */
public final class GoldenFile {

  private final Path path;
  private final TensorFile content;

  private GoldenFile(Path path, TensorFile content) {
    this.path = path;
    this.content = content;
  }

  public static GoldenFile read(Path path) {
    return new GoldenFile(path, TensorFile.read(path));
  }

  public Path path() {
    return path;
  }

  /** The table that the file's layer uses. */
  public Path table() {
    return path.resolveSibling("../luts").resolve(text("lut")).normalize();
  }

  public boolean has(String tensor) {
    return content.tensors().containsKey(tensor);
  }

  /** An entry of the metadata. */
  public String text(String key) {
    String value = content.metadata().get(key);
    if (value == null) {
      throw new AssertionError(path + " has no " + key);
    }
    return value;
  }

  /** An entry of the metadata that is a number. */
  public int number(String key) {
    return Integer.parseInt(text(key));
  }

  public int[] shape(String tensor) {
    return tensor(tensor).shape();
  }

  public float[] floats(String tensor) {
    return tensor(tensor).toFloatArray();
  }

  public int[] ints(String tensor) {
    return tensor(tensor).toIntArray();
  }

  /** A tensor of signed or unsigned bytes. */
  public byte[] bytes(String tensor) {
    return tensor(tensor).toByteArray();
  }

  public Tensor tensor(String name) {
    if (!has(name)) {
      throw new AssertionError(path + " has no tensor " + name);
    }
    return content.tensors().get(name);
  }

  /** The bias, or null if the file says that there is none. */
  public Tensor bias() {
    return Boolean.parseBoolean(text("has_bias")) ? tensor("bias") : null;
  }
}
