/*
 * ingest: what a single mark costs the server, from WebSocket frame to durable acknowledgement,
 * against a server that answers at once and keeps nothing.
 */
#include <stdio.h>

#include "clients/bench/generator.h"
#include "clients/bench/stage.h"

#define PAIR_MAX 99
#define WARM_UP_NS 1000000000
#define SEARCH_NS 2000000000 /* long enough for a backlog of a tenth to show */
#define RATIO_MAX 2.0
#define P99_SPARE_MS 10.0
#define HELD_P99_MS 100.0 /* acks that are later than this lag behind */
#define HELD_LATE_MS 50.0 /* a generator that is later than this could not send at that rate */
#define RATE_MAX 1000000u
#define TRY_COUNT 2     /* of each rate: once may be somebody else's fault */
#define HALVING_COUNT 3 /* the highest rate is known to an eighth of the step */

/* The two sides, and what each pair found. */
struct ingest {
    const struct bench *bench;
    struct stage stage;
    struct generator *server;
    struct generator *floor;
    uint64_t acked; /* by the server, in all */
    uint32_t pair_count;
    double server_us[PAIR_MAX];
    double floor_us[PAIR_MAX];
    double ratios[PAIR_MAX];
    double loop_us[PAIR_MAX];
    double system_us[PAIR_MAX];
    double server_p50[PAIR_MAX];
    double server_p99[PAIR_MAX];
    double floor_p50[PAIR_MAX];
    double floor_p99[PAIR_MAX];
    double server_max_ms;
    double late_ms;
};

static enum status ingest_open(struct ingest *ingest, struct fault *fault)
{
    const struct bench *bench = ingest->bench;
    struct stage *stage = &ingest->stage;
    uint32_t count = bench->options.connections;
    enum status status = stage_open_server(bench, stage, count, 0, fault);
    if (status == STATUS_OK) {
        status = stage_open_floor(bench, stage, "floor-send", fault);
    }
    struct generator_options server = { .kind = LOAD_MARKS,
                                        .port = stage->port,
                                        .pid = stage->server.pid,
                                        .count = count,
                                        .round = stage->round,
                                        .credentials = (const char(*)[33])stage->credentials };
    struct generator_options floor = { .kind = LOAD_MARKS,
                                       .is_floor = true,
                                       .port = stage->floor_port,
                                       .pid = stage->floor.pid,
                                       .count = count,
                                       .round = stage->round };
    if (status == STATUS_OK) {
        status = generator_start(bench, &server, &ingest->server, fault);
    }
    return status != STATUS_OK ? status : generator_start(bench, &floor, &ingest->floor, fault);
}

