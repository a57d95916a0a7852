package io.axnn.internal;

import io.axnn.Axnn;
import io.axnn.Context;

/** The child of {@link LoaderTest}: loads the library and prints one line on how that went. */
final class LoadMain {

  static final int FAILURE = 3;

  private LoadMain() {}

  public static void main(String[] arguments) {
    boolean failed = load();
    if (arguments.length == 1) {
      failed |= load();
    }
    System.exit(failed ? FAILURE : 0);
  }

  private static boolean load() {
    try (Context context = Context.create()) {
      System.out.printf(
          "loaded %s %d threads %s from %s%n",
          context.tier(), context.threads(), Axnn.version(), Axnn.libraryLocation());
      return false;
    } catch (Throwable failure) {
      System.out.printf("failed: %s: %s%n", failure.getClass().getName(), failure.getMessage());
      return true;
    }
  }
}
