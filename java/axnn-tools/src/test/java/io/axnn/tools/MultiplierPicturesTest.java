package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Multipliers;
import io.axnn.multiplier.Signedness;
import io.axnn.tools.MultiplierPictures.Point;
import io.axnn.tools.MultiplierPictures.Rated;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
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
    assertThat(svg.length()).isLessThan(2 << 20);
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
        "<title>Mean error of drum(k=4)</title>");
    // One colour for what is right everywhere.
    expectPicture(MultiplierPictures.errorHeatMap(Multiplier.exact()), "exact", 1, "exact");
    Multiplier wide = Multipliers.of(16, Signedness.SIGN_MAGNITUDE).roba();
    expectPicture(MultiplierPictures.errorHeatMap(wide), "wide", 100, "sign-magnitude roba");
    Multiplier narrow = Multipliers.of(4, Signedness.UNSIGNED).udm();
    expectPicture(MultiplierPictures.errorHeatMap(narrow), "narrow", 5, "udm");
  }

  @Test
  void histograms() throws Exception {
    expectPicture(
        MultiplierPictures.errorHistogram(DRUM),
        "histogram",
        5,
        "<title>Errors of drum(k=4)</title>");
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
        "Error against power of 13 multipliers (1 of unknown power left out)");
    assertThatThrownBy(
            () -> MultiplierPictures.pareto(List.of(new Rated(DRUM, OptionalDouble.empty()))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("power");
  }

  /** Of random points: those in the front are beaten by none, all others by one. */
  @Test
  void theFrontIsWhatNoneBeats() {
    Random random = new Random(7);
    for (int repeat = 0; repeat < 200; repeat++) {
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(30); i++) {
        points.add(new Point("p" + i, random.nextInt(10), random.nextInt(10)));
      }
      List<Point> front = Point.front(points);
      for (Point point : points) {
        boolean beaten =
            front.stream()
                .anyMatch(
                    other ->
                        other.power() <= point.power()
                            && other.error() <= point.error()
                            && other != point);
        assertThat(front.contains(point) != beaten).as("%s of %s", point, points).isTrue();
      }
    }
  }

  @Test
  void otherFilesAreRefused() {
    Path file = folder.resolve("picture.jpg");
    assertThatThrownBy(() -> MultiplierPictures.errorHeatMap(DRUM).write(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("picture.jpg");
    assertThat(file).doesNotExist();
  }
}
