#pragma once

#include "clients/bench/crowd.h"
#include "clients/bench/generator.h"
#include "clients/bench/latency.h"

/*
 * The loads a generator can carry out; inside its process only. One thread.
 *
 * open      *load is given; the connections are opened with it
 * run       carries out an order; fills `result` but for its fault
 * poll      between orders: answers pings
 */
struct load;

struct load_kind_impl {
    enum status (*open)(const struct generator_options *options, void **load, struct fault *fault);
    enum status (*run)(void *load, const struct load_order *order, struct load_result *result,
                       struct fault *fault);
    enum status (*poll)(void *load, struct fault *fault);
    void (*close)(void *load);
};

extern const struct load_kind_impl load_marks;
extern const struct load_kind_impl load_cards;
extern const struct load_kind_impl load_pads;
extern const struct load_kind_impl load_views;

#define LOAD_SEND_TICK_NS 5000000 /* messages go out in groups at these times only (TRAPS) */
#define LOAD_READ_TICK_NS 1000000 /* answers are looked for at these times only */
#define LOAD_DRAIN_NS 6000000000  /* after the last send, how long answers are waited for */

/* Text as it is written: no check of room, the callers' messages have a known largest size. */
char *text_put(char *at, const char *text);
char *text_put_number(char *at, uint64_t number);
char *text_put_nonce(char *at, uint64_t nonce); /* 16 hexadecimal digits */

/* The number after `{"t":"ack","id":` or in any `"id":` of a refusal; UINT64_MAX: not there. */
uint64_t ack_id_read(const char *text, size_t size);
uint64_t refusal_id_read(const char *text, size_t size);

/* Whether text begins with `{"t":"KIND"`. */
bool load_message_is(const char *text, size_t size, const char *kind);

/* Keeps the first refusal for the report and counts it. */
void load_note_refusal(struct load_result *result, const char *text, size_t size);

/* The hello of a role with its secret ("credential" or "token" key), or of a viewer. */
size_t text_put_hello(char *text, size_t size, const char *role, const char *key,
                      const char *secret);
