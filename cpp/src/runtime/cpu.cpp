#include "runtime/cpu.hpp"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <string>
#include <thread>

#include "runtime/error.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace axnn {
namespace {

constexpr uint32_t avx2_needs =
    AXNN_CPU_AVX2 | AXNN_CPU_FMA | AXNN_CPU_F16C | AXNN_CPU_POPCNT | AXNN_CPU_BMI1 | AXNN_CPU_BMI2;
constexpr uint32_t avx512_needs = avx2_needs | AXNN_CPU_AVX512F | AXNN_CPU_AVX512BW | AXNN_CPU_AVX512DQ |
                                  AXNN_CPU_AVX512VL | AXNN_CPU_AVX512VBMI | AXNN_CPU_AVX512VNNI |
                                  AXNN_CPU_AVX512VPOPCNTDQ | AXNN_CPU_AVX512BITALG;

#if defined(__x86_64__)

// Register bits of XCR0: SSE and AVX state; with opmask and both halves of the zmm state.
constexpr uint64_t ymm_state = 0x6;
constexpr uint64_t zmm_state = 0xe6;

uint64_t operating_system_state() {
    uint32_t low = 0;
    uint32_t high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t{high} << 32) | low;
}

uint32_t detect() {
    uint32_t a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    uint32_t features = 0;
    const auto add = [&features](uint32_t present, uint32_t feature) {
        if (present) features |= feature;
    };
    add(c & bit_POPCNT, AXNN_CPU_POPCNT);
    const bool saves_state = c & bit_OSXSAVE;
    const uint64_t state = saves_state ? operating_system_state() : 0;
    const bool ymm = (state & ymm_state) == ymm_state;
    const bool zmm = (state & zmm_state) == zmm_state;
    if (ymm) {
        add(c & bit_FMA, AXNN_CPU_FMA);
        add(c & bit_F16C, AXNN_CPU_F16C);
    }
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return features;
    add(b & bit_BMI, AXNN_CPU_BMI1);
    add(b & bit_BMI2, AXNN_CPU_BMI2);
    if (ymm) add(b & bit_AVX2, AXNN_CPU_AVX2);
    if (zmm) {
        add(b & bit_AVX512F, AXNN_CPU_AVX512F);
        add(b & bit_AVX512BW, AXNN_CPU_AVX512BW);
        add(b & bit_AVX512DQ, AXNN_CPU_AVX512DQ);
        add(b & bit_AVX512VL, AXNN_CPU_AVX512VL);
        add(c & bit_AVX512VBMI, AXNN_CPU_AVX512VBMI);
        add(c & bit_AVX512VNNI, AXNN_CPU_AVX512VNNI);
        add(c & bit_AVX512VPOPCNTDQ, AXNN_CPU_AVX512VPOPCNTDQ);
        add(c & bit_AVX512BITALG, AXNN_CPU_AVX512BITALG);
    }
    return features;
}

// The highest tier whose kernels are compiled into this library.
constexpr axnn_tier built_tier = AXNN_TIER_AVX512;

#else

uint32_t detect() { return 0; }
constexpr axnn_tier built_tier = AXNN_TIER_SCALAR;

#endif

axnn_tier cpu_tier() {
    const uint32_t features = cpu_features();
    if ((features & avx512_needs) == avx512_needs) return AXNN_TIER_AVX512;
    if ((features & avx2_needs) == avx2_needs) return AXNN_TIER_AVX2;
    return AXNN_TIER_SCALAR;
}

axnn_tier environment_tier() {
    const char* value = getenv("AXNN_MAX_ISA");
    if (!value) return AXNN_TIER_AVX512;
    for (axnn_tier tier : {AXNN_TIER_SCALAR, AXNN_TIER_AVX2, AXNN_TIER_AVX512})
        if (strcmp(value, tier_name(tier)) == 0) return tier;
    throw Error(AXNN_ERROR_ENVIRONMENT,
                text("AXNN_MAX_ISA is \"", value, "\", allowed: scalar, avx2, avx512"));
}

// The first line of a file; false where it cannot be read.
bool read_line(const std::string& path, char* line, int size) {
    FILE* file = fopen(path.c_str(), "re");
    if (!file) return false;
    const bool read = fgets(line, size, file) != nullptr;
    fclose(file);
    return read;
}

