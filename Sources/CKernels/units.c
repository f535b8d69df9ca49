// Bernoulli and softmax units: bias, nonlinearity and sampling in one pass over the activations.
#include "elementary.h"
#include "threefry.h"

GK_CLONES
void gk_bias_sigmoid(float *x, const float *bias, size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        for (size_t c = 0; c < columns; c++) row[c] = gk_sigmoid(row[c] + bias[c]);
    }
}

GK_CLONES
void gk_bias_sigmoid_sample(const float *x, const float *bias, float *mean, float *sample, size_t stride, size_t rows,
                            size_t columns, gk_key key, uint64_t tile, uint64_t row_tiles) {
    uint32_t words[128];
    float p[128];
    for (size_t r = 0; r < rows; r++) {
        for (size_t first = 0; first < columns; first += 128) {
            gk_tile(words, key, tile + r * row_tiles + first / 128);
            size_t count = columns - first < 128 ? columns - first : 128;
            const float *row = x + r * stride + first, *b = bias + first;
            float *out = sample + r * stride + first;
            for (size_t j = 0; j < count; j++) p[j] = gk_sigmoid(row[j] + b[j]);
            if (mean) memcpy(mean + r * stride + first, p, count * sizeof(float));
            for (size_t j = 0; j < count; j++) out[j] = gk_unit(words[j]) < p[j] ? 1.0f : 0.0f;
        }
    }
}

// One of 16 lanes' running values: excess = the product of 1 + t so far, less 1, and the sum of the linear parts.
GK_INLINE void gk_softplus_add(float y, float *excess, float *sum) {
    float t = gk_exp(-__builtin_fabsf(y));
    *excess += t + *excess * t;
    *sum += y > 0 ? y : 0;
}

GK_CLONES
void gk_softplus_sums(const float *x, const float *bias, size_t rows, size_t columns, float *out) {
    // ln(1 + exp(y)) = max(y, 0) + ln(1 + t) with t = exp(-|y|) <= 1. One logarithm serves the product of 16 factors 1 + t, of
    // which only what exceeds 1 is kept, so that small terms keep their relative accuracy.
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        float total = 0;
        for (size_t first = 0; first < columns; first += 256) {
            size_t n = columns - first < 256 ? columns - first : 256, c = first;
            float excess[16] = {0}, sum[16] = {0};
            for (; c + 16 <= first + n; c += 16)
                for (size_t i = 0; i < 16; i++) gk_softplus_add(row[c + i] + bias[c + i], excess + i, sum + i);
            for (size_t i = 0; c + i < first + n; i++) gk_softplus_add(row[c + i] + bias[c + i], excess + i, sum + i);
            for (size_t i = 0; i < 16; i++) {
                float u = 1.0f + excess[i];
                sum[i] += gk_log(u) + (excess[i] - (u - 1.0f)) / u;
            }
            for (size_t i = 0; i < 16; i++) total += sum[i];
        }
        out[r] = total;
    }
}

typedef float gk_f16 __attribute__((vector_size(64)));
typedef int32_t gk_i16 __attribute__((vector_size(64)));

// The first of n weights whose running sum passes u times their sum; the last one takes what rounding leaves. 16 floats can be
// read from `weights`.
GK_INLINE size_t gk_choose_of_16(const float *weights, size_t n, float u) {
    const gk_i16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const gk_f16 zero = {0};
    gk_i16 bits;
    gk_f16 x;
    memcpy(&bits, weights, sizeof bits);
    bits &= lane < (int32_t)n;
    memcpy(&x, &bits, sizeof x);
    // Running sums by doubling: each lane adds the lane 1, 2, 4 and 8 before it.
    x += __builtin_shufflevector(zero, x, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
    x += __builtin_shufflevector(zero, x, 0, 1, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
    x += __builtin_shufflevector(zero, x, 0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
    x += __builtin_shufflevector(zero, x, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    gk_i16 passed = x <= u * x[15]; // −1 where passed
    size_t choice = (size_t)-__builtin_reduce_add(passed);
    return choice < n ? choice : n - 1;
}

GK_INLINE size_t gk_choose(float *weights, size_t n, float u) {
    float total = 0;
    for (size_t k = 0; k < n; k++) weights[k] = total += weights[k];
    float mark = u * total;
    size_t choice = 0;
    for (size_t k = 0; k + 1 < n; k++) choice += weights[k] <= mark;
    return choice;
}

GK_CLONES
void gk_softmax_sample(const float *x, const float *bias, size_t stride, const int32_t *offset, size_t groups, int32_t *index,
                       float *value, int64_t *stop, size_t first, size_t last, gk_key key, float *scratch) {
    uint32_t words[128];
    size_t low = (size_t)offset[0], high = (size_t)offset[groups], row_tiles = gk_padded(groups) / 128;
    for (size_t i = 0; i < 16; i++) scratch[high + i] = 0;
    for (size_t r = first; r < last; r++) {
        const float *row = x + r * stride;
        int32_t top = 0; // The largest |a|, compared as the integer its bits are, which vectorises.
        for (size_t k = low; k < high; k++) {
            float a = row[k] + bias[k];
            int32_t size = gk_float_to_bits(a) & INT32_MAX;
            scratch[k] = a;
            top = size > top ? size : top;
        }
        // Where exp could overflow or vanish, each group's largest input is subtracted first.
        if (top >= gk_float_to_bits(60.0f))
            for (size_t g = 0; g < groups; g++) {
                size_t begin = (size_t)offset[g], end = (size_t)offset[g + 1];
                float largest = scratch[begin];
                for (size_t k = begin; k < end; k++) largest = scratch[k] > largest ? scratch[k] : largest;
                for (size_t k = begin; k < end; k++) scratch[k] -= largest;
            }
        for (size_t k = low; k < high; k++) scratch[k] = gk_exp(scratch[k]);
        int64_t at = stop[r];
        for (size_t g = 0; g < groups; g++) {
            if (g % 128 == 0) gk_tile(words, key, r * row_tiles + g / 128);
            size_t begin = (size_t)offset[g], n = (size_t)offset[g + 1] - begin;
            float u = gk_unit(words[g % 128]);
            size_t choice = n <= 16 ? gk_choose_of_16(scratch + begin, n, u) : gk_choose(scratch + begin, n, u);
            index[at + (int64_t)g] = (int32_t)(begin + choice);
            value[at + (int64_t)g] = 1;
        }
        stop[r] = at + (int64_t)groups;
    }
}
