#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "server/votelog/votelog_impl.h"

/*
 * What the tests of the vote log share: a log in a directory of its own, somebody who keeps what it
 * hands back, and marks and acts to offer. Every wait ends after WAIT_MS and fails the test.
 */
#define WAIT_MS 20000

typedef enum status (*log_open_fn)(const struct votelog_options *options,
                                   struct votelog_identity *identity, struct votelog **log,
                                   struct fault *fault);

/* A record that was handed back, copied. `act` is a place in the keeper's acts, or -1: a mark. */
struct kept {
    uint64_t batch;
    uint64_t settled;
    int32_t act;
    struct mark mark;
};

/* Keeps what a log hands back, and holds each record against the order that votelog.h promises. */
struct keeper {
    struct kept *records;
    uint32_t record_count;
    uint32_t record_capacity;
    struct act *acts;
    uint32_t act_count;
    uint32_t act_capacity;
    uint64_t mark_count;
    bool has_dropped;       /* since the last record */
    uint32_t drop_count;    /* records that hold nothing … */
    uint64_t dropped_up_to; /* … and what the last of them settled */
    uint64_t settled;       /* before the batch of the last record */
    bool is_replay;         /* settled is 0 */
};

struct log_fixture {
    char dir[64];
    int wake_fd; /* eventfd */
    log_open_fn open;
    struct votelog *log; /* or NULL */
    struct votelog_identity identity;
    struct votelog_options options;
    struct keeper live;
};

/* Makes a directory of its own and opens nothing. */
void fixture_init(struct log_fixture *fixture, log_open_fn open);
/* Closes what is open and removes the directory. */
void fixture_finish(struct log_fixture *fixture);

/* The same for cmocka: *state is a fixture on the heap. Both return 0. */
int fixture_setup(void **state, log_open_fn open);
int fixture_teardown(void **state);

/* Removes the notes in memory about logs of this directory that failed; how many there were. */
uint32_t fixture_forget(const struct log_fixture *fixture);

/* Opens the log, which must succeed, and replays it into `replayed` (NULL: nobody looks). */
void fixture_open(struct log_fixture *fixture, struct keeper *replayed);
enum status fixture_close(struct log_fixture *fixture);

/* Opens the log, which must fail with `status` and a fault that holds each of the words. */
void fixture_refused(struct log_fixture *fixture, enum status status, const char *word,
                     const char *other);

/* Drains what is there, at most `visit_max` records; how many came. */
uint32_t fixture_drain(struct log_fixture *fixture, uint32_t visit_max);
/* Waits and drains until the ticket is settled. */
void fixture_settle(struct log_fixture *fixture, uint64_t ticket);
/* Waits until the log woke somebody since this was asked last. */
void fixture_wait(struct log_fixture *fixture);
/* What was settled up to now. */
uint64_t fixture_settled(const struct log_fixture *fixture);

void fixture_path(const struct log_fixture *fixture, const char *name, char path[128]);

uint64_t append_marks(struct votelog *log, const struct mark *marks, uint32_t count);
uint64_t append_act(struct votelog *log, const struct act *act);

/* A mark drawn from *seed; its nonce is `number`. */
struct mark mark_draw(uint64_t *seed, uint64_t number);
struct act act_make(enum act_kind kind, uint32_t round);
uint64_t number_draw(uint64_t *seed);
uint64_t nonce_number(const struct mark *mark);

void keeper_visit(void *keeper, const struct record *record);
/* Lets go of the records so far; what comes next is still held against them. */
void keeper_forget(struct keeper *keeper);
void keeper_finish(struct keeper *keeper);
/* The same records, byte for byte, apart from `settled`. */
void keepers_equal(const struct keeper *a, const struct keeper *b);
