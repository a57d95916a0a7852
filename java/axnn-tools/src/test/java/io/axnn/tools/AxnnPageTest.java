package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/axnn.md compiles and runs, on the model and the images of the checkout. */
class AxnnPageTest {
  private static final Pattern SNIPPET = Pattern.compile("(?ms)^```java\\n(.*?)^```$");
  private static final String PROGRAM =
      """
      import io.axnn.*;
      import io.axnn.multiplier.*;
      import io.axnn.tools.*;
      import io.axnn.tools.data.*;
      import java.nio.file.Path;

      class Snippet {
        public static void main(String[] arguments) throws Exception {
      %s
        }
      }
      """;

  @TempDir private Path folder;

  @Test
  void theExampleRuns() throws IOException, InterruptedException {
    Matcher snippet =
        SNIPPET.matcher(Files.readString(TestData.folder().resolveSibling("docs/axnn.md")));
    assertThat(snippet.find()).isTrue();
    String code =
        snippet
            .group(1)
            .replace(
                "\"fashion-mnist-cnn.onnx\"",
                "\"" + TestData.model("fashion-mnist-cnn.onnx") + "\"")
            .replace("\"fashion-mnist\"", "\"" + TestData.folder().resolve("fashion-mnist") + "\"");
    Path source = Files.writeString(folder.resolve("Snippet.java"), PROGRAM.formatted(code));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-Daxnn.cache.dir=" + System.getProperty("axnn.cache.dir", folder.toString()),
                    "-cp",
                    System.getProperty("java.class.path"),
                    source.toString()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int exitCode = process.waitFor();
    String printed = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(exitCode).as(printed).isZero();
    assertThat(printed).contains(" %", "/11/Conv ", "GEMM");
  }
}
