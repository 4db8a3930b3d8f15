#pragma once

#include "clients/hall/ballot.h"
#include "clients/hall/crowd.h"
#include "clients/hall/voter.h"
#include "clients/lib/prng.h"
#include "clients/lib/wheel.h"

/*
 * What crowd.c and keypad.c share. Nobody else includes it.
 */
#define PENDING_MAX 8 /* marks a keypad lets wait before it takes no further press */

/* A mark of an appraisal, or a whole card, that waits for its answer. */
struct pending {
    uint64_t id;
    uint64_t cast_ns;
    uint32_t round;
    uint32_t version;
    bool is_card;
    uint8_t nonce[NONCE_SIZE];
    struct ballot *ballot; /* this one's; freed with the answer */
};

struct keypad {
    struct wheel_node due; /* first: the wheel hands back this node */
    struct crowd *crowd;
    struct client *client;
    struct voter voter;
    enum round_state state; /* of voter.round */
    bool was_ready;
    bool is_away;               /* left its round, and comes back when that is over */
    char receipt[RECEIPT_SIZE]; /* of receipt_round */
    uint32_t receipt_round;
    uint32_t pending_count;
    struct pending pending[PENDING_MAX];
};

/* What of a round's turnout is still to be fetched. */
enum wish { WISH_NOTHING = 0, WISH_ANY, WISH_FINAL };

/* The hall's book: a line for each round. */
struct book_line {
    enum { ROUND_UNHEARD = 0, ROUND_HEARD, ROUND_OVER } progress;
    enum wish wish;
    bool has_turnout;
};

struct crowd {
    struct crowd_options options;
    struct client_loop *loop;
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
    struct round_notice notice; /* the newest round that was heard of as open */
    uint32_t round_last;
    bool is_return_due;
    struct book_line book[ROUND_MAX + 1];
    uint32_t count;
    struct cast cast; /* scratch */
    struct keypad *keypads;
};

uint64_t crowd_clock_ns(void);

/* Connects keypad `index` of the roll. Errors: as client_create(). */
MUST_CHECK enum status keypad_connect(struct crowd *crowd, uint32_t index, struct fault *fault);

/* Forgets what waits. */
void keypad_finish(struct keypad *keypad);

/* A keypad heard of a round: the book and the truth take note of it. */
void book_hear(struct crowd *crowd, const struct round_notice *round);

/* What the server published: the event's texts, and the turnout of rounds. Takes the document. */
void book_read(struct crowd *crowd, struct document *document);

/* What every keypad does with what its connection reports; ctx is the struct keypad. */
extern const struct client_handlers keypad_handlers;

/* A person's moment: press the next button, and now and then give the network trouble. */
void keypad_act(struct keypad *keypad);
