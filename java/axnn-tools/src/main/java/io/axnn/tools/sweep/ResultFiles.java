package io.axnn.tools.sweep;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import com.fasterxml.jackson.databind.JsonNode;
import io.axnn.tools.data.DataException;
import io.axnn.tools.internal.files.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The results of a sweep in a folder, written as they arrive: {@value #JSON_LINES}, whose first
 * line says which sweep it is of and every other one is a row, and {@value #CSV} with the same
 * rows. A row is in both files, and the first one on the disk, when {@link #add} returns; a sweep
 * that was interrupted at any moment continues with the rows that are there.
 *
 * <p>While it is open its process holds a lock on {@value #JSON_LINES}, so no second sweep writes
 * into the folder. Linux gives the lock up when the same process opens and closes that file by
 * other means; {@link #rows} needs no file. Not safe for use by many threads at once.
 */
public final class ResultFiles implements AutoCloseable {

  /** The file of JSON lines. */
  public static final String JSON_LINES = "results.jsonl";

  /** The file of comma-separated values. */
  public static final String CSV = "results.csv";

  private static final String FORMAT = "axnn-sweep";
  private static final int VERSION = 1;

  private final Path jsonFile;
  private final Path csvFile;
  private final Map<String, String> fingerprint;
  private final FileChannel json;
  private final FileChannel csv;
  private final List<SweepRow> rows = new ArrayList<>();
  private final Set<SweepRow.Key> keys = new HashSet<>();

  /**
   * Opens the files of a folder, which is made if there is none.
   *
   * @param folder where the files are or will be
   * @param fingerprint all that decides what the rows are (model, data, options), each with its
   *     name; its order is that of the file and otherwise means nothing
   * @param resume whether to continue with the rows of the folder; without it a folder that has
   *     results is refused. A folder without results is begun either way.
   * @return open files
   * @throws IllegalArgumentException if the folder has results that must not be overwritten, or
   *     another sweep is writing there
   * @throws DataException if its results are of another sweep, or are none
   * @throws IOException if the files cannot be read or written
   */
  public static ResultFiles open(Path folder, Map<String, String> fingerprint, boolean resume)
      throws IOException {
    Files.createDirectories(folder);
    Path jsonFile = folder.resolve(JSON_LINES);
    boolean begun = Files.exists(jsonFile);
    for (Path file : List.of(jsonFile, folder.resolve(CSV))) {
      // CSV without JSON lines is never left by a sweep.
      if (Files.exists(file) && !(resume && begun)) {
        throw wouldOverwrite(folder, file);
      }
    }
    FileChannel json = openLocked(folder, jsonFile, begun);
    try {
      return new ResultFiles(folder, fingerprint, json);
    } catch (IOException | RuntimeException e) {
      try (json) {
        if (!begun) {
          Files.deleteIfExists(jsonFile);
        }
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** The lock ends with the channel. */
  private static FileChannel openLocked(Path folder, Path file, boolean begun) throws IOException {
    Set<OpenOption> options = new HashSet<>(Set.of(READ, WRITE));
    if (!begun) {
      options.add(CREATE_NEW);
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel = FileChannel.open(file, options);
      locked = channel.tryLock() != null;
    } catch (FileAlreadyExistsException | OverlappingFileLockException e) {
      // Another one was faster.
    } finally {
      if (channel != null && !locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw new IllegalArgumentException(
          "folder is " + folder + ", where another sweep is writing; allowed: a folder of its own");
    }
    return channel;
  }

  private static IllegalArgumentException wouldOverwrite(Path folder, Path file) {
    return new IllegalArgumentException(
        "folder is %s, which holds a %s already; allowed: a folder without, or to resume that sweep"
            .formatted(folder, file.getFileName()));
  }

  private ResultFiles(Path folder, Map<String, String> fingerprint, FileChannel json)
      throws IOException {
    jsonFile = folder.resolve(JSON_LINES);
    csvFile = folder.resolve(CSV);
    this.fingerprint = Collections.unmodifiableMap(new LinkedHashMap<>(fingerprint));
    this.json = json;
    readRows();
    csv = rewrittenCsv();
  }

  /** Leaves the file with whole lines only, at least the first one. */
  private void readRows() throws IOException {
    byte[] first = firstLine().getBytes(UTF_8);
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(json.size()));
    while (buffer.hasRemaining() && json.read(buffer, buffer.position()) >= 0) {}
    byte[] bytes = buffer.array();
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    if (end == 0) {
      boolean torn = bytes.length < first.length;
      if (!torn || !Arrays.equals(bytes, Arrays.copyOf(first, bytes.length))) {
        throw new DataException(jsonFile, "is no result of this sweep");
      }
      json.truncate(0);
      append(json, first);
      return;
    }
    List<String> lines = new String(bytes, 0, end, UTF_8).lines().toList();
    checkFirstLine(lines.getFirst());
    for (int i = 1; i < lines.size(); i++) {
      try {
        SweepRow row = RowFormat.row(lines.get(i));
        requireNew(row);
        remember(row);
      } catch (IllegalArgumentException e) {
        throw new DataException(jsonFile, "line %d: %s".formatted(i + 1, e.getMessage()), e);
      }
    }
    json.truncate(end);
  }

  private String firstLine() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", FORMAT);
    object.put("version", VERSION);
    object.put("fingerprint", fingerprint);
    return RowFormat.json(object) + "\n";
  }

  private void checkFirstLine(String line) {
    JsonNode object;
    try {
      object = RowFormat.object(line);
    } catch (IllegalArgumentException e) {
      throw new DataException(
          jsonFile, "is no result of a sweep; its first line " + e.getMessage(), e);
    }
    if (!object.path("format").asText().equals(FORMAT)) {
      throw new DataException(jsonFile, "is no result of a sweep");
    }
    if (object.path("version").asInt() != VERSION) {
      throw new DataException(
          jsonFile,
          "has version %s of its format; this program reads version %d"
              .formatted(object.path("version"), VERSION));
    }
    JsonNode there = object.path("fingerprint");
    Set<String> names = new TreeSet<>(fingerprint.keySet());
    there.fieldNames().forEachRemaining(names::add);
    List<String> differences =
        names.stream()
            .filter(name -> !quoted(there, name).equals(quoted(name)))
            .map(name -> "%s is %s, there %s".formatted(name, quoted(name), quoted(there, name)))
            .toList();
    if (!differences.isEmpty()) {
      throw new DataException(jsonFile, "is of another sweep: " + String.join("; ", differences));
    }
  }

  private String quoted(String name) {
    return fingerprint.containsKey(name) ? '"' + fingerprint.get(name) + '"' : "not given";
  }

  private static String quoted(JsonNode object, String name) {
    return object.has(name) ? '"' + object.get(name).asText() + '"' : "not given";
  }

  private void requireNew(SweepRow row) {
    if (contains(row.key())) {
      throw new IllegalArgumentException(
          "there is a row of multiplier %s, layers %s, setting %s already"
              .formatted(row.key().multiplier(), row.key().layers(), row.key().setting()));
    }
  }

  private void remember(SweepRow row) {
    keys.add(row.key());
    rows.add(row);
  }

  private FileChannel rewrittenCsv() throws IOException {
    WholeFile.write(csvFile, RowFormat.csv(rows).getBytes(UTF_8));
    return FileChannel.open(csvFile, WRITE);
  }

  /**
   * The rows, those that were there first.
   *
   * @return a copy
   */
  public List<SweepRow> rows() {
    return List.copyOf(rows);
  }

  /**
   * Whether there is a row of a key, which then need not be measured again.
   *
   * @param key any
   * @return true if there is
   */
  public boolean contains(SweepRow.Key key) {
    return keys.contains(key);
  }

  /**
   * Writes a row into both files; into none if it fails.
   *
   * @param row of a key that is not there yet
   * @throws IllegalArgumentException if it is
   * @throws IOException if it cannot be written
   */
  public void add(SweepRow row) throws IOException {
    requireNew(row);
    long jsonEnd = json.size();
    long csvEnd = csv.size();
    try {
      append(json, (RowFormat.json(row) + "\n").getBytes(UTF_8));
      append(csv, RowFormat.csv(row).getBytes(UTF_8));
      json.force(false);
    } catch (IOException e) {
      try {
        json.truncate(jsonEnd);
        csv.truncate(csvEnd);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    remember(row);
  }

  private static void append(FileChannel channel, byte[] line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(line);
    long end = channel.size();
    while (bytes.hasRemaining()) {
      end += channel.write(bytes, end);
    }
  }

  /** Closes the files and gives up the lock. A second time does nothing. */
  @Override
  public void close() throws IOException {
    try (json) {
      csv.close();
    }
  }
}
