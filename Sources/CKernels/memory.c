// Soft minima over stored patterns: distances are formed by differences (never by expanding the square, which cancels for
// near neighbours) and folded into the sum block by block, so that no distance matrix is stored. Patterns come in blocks of
// 64, feature by feature within a block; a tile of rows meets one block while it is in cache.
#include "elementary.h"
#include "CKernels.h"

enum { BLOCK = GK_BLOCK, ROWS = 4, LANES = 16, VECTORS = BLOCK / LANES, TILE = 64 };
typedef float gk_vector __attribute__((vector_size(64), aligned(4)));
typedef int32_t gk_mask __attribute__((vector_size(64), aligned(4)));

/// distances[r][i] = sum over k of cost_k(x[r][k], block[k][i]) for ROWS complete rows: all sums stay in registers.
GK_INLINE void gk_costs_complete(const float *const *x, const float *block, size_t features, const float *mismatch,
                                 float distances[ROWS][BLOCK]) {
    gk_vector sums[ROWS][VECTORS];
    for (int r = 0; r < ROWS; r++) for (int j = 0; j < VECTORS; j++) sums[r][j] = (gk_vector){0};
    for (size_t k = 0; k < features; k++) {
        const gk_vector *p = (const gk_vector *)(block + k * BLOCK);
        if (mismatch[k] > 0) {
            gk_vector cost = (gk_vector){0} + mismatch[k];
            for (int r = 0; r < ROWS; r++)
                for (int j = 0; j < VECTORS; j++) {
                    gk_mask differs = (gk_mask)(p[j] != x[r][k]);
                    sums[r][j] += (gk_vector)(differs & (gk_mask)cost);
                }
        } else if (mismatch[k] < 0) {
            gk_vector scale = (gk_vector){0} - mismatch[k];
            for (int r = 0; r < ROWS; r++)
                for (int j = 0; j < VECTORS; j++) { gk_vector t = p[j] - x[r][k]; sums[r][j] += scale * (t * t); }
        } else {
            for (int r = 0; r < ROWS; r++)
                for (int j = 0; j < VECTORS; j++) { gk_vector t = p[j] - x[r][k]; sums[r][j] += t * t; }
        }
    }
    for (int r = 0; r < ROWS; r++) for (int j = 0; j < VECTORS; j++) *(gk_vector *)(distances[r] + j * LANES) = sums[r][j];
}

/// distances[r][i] = sum over k of ln(1 + width (x - p)^2) for ROWS complete rows, two at a time: factors are multiplied and
/// only their binary exponents taken off now and then, so that one logarithm a pair is enough. A factor is at most 1e9
/// (differences saturate), so that four of them times a mantissa stay finite.
GK_INLINE void gk_log_costs_complete(const float *const *x, const float *block, size_t features, const float *mismatch,
                                     float width, float distances[ROWS][BLOCK]) {
    for (int pair = 0; pair < ROWS; pair += 2) {
        gk_vector product[2][VECTORS];
        gk_mask exponent[2][VECTORS];
        for (int r = 0; r < 2; r++)
            for (int j = 0; j < VECTORS; j++) { product[r][j] = (gk_vector){0} + 1.0f; exponent[r][j] = (gk_mask){0}; }
        for (size_t k = 0; k < features; k++) {
            const gk_vector *p = (const gk_vector *)(block + k * BLOCK);
            if (mismatch[k] > 0) {
                gk_vector more = (gk_vector){0} + width * mismatch[k];
                for (int r = 0; r < 2; r++)
                    for (int j = 0; j < VECTORS; j++) {
                        gk_mask differs = (gk_mask)(p[j] != x[pair + r][k]);
                        product[r][j] *= (gk_vector)(differs & (gk_mask)more) + 1.0f;
                    }
            } else if (mismatch[k] < 0) {
                gk_vector more = (gk_vector){0} - width * mismatch[k];
                for (int r = 0; r < 2; r++)
                    for (int j = 0; j < VECTORS; j++) { gk_vector t = p[j] - x[pair + r][k]; product[r][j] *= more * (t * t) + 1.0f; }
            } else {
                gk_vector limit = (gk_vector){0} + 1e9f;
                for (int r = 0; r < 2; r++)
                    for (int j = 0; j < VECTORS; j++) {
                        gk_vector t = p[j] - x[pair + r][k];
                        product[r][j] *= __builtin_elementwise_min(width * (t * t) + 1.0f, limit);
                    }
            }
            if ((k & 3) == 3)
                for (int r = 0; r < 2; r++)
                    for (int j = 0; j < VECTORS; j++) {
                        gk_mask bits = (gk_mask)product[r][j];
                        exponent[r][j] += (bits >> 23) - 127;
                        product[r][j] = (gk_vector)((bits & 0x007fffff) | 0x3f800000);
                    }
        }
        for (int r = 0; r < 2; r++) {
            float *d = distances[pair + r];
            int32_t e[BLOCK];
            for (int j = 0; j < VECTORS; j++) {
                *(gk_vector *)(d + j * LANES) = product[r][j];
                *(gk_mask *)(e + j * LANES) = exponent[r][j];
            }
            for (int i = 0; i < BLOCK; i++) d[i] = gk_log(d[i]) + (float)e[i] * 0.6931471805599453f;
        }
    }
}

