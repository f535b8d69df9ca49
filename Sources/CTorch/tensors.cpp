// Tensors: made, read and let go.
#ifdef GIBBS_DEEP
#include "handles.hpp"
#include <ATen/Parallel.h>
#include <mutex>
#include <torch/version.h>
#if defined(__linux__)
#include <dlfcn.h>
#endif

namespace gibbs {

static thread_local std::string last_message;

void say(const char *message) {
    try {
        last_message = message;
    } catch (...) {
        last_message.clear();
    }
}

c10::ScalarType scalar(ct_type type) {
    switch (type) {
    case CT_DOUBLE: return at::kDouble;
    case CT_INTEGER: return at::kLong;
    default: return at::kFloat;
    }
}

c10::Device device(ct_device kind) {
    switch (kind) {
    case CT_CUDA: return c10::Device(c10::kCUDA, 0);
    case CT_MPS: return c10::Device(c10::kMPS);
    default: return c10::Device(c10::kCPU);
    }
}

/// Loads the half of libtorch that drives NVIDIA's cards, where there is a driver, so that one program serves machines with and without.
/// It must be there before the first tensor: libtorch looks for devices once.
static void load_card() {
#if defined(__linux__)
    static std::once_flag once;
    std::call_once(once, [] {
        if (dlopen("libcuda.so.1", RTLD_LAZY)) dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL);
    });
#endif
}

static at::TensorOptions options(ct_type type, ct_device kind) {
    load_card();
    return at::TensorOptions().dtype(scalar(type)).device(device(kind));
}

} // namespace gibbs

using namespace gibbs;

const char *ct_version(void) { return TORCH_VERSION; }
const char *ct_message(void) { return last_message.c_str(); }

int ct_has_device(ct_device kind) {
    load_card();
    switch (kind) {
    case CT_CUDA: return at::hasCUDA();
    case CT_MPS: return at::hasMPS();
    default: return 1;
    }
}

int ct_threads(void) { return at::get_num_threads(); }
int ct_set_threads(int count) {
    guarded([&] { at::set_num_threads(count); });
    return at::get_num_threads();
}

ct_status ct_from(const void *data, ct_type type, const int64_t *shape, int rank, ct_tensor **out) {
    return guarded([&] {
        auto view = at::from_blob(const_cast<void *>(data), at::IntArrayRef(shape, rank), options(type, CT_CPU));
        *out = handle(view.clone());
    });
}

ct_status ct_to(const ct_tensor *x, void *data, ct_type type, int64_t count) {
    return guarded([&] {
        TORCH_CHECK(x->value.numel() == count, "room for ", count, " of ", x->value.numel(), " values");
        auto target = at::from_blob(data, x->value.sizes(), options(type, CT_CPU));
        target.copy_(x->value.detach());
    });
}

ct_status ct_full(double value, ct_type type, const int64_t *shape, int rank, ct_device kind, ct_tensor **out) {
    return guarded([&] { *out = handle(at::full(at::IntArrayRef(shape, rank), value, options(type, kind))); });
}

ct_status ct_normal(uint64_t seed, ct_type type, const int64_t *shape, int rank, ct_device kind, ct_tensor **out) {
    return guarded([&] {
        auto generator = at::globalContext().defaultGenerator(device(kind)).clone();
        generator.set_current_seed(seed);
        *out = handle(at::randn(at::IntArrayRef(shape, rank), generator, options(type, kind)));
    });
}

void ct_release(ct_tensor *x) { delete x; }

int ct_shape(const ct_tensor *x, int64_t *extents, int capacity) {
    auto sizes = x->value.sizes();
    for (int axis = 0; axis < capacity && axis < int(sizes.size()); axis++) extents[axis] = sizes[axis];
    return int(sizes.size());
}

ct_type ct_type_of(const ct_tensor *x) {
    auto type = x->value.scalar_type();
    return type == at::kDouble ? CT_DOUBLE : type == at::kLong ? CT_INTEGER : CT_FLOAT;
}

ct_device ct_device_of(const ct_tensor *x) { return x->value.is_cuda() ? CT_CUDA : x->value.is_mps() ? CT_MPS : CT_CPU; }
#endif
