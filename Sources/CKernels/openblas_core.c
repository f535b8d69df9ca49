// OpenBLAS picks its kernels by the processor's model number and takes a model newer than itself for a Pentium 4
// ("Prescott"): matrix products then run at a seventh of the speed. Where the processor has wider instructions than the
// chosen kernels use, this chooses again by instruction set, once, before main. OPENBLAS_CORETYPE set by a person wins.
#if defined(__x86_64__) && defined(__linux__)
#include <stdlib.h>
#include <string.h>

// Present in OpenBLAS builds that choose at run time, absent (null) in all others.
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));

__attribute__((constructor)) static void gk_choose_openblas_core(void) {
    if (!gotoblas_dynamic_init || !gotoblas_dynamic_quit || !openblas_get_corename || getenv("OPENBLAS_CORETYPE")) return;
    static const char *const old[] = {"Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Unknown"};
    const char *name = openblas_get_corename();
    int is_old = 0;
    for (size_t i = 0; i < sizeof(old) / sizeof(*old); i++) is_old |= strcmp(name, old[i]) == 0;
    if (!is_old) return;
    __builtin_cpu_init();
    const char *better = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
                                 && __builtin_cpu_supports("avx512dq") ? "SkylakeX"
                         : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? "Haswell" : NULL;
    if (!better) return;
    setenv("OPENBLAS_CORETYPE", better, 1);
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    unsetenv("OPENBLAS_CORETYPE");
}
#endif
