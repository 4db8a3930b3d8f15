#pragma once

/* What the room's files share: room.c (life, log, answers), room_cast.c, room_control.c. */

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

/* An act on rounds that the log has not handed back yet: casts see it at once. */
enum transition { TRANSITION_NONE = 0, TRANSITION_OPEN, TRANSITION_PAUSE, TRANSITION_CLOSE };

struct room {
    const struct event *event;
    const struct custody *custody;
    struct votelog *log;
    struct room_handlers handlers;
    struct sitting *sitting;
    struct ballot_box *offered; /* of the current round: recorded and waiting marks */
    struct seat_keys *keys;     /* [seat - 1], of round keys_round */
    uint64_t *seat_message;     /* [seat - 1]: the last message of a base station that named it */
    uint64_t message_count;
    uint32_t keys_round;
    enum transition transition;
    uint64_t last_ticket;
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

/* A zeroed place at the end of the queue; the caller has seen that there is one. */
struct pending *room_pending_push(struct room *room);
