#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/core/attendance.h"
#include "server/core/ballot.h"
#include "server/core/election.h"
#include "server/core/paper.h"
#include "server/core/tally.h"
#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/programme.h"
#include "server/model/record.h"
#include "server/model/view.h"

/*
 * A sitting: the state of the hall as a fold over the log. Replay after a crash, the live count and
 * a later recount are this one fold.
 *
 * Pure: no clock (acts carry their time), no I/O, no thread of its own; one thread at a time. It
 * never decides whether somebody may act; the sitting_may_* questions say whether the rules of a
 * contest allow it now, and name the rule that forbids it. An act that the rules would not have
 * allowed is a damaged log.
 */
struct sitting;

/* A card that a machine cannot decide; numbered from 1 in the order of the slots. */
struct round_case {
    uint32_t card; /* index in the round's ballots */
    const char *rule;
    enum ruling ruling; /* RULING_INVALID: it waits */
};

/* A batch of hand counts. */
struct round_paper {
    struct paper paper;
    char entered_by[ID_SIZE];
    bool is_confirmed;
    bool is_rejected; /* before it was confirmed */
};

/*
 * One opening of a contest, or of one subject of it. `number` counts from 1 in the order of
 * opening. Borrowed.
 *
 * slate    elections and polls: who stands
 * at_open  by the event's groups, frozen when it opened: 应到, 实到, 发出
 * cases    known when it is over
 */
struct round {
    uint32_t number;
    uint32_t contest; /* index in the event */
    uint32_t subject; /* index in the contest; 0 where it has none */
    enum round_state state;
    struct slate slate;
    struct attendance_counts at_open;
    uint8_t *electors; /* bit seat - 1; of the current round, otherwise NULL */
    int64_t opened_ms;
    int64_t closed_ms;
    int64_t ends_ms; /* 0: no timer */
    int32_t asked;   /* the item that is asked now; -1: all of the card */
    struct tally tally;
    struct ballot_box *ballots;
    uint32_t case_count;
    struct round_case *cases;
    uint32_t paper_count;
    struct round_paper *papers;
    char void_reason[ACT_REASON_SIZE];
    char signed_reason[ACT_REASON_SIZE];
    struct appraisal_count *appraisal; /* of an appraisal that is over, for its rank */
    struct figures *figures;           /* of a round that is over */
};

/* A step of the rundown. */
struct step_progress {
    int64_t begun_ms; /* 0: not yet */
    int64_t ended_ms; /* 0: not yet */
};

/* What a record did. */
struct applied {
    enum verdict verdict; /* of a mark; VERDICT_INVALID for one that no open round takes */
    bool round_changed;   /* what voters hear of rounds: opened, asked, paused, closed, void … */
    bool programme_changed;
    bool tally_changed; /* anything a view may show */
    bool roll_changed;  /* check-in, revoked or replaced pads */
};

/* `event` is kept until destroy; its seats are known and its contests have rules. NULL: no memory.
 */
struct sitting *sitting_create(const struct event *event);
void sitting_destroy(struct sitting *sitting);

/*
 * Applies one record. Errors: STATUS_INVALID (an act that cannot follow what came before: the log
 * is not ours or is damaged; the fault names batch and act), STATUS_NOMEM. A mark is never an
 * error.
 */
MUST_CHECK enum status sitting_apply(struct sitting *sitting, const struct record *record,
                                     struct applied *applied, struct fault *fault);

/* The round that is open or paused, else NULL. */
const struct round *sitting_current(const struct sitting *sitting);
/* The current round, else the one opened last, else NULL. */
const struct round *sitting_latest(const struct sitting *sitting);
/* Round `number` 1 .. sitting_round_count(), else NULL. */
const struct round *sitting_round(const struct sitting *sitting, uint32_t number);
uint32_t sitting_round_count(const struct sitting *sitting);
/* Whether a mark of `item` and `choice` can stand on a card of this round; names in the log so far.
 */
bool sitting_round_takes(const struct sitting *sitting, const struct round *round, uint32_t item,
                         uint32_t choice);
/* Whether the item is on this round's card at all: a whole ballot names every one that is. */
bool sitting_round_has(const struct sitting *sitting, const struct round *round, uint32_t item);
/* Whether the item takes a name written in. */
bool sitting_round_is_line(const struct sitting *sitting, const struct round *round, uint32_t item);
/* Whether the seat is in the electorate of a round that is open or paused. */
bool round_has_elector(const struct round *round, uint32_t seat);
/* The newest round of a subject (0 where the contest has none), else NULL. */
const struct round *sitting_round_of(const struct sitting *sitting, uint32_t contest,
                                     uint32_t subject);

