package io.axnn.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TraceTest {

  /** Keeps what it is told, and asks for one detail. */
  private static final class Recorder implements TraceListener {

    private final List<Trace> traces = new ArrayList<>();
    private Detail wanted = Detail.NONE;

    @Override
    public Detail detail(ApproxLayer layer) {
      return wanted;
    }

    @Override
    public void traced(ApproxLayer layer, Trace trace) {
      traces.add(trace);
    }

    Trace record(ApproxLayer layer, Tensor x, Detail detail) {
      wanted = detail;
      traces.clear();
      layer.forward(x);
      assertThat(traces).hasSize(1);
      return traces.getFirst();
    }
  }

  @Test
  void operandsAreThoseOfTheProducts() {
    Random random = Seeds.random("TraceTest.operandsAreThoseOfTheProducts");
    try (Context context = Context.create()) {
      for (int i = 0; i < 40; i++) {
        ApproxCase drawn = ApproxCase.draw(random, RandomConv.draw(random));
        try (Multiplier multiplier = drawn.multiplier();
            ApproxConv2d layer = drawn.build(context, multiplier)) {
          Recorder recorder = new Recorder();
          layer.setTraceListener(recorder);
          Tensor x = drawn.xTensor();
          Trace.Operands operands =
              (Trace.Operands) recorder.record(layer, x, TraceListener.Detail.OPERANDS);
          String name = "case %d: %s".formatted(i, drawn);
          assertThat(sums(drawn, operands)).as(name).isEqualTo(drawn.sums());
          Trace.Histograms histograms =
              (Trace.Histograms) recorder.record(layer, x, TraceListener.Detail.HISTOGRAMS);
          assertThat(histograms.weights()).as(name).isEqualTo(counts(operands.weights()));
          assertThat(histograms.inputs()).as(name).isEqualTo(counts(operands.inputs()));
        }
      }
    }
  }

  /** The sums of table entries of traced operands. */
  private static long[] sums(ApproxCase drawn, Trace.Operands operands) {
    Conv2dArgs args = drawn.conv().args();
    int taps = args.fanIn();
    assertThat(operands.weights().shape()).containsExactly(args.outChannels(), taps);
    int[] shape = operands.inputs().shape();
    assertThat(shape).startsWith(drawn.conv().batch(), args.groups(), taps).hasSize(4);
    int pixels = shape[3];
    byte[] weights = operands.weights().toByteArray();
    byte[] inputs = operands.inputs().toByteArray();
    boolean weightFirst = drawn.order() == OperandOrder.WEIGHT_FIRST;
    int[] table = drawn.table();
    long[] sums = new long[shape[0] * args.outChannels() * pixels];
    for (int i = 0; i < sums.length; i++) {
      int image = i / pixels / args.outChannels();
      int o = i / pixels % args.outChannels();
      int group = o / (args.outChannels() / args.groups());
      for (int tap = 0; tap < taps; tap++) {
        int w = weights[o * taps + tap] & 255;
        int in = inputs[((image * args.groups() + group) * taps + tap) * pixels + i % pixels] & 255;
        sums[i] += table[weightFirst ? w * 256 + in : in * 256 + w];
      }
    }
    return sums;
  }

  private static long[] counts(Tensor codes) {
    long[] counts = new long[256];
    for (byte code : codes.toByteArray()) {
      counts[code & 255]++;
    }
    return counts;
  }

  @Test
  void linearLayersHaveOneGroupAndOnePixel() {
    Random random = new Random(1);
    try (Context context = Context.create();
        ApproxLinear layer =
            ApproxLinear.builder(context, Tensor.of(Seeds.floats(random, 35), 5, 7), null)
                .inputQuantization(new Quantization(0.01f, 100, 0, 255))
                .build()) {
      Recorder recorder = new Recorder();
      layer.setTraceListener(recorder);
      Tensor x = Tensor.of(Seeds.floats(random, 42), 2, 3, 7);
      Trace.Operands operands =
          (Trace.Operands) recorder.record(layer, x, TraceListener.Detail.OPERANDS);
      assertThat(operands.inputs().shape()).containsExactly(6, 1, 7, 1);
      assertThat(operands.inputs().dataType()).isEqualTo(DataType.UINT8);
      assertThat(operands.inputs().toByteArray())
          .isEqualTo(layer.inputQuantization().orElseThrow().quantize(x).toByteArray());
      assertThat(operands.weights().dataType()).isEqualTo(DataType.INT8);
      assertThat(operands.weights().toByteArray())
          .isEqualTo(layer.weightQuantization().quantize(layer.weights()).toByteArray());
    }
  }

  @Test
  void onlyChosenPassesOfIntegersAreTraced() {
    Random random = new Random(1);
    Tensor x = Tensor.of(Seeds.floats(random, 14), 2, 7);
    try (Context context = Context.create();
        ApproxLinear layer =
            ApproxLinear.builder(context, Tensor.of(Seeds.floats(random, 35), 5, 7), null)
                .inputQuantization(Quantization.symmetric(0.01f))
                .build()) {
      float[] expected = layer.forward(x).toFloatArray();
      Recorder recorder = new Recorder();
      layer.setTraceListener(recorder);
      assertThat(layer.forward(x).toFloatArray()).isEqualTo(expected);
      recorder.wanted = TraceListener.Detail.OPERANDS;
      layer.baselineForward(x);
      assertThat(recorder.traces).isEmpty();
      assertThat(layer.forward(x).toFloatArray()).isEqualTo(expected);
      assertThat(recorder.traces).hasSize(1);
      layer.setTraceListener(null);
      layer.forward(x);
      assertThat(recorder.traces).hasSize(1);
    }
  }
}
