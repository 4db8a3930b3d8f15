/*
 * Opening a round: what the rules ask before it, what of the hall is frozen by it, and for an
 * election why it is opened at all: the first ballot, a run-off among those tied, or another
 * election for the seats still missing.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/sitting_impl.h"

static uint64_t all_candidates(const struct contest *contest)
{
    return contest->candidate_count == 0 ? 0 : UINT64_MAX >> (64 - contest->candidate_count);
}

static uint32_t candidate_total(uint64_t candidates)
{
    return (uint32_t)__builtin_popcountll(candidates);
}

/* Candidates that earlier rounds of the contest elected. */
static uint64_t elected_before(const struct sitting *sitting, uint32_t contest)
{
    const struct contest *definition = &sitting->event->contests[contest];
    uint64_t elected = 0;
    for (uint32_t i = 0; i < sitting->round_count; i++) {
        const struct round *round = sitting->rounds[i];
        if (round->contest != contest || round->state == ROUND_VOID || round->figures == NULL ||
            round->figures->decision == DECISION_VOID) {
            continue;
        }
        for (uint32_t c = 0; c < definition->candidate_count; c++) {
            if (round->figures->election.standings[c] == STANDING_ELECTED) {
                elected |= 1ull << c;
            }
        }
    }
    return elected;
}

const struct round *sitting_standing_round(const struct sitting *sitting, uint32_t contest)
{
    for (uint32_t number = sitting->round_count; number >= 1; number--) {
        const struct round *round = sitting->rounds[number - 1];
        if (round->contest == contest && round->state != ROUND_VOID && round->figures != NULL &&
            round->figures->decision != DECISION_VOID) {
            return round;
        }
    }
    return NULL;
}

/* The ids of `list`, with commas, as bits. */
static enum status candidates_read(const struct contest *contest, const char *list, uint64_t *found,
                                   struct fault *fault)
{
    *found = 0;
    while (*list != '\0') {
        char id[ID_SIZE] = "";
        size_t size = strcspn(list, ",");
        if (size < sizeof(id)) {
            memcpy(id, list, size);
            id[size] = '\0';
        }
        int32_t index = contest_find_candidate(contest, id);
        if (index < 0) {
            return fault_set(fault, STATUS_NOT_FOUND, "", "no candidate '%.*s' in contest '%s'",
                             (int)(size < 40 ? size : 40), list, contest->id);
        }
        *found |= 1ull << index;
        list += size;
        list += *list == ',';
    }
    return STATUS_OK;
}

/* Run-off (E11): exactly those tied, and those tied among the names written in. */
static enum status slate_run_off(const struct sitting *sitting, const struct round *last,
                                 struct slate *slate, struct fault *fault)
{
    const struct contest *contest = round_contest(sitting, last);
    slate->stage = STAGE_RUN_OFF;
    slate->seats = last->figures->election.run_off_seats;
    for (uint32_t c = 0; c < contest->candidate_count; c++) {
        if (last->figures->election.standings[c] == STANDING_TIED) {
            slate->candidates |= 1ull << c;
        }
    }
    struct election_count *count = sitting_election_count(sitting, last);
    if (count == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the count");
    }
    struct turnout turnout;
    round_turnout(last, &turnout);
    uint32_t line = 0;
    enum status status = STATUS_OK;
    for (uint32_t n = 1; n <= sitting->contests[last->contest].name_count; n++) {
        if (election_name_standing(count, &turnout, n) != STANDING_TIED) {
            continue;
        }
        if (line == contest->write_in_count) {
            status = fault_set(fault, STATUS_REFUSED, "",
                               "E11: more names written in are tied than the ballot has lines, "
                               "%" PRIu32,
                               line);
            break;
        }
        slate->adopted[line++] = (uint16_t)n;
    }
    election_count_destroy(count);
    return status;
}

/* Names written in that earlier rounds elected: nobody is elected to two seats. */
static enum status names_elected_before(const struct sitting *sitting, uint32_t contest,
                                        struct slate *slate, struct fault *fault)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < sitting->round_count; i++) {
        const struct round *round = sitting->rounds[i];
        if (round->contest != contest || round->state == ROUND_VOID || round->figures == NULL ||
            round->figures->decision == DECISION_VOID) {
            continue;
        }
        struct election_count *count = sitting_election_count(sitting, round);
        if (count == NULL) {
            return fault_set(fault, STATUS_NOMEM, "", "no memory for the count");
        }
        struct turnout turnout;
        round_turnout(round, &turnout);
        for (uint32_t n = 1; n <= sitting->contests[contest].name_count; n++) {
            if (found < WRITE_IN_MAX &&
                election_name_standing(count, &turnout, n) == STANDING_ELECTED) {
                slate->elected[found++] = (uint16_t)n;
            }
        }
        election_count_destroy(count);
    }
    return STATUS_OK;
}

