package io.axnn.internal;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * JSON (RFC 8259): the library has no dependencies, and this is all it needs. Objects are maps,
 * arrays lists, integers of 64 bits {@link Long}, other numbers {@link Double}. The strict reader
 * refuses repeated keys and deep nesting.
 */
final class Json {

  /** Enough for every header; keeps a hostile one from exhausting the stack. */
  private static final int MAX_DEPTH = 32;

  /** Text that is not JSON. */
  static final class SyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    SyntaxException(String what, int position) {
      super(what + " at character " + position);
    }
  }

  private final String text;
  private int position;

  private Json(String text) {
    this.text = text;
  }

  static Object parse(String text) throws SyntaxException {
    Json json = new Json(text);
    Object value = json.value(0);
    json.skipSpace();
    if (json.position < text.length()) {
      throw json.bad("text after the value");
    }
    return value;
  }

  /** The text of maps with text keys, lists, texts and integers, without white space. */
  static String text(Object value) {
    return switch (value) {
      case Map<?, ?> members ->
          members.entrySet().stream()
              .map(member -> text(member.getKey()) + ":" + text(member.getValue()))
              .collect(Collectors.joining(",", "{", "}"));
      case List<?> items ->
          items.stream().map(Json::text).collect(Collectors.joining(",", "[", "]"));
      case String string ->
          string.chars().mapToObj(Json::escape).collect(Collectors.joining("", "\"", "\""));
      case Long integer -> integer.toString();
      case Integer integer -> integer.toString();
      default -> throw new AssertionError("no JSON for " + value.getClass());
    };
  }

  private static String escape(int character) {
    if (character < ' ') {
      return "\\u%04x".formatted(character);
    }
    return (character == '"' || character == '\\' ? "\\" : "") + (char) character;
  }

  private Object value(int depth) throws SyntaxException {
    if (depth > MAX_DEPTH) {
      throw bad("nesting deeper than " + MAX_DEPTH);
    }
    skipSpace();
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> literal("true", Boolean.TRUE);
      case 'f' -> literal("false", Boolean.FALSE);
      case 'n' -> literal("null", null);
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) throws SyntaxException {
    Map<String, Object> members = new LinkedHashMap<>();
    expect('{');
    if (!accept('}')) {
      do {
        skipSpace();
        String key = string();
        if (members.containsKey(key)) {
          throw bad("the key \"" + key + "\" for the second time");
        }
        skipSpace();
        expect(':');
        members.put(key, value(depth + 1));
      } while (accept(','));
      expect('}');
    }
    return members;
  }

  private List<Object> array(int depth) throws SyntaxException {
    List<Object> items = new ArrayList<>();
    expect('[');
    if (!accept(']')) {
      do {
        items.add(value(depth + 1));
      } while (accept(','));
      expect(']');
    }
    return items;
  }

  private String string() throws SyntaxException {
    expect('"');
    StringBuilder string = new StringBuilder();
    for (char c = next(); c != '"'; c = next()) {
      if (c < ' ') {
        throw bad("a control character in a string");
      }
      string.append(c == '\\' ? escaped() : c);
    }
    return string.toString();
  }

  private char escaped() throws SyntaxException {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hexadecimal();
      default -> throw bad("an unknown escape");
    };
  }

  private char hexadecimal() throws SyntaxException {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      char digit = next();
      if (!HexFormat.isHexDigit(digit)) {
        throw bad("no hexadecimal digit");
      }
      code = code * 16 + HexFormat.fromHexDigit(digit);
    }
    return (char) code;
  }

  private Object literal(String word, Object value) throws SyntaxException {
    if (!text.startsWith(word, position)) {
      throw bad("no JSON value");
    }
    position += word.length();
    return value;
  }

  private Object number() throws SyntaxException {
    int start = position;
    skip('-');
    if (!skip('0')) {
      digits();
    }
    boolean integer = true;
    if (skip('.')) {
      integer = false;
      digits();
    }
    if (skip('e') || skip('E')) {
      integer = false;
      if (!skip('+')) {
        skip('-');
      }
      digits();
    }
    String number = text.substring(start, position);
    if (!integer) {
      return Double.valueOf(number);
    }
    try {
      return Long.valueOf(number);
    } catch (NumberFormatException e) {
      throw bad("an integer of more than 64 bits");
    }
  }

  private void digits() throws SyntaxException {
    int start = position;
    while (position < text.length() && isDigit(text.charAt(position))) {
      position++;
    }
    if (position == start) {
      throw bad("no JSON value");
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void skipSpace() {
    while (position < text.length() && " \t\n\r".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }

  /** Skips one character if it comes next. */
  private boolean skip(char c) {
    boolean next = position < text.length() && text.charAt(position) == c;
    if (next) {
      position++;
    }
    return next;
  }

  /** As {@link #skip}, after white space. */
  private boolean accept(char c) {
    skipSpace();
    return skip(c);
  }

  private void expect(char c) throws SyntaxException {
    skipSpace();
    if (!skip(c)) {
      throw bad("no '" + c + "'");
    }
  }

  private char peek() throws SyntaxException {
    if (position == text.length()) {
      throw bad("the end");
    }
    return text.charAt(position);
  }

  private char next() throws SyntaxException {
    char c = peek();
    position++;
    return c;
  }

  private SyntaxException bad(String what) {
    return new SyntaxException(what, position);
  }
}
