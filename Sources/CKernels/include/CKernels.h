// The sampling loops of Gibbs: fused, vectorised, no allocation. Every function is pure in its arguments and safe to call
// from many threads on disjoint rows. Random numbers are counter-based (Threefry-2x32, 20 rounds): element e of a stream
// depends only on the key and e, so any split of the work gives the same bits.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct { uint32_t low, high; } gk_key;

/// One Threefry-2x32 block of `rounds` rounds (13 or 20). Salmon et al., SC 2011.
gk_key gk_threefry(gk_key key, gk_key counter, int rounds);

/// out[i] = uniform in [0, 1) with 24 bits, for elements start ..< start + n of the stream. `start` is a multiple of 128.
void gk_uniforms(float *out, size_t n, gk_key key, uint64_t start);

/// out[i] = standard normal (Box-Muller). `start` is a multiple of 128.
void gk_normals(float *out, size_t n, gk_key key, uint64_t start);

/// x[r, c] = 1 / (1 + exp(-(x[r, c] + bias[c]))) in place.
void gk_bias_sigmoid(float *x, const float *bias, size_t rows, size_t columns);

/// mean = sigmoid(x + bias); x = 1 with probability mean, else 0. Consumes elements of `rows * columns` from `start`,
/// each row padded to a multiple of 128 (see gk_padded). `mean` may be NULL.
void gk_bias_sigmoid_sample(float *x, const float *bias, float *mean, size_t rows, size_t columns, gk_key key, uint64_t start);

/// The stream elements that one row of `columns` consumes: columns rounded up to a multiple of 128.
static inline size_t gk_padded(size_t columns) { return (columns + 127) / 128 * 128; }

/// out[r] = sum over c of ln(1 + exp(x[r, c] + bias[c])).
void gk_softplus_sums(const float *x, const float *bias, size_t rows, size_t columns, float *out);

/// out[r] += sum over the lookups j of table[codes[r, j] + offset[j]] (a row of `width`); a negative code adds nothing.
void gk_lookup_add(float *out, size_t width, const float *table, const int32_t *codes, const int32_t *offsets,
                   size_t lookups, size_t rows);

/// table[codes[r, j] + offset[j]] += scale * x[r] over all rows and lookups: the transpose of gk_lookup_add. Columns
/// first ..< last only, so that threads may share the table.
void gk_lookup_scatter(float *table, size_t width, const float *x, const int32_t *codes, const int32_t *offsets,
                       size_t lookups, size_t rows, float scale, size_t first, size_t last);

/// For each row and group g of categories offset[g] ..< offset[g + 1] of x + bias: draws one category by the Gibbs
/// distribution of the negative energies x + bias. codes[r, g] is relative to the group. Consumes one uniform a group.
void gk_softmax_sample(const float *x, const float *bias, size_t stride, const int32_t *offsets, size_t groups,
                       int32_t *codes, size_t rows, gk_key key, uint64_t start, float *scratch);

/// Patterns are stored in blocks of this many, feature by feature within a block: value k of pattern i stands at
/// (i / 64) * 64 * features + k * 64 + i % 64. The last block is padded with any finite values.
enum { GK_BLOCK = 64 };

/// out[r] = -ln sum over i of exp(offset[i] - precision[i] * d(x[r], pattern i)), where d adds (x - p)^2 over real columns
/// and mismatch[k] over the columns k with mismatch[k] > 0 whose values differ; a NaN in x adds nothing. `precision` and
/// `offset` are padded like the patterns. With width > 0, d adds ln(1 + width (x - p)^2) and ln(1 + width mismatch[k]) instead
/// (a column's factor saturates at 1e9). exclude[r] is the pattern left out for row r (-1: none); NULL leaves none out.
void gk_memory_energies(const float *x, size_t rows, const float *patterns, size_t count, size_t features,
                        const float *mismatch, float width, const float *precision, const float *offset, const int64_t *exclude,
                        float *out);

/// out[r, :] = the `nearest` smallest distances d of row r, ascending; arguments as gk_memory_energies.
void gk_nearest(const float *x, size_t rows, const float *patterns, size_t count, size_t features, const float *mismatch,
                const int64_t *exclude, size_t nearest, float *out);

/// w += step of Adam with gradient g (ascent), decoupled decay; all of length n. Kingma & Ba 2015; Loshchilov & Hutter 2019.
void gk_adam(float *w, const float *g, float *m, float *v, size_t n, float rate, float beta1, float beta2, float epsilon,
             float correction1, float correction2, float decay);

/// m = momentum * m + rate * (g - decay * w); w += m.
void gk_momentum(float *w, const float *g, float *m, size_t n, float rate, float momentum, float decay);
