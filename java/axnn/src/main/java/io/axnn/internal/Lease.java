package io.axnn.internal;

import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The life of one native handle: {@link #acquire} and {@link #release} surround each call, {@link
 * #close} ends it. Closing never waits: it forbids further calls and returns, and whoever is last,
 * the closing thread or a call still running, destroys the handle, exactly once.
 *
 * <p>A lease that becomes unreachable without a close is closed by a {@link Cleaner}, which logs a
 * warning.
 */
public final class Lease {

  private static final Cleaner CLEANER = Cleaner.create();

  private final Handle handle;
  private final Cleaner.Cleanable cleanable;

  /**
   * @param kind what the handle is, for messages, as "ApproxConv2d"
   * @param address the handle
   * @param destroy the C function that destroys it
   */
  public Lease(String kind, MemorySegment address, Consumer<MemorySegment> destroy) {
    handle = new Handle(kind, address, destroy);
    cleanable = CLEANER.register(this, handle::closeForgotten);
  }

  /**
   * Begins a call.
   *
   * @return the handle, valid until {@link #release}
   * @throws ClosedException if closed
   */
  public MemorySegment acquire() {
    handle.begin();
    return handle.address;
  }

  /** Ends a call that {@link #acquire} began. */
  public void release() {
    handle.end();
  }

  /** Whether the caller's call is the only one that is running, and the lease is not closed. */
  public boolean isOnlyCall() {
    return handle.state.get() == 1;
  }

  /** Forbids further calls; does nothing when called again. */
  public void close() {
    handle.close();
    cleanable.clean();
  }

  /** A call on a handle that is closed already. */
  public static final class ClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    ClosedException(String kind) {
      super("this " + kind + " is closed");
    }
  }

  /** What the cleaner keeps: it must not refer to the lease, which would then never be cleaned. */
  private static final class Handle {

    /** Sign bit of the state: closed. The other bits count the calls that are running. */
    private static final int CLOSED = Integer.MIN_VALUE;

    private final String kind;
    private final MemorySegment address;
    private final Consumer<MemorySegment> destroy;
    private final AtomicInteger state = new AtomicInteger();

    Handle(String kind, MemorySegment address, Consumer<MemorySegment> destroy) {
      this.kind = kind;
      this.address = address;
      this.destroy = destroy;
    }

    void begin() {
      int seen;
      do {
        seen = state.get();
        if (seen < 0) {
          throw new ClosedException(kind);
        }
      } while (!state.compareAndSet(seen, seen + 1));
    }

    void end() {
      if (state.decrementAndGet() == CLOSED) {
        destroy.accept(address);
      }
    }

    boolean close() {
      int before = state.getAndUpdate(seen -> seen | CLOSED);
      if (before == 0) {
        destroy.accept(address);
      }
      return before >= 0;
    }

    void closeForgotten() {
      if (close()) {
        System.getLogger("io.axnn")
            .log(
                Level.WARNING,
                "a {0} became garbage without close(); its native memory is freed only now."
                    + " Close it, best with try-with-resources.",
                kind);
      }
    }
  }
}
