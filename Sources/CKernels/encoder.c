// What a Transformer's encoder does between its products: softmax of scores, GELU, and the norm of a sum.
#include "CKernels.h"
#include "elementary.h"
#include <float.h>

/// erf(x) to 2e-7: x P(x^2) / Q(x^2), clamped where erf rounds to one. The coefficients are those of Eigen's float version.
GK_INLINE float gk_erf(float x) {
    x = x < -4.0f ? -4.0f : x;
    x = x > 4.0f ? 4.0f : x;
    float z = x * x;
    float p = -2.72614225801306e-10f;
    p = p * z + 2.77068142495902e-08f;
    p = p * z - 2.10102402082508e-06f;
    p = p * z - 5.69250639462346e-05f;
    p = p * z - 7.34990630326855e-04f;
    p = p * z - 2.95459980854025e-03f;
    p = p * z - 1.60960333262415e-02f;
    float q = -1.45660718464996e-05f;
    q = q * z - 2.13374055278905e-04f;
    q = q * z - 1.68282697438203e-03f;
    q = q * z - 7.37332916720468e-03f;
    q = q * z - 1.42647390514189e-02f;
    return x * p / q;
}

GK_CLONES
void gk_softmax_rows(float *x, size_t stride, size_t rows, size_t columns, float factor) {
#pragma clang fp reassociate(on)
    float sign = factor < 0 ? -1.0f : 1.0f, scale = factor * sign;
    // 1 / T of the smallest T is infinite, and 0 * infinity no number.
    scale = scale > FLT_MAX ? FLT_MAX : scale;
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride, top = sign * row[0], sum = 0;
        for (size_t c = 0; c < columns; c++) {
            float s = sign * row[c];
            row[c] = s;
            top = s > top ? s : top;
        }
        // Differences are scaled, not scores: these would overflow at a small T. exp is clamped from below, and what is masked must weigh nothing.
        for (size_t c = 0; c < columns; c++) {
            float d = scale * (row[c] - top), e = gk_exp(d);
            row[c] = e = d < -87.0f ? 0.0f : e;
            sum += e;
        }
        float share = 1.0f / sum;
        for (size_t c = 0; c < columns; c++) row[c] *= share;
    }
}

GK_CLONES
void gk_bias_gelu(float *x, const float *bias, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * columns;
        for (size_t c = 0; c < columns; c++) {
            float v = row[c] + bias[c];
            row[c] = 0.5f * v * (1.0f + gk_erf(v * 0.70710678118654752f));
        }
    }
}

GK_CLONES
void gk_add_bias(float *x, const float *bias, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) for (size_t c = 0; c < columns; c++) x[r * columns + c] += bias[c];
}

GK_CLONES
void gk_norm_of_sum(float *x, const float *more, const float *bias, const float *gain, const float *shift, size_t rows, size_t columns,
                    float epsilon) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * columns, sum = 0, squares = 0;
        for (size_t c = 0; c < columns; c++) {
            float v = row[c] + (more ? more[r * columns + c] : 0) + (bias ? bias[c] : 0);
            row[c] = v;
            sum += v;
        }
        float mean = sum / (float)columns;
        for (size_t c = 0; c < columns; c++) squares += (row[c] - mean) * (row[c] - mean);
        float scale = 1.0f / sqrtf(squares / (float)columns + epsilon);
        for (size_t c = 0; c < columns; c++) row[c] = (row[c] - mean) * scale * gain[c] + shift[c];
    }
}
