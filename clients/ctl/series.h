#pragma once

#include <stdio.h>

#include "clients/ctl/sheet.h"
#include "server/protocol/series_file.h"

/*
 * A series of sittings, put together: what each decided, what is still open, what was repeated.
 * Logs are read one after another; a sitting that cannot be read is a line that says so.
 */
enum series_state {
    SERIES_INVALID = 0,
    SERIES_HELD,     /* its log was read */
    SERIES_NOT_HELD, /* there is no log yet */
    SERIES_IN_USE,   /* a server runs on it */
    SERIES_DAMAGED,  /* it cannot be read; `why` */
};

/* Why something is not decided. */
enum series_gap {
    GAP_NONE = 0,
    GAP_NOT_HELD,   /* its sitting was not held */
    GAP_UNREADABLE, /* its sitting's log could not be read */
    GAP_NOT_OPENED,
    GAP_NO_QUORUM, /* E2: not opened, and the quorum is not there */
    GAP_OPEN,      /* open or paused */
    GAP_PENDING,   /* ballots wait for a ruling */
    GAP_RUN_OFF,   /* a run-off is due (E11) */
    GAP_ANOTHER,   /* another election is due (E12) */
    GAP_VOID,      /* the last round is void: to be repeated */
    GAP_COUNT,
};

/* Where the log was read: event and sheet, which borrows the event. */
struct series_part {
    const struct series_sitting *sitting;
    enum series_state state;
    char why[512];       /* a fault and its place */
    struct event *event; /* NULL: not known */
    bool has_sheet;
    struct sheet sheet;
};

/*
 * One thing to decide: a subject of an appraisal, an election, a motion or a poll. Of a sitting
 * whose event is not known there is one row with contest NULL.
 *
 * round      the round that stands and is the latest, else the latest void one; NULL: none
 * hash       of the rules it was or is to be decided by; 0: not known
 * seats, elected  elections: to be filled, and filled by all rounds that stand
 */
struct series_row {
    const struct series_part *part;
    const struct contest *contest;
    int32_t subject; /* -1: none */
    const struct figures *round;
    uint64_t hash;
    uint32_t table; /* index in the report's tables */
    enum series_gap gap;
    uint32_t round_count;
    uint32_t void_count;
    uint32_t run_off_count;
    uint32_t another_count;
    uint32_t seats;
    uint32_t elected;
};

struct series_totals {
    uint32_t sitting_count;
    uint32_t states[SERIES_DAMAGED + 1];
    uint32_t row_count;
    uint32_t decided_count;
    uint32_t gaps[GAP_COUNT];
    uint32_t void_count;
    uint32_t run_off_count;
    uint32_t another_count;
    uint32_t seats;
    uint32_t elected;
};

/*
 * Rows that may be compared: of one kind of contest, decided by the same rules. rules: NULL where
 * no event has them. has_scores: any of its rows has a score.
 */
struct series_table {
    enum contest_kind kind;
    uint64_t hash;
    const struct rules *rules;
    bool has_scores;
};

struct series_report {
    const struct series *series; /* borrowed */
    struct series_part *parts;   /* in the series' order */
    struct series_row *rows;     /* in the order of sittings, contests, subjects */
    uint32_t row_count;
    uint32_t row_capacity;
    struct series_table *tables; /* in the order in which their first rows come */
    uint32_t table_count;
    uint32_t table_capacity;
    struct series_totals totals;
};

/* Reads every sitting. Errors: STATUS_NOMEM. series_report_finish() after success. */
MUST_CHECK enum status series_report_make(const struct series *series, struct series_report *report,
                                          struct fault *fault);

/*
 * What series_report_make() consists of, for sittings that come from elsewhere: init, then add
 * each part of the series in its order, its fields filled and its event taken by the report, then
 * count. `sitting` (borrowed for the call; NULL: not known) says what is open and whether the
 * quorum is there. Errors: STATUS_NOMEM.
 */
MUST_CHECK enum status series_report_init(struct series_report *report, const struct series *series,
                                          struct fault *fault);
MUST_CHECK enum status series_report_add(struct series_report *report, struct series_part *part,
                                         const struct sitting *sitting, struct fault *fault);
void series_report_count(struct series_report *report);
void series_report_finish(struct series_report *report);

/* Whether a sitting could not be read. */
bool series_report_is_faulty(const struct series_report *report);

/*
 * The rows of table `table` into rows[report->row_count]; of an appraisal with scores the highest
 * printed score first. Returns how many.
 */
uint32_t series_table_rows(const struct series_report *report, uint32_t table,
                           const struct series_row **rows);

/*
 * The place of rows[index] among the scores of its table, as printed; equal ones share a place, the
 * next is skipped. 0: it has no score, or its rules do not rank.
 */
uint32_t series_place(const struct series_row *const *rows, uint32_t index);

/* The lowest and highest share of the best grade over the criteria, 1 / SHEET_SHARE_WHOLE. */
void series_top_range(const struct figures *round, uint32_t *low, uint32_t *high);

const char *series_state_name(enum series_state state);
const char *series_gap_name(enum series_gap gap);

/*
 * JSON, CSV and text, minping(1). Rows under different rules are never in one table.
 */
void series_print_json(const struct series_report *report, FILE *file);
void series_print_csv(const struct series_report *report, enum language language, FILE *file);
void series_print_text(const struct series_report *report, enum language language, FILE *file);
