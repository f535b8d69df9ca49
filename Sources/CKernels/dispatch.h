// One source, the best instructions of the machine it runs on: clones chosen at load time where the platform has ifuncs.
#pragma once
#if defined(__x86_64__) && defined(__linux__)
#define GK_CLONES __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define GK_CLONES
#endif
#define GK_INLINE static inline __attribute__((always_inline))
