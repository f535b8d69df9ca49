// Gradients, and steps along them that change tensors in place.
#ifdef GIBBS_DEEP
#include "handles.hpp"
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

using namespace gibbs;

namespace {
// Fused steps read memory as it lies, whatever the strides say.
void require_same_layout(const std::vector<at::Tensor> &w, const std::vector<at::Tensor> &others) {
    TORCH_CHECK(w.size() == others.size(), w.size(), " weights and ", others.size(), " others");
    for (size_t index = 0; index < w.size(); index++) {
        const auto &x = w[index], &y = others[index];
        TORCH_CHECK(x.sizes() == y.sizes() && x.strides() == y.strides() && x.scalar_type() == y.scalar_type() && x.device() == y.device() &&
                        x.is_non_overlapping_and_dense(),
                    "a weight ", x.sizes(), " and what belongs to it lie differently in memory");
    }
}
}

ct_status ct_gradients(const ct_tensor *output, const ct_tensor *const *inputs, int count, int graph, ct_tensor **out) {
    return guarded([&] {
        auto leaves = tensors(inputs, count);
        torch::autograd::variable_list found;
        // An output apart from any graph depends on nothing.
        if (output->value.requires_grad()) {
            auto ones = at::ones_like(output->value, at::MemoryFormat::Contiguous);
            found = torch::autograd::grad({output->value}, leaves, {ones}, std::nullopt, graph != 0, true);
        } else {
            found.resize(count);
        }
        for (int index = 0; index < count; index++) {
            const auto &leaf = leaves[index];
            if (!found[index].defined()) found[index] = at::zeros_like(leaf);
            // A gradient may come transposed, or be one number said to be many; outside a graph it gets its leaf's layout, as an accumulated one does.
            if (!graph && found[index].strides() != leaf.strides()) found[index] = at::empty_like(leaf).copy_(found[index]);
        }
        std::vector<std::unique_ptr<ct_tensor>> handles;
        for (auto &tensor : found) handles.emplace_back(handle(tensor));
        for (int index = 0; index < count; index++) out[index] = handles[index].release();
    });
}

ct_status ct_adam(ct_tensor *const *parameters, const ct_tensor *const *gradients, ct_tensor *const *first, ct_tensor *const *second,
                  int count, int64_t step, double rate, double beta1, double beta2, double epsilon, double decay) {
    return guarded([&] {
        c10::NoGradGuard none;
        auto w = tensors(parameters, count), g = tensors(gradients, count), m = tensors(first, count), v = tensors(second, count);
        require_same_layout(w, g);
        require_same_layout(w, m);
        require_same_layout(w, v);
        std::vector<at::Tensor> steps;
        for (auto &tensor : w) steps.push_back(at::full({}, double(step), tensor.options().dtype(at::kFloat)));
        at::_fused_adamw_(w, g, m, v, {}, steps, rate, beta1, beta2, decay, epsilon, false, false);
    });
}

ct_status ct_momentum(ct_tensor *const *parameters, const ct_tensor *const *gradients, ct_tensor *const *momenta, int count,
                      double rate, double momentum, double decay) {
    return guarded([&] {
        c10::NoGradGuard none;
        auto w = tensors(parameters, count), g = tensors(gradients, count), m = tensors(momenta, count);
        require_same_layout(w, g);
        require_same_layout(w, m);
        // Without momentum it wants no buffers.
        if (momentum == 0) m.clear();
        at::_fused_sgd_(w, g, m, decay, momentum, rate, 0, false, false, false);
    });
}

ct_status ct_average(ct_tensor *const *averages, const ct_tensor *const *parameters, int count, double keep) {
    return guarded([&] {
        c10::NoGradGuard none;
        at::_foreach_lerp_(tensors(averages, count), tensors(parameters, count), at::Scalar(1 - keep));
    });
}

ct_status ct_clip(ct_tensor *const *gradients, int count, double limit, double *length) {
    return guarded([&] {
        c10::NoGradGuard none;
        auto g = tensors(gradients, count);
        *length = count == 0 ? 0 : at::linalg_vector_norm(at::stack(at::_foreach_norm(g))).item<double>();
        if (limit > 0 && *length > limit) at::_foreach_mul_(g, at::Scalar(limit / *length));
    });
}

ct_status ct_langevin(ct_tensor *x, const ct_tensor *gradient, const ct_tensor *noise, double drift, double scale,
                      double limit) {
    return guarded([&] {
        c10::NoGradGuard none;
        x->value.add_(limit > 0 ? gradient->value.clamp(-limit, limit) : gradient->value, -drift).add_(noise->value, scale);
    });
}
#endif
