package io.axnn.tools.internal.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.axnn.tools.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * The constant tensors of a file by name, and what nodes of constants compute. Each is decoded when
 * a node asks for it, and its size is compared with the bytes that are there before anything is
 * allocated. What a node took as floats is kept as such and no longer in double.
 */
public final class Initializers {
  private final String file;
  private final Map<String, TensorProto> undecoded = new HashMap<>();
  private final Map<String, Constant> decoded = new HashMap<>();
  private final Map<String, ConstantTensor> folded = new HashMap<>();

  public Initializers(String file, List<TensorProto> tensors) {
    this.file = file;
    for (TensorProto tensor : tensors) {
      if (undecoded.put(tensor.getName(), tensor) != null) {
        throw error(tensor, "is there twice");
      }
    }
  }

  public boolean contains(String name) {
    return undecoded.containsKey(name) || folded.containsKey(name) || decoded.containsKey(name);
  }

  /** The float32 tensor of a name that {@link #contains} knows. */
  public Constant get(String name) {
    Constant constant =
        decoded.computeIfAbsent(
            name,
            key ->
                folded.containsKey(key)
                    ? floats(key, folded.get(key))
                    : decode(undecoded.get(key)));
    folded.remove(name);
    return constant;
  }

  private Constant floats(String name, ConstantTensor tensor) {
    if (!tensor.isFloat()) {
      throw ModelException.inFile(
          file, "constant '%s' has data type %s; supported: FLOAT".formatted(name, tensor.type()));
    }
    return new Constant(name, tensor.shape(), tensor.toFloats(), tensor.quantization());
  }

  /** The type of the tensor of a name that {@link #contains} knows, also one that is refused. */
  TensorProto.DataType type(String name) {
    if (folded.containsKey(name)) {
      return folded.get(name).type();
    }
    return decoded.containsKey(name) ? TensorProto.DataType.FLOAT : typeOf(undecoded.get(name));
  }

  /** Any tensor of a type that sub-graphs of constants are computed in. */
  public ConstantTensor tensor(String name) {
    if (folded.containsKey(name)) {
      return folded.get(name);
    }
    return decoded.containsKey(name) ? inDouble(decoded.get(name)) : decodeAny(undecoded.get(name));
  }

  /** Gives the tensor that a node of constants computes. */
  public void put(String name, ConstantTensor value) {
    folded.put(name, value);
  }

  /** A tensor that an attribute holds. */
  public ConstantTensor decodeAny(TensorProto tensor) {
    TensorProto.DataType type = typeOf(tensor);
    if (type == TensorProto.DataType.FLOAT) {
      return inDouble(decode(tensor));
    }
    requireHere(tensor);
    int[] shape = shapeOf(tensor, 0); // the shape of a single number is an empty tensor
    int elements = elements(tensor);
    double[] values =
        switch (type) {
          case INT64 -> {
            ByteBuffer raw = raw(tensor, elements, Long.BYTES, tensor.getInt64DataCount());
            yield numbers(elements, i -> raw == null ? tensor.getInt64Data(i) : raw.getLong());
          }
          case DOUBLE -> {
            ByteBuffer raw = raw(tensor, elements, Double.BYTES, tensor.getDoubleDataCount());
            yield IntStream.range(0, elements)
                .mapToDouble(i -> raw == null ? tensor.getDoubleData(i) : raw.getDouble())
                .toArray();
          }
          case FLOAT16 -> {
            ByteBuffer raw = raw(tensor, elements, Short.BYTES, tensor.getInt32DataCount());
            yield IntStream.range(0, elements)
                .map(i -> raw == null ? tensor.getInt32Data(i) : raw.getShort())
                .mapToDouble(bits -> Float.float16ToFloat((short) bits))
                .toArray();
          }
          case BOOL -> {
            ByteBuffer raw = raw(tensor, elements, 1, tensor.getInt32DataCount());
            yield numbers(elements, i -> raw == null ? tensor.getInt32Data(i) : raw.get());
          }
          default ->
              codes(
                  tensor,
                  elements,
                  CodeType.of(type)
                      .orElseThrow(
                          () ->
                              error(
                                  tensor,
                                  "has data type %s; supported: FLOAT, DOUBLE, FLOAT16, INT64, BOOL and %s"
                                      .formatted(
                                          typeName(tensor), Arrays.toString(CodeType.values())))));
        };
    return new ConstantTensor(type, shape, values);
  }

