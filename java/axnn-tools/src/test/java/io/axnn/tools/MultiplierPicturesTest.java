package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Multipliers;
import io.axnn.multiplier.Operand;
import io.axnn.multiplier.Signedness;
import io.axnn.tools.MultiplierPictures.Rated;
import io.axnn.tools.internal.plot.LabelPlacer;
import java.awt.Color;
import java.awt.geom.Line2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultiplierPicturesTest {

  private static final Multiplier DRUM = Multipliers.of(8, Signedness.UNSIGNED).drum(4);

  @TempDir Path folder;

  @BeforeAll
  static void noDisplay() {
    System.setProperty("java.awt.headless", "true");
  }

  /** Both files are what they say; the SVG has the texts. */
  private void expectPicture(Picture picture, String name, int colors, String... texts)
      throws Exception {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(picture.png()));
    assertThat(image.getWidth()).isEqualTo(900);
    assertThat(image.getHeight()).isEqualTo(700);
    assertThat(colors(image)).hasSizeGreaterThan(colors);
    String svg = picture.svg();
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    assertThat(
            factory
                .newDocumentBuilder()
                .parse(
                    new ByteArrayInputStream(svg.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .getDocumentElement()
                .getTagName())
        .isEqualTo("svg");
    assertThat(svg).contains(texts);
    assertThat(svg.length()).isLessThan(600_000);
    picture.write(folder.resolve(name + ".png"));
    picture.write(folder.resolve(name + ".svg"));
    assertThat(Files.readAllBytes(folder.resolve(name + ".png"))).isEqualTo(picture.png());
    assertThat(Files.readString(folder.resolve(name + ".svg"))).isEqualTo(svg);
  }

  private static Set<Integer> colors(BufferedImage image) {
    Set<Integer> colors = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        colors.add(image.getRGB(x, y));
      }
    }
    return colors;
  }

  @Test
  void heatMaps() throws Exception {
    expectPicture(
        MultiplierPictures.errorHeatMap(DRUM),
        "heat",
        100,
        "<title>Mean error of drum(k=4), product - a * b</title>",
        "<desc>Across: a, 8 bits unsigned, 0..255. Up: b, 8 bits unsigned, 0..255.</desc>");
    // One colour for what is right everywhere.
    expectPicture(MultiplierPictures.errorHeatMap(Multiplier.exact()), "exact", 1, "exact");
    Multiplier wide = Multipliers.of(16, Signedness.SIGN_MAGNITUDE).roba();
    expectPicture(MultiplierPictures.errorHeatMap(wide), "wide", 100, "sign-magnitude roba");
    // Lost lowest bits are seen, though not all values are.
    Multiplier truncated = Multipliers.of(16, Signedness.UNSIGNED).truncated(6);
    expectPicture(MultiplierPictures.errorHeatMap(truncated), "truncated", 100, "truncated(6)");
    assertThat(MultiplierPictures.errorHistogram(truncated).svg())
        .containsPattern("Errors of truncated\\(6\\), [0-9]\\.[0-9] %");
    Multiplier narrow = Multipliers.of(4, Signedness.UNSIGNED).udm();
    expectPicture(MultiplierPictures.errorHeatMap(narrow), "narrow", 5, "udm");
  }

  @Test
  void histograms() throws Exception {
    expectPicture(
        MultiplierPictures.errorHistogram(DRUM),
        "histogram",
        5,
        "<title>Errors of drum(k=4), 2.3 % of its products are exact</title>",
        "<desc>Across: error, product - a * b, in bars of 500. Up: pairs of operands, %.</desc>");
    expectPicture(
        MultiplierPictures.errorHistogram(Multiplier.exact()), "exact", 5, "Errors of exact");
    expectPicture(
        MultiplierPictures.errorHistogram(Multipliers.of(12, Signedness.UNSIGNED).mitchell()),
        "wide",
        5,
        "mitchell");
  }

  @Test
  void paretoPlots() throws Exception {
    List<Rated> rated = new ArrayList<>();
    for (EvoApprox.Circuit circuit : EvoApprox.mul8s(EvoApprox.Version.MASTER)) {
      rated.add(new Rated(circuit.multiplier(), OptionalDouble.of(circuit.power())));
    }
    rated.add(new Rated(DRUM, OptionalDouble.empty()));
    expectPicture(
        MultiplierPictures.pareto(rated),
        "pareto",
        5,
        "<title>Error against power of 13 multipliers (1 of unknown power left out)</title>",
        "<desc>Across: power, mW. Up: mean absolute error, %.</desc>");
    expectPicture(
        MultiplierPictures.pareto(rated.subList(0, 1)),
        "one",
        5,
        "Error against power of 1 multiplier<");
    assertThatThrownBy(
            () -> MultiplierPictures.pareto(List.of(new Rated(DRUM, OptionalDouble.empty()))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("power");
  }

  @Test
  void otherFilesAreRefused() {
    Path file = folder.resolve("picture.jpg");
    assertThatThrownBy(() -> MultiplierPictures.errorHeatMap(DRUM).write(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("picture.jpg");
    assertThat(file).doesNotExist();
  }

  /** Names come from files and users. */
  @Test
  void namesThatAreNoXml() throws Exception {
    expectPicture(
        MultiplierPictures.errorHistogram(DRUM.withName("<a & \"b\">\u0001]]>$1\\1.23456")),
        "name",
        5,
        "<title>Errors of &lt;a &amp; \"b\"> ]]&gt;$1\\1.23456, ");
  }

  @Test
  void theSamePictureEveryTime() {
    Multiplier wide = Multipliers.of(16, Signedness.SIGN_MAGNITUDE).roba();
    assertThat(MultiplierPictures.errorHeatMap(wide).svg())
        .isEqualTo(MultiplierPictures.errorHeatMap(wide).svg());
    assertThat(MultiplierPictures.errorHistogram(wide).png())
        .isEqualTo(MultiplierPictures.errorHistogram(wide).png());
  }

  /** A table with one wrong product: its cell is the one that has a colour. */
  @Test
  void aCellIsWhereItsOperandsAre() throws Exception {
    Multiplier wrong =
        Multiplier.fromFunction(
            "wrong",
            Operand.signed(4),
            Operand.unsigned(3),
            (a, b) -> a * b + (a == 6 && b == 1 ? 1000 : 0));
    BufferedImage image =
        ImageIO.read(new ByteArrayInputStream(MultiplierPictures.errorHeatMap(wrong).png()));
    int red = 0;
    long sumX = 0;
    long sumY = 0;
    // The scale right of the plot has the colour too.
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < 780; x++) {
        Color color = new Color(image.getRGB(x, y));
        if (color.getRed() > 160 && color.getGreen() < 60) {
          red++;
          sumX += x;
          sumY += y;
        }
      }
    }
    // Of 16 x 8 cells the one right in column 14 and low in row 1; a cell has about 44 x 78 pixels.
    assertThat(red).isBetween(3000, 4000);
    assertThat(sumX / red).isBetween(600L, 760L);
    assertThat(sumY / red).isBetween(490L, 600L);
  }

  /** Neighbours of a row touch or overlap, though their coordinates are short. */
  @Test
  void cellsOfTheSvgLeaveNoGap() {
    Pattern cell =
        Pattern.compile(
            "<rect height=\"([0-9.]+)\" style=\"[^\"]*\" width=\"([0-9.]+)\" x=\"([0-9.]+)\" y=\"([0-9.]+)\"");
    SortedMap<Double, Double> columns = new TreeMap<>();
    SortedMap<Double, Double> rows = new TreeMap<>();
    String svg = MultiplierPictures.errorHeatMap(DRUM).svg();
    Matcher cells = cell.matcher(svg);
    while (cells.find()) {
      double height = Double.parseDouble(cells.group(1));
      double width = Double.parseDouble(cells.group(2));
      if (height < 20 && width < 20) {
        columns.put(Double.parseDouble(cells.group(3)), width);
        rows.put(Double.parseDouble(cells.group(4)), height);
      }
    }
    // The scale is one; the numbers beside it are not.
    assertThat(svg.split("<image ", -1)).hasSize(2);
    for (SortedMap<Double, Double> along : List.of(columns, rows)) {
      assertThat(along).hasSize(64);
      double end = along.firstKey();
      for (Map.Entry<Double, Double> one : along.entrySet()) {
        assertThat(one.getKey()).isLessThanOrEqualTo(end);
        end = one.getKey() + one.getValue();
      }
    }
  }

  /** Random points and names of random sizes: none over another, a point or the line. */
  @Test
  void namesOverlapNothing() {
    Random random = new Random(11);
    int placed = 0;
    for (int repeat = 0; repeat < 100; repeat++) {
      List<Point2D> points = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(40); i++) {
        points.add(new Point2D.Double(800 * random.nextDouble(), 600 * random.nextDouble()));
      }
      List<Point2D> line = points.subList(0, Math.min(points.size(), 4));
      LabelPlacer placer = new LabelPlacer(800, 600, points, 4, line);
      List<Rectangle2D> names = new ArrayList<>();
      for (Point2D point : points) {
        double width = 20 + random.nextInt(60);
        Optional<Point2D> centre = placer.place(point, 4, width, 8);
        if (centre.isPresent()) {
          placed++;
          Rectangle2D name =
              new Rectangle2D.Double(
                  centre.get().getX() - width / 2, centre.get().getY() - 4, width, 8);
          assertThat(new Rectangle2D.Double(0, 0, 800, 600).contains(name)).isTrue();
          assertThat(names).noneMatch(name::intersects);
          assertThat(points)
              .noneMatch(other -> name.intersects(other.getX() - 4, other.getY() - 4, 8, 8));
          for (int i = 1; i < line.size(); i++) {
            assertThat(name.intersectsLine(new Line2D.Double(line.get(i - 1), line.get(i))))
                .isFalse();
          }
          names.add(name);
        }
      }
    }
    assertThat(placed).isGreaterThan(600);
  }
}
