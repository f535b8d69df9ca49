// Binary and categorical units as lists of those that are on, so that a product with the weights is a sum of few rows.
#include "CKernels.h"
#include "dispatch.h"
#include <string.h>

enum { GK_SUM_BLOCK = 112, GK_SUM_AHEAD = 8, GK_SUM_REUSE = 6 };
typedef float gk_v16 __attribute__((vector_size(64), aligned(4)));

// Lists the units of x[0 ..< units] above zero from entry n on; returns the next entry. Written everywhere, kept where on: no
// branch to mispredict. Eight zeros, the common case in images, are passed over at once.
GK_INLINE size_t gk_list_consecutive(const float *x, size_t units, int32_t first_unit, int32_t *index, float *value, size_t n) {
    size_t u = 0;
    for (; u + 8 <= units; u += 8) {
        uint64_t words[4];
        memcpy(words, x + u, sizeof words);
        if ((words[0] | words[1] | words[2] | words[3]) == 0) continue;
        for (size_t i = 0; i < 8; i++) {
            float v = x[u + i];
            index[n] = first_unit + (int32_t)(u + i);
            value[n] = v;
            n += v > 0;
        }
    }
    for (; u < units; u++) {
        index[n] = first_unit + (int32_t)u;
        value[n] = x[u];
        n += x[u] > 0;
    }
    return n;
}

GK_CLONES
void gk_list_rows(const float *batch, size_t columns, const int64_t *pick, size_t first, size_t last, const int32_t *real_column,
                  size_t reals, const int32_t *binary_column, size_t binaries, const int32_t *group_column,
                  const int32_t *group_unit, size_t groups, float *real, int32_t *index, float *value, int64_t *stop) {
    int is_consecutive = 1;
    for (size_t b = 1; b < binaries; b++) is_consecutive &= binary_column[b] == binary_column[b - 1] + 1;
    for (size_t r = first; r < last; r++) {
        const float *x = batch + (size_t)(pick ? pick[r] : (int64_t)r) * columns;
        if (pick && r + 1 < last) { // The rows of a shuffled batch lie anywhere in memory.
            const float *next = batch + (size_t)pick[r + 1] * columns;
            for (size_t c = 0; c < columns; c += 16) __builtin_prefetch(next + c);
        }
        for (size_t u = 0; u < reals; u++) real[r * reals + u] = x[real_column[u]];
        int32_t *ix = index + r * (binaries + groups);
        float *va = value + r * (binaries + groups);
        size_t n = 0;
        if (binaries > 0 && is_consecutive) n = gk_list_consecutive(x + binary_column[0], binaries, (int32_t)reals, ix, va, n);
        else
            for (size_t b = 0; b < binaries; b++) {
                float v = x[binary_column[b]];
                ix[n] = (int32_t)(reals + b);
                va[n] = v;
                n += v > 0;
            }
        for (size_t g = 0; g < groups; g++) {
            float v = x[group_column[g]];
            ix[n] = group_unit[g] + (v >= 0 ? (int32_t)v : 0);
            va[n] = 1;
            n += v >= 0;
        }
        stop[r] = (int64_t)(r * (binaries + groups) + n);
    }
}

GK_CLONES
void gk_list_units(const float *x, size_t stride, size_t first, size_t last, size_t first_unit, size_t units, int32_t *index,
                   float *value, size_t capacity, int64_t *stop) {
    for (size_t r = first; r < last; r++) {
        size_t n = gk_list_consecutive(x + r * stride + first_unit, units, (int32_t)first_unit, index + r * capacity, value + r * capacity, 0);
        stop[r] = (int64_t)(r * capacity + n);
    }
}

