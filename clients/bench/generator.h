#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "clients/bench/bench.h"

/*
 * A load generator: a process of its own on the generator's core, with all its connections open
 * from start to stop, that carries out one order after another. Two of them, one at the product and
 * one at the floor, measure in turn without connecting anew; between orders they only answer pings.
 *
 * One thread.
 */
#define GENERATOR_VIEW_SIZE 8192 /* a live view is at most 4,096 bytes (DESIGN §3) */
#define GENERATOR_REFUSAL_SIZE 160

enum load_kind {
    LOAD_INVALID = 0,
    LOAD_MARKS, /* voters: single marks at a rate, sent on ticks */
    LOAD_CARDS, /* base stations: messages of many marks, a window of them in flight */
    LOAD_PADS,  /* voters of the client library: one mark each, and coming back */
    LOAD_VIEWS, /* viewers: a trigger, and one view to each of them, again and again */
};

/*
 * kind         what the connections are and do
 * is_floor     the server is a floor: it knows no credential, and its answers have no id
 * port         of the server on 127.0.0.1; pid: whose CPU time is measured
 * count        connections
 * round        open round of the product
 * credentials  [count] of voters; NULL for a floor. For LOAD_VIEWS the first one is the voter's
 *              whose casts change the view. Borrowed
 * tokens       [count] of base stations; seats_each: seats of each, from seat 1 on. Borrowed
 */
struct generator_options {
    enum load_kind kind;
    bool is_floor;
    uint16_t port;
    pid_t pid;
    uint32_t count;
    uint32_t round;
    const char (*credentials)[33];
    const char (*tokens)[65];
    uint32_t seats_each;
};

/*
 * One measurement.
 *
 * duration_ns     how long to send
 * rate            LOAD_MARKS: marks a second
 * cards, marks    LOAD_CARDS: cards a message and marks a card; window: messages in flight for each
 *                 base station; version_base: versions go on from there
 * is_return       LOAD_PADS: instead of casting, wait until all were lost and are back, at most
 *                 duration_ns
 * view            LOAD_VIEWS of a floor: what it sends to each viewer; view_size bytes
 */
struct load_order {
    enum load_kind kind;
    int64_t duration_ns;
    uint32_t rate;
    uint32_t cards;
    uint32_t marks;
    uint32_t window;
    uint32_t version_base;
    bool is_return;
    uint32_t view_size;
    char view[GENERATOR_VIEW_SIZE];
};

/*
 * What came of it.
 *
 * sent, acked   marks (for LOAD_VIEWS: views expected and received, one for each viewer)
 * refused       messages the server refused; refusal: the first of them
 * unsent        marks that were due but could not go: too many of a connection unanswered
 * spent_ns      wall time from the first send to the last answer
 * cpu_ns        CPU time of the server in that time; loop_ns: of its first thread, system_ns: in
 *               the kernel (both for LOAD_MARKS only)
 * late_ms       the most a tick was late: the generator's own fault
 * back_ns       of an is_return: CLOCK_MONOTONIC when the first, half and the last were back; sent:
 *               how many were lost, acked: came back, unanswered: did not
 * view          LOAD_VIEWS: the last view received
 */
struct load_result {
    uint64_t sent;
    uint64_t acked;
    uint64_t refused;
    uint64_t unsent;
    uint64_t unanswered;
    int64_t spent_ns;
    int64_t cpu_ns;
    int64_t loop_ns;
    int64_t system_ns;
    int64_t back_ns[3];
    double p50_ms;
    double p99_ms;
    double max_ms;
    double late_ms;
    uint32_t step_count;
    uint32_t view_size;
    struct fault fault;
    char refusal[GENERATOR_REFUSAL_SIZE];
    char view[GENERATOR_VIEW_SIZE];
};

struct generator;

/*
 * Starts the process and waits until all are connected and welcomed. Errors: STATUS_IO,
 * STATUS_NOMEM, STATUS_REFUSED (asked to stop). *generator is given.
 */
MUST_CHECK enum status generator_start(const struct bench *bench,
                                       const struct generator_options *options,
                                       struct generator **generator, struct fault *fault);
/* Ends it and its connections; NULL is accepted. */
void generator_stop(struct generator *generator);

/*
 * Carries out one order: generator_order() hands it over, generator_result() waits for what came of
 * it, so that several can be at work; generator_run() does both. Errors as above; a broken
 * connection is STATUS_IO.
 */
MUST_CHECK enum status generator_order(const struct bench *bench, struct generator *generator,
                                       const struct load_order *order, struct fault *fault);
MUST_CHECK enum status generator_result(const struct bench *bench, struct generator *generator,
                                        const struct load_order *order, struct load_result *result,
                                        struct fault *fault);
MUST_CHECK enum status generator_run(const struct bench *bench, struct generator *generator,
                                     const struct load_order *order, struct load_result *result,
                                     struct fault *fault);
