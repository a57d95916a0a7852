package io.axnn.tools.command;

import io.axnn.multiplier.Operand;
import io.axnn.tools.multipliers.MultiplierSet;
import io.axnn.tools.multipliers.MultiplierSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** How multipliers are found and what is known of them. */
final class MultiplierOptions {
  /** What M may be, for help texts. */
  static final String FORMS =
      "M is exact, evoapprox (the 13 signed circuits of EvoApproxLib), one of them (mul8s_1KVA, or"
          + " mul8s_1KVA@v2022 by the names of 2022; * stands for anything), a family"
          + " (drum(6):sign-magnitude, drum(6):sign-magnitude:12 of 12 bits), a table file (.npy,"
          + " .npz, .npz:ENTRY, .safetensors, .txt, .h, raw-uint16:FILE), a folder of such files,"
          + " or a C model (FILE.c:SYMBOL or FILE.so:SYMBOL, then :RESULT,FIRST,SECOND unless it"
          + " is int16,int8,int8).";

  enum Signs {
    SIGNED,
    UNSIGNED
  }

  @Option(
      names = "--operands",
      paramLabel = "SIGNS",
      defaultValue = "SIGNED",
      description =
          "Operands of tables and C models: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Signs signs;

  @Option(
      names = "--power",
      paramLabel = "FILE",
      description =
          "Power of multipliers, a line for each: name, comma, mW. Of EvoApproxLib's 8 x 8 circuits"
              + " it is known.")
  private Path power;

  MultiplierSet read(List<String> texts) throws IOException {
    MultiplierSource source = MultiplierSource.create();
    if (signs == Signs.UNSIGNED) {
      source = source.withOperands(Operand.UNSIGNED8, Operand.UNSIGNED8);
    }
    if (power != null) {
      source = source.withPowerOf(power);
    }
    return source.read(texts);
  }
}
