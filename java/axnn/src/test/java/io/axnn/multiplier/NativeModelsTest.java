package io.axnn.multiplier;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.multiplier.Prototype.Type;
import io.axnn.testing.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Multipliers that are C functions, compiled by the test. */
class NativeModelsTest {

  private static final Map<Type, String> C_NAMES =
      Map.of(
          Type.INT8, "int8_t",
          Type.UINT8, "uint8_t",
          Type.INT16, "int16_t",
          Type.UINT16, "uint16_t",
          Type.INT32, "int32_t",
          Type.UINT32, "uint32_t",
          Type.INT64, "int64_t",
          Type.UINT64, "uint64_t");

  @TempDir Path folder;

  private Path source(String code) throws IOException {
    return Files.writeString(folder.resolve("model.c"), "#include <stdint.h>\n" + code);
  }

  /** A product whose lowest bit is lost, in every mixture of types that can hold it. */
  @Test
  void everyPrototype() throws IOException {
    StringBuilder code = new StringBuilder();
    record Case(String symbol, Prototype prototype, Operand row, Operand column) {}
    List<Case> cases = new ArrayList<>();
    for (Type result : Type.values()) {
      for (Type first : Type.values()) {
        for (Type second : List.of(Type.INT8, Type.UINT8, Type.INT32, Type.UINT64)) {
          String symbol =
              "f%d_%d_%d".formatted(result.ordinal(), first.ordinal(), second.ordinal());
          // Operands of four bits: the product has eight.
          code.append(
              "%s %s(%s a, %s b) {\n  int64_t x = (int64_t)a << 60 >> 60, y = (int64_t)b << 60 >> 60;\n"
                  .formatted(C_NAMES.get(result), symbol, C_NAMES.get(first), C_NAMES.get(second)));
          code.append("  return (x * y) & ~1; }\n");
          cases.add(
              new Case(
                  symbol,
                  new Prototype(result, first, second),
                  Operand.signed(4),
                  Operand.signed(4)));
        }
      }
    }
    Multiplier expected =
        Multiplier.fromFunction(
            "expected", Operand.signed(4), Operand.signed(4), (a, b) -> a * b & ~1);
    Path library = compile(source(code.toString()));
    for (Case c : cases) {
      assertThat(
              Multiplier.fromNativeFunction(
                  library, c.symbol(), c.prototype(), c.row(), c.column()))
          .as("%s", c.prototype())
          .isEqualTo(expected)
          .extracting(Multiplier::name)
          .isEqualTo(c.symbol());
    }
  }

