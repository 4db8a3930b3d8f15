#include "clients/ctl/sheet.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/disclosure.h"

static int round_compare(const void *a, const void *b)
{
    const struct figures *left = a;
    const struct figures *right = b;
    return left->round < right->round ? -1 : left->round > right->round;
}

/* Whether the figures have the contest's shape. Write-in lines may be there as empty items. */
static bool figures_fit(const struct contest *contest, const struct figures *figures)
{
    uint32_t most = contest_item_count(contest);
    uint32_t least = contest->kind == CONTEST_ELECTION ? contest->candidate_count : most;
    if (figures->kind != contest->kind || !round_state_is_over(figures->state) ||
        figures->shows < LIVE_TURNOUT || figures->election.name_count > NAME_SHOWN_MAX) {
        return false;
    }
    if (contest->kind == CONTEST_APPRAISAL && contest_find_subject(contest, figures->subject) < 0) {
        return false;
    }
    return !figures_have_counts(figures) ||
           (figures->item_count >= least && figures->item_count <= most &&
            figures->grade_count == contest_choice_count(contest));
}

/* What is not disclosed is the same from a log, which knows more, as from a server, which is mute.
 */
static void figures_withhold(struct figures *figures)
{
    if (figures_have_counts(figures)) {
        return;
    }
    figures->decision = figures->state == ROUND_VOID ? DECISION_VOID : DECISION_PENDING;
    figures->valid_count = 0;
    figures->void_count = 0;
    figures->pending = 0;
    figures->item_count = 0;
    figures->grade_count = 0;
    figures->satisfied = 0;
    figures->satisfied_base = 0;
    memset(figures->items, 0, sizeof(figures->items));
    memset(&figures->appraisal, 0, sizeof(figures->appraisal));
    memset(&figures->election, 0, sizeof(figures->election));
}

/* Whether the figures are of a contest of the event, whole, and their sums agree. */
static enum status figures_check(const struct sheet *sheet, const struct figures *figures,
                                 struct fault *fault)
{
    int32_t index = event_find_contest(sheet->event, figures->contest);
    if (index < 0 || !figures_fit(&sheet->event->contests[index], figures)) {
        return fault_set(fault, STATUS_INVALID, "",
                         "the figures of round %" PRIu32 " do not fit contest '%s'", figures->round,
                         figures->contest);
    }
    if (!figures_are_sound(figures)) {
        return fault_set(fault, STATUS_INVALID, "", "the sums of round %" PRIu32 " do not agree",
                         figures->round);
    }
    return STATUS_OK;
}

static enum status sheet_seal(struct sheet *sheet, struct fault *fault)
{
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        enum status status = figures_check(sheet, &sheet->rounds[i], fault);
        if (status != STATUS_OK) {
            sheet_finish(sheet);
            return status;
        }
        figures_withhold(&sheet->rounds[i]);
    }
    if (sheet->round_count > 1) {
        qsort(sheet->rounds, sheet->round_count, sizeof(sheet->rounds[0]), round_compare);
    }
    return STATUS_OK;
}

static enum status rounds_allocate(struct sheet *sheet, uint32_t count, struct fault *fault)
{
    sheet->rounds = calloc(count > 0 ? count : 1, sizeof(*sheet->rounds));
    return sheet->rounds != NULL
               ? STATUS_OK
               : fault_set(fault, STATUS_NOMEM, "", "no memory for %" PRIu32 " rounds", count);
}

enum status sheet_from_document(const struct document *document, struct sheet *sheet,
                                struct fault *fault)
{
    memset(sheet, 0, sizeof(*sheet));
    sheet->event = document->texts;
    memcpy(sheet->log_id, document->view.log_id, sizeof(sheet->log_id));
    if (rounds_allocate(sheet, document->closed_count, fault) != STATUS_OK) {
        return STATUS_NOMEM;
    }
    sheet->round_count = document->closed_count;
    if (document->closed_count > 0) {
        memcpy(sheet->rounds, document->closed, document->closed_count * sizeof(sheet->rounds[0]));
    }
    return sheet_seal(sheet, fault);
}

