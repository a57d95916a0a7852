package io.axnn;

import io.axnn.internal.Access;
import io.axnn.internal.Check;
import io.axnn.internal.Lease;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.NativeLibrary;
import io.axnn.internal.ffi.AxnnH;
import io.axnn.internal.ffi.axnn_context_desc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * What layers run in: the kernels of one {@link Tier}, a pool of threads, scratch memory. Nothing
 * is process-wide, so a program may have contexts of different tiers side by side.
 *
 * <p>A context may be used by many threads at once; a call that finds its pool busy runs in its own
 * thread. It may be closed before the layers made from it, which keep what they need.
 */
public final class Context implements AutoCloseable {

  /** The most threads that a context can have. */
  public static final int MAX_THREADS = 1024;

  static {
    Access.setContextLease(context -> context.lease);
  }

  private final Lease lease;
  private final Tier tier;
  private final int threads;

  private Context(MemorySegment desc, Arena arena) {
    MemorySegment handle = NativeCalls.create(arena, out -> AxnnH.axnn_context_create(desc, out));
    lease = new Lease("Context", handle, AxnnH::axnn_context_destroy);
    MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
    NativeCalls.check(AxnnH.axnn_context_tier(handle, value));
    tier = Tier.ofCode(value.get(ValueLayout.JAVA_INT, 0));
    NativeCalls.check(AxnnH.axnn_context_threads(handle, value));
    threads = value.get(ValueLayout.JAVA_INT, 0);
  }

  /**
   * Makes a context of the best tier that CPU, library and {@code AXNN_MAX_ISA} allow, with {@code
   * AXNN_NUM_THREADS} threads, or as many as the CPUs that this process may use.
   *
   * @return a new context; close it
   * @throws AxnnException if one of the environment variables has no valid value
   * @throws NativeLibraryException if the native library cannot be loaded
   */
  public static Context create() {
    return builder().build();
  }

  /**
   * Makes a context with a tier or a number of threads of the caller's choice.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The tier whose kernels this context uses.
   *
   * @return the tier, also after close
   */
  public Tier tier() {
    return tier;
  }

  /**
   * The number of threads that one call may use.
   *
   * @return 1 to {@value #MAX_THREADS}, also after close
   */
  public int threads() {
    return threads;
  }

  /**
   * Ends the use of this context; calls that are running finish. Does nothing when called again.
   */
  @Override
  public void close() {
    lease.close();
  }

  @Override
  public String toString() {
    return "Context[" + tier + ", " + threads + " threads]";
  }

  /** Settings of a new {@link Context}. */
  public static final class Builder {

    private Tier tier;
    private int threads;

    private Builder() {}

    /**
     * Demands a tier.
     *
     * @param tier the tier to use; the best one if this is not called
     * @return this
     */
    public Builder tier(Tier tier) {
      this.tier = Objects.requireNonNull(tier, "tier");
      return this;
    }

    /**
     * Demands a number of threads.
     *
     * @param threads 1 to {@value Context#MAX_THREADS}; 1 means that calls use no other thread
     * @return this
     * @throws IllegalArgumentException if outside that range
     */
    public Builder threads(int threads) {
      this.threads = Check.range("threads", threads, 1, MAX_THREADS);
      return this;
    }

    /**
     * Makes the context.
     *
     * @return a new context; close it
     * @throws AxnnException with {@link Status#TIER} if the tier is above the CPU or {@code
     *     AXNN_MAX_ISA}, with {@link Status#ENVIRONMENT} if an environment variable has no valid
     *     value
     * @throws NativeLibraryException if the native library cannot be loaded
     */
    public Context build() {
      NativeLibrary.load();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment desc = axnn_context_desc.allocate(arena);
        axnn_context_desc.struct_size(desc, (int) desc.byteSize());
        axnn_context_desc.tier(desc, tier == null ? AxnnH.AXNN_TIER_BEST() : tier.code());
        axnn_context_desc.threads(desc, threads);
        return new Context(desc, arena);
      }
    }
  }
}