  private Path compile(Path source) throws IOException {
    Path library = folder.resolve("libmodels.so");
    try {
      Process cc =
          new ProcessBuilder(
                  "cc",
                  "-shared",
                  "-fPIC",
                  // A missing symbol is missed when the library is loaded.
                  "-Wl,-z,now",
                  "-o",
                  library.toString(),
                  source.toString())
              .inheritIO()
              .start();
      assertThat(cc.waitFor()).isZero();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return library;
  }

  /** EvoApproxLib's signed models with unsigned types: bit 15 of the result is the sign. */
  @Test
  void signedModelsOfUnsignedTypesAreSignExtended() throws IOException {
    Path file =
        source(
            """
            uint16_t mul8s_x(uint8_t B, uint8_t A) {
              return (uint16_t)((int8_t)(A & ~1) * (int8_t)(B & ~1));
            }
            uint64_t mul8u_x(uint64_t a, uint64_t b) { return a * b & 0xFFF0; }
            uint32_t mul8s_wide(uint64_t a, uint64_t b) {
              return 0xABCD0000u | (uint16_t)((int8_t)a * (int8_t)b);
            }
            """);
    Multiplier signed =
        Multiplier.fromCSource(
            file,
            "mul8s_x",
            Prototype.of(Type.UINT16, Type.UINT8),
            Operand.SIGNED8,
            Operand.SIGNED8);
    assertThat(signed).isEqualTo(EvoApprox.mul8s("1L2H", EvoApprox.Version.MASTER));
    Multiplier unsigned =
        Multiplier.fromCSource(
            file,
            "mul8u_x",
            Prototype.of(Type.UINT64, Type.UINT64),
            Operand.UNSIGNED8,
            Operand.UNSIGNED8);
    assertThat(unsigned.product(255, 255)).isEqualTo(65025 & 0xFFF0);
    Multiplier wide =
        Multiplier.fromCSource(
            file,
            "mul8s_wide",
            Prototype.of(Type.UINT32, Type.UINT64),
            Operand.SIGNED8,
            Operand.SIGNED8);
    assertThat(wide).isEqualTo(Multiplier.exact());
  }

  @Test
  void tellsHowFarItIs() throws IOException {
    Path file = source("int f(int a, int b) { return a * b; }");
    List<Double> shares = Collections.synchronizedList(new ArrayList<>());
    Prototype ints = Prototype.of(Type.INT32, Type.INT32);
    Multiplier.fromCSource(file, "f", ints, Operand.SIGNED8, Operand.SIGNED8, shares::add);
    assertThat(shares).hasSize(256).isSorted().endsWith(1.0);
  }

  /** No thread may be inside a library that is unloaded. */
  @Test
  void whatTheListenerThrowsEndsTheWork() throws IOException {
    Path library =
        compile(
            source(
                """
                static int calls;
                int slow(int a, int b) {
                  __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
                  for (volatile int i = 0; i < 1000; i++) {}
                  return a * b;
                }
                """));
    for (int repeat = 0; repeat < 50; repeat++) {
      AtomicInteger told = new AtomicInteger();
      IllegalStateException enough = new IllegalStateException("enough");
      assertThatThrownBy(
              () ->
                  Multiplier.fromNativeFunction(
                      library,
                      "slow",
                      Prototype.of(Type.INT32, Type.INT32),
                      Operand.SIGNED8,
                      Operand.SIGNED8,
                      share -> {
                        told.incrementAndGet();
                        throw enough;
                      }))
          .isSameAs(enough)
          .hasNoSuppressedExceptions();
      assertThat(told).hasValue(1);
      assertThat(mapped(library)).isFalse();
    }
  }

  private static boolean mapped(Path library) throws IOException {
    return Files.readString(Path.of("/proc/self/maps")).contains(library.toString());
  }

  @Test
  void theLibraryIsUnloaded() throws IOException {
    Path library = compile(source("int f(int a, int b) { return a * b; }"));
    List<Boolean> loaded = new ArrayList<>();
    Multiplier.fromNativeFunction(
        library,
        "f",
        Prototype.of(Type.INT32, Type.INT32),
        Operand.unsigned(1),
        Operand.unsigned(1),
        share -> {
          try {
            loaded.add(mapped(library));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    assertThat(loaded).containsExactly(true, true);
    assertThat(mapped(library)).isFalse();
  }

  private static List<String> temporaryFolders() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("axnn-multiplier-"))
          .sorted()
          .toList();
    }
  }

  @Test
  void refusesWhatIsNoModel() throws IOException {
    Prototype ints = Prototype.of(Type.INT32, Type.INT32);
    Operand eight = Operand.SIGNED8;
    List<String> before = temporaryFolders();
    Path good = source("int f(int a, int b) { return a * b; }");
    assertIllegalArgument(
        () -> Multiplier.fromCSource(good, "g", ints, eight, eight), "no symbol 'g'");
    assertIllegalArgument(
        () -> Multiplier.fromCSource(folder.resolve("none.c"), "f", ints, eight, eight), "none.c");
    assertIllegalArgument(
        () -> Multiplier.fromNativeFunction(folder.resolve("no.so"), "f", ints, eight, eight),
        "no.so",
        "not a file");
    Path noLibrary = Files.writeString(folder.resolve("text.so"), "hello");
    assertIllegalArgument(
        () -> Multiplier.fromNativeFunction(noLibrary, "f", ints, eight, eight),
        "text.so",
        "cannot be loaded",
        "file too short");
    Path needsOther = compile(source("int g(int); int f(int a, int b) { return g(a) + b; }"));
    assertIllegalArgument(
        () -> Multiplier.fromNativeFunction(needsOther, "f", ints, eight, eight),
        "libmodels.so",
        "undefined symbol: g");
    Operand nine = Operand.signed(9);
    assertIllegalArgument(
        () -> Multiplier.fromCSource(good, "f", ints, nine, nine), "bits", "9", "8");
    Path broken = source("int f(int a, int b) { return a *; }");
    assertIllegalArgument(
        () -> Multiplier.fromCSource(broken, "f", ints, eight, eight),
        "does not compile",
        "model.c",
        "error");
    Path large = source("int64_t f(int a, int b) { return a == 3 ? INT64_MAX : 0; }");
    assertIllegalArgument(
        () ->
            Multiplier.fromCSource(large, "f", Prototype.of(Type.INT64, Type.INT32), eight, eight),
        "f gives 9223372036854775807 for 3 and -128");
    assertThat(temporaryFolders()).isEqualTo(before);
  }

  /** Two files that a preprocessor never reads to their end. */
  @Test
  void aCompilerThatDoesNotEndIsStopped() throws IOException {
    Path endless = source("#include __FILE__\n#include __FILE__\n");
    List<String> before = temporaryFolders();
    assertIllegalArgument(
        () -> CSource.compiled(endless, Duration.ofSeconds(1), library -> library),
        "model.c",
        "more than 1 seconds");
    assertThat(temporaryFolders()).isEqualTo(before);
    assertThat(ProcessHandle.current().descendants().map(child -> child.info().command()))
        .as("the compiler proper")
        .noneMatch(command -> command.orElse("").contains("cc1"));
  }

  @Test
  void errorsWithoutEndAreShownInPart() throws IOException {
    Path source = source("int f(int a, int b) {\n" + "x = ;\n".repeat(200) + "}");
    assertThatThrownBy(() -> CSource.compiled(source, library -> library))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(4200).endsWith(" ..."));
  }

  /** Says what is missing; in a JVM with another PATH. */
  @Test
  void withoutACompiler() throws IOException {
    Path source = source("int f(int a, int b) { return a * b; }");
    ChildJvm.Result result =
        new ChildJvm()
            .environment("PATH", folder.toString())
            .flags("--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + folder)
            .run(CompileMain.class, source.toString());
    assertThat(result.output())
        .startsWith("java.lang.IllegalStateException: no C compiler: 'cc' of the PATH");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(source);
    }
  }
}
