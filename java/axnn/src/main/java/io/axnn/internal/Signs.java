package io.axnn.internal;

import io.axnn.DataType;
import io.axnn.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Tensors whose signs are taken: floats, or bytes of +1 and -1. */
public final class Signs {

  private Signs() {}

  /**
   * Floats with the signs of a tensor.
   *
   * @return the tensor itself where it is FLOAT32
   * @throws IllegalArgumentException if it has another type, or bytes other than +1 and -1
   */
  public static Tensor floats(String name, Tensor tensor) {
    Objects.requireNonNull(tensor, name);
    return switch (tensor.dataType()) {
      case FLOAT32 -> tensor;
      case INT8 -> ofBytes(name, tensor);
      default ->
          throw new IllegalArgumentException(
              name
                  + " is "
                  + tensor.dataType()
                  + ", but must be FLOAT32 or INT8 with values of +1 and -1");
    };
  }

  private static Tensor ofBytes(String name, Tensor bytes) {
    MemorySegment from = Check.readable(name, bytes);
    Tensor floats = Tensor.allocate(DataType.FLOAT32, bytes.shape());
    MemorySegment to = floats.memory();
    for (long i = 0; i < bytes.size(); i++) {
      byte value = from.get(ValueLayout.JAVA_BYTE, i);
      if (value != 1 && value != -1) {
        throw new IllegalArgumentException(
            name
                + " has "
                + value
                + " at element "
                + i
                + ", but every value of an INT8 tensor of signs must be +1 or -1");
      }
      to.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return floats;
  }
}
