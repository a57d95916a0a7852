package io.axnn.internal;

import io.axnn.internal.ffi.axnn_quantization;
import io.axnn.quant.Quantization;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A {@link Quantization} in the form that the C functions take. */
public final class QuantizationDescriptor {

  private QuantizationDescriptor() {}

  public static MemorySegment of(Arena arena, Quantization quantization) {
    MemorySegment desc = axnn_quantization.allocate(arena);
    axnn_quantization.struct_size(desc, (int) desc.byteSize());
    axnn_quantization.scale(desc, quantization.scale());
    axnn_quantization.zero_point(desc, quantization.zeroPoint());
    axnn_quantization.code_min(desc, quantization.codeMin());
    axnn_quantization.code_max(desc, quantization.codeMax());
    return desc;
  }
}
