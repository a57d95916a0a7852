package io.axnn.tools.data;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What a set was recognised as: how its parts are read, and what is known of it.
 *
 * @param normalization the set's own
 * @param classNames each in the place of its label; empty if they are not known
 */
record DataSource(
    Part test, Optional<Part> training, Normalization normalization, List<String> classNames) {

  /** Reads the first images of a part, or all if there are no more than {@code atMost}. */
  @FunctionalInterface
  interface Part {
    LabelledImages read(int atMost) throws IOException;
  }

  /** A set of which nothing more is known. */
  static DataSource unknown(Part test, Optional<Part> training) {
    return new DataSource(test, training, Normalization.NONE, List.of());
  }

  /** A set whose normalization and classes are known. */
  static DataSource known(Part test, Optional<Part> training, KnownSet set) {
    return new DataSource(test, training, set.normalization(), set.classNames());
  }
}