/// The same as gk_costs with ln(1 + width d) of each column's distance.
GK_INLINE void gk_log_costs(const float *const *x, size_t rows, const float *block, size_t features, const float *mismatch,
                            float width, float distances[ROWS][BLOCK]) {
    for (size_t r = 0; r < rows; r++) {
        memset(distances[r], 0, sizeof(distances[r]));
        for (size_t k = 0; k < features; k++) {
            float v = x[r][k], cost = mismatch[k];
            const float *p = block + k * BLOCK;
            if (v != v) continue;
            if (cost > 0) { float more = logf(1.0f + width * cost); for (size_t i = 0; i < BLOCK; i++) distances[r][i] += p[i] != v ? more : 0.0f; }
            else if (cost < 0) for (size_t i = 0; i < BLOCK; i++) { float t = p[i] - v; distances[r][i] += gk_log(1.0f - width * cost * (t * t)); }
            else for (size_t i = 0; i < BLOCK; i++) {
                float t = p[i] - v, factor = width * (t * t) + 1.0f;
                distances[r][i] += gk_log(factor < 1e9f ? factor : 1e9f);
            }
        }
    }
}

/// The same for any number of rows up to ROWS; a NaN in x costs nothing.
GK_INLINE void gk_costs(const float *const *x, size_t rows, const float *block, size_t features, const float *mismatch,
                        float distances[ROWS][BLOCK]) {
    for (size_t r = 0; r < rows; r++) {
        memset(distances[r], 0, sizeof(distances[r]));
        for (size_t k = 0; k < features; k++) {
            float v = x[r][k], cost = mismatch[k];
            const float *p = block + k * BLOCK;
            if (v != v) continue;
            if (cost > 0) for (size_t i = 0; i < BLOCK; i++) distances[r][i] += p[i] != v ? cost : 0.0f;
            else if (cost < 0) for (size_t i = 0; i < BLOCK; i++) { float t = p[i] - v; distances[r][i] -= cost * (t * t); }
            else for (size_t i = 0; i < BLOCK; i++) { float t = p[i] - v; distances[r][i] += t * t; }
        }
    }
}

/// Whether a row has all its values.
GK_INLINE int gk_complete(const float *x, size_t features) {
    int complete = 1;
    for (size_t k = 0; k < features; k++) complete &= x[k] == x[k];
    return complete;
}

/// Distances of up to ROWS rows to a block. Complete rows always take the one path and others the other, whatever rows stand
/// beside them, so that a row's distances have the same bits in any company.
GK_INLINE void gk_group_costs(const float *const *x, const int *complete, size_t rows, const float *block, size_t features,
                              const float *mismatch, float width, float distances[ROWS][BLOCK]) {
    const float *filled[ROWS], *any = NULL;
    for (size_t r = 0; r < rows; r++) if (complete[r]) any = x[r];
    if (any) {
        for (size_t r = 0; r < ROWS; r++) filled[r] = r < rows && complete[r] ? x[r] : any;
        if (width > 0) gk_log_costs_complete(filled, block, features, mismatch, width, distances);
        else gk_costs_complete(filled, block, features, mismatch, distances);
    }
    for (size_t r = 0; r < rows; r++) {
        if (complete[r]) continue;
        if (width > 0) gk_log_costs(x + r, 1, block, features, mismatch, width, distances + r);
        else gk_costs(x + r, 1, block, features, mismatch, distances + r);
    }
}

