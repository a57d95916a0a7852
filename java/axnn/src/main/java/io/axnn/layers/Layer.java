package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Tensor;

/**
 * A layer that is ready to run, for any batch and image size, and by many threads at once.
 * Immutable, but for the settings of an {@link ApproxLayer} and a {@link BinaryLayer}, which may
 * change while it runs.
 *
 * <p>A convolution reads [n, inChannels, h, w] and writes [n, outChannels, outH, outW]; a linear
 * layer reads [..., inFeatures] and writes [..., outFeatures] with any leading dimensions. All are
 * FLOAT32.
 */
public interface Layer extends AutoCloseable {

  /**
   * Runs the layer.
   *
   * @param x input, FLOAT32
   * @return a new output in memory that the garbage collector frees
   * @throws IllegalArgumentException if type or shape of x do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x
   * @throws AxnnException if the native library has no memory for it
   */
  Tensor forward(Tensor x);

  /**
   * Runs the layer into a tensor that is there already. Nothing is copied, nothing else allocated.
   *
   * @param x input, FLOAT32
   * @param y output, FLOAT32 of {@link #outputShape} of x, must not overlap x; unchanged if this
   *     throws
   * @throws IllegalArgumentException if type, shape or memory of x or y do not fit
   * @throws IllegalStateException if this layer is closed, or the arena of x or y
   * @throws AxnnException if the native library has no memory for it
   */
  void forward(Tensor x, Tensor y);

  /**
   * The shape of the output for an input of some shape.
   *
   * @param inputShape shape of an input
   * @return shape of its output
   * @throws IllegalArgumentException if the layer does not take such an input
   */
  int[] outputShape(int... inputShape);

  /**
   * Says how an input of some shape is run: kernel, tile, sums, threads.
   *
   * @param inputShape shape of an input
   * @return one line of text for a person
   * @throws IllegalArgumentException if the layer does not take such an input
   * @throws IllegalStateException if this layer is closed
   */
  String explain(int... inputShape);

  /** Forbids further calls and returns; calls that are running finish. May be called again. */
  @Override
  void close();
}
