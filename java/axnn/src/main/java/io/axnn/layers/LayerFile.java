package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.TensorFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the files of all saved layers have in common: the kind of layer, the geometry of a
 * convolution, limits, and tensors and texts by name. A refusal names the file.
 */
final class LayerFile {

  /** Tensors and texts on their way to a file. */
  static final class Draft {

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> texts = new LinkedHashMap<>();

    Draft(String kind, Geometry geometry, OutputRange range) {
      put(KIND, kind);
      if (geometry instanceof Geometry.Convolution convolution) {
        putArgs(convolution.args());
      }
      put(OUTPUT_MIN, range.min());
      put(OUTPUT_MAX, range.max());
    }

    private void putArgs(Conv2dArgs args) {
      put("stride_h", args.strideHeight());
      put("stride_w", args.strideWidth());
      put("dilation_h", args.dilationHeight());
      put("dilation_w", args.dilationWidth());
      put("pad_top", args.padding().top());
      put("pad_bottom", args.padding().bottom());
      put("pad_left", args.padding().left());
      put("pad_right", args.padding().right());
      put("groups", args.groups());
    }

    /** Adds a text: a number, a name or a truth. */
    void put(String key, Object value) {
      texts.put(key, value.toString());
    }

    void put(String name, Tensor tensor) {
      tensors.put(name, tensor);
    }

    void put(String name, float... values) {
      put(name, Tensor.of(values, values.length));
    }

    void put(String name, int... values) {
      put(name, Tensor.of(values, values.length));
    }

    void write(Path path) {
      new TensorFile(tensors, texts).write(path);
    }
  }

  private static final String KIND = "kind";
  private static final String OUTPUT_MIN = "output_min";
  private static final String OUTPUT_MAX = "output_max";

  private final Path path;
  private final TensorFile file;

  private LayerFile(Path path, TensorFile file) {
    this.path = path;
    this.file = file;
  }

  /**
   * @throws IllegalArgumentException if it is no saved layer of that kind
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  static LayerFile read(Path path, String kind) {
    LayerFile layer = new LayerFile(path, TensorFile.read(path));
    String found = layer.text(KIND);
    if (!found.equals(kind)) {
      throw layer.bad("is a saved " + found + ", but must be a saved " + kind);
    }
    return layer;
  }

  /** The geometry of a convolution whose weights have some shape, OIHW. */
  Conv2dArgs convArgs(int... weightShape) {
    return valid(
        () ->
            Conv2dArgs.builder(
                    Math.multiplyExact(weightShape[1], number("groups")),
                    weightShape[0],
                    weightShape[2],
                    weightShape[3])
                .stride(number("stride_h"), number("stride_w"))
                .dilation(number("dilation_h"), number("dilation_w"))
                .padding(
                    new Padding(
                        number("pad_top"),
                        number("pad_bottom"),
                        number("pad_left"),
                        number("pad_right")))
                .groups(number("groups"))
                .build());
  }

  OutputRange outputRange() {
    return valid(() -> new OutputRange(decimal(OUTPUT_MIN), decimal(OUTPUT_MAX)));
  }

  /** Calls, and lets a refusal name the file. */
  <T> T valid(Supplier<T> call) {
    try {
      return call.get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw bad("has unusable settings: " + e.getMessage());
    }
  }

  int number(String key) {
    return Integer.parseInt(text(key));
  }

  float decimal(String key) {
    return Float.parseFloat(text(key));
  }

  <E extends Enum<E>> E name(Class<E> type, String key) {
    return Enum.valueOf(type, text(key));
  }

  String text(String key) {
    String text = file.metadata().get(key);
    if (text == null) {
      throw bad("has no metadata '" + key + "', which every saved layer of its kind has");
    }
    return text;
  }

  /** Whether there is metadata of some key. */
  boolean says(String key) {
    return file.metadata().containsKey(key);
  }

  boolean has(String name) {
    return file.tensors().containsKey(name);
  }

  /** A tensor that may be absent. */
  Optional<Tensor> optional(String name, DataType type) {
    return has(name) ? Optional.of(tensor(name, type)) : Optional.empty();
  }

  Tensor only(String name, DataType type) {
    Tensor tensor = tensor(name, type);
    if (tensor.size() != 1) {
      throw bad("has a tensor '" + name + "' of " + tensor.size() + " values, but must have 1");
    }
    return tensor;
  }

  Tensor tensor(String name, DataType type) {
    Tensor tensor = file.tensors().get(name);
    if (tensor == null || tensor.dataType() != type) {
      throw bad("has no tensor '" + name + "' of " + type);
    }
    return tensor;
  }

  IllegalArgumentException bad(String what) {
    return new IllegalArgumentException(path + " " + what);
  }
}
