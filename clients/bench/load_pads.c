/*
 * Keypads: voters of the client library, which reconnect by themselves as the product's own
 * programs do. They cast one mark each within the time that is ordered, or are waited for while
 * they come back from a server that went away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/bench/load.h"
#include "clients/lib/client.h"
#include "clients/lib/prng.h"

#define ITEM_COUNT 11
#define GRADE_COUNT 3
#define TICK_MS 5
#define CONNECT_MAX_NS 60000000000
#define IDLE_NS 50000000 /* between orders, once a second: enough to answer pings */
#define LOCAL_COUNT 8    /* 127.0.0.2 … 127.0.0.9 */

struct pads;

struct pad {
    struct pads *pads;
    struct client *client;
    uint32_t cast_count;
    int64_t cast_ns; /* of the cast that waits for its ack, or 0 */
    int64_t back_ns; /* when it was welcomed after it was lost */
    bool is_ready;
    bool is_lost;
};

struct pads {
    struct generator_options options;
    struct client_loop *loop;
    struct pad *pads;
    struct load_result *result; /* of the order under way, or NULL */
    struct latency latency;
    struct prng prng;
    struct cast cast;
    uint32_t ready_count;
    uint32_t back_count;
    uint32_t waiting; /* casts without an answer */
    uint32_t next;    /* the pad that casts next */
    int64_t start_ns;
    int64_t duration_ns;
    bool is_return; /* the order waits for pads to come back */
};

static void stop_where_done(struct pads *pads)
{
    uint32_t count = pads->options.count;
    bool is_done = pads->result == NULL ? pads->ready_count == count
                   : pads->is_return    ? pads->back_count == count
                                        : pads->next == count && pads->waiting == 0;
    if (is_done) {
        client_loop_stop(pads->loop);
    }
}

static void state_changed(void *ctx, enum client_state state, const struct fault *fault)
{
    struct pad *pad = ctx;
    struct pads *pads = pad->pads;
    bool is_ready = state == CLIENT_READY;
    if (state == CLIENT_REFUSED && pads->result != NULL) {
        const char *why = fault != NULL ? fault->text : "refused";
        load_note_refusal(pads->result, why, strlen(why));
    }
    if (is_ready == pad->is_ready) {
        return;
    }
    pad->is_ready = is_ready;
    pads->ready_count += is_ready ? 1 : (uint32_t)-1;
    pad->is_lost = pad->is_lost || !is_ready;
    if (is_ready && pad->is_lost && pads->is_return && pad->back_ns == 0) {
        pad->back_ns = bench_now_ns();
        pads->back_count++;
    }
    stop_where_done(pads);
}

static void answered(struct pad *pad, bool is_ack)
{
    struct pads *pads = pad->pads;
    if (pad->cast_ns == 0) {
        return; /* a resend's second answer */
    }
    if (is_ack && pads->result != NULL) {
        pads->result->acked++;
        latency_add(&pads->latency, bench_now_ns() - pad->cast_ns);
    }
    pad->cast_ns = 0;
    pads->waiting--;
    stop_where_done(pads);
}

static void acked(void *ctx, const struct ack *ack)
{
    answered(ctx, true);
}

static void refused(void *ctx, const struct refused *refused)
{
    struct pad *pad = ctx;
    const char *why = refusal_name(refused->refusal);
    if (pad->pads->result != NULL) {
        load_note_refusal(pad->pads->result, why, strlen(why));
    }
    answered(pad, false);
}

/* The next item, or when all were cast the next version; a mark it never cast before. */
static void pad_cast(struct pad *pad, int64_t due_ns)
{
    struct pads *pads = pad->pads;
    uint64_t nonce = prng_next(&pads->prng);
    uint32_t turn = pad->cast_count++;
    uint64_t id;
    pads->cast.round = pads->options.round;
    pads->cast.card_count = 1;
    pads->cast.mark_count = 1;
    pads->cast.cards[0] = (struct cast_card){ .mark_count = 1 };
    memcpy(pads->cast.cards[0].nonce, &nonce, sizeof(nonce));
    pads->cast.marks[0] = (struct cast_mark){ .item = (uint16_t)(turn % ITEM_COUNT),
                                              .version = turn / ITEM_COUNT + 1,
                                              .choice = (uint8_t)(nonce % GRADE_COUNT) };
    pads->result->sent++;
    if (client_cast(pad->client, &pads->cast, &id) != STATUS_OK) {
        pads->result->unsent++;
        return;
    }
    pad->cast_ns = due_ns;
    pads->waiting++;
}

/* Those whose turn has come, evenly over the order's time. */
static void tick(void *ctx)
{
    struct pads *pads = ctx;
    int64_t passed_ns = bench_now_ns() - pads->start_ns;
    uint32_t count = pads->options.count;
    while (pads->result != NULL && !pads->is_return && pads->next < count &&
           pads->duration_ns * pads->next / count <= passed_ns) {
        int64_t due_ns = pads->start_ns + pads->duration_ns * pads->next / count;
        pad_cast(&pads->pads[pads->next++], due_ns);
    }
    stop_where_done(pads);
}

