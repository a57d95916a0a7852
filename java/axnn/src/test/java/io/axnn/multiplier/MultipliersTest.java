package io.axnn.multiplier;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.testing.Checkout;
import io.axnn.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultipliersTest {

  private static final int[] WIDTHS = {8, 12, 16};
  private static final int RANDOM_PAIRS = 20_000;

  /** A family and how many terms its structure has; 0 if it has none. */
  private record Family(
      int terms, boolean partialProducts, Function<Multipliers, Multiplier> maker) {

    static Family ofPartialProducts(int terms, Function<Multipliers, Multiplier> maker) {
      return new Family(terms, true, maker);
    }

    static Family of(int terms, Function<Multipliers, Multiplier> maker) {
      return new Family(terms, false, maker);
    }
  }

  private static List<Family> families() {
    return List.of(
        Family.ofPartialProducts(1, Multipliers::exact),
        Family.ofPartialProducts(5, families -> families.truncated(4)),
        Family.ofPartialProducts(4, families -> families.brokenArray(2, 0, 5)),
        Family.ofPartialProducts(1, families -> families.operandMasked(1, 3)),
        Family.ofPartialProducts(1, families -> families.perforated(1, 2)),
        Family.of(1, families -> families.drum(4)),
        Family.of(1, families -> families.ssm(8)),
        Family.of(1, families -> families.dsm(3)),
        Family.of(2, Multipliers::roba),
        Family.of(2, families -> families.ilm(2)),
        Family.of(2, Multipliers::udm),
        Family.of(0, families -> families.tosam(2, 5)),
        Family.of(3, families -> families.tosamWithoutOutputFloor(2, 5)),
        Family.of(0, Multipliers::mitchell),
        Family.of(0, Multipliers::mbm),
        Family.of(0, families -> families.almSoa(3)),
        Family.of(0, families -> families.loa(6)),
        Family.of(0, families -> families.orColumns(6)));
  }

  // ---- Definitions -----------------------------------------------------------------------------

  /** Identities of tables that models written in NumPy from the papers give. */
  @ParameterizedTest
  @CsvSource({
    "exact, eea157b0b2776a842ba18e863a459143d601350b8e6e7bb25fe585742bd29922",
    "truncated(4), 40f500e9549c72657253ff5b663ada60e18769acccdd599f4c490af6c23571c4",
    "truncated(6), 31eaf2ea12da49c8e6e88d94fa824ad30532d734fc9b0c5d7c768da0acfd1563",
    "truncated(8), c1a17ea8fbb86816fff3a2ec86d69bac428933af9910d2543ad876668d172304",
    "'brokenArray(0,2,6)', 87bda155320af3c2ec597e24d79c0d092a852abb4feaa50ec3722504975cf43d",
    "'brokenArray(0,4,8)', 44e33f165605012fd552cf10993a101976f3776d52c6a62ffb0485d8de915c52",
    "'operandMasked(2,3)', ddbecea7bdd5efb8fd81344d34fe85abad04ba109d210008a0ce79682624df68",
    "'perforated(1,3)', 1536948b5e8cd36bc5d30f95b44e3bdeadcaeadb93383a0c6375fe3ce80c02b2",
    "drum(k=3), 079f37869301de0a4a9e5ad954abb362fb3443566e4b0c1933688af84115cddb",
    "drum(k=6), 7e403c3632f07b83fd9132ee90572cbc920478543f55817ab7b6e3508a6ef7af",
    "ssm(m=4), 0d4dd3071e6f13679ff338f708a53e21c5f01c79073de77403b7a1567d618718",
    "ssm(m=5), 74ea28cdb5becd8a680709d087921737027c8cbcbdc552e5cfdf552c9b399d0d",
    "dsm(m=3), 0acacab628c855b4241032e0aa8725d00ad4ab8aa78b61965ef3fafc67d11240",
    "dsm(m=5), 907f5b91d1e062d36172a38cad29b9b82edd4a338f1d5824f362fb6847664732",
    "roba, 8c96ed728b6a570b55071f80c1d2d81f7772dcf64c6739fca9ab380d25c4f82b",
    "ilm(stages=1), 05866ad904eb588c29f46c59593141728b1d0b71e8825b49166e51dcbbf925d4",
    "ilm(stages=3), f851c5c741043d3b6fdc3d4c7a07a2143c2c0dfb8dddeb571fbd9cc805f3b5ab",
    "udm, 2f3bc43caa365860635d13af3402ff4350e2f208980e964167838da49ef90ac7",
    "'tosam(h=1,t=3)', 2af8c4c3f616820a6a53524835b30e42c51faa63e00f9ef6d13d63a33fcf33d6",
    "'tosam(h=3,t=5)', 95742e928c95420ddb3eb3f06a0ceab44b0ea6b42cf1817b9578d88abfc794e5",
    "mitchell, 20f335bf51a85d64b2aa929d0a452ff55dece6c88c5a2cc56aeef861221a437b",
    "alm-soa(m=3), e7856506060fc378d6f61bbf353503193deeb9135e00de67397f93d575dd1cad",
    "alm-soa(m=5), 0c58307771d2018f2aae720f0ce9f72f82a031a5f6e4f484adc17d163c3f6381",
    "loa(columns=4), bf80f1522293ab128c94ccac859431910ae7166fa284281d2f1573402f0e7809",
    "loa(columns=8), 369ca58bf463829b1a7b063d68780a9f8552cc2bcf34c4499fa3650a13d58099",
    "or-columns(columns=4), a3d94b38c946849ac0a8152e92293dc3eda7a21886bf57ea9afdc01f9cff99ed",
    "or-columns(columns=8), 367960cc43df36a85870f1495b48aba941afb5840fb667a848e2911210415212",
  })
  void unsignedTablesAreThoseOfIndependentModels(String name, String identity) {
    assertThat(UnsignedFamilies.byName(name).identity()).isEqualTo(identity);
  }

  @Test
  void productsWorkedOutByHand() {
    Multipliers unsigned = Multipliers.of(8, Signedness.UNSIGNED);
    // 5/64 of 2^(6 + 5) = 160 on Mitchell's 2^11 (1 + 36/64 + 11/32) = 3904.
    assertThat(unsigned.mbm().product(100, 43)).isEqualTo(3904 + 160);
    assertThat(unsigned.mbm().product(0, 43)).isZero();
    // 2 * 5 = 10 is added exactly, 3 * 3: floor(2 (1/2 + 1/4)) = 1 in each factor, so 4 + 2 + 2 +
    // 1.
    assertThat(unsigned.tosamWithoutOutputFloor(1, 3).product(2, 5)).isEqualTo(10);
    assertThat(unsigned.tosamWithoutOutputFloor(1, 3).product(3, 3)).isEqualTo(9);
  }

  /** Bit by bit, for two's complement: bit 7 of an operand counts -128. */
  @Test
  void aSignedBrokenArrayAddsTheCellsThatAreLeft() {
    Multiplier multiplier = Multipliers.of(8, Signedness.TWOS_COMPLEMENT).brokenArray(1, 2, 5);
    for (int a = -128; a < 128; a++) {
      for (int b = -128; b < 128; b++) {
        int sum = 0;
        for (int i = 1; i < 8; i++) {
          for (int j = 2; j < 8; j++) {
            if (i + j >= 5) {
              int sign = (i == 7) == (j == 7) ? 1 : -1;
              sum += sign * ((a >> i & b >> j & 1) << (i + j));
            }
          }
        }
        assertThat(multiplier.product(a, b)).isEqualTo(sum);
      }
    }
  }

  @Test
  void shortcutsAreTheBrokenArrayThatTheyName() {
    for (Signedness signedness : Signedness.values()) {
      for (int bits : WIDTHS) {
        Multipliers families = Multipliers.of(bits, signedness);
        assertThat(families.truncated(5)).isEqualTo(families.brokenArray(0, 0, 5));
        assertThat(families.operandMasked(2, 1)).isEqualTo(families.brokenArray(2, 1, 0));
        assertThat(families.perforated(0, 3)).isEqualTo(families.brokenArray(0, 3, 0));
        assertThat(families.truncated(5)).isNotEqualTo(families.truncated(6));
      }
    }
  }

  @Test
  void familiesAreExactAtTheEndOfTheirParameters() {
    for (int bits : new int[] {4, 6, 8}) {
      Multipliers unsigned = Multipliers.of(bits, Signedness.UNSIGNED);
      assertThat(unsigned.exact())
          .isEqualTo(unsigned.brokenArray(0, 0, 0))
          .isEqualTo(unsigned.truncated(0))
          .isEqualTo(unsigned.perforated(1, 0))
          .isEqualTo(unsigned.drum(bits))
          .isEqualTo(unsigned.ssm(bits))
          .isEqualTo(unsigned.dsm(bits))
          .isEqualTo(unsigned.ilm(bits))
          .isEqualTo(unsigned.loa(0))
          .isEqualTo(unsigned.orColumns(1));
      assertThat(unsigned.almSoa(0)).isEqualTo(unsigned.mitchell());
    }
  }

  /** {@code tosamWithoutOutputFloor} says so. */
  @Test
  void tosamWithoutItsFloorDiffersForSmallOperandsOnly() {
    Multiplier floor = Multipliers.of(8, Signedness.UNSIGNED).tosam(2, 5);
    Multiplier without = Multipliers.of(8, Signedness.UNSIGNED).tosamWithoutOutputFloor(2, 5);
    for (int a = 8; a < 256; a++) {
      for (int b = 8; b < 256; b++) {
        assertThat(without.product(a, b)).isEqualTo(floor.product(a, b));
      }
    }
    assertThat(without).isNotEqualTo(floor);
    assertThat(ErrorFigures.of(without).mre()).isLessThan(ErrorFigures.of(floor).mre());
  }

  // ---- Structure -------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(Signedness.class)
  void structuresGiveTheProductsOfTheDefinition(Signedness signedness) {
    Random random = Seeds.random("MultipliersTest");
    for (int bits : WIDTHS) {
      Multipliers multipliers = Multipliers.of(bits, signedness);
      for (Family family : families(signedness)) {
        Multiplier multiplier = family.maker().apply(multipliers);
        MultiplierModel model = multiplier.model().orElseThrow();
        assertThat(model.structure().map(structure -> structure.terms().size()).orElse(0))
            .as(multiplier.name())
            .isEqualTo(family.terms());
        model.structure().ifPresent(structure -> assertReproduces(structure, model, random));
      }
    }
  }

  /** The families that there are for some signedness. */
  private static List<Family> families(Signedness signedness) {
    return families().stream()
        .filter(family -> family.partialProducts() || signedness != Signedness.TWOS_COMPLEMENT)
        .toList();
  }

  /** Over all pairs at 8 bits, at random and at all pairs of edges above. */
  private static void assertReproduces(
      ProductStructure structure, MultiplierModel model, Random random) {
    Operand operand = model.rowOperand();
    if (operand.bits() == 8) {
      for (int a = operand.min(); a <= operand.max(); a++) {
        for (int b = operand.min(); b <= operand.max(); b++) {
          assertSame(structure, model, a, b);
        }
      }
      return;
    }
    int[] edges = edges(operand);
    for (int a : edges) {
      for (int b : edges) {
        assertSame(structure, model, a, b);
      }
    }
    for (int i = 0; i < RANDOM_PAIRS; i++) {
      assertSame(
          structure,
          model,
          random.nextInt(operand.min(), operand.max() + 1),
          random.nextInt(operand.min(), operand.max() + 1));
    }
  }

  private static void assertSame(ProductStructure structure, MultiplierModel model, int a, int b) {
    if (structure.product(a, b) != model.product(a, b)) {
      assertThat(structure.product(a, b))
          .as("%s, %d bits, of %d and %d", model.text(), model.rowOperand().bits(), a, b)
          .isEqualTo(model.product(a, b));
    }
  }

  /** The powers of two, their halves more, and both neighbours of each, with either sign. */
  private static int[] edges(Operand operand) {
    List<Integer> edges = new ArrayList<>(List.of(0, operand.min(), operand.max()));
    for (int bit = 0; bit < operand.bits(); bit++) {
      int power = 1 << bit;
      for (int value : new int[] {power - 1, power, power + 1, power + power / 2}) {
        edges.add(value);
        edges.add(-value);
      }
    }
    return edges.stream()
        .mapToInt(Integer::intValue)
        .filter(value -> value >= operand.min() && value <= operand.max())
        .distinct()
        .toArray();
  }

  /** The factors are what a layer packs: none is larger than an operand may be. */
  @ParameterizedTest
  @EnumSource(Signedness.class)
  void factorsStayInSeventeenBits(Signedness signedness) {
    for (Family family : families(signedness)) {
      MultiplierModel model =
          family.maker().apply(Multipliers.of(16, signedness)).model().orElseThrow();
      Operand operand = model.rowOperand();
      model
          .structure()
          .ifPresent(
              structure -> {
                for (ProductStructure.Term term : structure.terms()) {
                  for (int value = operand.min(); value <= operand.max(); value++) {
                    assertThat(Math.abs(term.row().applyAsInt(value)) >> 17).isZero();
                    assertThat(Math.abs(term.column().applyAsInt(value)) >> 17).isZero();
                  }
                }
              });
    }
  }

  // ---- Signs -----------------------------------------------------------------------------------

  @Test
  void signMagnitudePutsTheSignOnAfterwards() {
    for (int bits : new int[] {4, 8}) {
      int half = 1 << (bits - 1);
      Multiplier unsigned = Multipliers.of(bits, Signedness.UNSIGNED).mitchell();
      Multiplier signed = Multipliers.of(bits, Signedness.SIGN_MAGNITUDE).mitchell();
      for (int a = -half; a < half; a++) {
        for (int b = -half; b < half; b++) {
          int magnitude = unsigned.product(Math.abs(a), Math.abs(b));
          assertThat(signed.product(a, b)).isEqualTo(a < 0 ^ b < 0 ? -magnitude : magnitude);
        }
      }
      assertThat(signed.product(-half, -half)).isEqualTo(half * half);
    }
  }

  @Test
  void theSignOfZeroIsPositive() {
    Multiplier alwaysSeven =
        Multiplier.fromFunction("seven", Operand.UNSIGNED8, Operand.UNSIGNED8, (a, b) -> 7);
    Multiplier signed = Multipliers.signed(alwaysSeven, Signedness.SIGN_MAGNITUDE);
    assertThat(signed.product(0, 0)).isEqualTo(7);
    assertThat(signed.product(0, 5)).isEqualTo(7);
    assertThat(signed.product(0, -5)).isEqualTo(-7);
    assertThat(signed.product(-128, 0)).isEqualTo(-7);
    assertThat(signed.name()).isEqualTo("sign-magnitude seven");
  }

  /** These tables were made by another program; see the README of the golden vectors. */
  @ParameterizedTest
  @ValueSource(strings = {"mul8u_2HH", "mul8u_JV3", "mul8u_L40"})
  void signMagnitudeOfAnUnsignedTableIsTheGoldenOne(String name) {
    Multiplier golden =
        Multiplier.read(
            Checkout.root().resolve("testdata/golden/luts").resolve(name + ".safetensors"));
    Multiplier unsigned = EvoApproxTables.read(name, Operand.UNSIGNED8);
    assertThat(Multipliers.signed(unsigned, Signedness.SIGN_MAGNITUDE)).isEqualTo(golden);
  }

  @Test
  void aZeroPointIsTakenOutExactly() {
    Multiplier unsigned = Multipliers.of(8, Signedness.UNSIGNED).drum(4);
    Multiplier signed = Multipliers.of(8, Signedness.ZERO_POINT).drum(4);
    for (int a = -128; a < 128; a++) {
      for (int b = -128; b < 128; b++) {
        int x = a + 128;
        int y = b + 128;
        int error = unsigned.product(x, y) - x * y;
        assertThat(signed.product(a, b)).isEqualTo(a * b + error);
      }
    }
  }

  @Test
  void waysToBeSignedAreDifferentFunctionsButForTheExactProduct() {
    for (int bits : WIDTHS) {
      Multipliers twos = Multipliers.of(bits, Signedness.TWOS_COMPLEMENT);
      Multipliers magnitude = Multipliers.of(bits, Signedness.SIGN_MAGNITUDE);
      Multipliers zeroPoint = Multipliers.of(bits, Signedness.ZERO_POINT);
      assertThat(magnitude.truncated(4)).isNotEqualTo(twos.truncated(4));
      assertThat(magnitude.truncated(4)).isNotEqualTo(zeroPoint.truncated(4));
      assertThat(magnitude.drum(4)).isNotEqualTo(zeroPoint.drum(4));
      assertThat(magnitude.exact()).isEqualTo(twos.exact()).isEqualTo(zeroPoint.exact());
    }
  }

  // ---- Arguments -------------------------------------------------------------------------------

  @Test
  void refusesArgumentsOutsideTheirRanges() {
    Multipliers eight = Multipliers.of(8, Signedness.UNSIGNED);
    assertIllegalArgument(() -> Multipliers.of(3, Signedness.UNSIGNED), "bits", "3", "4..16");
    assertIllegalArgument(() -> Multipliers.of(17, Signedness.UNSIGNED), "bits", "17", "4..16");
    assertIllegalArgument(() -> eight.brokenArray(9, 0, 0), "rowsOfA", "9", "0..8");
    assertIllegalArgument(() -> eight.brokenArray(0, -1, 0), "rowsOfB", "-1", "0..8");
    assertIllegalArgument(() -> eight.brokenArray(0, 0, 16), "columns", "16", "0..15");
    assertIllegalArgument(() -> eight.truncated(16), "columns", "16", "0..15");
    assertIllegalArgument(() -> eight.operandMasked(0, 9), "bitsOfB", "9", "0..8");
    assertIllegalArgument(() -> eight.perforated(8, 0), "first", "8", "0..7");
    assertIllegalArgument(() -> eight.perforated(6, 3), "count", "3", "0..2");
    assertIllegalArgument(() -> eight.drum(1), "k", "1", "2..8");
    assertIllegalArgument(() -> eight.ssm(3), "m", "3", "4..8");
    assertIllegalArgument(() -> eight.dsm(0), "m", "0", "1..8");
    assertIllegalArgument(() -> eight.ilm(0), "stages", "0", "1..8");
    assertIllegalArgument(() -> eight.tosam(3, 3), "h", "3", "0..2");
    assertIllegalArgument(() -> eight.tosamWithoutOutputFloor(0, 8), "t", "8", "1..7");
    assertIllegalArgument(() -> eight.almSoa(8), "m", "8", "0..7");
    assertIllegalArgument(() -> eight.loa(16), "columns", "16", "0..15");
    assertIllegalArgument(() -> eight.orColumns(-1), "columns", "-1", "0..15");
    assertIllegalArgument(Multipliers.of(7, Signedness.UNSIGNED)::udm, "bits", "7", "even");
  }

  @Test
  void refusesTwosComplementWhereAFamilyHasNone() {
    Multipliers twos = Multipliers.of(8, Signedness.TWOS_COMPLEMENT);
    assertIllegalArgument(() -> twos.drum(4), "TWOS_COMPLEMENT", "SIGN_MAGNITUDE", "drum(k=4)");
    for (Family family : families()) {
      if (!family.partialProducts()) {
        assertIllegalArgument(() -> family.maker().apply(twos), "signedness", "ZERO_POINT");
      }
    }
    assertIllegalArgument(
        () -> Multipliers.signed(Multiplier.exact(), Signedness.SIGN_MAGNITUDE),
        "exact",
        "unsigned");
    Multiplier unsigned = Multipliers.of(8, Signedness.UNSIGNED).exact();
    for (Signedness bad : List.of(Signedness.UNSIGNED, Signedness.TWOS_COMPLEMENT)) {
      assertIllegalArgument(() -> Multipliers.signed(unsigned, bad), bad.name(), "ZERO_POINT");
    }
  }

  @Test
  void everyWidthWorks() {
    for (int bits = 4; bits <= 16; bits++) {
      for (Signedness signedness : Signedness.values()) {
        Multiplier exact = Multipliers.of(bits, signedness).exact();
        Operand operand = exact.rowOperand();
        assertThat(operand).isEqualTo(exact.columnOperand());
        assertThat(operand.bits()).isEqualTo(bits);
        for (int a : edges(operand)) {
          for (int b : edges(operand)) {
            assertThat(exact.longProduct(a, b)).isEqualTo((long) a * b);
          }
        }
      }
    }
  }
}
