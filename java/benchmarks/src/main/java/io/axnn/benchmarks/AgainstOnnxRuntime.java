package io.axnn.benchmarks;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Convolutions in axnn and in ONNX Runtime in one process, with one thread and with two: everything
 * takes turns ({@link Turns}), and results are compared before anything is timed ({@link Peers}).
 * Each row is printed as it is measured; nothing is left out.
 */
public final class AgainstOnnxRuntime {

  private static final String[] COLUMNS = {
    "threads",
    "shape",
    "arithmetic",
    "min ms",
    "median ms",
    "G products/s",
    "x Conv (float32)",
    "x QLinearConv (int8)",
    "x ConvInteger"
  };

  private AgainstOnnxRuntime() {}

  /**
   * Prints the comparison.
   *
   * @param args none, or {@code --markdown FILE}, which gets the table of docs/performance.md
   * @throws OrtException if ONNX Runtime refuses a model
   * @throws IOException if the file cannot be written
   */
  public static void main(String[] args) throws OrtException, IOException {
    boolean markdown = args.length == 2 && args[0].equals("--markdown");
    if (args.length > 0 && !markdown) {
      System.err.println("usage: AgainstOnnxRuntime [--markdown FILE]");
      System.exit(2);
    }
    try (PrintWriter file =
        new PrintWriter(
            markdown ? Files.newBufferedWriter(Path.of(args[1])) : Writer.nullWriter())) {
      file.println("| " + String.join(" | ", COLUMNS) + " |");
      file.println("|---".repeat(COLUMNS.length) + "|");
      print(COLUMNS);
      List<Convolution> convolutions = new ArrayList<>(Convolution.RESNET);
      convolutions.addAll(Convolution.OTHERS);
      for (int threads = 1; threads <= 2; threads++) {
        for (Convolution convolution : convolutions) {
          for (String[] row : rows(convolution, threads)) {
            print(row);
            file.println("| " + String.join(" | ", row) + " |");
          }
          file.flush();
        }
      }
    }
  }

  private static List<String[]> rows(Convolution convolution, int threads) throws OrtException {
    try (Peers peers = new Peers(convolution, threads)) {
      peers.check();
      Map<String, Turns.Time> times = new Turns(threads).measure(peers.calls());
      List<String[]> rows = new ArrayList<>();
      times.forEach(
          (name, time) ->
              rows.add(
                  new String[] {
                    Integer.toString(threads),
                    convolution.toString(),
                    name,
                    "%.3f".formatted(time.min()),
                    "%.3f".formatted(time.median()),
                    "%.1f".formatted(1e-6 * convolution.products() / time.min()),
                    ratio(times.get("Conv"), time),
                    ratio(times.get("QLinearConv"), time),
                    ratio(times.get("ConvInteger"), time)
                  }));
      return rows;
    }
  }

  /** The speed as a multiple of the peer's: above 1 it is faster. */
  private static String ratio(Turns.Time peer, Turns.Time own) {
    return "%.2f".formatted(peer.min() / own.min());
  }

  private static void print(String[] row) {
    System.out.printf("%-7s  %-25s  %-12s  %9s  %9s  %12s  %16s  %20s  %13s%n", (Object[]) row);
  }
}
