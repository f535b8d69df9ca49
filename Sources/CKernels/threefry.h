// Threefry-2x32: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once
#include "CKernels.h"
#include "dispatch.h"

GK_INLINE uint32_t gk_rotate(uint32_t x, int n) { return (x << n) | (x >> (32 - n)); }

#define GK_ROUND(n) x0 += x1; x1 = gk_rotate(x1, n); x1 ^= x0;
#define GK_INJECT(a, b, i) x0 += a; x1 += b + i;

/// 20 rounds; x0 and x1 hold the counter on entry, the random block on exit.
GK_INLINE void gk_threefry20(uint32_t k0, uint32_t k1, uint32_t *a, uint32_t *b) {
    uint32_t k2 = 0x1BD11BDA ^ k0 ^ k1, x0 = *a + k0, x1 = *b + k1;
    GK_ROUND(13) GK_ROUND(15) GK_ROUND(26) GK_ROUND(6) GK_INJECT(k1, k2, 1)
    GK_ROUND(17) GK_ROUND(29) GK_ROUND(16) GK_ROUND(24) GK_INJECT(k2, k0, 2)
    GK_ROUND(13) GK_ROUND(15) GK_ROUND(26) GK_ROUND(6) GK_INJECT(k0, k1, 3)
    GK_ROUND(17) GK_ROUND(29) GK_ROUND(16) GK_ROUND(24) GK_INJECT(k1, k2, 4)
    GK_ROUND(13) GK_ROUND(15) GK_ROUND(26) GK_ROUND(6) GK_INJECT(k2, k0, 5)
    *a = x0; *b = x1;
}

/// 13 rounds: the fewest that pass every BigCrush test in the paper; used for bulk sampling.
GK_INLINE void gk_threefry13(uint32_t k0, uint32_t k1, uint32_t *a, uint32_t *b) {
    uint32_t k2 = 0x1BD11BDA ^ k0 ^ k1, x0 = *a + k0, x1 = *b + k1;
    GK_ROUND(13) GK_ROUND(15) GK_ROUND(26) GK_ROUND(6) GK_INJECT(k1, k2, 1)
    GK_ROUND(17) GK_ROUND(29) GK_ROUND(16) GK_ROUND(24) GK_INJECT(k2, k0, 2)
    GK_ROUND(13) GK_ROUND(15) GK_ROUND(26) GK_ROUND(6) GK_INJECT(k0, k1, 3)
    GK_ROUND(17)
    *a = x0; *b = x1;
}

/// 128 random words of tile `tile`: block c of the tile fills words c and 64 + c.
GK_INLINE void gk_tile(uint32_t *words, gk_key key, uint64_t tile) {
    uint32_t high = (uint32_t)(tile >> 26), low = (uint32_t)(tile << 6);
    for (uint32_t c = 0; c < 64; c++) {
        uint32_t a = low + c, b = high;
        gk_threefry13(key.low, key.high, &a, &b);
        words[c] = a;
        words[64 + c] = b;
    }
}

GK_INLINE float gk_unit(uint32_t word) { return (float)(int32_t)(word >> 8) * 0x1p-24f; }