static void pads_close(void *load)
{
    struct pads *pads = load;
    for (uint32_t i = 0; pads->pads != NULL && i < pads->options.count; i++) {
        client_destroy(pads->pads[i].client);
    }
    client_loop_destroy(pads->loop);
    free(pads->pads);
    free(pads);
}

static enum status pads_create(struct pads *pads, struct fault *fault)
{
    static const struct client_handlers handlers = { .state = state_changed,
                                                     .acked = acked,
                                                     .refused = refused };
    char url[64];
    char local[16];
    snprintf(url, sizeof(url), "ws://127.0.0.1:%u", pads->options.port);
    enum status status = client_loop_create(NULL, pads->options.count, &pads->loop, fault);
    for (uint32_t i = 0; i < pads->options.count && status == STATUS_OK; i++) {
        snprintf(local, sizeof(local), "127.0.0.%u", 2 + i % LOCAL_COUNT);
        struct client_options options = { .url = url,
                                          .role = ROLE_VOTER,
                                          .credential = pads->options.credentials[i],
                                          .local = local };
        pads->pads[i].pads = pads;
        status = client_create(pads->loop, &options, &handlers, &pads->pads[i],
                               &pads->pads[i].client, fault);
    }
    return status;
}

static enum status pads_open(const struct generator_options *options, void **load,
                             struct fault *fault)
{
    struct pads *pads = calloc(1, sizeof(*pads));
    if (pads != NULL) {
        pads->pads = calloc(options->count, sizeof(*pads->pads));
    }
    if (pads == NULL || pads->pads == NULL) {
        free(pads);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the keypads");
    }
    pads->options = *options;
    prng_init(&pads->prng, prng_seed_draw());
    enum status status = pads_create(pads, fault);
    if (status == STATUS_OK) {
        client_loop_run(pads->loop, bench_now_ns() + CONNECT_MAX_NS);
        if (pads->ready_count < options->count) {
            status = fault_set(fault, STATUS_IO, "", "only %u of %u keypads were welcomed",
                               pads->ready_count, options->count);
        }
    }
    if (status != STATUS_OK) {
        pads_close(pads);
        return status;
    }
    client_loop_every(pads->loop, TICK_MS, tick, pads);
    *load = pads;
    return STATUS_OK;
}

static int times_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* When the first, the middle and the last one was back. */
static enum status back_fill(const struct pads *pads, struct load_result *result,
                             struct fault *fault)
{
    int64_t *times = calloc(pads->options.count + 1u, sizeof(*times));
    uint32_t count = 0;
    if (times == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the times");
    }
    for (uint32_t i = 0; i < pads->options.count; i++) {
        result->sent += pads->pads[i].is_lost;
        if (pads->pads[i].back_ns != 0) {
            times[count++] = pads->pads[i].back_ns;
        }
    }
    qsort(times, count, sizeof(*times), times_compare);
    if (count > 0) {
        result->back_ns[0] = times[0];
        result->back_ns[1] = times[count / 2];
        result->back_ns[2] = times[count - 1];
    }
    result->acked = count;
    result->unanswered = pads->options.count - count;
    free(times);
    return STATUS_OK;
}

static enum status pads_run(void *load, const struct load_order *order, struct load_result *result,
                            struct fault *fault)
{
    struct pads *pads = load;
    enum status status = STATUS_OK;
    pads->result = result;
    pads->is_return = order->is_return;
    pads->start_ns = bench_now_ns();
    pads->duration_ns = order->duration_ns;
    pads->next = 0;
    pads->back_count = 0;
    latency_clear(&pads->latency);
    for (uint32_t i = 0; i < pads->options.count; i++) {
        pads->pads[i].is_lost = false;
        pads->pads[i].back_ns = 0;
    }
    client_loop_run(pads->loop,
                    pads->start_ns + order->duration_ns + (order->is_return ? 0 : LOAD_DRAIN_NS));
    if (order->is_return) {
        status = back_fill(pads, result, fault);
    } else {
        result->unanswered = pads->waiting;
        result->p50_ms = latency_quantile_ms(&pads->latency, 0.50);
        result->p99_ms = latency_quantile_ms(&pads->latency, 0.99);
        result->max_ms = latency_quantile_ms(&pads->latency, 1.0);
        result->spent_ns = bench_now_ns() - pads->start_ns;
    }
    pads->result = NULL;
    return status;
}

static enum status pads_poll(void *load, struct fault *fault)
{
    struct pads *pads = load;
    int64_t until_ns = bench_now_ns() + IDLE_NS;
    while (bench_now_ns() < until_ns) {
        client_loop_run(pads->loop, until_ns);
    }
    return STATUS_OK;
}

const struct load_kind_impl load_pads = { pads_open, pads_run, pads_poll, pads_close };
