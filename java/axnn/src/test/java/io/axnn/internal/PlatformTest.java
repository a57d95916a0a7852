package io.axnn.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {

  private static final String OWN_LIBRARY = "-Daxnn.library.path";

  @ParameterizedTest
  @CsvSource({
    "linux-x86_64, glibc, " + OWN_LIBRARY,
    "linux-musl-x86_64, musl, " + OWN_LIBRARY,
    "linux-aarch64, scalar, " + OWN_LIBRARY,
    "macos-aarch64, does not support macos-aarch64, container",
    "windows-x86_64, does not support windows-x86_64, container",
  })
  void everyPlatformGetsOneSentence(String name, String what, String remedy) {
    assertThat(new Platform(name).advice())
        .contains(name, what, remedy)
        .endsWith(".")
        .doesNotContain("\n");
  }

  @Test
  void theCurrentOneHasAFolder() {
    assertThat(Platform.current().name()).matches("[a-z]+-(musl-)?[a-z0-9_]+");
  }
}
