#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/event.h"
#include "server/model/limits.h"

/*
 * A view: what one audience may see of the hall at one moment. Made by core/disclosure alone.
 */
enum round_state {
    ROUND_INVALID = 0,
    ROUND_PLANNED,
    ROUND_OPEN,
    ROUND_PAUSED,
    ROUND_CLOSED,
};

/* The counts of one item. valid = sum of counts = the base of its percentages. */
struct item_figures {
    uint32_t counts[GRADE_MAX];
    uint32_t valid;
};

/*
 * The figures of one round. What `shows` does not allow is zero and must not be drawn.
 *
 * registered  seats on the roll when it opened
 * cast_count  cards with at least one mark; only where shows >= LIVE_TURNOUT
 * items       item_count of them, grade_count counts each; only where shows == LIVE_TALLY
 */
struct figures {
    uint32_t round;
    char contest[ID_SIZE];
    char subject[ID_SIZE];
    enum round_state state;
    enum live shows;
    uint32_t registered;
    uint32_t cast_count;
    uint32_t item_count;
    uint32_t grade_count;
    int64_t opened_ms; /* server's Unix time in ms; 0: not yet */
    int64_t closed_ms;
    struct item_figures items[CRITERION_MAX];
};

/* A closed round by name and hash; its figures are fetched once and kept. */
struct closed_ref {
    uint32_t round;
    char subject[ID_SIZE];
    uint64_t hash; /* figures_hash() of the closed figures */
};

/*
 * epoch   rises with every view published to the audience; starts anew only with another log
 * log_id  16 hexadecimal digits, random, of the log the figures come from
 * texts   hash of the event's public texts
 * live    the open or paused round, or the last one closed
 * closed  closed rounds of live's contest, the newest of each subject, in the event's order
 */
struct view {
    char log_id[17];
    uint64_t epoch;
    int64_t at_ms;
    enum audience audience;
    uint64_t texts;
    bool has_live;
    struct figures live;
    uint32_t closed_count;
    struct closed_ref closed[SUBJECT_MAX];
};

/*
 * The whole of what an audience may see: GET /api/v1/view.
 *
 * texts   the event as this audience may read it: no posts, no groups' seats
 * closed  figures of each closed round in `view.closed`'s order
 */
struct document {
    struct view view;
    struct event *texts;
    struct figures *closed;
    uint32_t closed_count;
};

/* Frees what a document holds, not the struct itself. */
void document_finish(struct document *document);

const char *round_state_name(enum round_state state);
enum round_state round_state_parse(const char *name);

/*
 * The share of count in base in tenths of a percent, rounded half up once from the exact fraction:
 * share_permille(1, 3) = 333. base 0 gives 0. Range 0 .. 1000 where count <= base.
 */
uint32_t share_permille(uint64_t count, uint64_t base);

/* A hash of every field of `figures`, for identity only. FNV-1a, 64 bits, field by field. */
uint64_t figures_hash(const struct figures *figures);

/* Sums agree: valid = Σ counts, no valid over cast_count, cast_count <= registered. */
bool figures_are_sound(const struct figures *figures);
