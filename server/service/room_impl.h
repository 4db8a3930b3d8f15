#pragma once

/*
 * What the room's files share: room.c (life, log, answers), room_cast.c and room_name.c (casts, and
 * the names in them), room_control.c (acts of posts), room_take.c (what their
 * scenes take), room_hall.c (arrivals, timers).
 */

#include "server/service/room.h"

/* The slot and receipt of a seat in the current round, made when first needed. */
struct seat_keys {
    uint8_t slot[SLOT_SIZE];
    char receipt[RECEIPT_SIZE];
    bool is_known;
};

enum pending_kind { PENDING_INVALID = 0, PENDING_CAST, PENDING_CASTS, PENDING_ACT };

/* One message that waits for the log. outcomes (PENDING_CASTS) is owned. */
struct pending {
    enum pending_kind kind;
    struct sender sender;
    uint64_t ticket;
    uint64_t id;
    uint32_t round;
    uint32_t seat;
    uint32_t outcome_count;
    struct card_outcome *outcomes;
};

/*
 * An act that the log has not handed back yet. The next one is judged by what this one will have
 * done, so it must wait: an officer's act is refused as long as another officer's is under way, and
 * held back for the moment that the server's own takes. Casts see a pause, close, ask or revoke at
 * once: what they offer comes after it in the log, where it would count for nothing, or for one who
 * has no pad any more.
 */
enum transition {
    TRANSITION_NONE = 0,
    TRANSITION_OPEN,
    TRANSITION_PAUSE,
    TRANSITION_CLOSE, /* also void, of the current round */
    TRANSITION_ASK,
    TRANSITION_REVOKE, /* of revoking_seat */
    TRANSITION_OTHER,
    TRANSITION_SERVER, /* check-in of pads */
};

/* An officer's act that waits for the server's own. */
struct held_act {
    struct sender sender;
    char post[ID_SIZE];
    struct control control;
    int64_t now_ms;
};

#define NAME_WAIT_MAX 64 /* names on their way: each is a commit that an officer's act waits for   \
                          */
#define NAME_PER_SEAT_MAX 48 /* names a seat may bring up in one round: a ballot of 16, thrice */
#define ARRIVAL_HOLD_MS 200  /* pads that connect within this are checked in together */

struct room {
    const struct event *event;
    struct custody *custody;
    struct votelog *log;
    struct room_handlers handlers;
    struct sitting *sitting;
    struct ballot_box *offered; /* of the current round: recorded and waiting marks */
    struct seat_keys *keys;     /* [seat - 1], of round keys_round */
    uint64_t *seat_message;     /* [seat - 1]: the last message of a base station that named it */
    uint64_t message_count;
    uint32_t keys_round;
    uint32_t offered_name_count; /* of the current round's contest: in the log or on the way */
    char (*waiting_names)[WRITTEN_NAME_SIZE]; /* those on the way */
    uint32_t waiting_name_count;
    uint32_t waiting_name_capacity;
    uint8_t *seat_names; /* [seat - 1]: names it brought up in this round */
    uint32_t *arrivals;  /* seats that came since the last act of check-in, in no order */
    uint32_t arrival_count;
    int64_t arrival_first_ms; /* on the steady clock */
    uint32_t replayed_round;  /* the latest of the replay */
    uint32_t timer_round;     /* the one that timer_due_ms is of */
    int64_t timer_due_ms;     /* on the steady clock */
    enum transition transition;
    uint32_t revoking_seat;
    uint64_t transition_ticket; /* of the act that is under way */
    bool has_held;
    struct held_act held;
    uint64_t last_ticket;
    uint64_t epochs_ticket;  /* of the reservation of epochs that is under way; 0: none */
    struct pending *pending; /* ring */
    uint32_t pending_first;
    uint32_t pending_count;
    bool is_dirty;
    enum status drain_status;
    struct fault *drain_fault;
    struct mark marks[MARK_PER_MESSAGE_MAX];
};

/* The slot and receipt of a seat in a round. */
void room_seat_keys(struct room *room, uint32_t round, uint32_t seat, struct seat_keys *keys);

/* Fills `refused`; returns ROOM_REFUSED. Text over its size is cut. */
enum room_outcome room_refuse(struct refused *refused, uint64_t id, enum refusal refusal,
                              const char *text);

/*
 * Gives each name of a card the number it has or will have in the log, into numbers[name_count];
 * new ones are offered to it. REFUSAL_NONE, or why not: nothing of the card may be offered then.
 */
enum refusal room_names(struct room *room, const struct round *round, uint32_t seat,
                        const struct cast *cast, const struct cast_card *card,
                        uint16_t numbers[WRITE_IN_MAX]);

/* A name on its way became part of the log. */
void room_name_settled(struct room *room);

/* The refusal of what the log does not take, and what to say of it. */
enum refusal room_log_refusal(enum status status);
const char *room_refusal_text(enum refusal refusal);

/*
 * Puts the arrivals in order, each once, and those that are checked in no more: a pad that connects
 * over and over leaves the others their place.
 */
void room_arrivals_settle(struct room *room);

/* Does what was held back, now that the server's own act is in the log. */
void room_held_do(struct room *room);

/* Whether the parameters of a take that name nothing of the event are ones its scene can show. */
MUST_CHECK enum status room_take_check(const struct control *control, struct fault *fault);

/* A zeroed place at the end of the queue; the caller has seen that there is one. */
struct pending *room_pending_push(struct room *room);
