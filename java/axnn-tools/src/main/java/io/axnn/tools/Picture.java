package io.axnn.tools;

import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import io.axnn.tools.internal.files.WholeFile;
import java.awt.Graphics2D;
import java.awt.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
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

  /** Digits of a coordinate beyond hundredths of a pixel, half of an SVG. */
  private static final Pattern FINE_DIGITS = Pattern.compile("(\\.\\d\\d)\\d+");

  private static final Pattern SIZE = Pattern.compile("((?:width|height)=\")(\\d+\\.\\d{3,})");

  /** Cells still meet when digits of their places and sizes are cut. */
  private static final double OVERLAP = 0.02;

  /** Pixels are the mean of so many squared, which makes edges smooth and leaves no seams. */
  private static final int FINENESS = 3;

  /** Neighbouring cells have no seam. */
  private static final String STYLE = "<style>rect{shape-rendering:crispEdges}</style>";

  private final IChart chart;
  private final String title;
  private final String axes;

  Picture(IChart chart, String title, String axes) {
    this.chart = chart;
    this.title = title;
    this.axes = axes;
  }

  /**
   * The picture as PNG.
   *
   * @return the bytes of a file
   */
  public byte[] png() {
    int width = chart.getWidth();
    int height = chart.getHeight();
    BufferedImage fine =
        new BufferedImage(FINENESS * width, FINENESS * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D fineGraphics = fine.createGraphics();
    fineGraphics.scale(FINENESS, FINENESS);
    chart.paint(fineGraphics, width, height);
    fineGraphics.dispose();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.drawImage(
        fine.getScaledInstance(width, height, Image.SCALE_AREA_AVERAGING), 0, 0, null);
    graphics.dispose();
    return drawn(to -> ImageIO.write(image, "png", to));
  }

  /**
   * The picture as SVG. Letters are drawn as shapes, so title and axes are in it as elements too,
   * for search and for readers of screens.
   *
   * @return the text of a file
   */
  public String svg() {
    int width = chart.getWidth();
    int height = chart.getHeight();
    SvgGraphics graphics = new SvgGraphics();
    chart.paint(graphics, width, height);
    byte[] bytes =
        drawn(
            to ->
                new SVGProcessor()
                    .getDocument(graphics.getCommands(), new PageSize(width, height))
                    .writeTo(to));
    String large =
        SIZE.matcher(new String(bytes, StandardCharsets.UTF_8))
            .replaceAll(size -> size.group(1) + (Double.parseDouble(size.group(2)) + OVERLAP));
    String drawing = FINE_DIGITS.matcher(large).replaceAll("$1");
    String words = "<title>" + escaped(title) + "</title><desc>" + escaped(axes) + "</desc>";
    return FIRST_ELEMENT
        .matcher(drawing)
        .replaceFirst("$1" + Matcher.quoteReplacement(words + STYLE));
  }

  private static String escaped(String text) {
    return text.replaceAll("\\p{Cntrl}", " ")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("]]>", "]]&gt;");
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
      WholeFile.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
