/*
 * Voters: single marks at a rate. They go out in groups, every 5 ms; answers are read every 1 ms
 * and wake nobody. Each connection goes through the items, then the versions, so that every mark is
 * new.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clients/bench/child.h"
#include "clients/bench/load.h"
#include "clients/lib/prng.h"

#define ITEM_COUNT 11 /* FACTS: the eleven criteria */
#define GRADE_COUNT 3
#define IN_FLIGHT_MAX 16 /* marks of one connection that wait for their ack, at most */
#define STRIDE 7919      /* connections take turns in an order that is not the sockets' own */
#define START_DELAY_NS 20000000

/* Ids of a connection are 1, 2, 3 …; due_ns[id % IN_FLIGHT_MAX]: when it was to go, 0: answered. */
struct voter {
    uint32_t sent;
    uint32_t acked; /* of a floor, whose answers come in order and have no id */
    int64_t due_ns[IN_FLIGHT_MAX];
};

struct marks {
    struct generator_options options;
    struct crowd *crowd;
    struct voter *voters;
    struct load_result *result; /* of the order under way, or NULL */
    struct latency latency;
    uint64_t waiting;
    uint64_t turn;
    uint32_t stride;
    int64_t answered_ns; /* the last answer */
};

static size_t hello(void *ctx, uint32_t index, char *text, size_t size)
{
    const struct marks *marks = ctx;
    const char *credential =
        marks->options.credentials != NULL ? marks->options.credentials[index] : "XXXX-XXXX-XXXX";
    return text_put_hello(text, size, "voter", "credential", credential);
}

static void answered(struct marks *marks, struct voter *voter, uint64_t id, int64_t now_ns,
                     bool is_ack)
{
    int64_t *due_ns = &voter->due_ns[id % IN_FLIGHT_MAX];
    if (id == 0 || id > voter->sent || voter->sent - id >= IN_FLIGHT_MAX || *due_ns == 0) {
        return; /* of an order given up */
    }
    marks->waiting--;
    marks->answered_ns = now_ns;
    if (is_ack && marks->result != NULL) {
        marks->result->acked++;
        latency_add(&marks->latency, now_ns - *due_ns);
    }
    *due_ns = 0;
}

static void heard(void *ctx, uint32_t index, const char *text, size_t size, int64_t now_ns)
{
    struct marks *marks = ctx;
    struct voter *voter = &marks->voters[index];
    if (marks->options.is_floor) {
        if (voter->acked < voter->sent) {
            answered(marks, voter, ++voter->acked, now_ns, true);
        }
        return;
    }
    uint64_t id = ack_id_read(text, size);
    if (id != UINT64_MAX) {
        answered(marks, voter, id, now_ns, true);
    } else if (load_message_is(text, size, "refused") && marks->result != NULL) {
        load_note_refusal(marks->result, text, size);
        id = refusal_id_read(text, size);
        answered(marks, voter, id == UINT64_MAX ? 0 : id, now_ns, false);
    }
}

static uint32_t greatest_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void marks_close(void *load)
{
    struct marks *marks = load;
    crowd_close(marks->crowd);
    free(marks->voters);
    free(marks);
}

static enum status marks_open(const struct generator_options *options, void **load,
                              struct fault *fault)
{
    struct marks *marks = calloc(1, sizeof(*marks));
    if (marks == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the voters");
    }
    marks->options = *options;
    marks->voters = calloc(options->count, sizeof(*marks->voters));
    marks->stride = STRIDE;
    while (greatest_divisor(marks->stride, options->count) != 1) {
        marks->stride++;
    }
    struct crowd_options crowd_options = {
        .port = options->port, .count = options->count, .hello = hello, .heard = heard, .ctx = marks
    };
    enum status status = marks->voters == NULL
                             ? fault_set(fault, STATUS_NOMEM, "", "no memory for the voters")
                             : crowd_open(&crowd_options, &marks->crowd, fault);
    if (status != STATUS_OK) {
        marks_close(marks);
        return status;
    }
    *load = marks;
    return STATUS_OK;
}

