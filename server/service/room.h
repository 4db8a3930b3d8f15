#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/core/sitting.h"
#include "server/model/fault.h"
#include "server/protocol/message.h"
#include "server/service/custody.h"
#include "server/votelog/votelog.h"

/*
 * The room: admits casts and acts, offers them to the log, applies what comes out of it, and says
 * who is to be answered. There is no other way for a vote.
 *
 * Admission looks at what was offered as well as at what is recorded, so that two sockets casting
 * for one voter in the same moment cannot both be promised something. What is answered with an ack
 * has come out of the log.
 *
 * Threads: everything on the loop thread.
 */
struct room;

#define ROOM_PENDING_MAX 131072 /* messages that wait for the log; more are refused `busy` */

/* Who asked: a connection of the session table; a generation no longer current gets no answer. */
struct sender {
    uint32_t conn;
    uint32_t generation;
};

/* The same moment on two clocks: Unix time for acts, CLOCK_MONOTONIC for waits and limits. */
struct moment {
    int64_t unix_ms;
    int64_t steady_ms;
};

/* Called from room_drain() only. `ack` is borrowed. */
struct room_handlers {
    void (*acked)(void *ctx, struct sender sender, const struct ack *ack);
    void (*done)(void *ctx, struct sender sender, const struct done *done);
    void (*refused)(void *ctx, struct sender sender, const struct refused *refused);
    void (*round_changed)(void *ctx);
    void (*roll_changed)(void *ctx); /* a pad was revoked or replaced, or somebody came or went */
    void (*programme_changed)(void *ctx);
    /* Up to here; also when a further reservation found no room in the log, with what there is. */
    void (*epochs_reserved)(void *ctx, uint64_t upto);
    void *ctx;
};

/* All but handlers are kept until room_destroy(). *room is given. */
MUST_CHECK enum status room_create(const struct event *event, struct custody *custody,
                                   struct votelog *log, const struct room_handlers *handlers,
                                   struct room **room, struct fault *fault);
void room_destroy(struct room *room);

/* Folds the whole log; once, first. */
MUST_CHECK enum status room_replay(struct room *room, struct fault *fault);

/*
 * Puts the roll's hash into a log that has none yet; after the replay. Errors: STATUS_INVALID (the
 * log began with another roll), STATUS_IO.
 */
MUST_CHECK enum status room_begin(struct room *room, int64_t now_ms, struct fault *fault);

/*
 * Closes a round whose time is over and checks in the pads that came. Call about every 40 ms.
 *
 * A timer runs on the steady clock from the first tick after the round opened: no clock that is set
 * meanwhile makes it longer or shorter. Only of a round that was open before the replay is what is
 * left reckoned by Unix time, at least nothing and at most all of it.
 */
void room_tick(struct room *room, struct moment now);

/* A voter's pad connected: checked in, where the event says so and check-in is open. */
void room_arrived(struct room *room, uint32_t seat, int64_t steady_ms);

const struct sitting *room_sitting(const struct room *room);

/* True once after the tally, a round or the roll of rounds changed; asking clears it. */
bool room_take_dirty(struct room *room);

enum room_outcome {
    ROOM_OUTCOME_INVALID = 0,
    ROOM_ANSWERED, /* `ack` holds the answer: everything in it was recorded or refused before */
    ROOM_PENDING,  /* the log has it; `acked` will come */
    ROOM_REFUSED,  /* `refused` holds the answer; nothing was offered */
};

/*
 * A voter's card (seat > 0, card_count 1) or a base station's cards (seat 0: each card names its
 * seat, which the caller has checked against the post). Each card is recorded whole or refused
 * whole.
 */
enum room_outcome room_cast(struct room *room, struct sender sender, uint32_t seat,
                            const struct cast *cast, struct ack *ack, struct refused *refused);

/*
 * An act of a post. now_ms: Unix time in ms. ROOM_PENDING: `done` or, where it was held back for
 * the server's own act, `refused` will come; otherwise ROOM_REFUSED with the reason and the rule in
 * words. CONTROL_STATUS and CONTROL_CASES are not the room's.
 */
enum room_outcome room_control(struct room *room, struct sender sender, const char *post,
                               const struct control *control, int64_t now_ms,
                               struct refused *refused);

/* Offers the reservation of epochs up to `upto`. Errors: those of votelog_append_act(). */
MUST_CHECK enum status room_reserve_epochs(struct room *room, uint64_t upto, int64_t now_ms);

/*
 * Applies and answers what became durable, at most visit_max records. *visited: how many.
 * STATUS_IO: the log failed; STATUS_INVALID: it holds what cannot follow. Either ends the service.
 */
MUST_CHECK enum status room_drain(struct room *room, uint32_t visit_max, uint32_t *visited,
                                  struct fault *fault);

/* The cards of a round that is over (0: the latest) that wait for a ruling. False: no such round.
 */
bool room_cases(const struct room *room, uint32_t round, struct cases_report *report);

/* The notice of the round voters should know: the current one, else the latest. */
void room_round_notice(const struct room *room, struct round_notice *notice);

/* The highest recorded versions of a seat in the current round; false: none. */
bool room_versions(struct room *room, uint32_t seat, struct seat_versions *versions);

/* Durable marks in the log. */
uint64_t room_recorded_total(const struct room *room);

/* Messages whose answer waits for the log. */
uint32_t room_waiting(const struct room *room);
