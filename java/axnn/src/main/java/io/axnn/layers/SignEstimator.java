package io.axnn.layers;

import java.util.Objects;

/**
 * What stands for the derivative of {@code sign(v)} in a backward pass. Forward it is always {@code
 * sign(v)}, +1 where v &gt;= 0 and else -1. Definitions and names are those of Larq's quantizers
 * (larq.quantizers); of NaN every estimate is 0, of the identity 1.
 *
 * @param kind the formula
 * @param parameter clip value or beta, finite and greater than 0; 1 where the formula has none
 */
public record SignEstimator(Kind kind, float parameter) {

  /** The formula. */
  public enum Kind {
    /** 1 everywhere: Larq's {@code SteSign(clip_value=None)}. */
    IDENTITY,
    /** 1 where |v| &lt;= clip, else 0: straight through. */
    STE_SIGN,
    /** 2 - 2 |v| where |v| &lt;= 1, else 0 (Bi-Real Net, ECCV 2018). */
    APPROX_SIGN,
    /** beta (2 - beta v tanh(beta v / 2)) / (1 + cosh(beta v)) (BNN+, 2018). */
    SWISH_SIGN,
    /**
     * For weights only. Forward {@code alpha[o] * sign(w)}, with alpha the mean magnitude of the
     * output channel's weights, XNOR-Net's scale; backward {@link #STE_SIGN} times alpha. Alpha
     * itself is a constant in the backward pass.
     */
    MAGNITUDE_AWARE_SIGN;

    private boolean hasParameter() {
      return this != IDENTITY && this != APPROX_SIGN;
    }
  }

  /** 1 everywhere. */
  public static final SignEstimator IDENTITY = new SignEstimator(Kind.IDENTITY, 1);

  /** {@link #steSign} with clip value 1. */
  public static final SignEstimator STE_SIGN = steSign(1);

  /** A triangle over -1..1. */
  public static final SignEstimator APPROX_SIGN = new SignEstimator(Kind.APPROX_SIGN, 1);

  /** {@link #swishSign} with beta 5. */
  public static final SignEstimator SWISH_SIGN = swishSign(5);

  /** {@link #magnitudeAwareSign} with clip value 1. */
  public static final SignEstimator MAGNITUDE_AWARE_SIGN = magnitudeAwareSign(1);

  /**
   * Checks the parameter.
   *
   * @throws IllegalArgumentException if it is not finite and greater than 0, or not 1 where the
   *     formula has none
   */
  public SignEstimator {
    Objects.requireNonNull(kind, "kind");
    if (!(parameter > 0) || Float.isInfinite(parameter)) {
      throw new IllegalArgumentException(
          "the parameter of "
              + kind
              + " is "
              + parameter
              + ", but must be finite and greater than 0");
    }
    if (!kind.hasParameter() && parameter != 1) {
      throw new IllegalArgumentException(
          "the parameter of " + kind + " is " + parameter + ", but must be 1, as it has none");
    }
  }

  /**
   * Straight through within the clip value.
   *
   * @param clipValue largest |v| with gradient, finite and greater than 0
   * @return 1 where |v| &lt;= clipValue, else 0
   */
  public static SignEstimator steSign(float clipValue) {
    return new SignEstimator(Kind.STE_SIGN, clipValue);
  }

  /**
   * The derivative of a steep, smooth curve.
   *
   * @param beta steepness, finite and greater than 0
   * @return that estimate
   */
  public static SignEstimator swishSign(float beta) {
    return new SignEstimator(Kind.SWISH_SIGN, beta);
  }

  /**
   * XNOR-Net's weights, straight through within the clip value.
   *
   * @param clipValue largest |w| with gradient, finite and greater than 0
   * @return that estimate, for weights only
   */
  public static SignEstimator magnitudeAwareSign(float clipValue) {
    return new SignEstimator(Kind.MAGNITUDE_AWARE_SIGN, clipValue);
  }

  boolean magnitudeAware() {
    return kind == Kind.MAGNITUDE_AWARE_SIGN;
  }

  /** Whether the estimate depends on v. */
  boolean readsValues() {
    return kind != Kind.IDENTITY;
  }
}
