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
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

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
    sortOptions = false,
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
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
    CommandLine command =
        new CommandLine(new AxnnCommand())
            .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
            .setUsageHelpAutoWidth(true)
            .setParameterExceptionHandler(AxnnCommand::refuse)
            .setExecutionExceptionHandler(AxnnCommand::report);
    EnumNames.useIn(command);
    int exitCode = command.execute(arguments);
    if (command.getOut().checkError()) {
      command.getErr().println("standard output takes no more; what was printed is not complete");
      return Math.max(exitCode, 1);
    }
    return exitCode;
  }

  /** A line that says what is wrong with the usage, which is too long to stand below it. */
  private static int refuse(ParameterException problem, String[] arguments) {
    CommandLine command = problem.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(problem.getMessage());
    if (arguments.length == 0) {
      command.usage(err);
    } else if (!UnmatchedArgumentException.printSuggestions(problem, err)) {
      err.printf("'%s --help' tells more%n", command.getCommandSpec().qualifiedName());
    }
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static int report(Exception problem, CommandLine command, ParseResult ignored)
      throws Exception {
    command.getErr().println(sentence(problem));
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  /** What the user can mend needs its sentence and no stack trace; anything else is our defect. */
  static String sentence(Exception problem) throws Exception {
    return switch (problem) {
      case NoSuchFileException e -> "there is no file " + e.getFile();
      case AccessDeniedException e -> e.getFile() + ": permission denied";
      case FileSystemException e -> e.getMessage();
      case UncheckedIOException e -> sentence(e.getCause());
      case IOException e -> e.getClass().getSimpleName() + ": " + e.getMessage();
      case ModelException e -> e.getMessage();
      case DataException e -> e.getMessage();
      case AxnnException e -> e.getMessage();
      case NativeLibraryException e -> e.getMessage();
      case IllegalArgumentException e -> e.getMessage();
      default -> throw problem;
    };
  }

  /** The version of the native library, which is that of the jars. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"axnn " + Axnn.version()};
    }
  }
}