/// Adds one block's terms exp(offset - precision * d) to the running (top, sum) of a row.
GK_INLINE void gk_fold(float *d, const float *precision, const float *offset, size_t n, int64_t skip, float *top, float *sum) {
#pragma clang fp reassociate(on)
    for (size_t i = 0; i < BLOCK; i++) d[i] = offset[i] - precision[i] * d[i];
    for (size_t i = n; i < BLOCK; i++) d[i] = -INFINITY;
    if (skip >= 0 && skip < (int64_t)n) d[skip] = -INFINITY;
    gk_vector highest = *(gk_vector *)d;
    for (int j = 1; j < VECTORS; j++) highest = __builtin_elementwise_max(highest, *(gk_vector *)(d + j * LANES));
    float peak = __builtin_reduce_max(highest), total = 0;
    if (peak < *top - 80.0f || peak == -INFINITY) return;
    if (peak > *top) { *sum *= gk_exp(*top - peak); *top = peak; }
    float t = *top;
    for (size_t i = 0; i < BLOCK; i++) total += gk_exp(d[i] - t);
    *sum += total;
}

GK_CLONES
void gk_memory_energies(const float *x, size_t rows, const float *patterns, size_t count, size_t features,
                        const float *mismatch, float width, const float *precision, const float *offset, const int64_t *exclude,
                        float *out) {
    float distances[ROWS][BLOCK], top[TILE], sum[TILE];
    int complete[TILE];
    for (size_t tile = 0; tile < rows; tile += TILE) {
        size_t last = tile + TILE < rows ? tile + TILE : rows;
        for (size_t r = tile; r < last; r++) complete[r - tile] = gk_complete(x + r * features, features);
        for (size_t r = 0; r < TILE; r++) { top[r] = -INFINITY; sum[r] = 0; }
        for (size_t block = 0; block < count; block += BLOCK) {
            size_t n = count - block < BLOCK ? count - block : BLOCK;
            for (size_t first = tile; first < last; first += ROWS) {
                size_t group = last - first < ROWS ? last - first : ROWS;
                const float *pointers[ROWS];
                for (size_t r = 0; r < group; r++) pointers[r] = x + (first + r) * features;
                gk_group_costs(pointers, complete + first - tile, group, patterns + block * features, features, mismatch, width, distances);
                for (size_t r = 0; r < group; r++)
                    gk_fold(distances[r], precision + block, offset + block, n,
                            exclude ? exclude[first + r] - (int64_t)block : -1, top + first + r - tile, sum + first + r - tile);
            }
        }
        for (size_t r = tile; r < last; r++) out[r] = -(top[r - tile] + logf(sum[r - tile]));
    }
}

/// Keeps the `nearest` smallest distances of a block in `best`, ascending.
GK_INLINE void gk_keep_nearest(const float *d, size_t n, int64_t skip, size_t nearest, float *best) {
    gk_vector lowest = *(const gk_vector *)d;
    if (n == BLOCK) {
        for (int j = 1; j < VECTORS; j++) lowest = __builtin_elementwise_min(lowest, *(const gk_vector *)(d + j * LANES));
        if (__builtin_reduce_min(lowest) >= best[nearest - 1]) return;
    }
    for (size_t i = 0; i < n; i++) {
        if (d[i] >= best[nearest - 1] || (int64_t)i == skip) continue;
        size_t at = nearest - 1;
        for (; at > 0 && best[at - 1] > d[i]; at--) best[at] = best[at - 1];
        best[at] = d[i];
    }
}

GK_CLONES
void gk_nearest(const float *x, size_t rows, const float *patterns, size_t count, size_t features, const float *mismatch,
                const int64_t *exclude, size_t nearest, float *out) {
    float distances[ROWS][BLOCK];
    int complete[TILE];
    for (size_t j = 0; j < rows * nearest; j++) out[j] = INFINITY;
    for (size_t tile = 0; tile < rows; tile += TILE) {
        size_t last = tile + TILE < rows ? tile + TILE : rows;
        for (size_t r = tile; r < last; r++) complete[r - tile] = gk_complete(x + r * features, features);
        for (size_t block = 0; block < count; block += BLOCK) {
            size_t n = count - block < BLOCK ? count - block : BLOCK;
            for (size_t first = tile; first < last; first += ROWS) {
                size_t group = last - first < ROWS ? last - first : ROWS;
                const float *pointers[ROWS];
                for (size_t r = 0; r < group; r++) pointers[r] = x + (first + r) * features;
                gk_group_costs(pointers, complete + first - tile, group, patterns + block * features, features, mismatch, 0, distances);
                for (size_t r = 0; r < group; r++)
                    gk_keep_nearest(distances[r], n, exclude ? exclude[first + r] - (int64_t)block : -1, nearest,
                                    out + (first + r) * nearest);
            }
        }
    }
}
