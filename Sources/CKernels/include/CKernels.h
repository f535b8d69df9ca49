// The sampling loops of Gibbs: fused, vectorised, no allocation. Every loop is pure in its arguments and safe to call
// from many threads on disjoint rows. Random numbers are counter-based (Threefry-2x32, 20 rounds): element e of a stream
// depends only on the key and e, so any split of the work gives the same bits.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct { uint32_t low, high; } gk_key;

typedef void (*gk_body)(void *context, uint32_t part);

/// Runs body(context, part) for every part below `parts`, on this thread and those of a pool, and returns when all are done.
/// Called while the pool is at work, from one of its threads or another, it runs all parts on the calling thread.
void gk_run_parts(uint32_t parts, gk_body body, void *context);

/// The processors that this process may run on.
size_t gk_processors(void);

/// One Threefry-2x32 block of `rounds` rounds (13 or 20). Salmon et al., SC 2011.
gk_key gk_threefry(gk_key key, gk_key counter, int rounds);

/// out[i] = uniform in [0, 1) with 24 bits, for elements start ..< start + n of the stream. `start` is a multiple of 128.
void gk_uniforms(float *out, size_t n, gk_key key, uint64_t start);

/// out[i] = standard normal (Box-Muller). `start` is a multiple of 128.
void gk_normals(float *out, size_t n, gk_key key, uint64_t start);

/// x[r, c] = 1 / (1 + exp(-(x[r, c] + bias[c]))) in place, rows `stride` apart.
void gk_bias_sigmoid(float *x, const float *bias, size_t stride, size_t rows, size_t columns);

/// mean = sigmoid(x + bias); sample = 1 with probability mean, else 0; rows of all three are `stride` apart. Row r consumes
/// elements of the tiles of 128 from tile + r * row_tiles. `mean` may be NULL; either output may be x itself.
void gk_bias_sigmoid_sample(const float *x, const float *bias, float *mean, float *sample, size_t stride, size_t rows,
                            size_t columns, gk_key key, uint64_t tile, uint64_t row_tiles);

/// The stream elements that one row of `columns` consumes: columns rounded up to a multiple of 128.
static inline size_t gk_padded(size_t columns) { return (columns + 127) / 128 * 128; }

/// out[r] = sum over c of ln(1 + exp(x[r, c] + bias[c])).
void gk_softplus_sums(const float *x, const float *bias, size_t rows, size_t columns, float *out);

// Lists of units that are on: list l holds the entries start[l] ..< stop[l] of index (a unit, ascending) and value.

/// Splits the rows first ..< last of a batch (row pick[r] for r, or r itself when `pick` is NULL): the columns real_column into
/// real[r, :]; of the columns binary_column (unit reals + b) those above zero, and of the columns group_column (unit
/// group_unit[g] + value) those with a value, into list r, which starts at r * (binaries + groups). A NaN enters no list.
void gk_list_rows(const float *batch, size_t columns, const int64_t *pick, size_t first, size_t last, const int32_t *real_column,
                  size_t reals, const int32_t *binary_column, size_t binaries, const int32_t *group_column,
                  const int32_t *group_unit, size_t groups, float *real, int32_t *index, float *value, int64_t *stop);

/// For the rows first ..< last: lists the units first_unit ..< first_unit + units whose x[r, unit] is above zero; list r starts
/// at r * capacity.
void gk_list_units(const float *x, size_t stride, size_t first, size_t last, size_t first_unit, size_t units, int32_t *index,
                   float *value, size_t capacity, int64_t *stop);

/// out[l, first ..< last] += sum over the entries of list l of value * table[index, first ..< last]; rows of out and table are
/// `width` long, the table has `units` rows. Each element is summed in the order of its list, whatever the other lists.
/// `cursor` is scratch, one a list.
void gk_list_sums(float *out, size_t width, const float *table, size_t units, const int32_t *index, const float *value,
                  const int64_t *start, const int64_t *stop, int64_t *cursor, size_t lists, size_t first, size_t last);

/// For each unit of first_unit ..< last_unit the lists that hold it, ascending, with their values: lists of units become lists
/// of lists, unit u's from unit_start[u - first_unit]. The outputs have room for all entries; `cursor` is scratch, one a list.
void gk_transpose_lists(const int32_t *index, const float *value, const int64_t *start, const int64_t *stop, size_t lists,
                        size_t first_unit, size_t last_unit, int32_t *unit_index, float *unit_value, int64_t *unit_start,
                        int64_t *unit_stop, int64_t *cursor);

/// out[l] = sum over the entries of list l of value * weights[index].
void gk_list_dots(const int32_t *index, const float *value, const int64_t *start, const int64_t *stop, size_t lists,
                  const float *weights, float *out);

/// out[r, c] = weight[r] * (x[r, c] - offset[c]), rows of both `stride` apart, and sums[c] += the sum of out[r, c] over r. No
/// offset when it is NULL.
void gk_weigh_rows(const float *x, const float *offset, const float *weight, size_t stride, size_t rows, size_t columns, float *out,
                   float *sums);