/* Who stands, and for how many seats: what the rounds before leave open. */
static enum status slate_plan(const struct sitting *sitting, uint32_t contest,
                              const char *candidates, struct slate *slate, struct fault *fault)
{
    const struct contest *definition = &sitting->event->contests[contest];
    const struct contest_state *state = &sitting->contests[contest];
    const struct round *last = sitting_standing_round(sitting, contest);
    uint64_t chosen = 0;
    bool is_chosen = candidates != NULL && candidates[0] != '\0';
    enum status status =
        is_chosen ? candidates_read(definition, candidates, &chosen, fault) : STATUS_OK;
    if (status != STATUS_OK) {
        return status;
    }
    slate->stage = STAGE_FIRST;
    slate->seats = definition->seats;
    uint64_t left = all_candidates(definition) & ~state->withdrawn;
    if (last != NULL) {
        switch (last->figures->decision) {
        case DECISION_RUN_OFF:
            if (is_chosen) {
                return fault_set(fault, STATUS_REFUSED, "",
                                 "E11: exactly those tied stand in a run-off");
            }
            return slate_run_off(sitting, last, slate, fault);
        case DECISION_ANOTHER:
            slate->stage = STAGE_ANOTHER;
            slate->seats = last->figures->election.missing_seats;
            left &= ~elected_before(sitting, contest);
            status = names_elected_before(sitting, contest, slate, fault);
            break;
        case DECISION_PENDING:
            return fault_set(fault, STATUS_REFUSED, "",
                             "E8: %" PRIu32 " cards of round %" PRIu32 " wait for a ruling",
                             last->figures->pending, last->number);
        default:
            return fault_set(fault, STATUS_REFUSED, "",
                             "'%s' was decided in round %" PRIu32 ": a closed round is final",
                             definition->id, last->number);
        }
    }
    if ((chosen & ~left) != 0) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "'%s' does not stand any more: elected before or withdrawn",
                         definition->candidates[__builtin_ctzll(chosen & ~left)].id);
    }
    slate->candidates = is_chosen ? chosen : left;
    return status;
}

static enum status difference_check(const struct contest *contest, const struct slate *slate,
                                    struct fault *fault)
{
    uint32_t least = election_candidates_least(&contest->rules->election, slate->seats);
    uint32_t count = candidate_total(slate->candidates);
    if (slate->stage != STAGE_RUN_OFF && count < least) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "E3: %" PRIu32 " candidates for %" PRIu32 " seats, at least %" PRIu32
                         " are needed",
                         count, slate->seats, least);
    }
    return STATUS_OK;
}

static enum status quorum_check(const struct sitting *sitting, const struct contest *contest,
                                const struct attendance_counts *counts, struct fault *fault)
{
    const struct quorum_rule *quorum = &contest->rules->quorum;
    if (!quorum->is_set) {
        return STATUS_OK;
    }
    if (sitting->event->check_in <= CHECK_IN_NONE) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "E2: there is a quorum, but this event checks nobody in");
    }
    uint32_t registered = group_sum(counts->registered);
    uint32_t present = group_sum(counts->present);
    if (!threshold_is_met(&quorum->share, present, registered)) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "E2: %" PRIu32 " of %" PRIu32 " are present, %" PRIu64 " are needed",
                         present, registered, threshold_least(&quorum->share, registered));
    }
    return STATUS_OK;
}

/* Whether anything stands against opening `newest`'s contest or subject once more. */
static enum status again_check(const struct sitting *sitting, const struct contest *contest,
                               const struct round *newest, const char *what, struct fault *fault)
{
    const struct round *current = sitting_current(sitting);
    if (current != NULL) {
        return fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 " is %s: close it first",
                         current->number, round_state_name(current->state));
    }
    if (newest != NULL && contest->kind != CONTEST_ELECTION && newest->state != ROUND_VOID) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "'%s' was decided in round %" PRIu32 ": a closed round is final", what,
                         newest->number);
    }
    if (sitting->round_count >= ROUND_MAX) {
        return fault_set(fault, STATUS_REFUSED, "", "the log holds %d rounds, its maximum",
                         ROUND_MAX);
    }
    return STATUS_OK;
}

