// The operations of `ct_apply`: a line each.
#ifdef GIBBS_DEEP
#include "handles.hpp"

using namespace gibbs;

namespace {

/// The arguments of one operation; asking for one that is not there is an error that names it.
struct Arguments {
    const ct_tensor *const *operands;
    int operand_count;
    at::IntArrayRef integers;
    c10::ArrayRef<double> numbers;

    const at::Tensor &x(int index) const {
        TORCH_CHECK(index < operand_count, "operand ", index, " is missing");
        return operands[index]->value;
    }
    std::optional<at::Tensor> maybe(int index) const {
        return index < operand_count ? std::optional<at::Tensor>(operands[index]->value) : std::nullopt;
    }
    int64_t i(int index) const {
        TORCH_CHECK(index < int(integers.size()), "integer ", index, " is missing");
        return integers[index];
    }
    double n(int index) const {
        TORCH_CHECK(index < int(numbers.size()), "number ", index, " is missing");
        return numbers[index];
    }
};

/// The one axis, or those of all.
std::vector<int64_t> axes(const Arguments &a) {
    if (!a.integers.empty()) return a.integers.vec();
    std::vector<int64_t> all(a.x(0).dim());
    for (size_t axis = 0; axis < all.size(); axis++) all[axis] = int64_t(axis);
    return all;
}

at::Tensor elementwise(ct_op op, const Arguments &a) {
    const auto &x = a.x(0);
    switch (op) {
    case CT_NEGATE: return at::neg(x);
    case CT_EXP: return at::exp(x);
    case CT_LOG: return at::log(x);
    case CT_SQUARE: return at::square(x);
    case CT_SQUARE_ROOT: return at::sqrt(x);
    case CT_ABSOLUTE: return at::abs(x);
    case CT_SIGMOID: return at::sigmoid(x);
    case CT_TANH: return at::tanh(x);
    case CT_RELU: return at::relu(x);
    case CT_SILU: return at::silu(x);
    case CT_GELU: return at::gelu(x);
    case CT_SOFTPLUS: return at::softplus(x);
    case CT_ELU: return at::elu(x);
    case CT_LEAKY_RELU: return at::leaky_relu(x, a.n(0));
    case CT_AFFINE: return a.n(1) == 0 ? at::mul(x, a.n(0)) : a.n(0) == 1 ? at::add(x, a.n(1)) : at::add(at::mul(x, a.n(0)), a.n(1));
    case CT_POWER: return at::pow(x, a.n(0));
    case CT_CLAMP: return at::clamp(x, at::Scalar(a.n(0)), at::Scalar(a.n(1)));
    case CT_ADD: return at::add(x, a.x(1));
    case CT_SUBTRACT: return at::sub(x, a.x(1));
    case CT_MULTIPLY: return at::mul(x, a.x(1));
    case CT_DIVIDE: return at::div(x, a.x(1));
    case CT_MAXIMUM: return at::maximum(x, a.x(1));
    case CT_GREATER: return at::gt(x, a.x(1)).to(x.scalar_type());
    case CT_WHERE: return at::where(x.to(at::kBool), a.x(1), a.x(2));
    default: TORCH_CHECK(false, "operation ", int(op), " is unknown");
    }
}

at::Tensor summed(ct_op op, const Arguments &a) {
    switch (op) {
    case CT_SUM: return at::sum(a.x(0), axes(a));
    case CT_MEAN: return at::mean(a.x(0), axes(a));
    case CT_LOG_SUM_EXP: return at::logsumexp(a.x(0), axes(a));
    case CT_SOFTMAX: return at::softmax(a.x(0), a.i(0));
    default: return at::log_softmax(a.x(0), a.i(0));
    }
}

at::Tensor multiplied(ct_op op, const Arguments &a) {
    const auto &x = a.x(0), &y = a.x(1);
    switch (op) {
    case CT_MATMUL: return at::matmul(x, y);
    case CT_LINEAR: return at::linear(x, y, a.maybe(2));
    case CT_CONVOLUTION: return at::conv2d(x, y, a.maybe(2), a.i(0), a.i(1), 1, a.i(2));
    default: return at::conv_transpose2d(x, y, a.maybe(2), a.i(0), a.i(1), a.i(2), a.i(3));
    }
}

at::Tensor arranged(ct_op op, const Arguments &a) {
    if (op == CT_CONCATENATE) return at::cat(tensors(a.operands, a.operand_count), a.i(0));
    const auto &x = a.x(0);
    switch (op) {
    case CT_RESHAPE: return at::reshape(x, a.integers);
    case CT_PERMUTE: return at::permute(x, a.integers);
    case CT_EXPAND: return x.expand(a.integers);
    case CT_SLICE: return at::slice(x, a.i(0), a.i(1), a.i(2));
    case CT_SELECT: return at::select(x, a.i(0), a.i(1));
    case CT_INDEX: return at::index_select(x, a.i(0), a.x(1));
    case CT_GATHER: return at::gather(x, a.i(0), a.x(1));
    case CT_EMBEDDING: return at::embedding(x, a.x(1));
    case CT_DETACH: return x.detach();
    case CT_LEAF: return x.detach().requires_grad_(true);
    case CT_COPY: return x.detach().clone(at::MemoryFormat::Contiguous);
    case CT_CONVERT: return x.to(scalar(ct_type(a.i(0))));
    default: return x.to(device(ct_device(a.i(0))));
    }
}

at::Tensor applied(ct_op op, const Arguments &a) {
    switch (op) {
    case CT_AVERAGE_POOL: return at::avg_pool2d(a.x(0), a.i(0));
    case CT_GROUP_NORM: return at::group_norm(a.x(0), a.i(0), a.maybe(1), a.maybe(2), a.n(0));
    case CT_LAYER_NORM: return at::layer_norm(a.x(0), a.integers, a.maybe(1), a.maybe(2), a.n(0));
    case CT_CROSS_ENTROPY: return at::cross_entropy_loss(a.x(0), a.x(1));
    default: break;
    }
    if (op >= CT_RESHAPE) return arranged(op, a);
    if (op >= CT_MATMUL) return multiplied(op, a);
    if (op >= CT_SUM) return summed(op, a);
    return elementwise(op, a);
}

} // namespace

ct_status ct_apply(ct_op op, const ct_tensor *const *operands, int operand_count, const int64_t *integers, int integer_count,
                   const double *numbers, int number_count, ct_tensor **out) {
    return guarded([&] {
        Arguments arguments{operands, operand_count, at::IntArrayRef(integers, integer_count), c10::ArrayRef<double>(numbers, number_count)};
        *out = handle(applied(op, arguments));
    });
}
#endif