/// out[r, c] = x[r] * y[c].
void gk_outer_rows(float *out, const float *x, const float *y, size_t rows, size_t columns);

/// out[r] = sum over c of a[r, c] * b[r, c]; rows are a_stride and b_stride apart, 0 to use one row for all.
void gk_row_dots(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows, size_t columns, float *out);

/// sums[c] += sum over r of weight[r] * x[r, c].
void gk_add_weighted_rows(float *sums, const float *x, const float *weight, size_t rows, size_t columns);

/// For the rows first ..< last and each group g with the units offset[g] ..< offset[g + 1] of x + bias (rows `stride` apart):
/// draws one unit by the Gibbs distribution of the negative energies x + bias and appends it, with value 1, to list r at
/// stop[r], which grows by `groups`. Consumes one uniform a group: elements from r * gk_padded(groups). `scratch` holds
/// offset[groups] + 16.
void gk_softmax_sample(const float *x, const float *bias, size_t stride, const int32_t *offset, size_t groups, int32_t *index,
                       float *value, int64_t *stop, size_t first, size_t last, gk_key key, float *scratch);

/// state[r] = 2 where a value of row r lies outside low[c] ... high[c] or, where whole[c] is 1, is no whole number; else 1 where
/// one is NaN; else 0.
void gk_check_rows(const float *x, size_t rows, size_t columns, const float *low, const float *high, const float *whole,
                   uint8_t *state);

/// Patterns are stored in blocks of this many, feature by feature within a block: value k of pattern i stands at
/// (i / 64) * 64 * features + k * 64 + i % 64. The last block is padded with any finite values.
enum { GK_BLOCK = 64 };

/// out[r] = -ln sum over i of exp(offset[i] - precision[i] * d(x[r], pattern i)), where d adds (x - p)^2 over real columns
/// and mismatch[k] over the columns k with mismatch[k] > 0 whose values differ. A negative one adds -mismatch[k] (x - p)^2: the
/// same for values of 0 and 1, and smooth between them. A NaN in x adds nothing. `precision` and `offset` are padded like the
/// patterns. With width > 0, d adds ln(1 + width c) in place of each such c (a real column's factor saturates at 1e9).
/// exclude[r] is the pattern left out for row r (-1: none); NULL leaves none out.
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

/// y[r, c] += factor * scale[c] * x[r, c]; `scale` NULL means ones.
void gk_add_scaled(float *y, const float *x, float factor, const float *scale, size_t rows, size_t columns);

/// With y = x + bias: weight[r] += sum over c of ln(1 + exp(new_beta y)) - ln(1 + exp(old_beta y)), and, unless `sample` is NULL,
/// sample = new_beta with probability sigmoid(new_beta y), else 0. Row r consumes elements of the tiles of 128 from tile + r *
/// gk_padded(columns) / 128.
void gk_anneal_hidden(const float *x, const float *bias, size_t rows, size_t columns, float old_beta, float new_beta, double *weight,
                      float *sample, gk_key key, uint64_t tile);

/// Whether every value is finite.
int gk_all_finite(const float *x, size_t n);

// Choices: a class k has the log-odds a[k] + sum over j of ln(1 + exp(x[j] + w[j, k])). Classes stand `stride` apart, a multiple
// of 16, in tables of hidden * stride.

/// scores[r, k] += sum over j of ln(1 + exp(x[r, j] + weights[j, k])). exp_weights[j, k] = exp(weights[j, k]); `largest` is the
/// largest weight.
void gk_choice_scores(const float *x, size_t rows, size_t hidden, const float *weights, const float *exp_weights, float largest,
                      size_t stride, float *scores);

/// probability[r, :] = softmax of scores[r, 0 ..< classes], 0 beyond; surprise[r] = -ln probability[r, choice[r]], unless NULL.
void gk_choice_probabilities(const float *scores, size_t rows, size_t classes, size_t stride, const int32_t *choice, float *probability,
                             float *surprise);

/// With sigma = sigmoid(x[r, j] + weights[j, k]): hidden_gradient[r, j] = sum over k of pull[r, k] sigma, and
/// weight_gradient[j, k] += pull[r, k] sigma.
void gk_choice_gradient(const float *x, size_t rows, size_t hidden, const float *weights, size_t stride, const float *pull,
                        float *hidden_gradient, float *weight_gradient);

// Streams of choices.

/// out[r, :] = bias + sum over j < columns of table[offsets[j] + code, :] with code = codes[r * step + j]; one outside 0 ..< sizes[j]
/// adds nothing. Rows of the tables are `width` long.
void gk_gather_sums(const int32_t *codes, size_t rows, size_t columns, size_t step, const int32_t *offsets, const int32_t *sizes,
                    const float *table, const float *bias, size_t width, float *out);

