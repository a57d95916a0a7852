package io.axnn.tools.multipliers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axnn.Axnn;
import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Multipliers;
import io.axnn.multiplier.Operand;
import io.axnn.multiplier.Signedness;
import io.axnn.multiplier.TableFormat;
import io.axnn.tools.testing.TestData;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form in which a multiplier may be named, and what is known of its power. */
class MultiplierSourceTest {
  private static final Path ARCHIVE = TestData.folder().resolve("evoapprox/evoapprox_8x8.npz");
  private static final String MODEL =
      """
      #include <stdint.h>
      int16_t coarse(int8_t a, int8_t b) { return (a & ~3) * b; }
      uint16_t plain(uint8_t a, uint8_t b) { return a * b; }
      """;

  private final MultiplierSource source = MultiplierSource.create();
  private long handles;

  @TempDir private Path folder;

  @BeforeEach
  void countHandles() {
    handles = Axnn.liveHandles();
  }

  @AfterEach
  void nothingStaysOpen() {
    assertThat(Axnn.liveHandles()).isEqualTo(handles);
  }

  private List<String> names(String... texts) throws IOException {
    try (MultiplierSet set = source.read(List.of(texts))) {
      return set.multipliers().stream().map(rated -> rated.multiplier().name()).toList();
    }
  }

  @Test
  void presetsAreCircuitsOfEitherVersion() throws IOException {
    assertThat(names("evoapprox")).hasSize(13).startsWith("mul8s_1KV8").contains("mul8s_1KR3");
    assertThat(names("mul8s_1KV*"))
        .containsExactly("mul8s_1KV8", "mul8s_1KVA", "mul8s_1KVB", "mul8s_1KVL");
    assertThat(names("mul8s_1L2?")).containsExactly("mul8s_1L2H", "mul8s_1L2D");
    try (MultiplierSet set = source.read(List.of("mul8s_1KVA", "mul8s_1KVA@v2022"));
        Multiplier master = EvoApprox.mul8s("1KVA", EvoApprox.Version.MASTER);
        Multiplier v2022 = EvoApprox.mul8s("1KVA", EvoApprox.Version.V2022)) {
      assertThat(set.multipliers().stream().map(RatedMultiplier::multiplier))
          .containsExactly(master, v2022);
      // The second of a name is called by its source.
      assertThat(set.multipliers().get(1).multiplier().name()).isEqualTo("mul8s_1KVA@v2022");
    }
  }

  @Test
  void equalOnesComeOnce() throws IOException {
    assertThat(names("exact", "evoapprox", "mul8s_1KV8@v2022"))
        .hasSize(13)
        .startsWith("exact")
        .doesNotContain("mul8s_1KV6", "mul8s_1KV8@v2022");
  }

  static Stream<String> families() {
    return Stream.of(
        "almSoa(3)",
        "brokenArray(1, 2, 3)",
        "drum(4)",
        "dsm(4)",
        "exact()",
        "ilm(2)",
        "loa(3)",
        "mbm()",
        "mitchell()",
        "operandMasked(1,2)",
        "orColumns(4)",
        "perforated(1,2)",
        "roba()",
        "ssm(5)",
        "tosam(1,3)",
        "tosamWithoutOutputFloor(1,3)",
        "truncated(4)",
        "udm()");
  }

  /** The text calls the method of its name with its numbers. */
  @ParameterizedTest
  @MethodSource("families")
  void familiesAreMethodsOfMultipliers(String text) throws Exception {
    String name = text.substring(0, text.indexOf('('));
    Object[] numbers =
        Arrays.stream(text.substring(name.length() + 1, text.length() - 1).split(","))
            .filter(number -> !number.isBlank())
            .map(number -> Integer.valueOf(number.strip()))
            .toArray();
    Class<?>[] types = new Class<?>[numbers.length];
    Arrays.fill(types, int.class);
    Multipliers families = Multipliers.of(8, Signedness.SIGN_MAGNITUDE);
    try (Multiplier expected =
            (Multiplier) Multipliers.class.getMethod(name, types).invoke(families, numbers);
        MultiplierSet set = source.read(List.of(text + ":sign-magnitude"))) {
      assertThat(set.multipliers()).singleElement();
      Multiplier actual = set.multipliers().getFirst().multiplier();
      assertThat(actual).isEqualTo(expected);
      assertThat(actual.name()).isEqualTo(text + ":sign-magnitude");
    }
  }