static enum status place_find(const struct sitting *sitting, const char *contest,
                              const char *subject, struct opening *opening, struct fault *fault)
{
    int32_t contest_index = event_find_contest(sitting->event, contest);
    if (contest_index < 0) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no contest '%s' in the event", contest);
    }
    const struct contest *definition = &sitting->event->contests[contest_index];
    int32_t subject_index = 0;
    if (definition->kind == CONTEST_APPRAISAL) {
        subject_index = contest_find_subject(definition, subject);
    } else if (subject[0] != '\0') {
        subject_index = -1;
    }
    if (subject_index < 0) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no subject '%s' in contest '%s'", subject,
                         contest);
    }
    opening->contest = (uint32_t)contest_index;
    opening->subject = (uint32_t)subject_index;
    return STATUS_OK;
}

enum status sitting_may_open(const struct sitting *sitting, const char *contest,
                             const char *subject, const char *candidates, struct opening *opening,
                             struct fault *fault)
{
    memset(opening, 0, sizeof(*opening));
    enum status status = place_find(sitting, contest, subject, opening, fault);
    if (status != STATUS_OK) {
        return status;
    }
    const struct contest *definition = &sitting->event->contests[opening->contest];
    const struct round *newest = sitting_round_of(sitting, opening->contest, opening->subject);
    if (newest != NULL && newest->state == ROUND_PAUSED) {
        opening->round = newest->number;
        opening->is_resume = true;
        return STATUS_OK;
    }
    const char *what = definition->kind == CONTEST_APPRAISAL ? subject : contest;
    status = again_check(sitting, definition, newest, what, fault);
    if (status != STATUS_OK) {
        return status;
    }
    opening->round = sitting->round_count + 1;
    attendance_count(sitting->attendance, &opening->counts);
    if (definition->kind == CONTEST_ELECTION) {
        status = slate_plan(sitting, opening->contest, candidates, &opening->slate, fault);
        if (status == STATUS_OK) {
            status = difference_check(definition, &opening->slate, fault);
        }
    } else {
        opening->slate.seats = definition->seats;
        opening->slate.candidates = all_candidates(definition);
    }
    return status == STATUS_OK ? quorum_check(sitting, definition, &opening->counts, fault)
                               : status;
}

void opening_set_paper(struct opening *opening)
{
    opening->is_paper = true;
    memset(opening->counts.electors, 0, sizeof(opening->counts.electors));
}

/* "a,b,c": a number for each group. */
static void counts_put(const struct sitting *sitting, struct act *act, const char *key,
                       const uint32_t counts[GROUP_MAX])
{
    char text[GROUP_MAX * 12] = "";
    size_t used = 0;
    for (uint32_t g = 0; g < sitting->event->group_count; g++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%" PRIu32, g > 0 ? "," : "",
                                 counts[g]);
    }
    bool is_put = detail_put(act->params, key, text);
    assert(is_put);
    (void)is_put;
}

static void text_put(struct act *act, const char *key, const char *text)
{
    bool is_put = detail_put(act->params, key, text);
    assert(is_put); /* all lines of an opening fit DETAIL_SIZE */
    (void)is_put;
}

static void slate_put(const struct opening *opening, struct act *act)
{
    char text[WRITE_IN_MAX * 6];
    size_t used = 0;
    text_put(act, "stage", round_stage_name(opening->slate.stage));
    snprintf(text, sizeof(text), "%" PRIu32, opening->slate.seats);
    text_put(act, "seats", text);
    snprintf(text, sizeof(text), "%016" PRIx64, opening->slate.candidates);
    text_put(act, "slate", text);
    text[0] = '\0';
    for (uint32_t line = 0; line < WRITE_IN_MAX && opening->slate.adopted[line] != 0; line++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", line > 0 ? "," : "",
                                 opening->slate.adopted[line]);
    }
    if (used > 0) {
        text_put(act, "adopted", text);
    }
}

void opening_write(const struct sitting *sitting, const struct opening *opening, int64_t ends_ms,
                   struct act *act)
{
    const struct contest *contest = &sitting->event->contests[opening->contest];
    char text[80];
    act->kind = ACT_OPEN;
    act->round = opening->round;
    memcpy(act->contest, contest->id, ID_SIZE);
    act->subject[0] = '\0';
    if (contest->kind == CONTEST_APPRAISAL) {
        memcpy(act->subject, contest->subjects[opening->subject].id, ID_SIZE);
    }
    act->params[0] = '\0';
    if (opening->is_resume) {
        act->number = group_sum(sitting->rounds[opening->round - 1]->at_open.registered);
        return;
    }
    act->number = group_sum(opening->counts.registered);
    if (contest->kind == CONTEST_ELECTION) {
        slate_put(opening, act);
    }
    counts_put(sitting, act, "registered", opening->counts.registered);
    counts_put(sitting, act, "present", opening->counts.present);
    counts_put(sitting, act, "electors", opening->counts.electors);
    if (opening->is_paper) {
        text_put(act, "pads", "none");
    }
    text_put(act, "rules", contest->rules->id);
    for (size_t i = 0; i < sizeof(contest->rules->hash); i++) {
        snprintf(text + 2 * i, 3, "%02x", contest->rules->hash[i]);
    }
    text_put(act, "hash", text);
    if (ends_ms != 0) {
        snprintf(text, sizeof(text), "%" PRId64, ends_ms);
        text_put(act, "ends_ms", text);
    }
}

