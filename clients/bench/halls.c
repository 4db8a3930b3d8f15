/*
 * halls: ten halls in one server (P13). Everybody votes within two seconds; the server is killed
 * and started again, everybody comes back at once, and votes again.
 */
#include <math.h>
#include <stdio.h>

#include "clients/bench/generator.h"
#include "clients/bench/stage.h"

#define GENERATOR_COUNT 2
#define RETURN_NS 30000000000 /* how long they are waited for */
#define SETTLE_NS 10000000000 /* how long descriptors may take to go */
#define P99_MAX_MS 1000.0
#define BACK_MAX_S 10.0
#define RESIDENT_MAX_MB 512.0

struct halls {
    const struct bench *bench;
    struct stage stage;
    struct generator *generators[GENERATOR_COUNT];
    uint32_t counts[GENERATOR_COUNT];
    uint64_t acked;
    uint64_t refused;
    char refusal[GENERATOR_REFUSAL_SIZE]; /* the first one */
    double connect_s;
    double vote_ms[2][3]; /* before and after: p50, p99, latest */
    double spent_s[2];
    double start_s;   /* from kill to listening */
    double back_s[3]; /* since it listened: first, middle, last */
    double resident_mb[2];
    uint32_t idle_descriptors;
    uint32_t descriptors_left;
};

static enum status halls_open(struct halls *halls, struct fault *fault)
{
    const struct bench *bench = halls->bench;
    struct stage *stage = &halls->stage;
    uint32_t count = bench->options.connections;
    enum status status = stage_open_server(bench, stage, count, 0, fault);
    halls->idle_descriptors = process_descriptor_count(stage->server.pid);
    int64_t begun_ns = bench_now_ns();
    uint32_t first = 0;
    for (int i = 0; i < GENERATOR_COUNT && status == STATUS_OK; i++) {
        halls->counts[i] = count / GENERATOR_COUNT + (i == 0 ? count % GENERATOR_COUNT : 0);
        struct generator_options options = {
            .kind = LOAD_PADS,
            .port = stage->port,
            .pid = stage->server.pid,
            .count = halls->counts[i],
            .round = stage->round,
            .credentials = (const char(*)[33])(stage->credentials + first),
        };
        first += halls->counts[i];
        status = halls->counts[i] == 0
                     ? STATUS_OK
                     : generator_start(bench, &options, &halls->generators[i], fault);
    }
    halls->connect_s = (double)(bench_now_ns() - begun_ns) / 1e9;
    return status;
}

static enum status order_all(struct halls *halls, const struct load_order *order,
                             struct fault *fault)
{
    enum status status = STATUS_OK;
    for (int i = 0; i < GENERATOR_COUNT && status == STATUS_OK; i++) {
        if (halls->generators[i] != NULL) {
            status = generator_order(halls->bench, halls->generators[i], order, fault);
        }
    }
    return status;
}

static void refusals_note(struct halls *halls, const struct load_result *result)
{
    if (halls->refused == 0) {
        snprintf(halls->refusal, sizeof(halls->refusal), "%s", result->refusal);
    }
    halls->refused += result->refused;
}

/* Everybody casts one mark. which: 0 before the kill, 1 after it. */
static enum status vote(struct halls *halls, int which, struct fault *fault)
{
    static struct load_result result;
    struct load_order order = { .kind = LOAD_PADS,
                                .duration_ns = (int64_t)(halls->bench->options.seconds * 1e9) };
    uint64_t acked = 0;
    enum status status = order_all(halls, &order, fault);
    for (int i = 0; i < GENERATOR_COUNT && status == STATUS_OK; i++) {
        if (halls->generators[i] == NULL) {
            continue;
        }
        status = generator_result(halls->bench, halls->generators[i], &order, &result, fault);
        acked += result.acked;
        refusals_note(halls, &result);
        /* The slower half speaks for both. */
        halls->vote_ms[which][0] = fmax(halls->vote_ms[which][0], result.p50_ms);
        halls->vote_ms[which][1] = fmax(halls->vote_ms[which][1], result.p99_ms);
        halls->vote_ms[which][2] = fmax(halls->vote_ms[which][2], result.max_ms);
        halls->spent_s[which] = fmax(halls->spent_s[which], (double)result.spent_ns / 1e9);
    }
    halls->acked += acked;
    if (status == STATUS_OK && acked < halls->bench->options.connections) {
        return fault_set(fault, STATUS_IO, "", "only %llu of %u votes were acknowledged: %.80s",
                         (unsigned long long)acked, halls->bench->options.connections,
                         halls->refusal);
    }
    return status;
}

static enum status come_back(struct halls *halls, struct fault *fault)
{
    static struct load_result result;
    struct load_order order = { .kind = LOAD_PADS, .duration_ns = RETURN_NS, .is_return = true };
    enum status status = order_all(halls, &order, fault);
    int64_t killed_ns = bench_now_ns();
    if (status == STATUS_OK) {
        status = stage_restart_server(halls->bench, &halls->stage, fault);
    }
    int64_t listening_ns = bench_now_ns();
    halls->start_s = (double)(listening_ns - killed_ns) / 1e9;
    halls->back_s[0] = INFINITY;
    for (int i = 0; i < GENERATOR_COUNT && status == STATUS_OK; i++) {
        if (halls->generators[i] == NULL) {
            continue;
        }
        status = generator_result(halls->bench, halls->generators[i], &order, &result, fault);
        refusals_note(halls, &result);
        if (status == STATUS_OK && result.unanswered > 0) {
            return fault_set(fault, STATUS_IO, "", "%llu keypads did not come back in %lld s",
                             (unsigned long long)result.unanswered,
                             (long long)(RETURN_NS / 1000000000));
        }
        double first_s = (double)(result.back_ns[0] - listening_ns) / 1e9;
        halls->back_s[0] = fmin(halls->back_s[0], first_s);
        for (int k = 1; k < 3; k++) {
            double back_s = (double)(result.back_ns[k] - listening_ns) / 1e9;
            halls->back_s[k] = fmax(halls->back_s[k], back_s);
        }
    }
    return status;
}

