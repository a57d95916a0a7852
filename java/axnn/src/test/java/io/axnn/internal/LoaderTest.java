package io.axnn.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axnn.testing.Checkout;
import io.axnn.testing.ChildJvm;
import io.axnn.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the library is found, each case in a JVM of its own. */
class LoaderTest {

  private static final String LIBRARY_PROPERTY = "axnn.library.path";
  private static final String CACHE_PROPERTY = "axnn.cache.dir";
  private static final String FAILED = "failed: io.axnn.NativeLibraryException: ";
  private static final String NATIVES = "META-INF/native/linux-x86_64/libaxnn.so";

  @TempDir Path folder;
  private Path cache;

  @BeforeEach
  void makeCache() throws IOException {
    cache = Files.createDirectory(folder.resolve("cache"));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void theLibraryOfTheJarIsExtractedOnceIntoTheCache() throws IOException {
    assertLoadedFromCache(child().run(LoadMain.class));
    List<Path> extracted = cachedFiles();
    assertOnlyTheLibraryIsCached();
    Object before = Files.getAttribute(extracted.get(0), "unix:ino");

    assertLoadedFromCache(child().run(LoadMain.class));
    assertThat(cachedFiles()).isEqualTo(extracted);
    assertThat(Files.getAttribute(extracted.get(0), "unix:ino"))
        .as("the second start uses the file of the first")
        .isEqualTo(before);
  }

  @Test
  void onlyTheUserCanWriteTheExtractedFile() throws IOException {
    assertLoadedFromCache(child().run(LoadMain.class));
    for (Path path = cachedFiles().get(0); !path.equals(folder); path = path.getParent()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .as("permissions of %s", path)
          .matches("....-..-.");
    }
  }

  @Test
  void aChangedCacheFileIsReplaced() throws IOException {
    assertLoadedFromCache(child().run(LoadMain.class));
    Path file = cachedFiles().get(0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.delete(file);
    Files.write(file, bytes);

    assertLoadedFromCache(child().run(LoadMain.class));
    assertOnlyTheLibraryIsCached();
  }

  @Test
  void aTruncatedCacheFileIsReplaced() throws IOException {
    assertLoadedFromCache(child().run(LoadMain.class));
    Path file = cachedFiles().get(0);
    Files.delete(file);
    Files.createFile(file);

    assertLoadedFromCache(child().run(LoadMain.class));
    assertOnlyTheLibraryIsCached();
  }

  @Test
  void aCacheThatOthersCanWriteIsRefused() throws IOException {
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
    ChildJvm.Result result = child().run(LoadMain.class);
    assertThat(result.output()).startsWith(FAILED).contains(cache.toString(), CACHE_PROPERTY);
    assertThat(cachedFiles()).isEmpty();
  }

  @Test
  void twoJvmsMayStartAtOnceWithAnEmptyCache() throws IOException {
    List<ChildJvm.Running> children =
        Stream.generate(() -> child().start(LoadMain.class)).limit(4).toList();
    for (ChildJvm.Running running : children) {
      assertLoadedFromCache(ChildJvm.finish(running));
    }
    assertOnlyTheLibraryIsCached();
  }

  @Test
  void theDefaultCacheIsInTheUsersHome() throws IOException {
    Path home = Files.createDirectory(folder.resolve("home"));
    ChildJvm.Result result =
        new ChildJvm()
            .flags("--enable-native-access=ALL-UNNAMED", "-Duser.home=" + home)
            .environment("HOME", home.toString())
            .environment("XDG_CACHE_HOME", "")
            .run(LoadMain.class);
    assertThat(result.output()).startsWith("loaded ").contains(home.toString());
  }

  @Test
  void thePropertyNamesTheLibrary() {
    ChildJvm.Result result =
        child().flags("-D" + LIBRARY_PROPERTY + "=" + resource()).run(LoadMain.class);
    assertThat(result.output()).startsWith("loaded ").endsWith(" from " + resource());
    assertThat(cachedFiles()).isEmpty();
  }

  @Test
  void withoutALibraryEveryPlaceThatWasTriedIsNamed() throws IOException {
    ChildJvm.Result result =
        child()
            .mainClasses(classesWithoutNatives())
            .flags("-Djava.library.path=" + folder.resolve("nowhere"))
            .run(LoadMain.class);
    assertThat(result.exitCode()).isEqualTo(LoadMain.FAILURE);
    assertThat(result.output())
        .startsWith(FAILED)
        .contains(
            NATIVES,
            LIBRARY_PROPERTY,
            folder.resolve("nowhere").toString(),
            "linux",
            System.getProperty("os.arch"));
  }

  @Test
  void systemLoadLibraryIsTheLastResort() throws IOException {
    ChildJvm.Result result =
        child()
            .mainClasses(classesWithoutNatives())
            .flags("-Djava.library.path=" + resource().getParent())
            .run(LoadMain.class);
    assertThat(result.output()).startsWith("loaded ");
  }

  @Test
  void aWrongPathInThePropertyIsNotCoveredUp() {
    Path wrong = folder.resolve("libnothing.so");
    ChildJvm.Result result =
        child().flags("-D" + LIBRARY_PROPERTY + "=" + wrong).run(LoadMain.class);
    assertThat(result.exitCode()).isEqualTo(LoadMain.FAILURE);
    assertThat(result.output()).startsWith(FAILED).contains(wrong.toString(), LIBRARY_PROPERTY);
  }

  @Test
  void aFileThatIsNoLibraryIsNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("libaxnn.so"), "this is no library");
    ChildJvm.Result result =
        child().flags("-D" + LIBRARY_PROPERTY + "=" + text).run(LoadMain.class);
    assertThat(result.exitCode()).isEqualTo(LoadMain.FAILURE);
    // The JVM may print a warning of its own first.
    assertThat(result.output()).contains(FAILED, text.toString(), LIBRARY_PROPERTY);
  }

