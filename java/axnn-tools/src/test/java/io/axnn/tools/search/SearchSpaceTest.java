package io.axnn.tools.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.axnn.tools.search.SearchSpace.Candidate;
import io.axnn.tools.search.SearchSpace.Layer;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Power of assignments, and spaces that are none. */
class SearchSpaceTest {
  private static final List<Layer> LAYERS =
      List.of(new Layer("a", 300), new Layer("b", 100), new Layer("c", 100));
  private static final List<Candidate> CANDIDATES =
      List.of(
          new Candidate("exact", "00", 0.4),
          new Candidate("rough", "01", 0.1),
          new Candidate("fine", "02", 0.3));
  private static final SearchSpace SPACE = new SearchSpace(LAYERS, CANDIDATES, 0);

  @Test
  void powerIsWeightedByOperations() {
    assertThat(SPACE.power(SPACE.exact())).isEqualTo(0.4);
    assertThat(SPACE.power(SPACE.uniform(1))).isEqualTo(0.1);
    assertThat(SPACE.power(new Assignment(List.of(1, 0, 2))))
        .isEqualTo((300 * 0.1 + 100 * 0.4 + 100 * 0.3) / 500, Offset.offset(1e-15));
    assertThat(SPACE.share(0)).isEqualTo(0.6);
    assertThat(SPACE.size()).isEqualTo(27);
  }

  /** What one rounding more or less would make two points of a front. */
  @Test
  void equalPowerIsExactlyEqual() {
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) {
        for (int c = 0; c < 3; c++) {
          assertThat(SPACE.power(new Assignment(List.of(a, b, c))))
              .isEqualTo(SPACE.power(new Assignment(List.of(a, c, b))));
        }
      }
    }
  }

  @Test
  void lossesAreFreeOfRoundingErrors() {
    assertThat(Solution.of(SPACE, SPACE.exact(), 84.3, 85.4).accuracyLoss()).isEqualTo(1.1);
    assertThat(85.4 - 84.3).isNotEqualTo(1.1);
    assertThat(Solution.of(SPACE, SPACE.exact(), 84.4, 84.3).accuracyLoss()).isEqualTo(-0.1);
  }

  @Test
  void othersAreRefused() {
    assertRefused(() -> new SearchSpace(List.of(), CANDIDATES, 0), "layers is empty");
    assertRefused(
        () -> new SearchSpace(List.of(LAYERS.get(0), new Layer("a", 1)), CANDIDATES, 0),
        "layers has a twice; their names");
    assertRefused(
        () ->
            new SearchSpace(LAYERS, List.of(CANDIDATES.get(0), new Candidate("copy", "00", 1)), 0),
        "candidates has 00 twice; their identities");
    assertRefused(() -> new SearchSpace(LAYERS, CANDIDATES, 3), "reference is 3");
    assertRefused(() -> new Layer("a", 0), "opCount of layer a is 0");
    assertRefused(() -> new Candidate("m", "00", -0.1), "power of candidate m is -0.1 mW");
    assertRefused(() -> new Candidate("m", "00", Double.NaN), "power of candidate m is NaN");
    assertRefused(() -> SPACE.power(new Assignment(List.of(0, 1))), "must have 3 choices");
    assertRefused(() -> SPACE.power(new Assignment(List.of(0, 3, 1))), "each from 0 to 2");
  }

  private static void assertRefused(Runnable action, String message) {
    assertThatIllegalArgumentException().isThrownBy(action::run).withMessageContaining(message);
  }
}
