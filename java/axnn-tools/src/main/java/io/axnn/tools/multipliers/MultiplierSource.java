package io.axnn.tools.multipliers;

import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.multiplier.Prototype;
import io.axnn.multiplier.TableFormat;
import io.axnn.tools.multipliers.MultiplierSet.Found;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Finds the multipliers that texts stand for:
 *
 * <ul>
 *   <li>{@code exact}: of 8 bits, signed;
 *   <li>{@code evoapprox}: the 13 signed circuits of EvoApproxLib; {@code mul8s_1KVA} is one of
 *       them, {@code mul8s_1K*} are some, {@code mul8s_1KVA@v2022} is one by the names of 2022;
 *   <li>{@code drum(6):sign-magnitude}: a family;
 *   <li>a file of any {@link TableFormat}; raw ones say theirs, {@code raw-uint16:FILE};
 *   <li>{@code FILE.npz:ENTRY}: one table of an archive; {@code FILE.npz}: all of them;
 *   <li>{@code FILE.c:SYMBOL} and {@code FILE.so:SYMBOL}: a C model, {@code int16_t f(int8_t,
 *       int8_t)} unless {@code :RESULT,FIRST,SECOND} follows, as {@code :uint16,uint8,uint8};
 *   <li>a folder: all files in it that end with .npy, .npz, .safetensors, .txt or .h.
 * </ul>
 */
public final class MultiplierSource {
  private static final String ALL_PRESETS = "evoapprox";
  private static final List<String> TABLE_ENDINGS =
      List.of(".npy", ".npz", ".safetensors", ".txt", ".h");
  private static final String ARCHIVE = ".npz";
  private static final String ARRAY = ".npy";
  private static final Pattern MODEL =
      Pattern.compile("(.+\\.(?:c|so|dylib|dll)):(\\w+)(?::(\\w+),(\\w+),(\\w+))?");
  private static final Pattern ENTRY = Pattern.compile("(.+\\.npz):([^:]+)");
  private static final Pattern PRESET = Pattern.compile("(mul8s_[\\w*?]+)(?:@(\\w+))?");

  private final Operand row;
  private final Operand column;
  private final PowerTable power;

  private MultiplierSource(Operand row, Operand column, PowerTable power) {
    this.row = row;
    this.column = column;
    this.power = power;
  }

  /**
   * A source that takes tables of files and C models as those of signed 8-bit operands.
   *
   * @return with EvoApproxLib's figures of power
   */
  public static MultiplierSource create() {
    return new MultiplierSource(Operand.SIGNED8, Operand.SIGNED8, PowerTable.published());
  }

  /**
   * The same with other operands for files and C models.
   *
   * @param newRow the weight
   * @param newColumn the activation
   * @return the new source
   */
  public MultiplierSource withOperands(Operand newRow, Operand newColumn) {
    return new MultiplierSource(newRow, newColumn, power);
  }

  /**
   * The same with the power of more multipliers.
   *
   * @param file in UTF-8, a line for each multiplier: name, comma, mW; empty lines and those that
   *     start with # say nothing. What it says goes before a published figure
   * @return the new source
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if a line is something else
   */
  public MultiplierSource withPowerOf(Path file) throws IOException {
    return new MultiplierSource(row, column, power.with(file));
  }

  /**
   * Makes the multipliers that texts stand for. Of equal ones the first comes alone; one that has
   * the name of an earlier one is called by its {@link RatedMultiplier#source()} instead.
   *
   * @param texts as above
   * @return in the order of the texts; to be closed
   * @throws IOException if a file or folder cannot be read
   * @throws IllegalArgumentException if a text stands for nothing
   */
  public MultiplierSet read(List<String> texts) throws IOException {
    List<Found> all = new ArrayList<>();
    try {
      for (String text : texts) {
        read(text, all);
      }
      return MultiplierSet.of(all, power);
    } catch (RuntimeException | IOException e) {
      all.forEach(found -> found.multiplier().close());
      if (e instanceof UncheckedIOException unreadable) {
        throw unreadable.getCause();
      }
      throw e;
    }
  }

