package io.axnn.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axnn.Axnn;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.testing.Checkout;
import io.axnn.testing.Program;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The generated classes say what the header says. The header speaks through a program compiled from
 * it that prints every signature, struct, field and constant; the classes speak through reflection.
 */
class BindingsDriftTest {

  private static final Path SIGNATURES =
      Checkout.root().resolve("build/release/bin/axnn_abi_signatures");
  private static final String DESCRIPTOR = "$descriptor";
  private static final Pattern UNSIGNED = Pattern.compile("\\bu(32|64)\\b");

  @Test
  void theHandshakeExpectsTheHeadersVersion() {
    assertThat(NativeLibrary.ABI_VERSION).isEqualTo(AxnnH.AXNN_ABI_VERSION());
  }

  @Test
  void lockHoldsAndRegeneratingGivesTheSameFiles() {
    Program.Result check = Program.run("scripts/bindings.sh", "check");
    System.out.println(check.output());
    assertThat(check.exitCode()).as(check.output()).isZero();
  }

  @Test
  void generatedClassesEqualTheHeader() throws Exception {
    List<String> fromHeader = header().map(BindingsDriftTest::withoutSign).toList();
    List<String> fromClasses = new ArrayList<>(functionsAndConstants());
    for (Class<?> struct : structs()) {
      fromClasses.addAll(struct(struct));
    }
    assertThat(fromHeader).anyMatch(line -> line.startsWith("function "));
    assertThat(fromClasses).containsExactlyInAnyOrderElementsOf(fromHeader);
  }

  @Test
  void everyFunctionOfTheHeaderIsExported() {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup library = SymbolLookup.libraryLookup(libraryFile(), arena);
      assertThat(headerFunctions()).allMatch(name -> library.find(name).isPresent());
    }
  }

  @Test
  void nothingElseIsExported() {
    assumeTrue(Program.exists("nm"), "there is no nm on this machine");
    Program.Result nm =
        Program.run(
            "nm", "--dynamic", "--defined-only", "--format=posix", libraryFile().toString());
    assertThat(nm.exitCode()).as(nm.output()).isZero();
    List<String> exports = nm.output().lines().map(line -> line.split(" ")[0]).toList();
    assertThat(exports).containsExactlyInAnyOrderElementsOf(headerFunctions());
  }

  private static Stream<String> header() {
    assertThat(SIGNATURES).as("built by CMake from cpp/tests").isExecutable();
    Program.Result printed = Program.run(SIGNATURES.toString());
    assertThat(printed.exitCode()).isZero();
    return printed.output().lines();
  }

  private static List<String> headerFunctions() {
    return header()
        .filter(line -> line.startsWith("function "))
        .map(line -> line.split(" ")[1])
        .toList();
  }

  private static Path libraryFile() {
    return Path.of(Axnn.libraryLocation());
  }

  private static List<String> functionsAndConstants() throws ReflectiveOperationException {
    List<String> lines = new ArrayList<>();
    for (Method method : AxnnH.class.getDeclaredMethods()) {
      String name = method.getName();
      if (!Modifier.isPublic(method.getModifiers()) || method.getParameterCount() != 0) {
        continue;
      }
      if (name.endsWith(DESCRIPTOR)) {
        String function = name.substring(0, name.length() - DESCRIPTOR.length());
        lines.add(function(function, (FunctionDescriptor) method.invoke(null)));
      } else if (name.startsWith("AXNN_")) {
        lines.add("constant %s %s".formatted(name, method.invoke(null)));
      }
    }
    return lines;
  }

  private static String function(String name, FunctionDescriptor descriptor) {
    String result = descriptor.returnLayout().map(BindingsDriftTest::type).orElse("void");
    String arguments =
        descriptor.argumentLayouts().stream()
            .map(BindingsDriftTest::type)
            .collect(Collectors.joining(","));
    return "function %s %s (%s)".formatted(name, result, arguments);
  }

  private static List<String> struct(Class<?> type) throws ReflectiveOperationException {
    GroupLayout layout = (GroupLayout) type.getMethod("layout").invoke(null);
    List<String> lines = new ArrayList<>();
    lines.add(
        "struct %s size=%d align=%d"
            .formatted(type.getSimpleName(), layout.byteSize(), layout.byteAlignment()));
    for (MemoryLayout member : layout.memberLayouts()) {
      if (member.name().isPresent()) {
        String field = member.name().get();
        long offset = layout.byteOffset(PathElement.groupElement(field));
        lines.add("field %s %s %s %d".formatted(type.getSimpleName(), field, type(member), offset));
      }
    }
    return lines;
  }

  /** Every generated class but the header class and the classes inside it. */
  private static List<Class<?>> structs() throws IOException, ClassNotFoundException {
    String header = AxnnH.class.getSimpleName();
    Path folder = Checkout.mainClasses().resolve(AxnnH.class.getPackageName().replace('.', '/'));
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = file.getFileName().toString().replaceFirst("\\.class$", "");
        if (!name.contains("$") && !name.equals(header)) {
          classes.add(Class.forName(AxnnH.class.getPackageName() + "." + name));
        }
      }
    }
    return classes;
  }

  private static String type(MemoryLayout layout) {
    return switch (layout) {
      case AddressLayout pointer -> "ptr";
      case ValueLayout.OfInt value -> "i32";
      case ValueLayout.OfLong value -> "i64";
      case ValueLayout.OfFloat value -> "f32";
      default ->
          throw new AssertionError("a type that no function of the header should use: " + layout);
    };
  }

  /** A layout of Java says nothing of signs. */
  private static String withoutSign(String line) {
    return line.startsWith("constant ") ? line : UNSIGNED.matcher(line).replaceAll("i$1");
  }
}