// out = from + one list's entries below `end`, over n columns, n <= 16 * vectors (2, 4 or 8); the table's rows are `step` apart.
// `from` and the table can be read, though not used, up to 16 * vectors. Named sums, for an array of them would be kept in memory.
GK_INLINE int64_t gk_add_entries(float *out, const float *from, size_t n, const float *table, size_t step, int vectors, const int32_t *index,
                                 const float *value, int64_t k, int64_t top, int32_t begin, int32_t end) {
#define GK_AT(pointer, v) (*(const gk_v16 *)((pointer) + 16 * (v)))
    gk_v16 a0 = GK_AT(from, 0), a1 = GK_AT(from, 1), a2 = {0}, a3 = {0}, a4 = {0}, a5 = {0}, a6 = {0}, a7 = {0};
    if (vectors > 2) a2 = GK_AT(from, 2), a3 = GK_AT(from, 3);
    if (vectors > 4) a4 = GK_AT(from, 4), a5 = GK_AT(from, 5), a6 = GK_AT(from, 6), a7 = GK_AT(from, 7);
    do {
        const float *source = table + (size_t)(index[k] - begin) * step;
        float weight = value[k];
        a0 += weight * GK_AT(source, 0);
        a1 += weight * GK_AT(source, 1);
        if (vectors > 2) {
            a2 += weight * GK_AT(source, 2);
            a3 += weight * GK_AT(source, 3);
        }
        if (vectors > 4) {
            a4 += weight * GK_AT(source, 4);
            a5 += weight * GK_AT(source, 5);
            a6 += weight * GK_AT(source, 6);
            a7 += weight * GK_AT(source, 7);
        }
        k++;
    } while (k < top && index[k] < end);
    // Whole vectors at their place; a narrower tile goes through a buffer.
    _Alignas(64) float buffer[128];
    float *target = n == 16 * (size_t)vectors ? out : buffer;
#define GK_PUT(v, a) (*(gk_v16 *)(target + 16 * (v)) = (a))
    GK_PUT(0, a0), GK_PUT(1, a1);
    if (vectors > 2) GK_PUT(2, a2), GK_PUT(3, a3);
    if (vectors > 4) GK_PUT(4, a4), GK_PUT(5, a5), GK_PUT(6, a6), GK_PUT(7, a7);
#undef GK_PUT
#undef GK_AT
    if (target == buffer) memcpy(out, buffer, n * sizeof(float));
    return k;
}

// The columns first ..< first + n (n <= 16 * vectors) of all lists. The table's columns are copied block by block into
// memory that stays in the first cache, aligned and padded.
GK_INLINE void gk_sum_tile(float *out, size_t width, const float *table, size_t units, const int32_t *index, const float *value,
                           const int64_t *start, const int64_t *stop, int64_t *cursor, size_t lists, size_t first, size_t n, int vectors) {
    _Alignas(64) float block[GK_SUM_BLOCK * 128];
    float edge[128];
    size_t step = (size_t)vectors * 16;
    memset(edge, 0, sizeof edge);
    for (size_t l = 0; l < lists; l++) cursor[l] = start[l];
    for (size_t begin = 0; begin < units; begin += GK_SUM_BLOCK) {
        size_t here = units - begin < GK_SUM_BLOCK ? units - begin : GK_SUM_BLOCK;
        for (size_t u = 0; u < here; u++) {
            // Short pieces far apart: fetched ahead, since the processor does not see the pattern. A prefetch past the end is no access.
            const float *source = table + (begin + u) * width + first, *ahead = source + GK_SUM_AHEAD * width;
            for (int v = 0; v < vectors; v++) __builtin_prefetch(ahead + 16 * v);
            if (n == step) {
                for (int v = 0; v < vectors; v++) *(gk_v16 *)(block + u * step + 16 * v) = *(const gk_v16 *)(source + 16 * v);
            } else {
                memcpy(block + u * step, source, n * sizeof(float));
                for (size_t c = n; c < step; c++) block[u * step + c] = 0;
            }
        }
        int32_t end = (int32_t)(begin + here);
        for (size_t l = 0; l < lists; l++) {
            int64_t k = cursor[l];
            if (k == stop[l] || index[k] >= end) continue;
            float *row = out + l * width + first, *from = row;
            if (n != step) { // What follows the columns is another thread's, or nobody's.
                memcpy(edge, row, n * sizeof(float));
                from = edge;
            }
            cursor[l] = gk_add_entries(row, from, n, block, step, vectors, index, value, k, stop[l], (int32_t)begin, end);
        }
    }
}

