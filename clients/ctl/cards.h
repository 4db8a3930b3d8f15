#pragma once

#include <stddef.h>
#include <stdint.h>

#include "clients/ctl/names.h"
#include "server/core/card.h"
#include "server/core/election.h"
#include "server/model/event.h"
#include "server/model/fault.h"

/*
 * A file of cards, as `minping count` reads it (minping(1), COUNT): header line
 * `card,group,subject,item,choice,text`, then one line a mark or a remark. Lines of one card need
 * not stand together. It says what is on the cards and decides nothing: that is core's.
 * Pure but for cards_read(); any thread.
 */
#define CARDS_SIZE_MAX (128u << 20) /* bytes: SEAT_MAX cards of ITEM_MAX items at 20 bytes */
#define CARDS_MAX 1000000u          /* cards of a file: 200 subjects × 5000 */
#define CARD_ID_CODEPOINT_MAX 64    /* a number, or how an office names its ballots */

/*
 * What the cards are of. All is borrowed.
 *
 * slate  elections: who stands; a slate.adopted line l is names[slate.adopted[l] - 1]
 * names  elections: name_count names that were written in before and are on the ballot now
 */
struct cards_ballot {
    const struct event *event;
    const struct contest *contest;
    struct slate slate;
    const char *names[WRITE_IN_MAX];
    uint32_t name_count;
};

struct cards_entry {
    const char *id;
    uint32_t line;    /* the first one that names it */
    uint32_t subject; /* of an appraisal; otherwise 0 */
    uint8_t group;
    uint8_t remark; /* a whole-card remark, of cards.c */
    uint8_t mark;   /* enum card_mark_kind */
    uint8_t ruling; /* enum ruling */
    uint32_t ruling_line;
};

/*
 * entries  by their first line; one for each (card, subject)
 * names    those of the ballot come first
 */
struct cards {
    struct cards_entry *entries;
    uint32_t count;
    uint32_t most; /* cards of the subject that has most of them */
    uint32_t item_count;
    struct names names;
    uint16_t *choices; /* count × item_count */
    char *text;
};

/*
 * Reads and checks the whole of text[0 .. size). On success cards_finish() is the caller's to
 * call; otherwise `faults` holds at least one, with `path` and the line ("cards.csv:12").
 * Errors: STATUS_INVALID; STATUS_LIMIT: over CARDS_SIZE_MAX, CARDS_MAX, SEAT_MAX cards of a
 * subject, WRITTEN_NAME_MAX names; STATUS_NOMEM.
 */
MUST_CHECK enum status cards_parse(const char *path, const char *text, size_t size,
                                   const struct cards_ballot *ballot, struct cards *cards,
                                   struct fault_list *faults);

/* The same from the file at `path`. STATUS_IO as well. */
MUST_CHECK enum status cards_read(const char *path, const struct cards_ballot *ballot,
                                  struct cards *cards, struct fault_list *faults);
void cards_finish(struct cards *cards);

/* Card `index` as core takes it. */
void cards_get(const struct cards *cards, uint32_t index, struct card *card);
