package io.axnn.internal;

import java.util.function.Supplier;

/**
 * A {@link Lease} whose handle is made when it is first needed. One that is closed before that, or
 * never needed, makes none. Safe for use by many threads.
 */
public final class LazyLease {

  private final String kind;
  private final Supplier<Lease> maker;
  private Lease madeOrNull;
  private boolean closed;

  /**
   * @param kind what the handle is, for messages, as "Multiplier"
   * @param maker makes the handle; asked again after it has thrown
   */
  public LazyLease(String kind, Supplier<Lease> maker) {
    this.kind = kind;
    this.maker = maker;
  }

  /**
   * The lease, made now if it is the first call.
   *
   * @throws Lease.ClosedException if closed before the first call; a lease that was made refuses by
   *     itself
   */
  public synchronized Lease get() {
    if (madeOrNull == null) {
      if (closed) {
        throw new Lease.ClosedException(kind);
      }
      madeOrNull = maker.get();
    }
    return madeOrNull;
  }

  /** Forbids further calls; does nothing when called again. */
  public synchronized void close() {
    closed = true;
    if (madeOrNull != null) {
      madeOrNull.close();
    }
  }
}
