// What a live stream of choices costs, event by event: sums of table rows, surprises with their gains under a hotter model, hashes.
#include "CKernels.h"
#include "elementary.h"

GK_CLONES
void gk_gather_sums(const int32_t *units, size_t rows, size_t columns, const float *table, const float *bias, size_t width, float *out) {
    for (size_t r = 0; r < rows; r++) {
        float *sum = out + r * width;
        memcpy(sum, bias, width * sizeof(float));
        for (size_t j = 0; j < columns; j++) {
            int32_t unit = units[r * columns + j];
            if (unit < 0) continue;
            const float *row = table + (size_t)unit * width;
            for (size_t i = 0; i < width; i++) sum[i] += row[i];
        }
    }
}

GK_CLONES
void gk_choice_surprises(const float *scores, size_t rows, size_t classes, size_t stride, const int32_t *choice, float beta, float known,
                         float unseen, float *surprise, float *gain, float *entropy) {
    for (size_t r = 0; r < rows; r++) {
        const float *s = scores + r * stride;
        if (choice[r] == -1) { surprise[r] = gain[r] = entropy[r] = 0; continue; }
        float top = s[0], sum = 0;
        for (size_t k = 1; k < classes; k++) top = s[k] > top ? s[k] : top;
        for (size_t k = 0; k < classes; k++) sum += gk_exp(s[k] - top);
        float shift = known - top - gk_log(sum), hot = gk_exp(beta * unseen), mean = -unseen * gk_exp(unseen);
        for (size_t k = 0; k < classes; k++) {
            float l = s[k] + shift;
            hot += gk_exp(beta * l);
            mean -= l * gk_exp(l);
        }
        float chosen = choice[r] >= 0 ? s[choice[r]] + shift : unseen;
        surprise[r] = -chosen;
        gain[r] = (beta - 1) * chosen - gk_log(hot);
        entropy[r] = mean;
    }
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
        state = gk_fold(state ^ word ^ a, b ^ (state >> 32));
    }
    word = 0;
    memcpy(&word, bytes, n);
    return gk_fold(state ^ word ^ b, a) ^ gk_fold(state ^ a, word ^ b);
}
