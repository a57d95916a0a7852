package io.axnn.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Bad arguments are found in Java, and the message says which, what it was and what is allowed. */
public final class Refusals {

  private Refusals() {}

  public static void assertIllegalArgument(ThrowingCallable call, String... messageParts) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(messageParts);
  }

  public static void assertIllegalState(ThrowingCallable call, String... messageParts) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(messageParts);
  }
}
