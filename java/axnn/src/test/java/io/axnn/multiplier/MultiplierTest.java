package io.axnn.multiplier;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.Axnn;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.Conv2d;
import io.axnn.layers.Conv2dArgs;
import io.axnn.quant.Quantization;
import io.axnn.testing.NpyBytes;
import io.axnn.testing.SafetensorsBytes;
import io.axnn.testing.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultiplierTest {

  private static final int ENTRIES = 65536;

  @TempDir Path folder;

  @Test
  void exactIsTheProductOfSignedBytes() {
    try (Multiplier exact = Multiplier.exact()) {
      for (int a = -128; a < 128; a++) {
        for (int b = -128; b < 128; b++) {
          assertThat(exact.product(a, b)).isEqualTo(a * b);
        }
      }
      assertThat(exact.toArray()[0xFF00 | 0x80]).isEqualTo(128);
      assertThat(exact.rowOperand()).isEqualTo(Operand.SIGNED8);
      assertThat(exact.columnOperand()).isEqualTo(Operand.SIGNED8);
    }
  }

  @Test
  void aTableIsIndexedByTheBytesOfItsOperands() {
    int[] table = randomTable(20);
    int[][] rows = new int[256][];
    for (int row = 0; row < 256; row++) {
      rows[row] = Arrays.copyOfRange(table, row * 256, row * 256 + 256);
    }
    try (Multiplier ofFlat = Multiplier.of(table);
        Multiplier ofRows = Multiplier.of(rows);
        Multiplier mixed = Multiplier.ofTable("mixed", Operand.UNSIGNED8, Operand.SIGNED8, table)) {
      assertThat(ofFlat.product(-1, 5)).isEqualTo(table[255 * 256 + 5]);
      assertThat(ofFlat.product(3, -128)).isEqualTo(table[3 * 256 + 128]);
      assertThat(mixed.product(255, -2)).isEqualTo(table[255 * 256 + 254]);
      assertThat(mixed.name()).isEqualTo("mixed");
      assertThat(ofRows.toArray()).isEqualTo(table);
    }
  }

  @Test
  void aFunctionIsAskedForItsOperandsOnly() {
    Operand threeBits = new Operand(3, true);
    Operand twoBits = new Operand(2, false);
    try (Multiplier multiplier =
        Multiplier.fromFunction(
            "small",
            threeBits,
            twoBits,
            (a, b) -> {
              assertThat(a).isBetween(-4, 3);
              assertThat(b).isBetween(0, 3);
              return 10 * a + b;
            })) {
      assertThat(multiplier.product(-4, 3)).isEqualTo(-37);
      assertThat(multiplier.rowOperand()).isEqualTo(threeBits);
      assertThat(multiplier.columnOperand()).isEqualTo(twoBits);
      assertIllegalArgument(() -> multiplier.product(4, 0), "a", "4", "-4", "3");
      assertIllegalArgument(() -> multiplier.product(0, -1), "b", "-1", "0", "3");
    }
  }

  @Test
  void tablesAreCopies() {
    int[] table = randomTable(20);
    int first = table[0];
    try (Multiplier multiplier = Multiplier.of(table)) {
      table[0]++;
      multiplier.toArray()[0]++;
      assertThat(multiplier.product(0, 0)).isEqualTo(first);
    }
  }

  // ---- Identity --------------------------------------------------------------------------------

  /** The layout that the Javadoc documents, written down a second time. */
  @Test
  void theIdentityIsTheHashOfTextWidthsSignsAndProducts() throws NoSuchAlgorithmException {
    int[] table = randomTable(30);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update("axnn-multiplier-1".getBytes(StandardCharsets.US_ASCII));
    digest.update(new byte[] {8, 8, 0, 1});
    digest.update(NpyBytes.littleEndian(table));
    assertThat(Multiplier.ofTable("m", Operand.UNSIGNED8, Operand.SIGNED8, table).identity())
        .isEqualTo(HexFormat.of().formatHex(digest.digest()));
    // 1 signed by 2 unsigned bits: rows of 0 and -1, columns of 0, 1, 2, 3.
    digest.update("axnn-multiplier-1".getBytes(StandardCharsets.US_ASCII));
    digest.update(new byte[] {1, 2, 1, 0});
    digest.update(NpyBytes.littleEndian(new int[] {0, 0, 0, 0, 0, -1, -2, -3}));
    assertThat(
            Multiplier.fromFunction(
                    "m", new Operand(1, true), new Operand(2, false), (a, b) -> a * b)
                .identity())
        .isEqualTo(HexFormat.of().formatHex(digest.digest()));
    digest.update("axnn-multiplier-1".getBytes(StandardCharsets.US_ASCII));
    digest.update(new byte[] {16, 16, 1, 1});
    digest.update("sign-magnitude drum(k=6)".getBytes(StandardCharsets.UTF_8));
    assertThat(Multipliers.of(16, Signedness.SIGN_MAGNITUDE).drum(6).identity())
        .isEqualTo(HexFormat.of().formatHex(digest.digest()));
  }

  @Test
  void equalContentIsEqualWhateverItsName() {
    int[] table = randomTable(20);
    Multiplier one = Multiplier.of(table);
    Multiplier same = Multiplier.of(table).withName("mul8s_X", "v2022");
    table[12345]++;
    Multiplier other = Multiplier.of(table);
    assertThat(one).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(other);
    assertThat(one)
        .isNotEqualTo(Multiplier.ofTable("t", Operand.SIGNED8, Operand.UNSIGNED8, table));
    assertThat(one.libraryVersion()).isEmpty();
    assertThat(same.libraryVersion()).contains("v2022");
    assertThat(same).hasToString("Multiplier[mul8s_X v2022]");
    assertThat(same.withName("y").libraryVersion()).isEmpty();
  }

  @Test
  void entriesThatAnOperandCannotReachAreNotPartOfTheIdentity() {
    int[] table = randomTable(20);
    Operand seven = new Operand(7, true);
    Multiplier one = Multiplier.ofTable("t", seven, seven, table);
    table[64 * 256] ^= 1;
    assertThat(Multiplier.ofTable("t", seven, seven, table)).isEqualTo(one);
    table[63 * 256] ^= 1;
    assertThat(Multiplier.ofTable("t", seven, seven, table)).isNotEqualTo(one);
  }

  // ---- Wide operands ---------------------------------------------------------------------------

  /** A model of one's own: the lower operand bits are lost in the product. */
  private record Rounded(Operand rowOperand, Operand columnOperand, int lost)
      implements MultiplierModel {

    @Override
    public long product(int a, int b) {
      return (long) a * b >> lost << lost;
    }

    @Override
    public String text() {
      return "rounded(lost=" + lost + ")";
    }
  }

  /** Products of 47 bits. */
  private record Huge(MultiplierModel small) implements MultiplierModel {

    @Override
    public Operand rowOperand() {
      return small.rowOperand();
    }

    @Override
    public Operand columnOperand() {
      return small.columnOperand();
    }

    @Override
    public long product(int a, int b) {
      return small.product(a, b) << 32;
    }

    @Override
    public String text() {
      return "huge";
    }
  }

  @Test
  void aboveEightBitsAMultiplierIsItsModel() {
    Operand sixteen = Operand.unsigned(16);
    Multiplier wide = Multiplier.fromModel(new Rounded(sixteen, Operand.signed(9), 3));
    assertThat(wide.hasTable()).isFalse();
    assertThat(wide.name()).isEqualTo("rounded(lost=3)");
    assertThat(wide.product(1000, -7)).isEqualTo(-7000);
    assertThat(wide.longProduct(65535, 255)).isEqualTo(65535 * 255 >> 3 << 3);
    assertIllegalArgument(() -> wide.product(65536, 0), "a", "65536", "65535");
    assertIllegalArgument(() -> wide.product(0, 256), "b", "256", "255");
    assertThatThrownBy(wide::toArray)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContainingAll("rounded", "16", "9", "8");
    Multiplier full = Multiplier.fromModel(new Rounded(sixteen, sixteen, 0));
    assertThat(full.longProduct(65535, 65535)).isEqualTo(65535L * 65535);
    assertThatThrownBy(() -> full.product(65535, 65535)).isInstanceOf(ArithmeticException.class);
    assertThat(full)
        .isEqualTo(Multiplier.fromModel(new Rounded(sixteen, sixteen, 0)).withName("other"))
        .isNotEqualTo(Multiplier.fromModel(new Rounded(sixteen, sixteen, 1)))
        .isNotEqualTo(wide);
  }

  @Test
  void upToEightBitsAModelIsTabulated() {
    Multiplier multiplier = Multiplier.fromModel(new Rounded(Operand.SIGNED8, Operand.SIGNED8, 2));
    assertThat(multiplier)
        .isEqualTo(
            Multiplier.fromFunction(
                "f", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b >> 2 << 2));
    assertThat(multiplier.model()).isPresent();
    assertThat(Multiplier.of(multiplier.toArray()).model()).isEmpty();
  }

  @Test
  void refusesProductsOfATableBeyondThirtyTwoBits() {
    MultiplierModel huge = new Huge(new Rounded(Operand.SIGNED8, Operand.SIGNED8, 0));
    assertIllegalArgument(() -> Multiplier.fromModel(huge), "-128", "32 bits");
  }

  @Test
  void tablesAndFunctionsHaveAtMostEightBits() {
    Operand nine = Operand.signed(9);
    assertIllegalArgument(
        () -> Multiplier.fromFunction("f", nine, Operand.SIGNED8, (a, b) -> 0), "row", "9", "8");
    assertIllegalArgument(
        () -> Multiplier.ofTable("t", Operand.SIGNED8, nine, new int[ENTRIES]), "column", "9", "8");
  }

  /** Until layers multiply by structure: the reason is said, and no handle is left behind. */
  @Test
  void aLayerOfAWideMultiplierIsRefused() {
    long handles = Axnn.liveHandles();
    try (Context context = Context.create();
        Multiplier wide = Multipliers.of(12, Signedness.SIGN_MAGNITUDE).mitchell();
        Conv2d conv =
            Conv2d.of(
                context,
                Conv2dArgs.builder(1, 1, 1, 1).build(),
                Tensor.of(new float[] {1}, 1, 1, 1, 1),
                null)) {
      var builder =
          ApproxConv2d.fromConv2d(context, conv)
              .multiplier(wide)
              .inputQuantization(Quantization.symmetric(1));
      assertIllegalArgument(builder::build, "mitchell", "more than 8 bits", "structure");
    }
    assertThat(Axnn.liveHandles()).isEqualTo(handles);
  }

  @Test
  void nativeMemoryIsTakenForTheFirstLayerOnly() {
    long handles = Axnn.liveHandles();
    Multiplier multiplier = Multiplier.exact();
    assertThat(multiplier.product(3, 4)).isEqualTo(12);
    assertThat(Axnn.liveHandles()).isEqualTo(handles);
  }

  @Test
  void refusesTablesOfOtherSizes() {
    assertIllegalArgument(() -> Multiplier.of(new int[ENTRIES - 1]), "65535", "65536");
    assertIllegalArgument(() -> Multiplier.of(new int[0]), "0", "65536");
    assertIllegalArgument(() -> Multiplier.of(new int[255][256]), "255", "256");
    int[][] ragged = new int[256][256];
    ragged[7] = new int[257];
    assertIllegalArgument(() -> Multiplier.of(ragged), "7", "257", "256");
    assertIllegalArgument(() -> new Operand(0, true), "bits", "0", "1..16");
    assertIllegalArgument(() -> new Operand(17, false), "bits", "17", "1..16");
  }

  @ParameterizedTest
  @CsvSource({"i1,7", "u1,8", "i2,15", "u2,16", "i4,31", "u4,31", "i8,31", "u8,31"})
  void readsEveryIntegerTypeInBothByteOrders(String type, int bits) throws IOException {
    int[] table = randomTable(bits);
    if (type.startsWith("u")) {
      table = Arrays.stream(table).map(Math::abs).toArray();
    }
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      int width = type.charAt(1) - '0';
      String mark = width == 1 ? "|" : order == ByteOrder.LITTLE_ENDIAN ? "<" : ">";
      Path file =
          write("t.npy", NpyBytes.of(mark + type, "(256, 256)", encode(table, width, order)));
      try (Multiplier multiplier = Multiplier.read(file)) {
        assertThat(multiplier.toArray()).isEqualTo(table);
      }
    }
  }

  @Test
  void readsFortranOrder() throws IOException {
    int[] table = randomTable(20);
    int[] columnMajor = new int[ENTRIES];
    for (int i = 0; i < ENTRIES; i++) {
      columnMajor[i % 256 * 256 + i / 256] = table[i];
    }
    Path file =
        write(
            "t.npy", NpyBytes.of("<i4", "True", "(256, 256)", NpyBytes.littleEndian(columnMajor)));
    try (Multiplier multiplier = Multiplier.read(file)) {
      assertThat(multiplier.toArray()).isEqualTo(table);
    }
  }

  @Test
  void readsAFlatTable() throws IOException {
    int[] table = randomTable(20);
    Path file = write("t.npy", NpyBytes.of("<i4", "(65536,)", NpyBytes.littleEndian(table)));
    try (Multiplier multiplier = Multiplier.read(file)) {
      assertThat(multiplier.toArray()).isEqualTo(table);
    }
  }

  @Test
  void theContentAndNotTheNameSaysTheFormat() throws IOException {
    int[] table = randomTable(20);
    byte[] data = NpyBytes.littleEndian(table);
    Path npy = write("mul8s_X.safetensors", NpyBytes.of("<i4", "(256, 256)", data));
    Path safetensors =
        write(
            "mul8s_Y.npy",
            SafetensorsBytes.of(
                "{" + SafetensorsBytes.tensor("lut", "I32", "[256,256]", "[0,262144]") + "}",
                data));
    try (Multiplier x = Multiplier.read(npy);
        Multiplier y = Multiplier.read(safetensors, Operand.UNSIGNED8, Operand.SIGNED8)) {
      assertThat(x.toArray()).isEqualTo(table);
      assertThat(y.toArray()).isEqualTo(table);
      assertThat(x.name()).isEqualTo("mul8s_X");
      assertThat(x.rowOperand()).isEqualTo(Operand.SIGNED8);
      assertThat(y.rowOperand()).isEqualTo(Operand.UNSIGNED8);
    }
  }

  @Test
  void findsTheTableAmongOtherTensors() throws IOException {
    int[] table = randomTable(20);
    byte[] data = Arrays.copyOf(NpyBytes.littleEndian(table), 4 * ENTRIES + 4);
    String header =
        "{\"__metadata__\":{\"name\":\"x\"},"
            + SafetensorsBytes.tensor("other", "F32", "[1]", "[262144,262148]")
            + ","
            + SafetensorsBytes.tensor("lut", "I32", "[256,256]", "[0,262144]")
            + "}   ";
    try (Multiplier multiplier = Multiplier.read(write("t", SafetensorsBytes.of(header, data)))) {
      assertThat(multiplier.toArray()).isEqualTo(table);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"(256, 255)", "(256,)", "()", "(1, 256, 256)", "(0, 256)", "(65536, 1)"})
  void refusesOtherShapes(String shape) throws IOException {
    Path file = write("t.npy", NpyBytes.of("<i4", shape, new byte[4 * ENTRIES]));
    assertIllegalArgument(() -> Multiplier.read(file), file.toString(), "256 x 256");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<f4", "<f8", "|O", "|S4", "<c8", "|b1", "<M8[ns]"})
  void refusesOtherTypes(String type) throws IOException {
    Path file = write("t.npy", NpyBytes.of(type, "(256, 256)", new byte[4 * ENTRIES]));
    assertIllegalArgument(() -> Multiplier.read(file), file.toString(), type);
  }

  @Test
  void refusesProductsOfMoreThan32Bits() throws IOException {
    byte[] data = new byte[8 * ENTRIES];
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putLong(8 * 300, 1L << 31);
    Path file = write("t.npy", NpyBytes.of("<i8", "(256, 256)", data));
    assertIllegalArgument(() -> Multiplier.read(file), file.toString(), "2147483648", "32 bits");
    Path unsigned = write("u.npy", NpyBytes.of("<u4", "(256, 256)", allOnes(4 * ENTRIES)));
    assertIllegalArgument(() -> Multiplier.read(unsigned), unsigned.toString(), "4294967295");
    Path wide = write("w.npy", NpyBytes.of("<u8", "(256, 256)", allOnes(8 * ENTRIES)));
    assertIllegalArgument(() -> Multiplier.read(wide), wide.toString(), "18446744073709551615");
  }

  @Test
  void refusesFilesThatCannotBeRead() {
    assertThatThrownBy(() -> Multiplier.read(folder.resolve("nothing.npy")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("nothing.npy");
    assertIllegalArgument(() -> Multiplier.read(folder), folder.toString());
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  /** Products of at most so many bits beside the sign. */
  private static int[] randomTable(int bits) {
    Random random = Seeds.random("MultiplierTest");
    long edge = 1L << bits;
    return random.longs(ENTRIES, -edge + 1, edge).mapToInt(value -> (int) value).toArray();
  }

  private static byte[] encode(int[] table, int width, ByteOrder order) {
    ByteBuffer bytes = ByteBuffer.allocate(table.length * width).order(order);
    for (int value : table) {
      switch (width) {
        case 1 -> bytes.put((byte) value);
        case 2 -> bytes.putShort((short) value);
        case 4 -> bytes.putInt(value);
        default -> bytes.putLong(value);
      }
    }
    return bytes.array();
  }

  private static byte[] allOnes(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) -1);
    return bytes;
  }
}
