/*
 * ingest-base: marks a second that base stations bring, many a message, to a durable
 * acknowledgement. The floor writes the same batches to one file of the same file system and syncs
 * each.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clients/bench/generator.h"
#include "clients/bench/stage.h"

#define PAIR_MAX 99
#define WARM_UP_NS 500000000
#define WINDOW 24   /* messages of one station in flight: 12,000 marks in all */
#define ROW_SIZE 40 /* bytes a row must hold: slot, nonce, round, version, item, choice, batch */
#define BATCH_MAX 65536 /* marks of one write; a commit takes at most 16,384 */
#define RATE_GOAL 300000.0
#define SINGLE_CARDS 64 /* pads a message, one mark each */
#define WHOLE_CARDS 6   /* pads a message, all eleven marks each */
#define WHOLE_MARKS 11

struct base {
    const struct bench *bench;
    struct stage stage;
    struct generator *generator;
    uint64_t acked;
    uint32_t pair_count;
    double rates[PAIR_MAX];
    double whole_rates[PAIR_MAX];
    double cpu_us[PAIR_MAX];
    double cores[PAIR_MAX];
    double p99_ms[PAIR_MAX];
    double batches[PAIR_MAX]; /* marks a commit */
    double floor_rates[PAIR_MAX];
    uint32_t version_base; /* the highest version sent so far, or more */
};

