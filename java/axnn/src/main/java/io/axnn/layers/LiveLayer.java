package io.axnn.layers;

import io.axnn.internal.Lease;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** A layer whose settings change while it runs. */
abstract sealed class LiveLayer implements Layer permits ApproxLayer, BinaryLayer {

  private final Lease life;

  /** The state is closed with the last call. */
  LiveLayer(String kind, Live<?> live) {
    life = new Lease(kind, MemorySegment.NULL, ignored -> live.close());
  }

  /** Calls while this layer cannot be freed. */
  final <T> T use(Supplier<T> call) {
    life.acquire();
    try {
      return call.get();
    } finally {
      life.release();
    }
  }

  /** {@link #use} for what gives nothing. */
  final void change(Runnable call) {
    use(
        () -> {
          call.run();
          return null;
        });
  }

  /** Whether the caller's call is the only one that is running. */
  final boolean isOnlyCall() {
    return life.isOnlyCall();
  }

  /** The layer's name, for messages and files. */
  final String kind() {
    return getClass().getSimpleName();
  }

  @Override
  public final void close() {
    life.close();
  }
}
