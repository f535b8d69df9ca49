// Elementary functions written so that loops over them vectorise; relative errors below 3e-7 over the stated ranges.
#pragma once
#include "dispatch.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

GK_INLINE float gk_bits_to_float(int32_t bits) { float f; memcpy(&f, &bits, 4); return f; }
GK_INLINE int32_t gk_float_to_bits(float f) { int32_t bits; memcpy(&bits, &f, 4); return bits; }

/// exp(x), clamped to x in [-87, 88]. Range reduction by ln 2, then a minimax polynomial of degree 6.
GK_INLINE float gk_exp(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    float k = __builtin_rintf(x * 1.44269504088896341f);
    float r = x - k * 0.693359375f;
    r = r + k * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return p * gk_bits_to_float(((int32_t)k + 127) << 23);
}

/// ln(x) for normal positive x. Exponent split at sqrt(1/2), then Cephes' polynomial of degree 8.
GK_INLINE float gk_log(float x) {
    int32_t bits = gk_float_to_bits(x);
    int32_t e = (bits - 0x3f3504f3) >> 23;
    float m = gk_bits_to_float(bits - (e << 23)) - 1.0f;
    float k = (float)e, z = m * m;
    float p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    float y = p * m * z;
    y = y + k * -2.12194440e-4f;
    y = y - 0.5f * z;
    return m + y + k * 0.693359375f;
}

GK_INLINE float gk_sigmoid(float x) { return 1.0f / (1.0f + gk_exp(-x)); }

/// ln(1 + exp(x)) = max(x, 0) + ln(1 + exp(-|x|)); the second term through ln with full relative accuracy for small exp.
GK_INLINE float gk_softplus(float x) {
    float t = gk_exp(-__builtin_fabsf(x));
    // ln(1 + t): by log of u = 1 + t, corrected for the rounding of u (t - (u - 1)) / u.
    float u = 1.0f + t;
    float l = gk_log(u) + (t - (u - 1.0f)) / u;
    return (x > 0 ? x : 0) + l;
}

/// cos(2 pi u) and sin(2 pi u) for u in [0, 1): folded to [-1/4, 1/4] of a turn, odd and even polynomials.
GK_INLINE void gk_turn(float u, float *cosine, float *sine) {
    float q = __builtin_rintf(u * 4.0f);
    float r = (u - q * 0.25f) * 6.283185307179586f; // in [-pi/4, pi/4]
    float z = r * r;
    float s = r + r * z * (-1.6666654611e-1f + z * (8.3321608736e-3f - z * 1.9515295891e-4f));
    float c = 1.0f - 0.5f * z + z * z * (4.166664568298827e-2f + z * (-1.388731625493765e-3f + z * 2.443315711809948e-5f));
    int32_t quadrant = (int32_t)q & 3;
    float a = (quadrant & 1) ? s : c, b = (quadrant & 1) ? c : s;
    *cosine = (quadrant == 1 || quadrant == 2) ? -a : a;
    *sine = (quadrant >= 2) ? -b : b;
}
