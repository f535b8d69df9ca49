// Ratings: the levels of one rated item under all hidden units, and what that says about weights.
#include "CKernels.h"
#include "elementary.h"

enum { GK_RATING_LANES = 16 };

GK_INLINE float gk_rating_binary(const float *x, const float *w, size_t first, size_t count, float *slope) {
    float lanes[GK_RATING_LANES] = {0}, sum = 0;
    size_t j = first, last = first + count;
    for (; j + GK_RATING_LANES <= last; j += GK_RATING_LANES)
        for (size_t i = 0; i < GK_RATING_LANES; i++) {
            float y = x[j + i] + w[j + i], e = gk_exp(-__builtin_fabsf(y)), s = 1.0f / (1.0f + e);
            lanes[i] += (y > 0 ? y : 0) - gk_log(s);
            slope[j + i] = y > 0 ? s : e * s;
        }
    for (; j < last; j++) {
        float y = x[j] + w[j];
        sum += gk_softplus(y);
        slope[j] = gk_sigmoid(y);
    }
    for (size_t i = 0; i < GK_RATING_LANES; i++) sum += lanes[i];
    return sum;
}

GK_INLINE float gk_rating_gaussian(const float *x, const float *w, size_t first, size_t count, float spread, float *slope) {
    float sum = 0;
    for (size_t j = first; j < first + count; j++) {
        float y = x[j] + w[j];
        slope[j] = spread * y;
        sum += 0.5f * slope[j] * y;
    }
    return sum;
}

GK_CLONES
void gk_rating_levels(const float *x, const float *weights, size_t levels, size_t binary, size_t gaussian, float spread, float *scores,
                      float *slopes) {
    size_t hidden = binary + gaussian;
    for (size_t k = 0; k < levels; k++) {
        const float *w = weights + k * hidden;
        float *s = slopes + k * hidden;
        scores[k] += gk_rating_binary(x, w, 0, binary, s) + gk_rating_gaussian(x, w, binary, gaussian, spread, s);
    }
}

GK_CLONES
void gk_rating_pull(const float *pull, size_t levels, size_t hidden, float *slopes, float *total) {
    for (size_t j = 0; j < hidden; j++) total[j] = 0;
    for (size_t k = 0; k < levels; k++) {
        float *s = slopes + k * hidden;
        for (size_t j = 0; j < hidden; j++) {
            s[j] *= pull[k];
            total[j] += s[j];
        }
    }
}
