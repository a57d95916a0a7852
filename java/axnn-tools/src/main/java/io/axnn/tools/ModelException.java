package io.axnn.tools;

import java.util.Optional;

/**
 * A model file that cannot be run: it is damaged, contradicts itself, or asks for something that
 * this runner does not do. The message names the file and, where there is one, the node with its
 * operator and the opset; it says what is supported.
 */
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The file that the error is in. */
  private final String file;

  /** The node that the error is at, or null. */
  private final String node;

  /** That node's operator, or null. */
  private final String operator;

  private ModelException(
      String file, String node, String operator, String message, Throwable cause) {
    super(message, cause);
    this.file = file;
    this.node = node;
    this.operator = operator;
  }

  /**
   * An error of the file as a whole.
   *
   * @param file the file, or what the caller calls the bytes
   * @param problem what is wrong, a sentence without the file's name
   * @return the exception
   */
  public static ModelException inFile(String file, String problem) {
    return inFile(file, problem, null);
  }

  /**
   * An error of the file as a whole that another exception reported.
   *
   * @param file the file, or what the caller calls the bytes
   * @param problem what is wrong, a sentence without the file's name
   * @param cause the exception that said so, or null
   * @return the exception
   */
  public static ModelException inFile(String file, String problem, Throwable cause) {
    return new ModelException(file, null, null, file + ": " + problem, cause);
  }

  /**
   * An error of one node.
   *
   * @param file the file, or what the caller calls the bytes
   * @param node the node's name
   * @param operator the node's operator, with its domain if that is not ONNX's own
   * @param opset the version of the operator set that the file names for it
   * @param problem what is wrong
   * @return the exception
   */
  public static ModelException atNode(
      String file, String node, String operator, long opset, String problem) {
    return new ModelException(
        file,
        node,
        operator,
        "%s: node '%s' (%s, opset %d): %s".formatted(file, node, operator, opset, problem),
        null);
  }

  /**
   * The file that the error is in.
   *
   * @return its path, or what the caller called the bytes
   */
  public String file() {
    return file;
  }

  /**
   * The node that the error is at.
   *
   * @return its name; empty for an error of the whole file
   */
  public Optional<String> node() {
    return Optional.ofNullable(node);
  }

  /**
   * The operator of that node.
   *
   * @return its name; empty for an error of the whole file
   */
  public Optional<String> operator() {
    return Optional.ofNullable(operator);
  }
}
