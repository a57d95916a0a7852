package io.axnn.tools;

import java.time.Duration;

/**
 * What a layer did while batches ran.
 *
 * @param layer the layer
 * @param arithmetic what it computed with
 * @param opCount multiplications for one image
 * @param kernel how it ran, in one line for a person
 * @param timePerImage the time that the layer alone took for an image, by the clock
 * @param meanErrorPercent mean distance of an output value from the exact one for the same input,
 *     in percent of the exact values' mean magnitude; infinite where there is a distance and all
 *     exact values are 0; NaN for layers in float32 and on bits. Exact is what {@link
 *     Settings#exact} says
 * @param maxErrorPercent the largest distance, in percent of the largest exact magnitude; infinite
 *     and NaN as above
 */
public record LayerProfile(
    LayerInfo layer,
    Arithmetic arithmetic,
    long opCount,
    String kernel,
    Duration timePerImage,
    double meanErrorPercent,
    double maxErrorPercent) {}
