/**
 * From real numbers to 8-bit codes: {@link io.axnn.quant.Quantization} for activations (one scale
 * for a tensor) and {@link io.axnn.quant.WeightQuantization} for weights (one scale for all or one
 * for each output channel).
 *
 * <p>The definition is {@code code = clamp(round_half_even(v / scale + zero_point))}, computed in
 * float32 in this order: that of TorchApprox, after Jacob et al., "Quantization and Training of
 * Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018.
 */
package io.axnn.quant;
