// One choice among classes whose energies are free energies of hidden units: ln-odds of all classes, and the gradient of a choice.
#include "CKernels.h"
#include "elementary.h"

enum { GK_CHOICE_UNITS = 64 };

// m * 2^n of each lane grows by the product of 1 + e[j] w[j, lane] over `units` (a multiple of four) hidden units. Each factor is
// at most 5e8, so that four of them and a mantissa stay finite.
GK_INLINE void gk_choice_products(const float *e, const float *w, size_t units, size_t stride, const size_t lanes, float *m, int32_t *n) {
    for (size_t j = 0; j < units; j += 4) {
        const float *w0 = w + j * stride, *w1 = w0 + stride, *w2 = w1 + stride, *w3 = w2 + stride;
        float e0 = e[j], e1 = e[j + 1], e2 = e[j + 2], e3 = e[j + 3];
        for (size_t i = 0; i < lanes; i++) {
            float p = (1.0f + e0 * w0[i]) * (1.0f + e1 * w1[i]), q = (1.0f + e2 * w2[i]) * (1.0f + e3 * w3[i]);
            int32_t bits = gk_float_to_bits(m[i] * (p * q));
            n[i] += (bits >> 23) - 127;
            m[i] = gk_bits_to_float((bits & 0x007fffff) | 0x3f800000);
        }
    }
}

GK_INLINE void gk_choice_block(const float *e, size_t units, const float *w, size_t stride, const size_t lanes, float *s) {
    float m[64];
    int32_t n[64];
    for (size_t i = 0; i < lanes; i++) { m[i] = 1; n[i] = 0; }
    gk_choice_products(e, w, units, stride, lanes, m, n);
    for (size_t i = 0; i < lanes; i++) s[i] += (float)n[i] * 0.69314718056f + gk_log(m[i]);
}

// The same for sixteen lanes, two halves of the units side by side, because one alone waits for its own results.
GK_INLINE void gk_choice_narrow(const float *e, size_t units, const float *w, size_t stride, float *s) {
    float m[16], other[16];
    int32_t n[16], also[16];
    for (size_t i = 0; i < 16; i++) { m[i] = other[i] = 1; n[i] = also[i] = 0; }
    size_t half = units / 8 * 4;
    for (size_t j = 0; j < half; j += 4) {
        gk_choice_products(e + j, w + j * stride, 4, stride, 16, m, n);
        gk_choice_products(e + half + j, w + (half + j) * stride, 4, stride, 16, other, also);
    }
    if (2 * half < units) gk_choice_products(e + 2 * half, w + 2 * half * stride, 4, stride, 16, m, n);
    for (size_t i = 0; i < 16; i++) s[i] += (float)(n[i] + also[i]) * 0.69314718056f + gk_log(m[i] * other[i]);
}

GK_CLONES
void gk_choice_scores(const float *x, size_t rows, size_t hidden, const float *weights, const float *exp_weights, float largest,
                      size_t stride, float *scores) {
    float e[GK_CHOICE_UNITS];
    for (size_t r = 0; r < rows; r++) {
        const float *input = x + r * hidden;
        float *s = scores + r * stride, top = -1e30f;
        float tops[16];
        for (size_t i = 0; i < 16; i++) tops[i] = -1e30f;
        size_t ahead = hidden / 16 * 16;
        for (size_t j = 0; j < ahead; j += 16)
            for (size_t i = 0; i < 16; i++) tops[i] = input[j + i] > tops[i] ? input[j + i] : tops[i];
        for (size_t j = ahead; j < hidden; j++) top = input[j] > top ? input[j] : top;
        for (size_t i = 0; i < 16; i++) top = tops[i] > top ? tops[i] : top;
        size_t whole = top + largest <= 20.0f && top <= 40.0f ? hidden / 4 * 4 : 0;
        for (size_t first = 0; first < whole; first += GK_CHOICE_UNITS) {
            size_t units = whole - first < GK_CHOICE_UNITS ? whole - first : GK_CHOICE_UNITS;
            for (size_t j = 0; j < units; j++) e[j] = gk_exp(input[first + j]);
            const float *w = exp_weights + first * stride;
            size_t k = 0;
            for (; k + 64 <= stride; k += 64) gk_choice_block(e, units, w + k, stride, 64, s + k);
            for (; k < stride; k += 16) gk_choice_narrow(e, units, w + k, stride, s + k);
        }
        for (size_t j = whole; j < hidden; j++)
            for (size_t k = 0; k < stride; k++) s[k] += gk_softplus(input[j] + weights[j * stride + k]);
    }
}

GK_CLONES
void gk_choice_probabilities(const float *scores, size_t rows, size_t classes, size_t stride, const int32_t *choice, float *probability,
                             float *surprise) {
    for (size_t r = 0; r < rows; r++) {
        const float *s = scores + r * stride;
        float top = s[0], sum = 0;
        for (size_t k = 1; k < classes; k++) top = s[k] > top ? s[k] : top;
        float *p = probability + r * stride;
        for (size_t k = 0; k < stride; k++) p[k] = k < classes ? gk_exp(s[k] - top) : 0;
        for (size_t k = 0; k < classes; k++) sum += p[k];
        for (size_t k = 0; k < stride; k++) p[k] /= sum;
        if (surprise) surprise[r] = top + gk_log(sum) - s[choice[r]];
    }
}

GK_CLONES
void gk_choice_gradient(const float *x, size_t rows, size_t hidden, const float *weights, size_t stride, const float *pull,
                        float *hidden_gradient, float *weight_gradient) {
    for (size_t r = 0; r < rows; r++) {
        const float *d = pull + r * stride;
        for (size_t j = 0; j < hidden; j++) {
            const float *w = weights + j * stride;
            float input = x[r * hidden + j], *g = weight_gradient + j * stride, lanes[16] = {0};
            for (size_t k = 0; k < stride; k += 16)
                for (size_t i = 0; i < 16; i++) {
                    float change = d[k + i] * gk_sigmoid(input + w[k + i]);
                    g[k + i] += change;
                    lanes[i] += change;
                }
            float sum = 0;
            for (size_t i = 0; i < 16; i++) sum += lanes[i];
            hidden_gradient[r * hidden + j] = sum;
        }
    }
}