  /** Codes, each in raw bytes of its width or listed as int32. */
  private double[] codes(TensorProto tensor, int elements, CodeType type) {
    ByteBuffer raw = raw(tensor, elements, type.bytes(), tensor.getInt32DataCount());
    if (raw != null) {
      return numbers(elements, i -> type.next(raw));
    }
    for (int code : tensor.getInt32DataList()) {
      if (!type.contains(code)) {
        throw error(
            tensor, "holds %d; %s is %d to %d".formatted(code, type, type.min(), type.max()));
      }
    }
    return numbers(elements, tensor::getInt32Data);
  }

  private static TensorProto.DataType typeOf(TensorProto tensor) {
    return Objects.requireNonNullElse(
        TensorProto.DataType.forNumber(tensor.getDataType()), TensorProto.DataType.UNDEFINED);
  }

  private static ConstantTensor inDouble(Constant constant) {
    double[] values = new double[constant.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = constant.values()[i];
    }
    return new ConstantTensor(
        TensorProto.DataType.FLOAT, constant.shape(), values, constant.quantization());
  }

  private static double[] numbers(int count, IntToLongFunction number) {
    return IntStream.range(0, count).mapToLong(number).asDoubleStream().toArray();
  }

  private void requireHere(TensorProto tensor) {
    if (tensor.getDataLocation() != TensorProto.DataLocation.DEFAULT
        || tensor.getExternalDataCount() != 0) {
      throw error(tensor, "lies in another file; save the model with its weights in one file");
    }
    if (tensor.hasSegment()) {
      throw error(tensor, "is a segment of a larger tensor; store it whole");
    }
  }

  private Constant decode(TensorProto tensor) {
    requireHere(tensor);
    if (tensor.getDataType() != TensorProto.DataType.FLOAT.getNumber()) {
      throw error(tensor, "has data type " + typeName(tensor) + "; supported: FLOAT");
    }
    int[] shape = shapeOf(tensor, 1);
    float[] values = valuesOf(tensor, elements(tensor));
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw error(tensor, "holds " + value + "; weights have to be finite");
      }
    }
    return new Constant(tensor.getName(), shape, values);
  }

  private int[] shapeOf(TensorProto tensor, int least) {
    int[] shape = new int[tensor.getDimsCount()];
    for (int axis = 0; axis < shape.length; axis++) {
      long dimension = tensor.getDims(axis);
      if (dimension < least || dimension > Integer.MAX_VALUE) {
        throw error(
            tensor,
            "has shape %s; a dimension is %d or more".formatted(tensor.getDimsList(), least));
      }
      shape[axis] = (int) dimension;
    }
    return shape;
  }

  private int elements(TensorProto tensor) {
    long elements = 1;
    for (long dimension : tensor.getDimsList()) {
      elements *= dimension;
      if (elements > Integer.MAX_VALUE) {
        throw error(tensor, "has shape %s, which is too large".formatted(tensor.getDimsList()));
      }
    }
    return (int) elements;
  }

  private float[] valuesOf(TensorProto tensor, int elements) {
    ByteBuffer raw = raw(tensor, elements, Float.BYTES, tensor.getFloatDataCount());
    float[] values = new float[elements];
    if (raw != null) {
      raw.asFloatBuffer().get(values);
      return values;
    }
    for (int i = 0; i < elements; i++) {
      values[i] = tensor.getFloatData(i);
    }
    return values;
  }

  /** The raw bytes, or null where the numbers are listed. */
  private ByteBuffer raw(TensorProto tensor, int elements, int bytes, int listed) {
    int rawBytes = tensor.getRawData().size();
    boolean agrees =
        rawBytes == 0 ? listed == elements : listed == 0 && rawBytes == (long) elements * bytes;
    if (!agrees) {
      throw error(
          tensor,
          "has shape %s, so %d numbers, but holds %d raw bytes and %d listed numbers"
              .formatted(tensor.getDimsList(), elements, rawBytes, listed));
    }
    return rawBytes == 0
        ? null
        : tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String typeName(TensorProto tensor) {
    TensorProto.DataType type = TensorProto.DataType.forNumber(tensor.getDataType());
    return type == null ? String.valueOf(tensor.getDataType()) : type.name();
  }

  private ModelException error(TensorProto tensor, String problem) {
    return ModelException.inFile(file, "initializer '" + tensor.getName() + "' " + problem);
  }
}
