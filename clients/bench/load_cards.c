/*
 * Base stations: messages of many pads' marks, so many of each station in flight that the server
 * always has some. Each message has new versions; pads, items and versions take turns.
 */
#include <stdlib.h>
#include <string.h>

#include "clients/bench/child.h"
#include "clients/bench/load.h"
#include "clients/lib/prng.h"

#define ITEM_COUNT 11
#define GRADE_COUNT 3
#define WINDOW_MAX 64     /* messages of one station in flight; their acks fit its socket */
#define CARD_TEXT_MAX 256 /* bytes of one card of eleven marks: 40 + 11 × 15 at most */

struct station {
    uint64_t sent; /* ids are 1, 2, 3 … */
    uint64_t turn; /* messages of the order under way */
    uint32_t in_flight;
    int64_t sent_ns[WINDOW_MAX];
};

struct cards {
    struct generator_options options;
    struct crowd *crowd;
    struct station *stations;
    const struct load_order *order; /* under way, or NULL */
    struct load_result *result;
    uint64_t waiting;
    int64_t answered_ns;
    struct latency latency;
    uint8_t room[WIRE_ROOM + CROWD_MESSAGE_MAX];
};

static size_t hello(void *ctx, uint32_t index, char *text, size_t size)
{
    const struct cards *cards = ctx;
    return text_put_hello(text, size, "base", "token", cards->options.tokens[index]);
}

/* A card that was not recorded: [seat,"","reason",item,version]. */
static bool ack_has_refusal(const char *text, size_t size)
{
    return memmem(text, size, ",\"\",", 4) != NULL;
}

static void heard(void *ctx, uint32_t index, const char *text, size_t size, int64_t now_ns)
{
    struct cards *cards = ctx;
    struct station *station = &cards->stations[index];
    uint64_t id = ack_id_read(text, size);
    bool is_refused = load_message_is(text, size, "refused");
    if (cards->result == NULL || (id == UINT64_MAX && !is_refused) || station->in_flight == 0) {
        return;
    }
    station->in_flight--;
    cards->waiting--;
    cards->answered_ns = now_ns;
    if (is_refused || ack_has_refusal(text, size)) {
        load_note_refusal(cards->result, text, size);
        return;
    }
    cards->result->acked += (uint64_t)cards->order->cards * cards->order->marks;
    latency_add(&cards->latency, now_ns - station->sent_ns[id % WINDOW_MAX]);
}

static void cards_close(void *load)
{
    struct cards *cards = load;
    crowd_close(cards->crowd);
    free(cards->stations);
    free(cards);
}

static enum status cards_open(const struct generator_options *options, void **load,
                              struct fault *fault)
{
    struct cards *cards = calloc(1, sizeof(*cards));
    if (cards == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the base stations");
    }
    cards->options = *options;
    cards->stations = calloc(options->count, sizeof(*cards->stations));
    struct crowd_options crowd_options = {
        .port = options->port, .count = options->count, .hello = hello, .heard = heard, .ctx = cards
    };
    enum status status = cards->stations == NULL
                             ? fault_set(fault, STATUS_NOMEM, "", "no memory for the stations")
                             : crowd_open(&crowd_options, &cards->crowd, fault);
    if (status != STATUS_OK) {
        cards_close(cards);
        return status;
    }
    *load = cards;
    return STATUS_OK;
}

/*
 * One card of the message: `pad` counts from 0 within the station; a single mark takes the item of
 * this turn, a whole card all items.
 */
static char *card_put(const struct cards *cards, char *at, uint32_t seat, uint32_t item,
                      uint64_t version)
{
    uint64_t nonce = prng_mix((uint64_t)seat << 40 | version << 6 | item);
    *at++ = '[';
    at = text_put_number(at, seat);
    at = text_put(at, ",\"");
    at = text_put_nonce(at, nonce);
    *at++ = '"';
    for (uint32_t i = 0; i < cards->order->marks; i++) {
        *at++ = ',';
        at = text_put_number(at, (item + i) % ITEM_COUNT);
        *at++ = ',';
        at = text_put_number(at, version);
        *at++ = ',';
        at = text_put_number(at, (nonce >> i) % GRADE_COUNT);
    }
    *at++ = ']';
    return at;
}

