package io.axnn.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Times several ways to do the same work, which take turns: a round of each, again and again, so
 * that a busy machine slows down all of them. With one thread times are CPU time of the thread,
 * with more they are time on the clock.
 */
final class Turns {

  private static final int MIN_ROUNDS = 7;
  private static final double MAX_SECONDS = 5;

  /** Milliseconds of one call. */
  record Time(double min, double median) {}

  private final LongSupplier clock;
  private final int maxRounds;
  private final double roundMilliseconds;

  Turns(int threads) {
    // Time on the clock needs more and shorter rounds: all cores have to be idle for one of them.
    maxRounds = threads == 1 ? 30 : 200;
    roundMilliseconds = threads == 1 ? 5 : 1;
    clock =
        threads == 1
            ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime
            : System::nanoTime;
  }

  /** Times in the order of the calls. */
  Map<String, Time> measure(Map<String, Runnable> calls) {
    Map<String, Integer> repeats = new LinkedHashMap<>();
    Map<String, List<Double>> times = new LinkedHashMap<>();
    calls.forEach(
        (name, call) -> {
          call.run();
          int count = (int) Math.ceil(roundMilliseconds / Math.max(time(call, 1), 1e-3));
          repeats.put(name, count);
          times.put(name, new ArrayList<>());
        });
    long start = System.nanoTime();
    for (int round = 0; round < maxRounds; round++) {
      if (round >= MIN_ROUNDS && (System.nanoTime() - start) * 1e-9 > MAX_SECONDS) {
        break;
      }
      calls.forEach((name, call) -> times.get(name).add(time(call, repeats.get(name))));
    }
    Map<String, Time> result = new LinkedHashMap<>();
    times.forEach(
        (name, rounds) -> {
          Collections.sort(rounds);
          result.put(name, new Time(rounds.getFirst(), rounds.get(rounds.size() / 2)));
        });
    return result;
  }

  /** After a call that brings its weights back into the caches. */
  private double time(Runnable call, int repeats) {
    call.run();
    long start = clock.getAsLong();
    for (int i = 0; i < repeats; i++) {
      call.run();
    }
    return (clock.getAsLong() - start) * 1e-6 / repeats;
  }
}
