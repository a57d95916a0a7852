package io.axnn.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Tables as C source: the one array of a table's size, {@code name[256][256] = {{...}, ...}} or
 * flat, among whatever else a file declares. AdaPT's headers are such files. Nothing is evaluated:
 * elements are integer literals. Time and memory are those of a pass over the text.
 */
final class CHeader {

  /** As many arrays as a message names. */
  private static final int SHOWN = 10;

  private CHeader() {}

  static TableFile.Table read(InputFile file, TableShape allowed) throws IOException {
    String code = code(file, TableText.text(file));
    List<String> seen = new ArrayList<>();
    TableFile.Table table = null;
    String tableName = null;
    int next = code.indexOf('{');
    while (next >= 0) {
      int start = next + 1;
      String name = arrayBefore(code, next);
      int end = name == null ? start : endOfBraces(file, code, start);
      if (name != null) {
        TableText.Numbers numbers = elements(code, start, end);
        if (seen.size() <= SHOWN) {
          seen.add(seen.size() == SHOWN ? "..." : name + " of " + numbers.count());
        }
        if (allowed.hasCount(numbers.count())) {
          if (table != null) {
            throw file.bad("has two tables, " + tableName + " and " + name);
          }
          tableName = name;
          TableShape found = allowed.ofCount(file, numbers.count(), "integers");
          table = new TableFile.Table(found, numbers.values(file, true));
        }
      }
      next = code.indexOf('{', end);
    }
    if (table == null) {
      throw file.bad("has no array of " + allowed + " integers; its arrays are " + seen);
    }
    return table;
  }

  /** The text without comments, directives and the content of literals. */
  private static String code(InputFile file, String text) {
    StringBuilder code = new StringBuilder(text.length());
    boolean lineStart = true;
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (text.startsWith("//", i) || c == '#' && lineStart) {
        i = endOfLine(text, i);
      } else if (text.startsWith("/*", i)) {
        int end = text.indexOf("*/", i + 2);
        if (end < 0) {
          throw file.bad("ends inside a comment");
        }
        code.append(' ');
        i = end + 2;
      } else if (c == '"' || c == '\'') {
        i = endOfLiteral(file, text, i);
        code.append("\"\"");
        lineStart = false;
      } else {
        code.append(c);
        lineStart = c == '\n' || lineStart && Character.isWhitespace(c);
        i++;
      }
    }
    return code.toString();
  }

  /** Where the line break is that ends a line; behind a backslash it does not. */
  private static int endOfLine(String text, int from) {
    int end = text.indexOf('\n', from);
    while (end >= 0 && (text.startsWith("\\", end - 1) || text.startsWith("\\\r", end - 2))) {
      end = text.indexOf('\n', end + 1);
    }
    return end < 0 ? text.length() : end;
  }

  private static int endOfLiteral(InputFile file, String text, int start) {
    for (int i = start + 1; i < text.length() && text.charAt(i) != '\n'; i++) {
      if (text.charAt(i) == text.charAt(start)) {
        return i + 1;
      }
      if (text.charAt(i) == '\\') {
        i++;
      }
    }
    throw file.bad("has a literal that does not end on its line");
  }

  /** The name in {@code name[...][...] = } before a brace; null if that is no array's. */
  private static String arrayBefore(String code, int brace) {
    int end = skipSpacesBack(code, brace);
    if (end == 0 || code.charAt(end - 1) != '=') {
      return null;
    }
    end = skipSpacesBack(code, end - 1);
    boolean brackets = false;
    while (end > 0 && code.charAt(end - 1) == ']') {
      int open = end - 2;
      while (open > 0 && "[]{};".indexOf(code.charAt(open)) < 0) {
        open--;
      }
      if (open < 0 || code.charAt(open) != '[') {
        return null;
      }
      end = skipSpacesBack(code, open);
      brackets = true;
    }
    int start = end;
    while (start > 0 && isOfName(code.charAt(start - 1))) {
      start--;
    }
    return brackets && start < end ? code.substring(start, end) : null;
  }

  private static int skipSpacesBack(String code, int from) {
    int end = from;
    while (end > 0 && Character.isWhitespace(code.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  private static boolean isOfName(char c) {
    return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
  }

  /** The index behind the brace that closes what was opened before {@code start}. */
  private static int endOfBraces(InputFile file, String code, int start) {
    int open = 1;
    for (int i = start; i < code.length(); i++) {
      char c = code.charAt(i);
      if (c == '{') {
        open++;
      } else if (c == '}' && --open == 0) {
        return i + 1;
      }
    }
    throw file.bad("ends inside an array: a brace is not closed");
  }

  /** What is between commas and braces. */
  private static TableText.Numbers elements(String code, int from, int to) {
    TableText.Numbers numbers = new TableText.Numbers();
    int start = from;
    for (int i = from; i < to; i++) {
      char c = code.charAt(i);
      if (c == ',' || c == '{' || c == '}') {
        numbers.add(code, start, i);
        start = i + 1;
      }
    }
    return numbers;
  }

  /** A header with include guard: {@code static const int32_t name[rows][columns]}. */
  static ByteBuffer bytes(TableFile.Table table, String name) {
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