  @ParameterizedTest
  @EnumSource(Signedness.class)
  void signsAndBitsAreThoseThatAreAskedFor(Signedness signedness) throws IOException {
    String spelled = signedness.name().toLowerCase(Locale.ROOT).replace('_', '-');
    try (MultiplierSet set = source.read(List.of("truncated(3):" + spelled + ":12"));
        Multiplier expected = Multipliers.of(12, signedness).truncated(3)) {
      Multiplier actual = set.multipliers().getFirst().multiplier();
      assertThat(actual).isEqualTo(expected);
      assertThat(actual.rowOperand().bits()).isEqualTo(12);
      assertThat(actual.rowOperand().signed()).isEqualTo(signedness != Signedness.UNSIGNED);
    }
  }

  @ParameterizedTest
  @EnumSource(TableFormat.class)
  void filesOfEveryFormat(TableFormat format) throws IOException {
    Map<TableFormat, String> endings =
        Map.of(
            TableFormat.NPY, "npy",
            TableFormat.NPZ, "npz",
            TableFormat.SAFETENSORS, "safetensors",
            TableFormat.TEXT, "txt",
            TableFormat.C_HEADER, "h");
    boolean signed = format != TableFormat.RAW_UINT16;
    Operand operand = signed ? Operand.SIGNED8 : Operand.UNSIGNED8;
    MultiplierSource of = source.withOperands(operand, operand);
    String spelled = format.name().toLowerCase(Locale.ROOT).replace('_', '-');
    Path file = folder.resolve("table." + endings.getOrDefault(format, "bin"));
    try (Multiplier table =
        Multiplier.fromFunction("table", operand, operand, (a, b) -> a * (b & ~1))) {
      table.write(file, format);
      String bare = file.toString();
      for (String text :
          endings.containsKey(format)
              ? List.of(bare, spelled + ":" + bare)
              : List.of(spelled + ":" + bare)) {
        try (MultiplierSet set = of.read(List.of(text))) {
          assertThat(set.multipliers().getFirst().multiplier()).isEqualTo(table);
        }
      }
    }
  }

  @Test
  void archivesAndFoldersHoldMany() throws IOException {
    try (MultiplierSet all =
            source
                .withOperands(Operand.SIGNED8, Operand.SIGNED8)
                .read(List.of(ARCHIVE.toString()));
        MultiplierSet one = source.read(List.of(ARCHIVE + ":mul8s_1KR3"))) {
      assertThat(all.multipliers()).hasSizeGreaterThan(60);
      assertThat(all.multipliers().stream().map(rated -> rated.multiplier().identity()))
          .contains(one.multipliers().getFirst().multiplier().identity());
    }
    try (Multiplier exact = Multiplier.exact();
        Multiplier other = EvoApprox.mul8s("1KVA", EvoApprox.Version.MASTER)) {
      exact.write(folder.resolve("b.npy"), TableFormat.NPY);
      other.write(folder.resolve("a.txt"), TableFormat.TEXT);
      Files.writeString(folder.resolve("README.md"), "no table");
    }
    assertThat(names(folder.toString())).containsExactly("a", "b");
  }

