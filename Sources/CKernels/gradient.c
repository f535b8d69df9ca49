#include "CKernels.h"
#include "dispatch.h"

// Columns first ..< first + n, with n known to the compiler where it can be.
GK_INLINE void gk_weigh_tile(const float *x, const float *offset, const float *weight, size_t stride, size_t rows, size_t n, float *out,
                             float *sums) {
    float sum[64] = {0}, shift[64] = {0};
    for (size_t c = 0; offset && c < n; c++) shift[c] = offset[c];
    for (size_t r = 0; r < rows; r++) {
        float w = weight[r];
        for (size_t c = 0; c < n; c++) {
            float v = w * (x[r * stride + c] - shift[c]);
            sum[c] += v;
            out[r * stride + c] = v;
        }
    }
    for (size_t c = 0; c < n; c++) sums[c] += sum[c];
}

GK_CLONES
void gk_weigh_rows(const float *x, const float *offset, const float *weight, size_t stride, size_t rows, size_t columns, float *out,
                   float *sums) {
    for (size_t c = 0; c < columns; c += 64) {
        const float *shift = offset ? offset + c : NULL;
        if (columns - c >= 64) gk_weigh_tile(x + c, shift, weight, stride, rows, 64, out + c, sums + c);
        else gk_weigh_tile(x + c, shift, weight, stride, rows, columns - c, out + c, sums + c);
    }
}

GK_CLONES
void gk_outer_rows(float *out, const float *x, const float *y, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) out[r * columns + c] = x[r] * y[c];
}

GK_CLONES
void gk_row_dots(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows, size_t columns, float *out) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        const float *x = a + r * a_stride, *y = b + r * b_stride;
        float sum = 0;
        for (size_t c = 0; c < columns; c++) sum += x[c] * y[c];
        out[r] = sum;
    }
}

GK_CLONES
void gk_add_weighted_rows(float *sums, const float *x, const float *weight, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) sums[c] += weight[r] * x[r * columns + c];
}
