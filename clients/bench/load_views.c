/*
 * Viewers: a trigger changes the view, each viewer gets it, and only then comes the next trigger.
 *
 * At the product the trigger is a cast of one voter, beside the viewers; at the floor it is a
 * message that carries the bytes to send to everybody else.
 */
#include <stdlib.h>
#include <string.h>

#include "clients/bench/child.h"
#include "clients/bench/load.h"
#include "clients/lib/prng.h"

#define ITEM_COUNT 11
#define GRADE_COUNT 3
#define STEP_MAX_NS 5000000000 /* a view that has not reached all by then has failed */
#define STEP_GAP_NS 40000000   /* the server publishes at most every 40 ms */

/* seen[viewer]: the step of the last view it got. */
struct views {
    struct generator_options options;
    struct crowd *viewers;
    struct crowd *trigger;
    struct load_result *result;
    uint32_t *seen;
    uint32_t step;
    uint32_t step_count; /* viewers that got something since the trigger */
    uint32_t cast_count;
    uint32_t view_size;
    char view[GENERATOR_VIEW_SIZE];
};

static size_t viewer_hello(void *ctx, uint32_t index, char *text, size_t size)
{
    return text_put_hello(text, size, "viewer", NULL, NULL);
}

static size_t trigger_hello(void *ctx, uint32_t index, char *text, size_t size)
{
    const struct views *views = ctx;
    return views->options.is_floor
               ? text_put_hello(text, size, "viewer", NULL, NULL)
               : text_put_hello(text, size, "voter", "credential", views->options.credentials[0]);
}

static void viewer_heard(void *ctx, uint32_t index, const char *text, size_t size, int64_t now_ns)
{
    struct views *views = ctx;
    if (!load_message_is(text, size, "view")) {
        return;
    }
    if (index == 0 && size < GENERATOR_VIEW_SIZE) {
        memcpy(views->view, text, size);
        views->view_size = (uint32_t)size;
    }
    if (views->result == NULL) {
        return;
    }
    views->result->acked++;
    if (views->seen[index] != views->step) {
        views->seen[index] = views->step;
        views->step_count++;
    }
}

static void trigger_heard(void *ctx, uint32_t index, const char *text, size_t size, int64_t now_ns)
{
    struct views *views = ctx;
    if (views->result != NULL && load_message_is(text, size, "refused")) {
        load_note_refusal(views->result, text, size);
    }
}

static void views_close(void *load)
{
    struct views *views = load;
    crowd_close(views->viewers);
    crowd_close(views->trigger);
    free(views->seen);
    free(views);
}

static enum status views_open(const struct generator_options *options, void **load,
                              struct fault *fault)
{
    struct views *views = calloc(1, sizeof(*views));
    if (views == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the viewers");
    }
    views->options = *options;
    views->seen = calloc(options->count, sizeof(*views->seen));
    struct crowd_options trigger = { .port = options->port,
                                     .count = 1,
                                     .hello = trigger_hello,
                                     .heard = trigger_heard,
                                     .ctx = views };
    struct crowd_options viewers = { .port = options->port,
                                     .count = options->count,
                                     .hello = viewer_hello,
                                     .heard = viewer_heard,
                                     .ctx = views };
    enum status status = views->seen == NULL
                             ? fault_set(fault, STATUS_NOMEM, "", "no memory for the viewers")
                             : crowd_open(&trigger, &views->trigger, fault);
    if (status == STATUS_OK) {
        status = crowd_open(&viewers, &views->viewers, fault);
    }
    if (status != STATUS_OK) {
        views_close(views);
        return status;
    }
    *load = views;
    return STATUS_OK;
}

static size_t cast_write(struct views *views, char *text)
{
    uint32_t turn = views->cast_count++;
    char *at = text_put(text, "{\"t\":\"cast\",\"id\":");
    at = text_put_number(at, turn + 1);
    at = text_put(at, ",\"round\":");
    at = text_put_number(at, views->options.round);
    at = text_put(at, ",\"nonce\":\"");
    at = text_put_nonce(at, prng_mix(turn));
    at = text_put(at, "\",\"marks\":[");
    at = text_put_number(at, turn % ITEM_COUNT);
    *at++ = ',';
    at = text_put_number(at, turn / ITEM_COUNT + 1);
    *at++ = ',';
    /* Another choice than the last one on this item: the figures change each time. */
    at = text_put_number(at, turn / ITEM_COUNT % GRADE_COUNT);
    return (size_t)(text_put(at, "]}") - text);
}

static enum status trigger_send(struct views *views, const struct load_order *order,
                                struct fault *fault)
{
    uint8_t room[WIRE_ROOM + GENERATOR_VIEW_SIZE];
    char *text = (char *)room + WIRE_ROOM;
    size_t size = order->view_size;
    if (views->options.is_floor) {
        memcpy(text, order->view, size);
    } else {
        size = cast_write(views, text);
    }
    return crowd_send(views->trigger, 0, room, size, (uint32_t)prng_mix(views->step), fault);
}

/* One trigger, until each viewer has got what it made. */
static enum status step_run(struct views *views, const struct load_order *order,
                            struct fault *fault)
{
    int64_t start_ns = bench_now_ns();
    views->step++;
    views->step_count = 0;
    enum status status = trigger_send(views, order, fault);
    while (status == STATUS_OK &&
           (views->step_count < views->options.count || bench_now_ns() - start_ns < STEP_GAP_NS)) {
        bench_sleep_until((bench_now_ns() / LOAD_READ_TICK_NS + 1) * LOAD_READ_TICK_NS);
        status = crowd_poll(views->viewers, fault);
        status = status == STATUS_OK ? crowd_poll(views->trigger, fault) : status;
        if (status == STATUS_OK && bench_now_ns() - start_ns > STEP_MAX_NS) {
            return fault_set(fault, STATUS_IO, "", "a view reached only %u of %u viewers in 5 s",
                             views->step_count, views->options.count);
        }
    }
    return status;
}

static enum status views_run(void *load, const struct load_order *order, struct load_result *result,
                             struct fault *fault)
{
    struct views *views = load;
    if (order->view_size > GENERATOR_VIEW_SIZE ||
        (views->options.is_floor && order->view_size == 0)) {
        return fault_set(fault, STATUS_LIMIT, "", "the view has %u bytes", order->view_size);
    }
    int64_t start_ns = bench_now_ns();
    int64_t cpu_ns = process_cpu_ns(views->options.pid);
    enum status status = STATUS_OK;
    views->result = result;
    while (status == STATUS_OK && bench_now_ns() - start_ns < order->duration_ns) {
        status = step_run(views, order, fault);
        result->step_count++;
        result->sent += views->options.count;
    }
    result->cpu_ns = process_cpu_ns(views->options.pid) - cpu_ns;
    result->spent_ns = bench_now_ns() - start_ns;
    result->view_size = views->view_size;
    memcpy(result->view, views->view, views->view_size);
    views->result = NULL;
    return status;
}

static enum status views_poll(void *load, struct fault *fault)
{
    struct views *views = load;
    enum status status = crowd_poll(views->trigger, fault);
    return status == STATUS_OK ? crowd_poll(views->viewers, fault) : status;
}

const struct load_kind_impl load_views = { views_open, views_run, views_poll, views_close };
