package io.axnn.layers;

import io.axnn.Tensor;
import io.axnn.quant.Observer;
import io.axnn.quant.Quantization;
import io.axnn.quant.QuantizationConfig;
import io.axnn.quant.WeightQuantization;

/** What a layer has seen of its inputs, and the quantisations that follow from that. */
final class Calibration {

  private final QuantizationConfig config;
  private final Observer observer;

  Calibration(QuantizationConfig config) {
    this.config = config;
    observer = config.activations().get();
  }

  void observe(Tensor x) {
    observer.observe(x);
  }

  /**
   * @throws IllegalStateException if nothing was observed
   */
  Quantization input() {
    return observer.quantization();
  }

  WeightQuantization weights(Tensor weights) {
    return config.weights().of(weights);
  }
}
