package io.axnn.tools.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Rows as text: an object of JSON, or a line of CSV with the quotes of RFC 4180. Both have the same
 * columns, among them derived ones for whoever loads them elsewhere; reading takes the others. What
 * is unknown is null in JSON and nothing in CSV.
 */
final class RowFormat {

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private static final Pattern NEEDS_QUOTES = Pattern.compile("[\",\r\n]");

  /** A column; the value is a text, a number or null. */
  private record Column(String name, Function<SweepRow, Object> value) {}

  private static final List<Column> COLUMNS =
      List.of(
          new Column("multiplier", row -> row.key().multiplier()),
          new Column("identity", row -> row.key().identity()),
          new Column("layers", row -> row.key().layers()),
          new Column("setting", row -> row.key().setting()),
          new Column("images", SweepRow::images),
          new Column("top1Correct", SweepRow::top1Correct),
          new Column("top5Correct", SweepRow::top5Correct),
          new Column("top1Percent", SweepRow::top1Percent),
          new Column("top5Percent", SweepRow::top5Percent),
          new Column("seconds", SweepRow::seconds),
          new Column("imagesPerSecond", SweepRow::imagesPerSecond),
          new Column("multiplierMilliwatts", row -> orNull(row.multiplierMilliwatts())),
          new Column("networkMilliwatts", row -> orNull(row.networkMilliwatts())),
          new Column("maePercent", row -> orNull(row.maePercent())));

  private RowFormat() {}

  private static Object orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** A line without its end. */
  static String json(SweepRow row) {
    Map<String, Object> object = new LinkedHashMap<>();
    COLUMNS.forEach(column -> object.put(column.name(), column.value().apply(row)));
    return json(object);
  }

  /** A line without its end. */
  static String json(Map<String, ?> object) {
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + object, e);
    }
  }

  /**
   * The object that a line holds.
   *
   * @throws IllegalArgumentException if it holds none
   */
  static JsonNode object(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      if (node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("is not JSON: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException("is no object of JSON");
  }

  /**
   * The row that a line holds.
   *
   * @throws IllegalArgumentException if it holds none; the message says why
   */
  static SweepRow row(String line) {
    JsonNode object = object(line);
    return new SweepRow(
        new SweepRow.Key(
            text(object, "multiplier"),
            text(object, "identity"),
            text(object, "layers"),
            text(object, "setting")),
        integer(object, "images"),
        integer(object, "top1Correct"),
        integer(object, "top5Correct"),
        amount(object, "seconds").orElseThrow(() -> wrong(object, "seconds", "a number")),
        amount(object, "multiplierMilliwatts"),
        amount(object, "networkMilliwatts"),
        amount(object, "maePercent"));
  }

  private static String text(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isTextual()) {
      throw wrong(object, name, "a text");
    }
    return value.textValue();
  }

  private static int integer(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isInt()) {
      throw wrong(object, name, "an integer");
    }
    return value.intValue();
  }

  private static OptionalDouble amount(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (value.isNull()) {
      return OptionalDouble.empty();
    }
    if (!value.isNumber()) {
      throw wrong(object, name, "a number or null");
    }
    return OptionalDouble.of(value.doubleValue());
  }

  private static IllegalArgumentException wrong(JsonNode object, String name, String allowed) {
    String value = object.has(name) ? object.get(name).toString() : "missing";
    return new IllegalArgumentException(name + " is " + value + "; allowed: " + allowed);
  }

  /** The names of the columns, with the line's end. */
  static String csvHeader() {
    return COLUMNS.stream().map(Column::name).collect(Collectors.joining(",", "", "\n"));
  }

  /** A line with its end. */
  static String csv(SweepRow row) {
    return COLUMNS.stream()
        .map(column -> csvField(column.value().apply(row)))
        .collect(Collectors.joining(",", "", "\n"));
  }

  /** A whole file. */
  static String csv(List<SweepRow> rows) {
    return csvHeader() + rows.stream().map(RowFormat::csv).collect(Collectors.joining());
  }

  private static String csvField(Object value) {
    if (value == null) {
      return "";
    }
    String text = value.toString();
    return NEEDS_QUOTES.matcher(text).find() ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}
