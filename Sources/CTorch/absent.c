// What every function answers in a build without the trait Deep.
#ifndef GIBBS_DEEP
#include "ctorch.h"

const char *ct_version(void) { return NULL; }
const char *ct_message(void) { return ""; }
int ct_has_device(ct_device device) { return 0; }
int ct_threads(void) { return 0; }
int ct_set_threads(int count) { return 0; }
void ct_release(ct_tensor *x) {}
int ct_shape(const ct_tensor *x, int64_t *extents, int capacity) { return 0; }
ct_type ct_type_of(const ct_tensor *x) { return CT_FLOAT; }
ct_device ct_device_of(const ct_tensor *x) { return CT_CPU; }

ct_status ct_from(const void *data, ct_type type, const int64_t *shape, int rank, ct_tensor **out) { return CT_ABSENT; }
ct_status ct_to(const ct_tensor *x, void *data, ct_type type, int64_t count) { return CT_ABSENT; }
ct_status ct_full(double value, ct_type type, const int64_t *shape, int rank, ct_device device, ct_tensor **out) { return CT_ABSENT; }
ct_status ct_normal(uint64_t seed, ct_type type, const int64_t *shape, int rank, ct_device device, ct_tensor **out) { return CT_ABSENT; }
ct_status ct_apply(ct_op op, const ct_tensor *const *operands, int operand_count, const int64_t *integers, int integer_count,
                   const double *numbers, int number_count, ct_tensor **out) { return CT_ABSENT; }
ct_status ct_gradients(const ct_tensor *output, const ct_tensor *const *inputs, int count, int graph, ct_tensor **out) { return CT_ABSENT; }
ct_status ct_adam(ct_tensor *const *parameters, const ct_tensor *const *gradients, ct_tensor *const *first, ct_tensor *const *second,
                  int count, int64_t step, double rate, double beta1, double beta2, double epsilon, double decay) { return CT_ABSENT; }
ct_status ct_momentum(ct_tensor *const *parameters, const ct_tensor *const *gradients, ct_tensor *const *momenta, int count,
                      double rate, double momentum, double decay) { return CT_ABSENT; }
ct_status ct_average(ct_tensor *const *averages, const ct_tensor *const *parameters, int count, double keep) { return CT_ABSENT; }
ct_status ct_clip(ct_tensor *const *gradients, int count, double limit, double *length) { return CT_ABSENT; }
ct_status ct_langevin(ct_tensor *x, const ct_tensor *gradient, const ct_tensor *noise, double drift, double scale, double limit) { return CT_ABSENT; }
#endif
