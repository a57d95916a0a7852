package io.axnn.tools.command;

import io.axnn.Context;
import io.axnn.Tier;
import picocli.CommandLine.Option;

/** What a network runs on. */
final class ContextOptions {
  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Count.class,
      description = "Threads of the layers. Default: the CPUs that this process may use.")
  private Integer threads;

  @Option(
      names = "--tier",
      paramLabel = "TIER",
      description = "One of ${COMPLETION-CANDIDATES}. Default: the best that this CPU has.")
  private Tier tier;

  Context context() {
    Context.Builder builder = Context.builder();
    if (threads != null) {
      builder.threads(threads);
    }
    if (tier != null) {
      builder.tier(tier);
    }
    return builder.build();
  }
}
