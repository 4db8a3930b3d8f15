#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "clients/hall/crowd.h"
#include "clients/hall/options.h"
#include "clients/hall/voter.h"

/*
 * minping-hall(1): plays the keypads of a hall and keeps its own truth of what was acknowledged.
 */
#define TICK_MS 10
#define PROGRESS_NS 2000000000
#define GRACE_NS 10000000000 /* for answers, once nobody casts any more */
#define FILE_RESERVE 128     /* descriptors beside the keypads' */

struct hall {
    struct hall_options options;
    struct roll roll;
    struct client_loop *loop;
    struct crowd *crowd;
    int acks_fd;
    int64_t progress_ns;
    int64_t stop_ns; /* when it was told to stop; 0: it goes on */
};

static volatile sig_atomic_t is_signalled;

static void on_signal(int number)
{
    (void)number;
    is_signalled = 1;
}

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void progress_print(const struct hall *hall)
{
    const struct hall_figures *figures = crowd_figures(hall->crowd);
    fprintf(stderr,
            "minping-hall: %" PRIu32 "/%" PRIu32 " connected, round %" PRIu64 ", %" PRIu64
            " cast, %" PRIu64 " acknowledged, %" PRIu64 " waiting, p99 %.1f ms%s%s\n",
            crowd_connected(hall->crowd), hall->roll.count, figures->rounds_opened, figures->cast,
            figures->acked, crowd_waiting(hall->crowd),
            (double)latency_at(&figures->latency, 0.99) / 1000.0,
            crowd_trouble(hall->crowd)[0] != '\0' ? "; " : "", crowd_trouble(hall->crowd));
}

/* Whether nothing is left to wait for. */
static bool is_settled(const struct hall *hall)
{
    return crowd_waiting(hall->crowd) == 0 &&
           (hall->options.truth == NULL ||
            (crowd_event(hall->crowd) != NULL && !crowd_wants(hall->crowd)));
}

static void on_tick(void *ctx)
{
    struct hall *hall = ctx;
    int64_t now_ns = clock_ns();
    crowd_tick(hall->crowd);
    if (now_ns >= hall->progress_ns + PROGRESS_NS) {
        hall->progress_ns = now_ns;
        progress_print(hall);
    }
    bool is_over =
        hall->options.until_closed > 0 && crowd_closed(hall->crowd) >= hall->options.until_closed;
    bool is_lost = crowd_refused(hall->crowd) == hall->roll.count;
    if (hall->stop_ns == 0 && (is_signalled || is_over || is_lost)) {
        hall->stop_ns = now_ns;
        crowd_stop(hall->crowd);
    }
    if (hall->stop_ns != 0 && (is_settled(hall) || is_lost || now_ns >= hall->stop_ns + GRACE_NS)) {
        client_loop_stop(hall->loop);
    }
}

/* Room for a socket a keypad; and no more than that: the socket table is as long as the limit. */
static enum status files_allow(uint32_t count, struct fault *fault)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)count + FILE_RESERVE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return fault_set(fault, STATUS_IO, "", "cannot read the limit of open files: %s",
                         strerror(errno));
    }
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted) {
        return fault_set(fault, STATUS_LIMIT, "",
                         "%u keypads need %llu open files, the system allows %llu (ulimit -Hn)",
                         count, (unsigned long long)wanted, (unsigned long long)limit.rlim_max);
    }
    limit.rlim_cur = wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return fault_set(fault, STATUS_IO, "", "cannot set the limit of open files: %s",
                         strerror(errno));
    }
    return STATUS_OK;
}

