package io.axnn.tools.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.axnn.tools.data.DataException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Evaluated assignments in a file, so that no search has to evaluate one twice.
 *
 * <p>A file of JSON lines. The first says of what: the caller's fingerprint of network and data,
 * the names of the layers and the identities of the multipliers; the others, written to the file as
 * soon as they are known, are {@code {"assignment":[0,2,1],"accuracy":84.97}}. A last line without
 * an end, left by a process that was killed, is dropped.
 *
 * <p>One process at a time: the file is locked while the memo is open. Not thread-safe.
 */
public final class EvaluationMemo implements AutoCloseable {
  private static final String FORMAT = "axnn-evaluations-1";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final Path path;
  private final SearchSpace space;

  /** Not a channel, which an interrupt would close in the middle of a line. */
  private final RandomAccessFile file;

  private final Map<Assignment, Double> accuracies = new HashMap<>();

  private EvaluationMemo(Path path, SearchSpace space, RandomAccessFile file) {
    this.path = path;
    this.space = space;
    this.file = file;
  }

  /**
   * Opens a file, or begins a new one.
   *
   * @param path the file; its folder exists
   * @param space what is searched. Power and operation counts may be others than before, for no
   *     accuracy depends on them
   * @param fingerprint what else an accuracy depends on: network, data, calibration; any text, a
   *     hash for example
   * @return the memo, with all that the file knows
   * @throws IOException if it cannot be read or written, or another process has it open
   * @throws DataException if it is of another space or fingerprint, or no such file; it is left as
   *     it was
   */
  public static EvaluationMemo open(Path path, SearchSpace space, String fingerprint)
      throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    try {
      lock(path, file);
      EvaluationMemo memo = new EvaluationMemo(path, space, file);
      memo.read(header(space, fingerprint));
      return memo;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static void lock(Path path, RandomAccessFile file) throws IOException {
    boolean locked;
    try {
      locked = file.getChannel().tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false;
    }
    if (!locked) {
      throw new IOException(
          path + ": another search has it open; wait for it or give another file");
    }
  }

  private static ObjectNode header(SearchSpace space, String fingerprint) {
    ObjectNode header = JSON.createObjectNode().put("format", FORMAT).put("of", fingerprint);
    ArrayNode layers = header.putArray("layers");
    space.layers().forEach(layer -> layers.add(layer.name()));
    ArrayNode candidates = header.putArray("candidates");
    space.candidates().forEach(candidate -> candidates.add(candidate.identity()));
    return header;
  }

  private void read(ObjectNode header) throws IOException {
    if (file.length() > Integer.MAX_VALUE) {
      throw noMemo();
    }
    byte[] bytes = new byte[(int) file.length()];
    file.readFully(bytes);
    byte[] firstLine = line(header);
    if (isBeginning(bytes, firstLine)) {
      file.seek(0);
      file.write(firstLine);
      return;
    }
    int number = 0;
    int begin = 0;
    for (int end = 0; end < bytes.length; end++) {
      if (bytes[end] == '\n') {
        number++;
        String line = new String(bytes, begin, end - begin, StandardCharsets.UTF_8);
        if (number == 1) {
          requireHeader(line, header);
        } else {
          readEvaluation(line, number);
        }
        begin = end + 1;
      }
    }
    if (number == 0) {
      throw noMemo();
    }
    file.setLength(begin); // and moves back to there
  }

  /** True for a file that is new, or of which not even the first line was finished. */
  private static boolean isBeginning(byte[] bytes, byte[] firstLine) {
    return bytes.length < firstLine.length
        && Arrays.equals(bytes, 0, bytes.length, firstLine, 0, bytes.length);
  }

  private void requireHeader(String line, ObjectNode expected) {
    JsonNode found;
    try {
      found = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw noMemo();
    }
    if (!found.path("format").equals(expected.path("format"))) {
      throw noMemo();
    }
    for (String key : List.of("of", "layers", "candidates")) {
      if (!found.path(key).equals(expected.path(key))) {
        throw new DataException(
            path,
            "holds evaluations of another network, data or multipliers: its \"%s\" is %s, not %s;"
                    .formatted(key, found.path(key), expected.path(key))
                + " give another file");
      }
    }
  }

  private DataException noMemo() {
    return new DataException(
        path, "holds no evaluations of a search (format %s); give another file".formatted(FORMAT));
  }

  private void readEvaluation(String line, int number) {
    try {
      JsonNode evaluation = JSON.readTree(line);
      List<Integer> choices = new ArrayList<>();
      for (JsonNode choice : evaluation.required("assignment")) {
        choices.add(choice.isInt() ? choice.intValue() : -1);
      }
      Assignment assignment = new Assignment(choices);
      space.require(assignment);
      double accuracy = evaluation.required("accuracy").asDouble(Double.NaN);
      accuracies.put(assignment, Evaluations.requireAccuracy(assignment, accuracy));
    } catch (JsonProcessingException | IllegalArgumentException | IllegalStateException e) {
      throw new DataException(path, "line %d is no evaluation: %s".formatted(number, line), e);
    }
  }

  private static byte[] line(JsonNode json) {
    return (json + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * What an assignment's accuracy was.
   *
   * @param assignment one of the space
   * @return in percent; empty if it was not evaluated
   */
  public OptionalDouble accuracyPercent(Assignment assignment) {
    Double accuracy = accuracies.get(assignment);
    return accuracy == null ? OptionalDouble.empty() : OptionalDouble.of(accuracy);
  }

  /**
   * How many assignments the file knows.
   *
   * @return their number
   */
  public int size() {
    return accuracies.size();
  }

  /**
   * An oracle that answers from this memo, and asks another one only for what is not there; each
   * answer is in the file before it is given.
   *
   * @param oracle the one that evaluates
   * @return the oracle; usable while the memo is open. It throws {@link UncheckedIOException} if
   *     the file cannot be written
   */
  public AccuracyOracle remembering(AccuracyOracle oracle) {
    return assignment -> {
      OptionalDouble known = accuracyPercent(assignment);
      return known.isPresent()
          ? known.getAsDouble()
          : remember(assignment, oracle.accuracyPercent(assignment));
    };
  }

  private double remember(Assignment assignment, double accuracy) {
    space.require(assignment);
    Evaluations.requireAccuracy(assignment, accuracy);
    ObjectNode evaluation = JSON.createObjectNode();
    assignment.choices().forEach(evaluation.putArray("assignment")::add);
    evaluation.put("accuracy", accuracy);
    try {
      file.write(line(evaluation));
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be written", e);
    }
    accuracies.put(assignment, accuracy);
    return accuracy;
  }

  /** Closes and unlocks the file. */
  @Override
  public void close() throws IOException {
    file.close();
  }
}
