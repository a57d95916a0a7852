package io.axnn.tools.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.tools.data.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFilesTest {

  private static final String EIGHT_BIT = "8-bit, zero point 0";
  private static final String IDENTITY = "0123456789abcdef".repeat(4);

  /** Names that hurt: quotes, commas, line ends, more than one byte a character. */
  private static final List<SweepRow> ROWS =
      List.of(
          new SweepRow(
              new SweepRow.Key("float32", "", "all", "float32"),
              10_000,
              8_497,
              9_912,
              1.25,
              OptionalDouble.empty(),
              OptionalDouble.empty(),
              OptionalDouble.empty()),
          new SweepRow(
              new SweepRow.Key("mul8s_1KVA", IDENTITY, "all", EIGHT_BIT),
              10_000,
              8_400,
              9_900,
              1.0 / 3,
              OptionalDouble.of(0.391),
              OptionalDouble.of(0.391),
              OptionalDouble.of(0.0064)),
          new SweepRow(
              new SweepRow.Key("größe \"µ\"", IDENTITY, "/a,b/Conv", EIGHT_BIT),
              7,
              1,
              2,
              1e-9,
              OptionalDouble.of(0),
              OptionalDouble.empty(),
              OptionalDouble.of(1e-300)),
          new SweepRow(
              new SweepRow.Key("two\r\nlines", IDENTITY, "a\u2028b", EIGHT_BIT),
              1,
              0,
              0,
              3,
              OptionalDouble.empty(),
              OptionalDouble.of(1),
              OptionalDouble.of(0)));

  private static final Map<String, String> FINGERPRINT = new LinkedHashMap<>();

  static {
    FINGERPRINT.put("model", IDENTITY);
    FINGERPRINT.put("data", "CIFAR-10 „test“");
    FINGERPRINT.put("images", "10000");
  }

  @TempDir Path temporary;
  private Path folder;
  private Path json;
  private Path csv;

  @BeforeEach
  void files() {
    folder = temporary.resolve("new/folder");
    json = folder.resolve("results.jsonl");
    csv = folder.resolve("results.csv");
  }

  /** A sweep that measures what is not there yet. */
  private void sweep(boolean resume, List<SweepRow> rows) throws IOException {
    try (ResultFiles files = ResultFiles.open(folder, FINGERPRINT, resume)) {
      for (SweepRow row : rows) {
        if (!files.contains(row.key())) {
          files.add(row);
        }
      }
      assertThat(files.rows()).containsExactlyElementsOf(rows);
    }
  }

  @Test
  void theTextsOfRows() throws IOException {
    sweep(false, ROWS);
    assertThat(Files.readString(json))
        .startsWith(
            """
            {"format":"axnn-sweep","version":1,"fingerprint":{"model":"%s","data":"CIFAR-10 „test“","images":"10000"}}
            {"multiplier":"float32","identity":"","layers":"all","setting":"float32","images":10000,\
            "top1Correct":8497,"top5Correct":9912,"top1Percent":84.97,"top5Percent":99.12,"seconds":1.25,\
            "imagesPerSecond":8000.0,"multiplierMilliwatts":null,"networkMilliwatts":null,"maePercent":null}
            """
                .formatted(IDENTITY));
    assertThat(Files.readString(csv))
        .isEqualTo(
            """
            multiplier,identity,layers,setting,images,top1Correct,top5Correct,top1Percent,top5Percent,seconds,\
            imagesPerSecond,multiplierMilliwatts,networkMilliwatts,maePercent
            float32,,all,float32,10000,8497,9912,84.97,99.12,1.25,8000.0,,,
            mul8s_1KVA,ID,all,"8-bit, zero point 0",10000,8400,9900,84.0,99.0,0.3333333333333333,\
            30000.0,0.391,0.391,0.0064
            "größe ""µ""\",ID,"/a,b/Conv","8-bit, zero point 0",7,1,2,14.285714285714286,28.571428571428573,\
            1.0E-9,7.0E9,0.0,,1.0E-300
            "two\r
            lines",ID,a|b,"8-bit, zero point 0",1,0,0,0.0,0.0,3.0,0.3333333333333333,,1.0,0.0
            """
                .replace("ID", IDENTITY)
                .replace("|", "\u2028"));
  }

  /** Cut at every byte: what is whole is kept, the end is the file of a run without a break. */
  @Test
  void everyInterruptionContinues() throws IOException {
    List<SweepRow> rows = ROWS.subList(1, 3);
    sweep(false, rows);
    byte[] wholeJson = Files.readAllBytes(json);
    byte[] wholeCsv = Files.readAllBytes(csv);
    for (int length = 0; length <= wholeJson.length; length++) {
      byte[] cut = Arrays.copyOf(wholeJson, length);
      int lines =
          (int) new String(cut, StandardCharsets.UTF_8).chars().filter(c -> c == '\n').count();
      List<SweepRow> kept = rows.subList(0, Math.max(lines - 1, 0));
      Files.write(json, cut);
      // The other file may have come further, or be gone.
      if (length % 2 == 0) {
        Files.deleteIfExists(csv);
      }
      try (ResultFiles files = ResultFiles.open(folder, FINGERPRINT, true)) {
        assertThat(files.rows()).isEqualTo(kept);
      }
      assertThat(Files.readString(csv)).isEqualTo(RowFormat.csv(kept));
      sweep(true, rows);
      assertThat(Files.readAllBytes(json)).as("cut at %d", length).isEqualTo(wholeJson);
      assertThat(Files.readAllBytes(csv)).as("cut at %d", length).isEqualTo(wholeCsv);
    }
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(json, csv);
    }
  }

  /** A row is on the disk when it was added, not when the sweep ends. */
  @Test
  void rowsArriveAtOnce() throws Exception {
    try (ResultFiles files = ResultFiles.open(folder, FINGERPRINT, true)) {
      for (int i = 0; i < ROWS.size(); i++) {
        files.add(ROWS.get(i));
        assertThat(Files.readString(csv)).isEqualTo(RowFormat.csv(ROWS.subList(0, i + 1)));
        assertThat(Files.size(json)).isGreaterThan(200L * i);
      }
    }
  }

  @Test
  void noRowTwice() throws IOException {
    try (ResultFiles files = ResultFiles.open(folder, FINGERPRINT, false)) {
      files.add(ROWS.get(0));
      assertThatThrownBy(() -> files.add(ROWS.get(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is a row of multiplier float32, layers all, setting float32 already");
      assertThat(files.rows()).hasSize(1);
    }
    sweep(true, ROWS);
  }

  /** Neither without resume nor where only the CSV is there, which no sweep leaves. */
  @Test
  void nothingIsOverwritten() throws IOException {
    sweep(false, ROWS);
    byte[] before = Files.readAllBytes(json);
    assertThatThrownBy(() -> ResultFiles.open(folder, FINGERPRINT, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "folder is %s, which holds a results.jsonl already;"
                + " allowed: a folder without, or to resume that sweep",
            folder);
    assertThat(Files.readAllBytes(json)).isEqualTo(before);
    Files.delete(json);
    for (boolean resume : new boolean[] {false, true}) {
      assertThatThrownBy(() -> ResultFiles.open(folder, FINGERPRINT, resume))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("holds a results.csv already");
      assertThat(json).doesNotExist();
    }
    assertThat(Files.readString(csv)).isEqualTo(RowFormat.csv(ROWS));
  }

  @Test
  void anotherSweepIsRefusedAndSaysWhatDiffers() throws IOException {
    sweep(false, ROWS);
    byte[] before = Files.readAllBytes(json);
    Map<String, String> other = new LinkedHashMap<>(FINGERPRINT);
    other.put("images", "500");
    other.remove("data");
    other.put("calibration", "max");
    assertThatThrownBy(() -> ResultFiles.open(folder, other, true))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "%s: is of another sweep: calibration is \"max\", there not given; data is not given,"
                + " there \"CIFAR-10 „test“\"; images is \"500\", there \"10000\"",
            json);
    assertThat(Files.readAllBytes(json)).isEqualTo(before);
    sweep(true, ROWS);
  }

  @Test
  void whatIsNoResultIsRefusedAndStays() throws IOException {
    sweep(false, ROWS);
    List<String> lines = Files.readAllLines(json);
    String first = lines.get(0) + "\n";
    Map<String, String> hostile = new LinkedHashMap<>();
    hostile.put("hello", "is no result of this sweep");
    hostile.put("hello\n", "is no result of a sweep; its first line is not JSON");
    hostile.put("\n", "is no result of a sweep; its first line is no object");
    hostile.put("{\"format\":\"other\"}\n", "is no result of a sweep");
    hostile.put(first.replace(":1,", ":2,"), "has version 2 of its format");
    hostile.put(first + "[]\n", "line 2: is no object");
    hostile.put(first + lines.get(1) + "\n" + lines.get(1) + "\n", "line 3: there is a row of");
    hostile.put(first + lines.get(1).replace("8497", "-1") + "\n", "line 2: top1Correct is -1");
    hostile.put(first + lines.get(1).replace("8497", "1.5") + "\n", "line 2: top1Correct is 1.5");
    hostile.put(first + lines.get(1).replace("10000", "1e99") + "\n", "line 2: images is 1.0E99");
    hostile.put(first + lines.get(1).replace("\"seconds\"", "\"x\"") + "\n", "seconds is missing");
    hostile.put(first + lines.get(1).replace("\"float32\"", "3") + "\n", "multiplier is 3");
    hostile.forEach(
        (content, message) -> {
          try {
            Files.writeString(json, content);
            assertThatThrownBy(() -> ResultFiles.open(folder, FINGERPRINT, true))
                .as(content)
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message);
            assertThat(json).hasContent(content);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(Files.readString(csv)).isEqualTo(RowFormat.csv(ROWS));
  }

  @Test
  void oneSweepAtATime() throws IOException {
    ResultFiles files = ResultFiles.open(folder, FINGERPRINT, false);
    assertThatThrownBy(() -> ResultFiles.open(folder, FINGERPRINT, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "folder is %s, where another sweep is writing; allowed: a folder of its own", folder);
    files.add(ROWS.get(0));
    files.close();
    files.close();
    sweep(true, ROWS);
  }

  /** Opens the folder that is its argument; says what happened. */
  static final class OtherProcess {
    public static void main(String[] arguments) throws IOException {
      try (ResultFiles files = ResultFiles.open(Path.of(arguments[0]), FINGERPRINT, true)) {
        System.out.print(files.rows().size() + " rows");
      } catch (IllegalArgumentException e) {
        System.out.print(e.getMessage());
      }
    }
  }

  private String otherProcess() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Dfile.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return output;
  }

  @Test
  void oneProcessAtATime() throws Exception {
    try (ResultFiles files = ResultFiles.open(folder, FINGERPRINT, false)) {
      files.add(ROWS.get(0));
      assertThat(otherProcess()).contains("where another sweep is writing");
    }
    assertThat(otherProcess()).isEqualTo("1 rows");
  }

  /**
   * Where the CSV cannot be written (a folder is in its place) the rows stay and nothing is added.
   */
  @Test
  void failureChangesNothing() throws IOException {
    sweep(false, ROWS);
    byte[] before = Files.readAllBytes(json);
    Files.delete(csv);
    Files.createDirectories(csv.resolve("full"));
    assertThatThrownBy(() -> ResultFiles.open(folder, FINGERPRINT, true))
        .isInstanceOf(IOException.class);
    assertThat(Files.readAllBytes(json)).isEqualTo(before);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(json, csv);
    }
  }
}