static enum status hall_open(struct hall *hall, struct fault *fault)
{
    const struct hall_options *options = &hall->options;
    enum status status =
        roll_read(options->roll, options->first, options->seats, &hall->roll, fault);
    if (status == STATUS_OK) {
        status = files_allow(options->seats, fault);
    }
    if (status == STATUS_OK && options->acks != NULL) {
        hall->acks_fd = open(options->acks, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (hall->acks_fd < 0) {
            return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", options->acks,
                             strerror(errno));
        }
    }
    if (status == STATUS_OK) {
        status = client_loop_create(options->ca, options->seats, &hall->loop, fault);
    }
    if (status == STATUS_OK) {
        struct crowd_options crowd = {
            .url = options->url,
            .roll = &hall->roll,
            .seed = options->seed,
            .pace_scale = options->rate > 0.0
                              ? 1000.0 * options->seats / options->rate / VOTER_PACE_MEAN_MS
                              : 1.0,
            .resend = options->resend,
            .reorder = options->reorder,
            .drop = options->drop,
            .stay_away = options->stay_away,
            .ballots = { .taste = options->taste,
                         .abstain = options->abstain,
                         .void_card = options->void_card,
                         .disputed = options->disputed,
                         .write_in = options->write_in },
            .voters = { .revote = options->revote, .leave = options->leave },
            .acks_fd = hall->acks_fd,
        };
        status = crowd_create(hall->loop, &crowd, &hall->crowd, fault);
    }
    return status;
}

static void hall_close(struct hall *hall)
{
    crowd_destroy(hall->crowd);
    client_loop_destroy(hall->loop);
    roll_finish(&hall->roll);
    if (hall->acks_fd >= 0) {
        close(hall->acks_fd);
    }
}

/* Writes the truth beside its place and renames it: nobody reads half of it. */
static enum status truth_save(const struct hall *hall, struct fault *fault)
{
    const char *path = hall->options.truth;
    char draft[4096];
    if (crowd_event(hall->crowd) == NULL) {
        return fault_set(fault, STATUS_IO, "",
                         "cannot write '%s': the server's event could not be fetched", path);
    }
    if (snprintf(draft, sizeof(draft), "%s.new", path) >= (int)sizeof(draft)) {
        return fault_set(fault, STATUS_LIMIT, "", "too long a path: '%s'", path);
    }
    FILE *file = fopen(draft, "we");
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", draft, strerror(errno));
    }
    enum status status = truth_print(crowd_truth(hall->crowd), crowd_event(hall->crowd),
                                     crowd_waiting(hall->crowd), file, fault);
    bool is_bad = ferror(file) != 0;
    if ((fclose(file) != 0 || is_bad) && status == STATUS_OK) {
        status = fault_set(fault, STATUS_IO, "", "cannot write '%s': %s", draft, strerror(errno));
    }
    if (status == STATUS_OK && rename(draft, path) != 0) {
        status = fault_set(fault, STATUS_IO, "", "cannot write '%s': %s", path, strerror(errno));
    }
    if (status != STATUS_OK) {
        unlink(draft);
    }
    return status;
}

static void signals_catch(void)
{
    struct sigaction action = { .sa_handler = on_signal };
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

static int hall_run(struct hall *hall)
{
    struct fault fault = { 0 };
    client_loop_every(hall->loop, TICK_MS, on_tick, hall);
    hall->progress_ns = clock_ns();
    client_loop_run(hall->loop, INT64_MAX);
    progress_print(hall);
    uint64_t unresolved = crowd_waiting(hall->crowd);
    const struct hall_figures *figures = crowd_figures(hall->crowd);
    int code = unresolved == 0 && figures->receipts_differing == 0 ? 0 : 1;
    if (hall->options.truth != NULL && truth_save(hall, &fault) != STATUS_OK) {
        fprintf(stderr, "minping-hall: %s\n", fault.text);
        code = 1;
    }
    if (crowd_refused(hall->crowd) > 0) {
        fprintf(stderr, "minping-hall: %" PRIu32 " keypads refused; %s\n",
                crowd_refused(hall->crowd), crowd_trouble(hall->crowd));
        code = 1;
    }
    hall_figures_print(figures, hall->roll.count, unresolved, stdout);
    return fflush(stdout) == 0 ? code : 1;
}

int main(int argc, char **argv)
{
    struct hall hall = { .acks_fd = -1 };
    struct fault fault = { 0 };
    switch (hall_options_parse(argc, argv, &hall.options)) {
    case PARSED_DONE:
        return 0;
    case PARSED_RUN:
        break;
    default:
        return 2;
    }
    signals_catch();
    int code = 1;
    if (hall_open(&hall, &fault) == STATUS_OK) {
        code = hall_run(&hall);
    } else {
        fprintf(stderr, "minping-hall: %s%s%s\n", fault.where, fault.where[0] != '\0' ? ": " : "",
                fault.text);
    }
    hall_close(&hall);
    return code;
}
