package io.axnn.tools.command;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * Constants of enums as the command line has them: in lower case, words joined by hyphens. Help,
 * completion and errors show them so; what the user writes may be in any case.
 */
final class EnumNames {
  private EnumNames() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Gives all options of a command and its subcommands whose values are enums these names. */
  static void useIn(CommandLine command) {
    command.getSubcommands().values().forEach(EnumNames::useIn);
    CommandSpec spec = command.getCommandSpec();
    // All of them, so that they keep their order.
    for (OptionSpec option : List.copyOf(spec.options())) {
      spec.remove(option);
      spec.addOption(withNames(option));
    }
  }

  private static OptionSpec withNames(OptionSpec option) {
    Class<?> type = option.isMultiValue() ? option.auxiliaryTypes()[0] : option.type();
    if (!type.isEnum()) {
      return option;
    }
    List<Enum<?>> constants =
        Arrays.stream(type.getEnumConstants()).<Enum<?>>map(Enum.class::cast).toList();
    List<String> names = constants.stream().map(EnumNames::of).toList();
    return option.toBuilder()
        .completionCandidates(names)
        .converters(text -> constants.get(index(text, names)))
        .build();
  }

  private static int index(String text, List<String> names) {
    int index = names.indexOf(text.toLowerCase(Locale.ROOT).replace('_', '-'));
    if (index < 0) {
      throw new TypeConversionException(
          "'%s' is none of %s".formatted(text, String.join(", ", names)));
    }
    return index;
  }
}
