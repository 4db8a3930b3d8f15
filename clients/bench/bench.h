#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/bench/report.h"
#include "server/model/fault.h"

/*
 * The benchmarks of Minping, minping-bench(1): each measures one figure of the product against a
 * floor, the least that any program could spend on the same work, in the same run.
 *
 * They talk over loopback only, are bounded in time, start and stop what they need themselves, and
 * judge nothing by their exit status: what was reached is in the report.
 *
 * Threads: one; load generators and servers are processes of their own.
 */
#define BENCH_CONNECTION_MAX 15000 /* descriptors a process: 20,000 on some machines (TRAPS) */
#define BENCH_PATH_SIZE 512

/*
 * server_path  the minpingd to measure
 * overlay_path the minping-overlay to measure
 * dir          where the scratch directory is made: the disk that is measured
 * connections  1 .. BENCH_CONNECTION_MAX; 0: the benchmark's own default
 * rate         single marks a second, 1 .. 1000000
 * seconds      length of one measurement, 0.1 .. 60
 * pairs        measurements of product and floor in turn, 1 .. 99; the median counts
 */
struct bench_options {
    const char *server_path;
    const char *overlay_path;
    const char *dir;
    uint32_t connections;
    uint32_t rate;
    double seconds;
    uint32_t pairs;
    bool allow_unsafe_disk;
};

/*
 * What every benchmark is handed.
 *
 * self          this program, to start floors with
 * server_cpu, load_cpu  cores of the measured process and of the generator; equal on one core
 * signal_fd     readable once the user asked to stop (SIGINT, SIGTERM)
 */
struct bench {
    struct bench_options options;
    char self[BENCH_PATH_SIZE];
    int server_cpu;
    int load_cpu;
    int signal_fd;
};

/*
 * Each fills `report`. Errors: STATUS_IO and others with a fault that says what failed;
 * STATUS_REFUSED: the user stopped it.
 */
typedef enum status (*bench_fn)(const struct bench *bench, struct report *report,
                                struct fault *fault);
MUST_CHECK enum status bench_ingest(const struct bench *bench, struct report *report,
                                    struct fault *fault);
MUST_CHECK enum status bench_ingest_base(const struct bench *bench, struct report *report,
                                         struct fault *fault);
MUST_CHECK enum status bench_fanout(const struct bench *bench, struct report *report,
                                    struct fault *fault);
MUST_CHECK enum status bench_memory(const struct bench *bench, struct report *report,
                                    struct fault *fault);
MUST_CHECK enum status bench_halls(const struct bench *bench, struct report *report,
                                   struct fault *fault);
MUST_CHECK enum status bench_render(const struct bench *bench, struct report *report,
                                    struct fault *fault);
MUST_CHECK enum status bench_blend(const struct bench *bench, struct report *report,
                                   struct fault *fault);
MUST_CHECK enum status bench_insertion(const struct bench *bench, struct report *report,
                                       struct fault *fault);
MUST_CHECK enum status bench_latency(const struct bench *bench, struct report *report,
                                     struct fault *fault);

/* CLOCK_MONOTONIC in ns. */
int64_t bench_now_ns(void);

/* Sleeps until `until_ns` of CLOCK_MONOTONIC. */
void bench_sleep_until(int64_t until_ns);

/*
 * Waits until `fd` is readable, at most timeout_ms. STATUS_BUSY: it is not yet; STATUS_REFUSED: the
 * user asked to stop.
 */
MUST_CHECK enum status bench_wait(const struct bench *bench, int fd, uint32_t timeout_ms,
                                  struct fault *fault);

/* The middle of values[0 .. count), which are sorted by it; the mean of two when count is even. */
double bench_median(double *values, uint32_t count);
