// A pool of threads for loops of tens of microseconds. Waking a sleeping thread costs as much as such a loop; so a worker that
// has run out of work looks for more for a while before it sleeps.
#if defined(__linux__)
#define _GNU_SOURCE // sched_getaffinity
#endif
#include "CKernels.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define GK_PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define GK_PAUSE() __asm__ volatile("yield")
#else
#define GK_PAUSE() ((void)0)
#endif

enum { GK_SPIN_MICROSECONDS = 200, GK_LOOKS = 32 };
#define GK_CLOSED UINT32_MAX

// The number of the job in the upper half, the next part to take in the lower: a late worker cannot take another job's part.
static _Atomic uint64_t gk_ticket;
static _Atomic(gk_body) gk_job_body;
static _Atomic(void *) gk_job_context;
static _Atomic uint32_t gk_job_parts, gk_job_done;
static atomic_flag gk_busy = ATOMIC_FLAG_INIT;

static pthread_mutex_t gk_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gk_wake = PTHREAD_COND_INITIALIZER;
static _Atomic int gk_sleepers;
static pthread_once_t gk_started = PTHREAD_ONCE_INIT;

static void gk_take_parts(uint32_t job) {
    gk_body body = atomic_load_explicit(&gk_job_body, memory_order_relaxed);
    void *context = atomic_load_explicit(&gk_job_context, memory_order_relaxed);
    uint32_t parts = atomic_load_explicit(&gk_job_parts, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    uint64_t ticket = atomic_load_explicit(&gk_ticket, memory_order_acquire);
    while ((uint32_t)(ticket >> 32) == job && (uint32_t)ticket < parts) {
        if (!atomic_compare_exchange_weak_explicit(&gk_ticket, &ticket, ticket + 1, memory_order_acq_rel, memory_order_acquire)) continue;
        body(context, (uint32_t)ticket);
        atomic_fetch_add_explicit(&gk_job_done, 1, memory_order_release);
        ticket = atomic_load_explicit(&gk_ticket, memory_order_acquire);
    }
}

// A job other than `last` whose parts can be taken; else `last`.
static uint32_t gk_open_job(uint32_t last) {
    uint64_t ticket = atomic_load(&gk_ticket); // In one order with the count of sleepers, or a wake-up could be missed.
    return (uint32_t)ticket == GK_CLOSED ? last : (uint32_t)(ticket >> 32);
}

static double gk_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e6 + now.tv_nsec * 1e-3;
}

static uint32_t gk_next_job(uint32_t last) {
    double until = gk_microseconds() + GK_SPIN_MICROSECONDS;
    do {
        for (int look = 0; look < GK_LOOKS; look++) {
            uint32_t job = gk_open_job(last);
            if (job != last) return job;
            GK_PAUSE();
        }
        sched_yield(); // Whoever has work goes first.
    } while (gk_microseconds() < until);
    pthread_mutex_lock(&gk_mutex);
    atomic_fetch_add(&gk_sleepers, 1);
    uint32_t job;
    while ((job = gk_open_job(last)) == last) pthread_cond_wait(&gk_wake, &gk_mutex);
    atomic_fetch_sub(&gk_sleepers, 1);
    pthread_mutex_unlock(&gk_mutex);
    return job;
}

static void *gk_worker(void *unused) {
    (void)unused;
    for (uint32_t job = 0;;) {
        job = gk_next_job(job);
        gk_take_parts(job);
    }
}

size_t gk_processors(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return (size_t)CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (size_t)online : 1;
}

static void gk_start_workers(void) {
    long processors = (long)gk_processors();
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 8 << 20);
    for (long i = 1; i < processors; i++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, gk_worker, NULL)) break; // The caller's thread does what is left.
    }
    pthread_attr_destroy(&attributes);
}

void gk_run_parts(uint32_t parts, gk_body body, void *context) {
    if (parts < 2 || atomic_flag_test_and_set_explicit(&gk_busy, memory_order_acquire)) {
        for (uint32_t part = 0; part < parts; part++) body(context, part);
        return;
    }
    pthread_once(&gk_started, gk_start_workers);
    // Closed while its description changes: a worker that still looks at the last job can take nothing.
    uint64_t job = (uint32_t)(atomic_load_explicit(&gk_ticket, memory_order_relaxed) >> 32) + UINT32_C(1);
    atomic_store(&gk_ticket, job << 32 | GK_CLOSED);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&gk_job_body, body, memory_order_relaxed);
    atomic_store_explicit(&gk_job_context, context, memory_order_relaxed);
    atomic_store_explicit(&gk_job_parts, parts, memory_order_relaxed);
    atomic_store_explicit(&gk_job_done, 0, memory_order_relaxed);
    atomic_store(&gk_ticket, job << 32);
    if (atomic_load(&gk_sleepers) > 0) {
        pthread_mutex_lock(&gk_mutex);
        pthread_cond_broadcast(&gk_wake);
        pthread_mutex_unlock(&gk_mutex);
    }
    gk_take_parts((uint32_t)job);
    for (uint32_t looks = 0; atomic_load_explicit(&gk_job_done, memory_order_acquire) < parts; looks++) {
        if (looks % 1024 == 1023) sched_yield(); // A worker may have lost its processor.
        GK_PAUSE();
    }
    atomic_flag_clear_explicit(&gk_busy, memory_order_release);
}
