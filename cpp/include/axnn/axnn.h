/*
 * axnn: exact emulation of approximate-multiplier and binary convolutions on a CPU.
 *
 * This is the only public header. It is C11, needs <stddef.h> and <stdint.h> only, and is the
 * source of the Java bindings (jextract), so it has no structs by value, no callbacks, no varargs,
 * no bit-fields and no function-like macros.
 *
 * Conventions
 *   Tensors      float32, row-major, contiguous. Activations NCHW, convolution weights OIHW
 *                ([out_channels, in_channels / groups, kernel_h, kernel_w]), linear weights
 *                [out_features, in_features].
 *   Buffers      Every pointer to data is followed by the size of its buffer in bytes. A buffer may
 *                be larger than needed; a shorter one is AXNN_ERROR_BUFFER_TOO_SMALL. Float and
 *                integer buffers have the natural alignment of their type. Input and output of one
 *                call must not overlap.
 *   Results      AXNN_OK (0) or one code per cause. axnn_last_error() has a sentence that names the
 *                argument, its value and what is allowed. A call that fails writes no output, but
 *                for handles: *out is NULL after a failed create.
 *   Descriptors  Passed by const pointer. The caller sets struct_size = sizeof(the struct).
 *   Handles      Opaque. destroy() accepts NULL. What a handle was made from may be destroyed
 *                before it: contexts and multipliers live until their last plan is gone.
 *   Threads      Every function may be called from any thread. A handle may be used by many threads
 *                at once, but not while another thread destroys it. Nothing process-wide is set.
 *   Exactness    Codes, sums and integer layers are the same bits on every tier and thread count.
 *
 * docs/numerics.md defines every number, docs/abi.md the rules this header keeps.
 */
#ifndef AXNN_AXNN_H
#define AXNN_AXNN_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define AXNN_API __attribute__((visibility("default")))
#else
#define AXNN_API
#endif

