/**
 * What every layer needs: the {@link io.axnn.Context} that it runs in, the {@link io.axnn.Tensor}s
 * and {@link io.axnn.PackedBits} that it reads and writes, and the exceptions that it throws.
 *
 * <p>All exceptions are unchecked. A bad argument is an {@link IllegalArgumentException} (a missing
 * one a {@link NullPointerException}) that names the argument, its value and what is allowed; a use
 * after close is an {@link IllegalStateException}; what the native library refuses is an {@link
 * io.axnn.AxnnException}; a native library that cannot be loaded is a {@link
 * io.axnn.NativeLibraryException}.
 */
package io.axnn;