/// With l[k] = ln softmax(scores[r, 0 ..< classes])[k] + known, and l = unseen for choice -2 (a name never seen):
/// surprise[r] = -l[choice[r * step]], entropy[r] = -sum of l exp(l), and gain[r] = ln of p^beta / Z over p for the choice made, the sums
/// taken over all classes and the unseen one. A missing choice, -1, gives zeros. `stride` is a multiple of 16.
void gk_choice_surprises(const float *scores, size_t rows, size_t classes, size_t stride, const int32_t *choice, size_t step, float beta,
                         float known, float unseen, float *surprise, float *gain, float *entropy);

/// The first class with the largest of `classes` scores, and its share of the softmax; the row is a multiple of 16 long.
size_t gk_choice_expected(const float *scores, size_t classes, float *share);

/// 64 bits that tell texts apart; the same on every machine of the same byte order. Not for secrets.
uint64_t gk_hash(const uint8_t *bytes, size_t n, uint64_t seed);

// Ratings: an item has `levels` rows of weights, each of `binary` and then `gaussian` hidden units.

/// With y = x[j] + weights[k, j]: scores[k] += sum over binary units of ln(1 + exp(y)) + sum over Gaussian units of spread y^2 / 2, and
/// slopes[k, j] = the derivative of that in y.
void gk_rating_levels(const float *x, const float *weights, size_t levels, size_t binary, size_t gaussian, float spread, float *scores,
                      float *slopes);

/// slopes[k, :] *= pull[k]; total = the sum of the rows then.
void gk_rating_pull(const float *pull, size_t levels, size_t hidden, float *slopes, float *total);
// Recommending by factors. Rows of factors are `stride` apart.

/// Rows in blocks of GK_BLOCK, column by column within a block, as `patterns` above; the last block is padded with zeros.
void gk_pack_rows(const float *rows, size_t stride, size_t count, size_t width, float *packed);

/// out[r, i] = offset[i] + sum over k < width of x[r, k] * packed row i; `offset` is padded to whole blocks, or NULL. Each sum is taken in the
/// order of k, so that a row has the same bits whatever rows stand beside it.
void gk_scores(const float *x, size_t stride, size_t rows, const float *packed, size_t count, size_t width, const float *offset, float *out,
               size_t out_stride);

/// The up to k items of lowest finite energy, ascending, earlier items first where equal; returns how many.
size_t gk_lowest(const float *energies, size_t count, size_t k, float *value, int32_t *item);

/// For each row r of first ..< last, up to `steps` conjugate gradient steps from x[r] towards the solution of
///     (gramian + ridge[r] 1 + sum over e of weight[e] f fT) x[r] = sum over e of weight[e] f,    f = factors[index[e]],
/// e = starts[r] ..< starts[r + 1]; ends early where the residual has shrunk to `tolerance`. `weight` NULL means ones. `stride` is a multiple
/// of 16, columns beyond the width hold zeros everywhere. `scratch` holds 16 * stride. A row's bits do not depend on the other rows.
void gk_least_squares(const int64_t *starts, const int32_t *index, const float *weight, const float *ridge, size_t first, size_t last,
                      const float *factors, size_t stride, const float *gramian, float *x, int steps, float tolerance, float *scratch);

/// For each row r of scores s over `count` candidates, of which those listed at mask[mask_start[r] ..< mask_start[r + 1]] are left out, and
/// the events e = event_start[r] ..< event_start[r + 1] with scores event_score and weights event_weight: with Z_e = exp(event_score[e]) +
/// sum over the others of exp(s), loss[r] = sum of weight (ln Z_e - event_score[e]); s becomes its gradient (0 where left out), event_score
/// the gradient by the event's score.
void gk_softmax_pulls(float *scores, size_t rows, size_t count, size_t stride, const int32_t *mask, const int64_t *mask_start,
                      float *event_score, const float *event_weight, const int64_t *event_start, double *loss);

// Encoders of text.

/// x[r, :] = softmax of factor * x[r, :], in place, rows `stride` apart; factor * x of -infinity weighs 0, and one x must be
/// finite. A factor of any size, infinite even, gives weights: then all to the best of the row, alike where several are.
void gk_softmax_rows(float *x, size_t stride, size_t rows, size_t columns, float factor);

/// x = GELU(x + bias) = y Phi(y) of y = x + bias, in place, by erf to 2e-7.
void gk_bias_gelu(float *x, const float *bias, size_t rows, size_t columns);

/// x[r, c] += bias[c].
void gk_add_bias(float *x, const float *bias, size_t rows, size_t columns);

/// x[r, :] = (y - mean y) / sqrt(var y + epsilon) * gain + shift with y = x[r, :] + more[r, :] + bias; `more` and `bias` may be NULL.
void gk_norm_of_sum(float *x, const float *more, const float *bias, const float *gain, const float *shift, size_t rows, size_t columns,
                    float epsilon);
