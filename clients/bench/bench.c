#include "clients/bench/bench.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000

int64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

void bench_sleep_until(int64_t until_ns)
{
    struct timespec until = { .tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

enum status bench_wait(const struct bench *bench, int fd, uint32_t timeout_ms, struct fault *fault)
{
    struct pollfd fds[2] = { { .fd = bench->signal_fd, .events = POLLIN },
                             { .fd = fd, .events = POLLIN } };
    int count = poll(fds, 2, (int)timeout_ms);
    if (count < 0) {
        return fault_set(fault, STATUS_IO, "", "cannot wait for another process");
    }
    if ((fds[0].revents & POLLIN) != 0) {
        return fault_set(fault, STATUS_REFUSED, "", "stopped on request");
    }
    return count == 0 ? STATUS_BUSY : STATUS_OK;
}

static int double_compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

double bench_median(double *values, uint32_t count)
{
    if (count == 0) {
        return 0;
    }
    qsort(values, count, sizeof(*values), double_compare);
    uint32_t middle = count / 2;
    return count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}
