#pragma once

#include <stdio.h>

#include "server/core/sitting.h"
#include "server/model/rules.h"
#include "server/model/view.h"

/*
 * The result sheet: every round of every contest that is over, as an officer signs it. The same
 * sheet whether it comes from a running server or from a log; sheet_print_*() write it. Pure but
 * for printing.
 *
 * Rounds are appended, never overwritten: a sheet lists void and repeated ones too. A round of an
 * appraisal stands if it is the newest of its subject and not void, one of any other contest if it
 * is not void.
 *
 * event        borrowed
 * only         borrowed: the sheet is of this contest alone; NULL: of all
 * rounds       by number, ascending; all of them over. Of a void round, and while cards wait for a
 *              ruling, only the turnout is disclosed: `shows` is LIVE_TURNOUT and all else is zero
 */
struct sheet {
    const struct event *event;
    const struct contest *only;
    char log_id[17];
    uint32_t round_count;
    struct figures *rounds;
};

/* Both borrow what they are made from as long as the sheet lives. Errors: STATUS_INVALID (figures
 * that do not fit the event or whose sums do not agree; the fault names the round),
 * STATUS_NOT_FOUND (contest), STATUS_NOMEM. sheet_finish() after success. */
MUST_CHECK enum status sheet_from_document(const struct document *document, struct sheet *sheet,
                                           struct fault *fault);

/* contest_id: of this contest alone; NULL: of all. */
MUST_CHECK enum status sheet_from_sitting(const struct sitting *sitting, const char log_id[17],
                                          const char *contest_id, struct sheet *sheet,
                                          struct fault *fault);
void sheet_finish(struct sheet *sheet);

/* Whether contest `index` of the event is on the sheet. */
bool sheet_has_contest(const struct sheet *sheet, uint32_t index);
/* Whether any contest on the sheet is of this kind. */
bool sheet_has_kind(const struct sheet *sheet, enum contest_kind kind);
/* The contest of a round of this sheet: never NULL. */
const struct contest *sheet_contest(const struct sheet *sheet, const struct figures *round);
/* Whether the round's counts are disclosed. */
bool figures_have_counts(const struct figures *round);
/* Whether the round counts, as said above. */
bool sheet_stands(const struct sheet *sheet, const struct figures *round);

/*
 * The candidate of an election at place `place` of the ballot, both 0 .. candidate_count - 1: as
 * the figures have it, or in the event's order where theirs does not name each once.
 */
uint32_t figures_candidate_at(const struct contest *contest, const struct figures *round,
                              uint32_t place);

/* The base of a motion's or poll's shares; BASE_INVALID where the contest's rules are not known. */
enum base contest_base(const struct contest *contest);
/* The least votes for that pass a motion; 0 where the rules are not known. */
uint32_t motion_needed(const struct contest *contest, const struct figures *round);

#define SHEET_SHARE_WHOLE 10000 /* sheets show percentages to hundredths */

/*
 * JSON: DESIGN §6, minping(1). The same log gives the same bytes.
 * CSV: UTF-8 with a byte order mark, CRLF (RFC 4180); one table a contest of an appraisal, then one
 * of all elections, motions and polls, an empty line between two. A text that a spreadsheet would
 * take for a formula has an apostrophe before it.
 * Text: a protocol to be signed; every percentage with its base.
 */
void sheet_print_json(const struct sheet *sheet, FILE *file);
void sheet_print_csv(const struct sheet *sheet, enum language language, FILE *file);
void sheet_print_text(const struct sheet *sheet, enum language language, FILE *file);
