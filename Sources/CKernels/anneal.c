// One step of annealed importance sampling over hidden units: what the step adds to the weight, and a draw at the new temperature.
#include "elementary.h"
#include "threefry.h"

// Running products of 1 + exp(-|b y|), less 1, and the linear parts: see gk_softplus_sums.
typedef struct { float excess[16], linear[16]; } gk_softplus_lanes;

GK_INLINE float gk_softplus_total(const gk_softplus_lanes *lanes) {
    float total = 0;
    for (size_t i = 0; i < 16; i++) {
        float e = lanes->excess[i], u = 1.0f + e;
        total += lanes->linear[i] + gk_log(u) + (e - (u - 1.0f)) / u;
    }
    return total;
}

GK_CLONES
void gk_anneal_hidden(const float *x, const float *bias, size_t rows, size_t columns, float old_beta, float new_beta, double *weight,
                      float *sample, gk_key key, uint64_t tile) {
    uint32_t words[128];
    float y[128];
    size_t row_tiles = gk_padded(columns) / 128;
    for (size_t r = 0; r < rows; r++) {
        double total = 0;
        for (size_t first = 0; first < columns; first += 128) {
            size_t count = columns - first < 128 ? columns - first : 128;
            for (size_t j = 0; j < count; j++) y[j] = x[r * columns + first + j] + bias[first + j];
            // Padding that adds the same to both sums.
            for (size_t j = count; j < 128; j++) y[j] = 0;
            gk_softplus_lanes old_sum = {{0}, {0}}, new_sum = {{0}, {0}};
            for (size_t j = 0; j < 128; j += 16)
                for (size_t i = 0; i < 16; i++) {
                    float a = old_beta * y[j + i], b = new_beta * y[j + i];
                    float s = gk_exp(-__builtin_fabsf(a)), t = gk_exp(-__builtin_fabsf(b));
                    old_sum.excess[i] += s + old_sum.excess[i] * s;
                    new_sum.excess[i] += t + new_sum.excess[i] * t;
                    old_sum.linear[i] += a > 0 ? a : 0;
                    new_sum.linear[i] += b > 0 ? b : 0;
                }
            total += (double)gk_softplus_total(&new_sum) - (double)gk_softplus_total(&old_sum);
            if (!sample) continue;
            gk_tile(words, key, tile + r * row_tiles + first / 128);
            float *out = sample + r * columns + first;
            for (size_t j = 0; j < count; j++) out[j] = gk_unit(words[j]) < gk_sigmoid(new_beta * y[j]) ? new_beta : 0.0f;
        }
        weight[r] += total;
    }
}
