#pragma once

#include <stdio.h>

#include "clients/ctl/cards.h"
#include "clients/ctl/count_options.h"
#include "server/core/election.h"
#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/view.h"

/*
 * A file of cards counted by an event's rules, without a server: for recounts, audits and paper.
 * Every decision is core's; this reads, hands over and prints. Pure but for reading and printing.
 *
 * figures  one of each subject of an appraisal, in the contest's order; otherwise one
 */
struct count {
    struct cards_ballot ballot;
    struct turnout turnout;
    struct figures *figures;
    uint32_t figures_count;
    char adopted[WRITE_IN_MAX][WRITTEN_NAME_SIZE]; /* what ballot.names points at */
};

/*
 * Counts the cards of options->cards. 应到 is by default the event's voting seats, or, where they
 * come from a roll, the number of cards; 实到 is 应到, 发出 is 实到. `event` is borrowed as long as
 * `count` lives, which must not be moved. count_finish() after success.
 * Errors, in `faults`: those of cards_read(); STATUS_NOT_FOUND (contest, candidate);
 * STATUS_INVALID: numbers, stage or slate that cannot be, a ruling on a ballot that needs none.
 */
MUST_CHECK enum status count_make(const struct event *event, const char *contest,
                                  const struct count_options *options, struct count *count,
                                  struct fault_list *faults);
void count_finish(struct count *count);

/* JSON: minping(1), COUNT. Text: the protocol of sheet.h, each subject as a round. */
void count_print_json(const struct count *count, FILE *file);
void count_print_text(const struct count *count, enum language language, FILE *file);