static struct round *round_append(struct sitting *sitting, const struct opening *opening)
{
    if (sitting->round_count == sitting->round_capacity) {
        uint32_t capacity = sitting->round_capacity == 0 ? 32 : sitting->round_capacity * 2;
        void *rounds = realloc(sitting->rounds, capacity * sizeof(*sitting->rounds));
        if (rounds == NULL) {
            return NULL;
        }
        sitting->rounds = rounds;
        sitting->round_capacity = capacity;
    }
    const struct contest *contest = &sitting->event->contests[opening->contest];
    struct round *round = calloc(1, sizeof(*round));
    uint8_t *electors = calloc(1, sitting->event->seat_count / 8 + 1);
    struct ballot_box *ballots =
        ballot_box_create(contest_item_count(contest), sitting->event->seat_count);
    if (round == NULL || electors == NULL || ballots == NULL) {
        free(round);
        free(electors);
        ballot_box_destroy(ballots);
        return NULL;
    }
    for (uint32_t seat = 1; seat <= sitting->event->seat_count; seat++) {
        if (!opening->is_paper && attendance_is_elector(sitting->attendance, seat)) {
            electors[(seat - 1) / 8] |= (uint8_t)(1u << ((seat - 1) % 8));
        }
    }
    round->ballots = ballots;
    round->electors = electors;
    round->contest = opening->contest;
    round->subject = opening->subject;
    round->slate = opening->slate;
    round->at_open = opening->counts;
    round->asked = -1;
    tally_init(&round->tally, contest_item_count(contest), contest_choice_count(contest));
    round->number = sitting->round_count + 1;
    sitting->rounds[sitting->round_count++] = round;
    return round;
}

/* The candidates of the slate as the ids that sitting_may_open() takes. */
static void slate_ids(const struct contest *contest, const char *slate, char *ids, size_t size)
{
    uint64_t candidates = strtoull(slate, NULL, 16);
    size_t used = 0;
    ids[0] = '\0';
    for (uint32_t c = 0; c < contest->candidate_count; c++) {
        if ((candidates >> c & 1) != 0) {
            used += (size_t)snprintf(ids + used, size - used, "%s%s", used > 0 ? "," : "",
                                     contest->candidates[c].id);
        }
    }
}

enum status sitting_apply_open(struct sitting *sitting, const struct act *act, struct fault *fault)
{
    struct opening opening;
    char slate[20];
    char stage[16];
    char ends[24] = "0";
    char ids[CANDIDATE_MAX * ID_SIZE] = "";
    int32_t contest = event_find_contest(sitting->event, act->contest);
    if (contest >= 0 && params_get(act->params, "slate", slate, sizeof(slate)) &&
        params_get(act->params, "stage", stage, sizeof(stage)) &&
        round_stage_parse(stage) != STAGE_RUN_OFF) {
        slate_ids(&sitting->event->contests[contest], slate, ids, sizeof(ids));
    }
    enum status status =
        sitting_may_open(sitting, act->contest, act->subject, ids, &opening, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (opening.round != act->round) {
        return fault_set(fault, STATUS_INVALID, "", "its round is not the next one");
    }
    if (params_get(act->params, "pads", stage, sizeof(stage)) && !opening.is_resume) {
        opening_set_paper(&opening);
    }
    (void)params_get(act->params, "ends_ms", ends, sizeof(ends));
    if (!opening.is_resume && sitting->zero_checked != opening.round) {
        return fault_set(fault, STATUS_INVALID, "", "no zero check came before it");
    }
    struct act same = { 0 };
    opening_write(sitting, &opening, strtoll(ends, NULL, 10), &same);
    if (strcmp(same.params, act->params) != 0 || same.number != act->number) {
        return fault_set(fault, STATUS_INVALID, "",
                         "its electorate, candidates or rules are not those of the event and the "
                         "check-in before it");
    }
    if (opening.is_resume) {
        sitting->rounds[opening.round - 1]->state = ROUND_OPEN;
        return STATUS_OK;
    }
    struct round *round = round_append(sitting, &opening);
    if (round == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for round %" PRIu32, opening.round);
    }
    round->state = ROUND_OPEN;
    round->opened_ms = act->at_ms;
    round->ends_ms = strtoll(ends, NULL, 10);
    sitting->current = round->number;
    return STATUS_OK;
}
