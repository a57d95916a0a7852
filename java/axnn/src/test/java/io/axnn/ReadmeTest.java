package io.axnn;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.multiplier.Multiplier;
import io.axnn.testing.Checkout;
import io.axnn.testing.ChildJvm;
import io.axnn.testing.NpyBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The Java in README.md compiles against the module and runs. */
class ReadmeTest {

  private static final Pattern SNIPPET = Pattern.compile("(?ms)^```java\\n(.*?)^```$");

  /**
   * A snippet is a list of statements; it may use a float layer {@code conv} and an input {@code
   * x}.
   */
  private static final String PROGRAM =
      """
      import io.axnn.*;
      import io.axnn.layers.*;
      import io.axnn.multiplier.*;
      import io.axnn.quant.*;
      import java.nio.file.Path;

      class Snippet {
        static final Conv2d conv =
            Conv2d.of(
                Context.create(),
                Conv2dArgs.builder(3, 8, 3, 3).padding(Padding.of(1)).build(),
                Tensor.allocate(DataType.FLOAT32, 8, 3, 3, 3),
                null);
        static final Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 3, 16, 16);

        public static void main(String[] arguments) throws Exception {
      %s
        }
      }
      """;

  @Test
  void hasASnippet() throws IOException {
    assertThat(snippets()).isNotEmpty();
  }

  @TestFactory
  Stream<DynamicTest> snippetsCompileAndRun(@TempDir Path folder) throws IOException {
    List<String> snippets = snippets();
    return snippets.stream()
        .map(
            snippet ->
                DynamicTest.dynamicTest(
                    snippet.lines().findFirst().orElse("empty"), () -> run(snippet, folder)));
  }

  private static void run(String snippet, Path folder) throws IOException {
    // The file that the README reads, from the golden table of the same name.
    try (Multiplier multiplier =
        Multiplier.read(Checkout.root().resolve("testdata/golden/luts/mul8s_1KVA.safetensors"))) {
      Files.write(
          folder.resolve("mul8s_1KVA.npy"),
          NpyBytes.of("<i4", "(256, 256)", NpyBytes.littleEndian(multiplier.toArray())));
    }
    Path source = Files.writeString(folder.resolve("Snippet.java"), PROGRAM.formatted(snippet));
    ChildJvm.Result result =
        new ChildJvm()
            .flags("-Daxnn.cache.dir=" + System.getProperty("axnn.cache.dir"))
            .workingDirectory(folder)
            .runSource(source);
    assertThat(result.exitCode()).as(result.output()).isZero();
  }

  private static List<String> snippets() throws IOException {
    String readme = Files.readString(Checkout.root().resolve("README.md"));
    return SNIPPET.matcher(readme).results().map((MatchResult match) -> match.group(1)).toList();
  }
}