  private void read(String text, List<Found> to) throws IOException {
    if (text.equals("exact")) {
      to.add(new Found(Multiplier.exact(), text));
      return;
    }
    Matcher preset = PRESET.matcher(text.equals(ALL_PRESETS) ? "mul8s_*" : text);
    if (preset.matches()) {
      to.addAll(presets(text, preset));
      return;
    }
    Optional<Multiplier> family = MultiplierFamily.parse(text);
    if (family.isPresent()) {
      to.add(new Found(family.get(), text));
      return;
    }
    Matcher model = MODEL.matcher(text);
    Matcher entry = ENTRY.matcher(text);
    Optional<TableFormat> format = format(text);
    if (model.matches()) {
      to.add(new Found(compiled(text, model), text));
    } else if (entry.matches()) {
      Path file = existing(entry.group(1));
      to.add(new Found(Multiplier.readEntry(file, entry.group(2), row, column), text));
    } else if (format.isPresent()) {
      Path file = existing(text.substring(text.indexOf(':') + 1));
      to.add(new Found(Multiplier.read(file, format.get(), row, column), text));
    } else if (Files.isDirectory(Path.of(text))) {
      for (Path file : tableFiles(Path.of(text))) {
        readFile(file, to);
      }
    } else {
      readFile(existing(text), to);
    }
  }

  private static List<Found> presets(String text, Matcher preset) {
    EvoApprox.Version version = EvoApprox.Version.MASTER;
    if (preset.group(2) != null) {
      version =
          Arrays.stream(EvoApprox.Version.values())
              .filter(one -> one.label().equals(preset.group(2)))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "'%s' names version %s; there are master and v2022"
                              .formatted(text, preset.group(2))));
    }
    Pattern names = Pattern.compile(preset.group(1).replace("*", ".*").replace("?", "."));
    String suffix = "@" + version.label();
    List<Found> found =
        EvoApprox.mul8s(version).stream()
            .filter(circuit -> names.matcher(circuit.name()).matches())
            .map(circuit -> new Found(circuit.multiplier(), circuit.name() + suffix))
            .toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' is none of the circuits of version %s: %s"
              .formatted(
                  text,
                  version.label(),
                  EvoApprox.mul8s(version).stream().map(EvoApprox.Circuit::name).toList()));
    }
    return found;
  }

  private Multiplier compiled(String text, Matcher model) {
    Path file = existing(model.group(1));
    Prototype prototype =
        model.group(3) == null
            ? new Prototype(Prototype.Type.INT16, Prototype.Type.INT8, Prototype.Type.INT8)
            : new Prototype(
                type(text, model.group(3)), type(text, model.group(4)), type(text, model.group(5)));
    return model.group(1).endsWith(".c")
        ? Multiplier.fromCSource(file, model.group(2), prototype, row, column)
        : Multiplier.fromNativeFunction(file, model.group(2), prototype, row, column);
  }

  private static Prototype.Type type(String text, String name) {
    return constant(text, name, Prototype.Type.values(), Prototype.Type::name);
  }

  private static Optional<TableFormat> format(String text) {
    int colon = text.indexOf(':');
    return Arrays.stream(TableFormat.values())
        .filter(one -> colon > 0 && spelled(one.name()).equals(text.substring(0, colon)))
        .findFirst();
  }

  private static <T> T constant(String text, String name, T[] values, Function<T, String> nameOf) {
    return Arrays.stream(values)
        .filter(value -> spelled(nameOf.apply(value)).equals(name.replaceFirst("_t$", "")))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'%s' names '%s'; allowed: %s"
                        .formatted(
                            text,
                            name,
                            Arrays.stream(values).map(nameOf).map(n -> spelled(n)).toList())));
  }

  private static String spelled(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Path existing(String name) {
    Path file = Path.of(name);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "'%s' is no file, no circuit of EvoApproxLib (evoapprox lists them) and no family (as"
                  .formatted(name)
              + " drum(6):sign-magnitude)");
    }
    return file;
  }

  private void readFile(Path file, List<Found> to) throws IOException {
    if (!file.toString().endsWith(ARCHIVE)) {
      to.add(new Found(Multiplier.read(file, row, column), file.toString()));
      return;
    }
    for (String entry : entries(file)) {
      to.add(new Found(Multiplier.readEntry(file, entry, row, column), file + ":" + entry));
    }
  }

  private static List<String> entries(Path archive) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      List<String> arrays =
          zip.stream()
              .map(ZipEntry::getName)
              .filter(name -> name.endsWith(ARRAY))
              .map(name -> name.substring(0, name.length() - ARRAY.length()))
              .sorted()
              .toList();
      if (arrays.isEmpty()) {
        throw new IllegalArgumentException(
            archive + " has no array, a file in it that ends with .npy");
      }
      return arrays;
    } catch (ZipException e) {
      throw new IllegalArgumentException(archive + " is no .npz archive: " + e.getMessage(), e);
    }
  }

  private static List<Path> tableFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> tables =
          files
              .filter(file -> TABLE_ENDINGS.stream().anyMatch(file.toString()::endsWith))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      if (tables.isEmpty()) {
        throw new IllegalArgumentException(
            "folder %s has no file that ends with one of %s".formatted(folder, TABLE_ENDINGS));
      }
      return tables;
    }
  }
}
