package io.axnn;

import io.axnn.internal.NativeCalls;
import io.axnn.internal.NativeLibrary;
import io.axnn.internal.ffi.AxnnH;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Facts about the native library. The first use of any of them loads it, and throws {@link
 * NativeLibraryException} if that fails.
 */
public final class Axnn {

  private Axnn() {}

  /**
   * The version of the native library.
   *
   * @return as "0.1.0"
   */
  public static String version() {
    NativeLibrary.load();
    return NativeCalls.text(AxnnH::axnn_version);
  }

  /**
   * The version of its C interface, which is that of these classes, or it would not have loaded.
   *
   * @return {@code AXNN_ABI_VERSION}
   */
  public static int abiVersion() {
    NativeLibrary.load();
    return AxnnH.axnn_abi_version();
  }

  /**
   * The instruction sets that both CPU and operating system support. The environment variable
   * {@code AXNN_MAX_ISA} caps what a {@link Context} uses and does not change this.
   *
   * @return names as "AVX2" and "AVX512VNNI"; unmodifiable
   */
  public static Set<String> cpuFeatures() {
    NativeLibrary.load();
    int bits = AxnnH.axnn_cpu_features();
    Set<String> names = new LinkedHashSet<>();
    for (CpuFeature feature : CpuFeature.values()) {
      if ((bits & feature.bit) != 0) {
        names.add(feature.name());
      }
    }
    return Collections.unmodifiableSet(names);
  }

  /**
   * How many native handles this process has: contexts, multipliers and layers that were made and
   * not yet closed. After a close during a running call the handle counts until that call ends.
   *
   * @return 0 when everything has been closed
   */
  public static long liveHandles() {
    NativeLibrary.load();
    return AxnnH.axnn_live_handles();
  }

  /**
   * Where the native library came from.
   *
   * @return its file, or the call of {@code System.loadLibrary} that found it
   */
  public static String libraryLocation() {
    return NativeLibrary.load();
  }

  /** The {@code AXNN_CPU_} bits of the C header by name. */
  private enum CpuFeature {
    AVX2(AxnnH.AXNN_CPU_AVX2()),
    FMA(AxnnH.AXNN_CPU_FMA()),
    F16C(AxnnH.AXNN_CPU_F16C()),
    POPCNT(AxnnH.AXNN_CPU_POPCNT()),
    BMI1(AxnnH.AXNN_CPU_BMI1()),
    BMI2(AxnnH.AXNN_CPU_BMI2()),
    AVX512F(AxnnH.AXNN_CPU_AVX512F()),
    AVX512BW(AxnnH.AXNN_CPU_AVX512BW()),
    AVX512DQ(AxnnH.AXNN_CPU_AVX512DQ()),
    AVX512VL(AxnnH.AXNN_CPU_AVX512VL()),
    AVX512VBMI(AxnnH.AXNN_CPU_AVX512VBMI()),
    AVX512VNNI(AxnnH.AXNN_CPU_AVX512VNNI()),
    AVX512VPOPCNTDQ(AxnnH.AXNN_CPU_AVX512VPOPCNTDQ()),
    AVX512BITALG(AxnnH.AXNN_CPU_AVX512BITALG());

    private final int bit;

    CpuFeature(int bit) {
      this.bit = bit;
    }
  }
}