/* All keypads go; the server's descriptors are those of an idle one again. */
static void halls_leave(struct halls *halls)
{
    pid_t pid = halls->stage.server.pid;
    for (int i = 0; i < GENERATOR_COUNT; i++) {
        generator_stop(halls->generators[i]);
        halls->generators[i] = NULL;
    }
    int64_t until_ns = bench_now_ns() + SETTLE_NS;
    uint32_t count;
    do {
        bench_sleep_until(bench_now_ns() + 100000000);
        count = process_descriptor_count(pid);
    } while (count > halls->idle_descriptors && bench_now_ns() < until_ns);
    halls->descriptors_left = count > halls->idle_descriptors ? count - halls->idle_descriptors : 0;
}

static enum status halls_measure(struct halls *halls, uint64_t *recorded, struct fault *fault)
{
    enum status status = halls_open(halls, fault);
    if (status == STATUS_OK) {
        status = vote(halls, 0, fault);
    }
    if (status == STATUS_OK) {
        halls->resident_mb[0] = (double)process_resident_peak(halls->stage.server.pid) / 1e6;
        status = come_back(halls, fault);
    }
    if (status == STATUS_OK) {
        status = vote(halls, 1, fault);
    }
    if (status == STATUS_OK) {
        halls->resident_mb[1] = (double)process_resident_peak(halls->stage.server.pid) / 1e6;
        halls_leave(halls);
        status = stage_recorded(&halls->stage, recorded, fault);
    }
    return status;
}

static void halls_report(const struct halls *halls, uint64_t recorded, struct report *report)
{
    const struct bench_options *options = &halls->bench->options;
    double p99_ms = fmax(halls->vote_ms[0][1], halls->vote_ms[1][1]);
    double resident_mb = fmax(halls->resident_mb[0], halls->resident_mb[1]);
    snprintf(report->title, sizeof(report->title),
             "%u keypads in %d generators, a vote each within %.3g s; killed, started again, again",
             options->connections, GENERATOR_COUNT, options->seconds);
    report->floor = NAN;
    report->ratio = p99_ms / P99_MAX_MS;
    report_put(report, "connect_s", "all connected, one generator after the other",
               halls->connect_s, 2, "s");
    report_put(report, "p50_ms", "ack p50", halls->vote_ms[0][0], 1, "ms");
    report_put(report, "p99_before_ms", "ack p99", halls->vote_ms[0][1], 1, "ms");
    report_put(report, "max_ms", "ack latest", halls->vote_ms[0][2], 1, "ms");
    report_put(report, "spent_s", "  from the first vote to the last ack", halls->spent_s[0], 2,
               "s");
    report_put(report, "start_s", "from the kill until it listens again", halls->start_s, 2, "s");
    report_put(report, "back_first_s", "first keypad back, since it listens", halls->back_s[0], 2,
               "s");
    report_put(report, "back_half_s", "half of them", halls->back_s[1], 2, "s");
    report_put_goal(report, "back_last_s", "all of them", halls->back_s[2], 2, "s", "at most 10 s",
                    halls->back_s[2] <= BACK_MAX_S);
    report_put(report, "again_p50_ms", "ack p50, after it", halls->vote_ms[1][0], 1, "ms");
    report_put(report, "again_p99_ms", "ack p99, after it", halls->vote_ms[1][1], 1, "ms");
    report_put_goal(report, "p99_ms", "ack p99, the later of both", p99_ms, 1, "ms",
                    "at most 1000 ms", p99_ms <= P99_MAX_MS);
    report_put_goal(report, "resident_mb", "resident memory of the server at its peak", resident_mb,
                    1, "MB", "at most 512 MB", resident_mb <= RESIDENT_MAX_MB);
    report_put_goal(report, "refused", "keypads or votes refused", (double)halls->refused, 0, "",
                    "none", halls->refused == 0);
    report_put_goal(report, "descriptors_left", "descriptors left over, all gone",
                    halls->descriptors_left, 0, "", "none", halls->descriptors_left == 0);
    report_put(report, "acked", "votes acknowledged", (double)halls->acked, 0, "votes");
    report_put_goal(report, "recorded", "votes in the log", (double)recorded, 0, "votes",
                    "no acknowledged one missing", recorded >= halls->acked);
}

enum status bench_halls(const struct bench *bench, struct report *report, struct fault *fault)
{
    static struct halls halls;
    uint64_t recorded = 0;
    halls.bench = bench;
    enum status status = stage_open(bench, &halls.stage, fault);
    if (status == STATUS_OK) {
        status = halls_measure(&halls, &recorded, fault);
    }
    if (status == STATUS_OK) {
        halls_report(&halls, recorded, report);
    }
    for (int i = 0; i < GENERATOR_COUNT; i++) {
        generator_stop(halls.generators[i]);
    }
    stage_close(&halls.stage);
    return status;
}
