package io.axnn.tools;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.NativeLibraryException;
import io.axnn.Tier;
import io.axnn.layers.ZeroPointCorrection;
import io.axnn.tools.data.DataException;
import io.axnn.tools.data.LabelledImages;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * The main job of the checkout: two trained networks on real images, in float32, in 8 bits with
 * every multiplier at hand (also affine, under both corrections for zero points), and on bits.
 * Prints a table of accuracy and speed.
 */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Runs trained networks on Fashion-MNIST and prints accuracy and speed of each arithmetic.")
public final class FashionMnistRun implements Callable<Integer> {
  private static final int BATCH_SIZE = 100;
  private static final int SETUP_ERROR = 2;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "How many test images, 1 to 10000. More than 1000 come from the Debian package"
              + " dataset-fashion-mnist. Default: ${DEFAULT-VALUE}.")
  private int imageCount;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the layers. Default: the CPUs that this process may use.")
  private Integer threads;

  @Option(
      names = "--tier",
      paramLabel = "TIER",
      description = "One of ${COMPLETION-CANDIDATES}. Default: the best that this CPU has.")
  private Tier tier;

  @Option(
      names = "--testdata",
      paramLabel = "DIR",
      defaultValue = "testdata",
      description = "The checkout's folder of models and images. Default: ${DEFAULT-VALUE}.")
  private Path testdata;

  @Spec private CommandSpec spec;

  private final PrintStream out;
  private final Progress progress;

  private FashionMnistRun(PrintStream out, Progress progress) {
    this.out = out;
    this.progress = progress;
  }

  /**
   * Runs the job and ends the process.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(execute(System.out, System.err, Progress.onTerminal(), arguments));
  }

  /** Runs the job and gives the process's exit code. */
  static int execute(PrintStream out, PrintStream err, Progress progress, String... arguments) {
    return new CommandLine(new FashionMnistRun(out, progress))
        .setErr(new PrintWriter(err, true))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(FashionMnistRun::report)
        .execute(arguments);
  }

  /** What the user can mend needs its sentence and no stack trace; anything else is our defect. */
  private static int report(Exception problem, CommandLine command, ParseResult ignored)
      throws Exception {
    if (problem instanceof ModelException
        || problem instanceof DataException
        || problem instanceof AxnnException
        || problem instanceof NativeLibraryException
        || problem instanceof IllegalArgumentException) {
      command.getErr().println(problem.getMessage());
      return command.getCommandSpec().exitCodeOnExecutionException();
    }
    throw problem;
  }

  @Override
  public Integer call() throws IOException {
    if (imageCount < 1 || imageCount > FashionMnist.ALL_IMAGES) {
      throw new ParameterException(
          spec.commandLine(),
          "--images is %d; allowed: 1 to %d".formatted(imageCount, FashionMnist.ALL_IMAGES));
    }
    if (!Files.isDirectory(testdata.resolve("models"))) {
      throw new ParameterException(
          spec.commandLine(), "--testdata is " + testdata + ", which holds no folder 'models'");
    }
    if (!FashionMnist.available(testdata, imageCount)) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "%d images need the whole test set, which is not in %s; install it with: %s"
              .formatted(
                  imageCount,
                  FashionMnist.PACKAGE_FOLDER,
                  "sudo apt-get install -y dataset-fashion-mnist"));
      return SETUP_ERROR;
    }
    try (Context context = context();
        MultiplierFolder folder = MultiplierFolder.open(testdata.resolve("golden/luts"))) {
      run(context, folder);
    }
    return 0;
  }

  private Context context() {
    Context.Builder builder = Context.builder();
    if (threads != null) {
      builder.threads(threads);
    }
    if (tier != null) {
      builder.tier(tier);
    }
    return builder.build();
  }

  private void run(Context context, MultiplierFolder folder) throws IOException {
    List<LabelledImages.Batch> test = batches(FashionMnist.testImages(testdata, imageCount));
    List<LabelledImages.Batch> training = batches(FashionMnist.trainingImages(testdata));
    out.println(
        "Fashion-MNIST: %d test images, batches of %d; %d training images for calibration"
            .formatted(
                imageCount,
                BATCH_SIZE,
                training.stream().mapToInt(batch -> batch.labels().size()).sum()));
    for (MultiplierFolder.Entry other : folder.others()) {
      out.println(
          "Table %s is no multiplier (it is off by %.0f on average), left out"
              .formatted(other.multiplier().name(), other.meanError()));
    }
    out.println();
    ResultTable table = new ResultTable(out, context);
    table.printHeader();
    runConvolutional(context, folder, training, test, table);
    ZeroCounter zeros = runBinary(context, test, table);
    out.println();
    out.println(
        "Exact zeros that reached a Sign: %d of %d (ONNX's Sign gives 0 there, a bit +1)"
            .formatted(zeros.zeros(), zeros.total()));
    out.flush();
  }

  private void runConvolutional(
      Context context,
      MultiplierFolder folder,
      List<LabelledImages.Batch> training,
      List<LabelledImages.Batch> test,
      ResultTable table)
      throws IOException {
    Model model = load("fashion-mnist-cnn.onnx");
    Calibration calibration;
    try (Network network = model.prepare(context, Settings.of(Arithmetic.float32()))) {
      calibration = network.calibrate(training.stream().map(LabelledImages.Batch::images).toList());
      evaluate("cnn float32", network, test, table);
    }
    for (Map.Entry<String, Arithmetic> row : eightBitRows(folder).entrySet()) {
      Settings settings = Settings.of(row.getValue()).withCalibration(calibration);
      try (Network network = model.prepare(context, settings)) {
        evaluate(row.getKey(), network, test, table);
      }
    }
  }

  /**
   * Every multiplier with zero point 0, then the signed ones with an affine input under both
   * corrections for its zero point. A sign-magnitude table of an unsigned circuit (mul8u) is not
   * made for codes around a zero point.
   */
  private static Map<String, Arithmetic> eightBitRows(MultiplierFolder folder) {
    Map<String, Arithmetic> rows = new LinkedHashMap<>();
    for (MultiplierFolder.Entry entry : folder.multipliers()) {
      String name = (entry.exact() ? "exact, " : "") + entry.multiplier().name();
      rows.put("cnn 8-bit " + name, Arithmetic.approximate(entry.multiplier()));
    }
    for (MultiplierFolder.Entry entry : folder.multipliers()) {
      if (entry.multiplier().name().startsWith("mul8u")) {
        continue;
      }
      for (ZeroPointCorrection correction : ZeroPointCorrection.values()) {
        Arithmetic arithmetic =
            Arithmetic.approximate(entry.multiplier())
                .withAffineInput()
                .withZeroPointCorrection(correction);
        rows.put("cnn " + arithmetic, arithmetic);
      }
    }
    return rows;
  }

  /** The zeros are counted in a second pass, for counting would cost the first one time. */
  private ZeroCounter runBinary(Context context, List<LabelledImages.Batch> test, ResultTable table)
      throws IOException {
    Model model = load("fashion-mnist-bnn.onnx");
    Settings float32 = Settings.of(Arithmetic.float32());
    try (Network network = model.prepare(context, float32)) {
      evaluate("bnn float32 of signs", network, test, table);
    }
    ZeroCounter zeros = new ZeroCounter(model);
    long binaryLayers = model.layers().stream().filter(LayerInfo::binary).count();
    try (Network network = model.prepare(context, float32.withBinaryLayers(Arithmetic.binary()))) {
      evaluate("bnn %d layers on bits".formatted(binaryLayers), network, test, table);
      for (LabelledImages.Batch batch : test) {
        network.forward(batch.images(), zeros);
      }
    }
    Arithmetic inBits = Arithmetic.binary().withBitsBetweenLayers();
    try (Network network = model.prepare(context, float32.withBinaryLayers(inBits))) {
      evaluate("bnn %d layers, bits between".formatted(binaryLayers), network, test, table);
    }
    return zeros;
  }

  private void evaluate(
      String setting, Network network, List<LabelledImages.Batch> test, ResultTable table) {
    Evaluation evaluation =
        Evaluation.of(network, test, done -> progress.show(setting, done, imageCount));
    progress.clear();
    table.print(setting, evaluation);
  }

  private Model load(String name) throws IOException {
    return Model.load(testdata.resolve("models").resolve(name));
  }

  private static List<LabelledImages.Batch> batches(LabelledImages images) {
    return images.batches(BATCH_SIZE, FashionMnist.NORMALIZATION);
  }
}
