package io.axnn.tools.internal.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.axnn.tools.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * The constant tensors of a file by name. Each is decoded when a node first asks for it, and its
 * size is compared with the bytes that are there before anything is allocated.
 */
public final class Initializers {
  private final String file;
  private final Map<String, TensorProto> undecoded = new HashMap<>();
  private final Map<String, Constant> decoded = new HashMap<>();

  public Initializers(String file, List<TensorProto> tensors) {
    this.file = file;
    for (TensorProto tensor : tensors) {
      if (undecoded.put(tensor.getName(), tensor) != null) {
        throw error(tensor, "is there twice");
      }
    }
  }

  public boolean contains(String name) {
    return undecoded.containsKey(name);
  }

  /** The tensor of a name that {@link #contains} knows. */
  public Constant get(String name) {
    return decoded.computeIfAbsent(name, key -> decode(undecoded.get(key)));
  }

  /** The numbers of a tensor of integers or booleans, in row-major order. */
  public long[] integers(String name) {
    TensorProto tensor = undecoded.get(name);
    requireHere(tensor);
    shapeOf(tensor);
    TensorProto.DataType type = TensorProto.DataType.forNumber(tensor.getDataType());
    int elements = elements(tensor);
    if (type == TensorProto.DataType.INT64) {
      ByteBuffer raw = raw(tensor, elements, Long.BYTES, tensor.getInt64DataCount());
      return numbers(elements, i -> raw == null ? tensor.getInt64Data(i) : raw.getLong());
    }
    if (type == TensorProto.DataType.INT32) {
      ByteBuffer raw = raw(tensor, elements, Integer.BYTES, tensor.getInt32DataCount());
      return numbers(elements, i -> raw == null ? tensor.getInt32Data(i) : raw.getInt());
    }
    if (type == TensorProto.DataType.BOOL) {
      ByteBuffer raw = raw(tensor, elements, 1, tensor.getInt32DataCount());
      return numbers(elements, i -> raw == null ? tensor.getInt32Data(i) : raw.get());
    }
    throw error(tensor, "has data type " + typeName(tensor) + "; supported: INT64, INT32, BOOL");
  }

  private static long[] numbers(int count, IntToLongFunction number) {
    return IntStream.range(0, count).mapToLong(number).toArray();
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
    int[] shape = shapeOf(tensor);
    float[] values = valuesOf(tensor, elements(tensor));
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw error(tensor, "holds " + value + "; weights have to be finite");
      }
    }
    return new Constant(tensor.getName(), shape, values);
  }

  private int[] shapeOf(TensorProto tensor) {
    int[] shape = new int[tensor.getDimsCount()];
    for (int axis = 0; axis < shape.length; axis++) {
      long dimension = tensor.getDims(axis);
      if (dimension < 1 || dimension > Integer.MAX_VALUE) {
        throw error(
            tensor, "has shape %s; a dimension is 1 or more".formatted(tensor.getDimsList()));
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
