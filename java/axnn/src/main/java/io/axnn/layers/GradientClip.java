package io.axnn.layers;

import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.QuantizationDescriptor;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Sets gradients to 0 where a value lies outside its quantiser's codes, in place.
 *
 * @param context an open {@code axnn_context}
 */
record GradientClip(MemorySegment context, ApproxSettings settings) {

  /**
   * @throws IllegalStateException if the input's codes are not known
   */
  static void demandInput(ApproxSettings settings) {
    if (settings.input() == null) {
      throw new IllegalStateException(
          "clip needs an input quantisation: call calibrate(x) and freeze(), or"
              + " setInputQuantization(...)");
    }
  }

  void apply(Tensor x, Gradients gradients) {
    gradients.input().ifPresent(gradient -> clipInput(x, gradient));
    gradients.weights().ifPresent(this::clipWeights);
  }

  private void clipInput(Tensor x, Tensor gradient) {
    clip(settings.input(), Check.readable("x", x), gradient.memory());
  }

  private void clipWeights(Tensor gradient) {
    WeightQuantization weights = settings.weights();
    float[] scales = weights.scales();
    int[] zeroPoints = weights.zeroPoints();
    MemorySegment values = settings.parameters().weights().memory();
    long part = values.byteSize() / scales.length;
    for (int i = 0; i < scales.length; i++) {
      clip(
          new Quantization(scales[i], zeroPoints[i], weights.codeMin(), weights.codeMax()),
          values.asSlice(i * part, part),
          gradient.memory().asSlice(i * part, part));
    }
  }

  private void clip(Quantization quantization, MemorySegment values, MemorySegment gradient) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = QuantizationDescriptor.of(arena, quantization);
      NativeCalls.check(
          AxnnH.axnn_fake_quantize_backward(
              context,
              desc,
              values,
              values.byteSize(),
              gradient,
              gradient.byteSize(),
              values.byteSize() / Float.BYTES,
              gradient,
              gradient.byteSize()));
    }
  }
}
