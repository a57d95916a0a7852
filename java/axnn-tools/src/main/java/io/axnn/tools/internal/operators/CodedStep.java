package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.layers.ApproxLayer;
import io.axnn.layers.InferenceMode;
import io.axnn.layers.ZeroPointCorrection;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.tools.Arithmetic;
import io.axnn.tools.Calibration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Steps of layers that compute with codes. */
final class CodedStep {
  private CodedStep() {}

  /**
   * A layer set to an arithmetic, with the file's quantisation where it has one.
   *
   * @param maker makes it without quantisation and multiplier
   * @param inputRange asked where no pair gives the input
   * @param limits of the layer's output
   */
  static Step of(
      Operator.Weighted operator,
      Arithmetic.Coded arithmetic,
      BiFunction<ZeroPointCorrection, Limits, ApproxLayer> maker,
      Supplier<Calibration.Range> inputRange,
      Limits limits) {
    Quantization input =
        FileQuantization.input(
            operator.inputPair(),
            arithmetic.inputOperand(),
            () -> arithmetic.inputQuantization(inputRange.get()));
    WeightQuantization weights =
        FileQuantization.weights(operator.weights(), arithmetic.weightOperand())
            .orElseGet(() -> arithmetic.weightQuantization(operator.weights().toTensor()));
    // Noise is measured on what the limits would hide, so a noisy layer has none of its own.
    boolean ownLimits = !(arithmetic instanceof Arithmetic.Noisy);
    ApproxLayer layer = maker.apply(correction(arithmetic), ownLimits ? limits : Limits.NONE);
    try {
      return switch (arithmetic) {
        case Arithmetic.Quantized ignored -> {
          layer.setWeightQuantization(weights);
          layer.setInputQuantization(input);
          yield inMode(layer, InferenceMode.QUANTIZED);
        }
        case Arithmetic.Approximate approximate -> {
          layer.setMultiplier(approximate.multiplier(), input, weights);
          yield inMode(layer, InferenceMode.APPROXIMATE);
        }
        case Arithmetic.Noisy noisy -> {
          layer.setMultiplier(noisy.of().multiplier(), input, weights);
          layer.setTraining(true);
          // Layers of one shape would else all get the same noise, which adds up.
          layer.setSeed(noisy.seed() ^ operator.location().node().hashCode());
          yield limits.after(new NoisyStep(layer, inMode(layer, InferenceMode.NOISE)));
        }
      };
    } catch (RuntimeException e) {
      layer.close();
      throw e;
    }
  }

  private static ZeroPointCorrection correction(Arithmetic.Coded arithmetic) {
    return switch (arithmetic) {
      case Arithmetic.Quantized ignored -> ZeroPointCorrection.EXACT;
      case Arithmetic.Approximate approximate -> approximate.zeroPointCorrection();
      case Arithmetic.Noisy noisy -> noisy.of().zeroPointCorrection();
    };
  }

  private static Step inMode(ApproxLayer layer, InferenceMode mode) {
    layer.setInferenceMode(mode);
    return Step.of(layer);
  }

  /** A layer whose noise is as large as the multiplier's error in its first batch. */
  private static final class NoisyStep implements Step {
    private final ApproxLayer layer;
    private final Step step;
    private boolean noiseIsSet;

    NoisyStep(ApproxLayer layer, Step step) {
      this.layer = layer;
      this.step = step;
    }

    @Override
    public Value run(List<Value> inputs, Supplier<Tensor> output) {
      setNoise(((Value.Floats) inputs.getFirst()).tensor());
      return step.run(inputs, output);
    }

    private synchronized void setNoise(Tensor x) {
      if (!noiseIsSet) {
        layer.setNoise(ErrorNoise.of(layer, x));
        noiseIsSet = true;
      }
    }

    @Override
    public String explain(List<Value> inputs) {
      return step.explain(inputs);
    }

    @Override
    public void close() {
      step.close();
    }
  }
}
