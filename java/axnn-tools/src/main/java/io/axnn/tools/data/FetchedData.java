package io.axnn.tools.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where {@code scripts/fetch-data.sh} puts the sets that it fetches: a folder of the set's name in
 * AXNN_DATA_DIR, else in axnn/data of the user's cache folder. Debian's package of Fashion-MNIST is
 * used where it lies. The script and this class must agree.
 *
 * @param folder the one that has a folder for each set
 * @param packages the one that Debian's packages of data sets have theirs in
 */
record FetchedData(Path folder, Path packages) {

  /** As the environment's variables and, for want of HOME, the user's home say. */
  static FetchedData of(Map<String, String> environment, String home) {
    String named = environment.getOrDefault("AXNN_DATA_DIR", "");
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path folder;
    if (!named.isEmpty()) {
      folder = Path.of(named);
    } else if (cache.startsWith("/")) {
      // The XDG specification says to ignore a relative path.
      folder = Path.of(cache, "axnn", "data");
    } else {
      folder = Path.of(environment.getOrDefault("HOME", home), ".cache", "axnn", "data");
    }
    return new FetchedData(folder, Path.of("/usr/share/datasets"));
  }

  /**
   * The folder of a set.
   *
   * @throws IllegalArgumentException if it was not fetched
   */
  Path find(KnownSet set) {
    List<Path> places =
        set == KnownSet.FASHION_MNIST
            ? List.of(folder.resolve(set.id()), packages.resolve(set.id()))
            : List.of(folder.resolve(set.id()));
    return places.stream()
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the data set %s is not in %s; get it with: scripts/fetch-data.sh %s"
                        .formatted(
                            set.id(),
                            String.join(" or ", places.stream().map(Path::toString).toList()),
                            set.id())));
  }
}
