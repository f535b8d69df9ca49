// libtorch in plain C: the whole of what Gibbs sees of it.
//
// A tensor is a handle that never changes once made, except by the functions named "in place". Whoever is given one by an out
// parameter releases it. Every function that can fail returns a status; `ct_message` then tells why, on the same thread. No C++
// exception leaves. Operations are differentiable, twice and more, where PyTorch's are.
//
// Built without the trait Deep, every function answers CT_ABSENT, and nothing of libtorch is needed.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_tensor ct_tensor;

// Open enumerations, so that Swift sees plain structs over an integer.
typedef enum ct_status { CT_FINE = 0, CT_REFUSED, CT_OUT_OF_MEMORY, CT_ABSENT } ct_status;
typedef enum ct_type { CT_FLOAT = 0, CT_DOUBLE, CT_INTEGER } ct_type;
typedef enum ct_device { CT_CPU = 0, CT_CUDA, CT_MPS } ct_device;

// Operations of `ct_apply`. Operands are tensors x, y, …; i… are integers and n… numbers. Axes may be negative.
typedef enum ct_op {
    // One operand, element by element.
    CT_NEGATE, CT_EXP, CT_LOG, CT_SQUARE, CT_SQUARE_ROOT, CT_ABSOLUTE, CT_SIGMOID, CT_TANH, CT_RELU, CT_SILU, CT_GELU, CT_SOFTPLUS,
    CT_ELU,
    CT_LEAKY_RELU,       // n: slope below zero
    CT_AFFINE,           // n: a, b; a x + b
    CT_POWER,            // n: exponent
    CT_CLAMP,            // n: lowest, highest
    // Two operands, broadcast as NumPy does.
    CT_ADD, CT_SUBTRACT, CT_MULTIPLY, CT_DIVIDE, CT_MAXIMUM, CT_GREATER,
    CT_WHERE,            // condition, x, y
    // Sums; i: axes, none for all.
    CT_SUM, CT_MEAN, CT_LOG_SUM_EXP,
    CT_SOFTMAX,          // i: axis
    CT_LOG_SOFTMAX,      // i: axis
    // Products.
    CT_MATMUL,           // x, y
    CT_LINEAR,           // x [n, in], weight [out, in], [bias]
    CT_CONVOLUTION,      // x [n, c, h, w], weight, [bias]; i: stride, padding, groups
    CT_TRANSPOSED_CONVOLUTION, // as above; i: stride, padding, output padding, groups
    CT_AVERAGE_POOL,     // x [n, c, h, w]; i: size
    // Norms.
    CT_GROUP_NORM,       // x, [weight, bias]; i: groups; n: epsilon
    CT_LAYER_NORM,       // x, [weight, bias]; i: the shape that is normalised; n: epsilon
    // Shapes and places.
    CT_RESHAPE, CT_PERMUTE, CT_EXPAND,  // i: the shape, or the order
    CT_CONCATENATE,      // any number of operands; i: axis
    CT_SLICE,            // i: axis, first, past the last
    CT_SELECT,           // i: axis, index; the axis goes
    CT_INDEX,            // x, indices; i: axis
    CT_GATHER,           // x, indices; i: axis
    CT_EMBEDDING,        // weight, indices
    CT_CROSS_ENTROPY,    // logits [n, classes], indices [n]; the mean, nats
    // Neither differentiable nor in a graph.
    CT_DETACH,           // shares memory; the graph ends here
    CT_LEAF,             // shares memory; a graph begins here
    CT_COPY,             // memory of its own, no graph
    CT_CONVERT,          // i: type
    CT_MOVE,             // i: device
    CT_OPERATIONS
} ct_op;

// libtorch's version; NULL without it.
const char *ct_version(void);
// What the last failing call on this thread had to say.
const char *ct_message(void);
// 1 where tensors can be put on the device.
int ct_has_device(ct_device device);
// Threads of operations on the processor; they return the number in force, 0 without libtorch.
int ct_threads(void);
int ct_set_threads(int count);

// Copies numbers in, and out; `count` must be the number of elements.
ct_status ct_from(const void *data, ct_type type, const int64_t *shape, int rank, ct_tensor **out);
ct_status ct_to(const ct_tensor *x, void *data, ct_type type, int64_t count);
ct_status ct_full(double value, ct_type type, const int64_t *shape, int rank, ct_device device, ct_tensor **out);
// Standard normal numbers from a generator of its own with this seed.
ct_status ct_normal(uint64_t seed, ct_type type, const int64_t *shape, int rank, ct_device device, ct_tensor **out);
void ct_release(ct_tensor *x);

// The rank; fills as many extents as there is room for.
int ct_shape(const ct_tensor *x, int64_t *extents, int capacity);
ct_type ct_type_of(const ct_tensor *x);
ct_device ct_device_of(const ct_tensor *x);

ct_status ct_apply(ct_op op, const ct_tensor *const *operands, int operand_count, const int64_t *integers, int integer_count,
                   const double *numbers, int number_count, ct_tensor **out);

// ∂ Σ output / ∂ input for `count` inputs, zeros where the output does not depend on one. With `graph`, the gradients can be
// differentiated again.
ct_status ct_gradients(const ct_tensor *output, const ct_tensor *const *inputs, int count, int graph, ct_tensor **out);

// In place, and each a single call for all parameters; `step` counts from 1.
//
// w ← w − rate (m̂ / (√v̂ + epsilon) + decay w)
ct_status ct_adam(ct_tensor *const *parameters, const ct_tensor *const *gradients, ct_tensor *const *first, ct_tensor *const *second,
                  int count, int64_t step, double rate, double beta1, double beta2, double epsilon, double decay);
// m ← momentum m + g + decay w; w ← w − rate m
ct_status ct_momentum(ct_tensor *const *parameters, const ct_tensor *const *gradients, ct_tensor *const *momenta, int count,
                      double rate, double momentum, double decay);
// a ← a + (1 − keep) (w − a)
ct_status ct_average(ct_tensor *const *averages, const ct_tensor *const *parameters, int count, double keep);
// The length of all gradients together; scaled down in place to `limit` if that is positive and less.
ct_status ct_clip(ct_tensor *const *gradients, int count, double limit, double *length);
// x ← x − drift g + scale ξ, where g and ξ have the shape of x, and a positive `limit` holds every number of g within ± limit
ct_status ct_langevin(ct_tensor *x, const ct_tensor *gradient, const ct_tensor *noise, double drift, double scale, double limit);

#ifdef __cplusplus
}
#endif