// CPUs granted by the quota of one cgroup folder, rounded up; no limit: max_threads.
uint32_t cgroup_folder_cpus(const std::string& folder) {
    char line[64];
    double quota = 0;
    double period = 0;
    if (read_line(folder + "/cpu.max", line, sizeof line)) {  // version 2: "200000 100000" or "max 100000"
        if (sscanf(line, "%lf %lf", &quota, &period) != 2) return max_threads;
    } else {  // version 1: a quota of -1 is no limit
        if (read_line(folder + "/cpu.cfs_quota_us", line, sizeof line)) quota = atof(line);
        if (read_line(folder + "/cpu.cfs_period_us", line, sizeof line)) period = atof(line);
    }
    if (quota <= 0 || period <= 0) return max_threads;
    return (uint32_t)std::min(ceil(quota / period), double{max_threads});
}

// The smallest quota of this process's cgroup and the ones above it.
uint32_t cgroup_cpus() {
    uint32_t cpus = max_threads;
    FILE* file = fopen("/proc/self/cgroup", "re");
    if (!file) return cpus;
    char line[4096];
    while (fgets(line, sizeof line, file)) {  // "0::/path" (version 2) or "4:cpu,cpuacct:/path"
        line[strcspn(line, "\n")] = '\0';
        char* controllers = strchr(line, ':');
        char* path = controllers ? strchr(controllers + 1, ':') : nullptr;
        if (!path) continue;
        *path++ = '\0';
        const std::string names = std::string(",") + (controllers + 1) + ",";
        const bool version2 = names == ",,";
        if (!version2 && names.find(",cpu,") == std::string::npos) continue;
        const std::string root = version2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
        for (std::string folder = path;; folder.resize(folder.rfind('/'))) {
            cpus = std::min(cpus, cgroup_folder_cpus(root + folder));
            if (folder.find('/') == std::string::npos) break;
        }
    }
    fclose(file);
    return cpus;
}

uint32_t usable_cpus() {
    uint32_t cpus = std::thread::hardware_concurrency();
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) cpus = (uint32_t)CPU_COUNT(&allowed);
#endif
    return std::clamp(std::min(cpus, cgroup_cpus()), 1u, max_threads);
}

}  // namespace

uint32_t cpu_features() {
    static const uint32_t features = detect();
    return features;
}

const char* tier_name(axnn_tier tier) {
    switch (tier) {
        case AXNN_TIER_SCALAR:
            return "scalar";
        case AXNN_TIER_AVX2:
            return "avx2";
        case AXNN_TIER_AVX512:
            return "avx512";
        default:
            return "best";
    }
}

axnn_tier choose_tier(axnn_tier request) {
    const axnn_tier cpu = cpu_tier();
    const axnn_tier cap = environment_tier();
    const axnn_tier best = std::min({cpu, cap, built_tier});
    if (request == AXNN_TIER_BEST) return best;
    require(request <= best, AXNN_ERROR_TIER, "the tier ", tier_name(request),
            " was asked for, but the highest allowed is ", tier_name(best), " (CPU: ", tier_name(cpu),
            ", AXNN_MAX_ISA: ", getenv("AXNN_MAX_ISA") ? tier_name(cap) : "not set",
            ", kernels in this build: ", tier_name(built_tier), ")");
    return request;
}

uint32_t choose_threads(uint32_t request) {
    require(request <= max_threads, AXNN_ERROR_INVALID_ARGUMENT, "threads is ", request, ", allowed: 0..",
            max_threads);
    long threads = 0;
    if (const char* value = getenv("AXNN_NUM_THREADS")) {
        char* end = nullptr;
        errno = 0;
        threads = strtol(value, &end, 10);
        require(isdigit((unsigned char)*value) && *end == '\0' && errno == 0 && threads >= 1 &&
                    threads <= long{max_threads},
                AXNN_ERROR_ENVIRONMENT, "AXNN_NUM_THREADS is \"", value, "\", allowed: 1..", max_threads);
    }
    if (request != 0) return request;
    return threads != 0 ? (uint32_t)threads : usable_cpus();
}

}  // namespace axnn
