// What a live stream of choices costs, event by event: sums of table rows, surprises with their gains under a hotter model, hashes.
#include "CKernels.h"
#include "elementary.h"

// out[i] = bias[i] + the chosen rows of the table, for a stretch of lanes that registers hold.
GK_INLINE void gk_gather_block(const int32_t *codes, size_t columns, const int32_t *offsets, const int32_t *sizes, const float *table,
                               const float *bias, size_t width, const size_t lanes, float *out) {
    float sum[64];
    for (size_t i = 0; i < lanes; i++) sum[i] = bias[i];
    for (size_t j = 0; j < columns; j++) {
        if (codes[j] < 0 || codes[j] >= sizes[j]) continue;
        const float *row = table + (size_t)(offsets[j] + codes[j]) * width;
        for (size_t i = 0; i < lanes; i++) sum[i] += row[i];
    }
    for (size_t i = 0; i < lanes; i++) out[i] = sum[i];
}

GK_CLONES
void gk_gather_sums(const int32_t *codes, size_t rows, size_t columns, size_t step, const int32_t *offsets, const int32_t *sizes,
                    const float *table, const float *bias, size_t width, float *out) {
    for (size_t r = 0; r < rows; r++, codes += step, out += width) {
        size_t k = 0;
        for (; k + 64 <= width; k += 64) gk_gather_block(codes, columns, offsets, sizes, table + k, bias + k, width, 64, out + k);
        for (; k + 16 <= width; k += 16) gk_gather_block(codes, columns, offsets, sizes, table + k, bias + k, width, 16, out + k);
        for (; k < width; k++) gk_gather_block(codes, columns, offsets, sizes, table + k, bias + k, width, 1, out + k);
    }
}

enum { GK_LANES = 16 };

GK_INLINE float gk_lanes_sum(const float *lanes) {
    float sum = 0;
    for (size_t i = 0; i < GK_LANES; i++) sum += lanes[i];
    return sum;
}

// The largest of s[0 ..< classes]; rows of s are a multiple of 16 long.
GK_INLINE float gk_lanes_top(const float *s, size_t classes) {
    float lanes[GK_LANES], top = -3e38f;
    for (size_t i = 0; i < GK_LANES; i++) lanes[i] = -3e38f;
    for (size_t k = 0; k < classes; k += GK_LANES)
        for (size_t i = 0; i < GK_LANES; i++) {
            float x = k + i < classes ? s[k + i] : -3e38f;
            lanes[i] = x > lanes[i] ? x : lanes[i];
        }
    for (size_t i = 0; i < GK_LANES; i++) top = lanes[i] > top ? lanes[i] : top;
    return top;
}

GK_CLONES
void gk_choice_surprises(const float *scores, size_t rows, size_t classes, size_t stride, const int32_t *choice, size_t step, float beta,
                         float known, float unseen, float *surprise, float *gain, float *entropy) {
    float share = gk_exp(known), new_hot = gk_exp(beta * unseen), new_entropy = -unseen * gk_exp(unseen);
    for (size_t r = 0; r < rows; r++, scores += stride, choice += step) {
        if (*choice == -1) { surprise[r] = gain[r] = entropy[r] = 0; continue; }
        float top = gk_lanes_top(scores, classes), sums[GK_LANES] = {0}, hots[GK_LANES] = {0}, means[GK_LANES] = {0};
        for (size_t k = 0; k < classes; k += GK_LANES)
            for (size_t i = 0; i < GK_LANES; i++) {
                // Lanes beyond the classes get exp(-87).
                float x = k + i < classes ? scores[k + i] - top : -1e9f, p = gk_exp(x);
                sums[i] += p;
                means[i] += p * x;
                hots[i] += gk_exp(beta * x);
            }
        float sum = gk_lanes_sum(sums), shift = known - gk_log(sum);
        float hot = gk_exp(beta * shift) * gk_lanes_sum(hots) + new_hot;
        float chosen = *choice >= 0 ? scores[*choice] - top + shift : unseen;
        surprise[r] = -chosen;
        gain[r] = (beta - 1) * chosen - gk_log(hot);
        entropy[r] = new_entropy - share * (gk_lanes_sum(means) / sum + shift);
    }
}

GK_CLONES
size_t gk_choice_expected(const float *scores, size_t classes, float *share) {
    float top = gk_lanes_top(scores, classes), sums[GK_LANES] = {0};
    for (size_t k = 0; k < classes; k += GK_LANES)
        for (size_t i = 0; i < GK_LANES; i++) sums[i] += gk_exp(k + i < classes ? scores[k + i] - top : -1e9f);
    *share = 1 / gk_lanes_sum(sums);
    size_t best = 0;
    while (best + 1 < classes && scores[best] < top) best++;
    return best;
}

static uint64_t gk_fold(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t gk_hash(const uint8_t *bytes, size_t n, uint64_t seed) {
    const uint64_t a = 0x9e3779b97f4a7c15u, b = 0xd6e8feb86659fd93u;
    uint64_t state = gk_fold(seed ^ a, n ^ b), word;
    for (; n >= 8; n -= 8, bytes += 8) {
        memcpy(&word, bytes, 8);
        // What was there stays in it, so that no word makes it forget the words before.
        state = gk_fold(state ^ word ^ a, b ^ (state >> 32)) + (state << 29 | state >> 35);
    }
    word = 0;
    memcpy(&word, bytes, n);
    return gk_fold(state ^ word ^ b, a) ^ gk_fold(state ^ a, word ^ b);
}
