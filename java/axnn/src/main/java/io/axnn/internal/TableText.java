package io.axnn.internal;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tables as text: integers between spaces, commas, semicolons or line ends, with comments from #
 * on; or a C file with one array of that many integers, as AdaPT's headers are.
 */
final class TableText {

  /** A table of 65536 integers of 11 characters, generously spaced. */
  private static final int MAX_BYTES = 8 << 20;

  private static final Pattern COMMENTS = Pattern.compile("/\\*(?s:.*?)\\*/|//[^\\n]*");
  private static final Pattern LINE_COMMENTS = Pattern.compile("#[^\\n]*");
  private static final Pattern SEPARATORS = Pattern.compile("[\\s,;]+");

  /** {@code name[256][256] = {}. */
  private static final Pattern ARRAY =
      Pattern.compile("([A-Za-z_]\\w*)\\s*((?:\\[[^\\]]*\\]\\s*)+)=\\s*\\{");

  private static final Pattern C_INTEGER =
      Pattern.compile("([+-]?)\\s*(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*");

  private TableText() {}

  private static String text(InputFile file) throws IOException {
    if (file.size() > MAX_BYTES) {
      throw file.bad(
          "has " + file.size() + " bytes, but a text of at most " + MAX_BYTES + " is read");
    }
    return StandardCharsets.ISO_8859_1
        .decode(file.read("the text", 0, (int) file.size()))
        .toString();
  }

  static TableFile.Table read(InputFile file, TableShape shape) throws IOException {
    String text = LINE_COMMENTS.matcher(text(file)).replaceAll("");
    List<String> numbers =
        Arrays.stream(SEPARATORS.split(text)).filter(number -> !number.isEmpty()).toList();
    TableShape found = shape.ofCount(file, numbers.size(), "numbers");
    return new TableFile.Table(found, integers(file, numbers));
  }

  static TableFile.Table readHeader(InputFile file, TableShape shape) throws IOException {
    String text = COMMENTS.matcher(text(file)).replaceAll(" ");
    Matcher arrays = ARRAY.matcher(text);
    List<String> seen = new ArrayList<>();
    TableFile.Table table = null;
    String name = null;
    int from = 0;
    while (arrays.find(from)) {
      int end = endOfBraces(file, text, arrays.end());
      List<String> numbers = elements(text.substring(arrays.end(), end - 1));
      seen.add(arrays.group(1) + " of " + numbers.size());
      if (numbers.size() == shape.count() || numbers.size() == 256 * 256) {
        if (table != null) {
          throw file.bad("has two tables, " + name + " and " + arrays.group(1));
        }
        name = arrays.group(1);
        table =
            new TableFile.Table(
                shape.ofCount(file, numbers.size(), "numbers"), integers(file, numbers));
      }
      from = end;
    }
    if (table == null) {
      throw file.bad("has no array of " + shape + " integers; its arrays are " + seen);
    }
    return table;
  }

  /** The index behind the brace that closes what was opened before {@code start}. */
  private static int endOfBraces(InputFile file, String text, int start) {
    int open = 1;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{') {
        open++;
      } else if (c == '}' && --open == 0) {
        return i + 1;
      }
    }
    throw file.bad("ends inside an array: a brace is not closed");
  }

  private static List<String> elements(String initializer) {
    return Arrays.stream(initializer.replace('{', ' ').replace('}', ',').split(","))
        .map(String::strip)
        .filter(element -> !element.isEmpty())
        .toList();
  }

  private static int[] integers(InputFile file, List<String> numbers) {
    int[] values = new int[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = integer(file, numbers.get(i), i);
    }
    return values;
  }

  private static int integer(InputFile file, String number, int index) {
    Matcher matcher = C_INTEGER.matcher(number);
    if (!matcher.matches()) {
      String shown = number.length() > 40 ? number.substring(0, 40) + "..." : number;
      throw file.bad("has '" + shown + "' as element " + index + ", which is no integer");
    }
    String digits = matcher.group(2);
    boolean hexadecimal = digits.length() > 1 && (digits.charAt(1) | 32) == 'x';
    BigInteger magnitude =
        hexadecimal ? new BigInteger(digits.substring(2), 16) : new BigInteger(digits);
    BigInteger value = matcher.group(1).equals("-") ? magnitude.negate() : magnitude;
    if (value.bitLength() > Integer.SIZE - 1) {
      throw file.bad("has " + value + " as element " + index + ", but every one must fit 32 bits");
    }
    return value.intValue();
  }

  static ByteBuffer bytes(TableFile.Table table) {
    StringBuilder text = new StringBuilder();
    int columns = table.shape().columns();
    for (int i = 0; i < table.entries().length; i++) {
      text.append(table.entries()[i]).append(i % columns == columns - 1 ? '\n' : ' ');
    }
    return StandardCharsets.US_ASCII.encode(text.toString());
  }

  /** A header with include guard: {@code static const int32_t name[rows][columns]}. */
  static ByteBuffer headerBytes(TableFile.Table table, String name) {
    String identifier = name.replaceAll("\\W", "_").replaceFirst("^(?=\\d)", "_");
    String guard = identifier.toUpperCase(Locale.ROOT) + "_H";
    int columns = table.shape().columns();
    StringBuilder text = new StringBuilder();
    text.append("#ifndef ").append(guard).append("\n#define ").append(guard).append("\n\n");
    text.append(
        "#include <stdint.h>\n\n/* [bits of the row operand][bits of the column operand] */\n");
    text.append("static const int32_t ").append(identifier);
    text.append('[').append(table.shape().rows()).append("][").append(columns).append("] = {\n");
    for (int row = 0; row < table.shape().rows(); row++) {
      text.append("  {");
      for (int column = 0; column < columns; column++) {
        text.append(column == 0 ? "" : ", ")
            .append(literal(table.entries()[row * columns + column]));
      }
      text.append("},\n");
    }
    text.append("};\n\n#endif\n");
    return StandardCharsets.US_ASCII.encode(text.toString());
  }

  /** C has no literal of the smallest integer, but a negated one that is too large. */
  private static String literal(int value) {
    return value == Integer.MIN_VALUE ? "-0x80000000" : Integer.toString(value);
  }
}