/* One order; every mark must be acknowledged. *batch: marks a commit. */
static enum status cards_measure(struct base *base, const struct load_order *order,
                                 struct load_result *result, double *batch, struct fault *fault)
{
    static const char commits[] = "minping_log_commits_total";
    double before = 0;
    double after = 0;
    enum status status = stage_metric(&base->stage, commits, &before, fault);
    if (status == STATUS_OK) {
        status = generator_run(base->bench, base->generator, order, result, fault);
    }
    if (status == STATUS_OK) {
        status = stage_metric(&base->stage, commits, &after, fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    base->acked += result->acked;
    if (result->refused > 0 || result->unanswered > 0 || result->acked == 0 || after <= before) {
        return fault_set(fault, STATUS_IO, "", "only %llu of %llu marks were acknowledged: %.80s",
                         (unsigned long long)result->acked, (unsigned long long)result->sent,
                         result->refusal);
    }
    *batch = (double)result->acked / (after - before);
    return STATUS_OK;
}

static double rate_of(const struct load_result *result)
{
    return (double)result->acked * 1e9 / (double)result->spent_ns;
}

/* *rate: marks a second that go to a file in batches of batch_count, each synced. */
static enum status floor_measure(const struct base *base, double batch, double *rate,
                                 struct fault *fault)
{
    static uint8_t rows[BATCH_MAX * ROW_SIZE];
    char path[BENCH_PATH_SIZE + 32];
    uint32_t batch_count = batch < 1 ? 1 : batch > BATCH_MAX ? BATCH_MAX : (uint32_t)batch;
    size_t size = (size_t)batch_count * ROW_SIZE;
    uint64_t written = 0;
    snprintf(path, sizeof(path), "%s/floor.rows", base->stage.dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fault_set(fault, STATUS_IO, "", "cannot write '%s': %s", path, strerror(errno));
    }
    memset(rows, 0x5a, size);
    int64_t start_ns = bench_now_ns();
    int64_t end_ns = start_ns + (int64_t)(base->bench->options.seconds * 1e9 / 2);
    enum status status = STATUS_OK;
    while (bench_now_ns() < end_ns && status == STATUS_OK) {
        if (write(fd, rows, size) != (ssize_t)size || fdatasync(fd) != 0) {
            status =
                fault_set(fault, STATUS_IO, "", "cannot write '%s': %s", path, strerror(errno));
        }
        written += batch_count;
    }
    *rate = (double)written * 1e9 / (double)(bench_now_ns() - start_ns);
    close(fd);
    unlink(path);
    return status;
}

/* More versions than an order can have used, were all its messages of one station. */
static uint32_t versions_of(const struct load_result *result, uint32_t marks_a_version)
{
    return (uint32_t)(result->sent / marks_a_version) + 2;
}

static enum status pair_measure(struct base *base, int64_t duration_ns, struct fault *fault)
{
    static struct load_result result;
    struct load_order order = { .kind = LOAD_CARDS,
                                .duration_ns = duration_ns,
                                .cards = SINGLE_CARDS,
                                .marks = 1,
                                .window = WINDOW,
                                .version_base = base->version_base };
    uint32_t i = base->pair_count;
    double whole_batch;
    enum status status = cards_measure(base, &order, &result, &base->batches[i], fault);
    if (status != STATUS_OK) {
        return status;
    }
    base->version_base += versions_of(&result, SINGLE_CARDS);
    base->rates[i] = rate_of(&result);
    base->cpu_us[i] = (double)result.cpu_ns / 1e3 / (double)result.acked;
    base->cores[i] = (double)result.cpu_ns / (double)result.spent_ns;
    base->p99_ms[i] = result.p99_ms;
    status = floor_measure(base, base->batches[i], &base->floor_rates[i], fault);
    order.cards = WHOLE_CARDS;
    order.marks = WHOLE_MARKS;
    order.version_base = base->version_base;
    if (status == STATUS_OK) {
        status = cards_measure(base, &order, &result, &whole_batch, fault);
    }
    base->version_base += versions_of(&result, WHOLE_MARKS * WHOLE_CARDS);
    base->whole_rates[i] = rate_of(&result);
    base->pair_count++;
    return status;
}

static enum status base_measure(struct base *base, struct fault *fault)
{
    const struct bench *bench = base->bench;
    struct stage *stage = &base->stage;
    enum status status =
        stage_open_server(bench, stage, STAGE_BASE_MAX * STAGE_BASE_SEATS, STAGE_BASE_MAX, fault);
    struct generator_options options = { .kind = LOAD_CARDS,
                                         .port = stage->port,
                                         .pid = stage->server.pid,
                                         .count = STAGE_BASE_MAX,
                                         .round = stage->round,
                                         .tokens = (const char(*)[65])stage->base_tokens,
                                         .seats_each = STAGE_BASE_SEATS };
    if (status == STATUS_OK) {
        status = generator_start(bench, &options, &base->generator, fault);
    }
    if (status == STATUS_OK) {
        status = pair_measure(base, WARM_UP_NS, fault);
        base->pair_count = 0;
    }
    for (uint32_t i = 0; i < bench->options.pairs && status == STATUS_OK; i++) {
        status = pair_measure(base, (int64_t)(bench->options.seconds * 1e9), fault);
    }
    return status;
}

static void base_report(struct base *base, uint64_t recorded, struct report *report)
{
    const struct bench_options *options = &base->bench->options;
    uint32_t count = base->pair_count;
    snprintf(report->title, sizeof(report->title),
             "%u base stations, %u messages of each in flight, %u pairs of %.3g s; server on core "
             "%d, generator on %d",
             STAGE_BASE_MAX, WINDOW, options->pairs, options->seconds, base->bench->server_cpu,
             base->bench->load_cpu);
    double rate = bench_median(base->rates, count);
    report->floor = bench_median(base->floor_rates, count);
    report->ratio = rate > 0 ? report->floor / rate : NAN;
    report_put_goal(report, "marks_s", "durable marks/s, 64 pads x 1 mark a message", rate, 0,
                    "marks/s", "at least 300,000", rate >= RATE_GOAL);
    report_put(report, "whole_marks_s", "durable marks/s, 6 pads x 11 marks a message",
               bench_median(base->whole_rates, count), 0, "marks/s");
    report_put(report, "server_us_mark", "server CPU a mark", bench_median(base->cpu_us, count), 2,
               "us");
    report_put(report, "server_cores", "cores the server used", bench_median(base->cores, count), 2,
               "");
    report_put(report, "p99_ms", "ack p99, all windows full", bench_median(base->p99_ms, count), 2,
               "ms");
    report_put(report, "batch_marks", "marks a commit", bench_median(base->batches, count), 0,
               "marks");
    report_put(report, "floor_marks_s", "floor: the same batches, write + fdatasync", report->floor,
               0, "marks/s");
    report_put(report, "floor_ratio", "floor / server", report->ratio, 2, "x");
    report_put(report, "acked", "marks acknowledged", (double)base->acked, 0, "marks");
    report_put_goal(report, "recorded", "marks in the log", (double)recorded, 0, "marks",
                    "no acknowledged one missing", recorded >= base->acked);
}

enum status bench_ingest_base(const struct bench *bench, struct report *report, struct fault *fault)
{
    static struct base base;
    uint64_t recorded = 0;
    base.bench = bench;
    enum status status = stage_open(bench, &base.stage, fault);
    if (status == STATUS_OK) {
        status = base_measure(&base, fault);
    }
    if (status == STATUS_OK) {
        status = stage_recorded(&base.stage, &recorded, fault);
    }
    if (status == STATUS_OK) {
        base_report(&base, recorded, report);
    }
    generator_stop(base.generator);
    stage_close(&base.stage);
    return status;
}
