#pragma once

#include "clients/hall/crowd.h"
#include "clients/hall/voter.h"
#include "clients/lib/prng.h"
#include "clients/lib/wheel.h"

/*
 * What crowd.c and keypad.c share. Nobody else includes it.
 */
#define PENDING_MAX 8 /* marks a keypad lets wait before it takes no further press */

/* A mark that waits for its answer. */
struct pending {
    uint64_t id;
    uint64_t cast_ns;
    uint32_t round;
    uint32_t version;
    uint16_t item;
    uint8_t choice;
    uint8_t nonce[NONCE_SIZE];
};

struct keypad {
    struct wheel_node due; /* first: the wheel hands back this node */
    struct crowd *crowd;
    struct client *client;
    struct voter voter;
    enum round_state state; /* of voter.round */
    char subject[ID_SIZE];
    bool was_ready;
    char receipt[RECEIPT_SIZE]; /* of receipt_round */
    uint32_t receipt_round;
    uint32_t pending_count;
    struct pending pending[PENDING_MAX];
};

struct crowd {
    struct crowd_options options;
    struct wheel wheel;
    struct prng nonces; /* from the kernel, not from the seed: a hall that starts anew must not
                           repeat the nonces of the one before */
    struct truth *truth;
    struct document document;
    bool has_event;
    bool is_stopped;
    uint64_t event_try_ns;
    uint32_t connected_count;
    uint32_t refused_count;
    uint64_t waiting_count;
    uint64_t second; /* of the clock, and the acks in it */
    uint64_t second_acked;
    char trouble[320];
    struct hall_figures figures;
    uint8_t round_closed[ROUND_MAX + 1]; /* 0 not heard, 1 heard open, 2 closed */
    uint32_t count;
    struct cast cast; /* scratch */
    struct keypad *keypads;
};

uint64_t crowd_clock_ns(void);

/* What every keypad does with what its connection reports; ctx is the struct keypad. */
extern const struct client_handlers keypad_handlers;

/* A person's moment: press the next button, and now and then give the network trouble. */
void keypad_act(struct keypad *keypad);
