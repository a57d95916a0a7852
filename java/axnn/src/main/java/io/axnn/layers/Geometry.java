package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.Shapes;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/** How the shape of a layer's input becomes the n, h and w of the C functions and its output. */
sealed interface Geometry {

  /** What one call runs on. */
  record Run(int n, int h, int w, int[] outputShape) {}

  /**
   * @throws IllegalArgumentException if the layer takes no input of that shape
   */
  Run of(int... inputShape);

  /**
   * As {@link #of}, for the shape of {@link io.axnn.PackedBits}.
   *
   * @throws IllegalArgumentException if the layer takes no bits of that shape
   */
  Run ofBits(int... bitShape);

  /** The shape in bits of an output that has some shape in floats. */
  int[] bitShape(int... outputShape);

  /** Shape of the weights, output channels (or features) first. */
  int[] weightShape();

  /** Output channels or features: the length of a bias. */
  default int outputs() {
    return weightShape()[0];
  }

  /** Products in one output value. */
  int fanIn();

  /** Parts that the channels are divided into. */
  int groups();

  /** [n, inChannels, h, w] to [n, outChannels, outH, outW]. */
  record Convolution(Conv2dArgs args) implements Geometry {

    @Override
    public Run of(int... inputShape) {
      Shapes.size(inputShape);
      if (inputShape.length != 4 || inputShape[1] != args.inChannels()) {
        throw wrongShape("x", inputShape, "[n, " + args.inChannels() + ", h, w]");
      }
      int n = inputShape[0];
      int h = inputShape[2];
      int w = inputShape[3];
      int[] dims = args.outputDims(h, w);
      return new Run(n, h, w, new int[] {n, args.outChannels(), dims[0], dims[1]});
    }

    @Override
    public Run ofBits(int... bitShape) {
      if (bitShape.length != 4 || bitShape[3] != args.inChannels()) {
        throw wrongShape("x", bitShape, "[n, h, w, " + args.inChannels() + "] of bits");
      }
      return of(bitShape[0], bitShape[3], bitShape[1], bitShape[2]);
    }

    @Override
    public int[] bitShape(int... outputShape) {
      return new int[] {outputShape[0], outputShape[2], outputShape[3], outputShape[1]};
    }

    @Override
    public int[] weightShape() {
      return args.weightShape();
    }

    @Override
    public int fanIn() {
      return args.fanIn();
    }

    @Override
    public int groups() {
      return args.groups();
    }
  }

  /** [..., inFeatures] to [..., outFeatures]. */
  record Rows(int inFeatures, int outFeatures) implements Geometry {

    @Override
    public Run of(int... inputShape) {
      long size = Shapes.size(inputShape);
      int last = inputShape.length - 1;
      if (last < 0 || inputShape[last] != inFeatures) {
        throw wrongShape("x", inputShape, "[..., " + inFeatures + "]");
      }
      long rows = size / inFeatures;
      if (rows > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("x has " + rows + " rows, but must have less than 2^31");
      }
      int[] outputShape = inputShape.clone();
      outputShape[last] = outFeatures;
      return new Run((int) rows, 1, 1, outputShape);
    }

    @Override
    public Run ofBits(int... bitShape) {
      return of(bitShape);
    }

    @Override
    public int[] bitShape(int... outputShape) {
      return outputShape;
    }

    @Override
    public int[] weightShape() {
      return new int[] {outFeatures, inFeatures};
    }

    @Override
    public int fanIn() {
      return inFeatures;
    }

    @Override
    public int groups() {
      return 1;
    }

    /** The geometry that the weights of a linear layer have. */
    static Rows ofWeights(Tensor weights) {
      Objects.requireNonNull(weights, "weights");
      if (weights.rank() != 2) {
        throw wrongShape("weights", weights.shape(), "[outFeatures, inFeatures]");
      }
      return new Rows(weights.dimension(1), weights.dimension(0));
    }
  }

  /** Refuses weights and a bias of another shape. */
  default void checkParameters(Tensor weights, Tensor biasOrNull) {
    Check.shape("weights", weights, DataType.FLOAT32, weightShape());
    checkBias(biasOrNull);
  }

  /** Refuses a bias of another shape. */
  default void checkBias(Tensor biasOrNull) {
    if (biasOrNull != null) {
      Check.shape("bias", biasOrNull, DataType.FLOAT32, outputs());
    }
  }

  /** The values of a bias, 0 where there is none. */
  default float[] bias(Tensor biasOrNull) {
    checkBias(biasOrNull);
    if (biasOrNull == null) {
      return new float[1];
    }
    return Check.readable("bias", biasOrNull).toArray(ValueLayout.JAVA_FLOAT);
  }

  private static IllegalArgumentException wrongShape(String name, int[] shape, String wanted) {
    return new IllegalArgumentException(
        name + " has shape " + Arrays.toString(shape) + ", but must have shape " + wanted);
  }
}
