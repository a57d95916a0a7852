package io.axnn.tools.command;

import io.axnn.tools.testing.TestData;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One run of the command in this process: its exit code and what it printed. */
record CommandRun(int exitCode, String out, String err) {
  static final String CNN = TestData.model("fashion-mnist-cnn.onnx").toString();
  static final String BNN = TestData.model("fashion-mnist-bnn.onnx").toString();

  /** The images of the checkout, few of them, on one thread. */
  private static final List<String> FEW_IMAGES =
      List.of(
          "--data",
          TestData.folder().resolve("fashion-mnist").toString(),
          "--batch",
          "20",
          "--calibration-images",
          "40",
          "--threads",
          "1");

  static CommandRun of(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        AxnnCommand.execute(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    return new CommandRun(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** A run of a network on 60 images of Fashion-MNIST. */
  static CommandRun onFewImages(String subcommand, String model, String... more) {
    return onImages(60, subcommand, model, more);
  }

  /** A run of a network on so many images of Fashion-MNIST. */
  static CommandRun onImages(int images, String subcommand, String model, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of(subcommand, model, "--images", String.valueOf(images)));
    arguments.addAll(FEW_IMAGES);
    arguments.addAll(List.of(more));
    return of(arguments.toArray(String[]::new));
  }

  /** The lines that begin with a text, split at two or more spaces. */
  List<List<String>> rows(String start) {
    return lines()
        .filter(line -> line.startsWith(start))
        .map(line -> List.of(line.split(" {2,}")))
        .toList();
  }

  Stream<String> lines() {
    return out.lines();
  }
}
