package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.TensorFile;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Seeds;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinarySaveTest {

  private static final SignEstimator[] ESTIMATORS = {
    SignEstimator.IDENTITY,
    SignEstimator.steSign(0.75f),
    SignEstimator.APPROX_SIGN,
    SignEstimator.swishSign(3),
    SignEstimator.MAGNITUDE_AWARE_SIGN
  };

  private static Context context;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    context = Context.create();
  }

  @AfterAll
  static void close() {
    context.close();
  }

  @Test
  void aLoadedConvolutionIsTheOneThatWasSaved() {
    Random random = Seeds.random("BinarySaveTest.aLoadedConvolutionIsTheOneThatWasSaved");
    Path file = folder.resolve("layer.safetensors");
    for (int i = 0; i < 40; i++) {
      BinaryCase drawn = BinaryCase.draw(random, RandomConv.draw(random));
      BinaryConv2d.Builder builder =
          drawn.settings(
              BinaryConv2d.builder(context, drawn.conv().args(), drawn.weightTensor())
                  .paddingValue(drawn.padding())
                  .inputQuantizer(ESTIMATORS[random.nextInt(4)])
                  .kernelQuantizer(ESTIMATORS[random.nextInt(5)]));
      try (BinaryConv2d layer = builder.build()) {
        if (random.nextBoolean()) {
          layer.dropFloatWeights();
        }
        layer.save(file);
        try (BinaryConv2d loaded = BinaryConv2d.load(context, file).build()) {
          assertThat(loaded.convArgs()).isEqualTo(layer.convArgs());
          assertThat(loaded.paddingValue()).isEqualTo(layer.paddingValue());
          assertSame(layer, loaded, drawn.xTensor(), "case %d: %s".formatted(i, drawn));
        }
      }
    }
  }

  @Test
  void aLoadedLinearLayerIsTheOneThatWasSaved() {
    Random random = Seeds.random("BinarySaveTest.aLoadedLinearLayerIsTheOneThatWasSaved");
    Path file = folder.resolve("layer.safetensors");
    for (int i = 0; i < 20; i++) {
      BinaryCase drawn = BinaryCase.draw(random, RandomConv.drawLinear(random));
      int in = drawn.conv().args().inChannels();
      try (BinaryLinear layer = drawn.linear(context)) {
        if (random.nextBoolean()) {
          layer.dropFloatWeights();
        }
        layer.save(file);
        try (BinaryLinear loaded = BinaryLinear.load(context, file).build()) {
          Tensor x = Tensor.of(drawn.x(), drawn.conv().batch(), in);
          assertSame(layer, loaded, x, "case %d: %s".formatted(i, drawn));
        }
        assertIllegalArgument(
            () -> BinaryConv2d.load(context, file),
            file.toString(),
            "BinaryLinear",
            "BinaryConv2d");
      }
    }
  }

  private static void assertSame(BinaryLayer saved, BinaryLayer loaded, Tensor x, String name) {
    assertThat(loaded.forward(x).toFloatArray())
        .as(name)
        .isEqualTo(saved.forward(x).toFloatArray());
    assertThat(loaded.epilogue()).as(name).isEqualTo(saved.epilogue());
    assertThat(loaded.packedWeights().toByteArray()).isEqualTo(saved.packedWeights().toByteArray());
    assertThat(loaded.weights().map(Tensor::toFloatArray))
        .usingRecursiveComparison()
        .isEqualTo(saved.weights().map(Tensor::toFloatArray));
    assertThat(loaded.inputQuantizer()).isEqualTo(saved.inputQuantizer());
    assertThat(loaded.kernelQuantizer()).isEqualTo(saved.kernelQuantizer());
    assertThat(loaded.memoryBytes()).isEqualTo(saved.memoryBytes());
  }

  @Test
  void theFileHasTheBitsOfPackedBits() {
    Path path = folder.resolve("layer.safetensors");
    Tensor weights = Tensor.of(Seeds.floats(new Random(2), 3 * 13), 3, 13);
    try (BinaryLinear layer = BinaryLinear.builder(context, weights).scale(2, 3, 4).build()) {
      layer.save(path);
      TensorFile file = TensorFile.read(path);
      Tensor packed = file.tensors().get("weight_packed");
      assertThat(packed.dataType()).isEqualTo(DataType.UINT8);
      assertThat(packed.shape()).containsExactly(3, 2);
      assertThat(packed.toByteArray()).isEqualTo(layer.packedWeights().toByteArray());
      assertThat(file.tensors().get("weight").toFloatArray()).isEqualTo(weights.toFloatArray());
      assertThat(file.tensors().get("scale").toFloatArray()).containsExactly(2, 3, 4);
      assertThat(file.tensors().get("bias").toFloatArray()).containsExactly(0, 0, 0);
      layer.dropFloatWeights();
      layer.save(path);
      assertThat(TensorFile.read(path).tensors()).doesNotContainKey("weight");
      assertThatThrownBy(() -> layer.save(folder.resolve("none").resolve("x")))
          .isInstanceOf(UncheckedIOException.class);
      assertThatThrownBy(() -> BinaryLinear.load(context, folder.resolve("none")))
          .isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void filesThatAreDamagedAreRefusedByName() {
    Path good = folder.resolve("good.safetensors");
    Conv2dArgs args = Conv2dArgs.builder(2, 2, 1, 1).build();
    Tensor weights = Tensor.allocate(DataType.FLOAT32, args.weightShape());
    try (BinaryConv2d layer =
        BinaryConv2d.builder(context, args, weights).paddingValue(PaddingValue.ZERO).build()) {
      layer.save(good);
    }
    TensorFile file = TensorFile.read(good);
    for (String key : file.metadata().keySet()) {
      Map<String, String> without = new HashMap<>(file.metadata());
      without.remove(key);
      refused(new TensorFile(file.tensors(), without), key);
      without.put(key, "?");
      refused(new TensorFile(file.tensors(), without), "?");
    }
    for (String size :
        List.of("out_channels", "in_channels_of_a_group", "kernel_h", "kernel_w", "groups")) {
      for (int wrong : new int[] {-1, 0, 3, Integer.MAX_VALUE}) {
        Map<String, String> other = new HashMap<>(file.metadata());
        other.put(size, Integer.toString(wrong));
        refused(new TensorFile(file.tensors(), other), "bad.safetensors");
      }
    }
    Map<String, String> wrongSize =
        Map.of(
            "weight", "[3, 5]",
            "weight_packed", "packedWeights has 15 bytes",
            "scale", "scale has 15 elements",
            "bias", "bias 15");
    for (String name : file.tensors().keySet()) {
      Map<String, Tensor> other = new HashMap<>(file.tensors());
      other.put(name, Tensor.allocate(DataType.INT8, 2, 3));
      refused(new TensorFile(other, file.metadata()), name);
      other.put(name, Tensor.allocate(file.tensors().get(name).dataType(), 3, 5));
      refused(new TensorFile(other, file.metadata()), wrongSize.get(name));
    }
    Map<String, Tensor> signs = new HashMap<>(file.tensors());
    signs.put("weight", Tensor.of(new float[] {1, 1, 1, -1}, args.weightShape()));
    refused(new TensorFile(signs, file.metadata()), "weight", "weight_packed", "signs");
    signs.remove("weight");
    signs.put("weight_packed", Tensor.ofUnsigned(new byte[] {3, 4}, 2, 1));
    refused(new TensorFile(signs, file.metadata()), "trailing bits", "row 1");
    signs.put("weight_packed", file.tensors().get("weight_packed"));
    signs.put("scale", Tensor.of(new float[] {1, Float.NaN}, 2));
    refused(new TensorFile(signs, file.metadata()), "scale[1]", "NaN");
  }

  private void refused(TensorFile content, String... messageParts) {
    Path bad = folder.resolve("bad.safetensors");
    content.write(bad);
    assertIllegalArgument(() -> BinaryConv2d.load(context, bad).build(), messageParts);
    assertIllegalArgument(() -> BinaryConv2d.load(context, bad).build(), bad.toString());
  }
}
