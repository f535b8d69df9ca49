#include "CKernels.h"
#include "dispatch.h"

GK_CLONES
void gk_check_rows(const float *x, size_t rows, size_t columns, const float *low, const float *high, const float *whole,
                   uint8_t *state) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        int32_t bad = 0, missing = 0;
        for (size_t c = 0; c < columns; c++) {
            float v = row[c];
            int32_t is_nan = v != v, is_whole = v == __builtin_truncf(v);
            int32_t fits = (v >= low[c]) & (v <= high[c]) & (is_whole | (whole[c] == 0));
            bad |= !is_nan & !fits;
            missing |= is_nan;
        }
        state[r] = (uint8_t)(bad ? 2 : missing);
    }
}

GK_CLONES
int gk_all_finite(const float *x, size_t n) {
    // x - x is 0 where x is finite and NaN elsewhere; NaN is the only number that differs from itself.
    uint32_t strange = 0;
    for (size_t i = 0; i < n; i++) {
        float d = x[i] - x[i];
        strange |= d != d;
    }
    return !strange;
}
