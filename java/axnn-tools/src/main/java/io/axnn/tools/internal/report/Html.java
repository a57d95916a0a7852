package io.axnn.tools.internal.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * HTML (with SVG in it) that is written element by element. All that is given as text or as the
 * value of an attribute is escaped, so a name out of a file is never more than a name.
 */
public final class Html {

  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Begins an element.
   *
   * @param attributes name and value in turn
   */
  public Html open(String tag, String... attributes) {
    tag(tag, attributes);
    open.push(tag);
    return this;
  }

  /** Ends the element that was begun last. */
  public Html close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element that holds a text. */
  public Html element(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).close();
  }

  /** An element of SVG that holds nothing. */
  public Html shape(String tag, String... attributes) {
    return open(tag, attributes).close();
  }

  /** A text inside of the element that was begun last. */
  public Html text(String text) {
    out.append(escaped(text));
    return this;
  }

  /** A break between lines of the source, for who reads it. */
  public Html line() {
    out.append('\n');
    return this;
  }

  private void tag(String tag, String... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      out.append(escaped(attributes[i + 1])).append('"');
    }
    out.append('>');
  }

  /** A text without what HTML would read as markup, and without control characters. */
  static String escaped(String text) {
    return text.replaceAll("\\p{Cntrl}", " ")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** The text, whose elements must all have ended. */
  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not ended: " + open);
    }
    return out.toString();
  }
}
