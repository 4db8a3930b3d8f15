#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/core/sitting.h"
#include "server/service/custody.h"
#include "tests/sim/disk_log.h"

/*
 * The book: a second, small fold over the log, read from the platter, and what must hold of it. It
 * shares nothing with the server's core but the values of records. What it finds wrong is text for
 * a person.
 */
#define BOOK_SEAT_MAX 12
#define BOOK_ITEM_MAX 8
#define BOOK_ROUND_MAX 96
#define BOOK_NAME_MAX 32
#define BOOK_WHY_SIZE 512

/* Every mark that stands in the log. */
struct book_mark {
    uint32_t round;
    uint32_t version;
    uint8_t seat;
    uint8_t item;
    uint16_t choice;
    uint8_t nonce[NONCE_SIZE];
};

/* The mark that counts: of (round, seat, item) the one with the highest version. */
struct book_held {
    uint32_t version; /* 0: none */
    uint16_t choice;
    uint8_t nonce[NONCE_SIZE];
};

struct book_round {
    uint32_t contest;
    uint32_t subject;
    enum round_state state;
    int32_t asked;     /* -1: all of the card */
    uint32_t electors; /* bit seat - 1: frozen when it opened */
    uint32_t voters;   /* bit seat - 1: who has a card */
    uint32_t item_count;
    uint32_t choice_count;
    bool has_lines;    /* its last items take names written in */
    int64_t timer_ms;  /* how long it was to last; 0: no timer */
    int64_t opened_ms; /* on the steady clock; 0: before the server started */
    uint8_t slots[BOOK_SEAT_MAX][SLOT_SIZE];
    struct book_held held[BOOK_SEAT_MAX][BOOK_ITEM_MAX];
    uint32_t counts[BOOK_ITEM_MAX][GRADE_MAX];
};

struct book {
    const struct event *event;
    const struct custody *custody; /* whose slot is whose */
    uint32_t round_count;
    uint32_t current; /* number of the open or paused round, else 0 */
    struct book_round rounds[BOOK_ROUND_MAX];
    struct book_mark *marks;
    uint32_t mark_count;
    uint32_t mark_capacity;
    uint64_t *digests; /* [record] of all records up to it */
    uint32_t record_count;
    uint32_t record_capacity;
    uint64_t batch_count;
    uint32_t officer_acts[ACT_COUNT]; /* of posts, not the server's own */
    uint32_t present;                 /* bit seat - 1 */
    uint32_t revoked;
    uint32_t ever_revoked;
    bool is_check_in_open;
    int64_t steady_ms; /* now, as the server reads on; 0: it starts */
    uint64_t epochs_reserved;
    uint64_t programme_sequence;
    uint32_t name_count[8]; /* [contest] */
    char names[8][BOOK_NAME_MAX][WRITTEN_NAME_SIZE];
    struct disk_place place;
    bool is_begun; /* `place` is set */
    struct disk_batch batch;
};

void book_init(struct book *book, const struct event *event, const struct custody *custody);
void book_finish(struct book *book);

/* Reads on from the platter. False: the log holds what it must not; `why` says it. */
bool book_follow(struct book *book, const struct disk *disk, char why[BOOK_WHY_SIZE]);

/* Whether everything that `before` held is in `book`, in the same order. */
bool book_continues(const struct book *book, const struct book *before, char why[BOOK_WHY_SIZE]);

/* Whether the item of a round takes a name written in. */
bool book_is_line(const struct book *book, const struct book_round *round, uint32_t item);

/* The round `number`, or NULL. */
const struct book_round *book_round(const struct book *book, uint32_t number);

/* The mark of an intent, or NULL: it is not in the log. */
const struct book_mark *book_find(const struct book *book, uint32_t round, uint32_t seat,
                                  uint32_t item, uint32_t version, const uint8_t *nonce);
/* Any mark of this version, or NULL. */
const struct book_mark *book_find_version(const struct book *book, uint32_t round, uint32_t seat,
                                          uint32_t item, uint32_t version);

/* The state of the server, which has drained what the book has read, against the book. */
bool book_check(const struct book *book, const struct sitting *sitting, bool is_every_round,
                char why[BOOK_WHY_SIZE]);

/* What of a view is a count against the book, read so far as the server had drained. */
bool book_check_view(const struct book *book, const struct view *view, char why[BOOK_WHY_SIZE]);

/* Fills why; returns false. */
bool book_wrong(char why[BOOK_WHY_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
