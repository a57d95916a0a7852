package io.axnn.multiplier;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * What the search for structures found, by the identity of the multiplier: two that are equal are
 * searched once. Keeps the last few hundred. Safe for use by many threads.
 */
final class StructureCache {

  /** A structure of 16 terms takes 64 KiB. */
  private static final int CAPACITY = 256;

  private static final Map<String, Optional<ProductStructure>> FOUND =
      new LinkedHashMap<>(CAPACITY, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<ProductStructure>> eldest) {
          return size() > CAPACITY;
        }
      };

  private static final AtomicLong SEARCHES = new AtomicLong();

  private StructureCache() {}

  /** What is known; searched now, outside any lock, if it is not. */
  static Optional<ProductStructure> get(
      String identity, Supplier<Optional<ProductStructure>> search) {
    synchronized (FOUND) {
      Optional<ProductStructure> known = FOUND.get(identity);
      if (known != null) {
        return known;
      }
    }
    Optional<ProductStructure> found = search.get();
    SEARCHES.incrementAndGet();
    synchronized (FOUND) {
      FOUND.put(identity, found);
    }
    return found;
  }

  /** A structure that was found before. */
  static Optional<ProductStructure> known(String identity) {
    synchronized (FOUND) {
      return FOUND.getOrDefault(identity, Optional.empty());
    }
  }

  /** How often something was searched. */
  static long searches() {
    return SEARCHES.get();
  }
}
