package io.axnn;

import java.util.List;

/** Why the native library refused a call: the {@code axnn_status} of the C header, in its order. */
public enum Status {
  /** No error. */
  OK,
  /** A required pointer is NULL. */
  NULL_POINTER,
  /** A descriptor is not of this version of the library. */
  STRUCT_SIZE,
  /** An enum or a number outside its range. */
  INVALID_ARGUMENT,
  /** Channels, groups or sizes that do not fit together. */
  SHAPE,
  /** A product of sizes exceeds what memory can address. */
  SIZE_OVERFLOW,
  /** A buffer is shorter than the shape needs. */
  BUFFER_TOO_SMALL,
  /** Scale, zero point or code range are unusable. */
  QUANTIZATION,
  /** Codes can leave the multiplier's operand range. */
  OPERAND_RANGE,
  /** The tier is above the CPU, the environment variable {@code AXNN_MAX_ISA} or the build. */
  TIER,
  /** {@code AXNN_MAX_ISA} or {@code AXNN_NUM_THREADS} has no valid value. */
  ENVIRONMENT,
  /** This kind of layer does not have this operation. */
  UNSUPPORTED,
  /** The memory could not be had. */
  OUT_OF_MEMORY,
  /** A defect of axnn. */
  INTERNAL;

  private static final List<Status> ALL = List.of(values());

  /**
   * The number of this status in the C header.
   *
   * @return {@code axnn_status}, 0 for {@link #OK}
   */
  public int code() {
    return ordinal();
  }

  /**
   * The status of a number of the C header.
   *
   * @param code an {@code axnn_status}
   * @return its name here, {@link #INTERNAL} for a number that this version does not know
   */
  public static Status ofCode(int code) {
    return code >= 0 && code < ALL.size() ? ALL.get(code) : INTERNAL;
  }
}
