package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * What a binary layer reads.
 *
 * @param elements {@code axnn_element_type}
 */
record BinaryInput(Geometry.Run run, int elements, MemorySegment memory) {

  /**
   * Floats, whose signs count.
   *
   * @throws IllegalArgumentException if type or shape do not fit
   * @throws IllegalStateException if the arena of x is closed
   */
  static BinaryInput of(Geometry geometry, Tensor x) {
    Check.type("x", x, DataType.FLOAT32);
    return new BinaryInput(geometry.of(x.shape()), AxnnH.AXNN_FLOAT32(), Check.readable("x", x));
  }

  /**
   * Bits.
   *
   * @throws IllegalArgumentException if the shape does not fit
   */
  static BinaryInput of(Geometry geometry, PackedBits x) {
    Objects.requireNonNull(x, "x");
    return new BinaryInput(geometry.ofBits(x.shape()), AxnnH.AXNN_BITS(), x.memory());
  }
}
