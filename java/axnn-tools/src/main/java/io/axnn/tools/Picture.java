package io.axnn.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.IChart;

/**
 * A chart that can be written as PNG or SVG, without a display. Not safe for use by many threads at
 * once.
 */
public final class Picture {

  /** Draws a chart to a stream. */
  private interface Drawing {
    void draw(ByteArrayOutputStream to) throws IOException;
  }

  private static final Pattern FIRST_ELEMENT = Pattern.compile("(<svg[^>]*>)");

  private final IChart chart;
  private final String title;

  Picture(IChart chart, String title) {
    this.chart = chart;
    this.title = title;
  }

  /**
   * The picture as PNG.
   *
   * @return the bytes of a file
   */
  public byte[] png() {
    return drawn(to -> BitmapEncoder.saveBitmap(chart, to, BitmapFormat.PNG));
  }

  /**
   * The picture as SVG. Letters are drawn as shapes, so the title is in it as an element too, for
   * search and for readers of screens.
   *
   * @return the text of a file
   */
  public String svg() {
    byte[] bytes =
        drawn(to -> VectorGraphicsEncoder.saveVectorGraphic(chart, to, VectorGraphicsFormat.SVG));
    String escaped = title.replace("&", "&amp;").replace("<", "&lt;");
    return FIRST_ELEMENT
        .matcher(new String(bytes, StandardCharsets.UTF_8))
        .replaceFirst("$1<title>" + Matcher.quoteReplacement(escaped) + "</title>");
  }

  private static byte[] drawn(Drawing drawing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      drawing.draw(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot draw: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }

  /**
   * Writes a PNG or SVG file, as its extension says, in place of what is there; whole or not at
   * all.
   *
   * @param file ends with .png or .svg
   * @throws IllegalArgumentException if it ends with something else
   * @throws UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    String name = file.getFileName().toString();
    byte[] content;
    if (name.endsWith(".png")) {
      content = png();
    } else if (name.endsWith(".svg")) {
      content = svg().getBytes(StandardCharsets.UTF_8);
    } else {
      throw new IllegalArgumentException("file " + file + " ends with neither .png nor .svg");
    }
    try {
      Path whole = file.toAbsolutePath();
      Path unfinished = whole.resolveSibling(".unfinished-" + UUID.randomUUID());
      try {
        Files.write(unfinished, content, StandardOpenOption.CREATE_NEW);
        Files.move(unfinished, whole, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(unfinished);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
