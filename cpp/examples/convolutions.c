/*
 * The three kinds of convolution of axnn, on one small image: plain float32, with 8-bit codes whose
 * products come from a table, and with one bit a number.
 *
 * The table here holds the exact products, then the products of a multiplier that drops the lowest three
 * bits of each of its operands. Put any other 8-bit multiplier in `fill_table` to see what it does.
 */
#include <axnn/axnn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    IN_CHANNELS = 3,
    OUT_CHANNELS = 4,
    SIZE = 8, /* height and width; the padding of 1 keeps them */
    KERNEL = 3,
    TAPS = IN_CHANNELS * KERNEL * KERNEL,
    INPUTS = IN_CHANNELS * SIZE * SIZE,
    WEIGHTS = OUT_CHANNELS * TAPS,
    OUTPUTS = OUT_CHANNELS * SIZE * SIZE,
    ROW_BYTES = (TAPS + 7) / 8
};

/* Ends the program with axnn's own sentence if a call failed. */
static void check(axnn_status status, const char* call) {
    if (status == AXNN_OK) return;
    char message[512];
    axnn_last_error(message, sizeof message);
    fprintf(stderr, "%s failed with status %d: %s\n", call, (int)status, message);
    exit(EXIT_FAILURE);
}

/* Numbers in [-1, 1] that look random and are the same everywhere. */
static void fill(float* values, size_t count, uint32_t seed) {
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = (float)(seed >> 8) / (float)(1u << 23) - 1.0f;
    }
}

/* Products of signed 8-bit operands whose lowest `dropped_bits` bits are taken as 0. */
static void fill_table(int32_t* table, int dropped_bits) {
    for (int32_t row = 0; row < 256; row++)
        for (int32_t column = 0; column < 256; column++) {
            const int32_t unit = 1 << dropped_bits;
            const int32_t a = (int8_t)row / unit * unit;
            const int32_t b = (int8_t)column / unit * unit;
            table[row * 256 + column] = a * b;
        }
}

static double largest_difference(const float* a, const float* b, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)a[i] - (double)b[i]));
    return largest;
}

static void run(const axnn_plan* plan, const float* x, float* y) {
    check(axnn_plan_execute(plan, x, INPUTS * sizeof(float), 1, SIZE, SIZE, y, OUTPUTS * sizeof(float)),
          "axnn_plan_execute");
}

int main(void) {
    static float x[INPUTS], weights[WEIGHTS], exact[OUTPUTS], y[OUTPUTS];
    static int32_t table[256 * 256];
    fill(x, INPUTS, 1);
    fill(weights, WEIGHTS, 2);

    axnn_context* context = NULL;
    check(axnn_context_create(NULL, &context), "axnn_context_create");

    const axnn_conv2d_desc conv = {.struct_size = sizeof conv,
                                   .in_channels = IN_CHANNELS,
                                   .out_channels = OUT_CHANNELS,
                                   .kernel_h = KERNEL,
                                   .kernel_w = KERNEL,
                                   .stride_h = 1,
                                   .stride_w = 1,
                                   .dilation_h = 1,
                                   .dilation_w = 1,
                                   .pad_top = 1,
                                   .pad_bottom = 1,
                                   .pad_left = 1,
                                   .pad_right = 1,
                                   .groups = 1};

    /* Plain float32: what the others are compared with. */
    axnn_plan* plan = NULL;
    check(axnn_float_conv2d_create(context, &conv, weights, sizeof weights, NULL, 0, &plan),
          "axnn_float_conv2d_create");
    run(plan, x, exact);
    axnn_plan_destroy(plan);
    printf("float32       first output %9.5f\n", exact[0]);

    /* Codes of the input, as the approximate layers make them: v / scale, rounded, within -127..127. */
    const float scale = 1.0f / 127;
    const axnn_quantization quantization = {.struct_size = sizeof quantization,
                                            .scale = scale,
                                            .zero_point = 0,
                                            .code_min = -127,
                                            .code_max = 127};
    uint8_t codes[INPUTS];
    check(axnn_quantize(context, &quantization, x, sizeof x, INPUTS, codes, sizeof codes), "axnn_quantize");
    printf("quantised     first input %.5f has code %d\n", x[0], (int8_t)codes[0]);

    const axnn_approx_desc approx = {.struct_size = sizeof approx,
                                     .input_scale = scale,
                                     .input_zero_point = 0,
                                     .input_code_min = -127,
                                     .input_code_max = 127,
                                     .weight_code_min = -127,
                                     .weight_code_max = 127,
                                     .operand_order = AXNN_WEIGHT_FIRST,
                                     .padding_code = AXNN_PAD_ZERO_POINT,
                                     .zero_point_correction = AXNN_CORRECTION_EXACT,
                                     .output_min = -INFINITY,
                                     .output_max = INFINITY};
    const axnn_multiplier_desc operands = {
        .struct_size = sizeof operands, .row_bits = 8, .row_signed = 1, .column_bits = 8, .column_signed = 1};
    const int32_t zero_point = 0;
    double error_of_exact = 0;
    double error_of_approximate = 0;
    for (int dropped_bits = 0; dropped_bits <= 3; dropped_bits += 3) {
        fill_table(table, dropped_bits);
        axnn_multiplier* multiplier = NULL;
        check(axnn_multiplier_create(&operands, table, sizeof table, &multiplier), "axnn_multiplier_create");
        check(axnn_approx_conv2d_create(context, &conv, &approx, multiplier, weights, sizeof weights, &scale,
                                        sizeof scale, &zero_point, sizeof zero_point, NULL, 0, &plan),
              "axnn_approx_conv2d_create");
        axnn_multiplier_destroy(multiplier); /* the plan keeps what it needs */
        run(plan, x, y);
        axnn_plan_destroy(plan);
        const double error = largest_difference(y, exact, OUTPUTS);
        printf("%s first output %9.5f, largest error %.5f\n",
               dropped_bits == 0 ? "exact table  " : "approximate  ", y[0], error);
        if (dropped_bits == 0) error_of_exact = error;
        else error_of_approximate = error;
    }

    /* One bit a number: only the signs count. */
    uint8_t bits[OUT_CHANNELS * ROW_BYTES];
    check(axnn_binary_pack(context, weights, sizeof weights, OUT_CHANNELS, TAPS, bits, sizeof bits),
          "axnn_binary_pack");
    const axnn_binary_desc binary = {.struct_size = sizeof binary,
                                     .padding_value = AXNN_PAD_TRUE_ZERO,
                                     .output_min = -INFINITY,
                                     .output_max = INFINITY};
    check(axnn_binary_conv2d_create(context, &conv, &binary, bits, sizeof bits, NULL, 0, NULL, 0, &plan),
          "axnn_binary_conv2d_create");
    run(plan, x, y);
    axnn_plan_destroy(plan);
    printf("binary        first output %9.5f of signs\n", y[0]);

    axnn_context_destroy(context);
    if (axnn_live_handles() != 0) {
        fprintf(stderr, "%llu handles were not destroyed\n", (unsigned long long)axnn_live_handles());
        return EXIT_FAILURE;
    }
    /* Each product of two numbers in [-1, 1] is off by at most one rounding of either. */
    if (error_of_exact > TAPS * 1.01 * scale || error_of_approximate <= error_of_exact) {
        fprintf(stderr, "the errors are not those of 8-bit codes\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
