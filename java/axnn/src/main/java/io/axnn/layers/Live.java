package io.axnn.layers;

import io.axnn.Context;
import io.axnn.internal.Access;
import io.axnn.internal.Lease;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The state that a layer has now. Setters swap it as a whole; calls under way finish on the one
 * they began with. The layer's own lease surrounds every call, so nothing here is closed while one
 * runs.
 *
 * @param <S> an immutable state, but for plans that it makes on first need
 */
class Live<S extends Live.State<S>> {

  /** What a layer is made of between two calls of setters. */
  interface State<S> {

    /** Closes all that another state does not use; calls that are running finish. */
    void closeUnless(S other);

    /** Closes all. */
    void close();
  }

  private final Lease contextLease;
  private final MemorySegment context;
  private final Object lock = new Object();
  private volatile S state;

  /**
   * @param first the first state, from an open {@code axnn_context}
   * @throws IllegalStateException if the context is closed
   */
  Live(Context context, Function<MemorySegment, S> first) {
    contextLease = Access.lease(Objects.requireNonNull(context, "context"));
    this.context = contextLease.acquire();
    try {
      state = first.apply(this.context);
    } catch (RuntimeException | Error e) {
      contextLease.release();
      throw e;
    }
  }

  /** The context that the plans run in; open until {@link #close}. */
  final MemorySegment context() {
    return context;
  }

  /** The state now. */
  final S state() {
    return state;
  }

  /** Calls with the state now; again, if a setter closed what the call needs. */
  final <T> T run(Function<S, T> call) {
    return run(seen -> true, seen -> {}, call);
  }

  /**
   * Calls with a state that has been made ready; again, if a setter closed what the call needs.
   *
   * @param ready whether a state is ready; called by many threads
   * @param prepare makes it so; called under the lock, perhaps when another thread has done it
   */
  final <T> T run(Predicate<S> ready, Consumer<S> prepare, Function<S, T> call) {
    while (true) {
      S seen = prepared(ready, prepare);
      try {
        return call.apply(seen);
      } catch (Lease.ClosedException e) {
        if (state == seen) {
          throw e;
        }
      }
    }
  }

  /** The state now, made ready. */
  final S prepared(Predicate<S> ready, Consumer<S> prepare) {
    S seen = state;
    if (ready.test(seen)) {
      return seen;
    }
    synchronized (lock) {
      prepare.accept(state);
      return state;
    }
  }

  /** Swaps the state; setters wait for each other. Nothing has changed if {@code next} throws. */
  final void swap(UnaryOperator<S> next) {
    synchronized (lock) {
      S old = state;
      S fresh = next.apply(old);
      state = fresh;
      old.closeUnless(fresh);
    }
  }

  /** Calls while setters wait. */
  final <T> T exclusively(Supplier<T> call) {
    synchronized (lock) {
      return call.get();
    }
  }

  /** Frees all; no call is running, and none comes after. */
  void close() {
    state.close();
    contextLease.release();
  }
}