GK_CLONES
void gk_list_sums(float *out, size_t width, const float *table, size_t units, const int32_t *index, const float *value,
                  const int64_t *start, const int64_t *stop, int64_t *cursor, size_t lists, size_t first, size_t last) {
    int64_t entries = 0;
    for (size_t l = 0; l < lists; l++) entries += stop[l] - start[l];
    if (entries < GK_SUM_REUSE * (int64_t)units) {
        // The table is used too little to be worth a copy. Whole tiles of 128 columns in registers, the rest in memory.
        for (size_t l = 0; l < lists; l++) {
            if (start[l] == stop[l]) continue;
            float *row = out + l * width;
            size_t c = first;
            for (; c + 128 <= last; c += 128)
                gk_add_entries(row + c, row + c, 128, table + c, width, 8, index, value, start[l], stop[l], 0, INT32_MAX);
            for (; c + 64 <= last; c += 64)
                gk_add_entries(row + c, row + c, 64, table + c, width, 4, index, value, start[l], stop[l], 0, INT32_MAX);
            for (int64_t k = start[l]; c < last && k < stop[l]; k++) {
                const float *source = table + (size_t)index[k] * width;
                for (size_t i = c; i < last; i++) row[i] += value[k] * source[i];
            }
        }
        return;
    }
    for (; first < last; first += 128) {
        size_t n = last - first < 128 ? last - first : 128;
        if (n > 64) gk_sum_tile(out, width, table, units, index, value, start, stop, cursor, lists, first, n, 8);
        else if (n > 32) gk_sum_tile(out, width, table, units, index, value, start, stop, cursor, lists, first, n, 4);
        else gk_sum_tile(out, width, table, units, index, value, start, stop, cursor, lists, first, n, 2);
    }
}

// The first entry of an ascending list that is not below `unit`.
GK_INLINE int64_t gk_first_entry(const int32_t *index, int64_t low, int64_t high, int32_t unit) {
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (index[middle] < unit) low = middle + 1;
        else high = middle;
    }
    return low;
}

void gk_transpose_lists(const int32_t *index, const float *value, const int64_t *start, const int64_t *stop, size_t lists,
                        size_t first_unit, size_t last_unit, int32_t *unit_index, float *unit_value, int64_t *unit_start,
                        int64_t *unit_stop, int64_t *cursor) {
    size_t units = last_unit - first_unit;
    int32_t lowest = (int32_t)first_unit, end = (int32_t)last_unit;
    memset(unit_stop, 0, units * sizeof(int64_t));
    for (size_t l = 0; l < lists; l++) {
        int64_t k = cursor[l] = gk_first_entry(index, start[l], stop[l], lowest);
        for (; k < stop[l] && index[k] < end; k++) unit_stop[index[k] - lowest]++;
    }
    int64_t total = 0;
    for (size_t u = 0; u < units; u++) {
        unit_start[u] = total;
        total += unit_stop[u];
        unit_stop[u] = unit_start[u];
    }
    for (size_t l = 0; l < lists; l++)
        for (int64_t k = cursor[l]; k < stop[l] && index[k] < end; k++) {
            int64_t at = unit_stop[index[k] - lowest]++;
            unit_index[at] = (int32_t)l;
            unit_value[at] = value[k];
        }
}

void gk_list_dots(const int32_t *index, const float *value, const int64_t *start, const int64_t *stop, size_t lists,
                  const float *weights, float *out) {
    for (size_t l = 0; l < lists; l++) {
        float sum = 0;
        for (int64_t k = start[l]; k < stop[l]; k++) sum += value[k] * weights[index[k]];
        out[l] = sum;
    }
}
