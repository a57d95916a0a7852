package io.axnn.tools.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.tools.data.DataException;
import io.axnn.tools.search.SearchSpace.Candidate;
import io.axnn.tools.search.SearchSpace.Layer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file of evaluations: nothing lost, nothing twice, nothing of others. */
@Timeout(60)
class EvaluationMemoTest {
  private static final SearchSpace SPACE = space(List.of("conv \"1\"", "dense"), "aa", "bb", "cc");
  private static final Assignment ONE = new Assignment(List.of(0, 1));
  private static final Assignment OTHER = new Assignment(List.of(2, 1));

  /** As no decimal number of few digits is. */
  private static final double ACCURACY = 100.0 * 2 / 3;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("evaluations.jsonl");
  }

  private static SearchSpace space(List<String> layers, String... identities) {
    return new SearchSpace(
        layers.stream().map(name -> new Layer(name, 10)).toList(),
        Arrays.stream(identities).map(id -> new Candidate("m" + id, id, 0.1)).toList(),
        0);
  }

  /** Evaluates both assignments. */
  private void fill() throws Exception {
    try (EvaluationMemo memo = EvaluationMemo.open(file, SPACE, "data")) {
      AccuracyOracle oracle = memo.remembering(assignment -> assignment.choice(0) + ACCURACY);
      assertThat(oracle.accuracyPercent(ONE)).isEqualTo(ACCURACY);
      assertThat(oracle.accuracyPercent(OTHER)).isEqualTo(2 + ACCURACY);
    }
  }

  @Test
  void whatWasEvaluatedIsNotEvaluatedAgain() throws Exception {
    fill();
    try (EvaluationMemo memo = EvaluationMemo.open(file, SPACE, "data")) {
      assertThat(memo.size()).isEqualTo(2);
      AtomicInteger calls = new AtomicInteger();
      AccuracyOracle oracle =
          memo.remembering(
              assignment -> {
                calls.incrementAndGet();
                return 1;
              });
      assertThat(oracle.accuracyPercent(ONE)).isEqualTo(ACCURACY);
      assertThat(oracle.accuracyPercent(OTHER)).isEqualTo(2 + ACCURACY);
      assertThat(calls).hasValue(0);
      assertThat(oracle.accuracyPercent(SPACE.exact())).isEqualTo(1);
      assertThat(oracle.accuracyPercent(SPACE.exact())).isEqualTo(1);
      assertThat(calls).hasValue(1);
    }
    assertThat(Files.readAllLines(file)).hasSize(4);
  }

  @Test
  void evaluationsAreInTheFileAtOnce() throws Exception {
    try (EvaluationMemo memo = EvaluationMemo.open(file, SPACE, "data")) {
      memo.remembering(assignment -> 12.5).accuracyPercent(ONE);
      assertThat(Files.readAllLines(file).getLast())
          .isEqualTo("{\"assignment\":[0,1],\"accuracy\":12.5}");
    }
  }

  /** A process can be killed after any byte: whole lines survive, and the file goes on. */
  @Test
  void anUnfinishedLastLineIsDropped() throws Exception {
    fill();
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length <= whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      long lines = new String(part, StandardCharsets.UTF_8).lines().count();
      boolean finished = length == 0 || part[length - 1] == '\n';
      Files.write(file, part);
      try (EvaluationMemo memo = EvaluationMemo.open(file, SPACE, "data")) {
        long evaluations = Math.max(0, finished ? lines - 1 : lines - 2);
        assertThat(memo.size()).as("after %d bytes", length).isEqualTo((int) evaluations);
      }
      fill();
      assertThat(Files.readAllBytes(file)).as("after %d bytes", length).isEqualTo(whole);
    }
  }

  @Test
  void filesOfOthersAreRefusedAndLeftAlone() throws Exception {
    fill();
    byte[] before = Files.readAllBytes(file);
    assertRefused(SPACE, "other data", "its \"of\" is \"data\", not \"other data\"");
    assertRefused(space(List.of("conv", "dense"), "aa", "bb", "cc"), "data", "its \"layers\" is");
    assertRefused(
        space(List.of("conv \"1\"", "dense"), "aa", "cc", "bb"), "data", "its \"candidates\" is");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    for (String text : List.of("{}\n", "[1]\n", "precious", "one\ntwo\n", "\n", "{\"format\":1}")) {
      Files.writeString(file, text);
      assertRefused(SPACE, "data", "holds no evaluations of a search");
      assertThat(file).hasContent(text);
    }
  }

  @Test
  void linesThatAreNoEvaluationAreRefused() throws Exception {
    fill();
    String whole = Files.readString(file);
    for (String line :
        List.of(
            "{\"assignment\":[0,1]}",
            "{\"assignment\":[0,1],\"accuracy\":101}",
            "{\"assignment\":[0,1],\"accuracy\":\"high\"}",
            "{\"assignment\":[0,3],\"accuracy\":50}",
            "{\"assignment\":[0,1.5],\"accuracy\":50}",
            "{\"assignment\":[0,1,1],\"accuracy\":50}",
            "{\"assignment\":[0,1],\"accuracy\":50}}",
            "{\"assignment\":[0,1],\"accu{\"assignment\":[0,1],\"accuracy\":50}",
            "",
            "[]",
            "50")) {
      Files.writeString(file, whole + line + "\n");
      assertRefused(SPACE, "data", "line 4 is no evaluation: " + line);
    }
  }

  private void assertRefused(SearchSpace space, String fingerprint, String message) {
    assertThatThrownBy(() -> EvaluationMemo.open(file, space, fingerprint).close())
        .isInstanceOf(DataException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void powerMayChange() throws Exception {
    fill();
    SearchSpace cheaper =
        new SearchSpace(
            SPACE.layers(),
            SPACE.candidates().stream()
                .map(one -> new Candidate(one.name(), one.identity(), 0.05))
                .toList(),
            0);
    try (EvaluationMemo memo = EvaluationMemo.open(file, cheaper, "data")) {
      assertThat(memo.accuracyPercent(ONE)).hasValue(ACCURACY);
      assertThat(memo.accuracyPercent(SPACE.exact())).isEmpty();
    }
  }

  @Test
  void oneSearchAtATime() throws Exception {
    try (EvaluationMemo memo = EvaluationMemo.open(file, SPACE, "data")) {
      assertThatThrownBy(() -> EvaluationMemo.open(file, SPACE, "data").close())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another search has it open");
      assertThat(memo.size()).isZero();
    }
    fill();
  }

  @Test
  void whatIsNoAccuracyIsNotRemembered() throws Exception {
    try (EvaluationMemo memo = EvaluationMemo.open(file, SPACE, "data")) {
      for (double wrong : new double[] {Double.NaN, -0.1, 100.1}) {
        assertThatThrownBy(() -> memo.remembering(assignment -> wrong).accuracyPercent(ONE))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("[0, 1] is " + wrong);
      }
      assertThat(memo.size()).isZero();
    }
    assertThat(Files.readAllLines(file)).hasSize(1);
  }
}
