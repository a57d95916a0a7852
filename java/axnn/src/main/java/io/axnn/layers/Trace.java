package io.axnn.layers;

import io.axnn.Tensor;
import java.util.Objects;

/** The integer operands of one forward pass, or how often each occurs. */
public sealed interface Trace {

  /**
   * The operands of all products. Codes are INT8 where they are at most 127, else UINT8; INT32
   * where their range is wider than a byte's.
   *
   * @param weights codes of the weights, [outChannels, fanIn]
   * @param inputs codes of the unfolded input, padding included, [n, groups, fanIn, outH * outW]; a
   *     linear layer has 1 group and 1 pixel
   */
  record Operands(Tensor weights, Tensor inputs) implements Trace {

    /** Checks that both are there. */
    public Operands {
      Objects.requireNonNull(weights, "weights");
      Objects.requireNonNull(inputs, "inputs");
    }
  }

  /**
   * How often each code occurs, without the unfolded input being made. Element {@code code & 255}
   * counts a code. Of bytes only: a pass of a layer of wider codes is refused.
   *
   * @param weights 256 counts of the weights' codes
   * @param inputs 256 counts of the unfolded input's codes, padding included
   */
  record Histograms(long[] weights, long[] inputs) implements Trace {

    /** Checks that both are there. */
    public Histograms {
      Objects.requireNonNull(weights, "weights");
      Objects.requireNonNull(inputs, "inputs");
    }
  }
}
