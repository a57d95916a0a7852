package io.axnn.multiplier;

import static io.axnn.testing.SafetensorsBytes.tensor;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.testing.ChildJvm;
import io.axnn.testing.NpyBytes;
import io.axnn.testing.SafetensorsBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that lie are refused with an exception that names them: no crash, no hang and no memory for
 * what they claim. All are read by one JVM with a small heap.
 */
class HostileFilesTest {

  private static final String SMALL_HEAP = "-Xmx32m";
  private static final String NONE = "";
  private static final int TABLE_BYTES = 4 * 65536;

  @TempDir Path folder;

  @Test
  void npyFilesThatLieAreRefused() throws IOException {
    byte[] table = new byte[TABLE_BYTES];
    byte[] whole = NpyBytes.of("<i4", "(256, 256)", table);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("empty", new byte[0]);
    files.put("magic only", Arrays.copyOf(whole, 6));
    files.put("no header length", Arrays.copyOf(whole, 8));
    files.put("half a header", Arrays.copyOf(whole, 40));
    files.put("no elements", Arrays.copyOf(whole, 128));
    files.put("one element short", Arrays.copyOf(whole, whole.length - 4));
    files.put("one byte more", Arrays.copyOf(whole, whole.length + 1));
    files.put("version 0", NpyBytes.raw(0, 10, NONE, table));
    files.put("version 9", NpyBytes.raw(9, 10, NONE, table));
    files.put("header of 64 KB", NpyBytes.raw(1, 0xFFFF, NONE, new byte[0]));
    files.put("header of 4 GB", NpyBytes.raw(2, 0xFFFF_FFFFL, NONE, table));
    files.put("header of 2 GB", NpyBytes.raw(2, 0x7FFF_FFFFL, NONE, table));
    files.put("empty header", NpyBytes.raw(1, 0, NONE, table));
    files.put("header is no dictionary", NpyBytes.ofHeader("[1, 2]", table));
    files.put("header without shape", NpyBytes.ofHeader("{'descr': '<i4'}", table));
    files.put(
        "header without type",
        NpyBytes.ofHeader("{'fortran_order': False, 'shape': (256, 256)}", table));
    files.put(
        "header without order", NpyBytes.ofHeader("{'descr': '<i4', 'shape': (256, 256)}", table));
    files.put("negative size", NpyBytes.of("<i4", "(-256, -256)", table));
    files.put("100 GB", NpyBytes.of("<i4", "(25000000000,)", table));
    files.put("sizes that overflow", NpyBytes.of("<i4", "(4294967296, 4294967296)", table));
    files.put("a size of 30 digits", NpyBytes.of("<i4", "(" + "9".repeat(30) + ",)", table));
    files.put("a thousand sizes", NpyBytes.of("<i4", "(" + "256, ".repeat(1000) + ")", table));
    files.put("python in the header", NpyBytes.of("<i4", "(__import__('os'), 256)", table));
    files.put("an object array", NpyBytes.of("|O", "(256, 256)", table));
    files.put("16-byte integers", NpyBytes.of("<i16", "(256, 256)", table));
    assertAllRefused(files);
  }

