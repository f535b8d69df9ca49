// Recommending by factors: scores of all items for many people, least squares of one side given the other, and the softmax over items.
// Rows of factors are `stride` apart, a multiple of 16, and zero beyond their width.
#include "elementary.h"
#include "CKernels.h"
#include <string.h>

enum { GK_GROUP = 4, GK_WIDE = 4, GK_AHEAD = 12 };
typedef float gk_lanes __attribute__((vector_size(64), aligned(4)));

void gk_pack_rows(const float *rows, size_t stride, size_t count, size_t width, float *packed) {
    for (size_t block = 0; block < count; block += GK_BLOCK)
        for (size_t k = 0; k < width; k++)
            for (size_t i = 0; i < GK_BLOCK; i++)
                packed[block * width + k * GK_BLOCK + i] = block + i < count ? rows[(block + i) * stride + k] : 0;
}

// Four rows against one block of 64 items, all sums in registers; every row is summed in the same order whatever stands beside it.
GK_INLINE void gk_score_block(const float *const *x, const float *block, size_t width, const float *offset, float *const *out) {
    gk_lanes sums[GK_GROUP][GK_WIDE];
    for (int r = 0; r < GK_GROUP; r++)
        for (int v = 0; v < GK_WIDE; v++) sums[r][v] = offset ? *(const gk_lanes *)(offset + 16 * v) : (gk_lanes){0};
    for (size_t k = 0; k < width; k++)
        for (int r = 0; r < GK_GROUP; r++)
            for (int v = 0; v < GK_WIDE; v++) sums[r][v] += x[r][k] * *(const gk_lanes *)(block + k * GK_BLOCK + 16 * v);
    for (int r = 0; r < GK_GROUP; r++)
        for (int v = 0; v < GK_WIDE; v++) *(gk_lanes *)(out[r] + 16 * v) = sums[r][v];
}

GK_CLONES
void gk_scores(const float *x, size_t stride, size_t rows, const float *packed, size_t count, size_t width, const float *offset, float *out,
               size_t out_stride) {
    float edge[GK_GROUP][GK_BLOCK];
    enum { TILE = 64 };
    for (size_t tile = 0; tile < rows; tile += TILE) {
        size_t last = tile + TILE < rows ? tile + TILE : rows;
        for (size_t block = 0; block < count; block += GK_BLOCK) {
            size_t n = count - block < GK_BLOCK ? count - block : GK_BLOCK;
            for (size_t first = tile; first < last; first += GK_GROUP) {
                size_t group = last - first < GK_GROUP ? last - first : GK_GROUP;
                const float *from[GK_GROUP];
                float *to[GK_GROUP];
                // A short group repeats its last row; what it writes again is the same.
                for (size_t r = 0; r < GK_GROUP; r++) {
                    size_t row = first + (r < group ? r : group - 1);
                    from[r] = x + row * stride;
                    to[r] = n == GK_BLOCK ? out + row * out_stride + block : edge[r];
                }
                gk_score_block(from, packed + block * width, width, offset ? offset + block : NULL, to);
                if (n < GK_BLOCK)
                    for (size_t r = 0; r < group; r++) memcpy(out + (first + r) * out_stride + block, edge[r], n * sizeof(float));
            }
        }
    }
}

// Whether entry a of a list is worse than b: higher energy, or as high and a later item.
GK_INLINE int gk_worse(float a, int32_t ia, float b, int32_t ib) { return a > b || (a == b && ia > ib); }

GK_INLINE void gk_sink(float *value, int32_t *item, size_t n, size_t at) {
    float v = value[at];
    int32_t i = item[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && gk_worse(value[child + 1], item[child + 1], value[child], item[child])) child++;
        if (!gk_worse(value[child], item[child], v, i)) break;
        value[at] = value[child], item[at] = item[child];
    }
    value[at] = v, item[at] = i;
}

GK_CLONES
size_t gk_lowest(const float *energies, size_t count, size_t k, float *value, int32_t *item) {
    size_t n = 0, i = 0;
    if (k == 0) return 0;
    for (; i < count && n < k; i++)
        if (energies[i] < INFINITY) value[n] = energies[i], item[n++] = (int32_t)i;
    for (size_t at = n / 2; at-- > 0;) gk_sink(value, item, n, at);
    while (i < count) {
        // Sixteen at once are passed over when none beats the worst of the list.
        if (i + 16 <= count) {
            int any = 0;
            for (int j = 0; j < 16; j++) any |= energies[i + j] < value[0];
            if (!any) { i += 16; continue; }
        }
        size_t end = i + 16 < count ? i + 16 : count;
        for (; i < end; i++)
            if (energies[i] < value[0]) value[0] = energies[i], item[0] = (int32_t)i, gk_sink(value, item, n, 0);
    }
    for (size_t size = n; size > 1;) { // A heap sorted: the worst goes to the end.
        size--;
        float v = value[0];
        int32_t w = item[0];
        value[0] = value[size], item[0] = item[size];
        value[size] = v, item[size] = w;
        gk_sink(value, item, size, 0);
    }
    return n;
}

