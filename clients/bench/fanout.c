/*
 * fanout: what one published view costs the server for each viewer, against a loop that sends the
 * same bytes to as many sockets.
 */
#include <stdio.h>
#include <string.h>

#include "clients/bench/generator.h"
#include "clients/bench/stage.h"

#define PAIR_MAX 99
#define WARM_UP_NS 500000000
#define VOTER_SEATS 16 /* one of them votes; the other seats are there for the figures */
#define RATIO_MAX 1.3

struct fanout {
    const struct bench *bench;
    struct stage stage;
    struct generator *server;
    struct generator *floor;
    uint32_t pair_count;
    uint32_t view_size;
    double server_us[PAIR_MAX];
    double floor_us[PAIR_MAX];
    double ratios[PAIR_MAX];
    double server_ms[PAIR_MAX]; /* a view, from trigger to the last viewer */
    double floor_ms[PAIR_MAX];
    uint64_t view_total;
};

static enum status fanout_open(struct fanout *fanout, struct fault *fault)
{
    const struct bench *bench = fanout->bench;
    struct stage *stage = &fanout->stage;
    enum status status = stage_open_server(bench, stage, VOTER_SEATS, 0, fault);
    if (status == STATUS_OK) {
        status = stage_open_floor(bench, stage, "floor-send", fault);
    }
    struct generator_options server = { .kind = LOAD_VIEWS,
                                        .port = stage->port,
                                        .pid = stage->server.pid,
                                        .count = bench->options.connections,
                                        .round = stage->round,
                                        .credentials = (const char(*)[33])stage->credentials };
    struct generator_options floor = { .kind = LOAD_VIEWS,
                                       .is_floor = true,
                                       .port = stage->floor_port,
                                       .pid = stage->floor.pid,
                                       .count = bench->options.connections };
    if (status == STATUS_OK) {
        status = generator_start(bench, &server, &fanout->server, fault);
    }
    return status != STATUS_OK ? status : generator_start(bench, &floor, &fanout->floor, fault);
}

/* Both sides once; the floor sends the bytes of the last view of the server. */
static enum status pair_measure(struct fanout *fanout, int64_t duration_ns, struct fault *fault)
{
    static struct load_order order;
    static struct load_result server;
    static struct load_result floor;
    order = (struct load_order){ .kind = LOAD_VIEWS, .duration_ns = duration_ns };
    enum status status = generator_run(fanout->bench, fanout->server, &order, &server, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (server.refused > 0 || server.view_size == 0) {
        return fault_set(fault, STATUS_IO, "", "the server refused a cast: %.120s", server.refusal);
    }
    order.view_size = server.view_size;
    memcpy(order.view, server.view, server.view_size);
    status = generator_run(fanout->bench, fanout->floor, &order, &floor, fault);
    if (status != STATUS_OK) {
        return status;
    }
    uint32_t i = fanout->pair_count++;
    fanout->view_size = server.view_size;
    fanout->view_total += server.step_count;
    fanout->server_us[i] = (double)server.cpu_ns / 1e3 / (double)server.acked;
    fanout->floor_us[i] = (double)floor.cpu_ns / 1e3 / (double)floor.acked;
    fanout->ratios[i] = fanout->server_us[i] / fanout->floor_us[i];
    fanout->server_ms[i] = (double)server.spent_ns / 1e6 / server.step_count;
    fanout->floor_ms[i] = (double)floor.spent_ns / 1e6 / floor.step_count;
    return STATUS_OK;
}

static void fanout_report(struct fanout *fanout, struct report *report)
{
    const struct bench_options *options = &fanout->bench->options;
    uint32_t count = fanout->pair_count;
    snprintf(report->title, sizeof(report->title),
             "%u viewers, a view of %u bytes, %u pairs of %.3g s; server on core %d, generator on "
             "%d",
             options->connections, fanout->view_size, options->pairs, options->seconds,
             fanout->bench->server_cpu, fanout->bench->load_cpu);
    report->floor = bench_median(fanout->floor_us, count);
    report->ratio = bench_median(fanout->ratios, count);
    report_put(report, "server_us_view", "server CPU a view and viewer",
               bench_median(fanout->server_us, count), 2, "us");
    report_put(report, "floor_us_view", "floor CPU a view and viewer", report->floor, 2, "us");
    report_put_goal(report, "ratio_median", "server / floor, median of the pairs", report->ratio, 3,
                    "x", "at most 1.3", report->ratio <= RATIO_MAX);
    report_put(report, "ratio_least", "  least of the pairs", fanout->ratios[0], 3, "x");
    report_put(report, "ratio_most", "  most of the pairs", fanout->ratios[count - 1], 3, "x");
    report_put(report, "server_ms", "from a vote to the last viewer's view, mean",
               bench_median(fanout->server_ms, count), 1, "ms");
    report_put(report, "floor_ms", "floor: from trigger to the last viewer, mean",
               bench_median(fanout->floor_ms, count), 1, "ms");
    report_put(report, "views", "views published", (double)fanout->view_total, 0, "");
    report_put(report, "view_size", "bytes a view", fanout->view_size, 0, "bytes");
}

enum status bench_fanout(const struct bench *bench, struct report *report, struct fault *fault)
{
    static struct fanout fanout;
    fanout.bench = bench;
    enum status status = stage_open(bench, &fanout.stage, fault);
    if (status == STATUS_OK) {
        status = fanout_open(&fanout, fault);
    }
    if (status == STATUS_OK) {
        status = pair_measure(&fanout, WARM_UP_NS, fault);
        fanout.pair_count = 0;
        fanout.view_total = 0;
    }
    for (uint32_t i = 0; i < bench->options.pairs && status == STATUS_OK; i++) {
        status = pair_measure(&fanout, (int64_t)(bench->options.seconds * 1e9), fault);
    }
    if (status == STATUS_OK) {
        fanout_report(&fanout, report);
    }
    generator_stop(fanout.server);
    generator_stop(fanout.floor);
    stage_close(&fanout.stage);
    return status;
}
