package io.axnn.layers;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The seeds of a layer's noisy calls: that of call number i depends on the layer's seed and i only.
 * They are the numbers of the generator SplitMix64 (Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", OOPSLA 2014).
 */
final class NoiseSeed {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final AtomicLong state;

  NoiseSeed(long seed) {
    state = new AtomicLong(seed);
  }

  long next() {
    long z = state.addAndGet(GOLDEN_GAMMA);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
