package io.axnn.multiplier;

/** What {@link ErrorFigures} are computed from: sums over weighted pairs of operands. */
final class ErrorSums {

  private long pairs;
  private double weight;
  private double weightOfNonzero;
  private double weightOfErrors;
  private double error;
  private double absolute;
  private double squared;
  private double relative;
  private double worst;
  private double worstRelative;

  /** A pair with a weight above 0. */
  void add(long product, long exact, double pairWeight) {
    pairs++;
    weight += pairWeight;
    double difference = product - exact;
    double magnitude = Math.abs(difference);
    if (difference != 0) {
      weightOfErrors += pairWeight;
      error += pairWeight * difference;
      absolute += pairWeight * magnitude;
      squared += pairWeight * difference * difference;
      worst = Math.max(worst, magnitude);
    }
    if (exact != 0) {
      weightOfNonzero += pairWeight;
      double ratio = magnitude / Math.abs(exact);
      relative += pairWeight * ratio;
      worstRelative = Math.max(worstRelative, ratio);
    }
  }

  void add(ErrorSums other) {
    pairs += other.pairs;
    weight += other.weight;
    weightOfNonzero += other.weightOfNonzero;
    weightOfErrors += other.weightOfErrors;
    error += other.error;
    absolute += other.absolute;
    squared += other.squared;
    relative += other.relative;
    worst = Math.max(worst, other.worst);
    worstRelative = Math.max(worstRelative, other.worstRelative);
  }

  ErrorFigures figures(int productBits) {
    double bias = error / weight;
    double mse = squared / weight;
    return new ErrorFigures(
        productBits,
        pairs,
        absolute / weight,
        worst,
        mse,
        weightOfErrors / weight,
        weightOfNonzero == 0 ? 0 : relative / weightOfNonzero,
        relative / weight,
        worstRelative,
        bias,
        Math.max(0, mse - bias * bias));
  }
}
