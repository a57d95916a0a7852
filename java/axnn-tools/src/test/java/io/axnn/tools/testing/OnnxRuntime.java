package io.axnn.tools.testing;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.axnn.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/** A model in ONNX Runtime, the oracle. */
public final class OnnxRuntime implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  public OnnxRuntime(byte[] model) {
    this(model, OptLevel.ALL_OPT);
  }

  /** Without optimisation a session runs the nodes of the file, one after the other. */
  public OnnxRuntime(byte[] model, OptLevel optimization) {
    try {
      OrtSession.SessionOptions options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(1);
      // Below that it warns of what a file has and nobody reads.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.setOptimizationLevel(optimization);
      session = environment.createSession(model, options);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a batch: one float32 input, one float32 output. */
  public Tensor forward(Tensor x) {
    long[] shape = Arrays.stream(x.shape()).asLongStream().toArray();
    String input = session.getInputNames().iterator().next();
    try (OnnxTensor given =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.toFloatArray()), shape);
        OrtSession.Result result = session.run(Map.of(input, given))) {
      OnnxTensor output = (OnnxTensor) result.get(0);
      FloatBuffer buffer = output.getFloatBuffer();
      float[] values = new float[buffer.remaining()];
      buffer.get(values);
      int[] outputShape =
          Arrays.stream(output.getInfo().getShape()).mapToInt(Math::toIntExact).toArray();
      return Tensor.of(values, outputShape);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
