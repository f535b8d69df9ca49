#include "elementary.h"
#include "threefry.h"

gk_key gk_threefry(gk_key key, gk_key counter, int rounds) {
    uint32_t a = counter.low, b = counter.high;
    if (rounds == 13) gk_threefry13(key.low, key.high, &a, &b);
    else gk_threefry20(key.low, key.high, &a, &b);
    gk_key result = {a, b};
    return result;
}

GK_CLONES
void gk_uniforms(float *out, size_t n, gk_key key, uint64_t start) {
    uint32_t words[128];
    uint64_t tile = start / 128;
    for (size_t i = 0; i < n; i += 128, tile++) {
        gk_tile(words, key, tile);
        size_t count = n - i < 128 ? n - i : 128;
        for (size_t j = 0; j < count; j++) out[i + j] = gk_unit(words[j]);
    }
}

GK_CLONES
void gk_normals(float *out, size_t n, gk_key key, uint64_t start) {
    uint32_t words[128];
    float values[128];
    uint64_t tile = start / 128;
    for (size_t i = 0; i < n; i += 128, tile++) {
        gk_tile(words, key, tile);
        for (size_t j = 0; j < 64; j++) {
            // 1 - u is in (0, 1], so the logarithm is finite.
            float radius = __builtin_elementwise_sqrt(-2.0f * gk_log(1.0f - gk_unit(words[j])));
            float c, s;
            gk_turn(gk_unit(words[64 + j]), &c, &s);
            values[j] = radius * c;
            values[64 + j] = radius * s;
        }
        size_t count = n - i < 128 ? n - i : 128;
        memcpy(out + i, values, count * sizeof(float));
    }
}