/* One measurement in which every mark must be answered. */
static enum status marks_measure(struct ingest *ingest, struct generator *generator,
                                 int64_t duration_ns, struct load_result *result,
                                 struct fault *fault)
{
    struct load_order order = { .kind = LOAD_MARKS,
                                .duration_ns = duration_ns,
                                .rate = ingest->bench->options.rate };
    enum status status = generator_run(ingest->bench, generator, &order, result, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (generator == ingest->server) {
        ingest->acked += result->acked;
    }
    if (result->refused > 0 || result->unanswered > 0 || result->acked == 0) {
        return fault_set(fault, STATUS_IO, "",
                         "at %u marks/s only %llu of %llu were acknowledged: %.80s",
                         ingest->bench->options.rate, (unsigned long long)result->acked,
                         (unsigned long long)result->sent, result->refusal);
    }
    return STATUS_OK;
}

static enum status pair_measure(struct ingest *ingest, struct fault *fault)
{
    static struct load_result server;
    static struct load_result floor;
    int64_t duration_ns = (int64_t)(ingest->bench->options.seconds * 1e9);
    enum status status = marks_measure(ingest, ingest->server, duration_ns, &server, fault);
    if (status == STATUS_OK) {
        status = marks_measure(ingest, ingest->floor, duration_ns, &floor, fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    uint32_t i = ingest->pair_count++;
    ingest->server_us[i] = (double)server.cpu_ns / 1e3 / (double)server.acked;
    ingest->floor_us[i] = (double)floor.cpu_ns / 1e3 / (double)floor.acked;
    ingest->ratios[i] = ingest->server_us[i] / ingest->floor_us[i];
    ingest->loop_us[i] = (double)server.loop_ns / 1e3 / (double)server.acked;
    ingest->system_us[i] = (double)server.system_ns / 1e3 / (double)server.acked;
    ingest->server_p50[i] = server.p50_ms;
    ingest->server_p99[i] = server.p99_ms;
    ingest->floor_p50[i] = floor.p50_ms;
    ingest->floor_p99[i] = floor.p99_ms;
    ingest->server_max_ms =
        server.max_ms > ingest->server_max_ms ? server.max_ms : ingest->server_max_ms;
    ingest->late_ms = server.late_ms > ingest->late_ms ? server.late_ms : ingest->late_ms;
    ingest->late_ms = floor.late_ms > ingest->late_ms ? floor.late_ms : ingest->late_ms;
    return STATUS_OK;
}

static enum status pairs_measure(struct ingest *ingest, struct fault *fault)
{
    static struct load_result ignored;
    enum status status = marks_measure(ingest, ingest->server, WARM_UP_NS, &ignored, fault);
    if (status == STATUS_OK) {
        status = marks_measure(ingest, ingest->floor, WARM_UP_NS, &ignored, fault);
    }
    for (uint32_t i = 0; i < ingest->bench->options.pairs && status == STATUS_OK; i++) {
        status = pair_measure(ingest, fault);
    }
    return status;
}

/* *is_held: sent as planned, all answered in good time. *is_limit: the generator could not. */
static enum status rate_try(struct ingest *ingest, uint32_t rate, double *reached, bool *is_held,
                            bool *is_limit, struct fault *fault)
{
    static struct load_result result;
    struct load_order order = { .kind = LOAD_MARKS, .duration_ns = SEARCH_NS, .rate = rate };
    enum status status = generator_run(ingest->bench, ingest->server, &order, &result, fault);
    if (status != STATUS_OK) {
        return status;
    }
    ingest->acked += result.acked;
    *reached = result.spent_ns > 0 ? (double)result.acked * 1e9 / (double)result.spent_ns : 0;
    *is_held = result.refused == 0 && result.unsent == 0 && result.unanswered == 0 &&
               result.p99_ms <= HELD_P99_MS && result.late_ms <= HELD_LATE_MS;
    *is_limit = result.late_ms > HELD_LATE_MS;
    return STATUS_OK;
}

/* Doubles the rate until acks lag, then halves the step. */
static enum status rate_search(struct ingest *ingest, uint32_t *highest, double *fastest,
                               bool *is_limit, struct fault *fault)
{
    uint32_t held = ingest->bench->options.rate;
    uint32_t step = held;
    bool is_doubling = true;
    enum status status = STATUS_OK;
    *is_limit = false;
    for (uint32_t tries = 0; tries < HALVING_COUNT && status == STATUS_OK && step > 0;) {
        bool is_held = false;
        bool is_late = false;
        double reached = 0;
        for (int i = 0; i < TRY_COUNT && !is_held && status == STATUS_OK; i++) {
            status = rate_try(ingest, held + step, &reached, &is_held, &is_late, fault);
            *fastest = reached > *fastest ? reached : *fastest;
        }
        held += is_held ? step : 0;
        is_doubling = is_doubling && is_held && held <= RATE_MAX / 2;
        *is_limit = is_held ? *is_limit : is_late;
        if (is_doubling) {
            step = held;
        } else {
            step /= 2;
            tries++;
        }
    }
    *highest = held;
    return status;
}

static void ingest_report(struct ingest *ingest, uint32_t highest, double fastest, bool is_limit,
                          uint64_t recorded, struct report *report)
{
    const struct bench_options *options = &ingest->bench->options;
    uint32_t count = ingest->pair_count;
    snprintf(report->title, sizeof(report->title),
             "%u connections, %u marks/s, %u pairs of %.3g s; server on core %d, generator on %d",
             options->connections, options->rate, options->pairs, options->seconds,
             ingest->bench->server_cpu, ingest->bench->load_cpu);
    report->floor = bench_median(ingest->floor_us, count);
    report->ratio = bench_median(ingest->ratios, count);
    double server_p99 = bench_median(ingest->server_p99, count);
    double floor_p99 = bench_median(ingest->floor_p99, count);
    report_put(report, "server_us_mark", "server CPU a mark",
               bench_median(ingest->server_us, count), 2, "us");
    report_put(report, "server_loop_us", "  of it the loop thread (the rest: the log's writer)",
               bench_median(ingest->loop_us, count), 2, "us");
    report_put(report, "server_system_us", "  of it in the kernel",
               bench_median(ingest->system_us, count), 2, "us");
    report_put(report, "floor_us_mark", "floor CPU a mark", report->floor, 2, "us");
    report_put_goal(report, "ratio_median", "server / floor, median of the pairs", report->ratio, 3,
                    "x", "at most 2.0", report->ratio <= RATIO_MAX);
    report_put(report, "ratio_least", "  least of the pairs", ingest->ratios[0], 3, "x");
    report_put(report, "ratio_most", "  most of the pairs", ingest->ratios[count - 1], 3, "x");
    report_put(report, "p50_ms", "ack p50", bench_median(ingest->server_p50, count), 2, "ms");
    report_put_goal(report, "p99_ms", "ack p99", server_p99, 2, "ms", "at most floor + 10 ms",
                    server_p99 <= floor_p99 + P99_SPARE_MS);
    report_put(report, "max_ms", "ack latest of all pairs", ingest->server_max_ms, 2, "ms");
    report_put(report, "floor_p50_ms", "floor p50", bench_median(ingest->floor_p50, count), 2,
               "ms");
    report_put(report, "floor_p99_ms", "floor p99", floor_p99, 2, "ms");
    report_put(report, "generator_late_ms", "generator late by at most", ingest->late_ms, 2, "ms");
    report_put(report, "highest_rate", "highest rate held (p99 within 100 ms)", highest, 0,
               "marks/s");
    report_put(report, "fastest_rate", "fastest seen, held or not", fastest, 0, "marks/s");
    report_put(report, "generator_limited", "  1: the generator was the limit", is_limit, 0, "");
    report_put(report, "acked", "marks acknowledged", (double)ingest->acked, 0, "marks");
    report_put_goal(report, "recorded", "marks in the log", (double)recorded, 0, "marks",
                    "no acknowledged one missing", recorded >= ingest->acked);
}

enum status bench_ingest(const struct bench *bench, struct report *report, struct fault *fault)
{
    static struct ingest ingest;
    uint32_t highest = 0;
    double fastest = 0;
    bool is_limit = false;
    uint64_t recorded = 0;
    ingest.bench = bench;
    enum status status = stage_open(bench, &ingest.stage, fault);
    if (status == STATUS_OK) {
        status = ingest_open(&ingest, fault);
    }
    if (status == STATUS_OK) {
        status = pairs_measure(&ingest, fault);
    }
    if (status == STATUS_OK) {
        status = rate_search(&ingest, &highest, &fastest, &is_limit, fault);
    }
    if (status == STATUS_OK) {
        status = stage_recorded(&ingest.stage, &recorded, fault);
    }
    if (status == STATUS_OK) {
        ingest_report(&ingest, highest, fastest, is_limit, recorded, report);
    }
    generator_stop(ingest.server);
    generator_stop(ingest.floor);
    stage_close(&ingest.stage);
    return status;
}
