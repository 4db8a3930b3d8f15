#include "clients/hall/crowd_impl.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVENT_RETRY_MS 1000   /* between two tries to fetch what the server publishes */
#define LOCAL_ADDRESS_COUNT 8 /* 127.0.0.2 … 127.0.0.9: 28,000 ports each */

uint64_t crowd_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void on_due(void *ctx, struct wheel_node *node)
{
    (void)ctx;
    keypad_act((struct keypad *)node);
}

static void on_document(void *ctx, int http_status, const char *body, size_t size)
{
    struct crowd *crowd = ctx;
    struct document document;
    if (http_status == 200 && document_decode(body, size, &document, NULL) == STATUS_OK) {
        book_read(crowd, &document);
    }
}

enum status keypad_connect(struct crowd *crowd, uint32_t index, struct fault *fault)
{
    struct keypad *keypad = &crowd->keypads[index];
    /* The server is on this machine: spread over its loopback addresses, 28,000 ports each. */
    bool is_spread = strstr(crowd->options.url, "//127.") != NULL;
    char local[16];
    snprintf(local, sizeof(local), "127.0.0.%u", 2 + index % LOCAL_ADDRESS_COUNT);
    struct client_options client = { .url = crowd->options.url,
                                     .role = ROLE_VOTER,
                                     .credential = crowd->options.roll->seats[index].credential,
                                     .local = is_spread ? local : NULL };
    return client_create(crowd->loop, &client, &keypad_handlers, keypad, &keypad->client, fault);
}

enum status crowd_create(struct client_loop *loop, const struct crowd_options *options,
                         struct crowd **crowd, struct fault *fault)
{
    const struct roll *roll = options->roll;
    struct crowd *made = calloc(1, sizeof(*made));
    *crowd = NULL;
    assert(roll->count >= 1);
    if (made == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a hall");
    }
    made->options = *options;
    made->loop = loop;
    made->keypads = calloc(roll->count, sizeof(*made->keypads));
    made->truth = truth_create(roll->seats[0].seat,
                               roll->seats[roll->count - 1].seat - roll->seats[0].seat + 1);
    if (made->keypads == NULL || made->truth == NULL) {
        crowd_destroy(made);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for %u keypads", roll->count);
    }
    prng_init(&made->nonces, prng_seed_draw());
    wheel_init(&made->wheel, crowd_clock_ns() / 1000000u);
    for (; made->count < roll->count; made->count++) {
        struct keypad *keypad = &made->keypads[made->count];
        keypad->crowd = made;
        voter_init(&keypad->voter, options->seed, roll->seats[made->count].seat,
                   options->stay_away);
        enum status status = keypad_connect(made, made->count, fault);
        if (status != STATUS_OK) {
            crowd_destroy(made);
            return status;
        }
    }
    *crowd = made;
    return STATUS_OK;
}

void crowd_destroy(struct crowd *crowd)
{
    if (crowd == NULL) {
        return;
    }
    for (uint32_t i = 0; crowd->keypads != NULL && i < crowd->count; i++) {
        client_destroy(crowd->keypads[i].client);
        keypad_finish(&crowd->keypads[i]);
    }
    if (crowd->has_event) {
        document_finish(&crowd->document);
    }
    truth_destroy(crowd->truth);
    free(crowd->keypads);
    free(crowd);
}

/* Fetches what the server publishes, through the first keypad that is connected. */
static void crowd_fetch(struct crowd *crowd)
{
    for (uint32_t i = 0; i < crowd->count; i++) {
        struct keypad *keypad = &crowd->keypads[i];
        if (client_state(keypad->client) == CLIENT_READY) {
            if (client_fetch(keypad->client, "/api/v1/view", on_document, crowd) != STATUS_OK) {
                return; /* the one before is still under way */
            }
            return;
        }
    }
}

/* Who left a round that is over comes back. Not in a handler: there no client may be destroyed. */
static void crowd_return(struct crowd *crowd)
{
    crowd->is_return_due = false;
    for (uint32_t i = 0; i < crowd->count; i++) {
        struct keypad *keypad = &crowd->keypads[i];
        struct fault fault = { 0 };
        if (!keypad->is_away || crowd->book[keypad->voter.round].progress != ROUND_OVER) {
            continue;
        }
        client_destroy(keypad->client);
        keypad->client = NULL;
        keypad->is_away = false;
        if (keypad_connect(crowd, i, &fault) != STATUS_OK) {
            snprintf(crowd->trouble, sizeof(crowd->trouble), "seat %u cannot come back: %s",
                     keypad->voter.seat, fault.text);
            crowd->refused_count++;
            crowd_stop(crowd);
            return;
        }
    }
}

void crowd_tick(struct crowd *crowd)
{
    uint64_t now_ns = crowd_clock_ns();
    if (crowd->is_return_due && !crowd->is_stopped) {
        crowd_return(crowd);
    }
    wheel_advance(&crowd->wheel, now_ns / 1000000u, on_due, crowd);
    if ((!crowd->has_event || crowd_wants(crowd)) && crowd->connected_count > 0 &&
        now_ns >= crowd->event_try_ns + EVENT_RETRY_MS * 1000000u) {
        crowd->event_try_ns = now_ns;
        crowd_fetch(crowd);
    }
}

void crowd_stop(struct crowd *crowd)
{
    crowd->is_stopped = true;
}

uint64_t crowd_waiting(const struct crowd *crowd)
{
    return crowd->waiting_count;
}

uint32_t crowd_connected(const struct crowd *crowd)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < crowd->count; i++) {
        count += client_state(crowd->keypads[i].client) == CLIENT_READY ? 1 : 0;
    }
    return count;
}

uint32_t crowd_refused(const struct crowd *crowd)
{
    return crowd->refused_count;
}

const char *crowd_trouble(const struct crowd *crowd)
{
    return crowd->trouble;
}

uint32_t crowd_closed(const struct crowd *crowd)
{
    return (uint32_t)crowd->figures.rounds_closed;
}

const struct hall_figures *crowd_figures(const struct crowd *crowd)
{
    return &crowd->figures;
}

const struct event *crowd_event(const struct crowd *crowd)
{
    return crowd->has_event ? crowd->document.texts : NULL;
}

const struct truth *crowd_truth(const struct crowd *crowd)
{
    return crowd->truth;
}
