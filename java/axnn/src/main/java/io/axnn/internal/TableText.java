package io.axnn.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tables as text: integers between spaces, commas, semicolons or line ends, with comments from # to
 * the end of a line. Time and memory are those of a pass over the text, whatever it holds.
 */
final class TableText {

  /** 64 characters for each of 65536 integers. */
  private static final int MAX_BYTES = 4 << 20;

  /** More than any table has: only their number matters from there on. */
  private static final int MAX_KEPT = (1 << 16) + 1;

  /** As much of a wrong number as a message shows. */
  private static final int MAX_SHOWN = 40;

  private static final Pattern INTEGER = Pattern.compile("([+-]?)(?:0[xX]([0-9a-fA-F]+)|([0-9]+))");

  /** The sign is an operator in C, and a literal may say its type. */
  private static final Pattern C_INTEGER =
      Pattern.compile("([+-]?)\\s*(?:0[xX]([0-9a-fA-F]+)|([0-9]+))[uUlL]{0,3}");

  /** No number of 32 bits has more digits, leading zeros aside; a long has room for them. */
  private static final int MAX_DIGITS = 12;

  /** Numbers as they are written, in order. */
  static final class Numbers {
    private final List<String> kept = new ArrayList<>();
    private int count;

    /** Adds a part of a text without its outer spaces, unless nothing is left. */
    void add(String text, int from, int to) {
      int start = from;
      int end = to;
      while (start < end && Character.isWhitespace(text.charAt(start))) {
        start++;
      }
      while (start < end && Character.isWhitespace(text.charAt(end - 1))) {
        end--;
      }
      if (start < end) {
        count++;
        if (kept.size() < MAX_KEPT) {
          kept.add(text.substring(start, end));
        }
      }
    }

    int count() {
      return count;
    }

    /**
     * What they are; none is beyond a table.
     *
     * @param asInC whether they are literals of C, where a leading zero makes a number octal
     */
    int[] values(InputFile file, boolean asInC) {
      int[] values = new int[kept.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = integer(file, kept.get(i), i, asInC);
      }
      return values;
    }
  }

  private TableText() {}

  /** The whole file, one character a byte. */
  static String text(InputFile file) throws IOException {
    if (file.size() > MAX_BYTES) {
      throw file.bad(
          "has " + file.size() + " bytes, but a text of at most " + MAX_BYTES + " is read");
    }
    ByteBuffer bytes = file.read("the text", 0, (int) file.size());
    return new String(bytes.array(), StandardCharsets.ISO_8859_1);
  }

  static TableFile.Table read(InputFile file, TableShape allowed) throws IOException {
    String text = text(file);
    Numbers numbers = new Numbers();
    int start = 0;
    boolean comment = false;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : '\n';
      if (Character.isWhitespace(c) || c == ',' || c == ';' || c == '#') {
        if (!comment) {
          numbers.add(text, start, i);
        }
        comment = c == '#' || comment && c != '\n';
        start = i + 1;
      }
    }
    TableShape found = allowed.ofCount(file, numbers.count(), "numbers");
    return new TableFile.Table(found, numbers.values(file, false));
  }

  private static int integer(InputFile file, String number, int index, boolean asInC) {
    Matcher matcher = (asInC ? C_INTEGER : INTEGER).matcher(number);
    if (!matcher.matches()) {
      throw file.bad("has '" + shown(number) + "' as element " + index + ", which is no integer");
    }
    boolean hexadecimal = matcher.group(2) != null;
    String digits = matcher.group(hexadecimal ? 2 : 3);
    String significant = digits.replaceFirst("^0+(?=.)", "");
    int radix = hexadecimal ? 16 : asInC && digits.startsWith("0") ? 8 : 10;
    if (radix == 8 && significant.matches(".*[89].*")) {
      throw file.bad("has '" + shown(number) + "' as element " + index + ", which is not octal");
    }
    long magnitude =
        significant.length() <= MAX_DIGITS ? Long.parseLong(significant, radix) : Long.MAX_VALUE;
    long value = matcher.group(1).equals("-") ? -magnitude : magnitude;
    if (value != (int) value) {
      throw file.bad(
          "has " + shown(number) + " as element " + index + ", but every one must fit 32 bits");
    }
    return (int) value;
  }

  private static String shown(String text) {
    return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
  }

  /** A line for each row. */
  static ByteBuffer bytes(TableFile.Table table) {
    StringBuilder text = new StringBuilder();
    int columns = table.shape().columns();
    for (int i = 0; i < table.entries().length; i++) {
      text.append(table.entries()[i]).append(i % columns == columns - 1 ? '\n' : ' ');
    }
    return StandardCharsets.US_ASCII.encode(text.toString());
  }
}
