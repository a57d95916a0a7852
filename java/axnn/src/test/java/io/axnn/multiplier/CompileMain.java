package io.axnn.multiplier;

import java.nio.file.Path;

/** The child of {@link NativeModelsTest}: compiles a model and prints how that failed. */
final class CompileMain {

  private CompileMain() {}

  public static void main(String[] arguments) {
    Prototype ints = Prototype.of(Prototype.Type.INT32, Prototype.Type.INT32);
    try {
      System.out.println(
          Multiplier.fromCSource(
              Path.of(arguments[0]), "f", ints, Operand.SIGNED8, Operand.SIGNED8));
    } catch (RuntimeException e) {
      System.out.println(e);
    }
  }
}
