package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.internal.Access;
import io.axnn.internal.Check;
import io.axnn.internal.Codes;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.QuantizationDescriptor;
import io.axnn.internal.Shapes;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.quant.Quantization;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.function.ToIntFunction;

/** A native plan of signs: what binary layers do with one beyond what all layers do. */
record BinaryPlan(NativePlan plan, Geometry geometry) {

  // ---- Forward ---------------------------------------------------------------------------------

  /** Floats, in a new tensor if y is null. */
  Tensor floats(BinaryInput x, Tensor yOrNull) {
    if (yOrNull == null) {
      return output(x, DataType.FLOAT32, AxnnH.AXNN_FLOAT32(), MemorySegment.NULL);
    }
    Check.shape("y", yOrNull, DataType.FLOAT32, x.run().outputShape());
    execute(x, AxnnH.AXNN_FLOAT32(), MemorySegment.NULL, Check.writable("y", yOrNull, x.memory()));
    return yOrNull;
  }

  /** The exact sums, before the epilogue. */
  Tensor sums(BinaryInput x) {
    return output(x, DataType.INT32, AxnnH.AXNN_INT32(), MemorySegment.NULL);
  }

  /** The float output, quantised. */
  Tensor codes(BinaryInput x, Quantization quantization) {
    if (!Codes.areBytes(quantization.codeMin(), quantization.codeMax())) {
      throw new IllegalArgumentException(
          "quantization has codes "
              + quantization.codeMin()
              + ".."
              + quantization.codeMax()
              + ", but those of a binary layer's output must be within -128..127 or 0..255");
    }
    try (Arena arena = Arena.ofConfined()) {
      return output(
          x,
          Codes.type(quantization.codeMin(), quantization.codeMax()),
          AxnnH.AXNN_CODES(),
          QuantizationDescriptor.of(arena, quantization));
    }
  }

  /** The signs of the float output. */
  PackedBits bits(BinaryInput x) {
    int[] shape = geometry.bitShape(x.run().outputShape());
    MemorySegment bits = Arena.ofAuto().allocate(Shapes.bitBytes(shape));
    execute(x, AxnnH.AXNN_BITS(), MemorySegment.NULL, bits);
    return Access.packedBits(bits, shape);
  }

  private Tensor output(BinaryInput x, DataType type, int elements, MemorySegment quantization) {
    Tensor y = Tensor.allocate(type, x.run().outputShape());
    execute(x, elements, quantization, y.memory());
    return y;
  }

  private void execute(BinaryInput x, int elements, MemorySegment quantization, MemorySegment y) {
    Geometry.Run run = x.run();
    run(
        handle ->
            AxnnH.axnn_binary_execute(
                handle,
                x.elements(),
                x.memory(),
                x.memory().byteSize(),
                run.n(),
                run.h(),
                run.w(),
                elements,
                quantization,
                y,
                y.byteSize()));
  }

  // ---- Backward --------------------------------------------------------------------------------

  /**
   * The gradients that are wanted, that of the scale with respect to the plan's own.
   *
   * @param weightsOrNull the float weights, if the estimator of the weights reads them
   */
  Gradients backward(
      BinaryInput x,
      int[] inputShape,
      Tensor gradOut,
      Set<Gradient> wanted,
      SignEstimator inputQuantizer,
      SignEstimator kernelQuantizer,
      Tensor weightsOrNull) {
    Geometry.Run run = x.run();
    Check.shape("gradOut", gradOut, DataType.FLOAT32, run.outputShape());
    MemorySegment above = Check.readable("gradOut", gradOut);
    MemorySegment values = Descriptors.optional("weights", weightsOrNull);
    Tensor input = floats(wanted, Gradient.INPUT, inputShape);
    Tensor weights = floats(wanted, Gradient.WEIGHTS, geometry.weightShape());
    Tensor scale = floats(wanted, Gradient.SCALE, geometry.outputs());
    Tensor bias = floats(wanted, Gradient.BIAS, geometry.outputs());
    MemorySegment toInput = Descriptors.optional("input", input);
    MemorySegment toWeights = Descriptors.optional("weights", weights);
    MemorySegment toScale = Descriptors.optional("scale", scale);
    MemorySegment toBias = Descriptors.optional("bias", bias);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment signs = Descriptors.of(arena, inputQuantizer, kernelQuantizer);
      run(
          handle ->
              AxnnH.axnn_binary_backward(
                  handle,
                  signs,
                  values,
                  values.byteSize(),
                  x.memory(),
                  x.memory().byteSize(),
                  run.n(),
                  run.h(),
                  run.w(),
                  above,
                  above.byteSize(),
                  toInput,
                  toInput.byteSize(),
                  toWeights,
                  toWeights.byteSize(),
                  toScale,
                  toScale.byteSize(),
                  toBias,
                  toBias.byteSize()));
    }
    return new Gradients(input, weights, scale, bias);
  }

  private static Tensor floats(Set<Gradient> wanted, Gradient gradient, int... shape) {
    return wanted.contains(gradient) ? Tensor.allocate(DataType.FLOAT32, shape) : null;
  }

  // ---- What it was made of ---------------------------------------------------------------------

  /** The weights in the format of {@link PackedBits}. */
  PackedBits weights() {
    int[] shape = {geometry.outputs(), geometry.fanIn()};
    MemorySegment bits = Arena.ofAuto().allocate(Shapes.bitBytes(shape));
    parameters(bits, MemorySegment.NULL, MemorySegment.NULL);
    return Access.packedBits(bits, shape);
  }

  /** One scale an output channel. */
  float[] scales() {
    Tensor scales = Tensor.allocate(DataType.FLOAT32, geometry.outputs());
    parameters(MemorySegment.NULL, scales.memory(), MemorySegment.NULL);
    return scales.toFloatArray();
  }

  /** One bias an output channel. */
  float[] biases() {
    Tensor biases = Tensor.allocate(DataType.FLOAT32, geometry.outputs());
    parameters(MemorySegment.NULL, MemorySegment.NULL, biases.memory());
    return biases.toFloatArray();
  }

  private void parameters(MemorySegment weights, MemorySegment scales, MemorySegment biases) {
    run(
        handle ->
            AxnnH.axnn_binary_parameters(
                handle,
                weights,
                weights.byteSize(),
                scales,
                scales.byteSize(),
                biases,
                biases.byteSize()));
  }

  /** Bytes that the plan keeps. */
  long memoryBytes() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG);
      run(handle -> AxnnH.axnn_binary_memory(handle, bytes));
      return bytes.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  private void run(ToIntFunction<MemorySegment> call) {
    plan.call(
        handle -> {
          NativeCalls.check(call.applyAsInt(handle));
          return null;
        });
  }
}
