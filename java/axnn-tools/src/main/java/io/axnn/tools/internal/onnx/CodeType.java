package io.axnn.tools.internal.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** The integer types of quantised tensors; INT32 is that of biases. */
public enum CodeType {
  INT8(DataType.INT8, Byte.MIN_VALUE, Byte.MAX_VALUE, Byte.BYTES),
  UINT8(DataType.UINT8, 0, 255, Byte.BYTES),
  INT16(DataType.INT16, Short.MIN_VALUE, Short.MAX_VALUE, Short.BYTES),
  UINT16(DataType.UINT16, 0, Character.MAX_VALUE, Short.BYTES),
  INT32(DataType.INT32, Integer.MIN_VALUE, Integer.MAX_VALUE, Integer.BYTES);

  private final DataType dataType;
  private final int min;
  private final int max;
  private final int bytes;

  CodeType(DataType dataType, int min, int max, int bytes) {
    this.dataType = dataType;
    this.min = min;
    this.max = max;
    this.bytes = bytes;
  }

  /** The type of ONNX's name, if it is one of these. */
  public static Optional<CodeType> of(DataType dataType) {
    return Arrays.stream(values()).filter(type -> type.dataType == dataType).findFirst();
  }

  public DataType dataType() {
    return dataType;
  }

  /** The smallest code. */
  public int min() {
    return min;
  }

  /** The largest code. */
  public int max() {
    return max;
  }

  /** The size of a code in raw data. */
  public int bytes() {
    return bytes;
  }

  /** False for NaN. */
  public boolean contains(double code) {
    return code >= min && code <= max;
  }

  /** The next code of raw data. */
  int next(ByteBuffer raw) {
    return switch (this) {
      case INT8 -> raw.get();
      case UINT8 -> Byte.toUnsignedInt(raw.get());
      case INT16 -> raw.getShort();
      case UINT16 -> Short.toUnsignedInt(raw.getShort());
      case INT32 -> raw.getInt();
    };
  }
}
