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
      """
      M is one of
        exact                   a * b of 8 bits
        evoapprox               the 13 signed circuits of EvoApproxLib
        mul8s_1KVA              one of them; mul8s_1KVA@v2022 by the names of 2022;
                                mul8s_1K* some of them
        drum(6):sign-magnitude  a family and how signs are treated; then :12 if it is
                                of 12 bits and not of 8
        FILE.npy                a table, also .safetensors, .txt, .h, raw-uint16:FILE
        FILE.npz, FILE.npz:NAME all tables of an archive, or one
        DIR                     all tables in a folder
        FILE.c:SYMBOL           a C model, also FILE.so:SYMBOL; then
                                :RESULT,FIRST,SECOND unless it is int16,int8,int8\
      """;

  enum Signs {
    SIGNED,
    UNSIGNED
  }

  @Option(
      names = "--operands",
      paramLabel = "SIGNS",
      defaultValue = "signed",
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
      source = source.withPowerOf(FileArguments.existing(power));
    }
    return source.read(texts);
  }
}