  @Test
  void anotherAbiVersionIsRefusedBeforeAnyCall() throws IOException {
    Path other = compile("unsigned axnn_abi_version(void) { return 4711; }");
    ChildJvm.Result result =
        child().flags("-D" + LIBRARY_PROPERTY + "=" + other).run(LoadMain.class);
    assertThat(result.exitCode()).isEqualTo(LoadMain.FAILURE);
    assertThat(result.output()).startsWith(FAILED).contains(other.toString(), "4711", "ABI");
  }

  @Test
  void aLibraryOfSomethingElseIsRefused() throws IOException {
    Path other = compile("int something_else(void) { return 1; }");
    ChildJvm.Result result =
        child().flags("-D" + LIBRARY_PROPERTY + "=" + other).run(LoadMain.class);
    assertThat(result.exitCode()).isEqualTo(LoadMain.FAILURE);
    assertThat(result.output()).startsWith(FAILED).contains(other.toString(), "axnn_abi_version");
  }

  @Test
  void deniedNativeAccessNamesTheFlag() {
    assumeTrue(
        Runtime.version().feature() >= 24, "JDKs before 24 have no --illegal-native-access=deny");
    ChildJvm.Result result =
        new ChildJvm()
            .flags("--illegal-native-access=deny", "-D" + CACHE_PROPERTY + "=" + cache)
            .run(LoadMain.class);
    assertThat(result.exitCode()).isEqualTo(LoadMain.FAILURE);
    assertThat(result.output()).startsWith(FAILED).contains("--enable-native-access");
  }

  @Test
  void asAModuleItNeedsOneFlagAndGivesNoWarning() throws IOException {
    Path source = folder.resolve("Main.java");
    Files.writeString(
        source,
        """
        class Main {
          public static void main(String[] arguments) {
            System.out.println("loaded " + io.axnn.Axnn.version());
          }
        }
        """);
    ChildJvm.Result result =
        new ChildJvm().flags("-D" + CACHE_PROPERTY + "=" + cache).runSource(source);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).startsWith("loaded ").doesNotContain("WARNING");
  }

  @Test
  void aFailedLoadFailsAgainInTheSameWay() {
    Path wrong = folder.resolve("libnothing.so");
    ChildJvm.Result result =
        child().flags("-D" + LIBRARY_PROPERTY + "=" + wrong).run(LoadMain.class, "twice");
    assertThat(result.output().lines().filter(line -> line.startsWith(FAILED))).hasSize(2);
  }

  @Test
  void theEnvironmentCapsTheTier() {
    ChildJvm.Result result = child().environment("AXNN_MAX_ISA", "scalar").run(LoadMain.class);
    assertThat(result.output()).startsWith("loaded SCALAR ");
  }

  @Test
  void anUnknownTierInTheEnvironmentIsAnError() {
    ChildJvm.Result result = child().environment("AXNN_MAX_ISA", "bogus").run(LoadMain.class);
    assertThat(result.exitCode()).isEqualTo(LoadMain.FAILURE);
    assertThat(result.output())
        .startsWith("failed: io.axnn.AxnnException: ")
        .contains("AXNN_MAX_ISA", "bogus", "scalar", "avx2", "avx512");
  }

  @Test
  void theEnvironmentSetsTheThreads() {
    ChildJvm.Result result = child().environment("AXNN_NUM_THREADS", "3").run(LoadMain.class);
    assertThat(result.output()).contains(" 3 threads ");
    ChildJvm.Result wrong = child().environment("AXNN_NUM_THREADS", "0").run(LoadMain.class);
    assertThat(wrong.exitCode()).isEqualTo(LoadMain.FAILURE);
    assertThat(wrong.output())
        .startsWith("failed: io.axnn.AxnnException: ")
        .contains("AXNN_NUM_THREADS", "0");
  }

  private ChildJvm child() {
    return new ChildJvm()
        .flags("--enable-native-access=ALL-UNNAMED", "-D" + CACHE_PROPERTY + "=" + cache);
  }

  private void assertLoadedFromCache(ChildJvm.Result result) {
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).startsWith("loaded ").contains(" from " + cache);
  }

  private void assertOnlyTheLibraryIsCached() {
    assertThat(cachedFiles()).hasSize(1);
    assertThat(cachedFiles().get(0)).hasSameBinaryContentAs(resource());
  }

  private List<Path> cachedFiles() {
    try (Stream<Path> files = Files.walk(cache)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Path resource() {
    return Checkout.mainClasses().resolve(NATIVES);
  }

  /** A copy of the library's classes that has no natives beside them. */
  private Path classesWithoutNatives() throws IOException {
    Path from = Checkout.mainClasses();
    Path to = folder.resolve("classes");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path relative = from.relativize(file);
        if (relative.startsWith("META-INF")) {
          continue;
        }
        if (Files.isDirectory(file)) {
          Files.createDirectories(to.resolve(relative));
        } else {
          Files.copy(file, to.resolve(relative));
        }
      }
    }
    return to;
  }

  private Path compile(String code) throws IOException {
    assumeTrue(Program.exists("cc"), "there is no C compiler on this machine");
    Path source = Files.writeString(folder.resolve("other.c"), code + "\n");
    Path library = folder.resolve("libother.so");
    Program.Result cc =
        Program.run("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString());
    assertThat(cc.exitCode()).as(cc.output()).isZero();
    return library;
  }
}
