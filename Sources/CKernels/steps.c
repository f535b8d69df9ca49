#include "CKernels.h"
#include "dispatch.h"

GK_CLONES
void gk_adam(float *w, const float *g, float *m, float *v, size_t n, float rate, float beta1, float beta2, float epsilon,
             float correction1, float correction2, float decay) {
    for (size_t i = 0; i < n; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
        w[i] += rate * ((m[i] / correction1) / (__builtin_elementwise_sqrt(v[i] / correction2) + epsilon) - decay * w[i]);
    }
}

GK_CLONES
void gk_momentum(float *w, const float *g, float *m, size_t n, float rate, float momentum, float decay) {
    for (size_t i = 0; i < n; i++) {
        float step = momentum * m[i] + rate * (g[i] - decay * w[i]);
        m[i] = step;
        w[i] += step;
    }
}

GK_CLONES
void gk_add_scaled(float *y, const float *x, float factor, const float *scale, size_t rows, size_t columns) {
    if (!scale) {
        for (size_t i = 0; i < rows * columns; i++) y[i] += factor * x[i];
        return;
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) y[r * columns + c] += factor * scale[c] * x[r * columns + c];
}
