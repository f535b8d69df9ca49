// What the C++ files of CTorch share: the handle, and the border that no exception crosses.
#pragma once
#ifdef GIBBS_DEEP
#include "include/ctorch.h"
#include <ATen/ATen.h>
#include <new>
#include <string>
#include <vector>

struct ct_tensor {
    at::Tensor value;
};

namespace gibbs {

void say(const char *message);

/// Runs `body` and turns what it throws into a status and a message.
template <typename Body> ct_status guarded(Body &&body) noexcept {
    try {
        body();
        return CT_FINE;
    } catch (const c10::OutOfMemoryError &error) {
        say(error.what_without_backtrace());
        return CT_OUT_OF_MEMORY;
    } catch (const std::bad_alloc &) {
        say("no memory is left");
        return CT_OUT_OF_MEMORY;
    } catch (const c10::Error &error) {
        say(error.what_without_backtrace());
        // The allocator of the processor throws a plain error.
        return std::string(error.what_without_backtrace()).find("can't allocate memory") == std::string::npos ? CT_REFUSED : CT_OUT_OF_MEMORY;
    } catch (const std::exception &error) {
        say(error.what());
        return CT_REFUSED;
    } catch (...) {
        say("an exception of an unknown type");
        return CT_REFUSED;
    }
}

inline ct_tensor *handle(at::Tensor value) { return new ct_tensor{std::move(value)}; }

/// The tensors behind handles; copies share memory.
template <typename Handle> std::vector<at::Tensor> tensors(Handle *const *handles, int count) {
    std::vector<at::Tensor> result;
    result.reserve(count);
    for (int index = 0; index < count; index++) result.push_back(handles[index]->value);
    return result;
}

c10::ScalarType scalar(ct_type type);
c10::Device device(ct_device kind);

} // namespace gibbs
#endif
