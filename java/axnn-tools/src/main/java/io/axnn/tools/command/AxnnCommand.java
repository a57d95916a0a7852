package io.axnn.tools.command;

import io.axnn.Axnn;
import io.axnn.AxnnException;
import io.axnn.NativeLibraryException;
import io.axnn.tools.ModelException;
import io.axnn.tools.data.DataException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * Trained networks on approximate and binary hardware: what accuracy they lose, what power they
 * save.
 */
@Command(
    name = "axnn",
    description =
        "Runs trained ONNX networks with approximate multipliers and on bits: what accuracy they"
            + " lose, what power they save.",
    mixinStandardHelpOptions = true,
    versionProvider = AxnnCommand.Version.class,
    scope = ScopeType.INHERIT,
    subcommands = {
      EvaluateCommand.class,
      SweepCommand.class,
      SearchCommand.class,
      InspectCommand.class,
      InfoCommand.class,
      HelpCommand.class,
      GenerateCompletion.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:what was asked for cannot be done", "2:wrong usage"})
public final class AxnnCommand {
  private AxnnCommand() {}

  /**
   * Runs the command and ends the process.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(execute(System.out, System.err, arguments));
  }

  /** Runs the command and gives the process's exit code. */
  static int execute(PrintStream out, PrintStream err, String... arguments) {
    return new CommandLine(new AxnnCommand())
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler(AxnnCommand::report)
        .execute(arguments);
  }

  /** What the user can mend needs its sentence and no stack trace; anything else is our defect. */
  private static int report(Exception problem, CommandLine command, ParseResult ignored)
      throws Exception {
    String sentence =
        switch (problem) {
          case NoSuchFileException e -> "there is no file " + e.getFile();
          case ModelException e -> e.getMessage();
          case DataException e -> e.getMessage();
          case AxnnException e -> e.getMessage();
          case NativeLibraryException e -> e.getMessage();
          case IllegalArgumentException e -> e.getMessage();
          case UncheckedIOException e -> e.getMessage();
          case IOException e -> e.getClass().getSimpleName() + ": " + e.getMessage();
          default -> throw problem;
        };
    command.getErr().println(sentence);
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  /** The version of the native library, which is that of the jars. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"axnn " + Axnn.version()};
    }
  }
}