  @Test
  void modelsInCAreCompiledAndTabulated() throws IOException, InterruptedException {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "cc"))),
        "there is no cc on the PATH");
    Path file = Files.writeString(folder.resolve("model.c"), MODEL);
    Path library = folder.resolve("model.so");
    Process compiler =
        new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), file.toString())
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).isZero();
    try (Multiplier coarse =
        Multiplier.fromFunction("", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> (a & ~3) * b)) {
      for (Path model : List.of(file, library)) {
        try (MultiplierSet set =
            source.read(List.of(model + ":coarse", model + ":coarse:int16_t,int8,int8"))) {
          assertThat(set.multipliers()).hasSize(1);
          assertThat(set.multipliers().getFirst().multiplier()).isEqualTo(coarse);
        }
      }
    }
    try (MultiplierSet set =
        source
            .withOperands(Operand.UNSIGNED8, Operand.UNSIGNED8)
            .read(List.of(file + ":plain:uint16,uint8,uint8"))) {
      assertThat(set.multipliers().getFirst().maePercent()).isZero();
      assertThat(set.multipliers().getFirst().multiplier().product(255, 255)).isEqualTo(65_025);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.read(List.of("exact", file + ":coarse:int17,int8,int8")))
        .withMessageContaining("int17")
        .withMessageContaining("uint64");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mul8s_9999 | 'mul8s_9999' is none of the circuits of version master",
        "mul8s_1KVA@2020 | version 2020; there are master and v2022",
        "drum(6) | :sign-magnitude",
        "drum(6):odd | does not say how signs are treated",
        "drum(1,2):unsigned | has 2 in brackets; numbers that drum takes: 1",
        "drum(99):unsigned | k is 99",
        "udm():unsigned:17 | bits is 17",
        "dram(6):unsigned | 'dram' is no family; there are [almSoa",
        "nothing.npy | 'nothing.npy' is no file",
        "raw-int16:nothing | 'nothing' is no file",
        "nothing.npz:entry | 'nothing.npz' is no file"
      })
  void whatStandsForNothingIsASentence(String text, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.read(List.of("exact", text)))
        .withMessageContaining(sentence);
  }

  @Test
  void aFolderWithoutTablesIsASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.read(List.of(folder.toString())))
        .withMessageContaining(folder.toString())
        .withMessageContaining(".safetensors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evoapprox", "mul8s_1KVA@v2022", "drum(6):sign-magnitude:12", "exact"})
  void theSourceFindsItAgain(String text) throws IOException {
    try (MultiplierSet set = source.read(List.of(text))) {
      for (RatedMultiplier rated : set.multipliers()) {
        try (MultiplierSet again = source.read(List.of(rated.source()))) {
          assertThat(again.multipliers().getFirst().multiplier()).isEqualTo(rated.multiplier());
        }
      }
    }
  }

  /** Of all 64 tables, whatever they are called. */
  @Test
  void publishedPowerIsKnownByContent() throws IOException {
    Map<String, Double> published = new HashMap<>();
    for (String line : Files.readAllLines(TestData.folder().resolve("evoapprox/circuits.csv"))) {
      String[] cells = line.split(",");
      if (!cells[0].equals("name")) {
        published.put(cells[2], Double.valueOf(cells[4]));
      }
    }
    for (boolean signed : new boolean[] {true, false}) {
      Operand operand = signed ? Operand.SIGNED8 : Operand.UNSIGNED8;
      List<String> texts =
          published.keySet().stream()
              .filter(table -> table.startsWith("mul8s") == signed)
              .map(table -> ARCHIVE + ":" + table)
              .toList();
      try (MultiplierSet set = source.withOperands(operand, operand).read(texts)) {
        assertThat(set.multipliers()).hasSize(signed ? 13 : 51);
        for (RatedMultiplier rated : set.multipliers()) {
          assertThat(rated.milliwatts().orElseThrow())
              .as(rated.multiplier().name())
              .isEqualTo(published.get(rated.multiplier().name()));
        }
      }
    }
    try (MultiplierSet set = source.read(List.of("exact", "drum(6):sign-magnitude"))) {
      assertThat(set.multipliers().get(0).milliwatts()).isEqualTo(OptionalDouble.of(0.425));
      assertThat(set.multipliers().get(1).milliwatts()).isEmpty();
      assertThat(set.multipliers().get(1).maePercent()).isCloseTo(0.0833, within(1e-4));
    }
  }

  @Test
  void aFileTellsThePowerOfOthers() throws IOException {
    Path power = folder.resolve("power.csv");
    Files.writeString(power, "# mine\n\ndrum(6):sign-magnitude, 0.31\nmul8s_1KVA,1e-2\n");
    try (MultiplierSet set =
        source.withPowerOf(power).read(List.of("drum(6):sign-magnitude", "mul8s_1KVA", "exact"))) {
      assertThat(set.multipliers().stream().map(rated -> rated.milliwatts().orElseThrow()))
          .containsExactly(0.31, 0.01, 0.425);
    }
    for (String line : List.of("drum", "drum,-1", "drum,NaN", "drum,Infinity", "drum,much")) {
      Files.writeString(power, "exact,1\n" + line + "\n");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> source.withPowerOf(power))
          .withMessageContaining(power + ":2: '" + line + "'");
    }
  }
}
