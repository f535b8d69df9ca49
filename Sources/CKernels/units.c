// Bernoulli and softmax units: bias, nonlinearity and sampling in one pass over the activations.
#include "elementary.h"
#include "threefry.h"

GK_CLONES
void gk_bias_sigmoid(float *x, const float *bias, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * columns;
        for (size_t c = 0; c < columns; c++) row[c] = gk_sigmoid(row[c] + bias[c]);
    }
}

GK_CLONES
void gk_bias_sigmoid_sample(float *x, const float *bias, float *mean, size_t rows, size_t columns, gk_key key, uint64_t start) {
    uint32_t words[128];
    uint64_t tile = start / 128;
    for (size_t r = 0; r < rows; r++) {
        for (size_t first = 0; first < columns; first += 128, tile++) {
            gk_tile(words, key, tile);
            size_t count = columns - first < 128 ? columns - first : 128;
            float *row = x + r * columns + first;
            const float *b = bias + first;
            if (mean) {
                float *m = mean + r * columns + first;
                for (size_t j = 0; j < count; j++) {
                    float p = gk_sigmoid(row[j] + b[j]);
                    m[j] = p;
                    row[j] = gk_unit(words[j]) < p ? 1.0f : 0.0f;
                }
            } else {
                for (size_t j = 0; j < count; j++)
                    row[j] = gk_unit(words[j]) < gk_sigmoid(row[j] + b[j]) ? 1.0f : 0.0f;
            }
        }
    }
}

GK_CLONES
void gk_softplus_sums(const float *x, const float *bias, size_t rows, size_t columns, float *out) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        float sum = 0;
        for (size_t c = 0; c < columns; c++) sum += gk_softplus(row[c] + bias[c]);
        out[r] = sum;
    }
}

GK_CLONES
void gk_softmax_sample(const float *x, const float *bias, size_t stride, const int32_t *offsets, size_t groups,
                       int32_t *codes, size_t rows, gk_key key, uint64_t start, float *scratch) {
#pragma clang fp reassociate(on)
    uint32_t words[128];
    uint64_t tile = start / 128;
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * stride;
        for (size_t g = 0; g < groups; g++) {
            if (g % 128 == 0) gk_tile(words, key, tile++);
            size_t first = (size_t)offsets[g], n = (size_t)offsets[g + 1] - first;
            float top = row[first] + bias[first], total = 0;
            for (size_t k = 1; k < n; k++) {
                float a = row[first + k] + bias[first + k];
                top = a > top ? a : top;
            }
            for (size_t k = 0; k < n; k++) scratch[k] = gk_exp(row[first + k] + bias[first + k] - top);
            for (size_t k = 0; k < n; k++) total += scratch[k];
            float mark = gk_unit(words[g % 128]) * total, running = 0;
            int32_t choice = (int32_t)n - 1;
            for (size_t k = 0; k + 1 < n; k++) {
                running += scratch[k];
                if (mark < running) { choice = (int32_t)k; break; }
            }
            codes[r * groups + g] = choice;
        }
    }
}
