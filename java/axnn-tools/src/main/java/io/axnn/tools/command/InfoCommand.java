package io.axnn.tools.command;

import io.axnn.Axnn;
import io.axnn.Context;
import io.axnn.NativeLibraryException;
import io.axnn.Tier;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What runs here, and on what. */
@Command(name = "info", description = "Prints version, CPU, tiers, library file and threads.")
final class InfoCommand implements Callable<Integer> {
  @Mixin private ContextOptions contextOptions = new ContextOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Context context = contextOptions.context()) {
      FactPrinter.print(out, "axnn", Axnn.version() + ", ABI " + Axnn.abiVersion());
      FactPrinter.print(out, "library", Axnn.libraryLocation());
      FactPrinter.print(out, "Java", Runtime.version() + ", " + System.getProperty("java.vm.name"));
      FactPrinter.print(
          out, "system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
      cpu().ifPresent(name -> FactPrinter.print(out, "CPU", name));
      FactPrinter.print(
          out, "CPU features", String.join(" ", Axnn.cpuFeatures().stream().sorted().toList()));
      FactPrinter.print(out, "tiers", tiers());
      FactPrinter.print(out, "tier", EnumNames.of(context.tier()));
      FactPrinter.print(out, "threads", String.valueOf(context.threads()));
    }
    return 0;
  }

  /** As Linux calls it. */
  private static Optional<String> cpu() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Those that a context can be made of here: the CPU has them and AXNN_MAX_ISA allows them. */
  private static String tiers() {
    return Arrays.stream(Tier.values())
        .filter(InfoCommand::isAvailable)
        .map(EnumNames::of)
        .collect(Collectors.joining(" "));
  }

  private static boolean isAvailable(Tier tier) {
    try (Context ignored = Context.builder().tier(tier).build()) {
      return true;
    } catch (NativeLibraryException e) {
      throw e;
    } catch (RuntimeException e) {
      return false;
    }
  }
}