enum status sheet_from_sitting(const struct sitting *sitting, const char log_id[17],
                               const char *contest_id, struct sheet *sheet, struct fault *fault)
{
    memset(sheet, 0, sizeof(*sheet));
    sheet->event = sitting_event(sitting);
    memcpy(sheet->log_id, log_id, sizeof(sheet->log_id));
    if (contest_id != NULL) {
        int32_t index = event_find_contest(sheet->event, contest_id);
        if (index < 0) {
            return fault_set(fault, STATUS_NOT_FOUND, "", "no contest '%s' in the event",
                             contest_id);
        }
        sheet->only = &sheet->event->contests[index];
    }
    if (rounds_allocate(sheet, sitting_round_count(sitting), fault) != STATUS_OK) {
        return STATUS_NOMEM;
    }
    for (uint32_t number = 1; number <= sitting_round_count(sitting); number++) {
        const struct round *round = sitting_round(sitting, number);
        if (sheet_has_contest(sheet, round->contest) && round_state_is_over(round->state)) {
            disclosure_figures(sitting, round, AUDIENCE_PUBLIC,
                               &sheet->rounds[sheet->round_count++]);
        }
    }
    return sheet_seal(sheet, fault);
}

void sheet_finish(struct sheet *sheet)
{
    free(sheet->rounds);
    sheet->rounds = NULL;
    sheet->round_count = 0;
}

bool sheet_has_contest(const struct sheet *sheet, uint32_t index)
{
    return sheet->only == NULL || sheet->only == &sheet->event->contests[index];
}

bool sheet_has_kind(const struct sheet *sheet, enum contest_kind kind)
{
    for (uint32_t i = 0; i < sheet->event->contest_count; i++) {
        if (sheet_has_contest(sheet, i) && sheet->event->contests[i].kind == kind) {
            return true;
        }
    }
    return false;
}

const struct contest *sheet_contest(const struct sheet *sheet, const struct figures *round)
{
    int32_t index = event_find_contest(sheet->event, round->contest);
    assert(index >= 0);
    return &sheet->event->contests[index];
}

bool figures_have_counts(const struct figures *round)
{
    return round->shows == LIVE_TALLY && round->pending == 0 && round->state != ROUND_VOID;
}

bool sheet_stands(const struct sheet *sheet, const struct figures *round)
{
    if (round->state == ROUND_VOID || round->decision == DECISION_VOID) {
        return false;
    }
    if (round->kind != CONTEST_APPRAISAL) {
        return true;
    }
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        const struct figures *other = &sheet->rounds[i];
        if (other->round > round->round && strcmp(other->contest, round->contest) == 0 &&
            strcmp(other->subject, round->subject) == 0) {
            return false;
        }
    }
    return true;
}

uint32_t figures_candidate_at(const struct contest *contest, const struct figures *round,
                              uint32_t place)
{
    uint64_t seen = 0;
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        if (round->election.order[i] < contest->candidate_count) {
            seen |= UINT64_C(1) << round->election.order[i];
        }
    }
    return seen == (UINT64_C(1) << contest->candidate_count) - 1 ? round->election.order[place]
                                                                 : place;
}

enum base contest_base(const struct contest *contest)
{
    if (contest->rules == NULL) {
        return BASE_INVALID;
    }
    return contest->kind == CONTEST_MOTION ? contest->rules->motion.base
           : contest->kind == CONTEST_POLL ? contest->rules->poll.base
                                           : BASE_INVALID;
}

uint32_t motion_needed(const struct contest *contest, const struct figures *round)
{
    if (contest->rules == NULL) {
        return 0;
    }
    return (uint32_t)threshold_least(&contest->rules->motion.majority,
                                     figures_base_count(round, contest->rules->motion.base));
}
