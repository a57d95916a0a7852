package io.axnn;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.multiplier.Multiplier;
import io.axnn.testing.Checkout;
import io.axnn.testing.ChildJvm;
import io.axnn.testing.NpyBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java in README.md and the pages for users compiles against the module and runs. */
class ReadmeTest {

  private static final String README = "README.md";
  private static final String MULTIPLIERS = "docs/multipliers.md";
  private static final String FROM_TORCHAPPROX = "docs/from-torchapprox.md";
  private static final String FROM_BITORCH_ENGINE = "docs/from-bitorch-engine.md";
  private static final Pattern SNIPPET = Pattern.compile("(?ms)^```java\\n(.*?)^```$");

  /**
   * A snippet is a list of statements; it may use a {@code context}, a float layer {@code conv}, an
   * input {@code x} and several {@code images}.
   */
  private static final String PROGRAM =
      """
      import io.axnn.*;
      import io.axnn.layers.*;
      import io.axnn.multiplier.*;
      import io.axnn.quant.*;
      import java.nio.file.Path;
      import java.util.List;

      class Snippet {
        static final Context context = Context.create();
        static final Conv2d conv =
            Conv2d.of(
                context,
                Conv2dArgs.builder(3, 8, 3, 3).padding(Padding.of(1)).build(),
                tensor(8, 3, 3, 3),
                null);
        static final Tensor x = tensor(1, 3, 16, 16);
        static final List<Tensor> images = List.of(x, tensor(2, 3, 16, 16));

        static Tensor tensor(int... shape) {
          Tensor tensor = Tensor.allocate(DataType.FLOAT32, shape);
          float[] values = new float[(int) tensor.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = (i * 37 %% 101 - 50) / 50f;
          }
          tensor.copyFrom(values);
          return tensor;
        }

        public static void main(String[] arguments) throws Exception {
      %s
        }
      }
      """;

  /** A C model that a page tabulates. */
  private static final String MODEL =
      """
      #include <stdint.h>
      uint16_t mul8s_1L2H(uint8_t a, uint8_t b) {
        return (uint16_t) ((int8_t) (a & ~1) * (int8_t) (b & ~1));
      }
      """;

  @ParameterizedTest
  @ValueSource(strings = {README, MULTIPLIERS, FROM_TORCHAPPROX, FROM_BITORCH_ENGINE})
  void hasASnippet(String page) throws IOException {
    assertThat(snippets(page)).isNotEmpty();
  }

  @TestFactory
  Stream<DynamicTest> snippetsCompileAndRun(@TempDir Path folder) throws IOException {
    List<String> snippets = new ArrayList<>(snippets(README));
    snippets.addAll(snippets(MULTIPLIERS));
    snippets.addAll(snippets(FROM_TORCHAPPROX));
    snippets.addAll(snippets(FROM_BITORCH_ENGINE));
    return snippets.stream()
        .map(
            snippet ->
                DynamicTest.dynamicTest(
                    snippet.lines().findFirst().orElse("empty"), () -> run(snippet, folder)));
  }

  private static void run(String snippet, Path folder) throws IOException {
    writeTable("mul8s_1KVA", folder);
    writeTable("mul8s_1KX2", folder);
    Files.writeString(folder.resolve("mul8s_1L2H.c"), MODEL);
    Path source = Files.writeString(folder.resolve("Snippet.java"), PROGRAM.formatted(snippet));
    ChildJvm.Result result =
        new ChildJvm()
            .flags("-Daxnn.cache.dir=" + System.getProperty("axnn.cache.dir"))
            .workingDirectory(folder)
            .runSource(source);
    assertThat(result.exitCode()).as(result.output()).isZero();
  }

  /** A file that a page reads, from the golden table of the same name. */
  private static void writeTable(String name, Path folder) throws IOException {
    try (Multiplier multiplier =
        Multiplier.read(Checkout.root().resolve("testdata/golden/luts/" + name + ".safetensors"))) {
      Files.write(
          folder.resolve(name + ".npy"),
          NpyBytes.of("<i4", "(256, 256)", NpyBytes.littleEndian(multiplier.toArray())));
    }
  }

  private static List<String> snippets(String page) throws IOException {
    String text = Files.readString(Checkout.root().resolve(page));
    return SNIPPET.matcher(text).results().map((MatchResult match) -> match.group(1)).toList();
  }
}
