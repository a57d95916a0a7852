package io.axnn.layers;

import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.Codes;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.quant.WeightQuantization;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Weights copied by the native library, on all threads of the context, with what it saw on the way.
 *
 * @param weights the copy
 * @param magnitudes the largest of each output channel, not finite where one of its weights is not
 */
record WeightCopy(Tensor weights, float[] magnitudes) {

  /** Copies weights into a tensor of their shape. */
  static WeightCopy into(Tensor target, MemorySegment context, Tensor weights, int channels) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = Check.readable("weights", weights);
      MemorySegment to = target.memory();
      MemorySegment magnitudes = arena.allocate(ValueLayout.JAVA_FLOAT, channels);
      NativeCalls.check(
          AxnnH.axnn_copy_channels(
              context,
              from,
              from.byteSize(),
              weights.size(),
              channels,
              to,
              to.byteSize(),
              magnitudes,
              magnitudes.byteSize()));
      return new WeightCopy(target, magnitudes.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  /**
   * {@link WeightQuantization#perChannel} of the weights.
   *
   * @throws IllegalArgumentException if one of them is NaN or infinite
   */
  WeightQuantization perChannel() {
    return WeightQuantization.of(Codes.channelScales("weights", weights, magnitudes));
  }
}
