package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.tools.search.Assignment;
import io.axnn.tools.search.SearchResult;
import io.axnn.tools.search.SearchSpace;
import io.axnn.tools.search.Solution;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SearchPictureTest {
  private static final SearchSpace SPACE =
      new SearchSpace(
          List.of(new SearchSpace.Layer("first", 10), new SearchSpace.Layer("second", 30)),
          List.of(
              new SearchSpace.Candidate("exact", "0".repeat(64), 0.4),
              new SearchSpace.Candidate("small", "1".repeat(64), 0.1)),
          0);
  private static final Solution EXACT = solution(90, 0, 0);
  private static final Solution FIRST = solution(89.5, 1, 0);
  private static final Solution BOTH = solution(88.25, 1, 1);

  @BeforeAll
  static void noDisplay() {
    System.setProperty("java.awt.headless", "true");
  }

  private static Solution solution(double accuracyPercent, Integer... choices) {
    Assignment assignment = new Assignment(List.of(choices));
    return new Solution(assignment, accuracyPercent, 90 - accuracyPercent, SPACE.power(assignment));
  }

  private static String picture(double maximumLoss, Solution... solutions) {
    return SearchPicture.of(new SearchResult(SPACE, maximumLoss, List.of(solutions))).svg();
  }

  @Test
  void itSaysWhatItShows() {
    assertThat(picture(1, EXACT, FIRST, BOTH))
        .contains(
            "<title>Power against loss of accuracy, 3 networks</title>",
            "Across: mean power of a product, mW. Up: loss of accuracy, percentage points.");
  }

  /** All that is different is how many there are. */
  @Test
  void farLossesAreLeftOut() {
    String without = picture(1, EXACT, FIRST, BOTH);
    List<String> drawn = new ArrayList<>();
    for (double accuracy : new double[] {85.9, 86.1}) {
      drawn.add(picture(1, EXACT, FIRST, BOTH, solution(accuracy, 0, 1)));
    }
    assertThat(circles(drawn.get(0))).isEqualTo(circles(without));
    assertThat(circles(drawn.get(1))).isEqualTo(circles(without) + 1);
  }

  private static int circles(String svg) {
    return svg.split("<ellipse|<circle", -1).length - 1;
  }

  @Test
  void oneNetworkIsAPictureToo() {
    assertThat(picture(0, EXACT)).contains("1 networks");
  }
}