/*
 * The whole figures of a round; core/disclosure alone hands them on. Of a round that is over its
 * count by the rules, of one in progress what was recorded so far.
 */
void sitting_figures(const struct sitting *sitting, const struct round *round,
                     struct figures *figures);

/*
 * How often a round that is over was counted: by its close, and by a ruling, hand count or other
 * act since. Whoever keeps figures of closed rounds looks again when it rose.
 */
uint64_t sitting_count_total(const struct sitting *sitting);

/* Name `number` of those written in during a contest, 1 .. its count, borrowed; NULL: none. */
const char *sitting_name(const struct sitting *sitting, uint32_t contest, uint32_t number);
uint32_t sitting_name_count(const struct sitting *sitting, uint32_t contest);
/* The number of a name, or 0. */
uint32_t sitting_find_name(const struct sitting *sitting, uint32_t contest, const char *name);

const struct attendance *sitting_attendance(const struct sitting *sitting);
bool sitting_check_in_is_open(const struct sitting *sitting);
/* The roll's hash as the log has it, 64 hexadecimal digits; "" before ACT_ROLL. */
const char *sitting_roll_hash(const struct sitting *sitting);
/* Candidates who stood back, a bit each. */
uint64_t sitting_withdrawn(const struct sitting *sitting, uint32_t contest);
/* order[p]: the candidate of an election shown at place p; by lot once it was drawn. */
const uint8_t *sitting_order(const struct sitting *sitting, uint32_t contest);

/* Of step `index` of the event's rundown. */
const struct step_progress *sitting_step(const struct sitting *sitting, uint32_t index);

const struct programme *sitting_programme(const struct sitting *sitting);
const struct event *sitting_event(const struct sitting *sitting);

/* Epochs up to here may have been sent: a start goes on above it. */
uint64_t sitting_epochs_reserved(const struct sitting *sitting);
/* Marks that no open round took; 0 in a sound log. */
uint64_t sitting_ignored_total(const struct sitting *sitting);
/* Of those, marks whose round has not opened yet: the zero check refuses to open while any is. */
uint64_t sitting_early_total(const struct sitting *sitting);

/* What an opening would be. */
struct opening {
    uint32_t round; /* its number: the next one, or that of the paused round */
    bool is_resume;
    bool is_paper; /* nobody has a pad: every ballot is of paper */
    uint32_t contest;
    uint32_t subject;
    struct slate slate;
    struct attendance_counts counts;
};

/*
 * Whether a round may open (or, when paused, resume) now. `candidates`: ids with commas, who stands
 * in another election; NULL or "": all who are left. Errors: STATUS_NOT_FOUND (no such contest,
 * subject or candidate), STATUS_REFUSED (another round is open; it was decided; E2 no quorum; E3
 * too few candidates …), each with the rule's number where it has one.
 */
MUST_CHECK enum status sitting_may_open(const struct sitting *sitting, const char *contest,
                                        const char *subject, const char *candidates,
                                        struct opening *opening, struct fault *fault);

/* The same round without pads: 发出 is the paper given out alone. */
void opening_set_paper(struct opening *opening);

/* The lines of an ACT_OPEN that opens so. ends_ms 0: no timer. */
void opening_write(const struct sitting *sitting, const struct opening *opening, int64_t ends_ms,
                   struct act *act);

/*
 * Whether an act may be done now. `act` has kind, post, round (0: the current one, or, where rounds
 * that are over are meant, the latest), number, contest, subject and params; its round and number
 * are filled in. ACT_OPEN is not asked here. Errors: STATUS_INVALID (params), STATUS_NOT_FOUND,
 * STATUS_REFUSED.
 */
MUST_CHECK enum status sitting_may_act(const struct sitting *sitting, struct act *act,
                                       struct fault *fault);

/*
 * 应到 >= 实到 >= 发出 >= 收回 = 有效 + 无效 of a round that is over, whole and of each group.
 * STATUS_REFUSED: the fault says which part does not hold.
 */
MUST_CHECK enum status sitting_reconcile(const struct sitting *sitting, const struct round *round,
                                         struct fault *fault);