static enum status mark_send(struct marks *marks, uint32_t index, int64_t due_ns,
                             struct fault *fault)
{
    uint8_t room[WIRE_ROOM + 256];
    struct voter *voter = &marks->voters[index];
    int64_t *place = &voter->due_ns[(voter->sent + 1) % IN_FLIGHT_MAX];
    if (*place != 0) {
        marks->result->unsent++;
        return STATUS_OK;
    }
    uint32_t turn = voter->sent++;
    uint64_t nonce = prng_mix((uint64_t)index << 32 | turn);
    *place = due_ns;
    marks->waiting++;
    marks->result->sent++;
    char *text = (char *)room + WIRE_ROOM;
    char *at = text_put(text, "{\"t\":\"cast\",\"id\":");
    at = text_put_number(at, voter->sent);
    at = text_put(at, ",\"round\":");
    at = text_put_number(at, marks->options.round);
    at = text_put(at, ",\"nonce\":\"");
    at = text_put_nonce(at, nonce);
    at = text_put(at, "\",\"marks\":[");
    at = text_put_number(at, turn % ITEM_COUNT);
    *at++ = ',';
    at = text_put_number(at, turn / ITEM_COUNT + 1);
    *at++ = ',';
    at = text_put_number(at, nonce % GRADE_COUNT);
    at = text_put(at, "]}");
    return crowd_send(marks->crowd, index, room, (size_t)(at - text), (uint32_t)(nonce >> 32),
                      fault);
}

/* Reads at the reading ticks until `until_ns`. */
static enum status read_until(struct marks *marks, int64_t until_ns, struct fault *fault)
{
    for (;;) {
        enum status status = crowd_poll(marks->crowd, fault);
        int64_t now_ns = bench_now_ns();
        if (status != STATUS_OK || now_ns >= until_ns) {
            return status;
        }
        int64_t next_ns = (now_ns / LOAD_READ_TICK_NS + 1) * LOAD_READ_TICK_NS;
        bench_sleep_until(next_ns < until_ns ? next_ns : until_ns);
    }
}

static enum status marks_send(struct marks *marks, const struct load_order *order, int64_t start_ns,
                              struct fault *fault)
{
    int64_t done = 0;
    const uint32_t count = marks->options.count;
    int64_t end_ns = start_ns + order->duration_ns;
    assert(count > 0);
    for (int64_t tick_ns = start_ns; tick_ns < end_ns; tick_ns += LOAD_SEND_TICK_NS) {
        enum status status = read_until(marks, tick_ns, fault);
        double late_ms = (double)(bench_now_ns() - tick_ns) / 1e6;
        marks->result->late_ms =
            late_ms > marks->result->late_ms ? late_ms : marks->result->late_ms;
        /* What is due by the end of this tick's turn; signed, so that it cannot run away. */
        int64_t due = (int64_t)((double)(tick_ns + LOAD_SEND_TICK_NS - start_ns) *
                                (double)order->rate / 1e9) -
                      done;
        for (int64_t i = 0; i < due && status == STATUS_OK; i++) {
            uint32_t index = (uint32_t)(marks->turn++ * marks->stride % count);
            status = mark_send(marks, index, tick_ns, fault);
        }
        done += due > 0 ? due : 0;
        if (status != STATUS_OK) {
            return status;
        }
    }
    return read_until(marks, end_ns, fault);
}

static enum status marks_run(void *load, const struct load_order *order, struct load_result *result,
                             struct fault *fault)
{
    struct marks *marks = load;
    latency_clear(&marks->latency);
    marks->result = result;
    marks->waiting = 0;
    for (uint32_t i = 0; i < marks->options.count; i++) {
        memset(marks->voters[i].due_ns, 0, sizeof(marks->voters[i].due_ns));
    }
    int64_t start_ns = bench_now_ns() + START_DELAY_NS;
    marks->answered_ns = start_ns;
    struct process_times before;
    struct process_times after;
    process_times_read(marks->options.pid, &before);
    int64_t cpu_ns = process_cpu_ns(marks->options.pid);
    enum status status = marks_send(marks, order, start_ns, fault);
    int64_t until_ns = bench_now_ns() + LOAD_DRAIN_NS;
    while (status == STATUS_OK && marks->waiting > 0 && bench_now_ns() < until_ns) {
        status = read_until(marks, bench_now_ns() + LOAD_READ_TICK_NS, fault);
    }
    result->cpu_ns = process_cpu_ns(marks->options.pid) - cpu_ns;
    process_times_read(marks->options.pid, &after);
    result->loop_ns = after.loop_ns - before.loop_ns;
    result->system_ns = after.system_ns - before.system_ns;
    result->spent_ns = marks->answered_ns - start_ns;
    result->unanswered = marks->waiting;
    result->p50_ms = latency_quantile_ms(&marks->latency, 0.50);
    result->p99_ms = latency_quantile_ms(&marks->latency, 0.99);
    result->max_ms = latency_quantile_ms(&marks->latency, 1.0);
    marks->result = NULL;
    return status;
}

static enum status marks_poll(void *load, struct fault *fault)
{
    struct marks *marks = load;
    return crowd_poll(marks->crowd, fault);
}

const struct load_kind_impl load_marks = { marks_open, marks_run, marks_poll, marks_close };
