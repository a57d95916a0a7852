package io.axnn.tools.multipliers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axnn.Axnn;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.layers.ApproxLinear;
import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Multipliers;
import io.axnn.multiplier.Operand;
import io.axnn.multiplier.Signedness;
import io.axnn.multiplier.TableFormat;
import io.axnn.quant.Quantization;
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
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

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
    }
  }

  /** The second of a name is called by its source, the third too if there is one of that name. */
  @Test
  void namesAreOfOneMultiplierEach() throws IOException {
    Path file = folder.resolve("mul8s_1KVA@v2022.npy");
    try (Multiplier table =
        Multiplier.fromFunction("t", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b + 1)) {
      table.write(file, TableFormat.NPY);
    }
    assertThat(names("mul8s_1KVA", "mul8s_1KVA@v2022", file.toString()))
        .containsExactly("mul8s_1KVA", "mul8s_1KVA@v2022", file.toString());
    // Power goes by the name that is shown.
    Path power = Files.writeString(folder.resolve("power.csv"), "mul8s_1KVA,7\n");
    try (MultiplierSet set =
        source.withPowerOf(power).read(List.of("mul8s_1KVA", "mul8s_1KVA@v2022"))) {
      assertThat(set.multipliers().stream().map(rated -> rated.milliwatts().orElseThrow()))
          .containsExactly(7.0, 0.391);
    }
  }

  /** What layers were made with holds native memory until the set is closed. */
  @Test
  void closingTheSetClosesItsMultipliers() throws IOException {
    try (Context context = Context.create()) {
      long before = Axnn.liveHandles();
      try (MultiplierSet set = source.read(List.of("exact", "mul8s_1K*", "mul8s_1KVA@v2022"))) {
        for (RatedMultiplier rated : set.multipliers()) {
          ApproxLinear.builder(context, Tensor.of(new float[] {1}, 1, 1), null)
              .multiplier(rated.multiplier())
              .inputQuantization(Quantization.symmetric(1))
              .build()
              .close();
        }
        assertThat(Axnn.liveHandles()).isGreaterThan(before);
      }
      assertThat(Axnn.liveHandles()).isEqualTo(before);
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
    try (MultiplierSet all = source.read(List.of(ARCHIVE.toString()));
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

  /** NumPy names an array of a nested dictionary so. */
  @Test
  void arraysInFoldersOfAnArchiveAreFound() throws IOException {
    Path plain = folder.resolve("plain.npy");
    Path archive = folder.resolve("two.npz");
    try (Multiplier exact = Multiplier.exact();
        ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      exact.write(plain, TableFormat.NPY);
      zip.putNextEntry(new ZipEntry("set/one.npy"));
      zip.write(Files.readAllBytes(plain));
      zip.putNextEntry(new ZipEntry("README"));
    }
    try (MultiplierSet set = source.read(List.of(archive.toString()))) {
      assertThat(set.multipliers()).singleElement();
      RatedMultiplier rated = set.multipliers().getFirst();
      assertThat(rated.multiplier().name()).isEqualTo("set/one");
      assertThat(rated.source()).isEqualTo(archive + ":set/one");
      assertThat(names(rated.source())).containsExactly("set/one");
    }
  }

  @Test
  void archivesWithoutArraysAreRefused() throws IOException {
    Path empty = folder.resolve("empty.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(empty))) {
      zip.putNextEntry(new ZipEntry("README"));
    }
    Path none = Files.writeString(folder.resolve("none.npz"), "no archive at all");
    assertRefused(empty.toString(), empty + " has no array");
    assertRefused(none.toString(), none + " is no .npz archive");
    assertRefused(none + ":entry", none + " is no usable .npz file");
    assertRefused(ARCHIVE + ":mul8s_9999", ARCHIVE + " has no array 'mul8s_9999'");
    // One bad file ends the folder.
    assertRefused(folder.toString(), empty + " has no array");
  }

  @Test
  void filesThatAreNoTablesAreRefusedByName() throws IOException {
    for (String name : List.of("t.npy", "t.safetensors", "t.txt", "t.h", "t.c")) {
      Path file = Files.writeString(folder.resolve(name), "no table");
      assertRefused(file.toString(), file.toString());
      assertRefused("raw-int32:" + file, file.toString());
    }
    // A table of unsigned operands in a format that cannot say so.
    Path narrow = folder.resolve("narrow.npy");
    Operand four = new Operand(4, true);
    try (Multiplier table = Multiplier.fromFunction("t", four, four, (a, b) -> a * b)) {
      table.write(narrow, TableFormat.NPY);
      assertRefused(narrow.toString(), narrow.toString());
      try (MultiplierSet set = source.withOperands(four, four).read(List.of(narrow.toString()))) {
        assertThat(set.multipliers().getFirst().multiplier()).isEqualTo(table);
      }
    }
  }

  @Test
  void aFolderNamedAsATableIsNone() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("table.npz"));
    assertRefused("raw-int16:" + inner, inner + " is not a regular file");
    try (Multiplier exact = Multiplier.exact()) {
      exact.write(folder.resolve("a.npy"), TableFormat.NPY);
    }
    assertThat(names(folder.toString())).containsExactly("a");
  }

  @Test
  void whatCannotBeReadIsAnIoException() throws IOException {
    Path file = folder.resolve("secret.npy");
    try (Multiplier exact = Multiplier.exact()) {
      exact.write(file, TableFormat.NPY);
    }
    Files.setPosixFilePermissions(file, Set.of());
    assumeTrue(!Files.isReadable(file), "root may read every file");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> source.read(List.of("exact", file.toString())))
        .withMessageContaining(file.toString());
  }

  private void assertRefused(String text, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.read(List.of("exact", text)))
        .withMessageContaining(sentence);
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
    assertRefused(
        file + ":coarse:int17,int8,int8",
        "'" + file + ":coarse:int17,int8,int8' names 'int17'; allowed: [int8,");
    assertFindsAgain(file + ":coarse");
    assertFindsAgain(library + ":coarse:int16,int8,int8");
    assertRefused(library + ":absent", "absent");
    assertRefused(file + ":absent", "absent");
    Path wrong = Files.writeString(folder.resolve("wrong.c"), "int f(");
    assertRefused(wrong + ":f", wrong + " does not compile");
    assertRefused(folder.resolve("no.c") + ":f", "no.c' is no file");
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
        "'drum():unsigned' | 'drum():unsigned' has 0 in brackets; numbers that drum takes: 1",
        "'udm(1):unsigned' | has 1 in brackets; numbers that udm takes: 0",
        "'drum(6 7):unsigned' | 'drum(6 7):unsigned' has '6 7' in brackets; allowed: numbers with",
        "'drum(6,):unsigned' | has '6,' in brackets",
        "'drum(99999999999):unsigned' | has '99999999999' in brackets",
        "drum(6):twos-complement | drum(k=6) multiplies unsigned numbers",
        "drum(99):unsigned | k is 99",
        "udm():unsigned:0 | bits is 0",
        "udm():unsigned:7 | bits is 7",
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

  @Test
  void theSourceFindsItAgain() throws IOException {
    Path raw = folder.resolve("raw.bin");
    Path tables = Files.createDirectory(folder.resolve("tables"));
    try (Multiplier table =
        Multiplier.fromFunction("t", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b - 1)) {
      table.write(raw, TableFormat.RAW_INT16);
    }
    try (Multiplier table =
            Multiplier.fromFunction("t", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b - 2);
        Multiplier other =
            Multiplier.fromFunction("a", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b - 3)) {
      table.write(tables.resolve("a.h"), TableFormat.C_HEADER);
      other.write(tables.resolve("a.npz"), TableFormat.NPZ);
    }
    List<String> texts =
        List.of(
            "evoapprox",
            "mul8s_1KVA@v2022",
            "drum(6):sign-magnitude:12",
            "exact",
            ARCHIVE.toString(),
            ARCHIVE + ":mul8u_JV3",
            tables.toString(),
            "raw-int16:" + raw);
    for (String text : texts) {
      assertFindsAgain(text);
    }
    try (MultiplierSet set = source.read(texts)) {
      assertThat(set.multipliers().stream().map(RatedMultiplier::source))
          .doesNotHaveDuplicates()
          .contains("mul8s_1KVA@master", "raw-int16:" + raw);
      assertThat(set.multipliers().stream().map(rated -> rated.multiplier().name()))
          .doesNotHaveDuplicates();
    }
  }

  private void assertFindsAgain(String text) throws IOException {
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
    for (String line :
        List.of("drum", "drum,-1", "drum,NaN", "drum,Infinity", "drum,much", "drum,", ",1", "1")) {
      Files.writeString(power, "exact,1\n" + line + "\n");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> source.withPowerOf(power))
          .withMessageContaining(power + ":2: '" + line + "'");
    }
  }
}
