#include "clients/bench/generator.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/bench/child.h"
#include "clients/bench/load.h"

#define IDLE_POLL_MS 1000 /* between orders: soon enough to answer a ping */
#define START_MAX_MS 90000
#define RUN_SPARE_MS 30000 /* beyond an order's own time */

struct generator {
    pid_t pid;
    int fd; /* orders go out, results come in, one a packet */
};

static const struct load_kind_impl *load_find(enum load_kind kind)
{
    switch (kind) {
    case LOAD_MARKS:
        return &load_marks;
    case LOAD_CARDS:
        return &load_cards;
    case LOAD_PADS:
        return &load_pads;
    case LOAD_VIEWS:
        return &load_views;
    default:
        return NULL;
    }
}

static bool packet_send(int fd, const void *data, size_t size)
{
    return send(fd, data, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static bool packet_receive(int fd, void *data, size_t size)
{
    return recv(fd, data, size, 0) == (ssize_t)size;
}

/* In the process: orders until the bench closes its end. */
static void orders_serve(int fd, const struct load_kind_impl *impl, void *load)
{
    static struct load_order order;
    static struct load_result result;
    for (;;) {
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        enum status status;
        memset(&result, 0, sizeof(result));
        if (poll(&ready, 1, IDLE_POLL_MS) == 0) {
            if (impl->poll(load, &result.fault) == STATUS_OK) {
                continue;
            }
        } else if (!packet_receive(fd, &order, sizeof(order))) {
            return;
        } else {
            status = impl->run(load, &order, &result, &result.fault);
            result.fault.status = status;
        }
        if (!packet_send(fd, &result, sizeof(result)) || result.fault.status != STATUS_OK) {
            return;
        }
    }
}

static void process_run(int fd, const struct generator_options *options,
                        const struct load_kind_impl *impl, int cpu)
{
    static struct load_result ready;
    void *load = NULL;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1ul);
    signal(SIGPIPE, SIG_IGN);
    process_pin(cpu);
    enum status status = impl->open(options, &load, &ready.fault);
    ready.fault.status = status;
    if (packet_send(fd, &ready, sizeof(ready)) && status == STATUS_OK) {
        orders_serve(fd, impl, load);
        impl->close(load);
    }
    _exit(status == STATUS_OK ? 0 : 1);
}

static enum status result_await(const struct bench *bench, struct generator *generator,
                                uint32_t timeout_ms, struct load_result *result,
                                struct fault *fault)
{
    enum status status = bench_wait(bench, generator->fd, timeout_ms, fault);
    if (status == STATUS_BUSY) {
        return fault_set(fault, STATUS_IO, "", "the load generator does not answer");
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (!packet_receive(generator->fd, result, sizeof(*result))) {
        return fault_set(fault, STATUS_IO, "", "the load generator ended");
    }
    if (result->fault.status != STATUS_OK) {
        return fault_set(fault, result->fault.status, "", "%s", result->fault.text);
    }
    return STATUS_OK;
}

enum status generator_start(const struct bench *bench, const struct generator_options *options,
                            struct generator **out, struct fault *fault)
{
    static struct load_result ready;
    int fds[2];
    const struct load_kind_impl *impl = load_find(options->kind);
    *out = NULL;
    if (impl == NULL) {
        return fault_set(fault, STATUS_INVALID, "", "no such load");
    }
    struct generator *generator = calloc(1, sizeof(*generator));
    if (generator == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
        free(generator);
        return fault_set(fault, STATUS_IO, "", "cannot start a load generator: %s",
                         strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        process_run(fds[1], options, impl, bench->load_cpu);
    }
    close(fds[1]);
    generator->pid = pid;
    generator->fd = fds[0];
    enum status status = pid < 0 ? fault_set(fault, STATUS_IO, "",
                                             "cannot start a load generator: %s", strerror(errno))
                                 : result_await(bench, generator, START_MAX_MS, &ready, fault);
    if (status != STATUS_OK) {
        generator_stop(generator);
        return status;
    }
    *out = generator;
    return STATUS_OK;
}

void generator_stop(struct generator *generator)
{
    if (generator == NULL) {
        return;
    }
    close(generator->fd);
    if (generator->pid > 0) {
        kill(generator->pid, SIGKILL);
        waitpid(generator->pid, NULL, 0);
    }
    free(generator);
}

enum status generator_order(const struct bench *bench, struct generator *generator,
                            const struct load_order *order, struct fault *fault)
{
    static struct load_result result;
    if (packet_send(generator->fd, order, sizeof(*order))) {
        return STATUS_OK;
    }
    /* It may have left a result that says why. */
    enum status status = result_await(bench, generator, 0, &result, fault);
    return status != STATUS_OK ? status
                               : fault_set(fault, STATUS_IO, "", "the load generator ended");
}

enum status generator_result(const struct bench *bench, struct generator *generator,
                             const struct load_order *order, struct load_result *result,
                             struct fault *fault)
{
    uint32_t timeout_ms = (uint32_t)(order->duration_ns / 1000000) + RUN_SPARE_MS;
    return result_await(bench, generator, timeout_ms, result, fault);
}

enum status generator_run(const struct bench *bench, struct generator *generator,
                          const struct load_order *order, struct load_result *result,
                          struct fault *fault)
{
    enum status status = generator_order(bench, generator, order, fault);
    return status != STATUS_OK ? status : generator_result(bench, generator, order, result, fault);
}
