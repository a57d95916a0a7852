package io.axnn.benchmarks;

import io.axnn.benchmarks.ApproxConv2dForward.Output;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The calls of {@link ApproxConv2dForward} by one thread, taking turns, in CPU time: what JMH,
 * which measures one after the other on the clock, cannot tell on a machine that others use.
 */
public final class ForwardInTurns {

  private static final int[] EDGES = {56, 14, 1};

  private ForwardInTurns() {}

  /**
   * Prints minimum and median of each call, and both as multiples of the native call's.
   *
   * @param args none, or {@code --markdown FILE}, which gets the table of docs/performance.md
   * @throws IOException if the file cannot be written
   */
  public static void main(String[] args) throws IOException {
    boolean markdown = args.length == 2 && args[0].equals("--markdown");
    if (args.length > 0 && !markdown) {
      System.err.println("usage: ForwardInTurns [--markdown FILE]");
      System.exit(2);
    }
    try (PrintWriter file =
        new PrintWriter(
            markdown ? Files.newBufferedWriter(Path.of(args[1])) : Writer.nullWriter())) {
      file.println("| call | image | min us | median us | of the native call: min | median |");
      file.println("|---|---|---|---|---|---|");
      System.out.printf(
          "%-12s %6s %10s %10s %8s %8s%n",
          "call", "edge", "min us", "median us", "x native", "median");
      for (int edge : EDGES) {
        Map<String, Turns.Time> times = measure(edge);
        Turns.Time reference = times.get("nativeCall");
        times.forEach(
            (name, time) -> {
              Object[] row = {
                name,
                edge,
                1e3 * time.min(),
                1e3 * time.median(),
                time.min() / reference.min(),
                time.median() / reference.median()
              };
              System.out.printf("%-12s %6d %10.1f %10.1f %8.3f %8.3f%n", row);
              file.printf("| `%1$s` | 1x64x%2$dx%2$d | %3$.1f | %4$.1f | %5$.3f | %6$.3f |%n", row);
            });
      }
    }
  }

  private static Map<String, Turns.Time> measure(int edge) {
    ApproxConv2dForward benchmark = new ApproxConv2dForward();
    benchmark.edge = edge;
    benchmark.setUp();
    Output output = new Output();
    output.setUp(benchmark);
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.put("nativeCall", () -> benchmark.nativeCall(output));
    calls.put("tensors", () -> benchmark.tensors(output));
    calls.put("newTensor", benchmark::newTensor);
    calls.put("arrays", () -> benchmark.arrays(output));
    Turns turns = new Turns(1);
    turns.measure(calls); // compiles them
    Map<String, Turns.Time> times = turns.measure(calls);
    benchmark.tearDown();
    return times;
  }
}
