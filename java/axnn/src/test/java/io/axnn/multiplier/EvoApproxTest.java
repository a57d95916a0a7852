package io.axnn.multiplier;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.multiplier.EvoApprox.Version;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EvoApproxTest {

  /** The identities in the file were computed by another program, from the library's tables. */
  @Test
  void presetsAreTheTablesOfTheLibrary() {
    List<EvoApproxTables.Circuit> signed =
        EvoApproxTables.circuits().stream().filter(EvoApproxTables.Circuit::signed).toList();
    assertThat(signed).hasSize(26);
    for (EvoApproxTables.Circuit circuit : signed) {
      Version version = Version.valueOf(circuit.version().toUpperCase(Locale.ROOT));
      Multiplier preset = EvoApprox.mul8s(circuit.name().substring("mul8s_".length()), version);
      assertThat(preset.identity()).as(circuit.name()).isEqualTo(circuit.identity());
      assertThat(preset).isEqualTo(circuit.multiplier());
      assertThat(preset.name()).isEqualTo(circuit.name());
      assertThat(preset.libraryVersion()).contains(circuit.version());
      assertThat(power(circuit.name(), version)).isEqualTo(Double.parseDouble(circuit.power()));
    }
  }

  private static double power(String name, Version version) {
    return EvoApprox.mul8s(version).stream()
        .filter(circuit -> circuit.name().equals(name))
        .findFirst()
        .orElseThrow()
        .power();
  }

  @Test
  void theTwoVersionsNameTheSameThirteenFunctions() {
    Set<Multiplier> master = new HashSet<>();
    EvoApprox.mul8s(Version.MASTER).forEach(circuit -> master.add(circuit.multiplier()));
    Set<Multiplier> v2022 = new HashSet<>();
    EvoApprox.mul8s(Version.V2022).forEach(circuit -> v2022.add(circuit.multiplier()));
    assertThat(master).hasSize(13).isEqualTo(v2022);
  }

  @Test
  void aNameMeansNothingWithoutItsVersion() {
    Multiplier exact = EvoApprox.mul8s("1KV8", Version.MASTER);
    Multiplier truncated = EvoApprox.mul8s("1KV8", Version.V2022);
    assertThat(exact).isEqualTo(Multiplier.exact()).isNotEqualTo(truncated);
    assertThat(truncated).isEqualTo(EvoApprox.mul8s("1KVA", Version.MASTER));
    assertThat(truncated).hasToString("Multiplier[mul8s_1KV8 v2022]");
  }

  @Test
  void refusesUnknownNames() {
    assertIllegalArgument(
        () -> EvoApprox.mul8s("1KX5", Version.MASTER), "1KX5", "1KVA", "1KR3", "master");
  }
}