#ifdef __cplusplus
#define AXNN_NOEXCEPT noexcept
extern "C" {
#else
#define AXNN_NOEXCEPT
#endif

/* Changes whenever a caller compiled against an older header could misbehave. */
#define AXNN_ABI_VERSION 4

/* ---- Status ---------------------------------------------------------------------------------- */

typedef enum axnn_status {
    AXNN_OK = 0,
    AXNN_ERROR_NULL_POINTER = 1,     /* a required pointer is NULL */
    AXNN_ERROR_STRUCT_SIZE = 2,      /* struct_size is not the size of this version's struct */
    AXNN_ERROR_INVALID_ARGUMENT = 3, /* an enum or a number outside its range */
    AXNN_ERROR_SHAPE = 4,            /* channels, groups or sizes that do not fit together */
    AXNN_ERROR_SIZE_OVERFLOW = 5,    /* a product of sizes exceeds what memory can address */
    AXNN_ERROR_BUFFER_TOO_SMALL = 6, /* a buffer is shorter than the shape needs */
    AXNN_ERROR_QUANTIZATION = 7,     /* scale, zero point or code range are unusable */
    AXNN_ERROR_OPERAND_RANGE = 8,    /* codes can leave the multiplier's operand range */
    AXNN_ERROR_TIER = 9,             /* the tier is above the CPU, AXNN_MAX_ISA or this build */
    AXNN_ERROR_ENVIRONMENT = 10,     /* AXNN_MAX_ISA or AXNN_NUM_THREADS has no valid value */
    AXNN_ERROR_UNSUPPORTED = 11,     /* this kind of plan does not have this operation */
    AXNN_ERROR_OUT_OF_MEMORY = 12,   /* the memory could not be had */
    AXNN_ERROR_INTERNAL = 13         /* a defect of axnn */
} axnn_status;

/*
 * Copies this thread's message about its last failed call, NUL-terminated and cut to fit, into
 * message (may be NULL). Returns the length of the whole message without the NUL; 0 when no call of
 * this thread has failed. A successful call leaves the message as it is.
 */
AXNN_API size_t axnn_last_error(char *message, size_t message_bytes) AXNN_NOEXCEPT;

/* ---- Library --------------------------------------------------------------------------------- */

/* AXNN_ABI_VERSION of the library that is loaded. */
AXNN_API uint32_t axnn_abi_version(void) AXNN_NOEXCEPT;

/* The library's version, as "0.1.0"; copies and returns as axnn_last_error does. */
AXNN_API size_t axnn_version(char *text, size_t text_bytes) AXNN_NOEXCEPT;

/* Handles that were created and not yet destroyed, of every kind, in the whole process. */
AXNN_API uint64_t axnn_live_handles(void) AXNN_NOEXCEPT;

/*
 * Kernel tiers. A context uses the kernels of one tier:
 *   scalar  portable C++, the reference that the others equal
 *   avx2    AVX2, FMA, F16C, POPCNT, BMI1, BMI2
 *   avx512  those and AVX-512 F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ, BITALG
 */
typedef enum axnn_tier {
    AXNN_TIER_BEST = 0, /* the highest that CPU, AXNN_MAX_ISA and this build allow */
    AXNN_TIER_SCALAR = 1,
    AXNN_TIER_AVX2 = 2,
    AXNN_TIER_AVX512 = 3
} axnn_tier;

/* Instruction sets that CPU and operating system both support (CPUID and XGETBV). */
#define AXNN_CPU_AVX2 0x1
#define AXNN_CPU_FMA 0x2
#define AXNN_CPU_F16C 0x4
#define AXNN_CPU_POPCNT 0x8
#define AXNN_CPU_BMI1 0x10
#define AXNN_CPU_BMI2 0x20
#define AXNN_CPU_AVX512F 0x40
#define AXNN_CPU_AVX512BW 0x80
#define AXNN_CPU_AVX512DQ 0x100
#define AXNN_CPU_AVX512VL 0x200
#define AXNN_CPU_AVX512VBMI 0x400
#define AXNN_CPU_AVX512VNNI 0x800
#define AXNN_CPU_AVX512VPOPCNTDQ 0x1000
#define AXNN_CPU_AVX512BITALG 0x2000

/* AXNN_CPU_* bits of this machine. AXNN_MAX_ISA does not change them. */
AXNN_API uint32_t axnn_cpu_features(void) AXNN_NOEXCEPT;

/* ---- Context: kernel tier, threads, scratch memory --------------------------------------------- */

typedef struct axnn_context axnn_context;

typedef struct axnn_context_desc {
    uint32_t struct_size;
    uint32_t tier;    /* axnn_tier */
    uint32_t threads; /* 1..1024; 0: AXNN_NUM_THREADS if set, else the CPUs this process may use */
} axnn_context_desc;

/*
 * Makes a context. desc may be NULL: best tier, default threads.
 * Environment: AXNN_MAX_ISA = scalar | avx2 | avx512 caps the tier; AXNN_NUM_THREADS = 1..1024.
 * Errors: AXNN_ERROR_TIER, AXNN_ERROR_ENVIRONMENT, AXNN_ERROR_INVALID_ARGUMENT.
 */
AXNN_API axnn_status axnn_context_create(const axnn_context_desc *desc, axnn_context **out) AXNN_NOEXCEPT;
AXNN_API void axnn_context_destroy(axnn_context *context) AXNN_NOEXCEPT;

/* The tier (axnn_tier, never AXNN_TIER_BEST) and the number of threads that the context uses. */
AXNN_API axnn_status axnn_context_tier(const axnn_context *context, uint32_t *tier) AXNN_NOEXCEPT;
AXNN_API axnn_status axnn_context_threads(const axnn_context *context, uint32_t *threads) AXNN_NOEXCEPT;

/* ---- Quantisation ------------------------------------------------------------------------------ */

/*
 * code = clamp(round_half_even(v / scale + zero_point), code_min, code_max), computed in float32 in
 * this order: a true division, an addition, a rounding. +-Inf saturates, NaN gives zero_point.
 */
typedef struct axnn_quantization {
    uint32_t struct_size;
    float scale;        /* finite and > 0 */
    int32_t zero_point; /* in [code_min, code_max] */
    int32_t code_min;   /* [code_min, code_max] lies within [-32768, 32767] or within [0, 65535] */
    int32_t code_max;
} axnn_quantization;

/*
 * Quantises count floats of x. Codes of a range within [-128, 127] or [0, 255] are bytes: the code's low
 * byte, that is int8 two's complement where code_min < 0 and uint8 else. Codes of a wider range are int32.
 */
AXNN_API axnn_status axnn_quantize(const axnn_context *context, const axnn_quantization *quantization,
                                   const float *x, size_t x_bytes, size_t count, void *codes,
                                   size_t codes_bytes) AXNN_NOEXCEPT;

/*
 * Fake quantisation: y = (code - zero_point) * scale, with the code as above, computed in float32.
 * y may be x.
 */
AXNN_API axnn_status axnn_fake_quantize(const axnn_context *context, const axnn_quantization *quantization,
                                        const float *x, size_t x_bytes, size_t count, float *y,
                                        size_t y_bytes) AXNN_NOEXCEPT;

/*
 * The straight-through gradient of axnn_fake_quantize: grad_x = grad_y where the code of x before
 * clamping lies in [code_min, code_max], 0 elsewhere and where x is NaN. grad_x may be grad_y.
 */
AXNN_API axnn_status axnn_fake_quantize_backward(const axnn_context *context,
                                                 const axnn_quantization *quantization, const float *x,
                                                 size_t x_bytes, const float *grad_y, size_t grad_y_bytes,
                                                 size_t count, float *grad_x,
                                                 size_t grad_x_bytes) AXNN_NOEXCEPT;

/*
 * Copies count floats of x to y (y may be x) and writes the largest magnitude of each of `channels` equal
 * parts to magnitudes: what symmetric scales are made of. NaN is above infinity, so a magnitude is finite
 * where all of its channel is. Errors: AXNN_ERROR_SHAPE where channels does not divide count.
 */
AXNN_API axnn_status axnn_copy_channels(const axnn_context *context, const float *x, size_t x_bytes,
                                        size_t count, size_t channels, float *y, size_t y_bytes,
                                        float *magnitudes, size_t magnitudes_bytes) AXNN_NOEXCEPT;

/* ---- Multiplier: a table of products, or their structure ----------------------------------------- */

typedef struct axnn_multiplier axnn_multiplier;

typedef struct axnn_multiplier_desc {
    uint32_t struct_size;
    uint32_t row_bits;      /* width of the row operand: 1..8, 1..16 where there is no table */
    uint32_t row_signed;    /* 1: two's complement, 0: unsigned */
    uint32_t column_bits;   /* width of the column operand likewise */
    uint32_t column_signed; /* 1: two's complement, 0: unsigned */
} axnn_multiplier_desc;

/*
 * Copies a table of 256 x 256 products. products[r * 256 + c] is the product of the operands whose
 * bytes are r and c (two's complement for signed operands: 0..127, then -128..-1). Entries that an
 * operand's width cannot reach are ignored.
 */
AXNN_API axnn_status axnn_multiplier_create(const axnn_multiplier_desc *desc, const int32_t *products,
                                            size_t products_bytes, axnn_multiplier **out) AXNN_NOEXCEPT;
AXNN_API void axnn_multiplier_destroy(axnn_multiplier *multiplier) AXNN_NOEXCEPT;

/*
 * The exact structure of a multiplier: products as a sum of products of functions of one operand each,
 *   product(r, c) = row_only[r] + column_only[c]
 *                   + sum over t < terms of coefficients[t] * row_features[t][r] * column_features[t][c]
 * for all operands. Functions are indexed by the operand's bits (two's complement: 0..max, then min..-1),
 * 2^bits entries each; features have at most 17 bits and a sign, coefficients are not 0.
 *
 * axnn_multiplier_create_structured makes a multiplier whose structure is known. Where an operand has more
 * than 8 bits, a table would have up to 2^32 entries: products is NULL with 0 bytes, and the structure is
 * all there is. Else products is a table as for axnn_multiplier_create, which the structure must equal.
 * row_only and column_only: NULL with 0 bytes for 0. Errors: AXNN_ERROR_INVALID_ARGUMENT, naming the first
 * product that differs from the table, and where there are more than 16 terms, a feature is too large or a
 * product has more than 48 bits and a sign.
 */
AXNN_API axnn_status axnn_multiplier_create_structured(
    const axnn_multiplier_desc *desc, const int32_t *products, size_t products_bytes, uint32_t terms,
    const int64_t *coefficients, size_t coefficients_bytes, const int32_t *row_features,
    size_t row_features_bytes, const int32_t *column_features, size_t column_features_bytes,
    const int64_t *row_only, size_t row_only_bytes, const int64_t *column_only, size_t column_only_bytes,
    axnn_multiplier **out) AXNN_NOEXCEPT;

/*
 * How many terms the structure of a multiplier has; -1 where none of at most 16 is known. The structure of
 * a table is searched when it is first needed (by this function, or by a plan), which takes up to some
 * tenths of a second, verified over all products, and kept; its features have 8 bits.
 */
AXNN_API axnn_status axnn_multiplier_terms(const axnn_multiplier *multiplier, int32_t *terms) AXNN_NOEXCEPT;

/*
 * The structure itself, as axnn_multiplier_create_structured takes it; functions have 2^row_bits and
 * 2^column_bits entries. Each buffer may be NULL with 0 bytes. AXNN_ERROR_UNSUPPORTED where none is known.
 */
AXNN_API axnn_status axnn_multiplier_structure(const axnn_multiplier *multiplier, int64_t *coefficients,
                                               size_t coefficients_bytes, int32_t *row_features,
                                               size_t row_features_bytes, int32_t *column_features,
                                               size_t column_features_bytes, int64_t *row_only,
                                               size_t row_only_bytes, int64_t *column_only,
                                               size_t column_only_bytes) AXNN_NOEXCEPT;

/* ---- Layers ------------------------------------------------------------------------------------- */

/*
 * A plan is a layer made ready to run: weights packed once, run many times, on any batch and image
 * size, by many threads at once. All kinds share execute, execute_sums, explain and destroy.
 */
typedef struct axnn_plan axnn_plan;

/*
 * A two-dimensional convolution. Output height
 *   (h + pad_top + pad_bottom - dilation_h * (kernel_h - 1) - 1) / stride_h + 1, rounded down,
 * likewise the width; it must be at least 1. groups divides both channel counts.
 */
typedef struct axnn_conv2d_desc {
    uint32_t struct_size;
    int32_t in_channels;
    int32_t out_channels;
    int32_t kernel_h;
    int32_t kernel_w;
    int32_t stride_h;
    int32_t stride_w;
    int32_t dilation_h;
    int32_t dilation_w;
    int32_t pad_top;
    int32_t pad_bottom;
    int32_t pad_left;
    int32_t pad_right;
    int32_t groups;
} axnn_conv2d_desc;

/* y[n, o] = sum_i x[n, i] * w[o, i] + bias[o]; run with h = w = 1 and n rows. */
typedef struct axnn_linear_desc {
    uint32_t struct_size;
    int32_t in_features;
    int32_t out_features;
} axnn_linear_desc;

/*
 * Exact float32 layers. bias: out_channels (out_features) floats or NULL with 0 bytes. Bit-equal on
 * every thread count; tiers agree within 1e-5 of the largest magnitude.
 */
AXNN_API axnn_status axnn_float_conv2d_create(const axnn_context *context,
                                              const axnn_conv2d_desc *conv, const float *weights,
                                              size_t weights_bytes, const float *bias,
                                              size_t bias_bytes, axnn_plan **out) AXNN_NOEXCEPT;
AXNN_API axnn_status axnn_float_linear_create(const axnn_context *context,
                                              const axnn_linear_desc *linear, const float *weights,
                                              size_t weights_bytes, const float *bias,
                                              size_t bias_bytes, axnn_plan **out) AXNN_NOEXCEPT;

/* Which operand of the multiplier is the row of its table. TorchApprox: its convolution has the
 * weight first, its linear layer the activation. */
typedef enum axnn_operand_order {
    AXNN_WEIGHT_FIRST = 0,    /* table[w][x] */
    AXNN_ACTIVATION_FIRST = 1 /* table[x][w] */
} axnn_operand_order;

/* The code of a padded tap; it is looked up in the table like any other. */
typedef enum axnn_padding_code {
    AXNN_PAD_ZERO_POINT = 0, /* the code of real 0.0 */
    AXNN_PAD_ZERO = 1        /* code 0, as TorchApprox does */
} axnn_padding_code;

/*
 * What is subtracted from the sum of table entries so that the zero points vanish; K taps, zx and zw
 * the zero points of activation and weight, padded taps count with their padding code:
 *   EXACT  acc - zx * sum(w) - zw * sum(x) + K * zx * zw
 *   TABLE  acc - sum_k T[w_k][zx] - sum_k T[zw][x_k] + K * T[zw][zx], the table's own products
 */
typedef enum axnn_zero_point_correction {
    AXNN_CORRECTION_EXACT = 0,
    AXNN_CORRECTION_TABLE = 1
} axnn_zero_point_correction;

/* What an approximate layer sums: entries of the multiplier's table, or the exact products of the codes. */
typedef enum axnn_products {
    AXNN_PRODUCTS_TABLE = 0,
    AXNN_PRODUCTS_EXACT = 1 /* the quantised layer: an integer GEMM, no table */
} axnn_products;

/*
 * Whether the sums of a table layer may run through the multiplier's structure: as integer products of
 * features, which is faster than the table where terms are few. The sums are the same bits either way.
 */
typedef enum axnn_structure_use {
    AXNN_STRUCTURE_AUTO = 0,  /* where it is expected to be faster */
    AXNN_STRUCTURE_NEVER = 1, /* always the table */
    AXNN_STRUCTURE_ALWAYS = 2 /* refused (AXNN_ERROR_UNSUPPORTED) where no structure is known */
} axnn_structure_use;

/*
 * Numbers of an approximate layer. Weights are quantised with weight_scales and weight_zero_points
 * (each a buffer of exactly 4 bytes, one value for all, or of out_channels values) into [weight_code_min, weight_code_max];
 * activations with input into its range. Both ranges must fit their operand of the multiplier, where
 * products come from its table.
 * Output: clamp((float)acc * (input_scale * weight_scale[o]) + bias[o], output_min, output_max),
 * one conversion, one multiplication, one addition in float32.
 */
typedef struct axnn_approx_desc {
    uint32_t struct_size;
    float input_scale;
    int32_t input_zero_point;
    int32_t input_code_min;
    int32_t input_code_max;
    int32_t weight_code_min;
    int32_t weight_code_max;
    uint32_t operand_order;         /* axnn_operand_order */
    uint32_t padding_code;          /* axnn_padding_code */
    uint32_t zero_point_correction; /* axnn_zero_point_correction */
    uint32_t products;              /* axnn_products */
    uint32_t structure_use;         /* axnn_structure_use; NEVER needs a multiplier with a table */
    float output_min;               /* lower limit of y; -INFINITY for none, 0 for ReLU */
    float output_max;               /* upper limit of y; +INFINITY for none */
} axnn_approx_desc;

/*
 * Approximate layers: every product of codes is an entry of the multiplier's table, summed exactly,
 * in 32 bits where the largest possible sum fits, else in 64. AXNN_PRODUCTS_EXACT: the codes' own
 * products, the same bits as with the table of exact products; multiplier may then be NULL.
 *
 * A layer is wide where a range of codes is not within [-128, 127] or [0, 255], or products come from a
 * multiplier without a table. It runs on integer products of 16 bits, exactly.
 */
AXNN_API axnn_status axnn_approx_conv2d_create(
    const axnn_context *context, const axnn_conv2d_desc *conv, const axnn_approx_desc *approx,
    const axnn_multiplier *multiplier, const float *weights, size_t weights_bytes,
    const float *weight_scales, size_t weight_scales_bytes, const int32_t *weight_zero_points,
    size_t weight_zero_points_bytes, const float *bias, size_t bias_bytes, axnn_plan **out) AXNN_NOEXCEPT;
AXNN_API axnn_status axnn_approx_linear_create(
    const axnn_context *context, const axnn_linear_desc *linear, const axnn_approx_desc *approx,
    const axnn_multiplier *multiplier, const float *weights, size_t weights_bytes,
    const float *weight_scales, size_t weight_scales_bytes, const int32_t *weight_zero_points,
    size_t weight_zero_points_bytes, const float *bias, size_t bias_bytes, axnn_plan **out) AXNN_NOEXCEPT;

/*
 * An approximate plan like `plan`, with what is given in the place of what `plan` has: the numbers
 * (approx), the multiplier, the weights, the bias. NULL with 0 bytes keeps what is there; weights,
 * weight_scales and weight_zero_points come together or not at all, and a new range of weight codes
 * needs them. Without new weights no float is read and no weight quantised. `plan` stays as it is, may
 * be running, and may be destroyed. A plan keeps the multiplier it was given, also while its products
 * are exact. Errors: those of create; AXNN_ERROR_UNSUPPORTED where `plan` is not approximate;
 * AXNN_ERROR_NULL_POINTER where a multiplier is needed and neither given nor kept.
 */
AXNN_API axnn_status axnn_approx_derive(const axnn_plan *plan, const axnn_approx_desc *approx,
                                        const axnn_multiplier *multiplier, const float *weights,
                                        size_t weights_bytes, const float *weight_scales,
                                        size_t weight_scales_bytes, const int32_t *weight_zero_points,
                                        size_t weight_zero_points_bytes, const float *bias, size_t bias_bytes,
                                        axnn_plan **out) AXNN_NOEXCEPT;

/*
 * Packs the signs of rows x row_elements floats into bits: bit 1 where v >= 0 (both zeros), 0 else
 * (NaN too); lowest bit first; every row starts on a byte, so bits has rows * ceil(row_elements / 8)
 * bytes; trailing bits are 0. For weights a row is one output channel in order (in_channel, kernel_h,
 * kernel_w): bitorch-engine's packed bytes where row_elements is a multiple of 8.
 */
AXNN_API axnn_status axnn_binary_pack(const axnn_context *context, const float *x, size_t x_bytes,
                                      size_t rows, size_t row_elements, uint8_t *bits,
                                      size_t bits_bytes) AXNN_NOEXCEPT;

/* What a padded tap of a binary convolution counts as. */
typedef enum axnn_padding_value {
    AXNN_PAD_MINUS_ONE = 0,  /* bitorch-engine */
    AXNN_PAD_TRUE_ZERO = 1,  /* true zero padding */
    AXNN_PAD_PLUS_ONE = 2    /* Larq's one-padding */
} axnn_padding_value;

/* Numbers of a binary layer. Output: clamp((float)sum * scale[o] + bias[o], output_min, output_max). */
typedef struct axnn_binary_desc {
    uint32_t struct_size;
    uint32_t padding_value; /* axnn_padding_value; a valid one for linear layers too, which have no padding */
    float output_min;       /* lower limit of y; -INFINITY for none */
    float output_max;       /* upper limit of y; +INFINITY for none */
} axnn_binary_desc;

/*
 * Binary layers: weights are bits as axnn_binary_pack makes them, activations are signs: those of the
 * float input, or bits. scales (finite, of any sign) and bias: out_channels (out_features) floats, or
 * NULL with 0 bytes for 1 and 0.
 */
AXNN_API axnn_status axnn_binary_conv2d_create(const axnn_context *context,
                                               const axnn_conv2d_desc *conv,
                                               const axnn_binary_desc *binary,
                                               const uint8_t *weights, size_t weights_bytes,
                                               const float *scales, size_t scales_bytes,
                                               const float *bias, size_t bias_bytes,
                                               axnn_plan **out) AXNN_NOEXCEPT;
AXNN_API axnn_status axnn_binary_linear_create(const axnn_context *context,
                                               const axnn_linear_desc *linear,
                                               const axnn_binary_desc *binary,
                                               const uint8_t *weights, size_t weights_bytes,
                                               const float *scales, size_t scales_bytes,
                                               const float *bias, size_t bias_bytes,
                                               axnn_plan **out) AXNN_NOEXCEPT;

/*
 * What a binary plan was made of: its weights as axnn_binary_pack gives them, scales and bias, one an
 * output channel. Each may be NULL with 0 bytes. Other plans answer AXNN_ERROR_UNSUPPORTED, here and in
 * the functions below.
 */
AXNN_API axnn_status axnn_binary_parameters(const axnn_plan *plan, uint8_t *weights, size_t weights_bytes,
                                            float *scales, size_t scales_bytes, float *bias,
                                            size_t bias_bytes) AXNN_NOEXCEPT;

/* Bytes that a binary plan keeps: the weights as its kernel reads them, scales, bias, thresholds. */
AXNN_API axnn_status axnn_binary_memory(const axnn_plan *plan, uint64_t *bytes) AXNN_NOEXCEPT;

AXNN_API void axnn_plan_destroy(axnn_plan *plan) AXNN_NOEXCEPT;

/* Output channels, height and width for an input of h x w; AXNN_ERROR_SHAPE if there is no pixel. */
AXNN_API axnn_status axnn_plan_output_shape(const axnn_plan *plan, int32_t h, int32_t w,
                                            int32_t *channels, int32_t *out_h, int32_t *out_w) AXNN_NOEXCEPT;

/*
 * Runs the layer: x [n, in_channels, h, w] to y [n, out_channels, out_h, out_w], both float32.
 * n >= 1; linear plans take h = w = 1.
 */
AXNN_API axnn_status axnn_plan_execute(const axnn_plan *plan, const float *x, size_t x_bytes,
                                       int32_t n, int32_t h, int32_t w, float *y, size_t y_bytes) AXNN_NOEXCEPT;

/*
 * The integer sums of the same run, [n, out_channels, out_h, out_w]: of an approximate plan the sums
 * of table entries before zero-point correction, of a binary plan the sums of products of signs
 * (padding value included) before scale. A float plan answers AXNN_ERROR_UNSUPPORTED.
 */
AXNN_API axnn_status axnn_plan_execute_sums(const axnn_plan *plan, const float *x, size_t x_bytes,
                                            int32_t n, int32_t h, int32_t w, int64_t *sums,
                                            size_t sums_bytes) AXNN_NOEXCEPT;

/* What binary layers read and write. */
typedef enum axnn_element_type {
    AXNN_FLOAT32 = 0, /* float32 NCHW */
    AXNN_INT32 = 1,   /* int32 NCHW; output only: the sums before scale */
    AXNN_CODES = 2,   /* bytes NCHW; output only: the float output, quantised as axnn_quantize does */
    AXNN_BITS = 3     /* a bit image; output: bit 1 where the float output is >= 0 */
} axnn_element_type;

/*
 * Runs a binary plan from and to other elements than float32: x_type AXNN_FLOAT32 or AXNN_BITS, y_type
 * any. y_quantization: how AXNN_CODES are made, NULL else. Bits are found by one integer comparison of
 * the sum, which gives what the float output's sign gives, to the bit.
 *
 * A bit image holds [n, channels, h, w] signs in the order [n, h, w, channels], bit 1 = +1, lowest bit
 * first; the channels of every pixel start on a byte, so a pixel has ceil(channels / 8) bytes. Trailing
 * bits are written as 0 and not looked at when read. For a linear layer a row of features is a pixel.
 */
AXNN_API axnn_status axnn_binary_execute(const axnn_plan *plan, uint32_t x_type, const void *x,
                                         size_t x_bytes, int32_t n, int32_t h, int32_t w, uint32_t y_type,
                                         const axnn_quantization *y_quantization, void *y,
                                         size_t y_bytes) AXNN_NOEXCEPT;

/* Packs the signs (v >= 0) of x [n, channels, h, w], float32, into a bit image. In parallel. */
AXNN_API axnn_status axnn_binary_pack_image(const axnn_context *context, const float *x, size_t x_bytes,
                                            int32_t n, int32_t channels, int32_t h, int32_t w,
                                            uint8_t *bits, size_t bits_bytes) AXNN_NOEXCEPT;

/*
 * Max-pooling of a bit image [n, channels, h, w]: a bit of y is the OR of its window, padding left out;
 * where the channel's bit in `minimum` is 1, the AND: the maximum of values whose sign was taken after a
 * falling function, such as a batch norm with a negative scale. window: in_channels = out_channels =
 * groups = channels; n, h, w and the output's size as in a convolution. minimum: ceil(channels / 8)
 * bytes, or NULL with 0 bytes for none. A window of padding only gives 0, with AND 1. In parallel.
 */
AXNN_API axnn_status axnn_binary_max_pool(const axnn_context *context, const axnn_conv2d_desc *window,
                                          const uint8_t *x, size_t x_bytes, int32_t n, int32_t h, int32_t w,
                                          const uint8_t *minimum, size_t minimum_bytes, uint8_t *y,
                                          size_t y_bytes) AXNN_NOEXCEPT;

/*
 * What stands for the derivative of sign(v) in a backward pass; c is the parameter, finite and > 0.
 * Definitions and names are those of Larq's quantizers.
 */
typedef enum axnn_sign_estimator {
    AXNN_SIGN_IDENTITY = 0, /* 1 */
    AXNN_SIGN_STE = 1,      /* 1 where |v| <= c, else 0 (ste_sign, c = clip_value) */
    AXNN_SIGN_APPROX = 2,   /* 2 - 2 |v| where |v| <= 1, else 0 (approx_sign); c is not used */
    AXNN_SIGN_SWISH = 3     /* c (2 - c v tanh(c v / 2)) / (1 + cosh(c v)) (swish_sign, c = beta) */
} axnn_sign_estimator;

typedef struct axnn_sign_desc {
    uint32_t struct_size;
    uint32_t input_estimator;  /* axnn_sign_estimator of the activations */
    float input_parameter;     /* c, where the estimator has one */
    uint32_t weight_estimator; /* axnn_sign_estimator of the weights */
    float weight_parameter;
} axnn_sign_desc;

/*
 * Gradients of y[o] = scale[o] * sum_k sign(w[o][k]) sign(x[k]) + bias[o], a binary plan before its
 * limits, for grad_out [n, out_channels, out_h, out_w]; padded taps count as the plan's padding value:
 *   grad_x       = est(x) * sum over outputs of grad_out * scale[o] * sign(w)
 *   grad_weights = est(w) * scale[o] * sum over outputs of grad_out * sign(x)
 *   grad_scales  = sum over outputs of grad_out * sum_k sign(w) sign(x)
 *   grad_bias    = sum over outputs of grad_out
 * est is the estimator (signs); est(NaN) is 0, of the identity 1. weights: the float weights whose signs
 * the plan has, read for grad_weights unless their estimator is the identity; else NULL with 0 bytes will
 * do. Each gradient may be NULL with 0 bytes, and is not computed then; one is needed. Bit-equal on every
 * thread count, within 1e-5 of the largest magnitude across tiers.
 */
AXNN_API axnn_status axnn_binary_backward(const axnn_plan *plan, const axnn_sign_desc *signs,
                                          const float *weights, size_t weights_bytes, const float *x,
                                          size_t x_bytes, int32_t n, int32_t h, int32_t w,
                                          const float *grad_out, size_t grad_out_bytes, float *grad_x,
                                          size_t grad_x_bytes, float *grad_weights,
                                          size_t grad_weights_bytes, float *grad_scales,
                                          size_t grad_scales_bytes, float *grad_bias,
                                          size_t grad_bias_bytes) AXNN_NOEXCEPT;

/*
 * XNOR-Net's scale of each row: alpha[r] = the mean magnitude of its row_elements >= 1 floats, summed in
 * double (Rastegari et al., XNOR-Net, ECCV 2016). In parallel.
 */
AXNN_API axnn_status axnn_mean_magnitudes(const axnn_context *context, const float *x, size_t x_bytes,
                                          size_t rows, size_t row_elements, float *alpha,
                                          size_t alpha_bytes) AXNN_NOEXCEPT;

/*
 * y[i] = x[i] limited to -limit..limit, NaN stays; y may be x. The clipping of latent weights (Larq's
 * weight_clip). limit: finite and > 0. In parallel.
 */
AXNN_API axnn_status axnn_clip(const axnn_context *context, float limit, const float *x, size_t x_bytes,
                               size_t count, float *y, size_t y_bytes) AXNN_NOEXCEPT;

/* Gaussian noise in the place of a multiplier's error, as TorchApprox's noise mode. */
typedef struct axnn_noise_desc {
    uint32_t struct_size;
    float stdev;        /* relative to the standard deviation of the output; finite, >= 0 */
    float mean;         /* finite */
    uint32_t seed_low;  /* the key of the random numbers */
    uint32_t seed_high;
} axnn_noise_desc;

/*
 * Runs an approximate plan with noise: with v[i] the scaled sum before bias,
 *   y[i] = clamp((v[i] + N_i * (std(v) * stdev) + mean) + bias[o], output_min, output_max)
 * where std is the unbiased standard deviation over the whole output (0 for one element), in double,
 * and N_i a standard normal number that depends on the seed and on i, the index of the element in y,
 * only (Philox 4x32-10 and Box-Muller): the same bits on every tier and thread count.
 * Other plans answer AXNN_ERROR_UNSUPPORTED.
 */
AXNN_API axnn_status axnn_plan_execute_noise(const axnn_plan *plan, const axnn_noise_desc *noise,
                                             const float *x, size_t x_bytes, int32_t n, int32_t h, int32_t w,
                                             float *y, size_t y_bytes) AXNN_NOEXCEPT;

/*
 * Gradients for grad_out, the gradient at the output before its limits, [n, out_channels, out_h, out_w]:
 *   grad_x [n, in_channels, h, w], grad_weights (shape of the weights), grad_bias [out_channels].
 * Each may be NULL with 0 bytes, and is not computed then; one is needed.
 *
 * A float plan gives the gradients of its own function; for a quantised layer with the same float
 * weights that is the straight-through estimator. half_window is 0.
 *
 * An approximate plan gives those through its products: with sx, sw, zx, zw the scales and zero points,
 *   grad_x += grad_out * sw * (DX[w][x] - CX),  grad_weights += grad_out * sx * (DW[w][x] - CW)
 * over all products, where D are differences of neighbouring products along one operand, smoothed over
 * half_window (0..63) entries on each side, and C those of the zero-point correction; docs/numerics.md
 * has both (after Meng et al., Gradient Approximation of Approximate Multipliers for High-Accuracy Deep
 * Neural Network Retraining, DATE 2025). Exact products, and all of a wide layer, have D = the other
 * operand's code.
 *
 * Bit-equal on every thread count, within 1e-5 of the largest magnitude across tiers.
 */
AXNN_API axnn_status axnn_plan_backward(const axnn_plan *plan, int32_t half_window, const float *x,
                                        size_t x_bytes, int32_t n, int32_t h, int32_t w,
                                        const float *grad_out, size_t grad_out_bytes, float *grad_x,
                                        size_t grad_x_bytes, float *grad_weights, size_t grad_weights_bytes,
                                        float *grad_bias, size_t grad_bias_bytes) AXNN_NOEXCEPT;

/*
 * The operands of an approximate plan's products, as bytes (two's complement where codes are negative) or
 * int32, by their range as axnn_quantize makes them: the weights' codes [out_channels, taps], and the
 * unfolded input's, padding included, [n, groups, taps, out_h * out_w], taps = in_channels / groups *
 * kernel_h * kernel_w.
 * Other plans answer AXNN_ERROR_UNSUPPORTED.
 */
AXNN_API axnn_status axnn_plan_weight_codes(const axnn_plan *plan, void *codes,
                                            size_t codes_bytes) AXNN_NOEXCEPT;
AXNN_API axnn_status axnn_plan_unfold(const axnn_plan *plan, const float *x, size_t x_bytes, int32_t n,
                                      int32_t h, int32_t w, void *codes,
                                      size_t codes_bytes) AXNN_NOEXCEPT;

/*
 * How often each byte occurs in what axnn_plan_unfold gives, without making it: counts[256].
 * AXNN_ERROR_UNSUPPORTED where that is int32.
 */
AXNN_API axnn_status axnn_plan_unfold_histogram(const axnn_plan *plan, const float *x, size_t x_bytes,
                                                int32_t n, int32_t h, int32_t w, int64_t *counts,
                                                size_t counts_bytes) AXNN_NOEXCEPT;

/*
 * One line of text on how an input of n x h x w is run: kernel, tile, sums, threads. Copies it
 * NUL-terminated and cut to fit into text (may be NULL with 0 bytes); *text_length is the length of
 * the whole line without the NUL.
 */
AXNN_API axnn_status axnn_plan_explain(const axnn_plan *plan, int32_t n, int32_t h, int32_t w,
                                       char *text, size_t text_bytes, size_t *text_length) AXNN_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* AXNN_AXNN_H */