  @Test
  void safetensorsFilesThatLieAreRefused() throws IOException {
    byte[] table = new byte[TABLE_BYTES];
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("7 bytes", new byte[7]);
    files.put("header of 0 bytes", SafetensorsBytes.claiming(0, NONE, table));
    files.put("header of 100 GB", SafetensorsBytes.claiming(100_000_000_000L, "{}", table));
    files.put("header of -1 bytes", SafetensorsBytes.claiming(-1, "{}", table));
    files.put("header of -2^63", SafetensorsBytes.claiming(Long.MIN_VALUE, "{}", table));
    files.put("header beyond the end", SafetensorsBytes.claiming(TABLE_BYTES + 3, "{}", table));
    files.put("no tensor", SafetensorsBytes.of("{}", new byte[0]));
    files.put("bytes without tensor", SafetensorsBytes.of("{}", table));
    files.put(
        "header of 16 MB of empty arrays",
        SafetensorsBytes.of("{\"a\":[" + "[],".repeat(5_000_000) + "[]]}", table));
    files.put("header is no object", SafetensorsBytes.of("[1,2]", table));
    files.put("header is null", SafetensorsBytes.of("null", table));
    files.put("header ends early", SafetensorsBytes.of("{\"lut\":{\"dtype\":", table));
    files.put("text after the header", SafetensorsBytes.of(lut() + "x", table));
    files.put("open string", SafetensorsBytes.of("{\"lut", table));
    files.put("bad escape", SafetensorsBytes.of("{\"\\x\":1}", table));
    files.put("half an escape", SafetensorsBytes.of("{\"\\u12", table));
    files.put("deep arrays", SafetensorsBytes.of("[".repeat(200_000), table));
    files.put("deep objects", SafetensorsBytes.of("{\"a\":".repeat(200_000), table));
    files.put("no UTF-8", bytesAfterLength((byte) 0xC3, (byte) 0x28));
    files.put(
        "two of one name",
        SafetensorsBytes.of(
            "{"
                + member("I32", "[256,256]", "[0,262144]")
                + ","
                + member("I32", "[256,256]", "[0,262144]")
                + "}",
            table));
    files.put("no dtype", SafetensorsBytes.of("{\"lut\":{\"shape\":[256,256]}}", table));
    files.put("tensor is a number", SafetensorsBytes.of("{\"lut\":7}", table));
    files.put("floats", only("F32", "[256,256]", "[0,262144]"));
    files.put("unknown type", only("I33", "[256,256]", "[0,262144]"));
    files.put("other shape", only("I32", "[256,255]", "[0,262144]"));
    files.put("negative shape", only("I32", "[-256,-256]", "[0,262144]"));
    files.put("shape of fractions", only("I32", "[256.0,256]", "[0,262144]"));
    files.put("shape of strings", only("I32", "[\"256\",256]", "[0,262144]"));
    files.put("shape that overflows", only("I32", "[4294967296,4294967296]", "[0,262144]"));
    files.put("shape of 100 GB", only("I32", "[25000000000]", "[0,100000000000]"));
    files.put("a size of 30 digits", only("I32", "[" + "9".repeat(30) + "]", "[0,262144]"));
    files.put("a number beyond double", only("I32", "[256,1e999]", "[0,262144]"));
    files.put("end before begin", only("I32", "[256,256]", "[262144,0]"));
    files.put("negative begin", only("I32", "[256,256]", "[-4,262140]"));
    files.put("end beyond the file", only("I32", "[256,256]", "[0,262148]"));
    files.put(
        "offsets near 2^63", only("I32", "[256,256]", "[9223372036854513663,9223372036854775807]"));
    files.put("offsets for 64 bits", only("I64", "[256,256]", "[0,262144]"));
    files.put("one offset", only("I32", "[256,256]", "[0]"));
    files.put("three offsets", only("I32", "[256,256]", "[0,1,262144]"));
    files.put(
        "overlapping tensors",
        SafetensorsBytes.of(
            "{"
                + member("I32", "[256,256]", "[0,262144]")
                + ","
                + tensor("b", "I32", "[65535]", "[4,262144]")
                + "}",
            table));
    files.put(
        "bytes of nobody",
        SafetensorsBytes.of(
            "{" + member("I32", "[256,256]", "[0,262144]") + "}", new byte[TABLE_BYTES + 4]));
    assertAllRefused(files);
  }

