#pragma once

#include <pthread.h>

#include "fixture.h"
#include "server/service/custody.h"
#include "server/service/room.h"
#include "server/votelog/votelog.h"

/*
 * A room over a log in memory, with what it answered kept for the test. The log's writer is real:
 * hall_settle() waits for its wakes, never for a time.
 */
#define HALL_ANSWER_MAX 64

typedef enum status (*hall_log_fn)(const struct votelog_options *options,
                                   struct votelog_identity *identity, struct votelog **log,
                                   struct fault *fault);

struct hall {
    hall_log_fn open;
    struct event *event;
    struct custody *custody;
    struct votelog *log;
    struct votelog_identity identity;
    struct room *room;
    char dir[64];
    pthread_mutex_t lock;
    pthread_cond_t woke;
    uint32_t wake_count; /* {lock} */
    struct ack acks[HALL_ANSWER_MAX];
    struct sender ack_senders[HALL_ANSWER_MAX];
    uint32_t ack_count;
    struct done dones[HALL_ANSWER_MAX];
    uint32_t done_count;
    struct refused refused; /* of an act that was held back */
    uint32_t refused_count;
    uint32_t roll_change_count;
    uint32_t round_change_count;
    uint32_t programme_change_count;
    uint64_t epochs_reserved;
};

void hall_open(struct hall *hall, enum live live);
/* The same for another event, which is taken. */
void hall_open_event(struct hall *hall, struct event *event);
/* The same over another log than one in memory. */
void hall_open_log(struct hall *hall, struct event *event, hall_log_fn open);
/* Ends room and log and begins them anew over the same directory, as a restart does. */
void hall_restart(struct hall *hall);
void hall_close(struct hall *hall);

/* Drains until no answer waits for the log. */
void hall_settle(struct hall *hall);
/* Drains the next thing that the log has, for an act of the room's own, which nobody waits for. */
void hall_wait(struct hall *hall);

/* An act of a post, settled. */
void hall_control(struct hall *hall, enum control_kind kind, const char *subject);

/* One mark as a cast of `seat`. */
struct cast *hall_cast(uint32_t round, uint32_t seat, uint16_t item, uint32_t version,
                       uint8_t choice, uint8_t nonce);
