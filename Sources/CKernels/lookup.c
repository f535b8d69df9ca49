// A softmax group's state is an index, so its product with the weights is a row of the table, not a dense product.
#include "CKernels.h"
#include "dispatch.h"

GK_CLONES
void gk_lookup_add(float *out, size_t width, const float *table, const int32_t *codes, const int32_t *offsets,
                   size_t lookups, size_t rows) {
    for (size_t r = 0; r < rows; r++) {
        float *row = out + r * width;
        for (size_t j = 0; j < lookups; j++) {
            int32_t code = codes[r * lookups + j];
            if (code < 0) continue;
            const float *source = table + (size_t)(code + offsets[j]) * width;
            for (size_t c = 0; c < width; c++) row[c] += source[c];
        }
    }
}

GK_CLONES
void gk_lookup_scatter(float *table, size_t width, const float *x, const int32_t *codes, const int32_t *offsets,
                       size_t lookups, size_t rows, float scale, size_t first, size_t last) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * width;
        for (size_t j = 0; j < lookups; j++) {
            int32_t code = codes[r * lookups + j];
            if (code < 0) continue;
            float *target = table + (size_t)(code + offsets[j]) * width;
            for (size_t c = first; c < last; c++) target[c] += scale * row[c];
        }
    }
}