// The sum of the lanes, by halves.
GK_INLINE float gk_total(const gk_lanes *lanes) {
    float sum[8];
    for (int i = 0; i < 8; i++) sum[i] = (*lanes)[i] + (*lanes)[i + 8];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

GK_INLINE float gk_dot(const float *a, const float *b, size_t stride) {
    gk_lanes sum = {0};
    for (size_t c = 0; c < stride; c += 16) sum += *(const gk_lanes *)(a + c) * *(const gk_lanes *)(b + c);
    return gk_total(&sum);
}

// out += sum over the entries of w (sign v.p + target) v, four entries at a time.
GK_INLINE void gk_add_observed(const int32_t *index, const float *weight, int64_t n, const float *factors, size_t stride, const float *p,
                               float sign, float target, float *out) {
    int64_t e = 0;
    for (; e + 4 <= n; e += 4) {
        const float *a = factors + (size_t)index[e] * stride, *b = factors + (size_t)index[e + 1] * stride;
        const float *c = factors + (size_t)index[e + 2] * stride, *d = factors + (size_t)index[e + 3] * stride;
        if (e + GK_AHEAD + 4 <= n)
            for (int j = 0; j < 4; j++)
                for (size_t at = 0; at < stride; at += 16) __builtin_prefetch(factors + (size_t)index[e + GK_AHEAD + j] * stride + at);
        gk_lanes sa = {0}, sb = {0}, sc = {0}, sd = {0};
        for (size_t at = 0; at < stride; at += 16) {
            gk_lanes q = *(const gk_lanes *)(p + at);
            sa += q * *(const gk_lanes *)(a + at), sb += q * *(const gk_lanes *)(b + at);
            sc += q * *(const gk_lanes *)(c + at), sd += q * *(const gk_lanes *)(d + at);
        }
        float wa = sign * gk_total(&sa) + target, wb = sign * gk_total(&sb) + target;
        float wc = sign * gk_total(&sc) + target, wd = sign * gk_total(&sd) + target;
        if (weight) wa *= weight[e], wb *= weight[e + 1], wc *= weight[e + 2], wd *= weight[e + 3];
        for (size_t at = 0; at < stride; at += 16)
            *(gk_lanes *)(out + at) += wa * *(const gk_lanes *)(a + at) + wb * *(const gk_lanes *)(b + at)
                                     + wc * *(const gk_lanes *)(c + at) + wd * *(const gk_lanes *)(d + at);
    }
    for (; e < n; e++) {
        const float *a = factors + (size_t)index[e] * stride;
        float w = (sign * gk_dot(a, p, stride) + target) * (weight ? weight[e] : 1);
        for (size_t at = 0; at < stride; at += 16) *(gk_lanes *)(out + at) += w * *(const gk_lanes *)(a + at);
    }
}

// out[r] = gramian p[r] + ridge[r] p[r] for four rows, `vectors` of 16 columns at a time.
GK_INLINE void gk_dense_columns(const float *gramian, size_t stride, const float *p, const float *ridge, float *out, size_t column, int vectors) {
    gk_lanes sums[GK_GROUP][GK_WIDE];
    for (int r = 0; r < GK_GROUP; r++)
        for (int v = 0; v < vectors; v++) sums[r][v] = ridge[r] * *(const gk_lanes *)(p + r * stride + column + 16 * v);
    for (size_t j = 0; j < stride; j++)
        for (int r = 0; r < GK_GROUP; r++)
            for (int v = 0; v < vectors; v++) sums[r][v] += p[r * stride + j] * *(const gk_lanes *)(gramian + j * stride + column + 16 * v);
    for (int r = 0; r < GK_GROUP; r++)
        for (int v = 0; v < vectors; v++) *(gk_lanes *)(out + r * stride + column + 16 * v) = sums[r][v];
}

GK_INLINE void gk_dense(const float *gramian, size_t stride, const float *p, const float *ridge, float *out) {
    size_t c = 0;
    for (; c + 64 <= stride; c += 64) gk_dense_columns(gramian, stride, p, ridge, out, c, 4);
    for (; c + 32 <= stride; c += 32) gk_dense_columns(gramian, stride, p, ridge, out, c, 2);
    for (; c < stride; c += 16) gk_dense_columns(gramian, stride, p, ridge, out, c, 1);
}

GK_CLONES
void gk_least_squares(const int64_t *starts, const int32_t *index, const float *weight, const float *ridge, size_t first, size_t last,
                      const float *factors, size_t stride, const float *gramian, float *x, int steps, float tolerance, float *scratch) {
    float *current = scratch, *residual = scratch + GK_GROUP * stride, *direction = residual + GK_GROUP * stride, *image = direction + GK_GROUP * stride;
    for (size_t row = first; row < last; row += GK_GROUP) {
        size_t group = last - row < GK_GROUP ? last - row : GK_GROUP;
        float lambda[GK_GROUP] = {1, 1, 1, 1}, square[GK_GROUP] = {0}, stop[GK_GROUP] = {0};
        memset(current, 0, GK_GROUP * stride * sizeof(float));
        memcpy(current, x + row * stride, group * stride * sizeof(float));
        for (size_t r = 0; r < group; r++) lambda[r] = ridge[row + r];
        gk_dense(gramian, stride, current, lambda, image);
        memset(residual, 0, GK_GROUP * stride * sizeof(float));
        for (size_t r = 0; r < group; r++) {
            float *rest = residual + r * stride;
            int64_t from = starts[row + r], n = starts[row + r + 1] - from;
            gk_add_observed(index + from, weight ? weight + from : NULL, n, factors, stride, current + r * stride, -1, 1, rest);
            for (size_t c = 0; c < stride; c++) rest[c] -= image[r * stride + c];
            square[r] = gk_dot(rest, rest, stride);
            stop[r] = tolerance * tolerance * square[r];
        }
        memcpy(direction, residual, GK_GROUP * stride * sizeof(float));
        for (int step = 0; step < steps; step++) {
            int busy = 0;
            for (size_t r = 0; r < group; r++) busy |= square[r] > stop[r];
            if (!busy) break;
            gk_dense(gramian, stride, direction, lambda, image);
            for (size_t r = 0; r < group; r++) {
                if (!(square[r] > stop[r])) continue;
                float *p = direction + r * stride, *q = image + r * stride, *rest = residual + r * stride, *at = current + r * stride;
                int64_t from = starts[row + r], n = starts[row + r + 1] - from;
                gk_add_observed(index + from, weight ? weight + from : NULL, n, factors, stride, p, 1, 0, q);
                float curvature = gk_dot(p, q, stride);
                if (!(curvature > 0)) { square[r] = 0; continue; }
                float length = square[r] / curvature;
                for (size_t c = 0; c < stride; c++) at[c] += length * p[c], rest[c] -= length * q[c];
                float now = gk_dot(rest, rest, stride), turn = now / square[r];
                for (size_t c = 0; c < stride; c++) p[c] = rest[c] + turn * p[c];
                square[r] = now;
            }
        }
        memcpy(x + row * stride, current, group * stride * sizeof(float));
    }
}

GK_CLONES
void gk_softmax_pulls(float *scores, size_t rows, size_t count, size_t stride, const int32_t *mask, const int64_t *mask_start,
                      float *event_score, const float *event_weight, const int64_t *event_start, double *loss) {
    for (size_t r = 0; r < rows; r++) {
        float *s = scores + r * stride;
        loss[r] = 0;
        if (event_start[r] == event_start[r + 1]) {
            memset(s, 0, count * sizeof(float));
            continue;
        }
        for (int64_t e = mask_start[r]; e < mask_start[r + 1]; e++) s[mask[e]] = -INFINITY;
        float tops[16], top = -INFINITY;
        for (int j = 0; j < 16; j++) tops[j] = -INFINITY;
        size_t i = 0;
        for (; i + 16 <= count; i += 16)
            for (int j = 0; j < 16; j++) tops[j] = s[i + j] > tops[j] ? s[i + j] : tops[j];
        for (; i < count; i++) top = s[i] > top ? s[i] : top;
        for (int j = 0; j < 16; j++) top = tops[j] > top ? tops[j] : top;
        for (int64_t e = event_start[r]; e < event_start[r + 1]; e++) top = event_score[e] > top ? event_score[e] : top;
        float sums[16] = {0}, rest = 0;
        for (i = 0; i + 16 <= count; i += 16)
            for (int j = 0; j < 16; j++) s[i + j] = gk_exp(s[i + j] - top), sums[j] += s[i + j];
        for (; i < count; i++) s[i] = gk_exp(s[i] - top), rest += s[i];
        for (int64_t e = mask_start[r]; e < mask_start[r + 1]; e++) s[mask[e]] = 0;
        double others = rest, pull = 0;
        for (int j = 0; j < 16; j++) others += sums[j];
        for (int64_t e = event_start[r]; e < event_start[r + 1]; e++) {
            float own = gk_exp(event_score[e] - top), weight = event_weight ? event_weight[e] : 1;
            double z = others + own;
            loss[r] += weight * (log(z) + top - event_score[e]);
            pull += weight / z;
            event_score[e] = weight * (float)(own / z - 1);
        }
        float factor = (float)pull;
        for (i = 0; i < count; i++) s[i] *= factor;
    }
}