  /** Texts that a scanner with a look back or ahead would need days, or a deep stack, for. */
  @Test
  void textsThatLieAreRefused() throws IOException {
    int size = 4_000_000;
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("empty.txt", new byte[0]);
    files.put("letters.txt", ascii("a".repeat(size)));
    files.put("digits.txt", ascii("7".repeat(size)));
    files.put("many numbers.txt", ascii("1 ".repeat(size / 2)));
    files.put("separators.txt", ascii(",".repeat(size)));
    files.put("comments.txt", ascii("#".repeat(size)));
    files.put("zeros.txt", new byte[size]);
    files.put("no numbers.txt", ascii("nan ".repeat(65536)));
    files.put("fractions.txt", ascii("1.0 ".repeat(65536)));
    files.put("digits at last.txt", ascii("1 ".repeat(65535) + "9".repeat(size / 2)));
    files.put("hexadecimal in C's octal.h", ascii("int a[]={" + "08,".repeat(65536) + "}"));
    files.put(
        "long element.h", ascii("int a[]={" + "1,".repeat(65535) + "f".repeat(size / 2) + "}"));
    files.put("many elements.h", ascii("int a[]={" + "1,".repeat(size / 3) + "}"));
    files.put("letters.h", ascii("a".repeat(size)));
    files.put("open comments.h", ascii("/*".repeat(size / 2)));
    files.put("slashes.h", ascii("/".repeat(size)));
    files.put("quotes.h", ascii("'\"".repeat(size / 2)));
    files.put("backslashes.h", ascii("\\".repeat(size)));
    files.put("continued lines.h", ascii("#" + "\\\n".repeat(size / 2)));
    files.put("directives.h", ascii("#\n".repeat(size / 2)));
    files.put("dimensions.h", ascii("a" + "[1]".repeat(size / 3)));
    files.put("array of dimensions.h", ascii("a" + "[1]".repeat(size / 3) + "={1}"));
    files.put("brackets without a name.h", ascii("]={".repeat(size / 3)));
    files.put("opened arrays.h", ascii("a[]={".repeat(size / 5)));
    files.put("small arrays.h", ascii("a[]={}".repeat(size / 6)));
    files.put("opened braces.h", ascii("{".repeat(size)));
    files.put("closed braces.h", ascii("}".repeat(size)));
    files.put("spaces before braces.h", ascii(" {".repeat(size / 2)));
    files.put("spaces.h", ascii(" ".repeat(size) + "{"));
    assertAllRefused(files);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void archivesThatLieAreRefused() throws IOException {
    byte[] npy = NpyBytes.of("<i4", "(256, 256)", new byte[TABLE_BYTES]);
    byte[] archive = archive("a.npy", npy);
    int directory = archive.length - 22 - (46 + "a.npy".length());
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("no directory.npz", Arrays.copyOf(archive, directory));
    files.put("half.npz", Arrays.copyOf(archive, archive.length / 2));
    files.put("magic only.npz", Arrays.copyOf(archive, 4));
    // In the directory: bytes when packed, checksum, method, place.
    files.put("claims no bytes.npz", with(archive, directory + 20, 0));
    files.put("wrong checksum.npz", with(archive, directory + 16, 12345));
    files.put("unknown method.npz", with(archive, directory + 10, 99));
    files.put("entry elsewhere.npz", with(archive, directory + 42, 0x7FFF_FFFF));
    files.put("damaged.npz", with(archive, 60, -1));
    files.put("bomb.npz", archive("a.npy", new byte[100 << 20]));
    files.put("a text.npz", archive("a.txt", ascii("hello")));
    files.put("a folder.npz", archive("a/", new byte[0]));
    files.put("no entry.npz", new byte[22]);
    assertAllRefused(files);
  }

  private static byte[] archive(String entry, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
      archive.putNextEntry(new ZipEntry(entry));
      archive.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] with(byte[] archive, int at, int value) {
    byte[] changed = archive.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return changed;
  }

  /** A file that really is as large as it claims costs no more than its header. */
  @Test
  void hugeSparseFilesAreRefusedWithoutBeingRead() throws IOException {
    Path npy = folder.resolve("sparse npy");
    Files.write(npy, NpyBytes.of("<i4", "(25000000000,)", new byte[0]));
    Path safetensors = folder.resolve("sparse safetensors");
    Files.write(
        safetensors,
        SafetensorsBytes.of(
            "{" + member("I32", "[25000000000]", "[0,100000000000]") + "}", new byte[0]));
    for (Path file : List.of(npy, safetensors)) {
      try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
        sparse.setLength(sparse.length() + 100_000_000_000L);
      }
    }
    assertRefused(List.of(npy, safetensors));
  }

  private void assertAllRefused(Map<String, byte[]> files) throws IOException {
    List<Path> paths = new ArrayList<>();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      paths.add(Files.write(folder.resolve(file.getKey()), file.getValue()));
    }
    assertRefused(paths);
  }

  private static void assertRefused(List<Path> files) {
    ChildJvm.Result result =
        new ChildJvm()
            .flags(
                SMALL_HEAP,
                "--enable-native-access=ALL-UNNAMED",
                "-Daxnn.cache.dir=" + System.getProperty("axnn.cache.dir"))
            .run(
                ReadMultipliersMain.class,
                files.stream().map(Path::toString).toArray(String[]::new));
    assertThat(result.exitCode()).as(result.output()).isZero();
    List<String> lines = result.output().lines().toList();
    assertThat(lines).hasSameSizeAs(files);
    for (int i = 0; i < files.size(); i++) {
      assertThat(lines.get(i))
          .startsWith(IllegalArgumentException.class.getName() + ": " + files.get(i) + " ");
    }
  }

  private static String lut() {
    return "{" + member("I32", "[256,256]", "[0,262144]") + "}";
  }

  private static String member(String dtype, String shape, String offsets) {
    return tensor("lut", dtype, shape, offsets);
  }

  private static byte[] only(String dtype, String shape, String offsets) {
    return SafetensorsBytes.of("{" + member(dtype, shape, offsets) + "}", new byte[TABLE_BYTES]);
  }

  private static byte[] bytesAfterLength(byte... header) {
    byte[] file = SafetensorsBytes.claiming(header.length, NONE, new byte[TABLE_BYTES]);
    System.arraycopy(header, 0, file, Long.BYTES, header.length);
    return file;
  }
}