static enum status message_send(struct cards *cards, uint32_t index, struct fault *fault)
{
    const struct load_order *order = cards->order;
    struct station *station = &cards->stations[index];
    uint32_t group_count = cards->options.seats_each / order->cards;
    uint32_t group = (uint32_t)(station->turn % group_count);
    uint64_t round_of_groups = station->turn / group_count;
    uint32_t item = order->marks == 1 ? (uint32_t)(round_of_groups % ITEM_COUNT) : 0;
    uint64_t version = order->version_base + 1 +
                       (order->marks == 1 ? round_of_groups / ITEM_COUNT : round_of_groups);
    char *text = (char *)cards->room + WIRE_ROOM;
    char *at = text_put(text, "{\"t\":\"casts\",\"id\":");
    station->turn++;
    at = text_put_number(at, ++station->sent);
    at = text_put(at, ",\"round\":");
    at = text_put_number(at, cards->options.round);
    at = text_put(at, ",\"cards\":[");
    for (uint32_t i = 0; i < order->cards; i++) {
        uint32_t seat = index * cards->options.seats_each + group * order->cards + i + 1;
        if (i > 0) {
            *at++ = ',';
        }
        at = card_put(cards, at, seat, item, version);
    }
    at = text_put(at, "]}");
    station->sent_ns[station->sent % WINDOW_MAX] = bench_now_ns();
    station->in_flight++;
    cards->waiting++;
    cards->result->sent += (uint64_t)order->cards * order->marks;
    return crowd_send(cards->crowd, index, cards->room, (size_t)(at - text),
                      (uint32_t)prng_mix(station->sent), fault);
}

static enum status windows_fill(struct cards *cards, struct fault *fault)
{
    for (uint32_t i = 0; i < cards->options.count; i++) {
        while (cards->stations[i].in_flight < cards->order->window) {
            enum status status = message_send(cards, i, fault);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

static enum status cards_run(void *load, const struct load_order *order, struct load_result *result,
                             struct fault *fault)
{
    struct cards *cards = load;
    size_t message_max = 64 + (size_t)order->cards * CARD_TEXT_MAX;
    if (order->cards == 0 || order->cards > cards->options.seats_each || order->marks == 0 ||
        order->marks > ITEM_COUNT || order->window > WINDOW_MAX ||
        (order->marks > 1 && message_max > CROWD_MESSAGE_MAX)) {
        return fault_set(fault, STATUS_LIMIT, "", "too many cards a message");
    }
    latency_clear(&cards->latency);
    cards->order = order;
    cards->result = result;
    cards->waiting = 0;
    for (uint32_t i = 0; i < cards->options.count; i++) {
        cards->stations[i].turn = 0;
        cards->stations[i].in_flight = 0;
    }
    int64_t start_ns = bench_now_ns();
    int64_t end_ns = start_ns + order->duration_ns;
    int64_t until_ns = end_ns + LOAD_DRAIN_NS;
    int64_t cpu_ns = process_cpu_ns(cards->options.pid);
    int64_t now_ns = start_ns;
    cards->answered_ns = start_ns;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && (now_ns < end_ns || cards->waiting > 0) && now_ns < until_ns) {
        status = now_ns < end_ns ? windows_fill(cards, fault) : STATUS_OK;
        bench_sleep_until((bench_now_ns() / LOAD_READ_TICK_NS + 1) * LOAD_READ_TICK_NS);
        status = status == STATUS_OK ? crowd_poll(cards->crowd, fault) : status;
        now_ns = bench_now_ns();
    }
    result->cpu_ns = process_cpu_ns(cards->options.pid) - cpu_ns;
    result->spent_ns = cards->answered_ns - start_ns;
    result->unanswered = cards->waiting;
    result->p50_ms = latency_quantile_ms(&cards->latency, 0.50);
    result->p99_ms = latency_quantile_ms(&cards->latency, 0.99);
    result->max_ms = latency_quantile_ms(&cards->latency, 1.0);
    cards->order = NULL;
    cards->result = NULL;
    return status;
}

static enum status cards_poll(void *load, struct fault *fault)
{
    struct cards *cards = load;
    return crowd_poll(cards->crowd, fault);
}

const struct load_kind_impl load_cards = { cards_open, cards_run, cards_poll, cards_close };
