#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/core/ballot.h"
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
 * round allow it now.
 */
struct sitting;

/* One opening of one subject. `number` counts from 1 in the order of opening. Borrowed. */
struct round {
    uint32_t number;
    uint32_t contest; /* index in the event */
    uint32_t subject; /* index in the contest */
    enum round_state state;
    uint32_t registered; /* seats on the roll when it opened */
    int64_t opened_ms;
    int64_t closed_ms;
    struct tally tally;
    struct ballot_box *ballots;
};

/* What a record did. */
struct applied {
    enum verdict verdict; /* of a mark; VERDICT_INVALID for one that no open round takes */
    bool round_changed;   /* a round opened, paused, resumed or closed */
    bool programme_changed;
    bool tally_changed;
};

/* `event` is kept until destroy. NULL: no memory. */
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
/* The current round, else the one closed last, else NULL. */
const struct round *sitting_latest(const struct sitting *sitting);
/* Round `number` 1 .. sitting_round_count(), else NULL. */
const struct round *sitting_round(const struct sitting *sitting, uint32_t number);
uint32_t sitting_round_count(const struct sitting *sitting);
/* The newest round of a subject, else NULL. */
const struct round *sitting_round_of(const struct sitting *sitting, uint32_t contest,
                                     uint32_t subject);

const struct programme *sitting_programme(const struct sitting *sitting);
const struct event *sitting_event(const struct sitting *sitting);

/* Epochs up to here may have been sent: a start goes on above it. */
uint64_t sitting_epochs_reserved(const struct sitting *sitting);
/* Marks that no open round took; 0 in a sound log. */
uint64_t sitting_ignored_total(const struct sitting *sitting);
/* Of those, marks whose round has not opened yet: the zero check refuses to open while any is. */
uint64_t sitting_early_total(const struct sitting *sitting);

/*
 * Whether a round of the subject may open (or, when paused, resume) now. Errors: STATUS_NOT_FOUND
 * (no such contest or subject), STATUS_REFUSED (another round is open, this one is open or closed).
 * On STATUS_OK *round is its number: the next one, or that of the paused round.
 */
MUST_CHECK enum status sitting_may_open(const struct sitting *sitting, const char *contest,
                                        const char *subject, uint32_t *round, struct fault *fault);

/* Whether the round (0: the current one) may pause or close; *number is then its number. */
MUST_CHECK enum status sitting_may_pause(const struct sitting *sitting, uint32_t round,
                                         uint32_t *number, struct fault *fault);
MUST_CHECK enum status sitting_may_close(const struct sitting *sitting, uint32_t round,
                                         uint32_t *number, struct fault *fault);
