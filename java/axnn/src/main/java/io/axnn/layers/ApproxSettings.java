package io.axnn.layers;

import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.multiplier.ErrorFigures;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;

/**
 * All numbers of an approximate layer. Immutable; a setter of the layer makes a new one.
 *
 * @param parameters float weights and bias
 * @param multiplier or null
 * @param input how the input becomes codes, or null
 * @param weights how the weights become codes
 * @param weightsFollow whether {@code weights} is the default, which new weights change
 */
record ApproxSettings(
    FloatParameters parameters,
    Multiplier multiplier,
    Quantization input,
    WeightQuantization weights,
    boolean weightsFollow,
    OperandOrder operandOrder,
    PaddingCode paddingCode,
    ZeroPointCorrection correction,
    StructureUse structureUse,
    OutputRange outputRange) {

  ApproxSettings withMultiplier(Multiplier newMultiplier) {
    return new ApproxSettings(
        parameters,
        newMultiplier,
        input,
        weights,
        weightsFollow,
        operandOrder,
        paddingCode,
        correction,
        structureUse,
        outputRange);
  }

  ApproxSettings withInput(Quantization newInput) {
    return new ApproxSettings(
        parameters,
        multiplier,
        newInput,
        weights,
        weightsFollow,
        operandOrder,
        paddingCode,
        correction,
        structureUse,
        outputRange);
  }

  ApproxSettings withWeightQuantization(WeightQuantization newWeights) {
    return new ApproxSettings(
        parameters,
        multiplier,
        input,
        newWeights,
        false,
        operandOrder,
        paddingCode,
        correction,
        structureUse,
        outputRange);
  }

  ApproxSettings withStructureUse(StructureUse newStructureUse) {
    return new ApproxSettings(
        parameters,
        multiplier,
        input,
        weights,
        weightsFollow,
        operandOrder,
        paddingCode,
        correction,
        newStructureUse,
        outputRange);
  }

  /** Other weights; the default weight quantisation is made again. */
  ApproxSettings withWeights(WeightCopy copy) {
    return withParameters(
        new FloatParameters(copy.weights(), parameters.bias()),
        weightsFollow ? copy.perChannel() : weights);
  }

  ApproxSettings withBias(Geometry geometry, Tensor newBiasOrNull) {
    return withParameters(parameters.withBias(geometry, newBiasOrNull), weights);
  }

  private ApproxSettings withParameters(
      FloatParameters newParameters, WeightQuantization newWeights) {
    return new ApproxSettings(
        newParameters,
        multiplier,
        input,
        newWeights,
        weightsFollow,
        operandOrder,
        paddingCode,
        correction,
        structureUse,
        outputRange);
  }

  /** The same without bias and limits: the scaled sums. */
  ApproxSettings scaledSums() {
    return new ApproxSettings(
        new FloatParameters(parameters.weights(), null),
        multiplier,
        input,
        weights,
        weightsFollow,
        operandOrder,
        paddingCode,
        correction,
        structureUse,
        OutputRange.UNLIMITED);
  }

  /**
   * The error of some multiplier over all pairs of codes.
   *
   * @throws IllegalArgumentException if the codes leave one of its operands
   */
  ErrorFigures errorOf(Multiplier other) {
    withMultiplier(other).checkOperands();
    boolean weightFirst = operandOrder == OperandOrder.WEIGHT_FIRST;
    return weightFirst
        ? ErrorFigures.of(
            other, weights.codeMin(), weights.codeMax(), input.codeMin(), input.codeMax())
        : ErrorFigures.of(
            other, input.codeMin(), input.codeMax(), weights.codeMin(), weights.codeMax());
  }

  /** Whether the weights' codes are the same. */
  boolean sameCodes(ApproxSettings other) {
    return parameters.weights() == other.parameters.weights() && weights.equals(other.weights);
  }

  /** Whether a plan of these settings is one of the others too. */
  boolean samePlan(PlanKind kind, ApproxSettings other) {
    return switch (kind) {
      case FLOAT -> parameters.equals(other.parameters);
      case EXACT ->
          parameters.equals(other.parameters) && sameCodes(other) && input.equals(other.input);
      case TABLE ->
          samePlan(PlanKind.EXACT, other)
              && multiplier == other.multiplier
              && structureUse == other.structureUse;
    };
  }

  /**
   * @param outputs output channels of the layer
   * @throws IllegalArgumentException if the settings do not fit each other
   */
  ApproxSettings check(int outputs) {
    weights.checkChannels(outputs);
    if (input != null) {
      checkScales();
    }
    if (multiplier != null) {
      checkOperands();
      checkStructure();
    }
    return this;
  }

  private void checkStructure() {
    if (!multiplier.hasTable()) {
      if (multiplier.structure().isEmpty()) {
        throw new IllegalArgumentException(
            "multiplier is "
                + multiplier
                + ", but a layer of more than 8 bits runs through the exact structure of its"
                + " products, and this one has none: it is no sum of products of functions of one"
                + " operand each");
      }
      if (structureUse == StructureUse.NEVER) {
        throw new IllegalArgumentException(
            "structureUse is NEVER, but "
                + multiplier
                + " has no table: operands of more than 8 bits have none");
      }
    } else if (structureUse == StructureUse.ALWAYS && multiplier.structure().isEmpty()) {
      throw new IllegalArgumentException(
          "structureUse is ALWAYS, but no exact structure of "
              + multiplier
              + " is known; AUTO uses the table where there is none");
    }
  }

  private void checkScales() {
    float[] scales = weights.scales();
    for (int i = 0; i < scales.length; i++) {
      float product = input.scale() * scales[i];
      if (!Check.isScale(product)) {
        Check.scale(
            "the product of inputQuantization's scale "
                + input.scale()
                + " and weightQuantization's scales["
                + i
                + "] "
                + scales[i],
            product);
      }
    }
  }

  private void checkOperands() {
    boolean weightFirst = operandOrder == OperandOrder.WEIGHT_FIRST;
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    checkOperand(
        "weightQuantization", weights.codeMin(), weights.codeMax(), weightFirst ? row : column);
    if (input != null) {
      checkOperand(
          "inputQuantization", input.codeMin(), input.codeMax(), weightFirst ? column : row);
    }
  }

  private void checkOperand(String name, int codeMin, int codeMax, Operand operand) {
    if (codeMin < operand.min() || codeMax > operand.max()) {
      throw new IllegalArgumentException(
          name
              + " has codes "
              + codeMin
              + ".."
              + codeMax
              + ", but its operand of "
              + multiplier
              + " must stay in "
              + operand.min()
              + ".."
              + operand.max());
    }
  }
}
