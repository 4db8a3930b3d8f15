/*
 * memory: resident memory of an idle connection, against a bare libwebsockets server with the same
 * buffers. The kernel's buffers are in neither.
 */
#include <math.h>
#include <stdio.h>

#include "clients/bench/generator.h"
#include "clients/bench/stage.h"

#define RATIO_MAX 1.5
#define SETTLE_NS 1000000000 /* after the last welcome */

/* *size_each: bytes of resident memory that each of the connections added to `pid`. */
static enum status growth_measure(const struct bench *bench,
                                  const struct generator_options *options, double *size_each,
                                  struct fault *fault)
{
    struct generator *generator = NULL;
    uint64_t before = process_resident_size(options->pid);
    enum status status = generator_start(bench, options, &generator, fault);
    if (status != STATUS_OK) {
        return status;
    }
    bench_sleep_until(bench_now_ns() + SETTLE_NS);
    uint64_t after = process_resident_size(options->pid);
    generator_stop(generator);
    if (before == 0 || after <= before) {
        return fault_set(fault, STATUS_IO, "", "the memory of the measured process did not grow");
    }
    *size_each = (double)(after - before) / options->count;
    return STATUS_OK;
}

static enum status memory_measure(const struct bench *bench, struct stage *stage, double *server,
                                  double *floor, struct fault *fault)
{
    uint32_t count = bench->options.connections;
    enum status status = stage_open_server(bench, stage, count, 0, fault);
    if (status == STATUS_OK) {
        status = stage_open_floor(bench, stage, "floor-echo", fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct generator_options options = { .kind = LOAD_MARKS,
                                         .port = stage->port,
                                         .pid = stage->server.pid,
                                         .count = count,
                                         .round = stage->round,
                                         .credentials = (const char(*)[33])stage->credentials };
    status = growth_measure(bench, &options, server, fault);
    if (status != STATUS_OK) {
        return status;
    }
    options = (struct generator_options){ .kind = LOAD_MARKS,
                                          .is_floor = true,
                                          .port = stage->floor_port,
                                          .pid = stage->floor.pid,
                                          .count = count };
    return growth_measure(bench, &options, floor, fault);
}

enum status bench_memory(const struct bench *bench, struct report *report, struct fault *fault)
{
    static struct stage stage;
    double server = 0;
    double floor = NAN;
    enum status status = stage_open(bench, &stage, fault);
    if (status == STATUS_OK) {
        status = memory_measure(bench, &stage, &server, &floor, fault);
    }
    stage_close(&stage);
    if (status != STATUS_OK) {
        return status;
    }
    snprintf(report->title, sizeof(report->title),
             "%u voters connected and welcomed, idle; resident memory each",
             bench->options.connections);
    report->floor = floor;
    report->ratio = server / floor;
    report_put(report, "server_bytes", "server, a connection", server, 0, "bytes");
    report_put(report, "floor_bytes", "bare libwebsockets echo, a connection", floor, 0, "bytes");
    report_put_goal(report, "ratio_bytes", "server / floor", report->ratio, 3, "x", "at most 1.5",
                    report->ratio <= RATIO_MAX);
    return STATUS_OK;
}
