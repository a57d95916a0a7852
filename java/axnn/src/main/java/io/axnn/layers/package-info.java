/**
 * Convolutional and linear layers: exact float32 ({@link io.axnn.layers.Conv2d}, {@link
 * io.axnn.layers.Linear}), with the products of an approximate multiplier ({@link
 * io.axnn.layers.ApproxConv2d}, {@link io.axnn.layers.ApproxLinear}), and binary ({@link
 * io.axnn.layers.BinaryConv2d}, {@link io.axnn.layers.BinaryLinear}).
 *
 * <p>Approximate layers are live: mode, multiplier, quantisations, weights and bias may change
 * while other threads run them ({@link io.axnn.layers.ApproxLayer}).
 *
 * <p>Names follow the systems that users come from: TorchApprox for approximate layers,
 * bitorch-engine for binary ones. All tensors are float32 at the outside, activations NCHW, weights
 * OIHW.
 */
package io.axnn.layers;
