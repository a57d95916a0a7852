package io.axnn.tools;

import io.axnn.DataType;
import io.axnn.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory of one running call: buffers that grow to what was needed once and are used again, so
 * that a network allocates nothing after its first batch but the result.
 */
final class Workspace {
  private static final long ALIGNMENT = 64;

  private final Map<Integer, MemorySegment> buffers = new HashMap<>();

  /** A float32 tensor in a buffer; what was in it is lost. */
  Tensor tensor(int buffer, int[] shape, long elements) {
    long bytes = elements * Float.BYTES;
    MemorySegment memory =
        buffers.compute(
            buffer,
            (key, old) ->
                old != null && old.byteSize() >= bytes
                    ? old
                    : Arena.ofAuto().allocate(bytes, ALIGNMENT));
    return Tensor.wrap(memory.asSlice(0, bytes), DataType.FLOAT32, shape);
  }
}
