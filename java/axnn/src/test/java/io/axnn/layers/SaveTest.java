package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.TensorFile;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaveTest {

  @TempDir private Path folder;

  @Test
  void aLoadedConvolutionIsTheOneThatWasSaved() {
    Random random = Seeds.random("SaveTest.aLoadedConvolutionIsTheOneThatWasSaved");
    Path file = folder.resolve("layer.safetensors");
    try (Context context = Context.create()) {
      for (int i = 0; i < 30; i++) {
        ApproxCase drawn = ApproxCase.draw(random, RandomConv.draw(random));
        try (Multiplier multiplier = drawn.multiplier();
            ApproxConv2d layer = drawn.build(context, multiplier)) {
          layer.save(file);
          try (ApproxConv2d loaded =
              ApproxConv2d.load(context, file).multiplier(multiplier).build()) {
            assertThat(loaded.convArgs()).isEqualTo(layer.convArgs());
            for (InferenceMode mode : InferenceMode.values()) {
              layer.setInferenceMode(mode);
              loaded.setInferenceMode(mode);
              assertThat(loaded.forward(drawn.xTensor()).toFloatArray())
                  .as("case %d: %s, %s", i, drawn, mode)
                  .isEqualTo(layer.forward(drawn.xTensor()).toFloatArray());
            }
          }
        }
      }
    }
  }

  @Test
  void linearLayersAreSavedWithOrWithoutQuantisation() {
    Path file = folder.resolve("layer.safetensors");
    Tensor weights = Tensor.of(Seeds.floats(new Random(1), 35), 5, 7);
    Tensor bias = Tensor.of(Seeds.floats(new Random(2), 5), 5);
    Tensor others = Tensor.of(Seeds.floats(new Random(3), 35), 5, 7);
    try (Context context = Context.create();
        ApproxLinear layer =
            ApproxLinear.builder(context, weights, bias)
                .operandOrder(OperandOrder.ACTIVATION_FIRST)
                .zeroPointCorrection(ZeroPointCorrection.TABLE)
                .outputRange(0, 6)
                .build()) {
      layer.save(file);
      try (ApproxLinear loaded = ApproxLinear.load(context, file).build()) {
        assertThat(loaded.inputQuantization()).isEmpty();
        assertThat(loaded.bias().orElseThrow().toFloatArray()).isEqualTo(bias.toFloatArray());
        assertThat(loaded.operandOrder()).isEqualTo(OperandOrder.ACTIVATION_FIRST);
        assertThat(loaded.zeroPointCorrection()).isEqualTo(ZeroPointCorrection.TABLE);
        loaded.setWeights(others);
        assertThat(loaded.weightQuantization()).isEqualTo(WeightQuantization.perChannel(others));
      }
      layer.setBias(null);
      layer.setInputQuantization(Quantization.affine(0.5f, 3));
      layer.setWeightQuantization(WeightQuantization.perTensor(weights));
      layer.save(file);
      try (ApproxLinear loaded = ApproxLinear.load(context, file).build()) {
        assertThat(loaded.inferenceMode()).isEqualTo(InferenceMode.QUANTIZED);
        assertThat(loaded.bias()).isEmpty();
        assertThat(loaded.inputQuantization()).contains(Quantization.affine(0.5f, 3));
        loaded.setWeights(others);
        assertThat(loaded.weightQuantization()).isEqualTo(layer.weightQuantization());
      }
      assertIllegalArgument(
          () -> ApproxConv2d.load(context, file), file.toString(), "ApproxLinear", "ApproxConv2d");
      assertThatThrownBy(() -> layer.save(folder.resolve("none").resolve("x")))
          .isInstanceOf(UncheckedIOException.class);
      assertThatThrownBy(() -> ApproxLinear.load(context, folder.resolve("none")))
          .isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void filesThatAreDamagedAreRefusedByName() {
    Path good = folder.resolve("good.safetensors");
    Conv2dArgs args = Conv2dArgs.builder(2, 2, 1, 1).build();
    try (Context context = Context.create();
        ApproxConv2d layer =
            ApproxConv2d.builder(
                    context, args, Tensor.allocate(DataType.FLOAT32, args.weightShape()), null)
                .inputQuantization(Quantization.symmetric(1))
                .weightQuantization(WeightQuantization.of(1))
                .build()) {
      layer.save(good);
      TensorFile file = TensorFile.read(good);
      for (String key : file.metadata().keySet()) {
        Map<String, String> without = new HashMap<>(file.metadata());
        without.remove(key);
        if (key.equals("structure_use")) {
          // Files of before it was there.
          Path older = good.resolveSibling("older.safetensors");
          new TensorFile(file.tensors(), without).write(older);
          try (ApproxConv2d loaded = ApproxConv2d.load(context, older).build()) {
            assertThat(loaded.structureUse()).isEqualTo(StructureUse.AUTO);
          }
        } else {
          refused(context, new TensorFile(file.tensors(), without), key);
        }
        if (!key.startsWith("weight_quantization")) {
          without.put(key, "?");
          refused(context, new TensorFile(file.tensors(), without), "?");
        }
      }
      for (String name : file.tensors().keySet()) {
        Map<String, Tensor> other = new HashMap<>(file.tensors());
        other.put(name, Tensor.allocate(DataType.INT8, 2, 3));
        refused(context, new TensorFile(other, file.metadata()), name);
      }
    }
  }

  private void refused(Context context, TensorFile content, String... messageParts) {
    Path bad = folder.resolve("bad.safetensors");
    content.write(bad);
    assertIllegalArgument(() -> ApproxConv2d.load(context, bad).build(), messageParts);
    assertIllegalArgument(() -> ApproxConv2d.load(context, bad).build(), bad.toString());
  }
}
