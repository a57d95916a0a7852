package io.axnn.quant;

import io.axnn.Tensor;

/**
 * Watches values and proposes a quantisation for them, as PyTorch's observers do. Every
 * implementation of this package is safe for use by many threads.
 */
public interface Observer {

  /**
   * Takes note of values.
   *
   * @param values FLOAT32 of any shape, all finite
   * @throws IllegalArgumentException if a value is NaN or infinite; nothing is then taken note of
   */
  void observe(Tensor values);

  /**
   * The quantisation for the values so far.
   *
   * @return what fits them
   * @throws IllegalStateException if none were observed
   */
  Quantization quantization();

  /**
   * The lower end of the range that {@link #quantization} covers.
   *
   * @return a real value, not above {@link #max}
   * @throws IllegalStateException if no values were observed
   */
  float min();

  /**
   * The upper end of the range that {@link #quantization} covers.
   *
   * @return a real value, not below {@link #min}
   * @throws IllegalStateException if no values were observed
   */
  float max();

  /** Forgets all values. */
  void reset();
}
