#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "clients/bench/bench.h"

/*
 * A measured process: started on one core, told to stop, and looked at from outside. It ends when
 * the bench does. One thread.
 */
struct child {
    pid_t pid; /* 0: none */
    int out;   /* its standard output, or -1 */
};

/*
 * Starts argv[0] (found as execvp does) on core `cpu`, or CHILD_CPU_SAME: where this thread may
 * run; its standard error appended to the file at log_path. Errors: STATUS_IO.
 */
#define CHILD_CPU_SAME (-1)
MUST_CHECK enum status child_start(const char *const argv[], int cpu, const char *log_path,
                                   struct child *child, struct fault *fault);

/*
 * Reads lines of its output until one begins with `prefix` and copies the rest of that line.
 * Errors: STATUS_IO (it ended; the fault has the last line of log_path), STATUS_BUSY (nothing
 * within 20 s), STATUS_REFUSED (asked to stop).
 */
MUST_CHECK enum status child_await_line(const struct bench *bench, struct child *child,
                                        const char *prefix, const char *log_path, char *rest,
                                        size_t rest_size, struct fault *fault);

/* SIGTERM, and SIGKILL after 10 s. Does nothing to a child that was not started. */
void child_stop(struct child *child);

/* SIGKILL; it is gone when this returns. */
void child_kill(struct child *child);

/* Keeps the calling thread, and what it begins from here on, on core `cpu`. */
void process_pin(int cpu);

/* On both of the bench's cores. */
void process_pin_both(const struct bench *bench);

/* CPU time of all threads of `pid` in ns; 0 when it is gone. */
int64_t process_cpu_ns(pid_t pid);

/*
 * Where that time went, as far as the kernel says: loop_ns of its first thread, system_ns within
 * the kernel (known to 10 ms). 0 when it is gone.
 */
struct process_times {
    int64_t loop_ns;
    int64_t system_ns;
};
void process_times_read(pid_t pid, struct process_times *times);

/* Resident memory of `pid` in bytes, now (VmRSS) and at its peak (VmHWM); 0 when it is gone. */
uint64_t process_resident_size(pid_t pid);
uint64_t process_resident_peak(pid_t pid);

/* Open descriptors of `pid`; 0 when it is gone. */
uint32_t process_descriptor_count(pid_t pid);
