package io.axnn.multiplier;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.testing.NpyBytes;
import io.axnn.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultiplierFilesTest {

  private static final Operand SIGNED2 = Operand.signed(2);
  private static final Operand UNSIGNED1 = Operand.unsigned(1);

  /** By the bits of a signed operand of two bits (0, 1, -2, -1) and an unsigned one of one. */
  private static final int[] SMALL = {0, 10, 1, 11, -2, 8, -1, -70000};

  @TempDir Path folder;

  private static Multiplier drawn(Random random, Operand row, Operand column, int min, int max) {
    return Multiplier.fromFunction(
        "drawn", row, column, (a, b) -> min + random.nextInt(max - min + 1));
  }

  @Test
  void everyFormatGivesAnEqualMultiplierBack() throws IOException {
    Random random = Seeds.random("everyFormatGivesAnEqualMultiplierBack");
    for (TableFormat format : TableFormat.values()) {
      int min = format == TableFormat.RAW_UINT16 ? 0 : Short.MIN_VALUE;
      int max = format == TableFormat.RAW_UINT16 ? 65535 : Short.MAX_VALUE;
      for (Operand row : List.of(Operand.SIGNED8, Operand.unsigned(7), Operand.signed(3))) {
        for (Operand column : List.of(Operand.UNSIGNED8, Operand.signed(4))) {
          Multiplier made = drawn(random, row, column, min, max);
          Path file = folder.resolve("table");
          made.write(file, format);
          // In place of what is there.
          made.write(file, format);
          assertThat(Multiplier.read(file, format, row, column))
              .as("%s of %s and %s", format, row, column)
              .isEqualTo(made);
        }
      }
    }
    assertThat(names(folder)).containsExactly("table");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void largestAndSmallestProducts() {
    int[] products = new int[65536];
    products[0] = Integer.MIN_VALUE;
    products[65535] = Integer.MAX_VALUE;
    Multiplier made = Multiplier.of(products);
    for (TableFormat format :
        List.of(
            TableFormat.NPY,
            TableFormat.NPZ,
            TableFormat.SAFETENSORS,
            TableFormat.TEXT,
            TableFormat.C_HEADER,
            TableFormat.RAW_INT32)) {
      Path file = folder.resolve("wide");
      made.write(file, format);
      assertThat(Multiplier.read(file, format, Operand.SIGNED8, Operand.SIGNED8)).isEqualTo(made);
    }
    Path file = folder.resolve("kept");
    Multiplier.exact().write(file, TableFormat.RAW_INT16);
    assertIllegalArgument(
        () -> made.write(file, TableFormat.RAW_INT16), "-2147483648", "-32768..32767");
    assertIllegalArgument(() -> Multiplier.exact().write(file, TableFormat.RAW_UINT16), "0..65535");
    // What was there is still there.
    assertThat(Multiplier.read(file, TableFormat.RAW_INT16, Operand.SIGNED8, Operand.SIGNED8))
        .isEqualTo(Multiplier.exact());
  }

  /** All 64 from NumPy's own archive, through every format that can hold them. */
  @Test
  void theTablesOfEvoApproxLibKeepTheirIdentity() {
    Set<String> seen = new HashSet<>();
    for (EvoApproxTables.Circuit circuit : EvoApproxTables.circuits()) {
      if (!seen.add(circuit.table())) {
        continue;
      }
      Multiplier read = circuit.multiplier();
      assertThat(read.identity()).isEqualTo(circuit.identity());
      for (TableFormat format : TableFormat.values()) {
        boolean fits =
            switch (format) {
              case RAW_INT16 -> circuit.signed();
              case RAW_UINT16 -> !circuit.signed();
              default -> true;
            };
        if (fits) {
          Path file = folder.resolve(circuit.name() + ".bin");
          read.write(file, format);
          Multiplier again = Multiplier.read(file, format, read.rowOperand(), read.columnOperand());
          assertThat(again.identity()).as("%s as %s", circuit, format).isEqualTo(read.identity());
          assertThat(again.name()).isEqualTo(circuit.name());
        }
      }
    }
    assertThat(seen).hasSize(64);
  }

  // ---- Files that others wrote -----------------------------------------------------------------

  private void expectSmall(Path file) {
    Multiplier read = Multiplier.read(file, SIGNED2, UNSIGNED1);
    expectSmall(read);
  }

  private static void expectSmall(Multiplier read) {
    int[] rows = {0, 1, -2, -1};
    for (int r = 0; r < 4; r++) {
      for (int c = 0; c < 2; c++) {
        assertThat(read.product(rows[r], c)).isEqualTo(SMALL[2 * r + c]);
      }
    }
  }

  private Path text(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static byte[] int32(int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return bytes.array();
  }

  @Test
  void texts() throws IOException {
    expectSmall(text("spaces.txt", "0 10\n1 11\n-2 8\n-1 -70000\n"));
    expectSmall(text("commas.csv", "# table\n0,010,+1,0xB,\r\n-2;8;-1\t-0x11170 # last\n"));
    assertThat(Multiplier.read(text("named.txt", "0 10 1 11 -2 8 -1 -70000"), SIGNED2, UNSIGNED1))
        .hasToString("Multiplier[named]");
  }

  @Test
  void headers() throws IOException {
    String rows = "{{0, 10}, {1, 11}, {-2, 8}, {-1, -70000}}";
    expectSmall(text("nested.h", "const int32_t lut[4][2] = " + rows + ";"));
    expectSmall(
        text(
            "flat.h",
            """
            /* mul = {1, 2}; int not[2] = {7}; */
            #include <stdint.h>
            // static int no[8] = {0};
            #define OTHER int not[8] = {0, \\
              1, 2, 3, 4, 5, 6, 7};
            static const char *name = "mul[8] = {0} /* \\" \\\\";
            const char brace[1] = {'{'};
            int other[3] = {1, 2, 3};
            double real[2] = {1.5, f(2)};
            int f(int a) { return a; }
            static const int mul [ 2 * 4 ] = { 0, 012u, 1L, 0x0bULL, // first half
              -2, 8, - 1, -70000, /* last */ };
            """));
    assertIllegalArgument(
        () ->
            Multiplier.read(
                text("two.h", "int a[8]=" + flat(8) + ";int b[8]=" + flat(8)), SIGNED2, UNSIGNED1),
        "two.h",
        "a and b");
    assertIllegalArgument(
        () -> Multiplier.read(text("none.h", "int a[3] = {1, 2, 3};"), SIGNED2, UNSIGNED1),
        "none.h",
        "a of 3",
        "4 x 2 or 256 x 256");
    assertIllegalArgument(
        () -> Multiplier.read(text("comment.h", "int a[8] = {1, /* 2"), SIGNED2, UNSIGNED1),
        "comment.h",
        "comment");
    assertIllegalArgument(
        () -> Multiplier.read(text("octal.h", "int a[8]={1,2,3,4,5,6,7,09};"), SIGNED2, UNSIGNED1),
        "octal.h",
        "09",
        "element 7");
    assertIllegalArgument(
        () -> Multiplier.read(text("open.h", "int a[8] = {{1, 2}, {3"), SIGNED2, UNSIGNED1),
        "open.h",
        "brace");
    assertIllegalArgument(
        () -> Multiplier.read(text("call.h", "int a[8]={f(1),2,3,4,5,6,7,8};"), SIGNED2, UNSIGNED1),
        "f(1)");
  }

  private static String flat(int count) {
    return IntStream.range(0, count)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "{", "}"));
  }

  @Test
  void rawIntegers() throws IOException {
    Path file = Files.write(folder.resolve("table.bin"), int32(SMALL));
    expectSmall(Multiplier.read(file, TableFormat.RAW_INT32, SIGNED2, UNSIGNED1));
    assertIllegalArgument(
        () -> Multiplier.read(file, SIGNED2, UNSIGNED1), "table.bin", "RAW_INT16", "RAW_UINT16");
    assertIllegalArgument(
        () -> Multiplier.read(file, TableFormat.RAW_INT16, SIGNED2, UNSIGNED1),
        "16 integers",
        "4 x 2");
    assertIllegalArgument(
        () ->
            Multiplier.read(
                Files.write(folder.resolve("odd.bin"), new byte[17]),
                TableFormat.RAW_INT16,
                SIGNED2,
                UNSIGNED1),
        "odd.bin",
        "17");
  }

  @Test
  void archives() throws IOException {
    byte[] array = NpyBytes.of("<i4", "(4, 2)", int32(SMALL));
    Path one = archive("one.npz", List.of("a"), array);
    expectSmall(one);
    expectSmall(Multiplier.readEntry(one, "a", SIGNED2, UNSIGNED1));
    Path two = archive("two.npz", List.of("first", "second"), array);
    assertThat(Multiplier.readEntry(two, "second", SIGNED2, UNSIGNED1).name()).isEqualTo("second");
    assertIllegalArgument(
        () -> Multiplier.read(two, SIGNED2, UNSIGNED1), "two.npz", "first", "second");
    assertIllegalArgument(
        () -> Multiplier.readEntry(two, "third", SIGNED2, UNSIGNED1), "third", "first");
    assertIllegalArgument(
        () -> Multiplier.read(archive("bad.npz", List.of("a"), new byte[100]), SIGNED2, UNSIGNED1),
        "bad.npz",
        "a.npy");
    byte[] broken = Files.readAllBytes(one);
    assertIllegalArgument(
        () ->
            Multiplier.read(
                Files.write(
                    folder.resolve("cut.npz"), java.util.Arrays.copyOf(broken, broken.length / 2)),
                SIGNED2,
                UNSIGNED1),
        "cut.npz");
    // A gigabyte of zeros in a megabyte.
    Path bomb = folder.resolve("bomb.npz");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(bomb))) {
      out.putNextEntry(new ZipEntry("a.npy"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 1024; i++) {
        out.write(zeros);
      }
    }
    assertIllegalArgument(() -> Multiplier.read(bomb, SIGNED2, UNSIGNED1), "bomb.npz", "more than");
  }

  private Path archive(String name, List<String> entries, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (String entry : entries) {
        out.putNextEntry(new ZipEntry(entry + ".npy"));
        out.write(content);
      }
    }
    return Files.write(folder.resolve(name), bytes.toByteArray());
  }

  @Test
  void textsThatLieAreRefused() throws IOException {
    assertIllegalArgument(
        () -> Multiplier.read(text("few.txt", "1 2 3"), SIGNED2, UNSIGNED1),
        "few.txt",
        "3",
        "4 x 2");
    assertIllegalArgument(
        () -> Multiplier.read(text("word.txt", "1 2 3 4 nan 6 7 8"), SIGNED2, UNSIGNED1),
        "word.txt",
        "nan",
        "element 4");
    assertIllegalArgument(
        () -> Multiplier.read(text("big.txt", "1 2 3 4 5 6 7 2147483648"), SIGNED2, UNSIGNED1),
        "2147483648",
        "32 bits");
    assertIllegalArgument(
        () -> Multiplier.read(text("huge.txt", "1 ".repeat(5_000_000)), SIGNED2, UNSIGNED1),
        "huge.txt",
        "at most");
  }

  @Test
  void whatIsWrittenIsWhatOthersRead() throws IOException {
    Multiplier small =
        Multiplier.fromFunction("2x1", SIGNED2, UNSIGNED1, (a, b) -> SMALL[2 * (a & 3) + b]);
    Path file = folder.resolve("out");
    small.write(file, TableFormat.TEXT);
    assertThat(Files.readString(file)).isEqualTo("0 10\n1 11\n-2 8\n-1 -70000\n");
    small.write(file, TableFormat.RAW_INT32);
    assertThat(Files.readAllBytes(file)).isEqualTo(int32(SMALL));
    small.write(file, TableFormat.C_HEADER);
    assertThat(Files.readString(file))
        .contains("static const int32_t _2x1[4][2] = {\n  {0, 10},\n  {1, 11},\n  {-2, 8},");
    small.write(file, TableFormat.NPY);
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(128 + 32);
    assertThat(new String(bytes, 1, 5, StandardCharsets.US_ASCII)).isEqualTo("NUMPY");
    assertThat(new String(bytes, 10, 118, StandardCharsets.US_ASCII))
        .startsWith("{'descr': '<i4', 'fortran_order': False, 'shape': (4, 2), }")
        .endsWith(" \n");
    assertThat(java.util.Arrays.copyOfRange(bytes, 128, 160)).isEqualTo(int32(SMALL));
  }
}
