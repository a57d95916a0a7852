package io.axnn.tools.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Values of options that count something of which there has to be one at least. */
final class Count implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    try {
      int count = Integer.parseInt(text);
      if (count >= 1) {
        return count;
      }
    } catch (NumberFormatException e) {
      // The sentence below is of this case too.
    }
    throw new TypeConversionException(
        "'%s' is no whole number from 1 to %d".formatted(text, Integer.MAX_VALUE));
  }
}
