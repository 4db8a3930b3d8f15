#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/hall/ballot.h"
#include "clients/hall/figures.h"
#include "clients/hall/roll.h"
#include "clients/hall/truth.h"
#include "clients/hall/voter.h"
#include "clients/lib/client.h"

/*
 * The crowd: a simulated person at every keypad, each with a connection of its own, and what the
 * hall remembers of them. Threads: the loop's.
 *
 * url        of the server; kept until destroy
 * roll       kept until destroy; one keypad for each of its seats
 * seed       of everybody's taste and pace
 * pace_scale 1: about a mark a second each
 * resend, drop  0.0 .. 1.0, chance for each mark or card
 * stay_away  0.0 .. 1.0, chance for each person
 * ballots, voters  what they write, and how they go about it
 * acks_fd    a file opened with O_APPEND, or -1
 */
struct crowd;

struct crowd_options {
    const char *url;
    const struct roll *roll;
    uint64_t seed;
    double pace_scale;
    double resend;
    double drop;
    double reorder;
    double stay_away;
    struct ballot_habits ballots;
    struct voter_habits voters;
    int acks_fd;
};

/* Errors: as client_create(). *crowd is given. */
MUST_CHECK enum status crowd_create(struct client_loop *loop, const struct crowd_options *options,
                                    struct crowd **crowd, struct fault *fault);
void crowd_destroy(struct crowd *crowd);

/* Lets everybody act whose time has come; call it every 5 … 20 ms. */
void crowd_tick(struct crowd *crowd);

/* Nobody casts any more; what waits goes on waiting for its answer. */
void crowd_stop(struct crowd *crowd);

/* Marks that wait for their ack or final refusal. */
uint64_t crowd_waiting(const struct crowd *crowd);

/* Keypads that are connected, and keypads the server refused for good. */
uint32_t crowd_connected(const struct crowd *crowd);
uint32_t crowd_refused(const struct crowd *crowd);

/* Why the first keypad was refused, or what went wrong last; "" when nothing did. */
const char *crowd_trouble(const struct crowd *crowd);

/* Rounds that were heard open and are over: closed, certified or void. */
uint32_t crowd_closed(const struct crowd *crowd);

/* Whether what the server publishes of the rounds played is still to be fetched. */
bool crowd_wants(const struct crowd *crowd);

const struct hall_figures *crowd_figures(const struct crowd *crowd);

/* The event's texts as the server published them, or NULL as long as they were not fetched. */
const struct event *crowd_event(const struct crowd *crowd);
const struct truth *crowd_truth(const struct crowd *crowd);
