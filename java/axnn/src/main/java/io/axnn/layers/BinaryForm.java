package io.axnn.layers;

import io.axnn.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One state of a binary layer. All that grows with the channels is in the native plan; only float
 * weights and what follows them are here.
 *
 * @param latent or null, if there are no float weights
 */
record BinaryForm(BinaryMaker maker, BinaryPlan plan, OutputRange range, LatentWeights latent)
    implements Live.State<BinaryForm> {

  /** A state without float weights. */
  static BinaryForm ofBits(BinaryMaker maker, MemorySegment bits, Epilogue epilogue) {
    int outputs = maker.geometry().outputs();
    return new BinaryForm(
        maker,
        maker.plan(bits, epilogue.scales(outputs), epilogue.biases(outputs), epilogue.range()),
        epilogue.range(),
        null);
  }

  /**
   * A state of float weights.
   *
   * @param weights a tensor that nobody else writes to
   */
  static BinaryForm ofWeights(BinaryMaker maker, Tensor weights, Epilogue epilogue) {
    try (Arena arena = Arena.ofConfined()) {
      return of(maker, maker.pack(arena, weights), weights, epilogue);
    }
  }

  private static BinaryForm of(
      BinaryMaker maker, MemorySegment bits, Tensor weights, Epilogue epilogue) {
    int outputs = maker.geometry().outputs();
    float[] scales = epilogue.scales(outputs);
    LatentWeights.Magnitudes magnitudes = null;
    if (maker.kernelQuantizer().magnitudeAware()) {
      magnitudes = new LatentWeights.Magnitudes(scales, maker.meanMagnitudes(weights));
      scales = checked(magnitudes.scales());
    }
    return new BinaryForm(
        maker,
        maker.plan(bits, scales, epilogue.biases(outputs), epilogue.range()),
        epilogue.range(),
        new LatentWeights(weights, magnitudes));
  }

  private static float[] checked(float[] scales) {
    for (int o = 0; o < scales.length; o++) {
      if (!Float.isFinite(scales[o])) {
        throw new IllegalArgumentException(
            "scale["
                + o
                + "] times the mean magnitude of the weights of output channel "
                + o
                + " is "
                + scales[o]
                + ", but must be finite");
      }
    }
    return scales;
  }

  /** The scale of every output channel as it was given, before any factor that follows weights. */
  float[] scales() {
    return latent == null || latent.magnitudes() == null
        ? plan.scales()
        : latent.magnitudes().given().clone();
  }

  /** The epilogue as it was given. */
  Epilogue epilogue() {
    return Epilogue.of(scales(), plan.biases(), range);
  }

  /** The same with another epilogue. */
  BinaryForm withEpilogue(Epilogue epilogue) {
    MemorySegment bits = plan.weights().memory();
    return latent == null
        ? ofBits(maker, bits, epilogue)
        : of(maker, bits, latent.weights(), epilogue);
  }

  /** The same with limited float weights. */
  BinaryForm withClippedWeights(float limit) {
    Tensor clipped = maker.clip(latent.weights(), limit);
    // Signs stay, so the plan can, unless its scale follows the weights.
    return latent.magnitudes() == null
        ? new BinaryForm(maker, plan, range, new LatentWeights(clipped, null))
        : of(maker, plan.weights().memory(), clipped, epilogue());
  }

  /** The same without float weights; a factor that followed them is part of the scale now. */
  BinaryForm withoutLatentWeights() {
    return new BinaryForm(maker, plan, range, null);
  }

  /** Whether the scale should follow float weights that are not there. */
  boolean scaleIsFixed() {
    return latent == null && maker.kernelQuantizer().magnitudeAware();
  }

  long memoryBytes() {
    return plan.memoryBytes() + (latent == null ? 0 : latent.memoryBytes());
  }

  /** The gradient of the scale as it was given, from that of the plan's, in place. */
  void scaleGradient(Tensor gradient) {
    if (latent != null && latent.magnitudes() != null) {
      float[] values = gradient.toFloatArray();
      for (int o = 0; o < values.length; o++) {
        values[o] *= latent.magnitudes().alpha()[o];
      }
      gradient.copyFrom(values);
    }
  }

  @Override
  public void closeUnless(BinaryForm other) {
    if (plan != other.plan) {
      close();
    }
  }

  @Override
  public void close() {
    plan.plan().close();
  }
}
