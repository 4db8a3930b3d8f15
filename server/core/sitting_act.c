/*
 * The acts of officers but an open: whether the rules allow one now. Both the room, before it
 * offers an act, and the fold, when it applies one, ask sitting_may_act().
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/sitting_impl.h"

static enum status refuse(struct fault *fault, const char *text)
{
    return fault_set(fault, STATUS_REFUSED, "", "%s", text);
}

/* Params that a person typed: 1 .. 64 characters why. */
static enum status reason_check(const struct act *act, struct fault *fault)
{
    char reason[ACT_REASON_SIZE + 1];
    if (!params_get(act->params, "reason", reason, sizeof(reason)) || reason[0] == '\0') {
        return fault_set(fault, STATUS_INVALID, "", "a reason must be given: reason=…");
    }
    if (strlen(reason) >= ACT_REASON_SIZE) {
        return fault_set(fault, STATUS_INVALID, "", "the reason has more than %d bytes",
                         ACT_REASON_SIZE - 1);
    }
    return STATUS_OK;
}

static enum status text_check(const struct act *act, const char *key, char *text, size_t size,
                              struct fault *fault)
{
    return params_get(act->params, key, text, size) && text[0] != '\0'
               ? STATUS_OK
               : fault_set(fault, STATUS_INVALID, "", "%s=… is missing", key);
}

static enum status number_check(const struct act *act, const char *key, uint32_t *number,
                                struct fault *fault)
{
    char text[16];
    char *end;
    enum status status = text_check(act, key, text, sizeof(text), fault);
    if (status != STATUS_OK) {
        return status;
    }
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || text[0] < '0' || text[0] > '9' || value > SEAT_MAX) {
        return fault_set(fault, STATUS_INVALID, "", "%s must be a number up to %d", key, SEAT_MAX);
    }
    *number = (uint32_t)value;
    return STATUS_OK;
}

/* Pause, close, ask: of the round that is open or paused. */
static enum status current_check(const struct sitting *sitting, struct act *act,
                                 struct fault *fault)
{
    const struct round *current = sitting_current(sitting);
    const char *verb = act_kind_name(act->kind);
    if (current == NULL || (act->round != 0 && act->round != current->number)) {
        if (act->round != 0) {
            return fault_set(fault, STATUS_REFUSED, "",
                             "round %" PRIu32 " is not open, nothing to %s", act->round, verb);
        }
        return fault_set(fault, STATUS_REFUSED, "", "no round is open, nothing to %s", verb);
    }
    act->round = current->number;
    if (act->kind == ACT_PAUSE && current->state == ROUND_PAUSED) {
        return fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 " is paused already",
                         current->number);
    }
    if (act->kind == ACT_ASK) {
        const struct contest *contest = round_contest(sitting, current);
        if (contest->rules->asking != ASKING_ITEM) {
            return fault_set(fault, STATUS_REFUSED, "", "the rules '%s' ask for whole cards",
                             contest->rules->id);
        }
        if (act->number < 1 || act->number > contest_item_count(contest)) {
            return fault_set(fault, STATUS_NOT_FOUND, "", "a card has %" PRIu32 " items",
                             contest_item_count(contest));
        }
    }
    return STATUS_OK;
}

/* The newest round of the same that came after this one and is not void, or NULL. */
static const struct round *built_on(const struct sitting *sitting, const struct round *round)
{
    for (uint32_t number = sitting->round_count; number > round->number; number--) {
        const struct round *after = sitting->rounds[number - 1];
        if (after->contest == round->contest && after->subject == round->subject &&
            after->state != ROUND_VOID) {
            return after;
        }
    }
    return NULL;
}

/* The round an act on figures means; it is over, not void or certified, and nothing built on it. */
static enum status closed_check(const struct sitting *sitting, struct act *act,
                                const struct round **found, struct fault *fault)
{
    if (act->round == 0) {
        act->round = sitting->round_count;
    }
    const struct round *round = sitting_round(sitting, act->round);
    const char *verb = act_kind_name(act->kind);
    *found = round;
    if (round == NULL) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no round %" PRIu32, act->round);
    }
    if (round->state == ROUND_CERTIFIED || round->state == ROUND_VOID) {
        return fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 " is %s: nothing to %s",
                         round->number, round_state_name(round->state), verb);
    }
    if (round->state != ROUND_CLOSED && act->kind != ACT_VOID) {
        return fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 " is %s: close it first",
                         round->number, round_state_name(round->state));
    }
    const struct round *after = built_on(sitting, round);
    if (act->kind != ACT_CERTIFY && act->kind != ACT_SIGN && after != NULL) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "round %" PRIu32 " came after round %" PRIu32 ": nothing to %s",
                         after->number, round->number, verb);
    }
    return STATUS_OK;
}

static enum status certify_check(const struct sitting *sitting, const struct round *round,
                                 struct fault *fault)
{
    if (round->figures->decision == DECISION_VOID) {
        return refuse(fault, "E6: more ballots came back than were given out: void the round");
    }
    if (round->figures->pending > 0) {
        return fault_set(fault, STATUS_REFUSED, "", "E8: %" PRIu32 " cards wait for a ruling",
                         round->figures->pending);
    }
    for (uint32_t i = 0; i < round->paper_count; i++) {
        if (!round->papers[i].is_confirmed && !round->papers[i].is_rejected) {
            return fault_set(fault, STATUS_REFUSED, "",
                             "hand count %" PRIu32 " is not confirmed by another post", i + 1);
        }
    }
    return round->signed_reason[0] != '\0' ? STATUS_OK : sitting_reconcile(sitting, round, fault);
}

static enum status adjudicate_check(const struct round *round, const struct act *act,
                                    struct fault *fault)
{
    char text[16];
    if (act->number < 1 || act->number > round->case_count) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "round %" PRIu32 " has %" PRIu32 " cases",
                         round->number, round->case_count);
    }
    enum status status = text_check(act, "ruling", text, sizeof(text), fault);
    if (status == STATUS_OK && ruling_parse(text) == RULING_INVALID) {
        status = fault_set(fault, STATUS_INVALID, "", "the ruling must be count, drop or void");
    }
    return status == STATUS_OK ? reason_check(act, fault) : status;
}

/* What the hand count says of items that are not on this round's ballot would count for nothing. */
static enum status paper_items_check(const struct sitting *sitting, const struct round *round,
                                     const struct paper *paper, struct fault *fault)
{
    char buffer[ID_SIZE];
    for (uint32_t item = 0; item < round->tally.item_count; item++) {
        uint32_t marks = 0;
        for (uint32_t choice = 0; choice < round->tally.grade_count; choice++) {
            marks += paper->counts[item][choice];
        }
        if (marks > 0 && (!sitting_round_has(sitting, round, item) ||
                          sitting_round_is_line(sitting, round, item))) {
            return fault_set(fault, STATUS_INVALID, "",
                             "'%s' is not on the ballot of round %" PRIu32 ", or a line: names=…",
                             contest_item_id(round_contest(sitting, round), item, buffer),
                             round->number);
        }
    }
    return STATUS_OK;
}

/* A name that the list has no place for could not be counted; one that holds a seat must not be. */
static enum status paper_names_check(const struct sitting *sitting, const struct round *round,
                                     const struct paper *paper, struct fault *fault)
{
    uint32_t name_count = sitting->contests[round->contest].name_count;
    for (uint32_t i = 0; i < paper->name_count; i++) {
        uint32_t number = sitting_find_name(sitting, round->contest, paper->names[i].name);
        name_count += number == 0;
        for (uint32_t k = 0; number != 0 && k < WRITE_IN_MAX; k++) {
            if (round->slate.elected[k] == number) {
                return fault_set(fault, STATUS_REFUSED, "", "E13: '%s' was elected before",
                                 paper->names[i].name);
            }
        }
    }
    return name_count <= WRITTEN_NAME_MAX
               ? STATUS_OK
               : fault_set(fault, STATUS_REFUSED, "", "the contest has %d names, its maximum",
                           WRITTEN_NAME_MAX);
}

static enum status paper_check(const struct sitting *sitting, const struct round *round,
                               struct act *act, struct fault *fault)
{
    struct paper paper;
    if (round->paper_count >= PAPER_MAX) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "round %" PRIu32 " has %d hand counts, the maximum", round->number,
                         PAPER_MAX);
    }
    act->number = round->paper_count + 1;
    enum status status =
        paper_parse(sitting->event, round_contest(sitting, round), act->params, &paper, fault);
    if (status == STATUS_OK) {
        status = paper_items_check(sitting, round, &paper, fault);
    }
    return status == STATUS_OK ? paper_names_check(sitting, round, &paper, fault) : status;
}

static enum status paper_confirm_check(const struct sitting *sitting, const struct round *round,
                                       const struct act *act, struct fault *fault)
{
    if (act->number < 1 || act->number > round->paper_count) {
        return fault_set(fault, STATUS_NOT_FOUND, "",
                         "round %" PRIu32 " has %" PRIu32 " hand counts", round->number,
                         round->paper_count);
    }
    const struct round_paper *paper = &round->papers[act->number - 1];
    if (paper->is_confirmed || paper->is_rejected) {
        return refuse(fault, paper->is_confirmed ? "the hand count is confirmed already"
                                                 : "the hand count was rejected");
    }
    if (act->kind == ACT_PAPER_REJECT) {
        return reason_check(act, fault);
    }
    if (strcmp(paper->entered_by, act->post) == 0) {
        return refuse(fault, "a hand count is confirmed by another post than entered it");
    }
    return paper_names_check(sitting, round, &paper->paper, fault);
}

static enum status figures_act_check(const struct sitting *sitting, struct act *act,
                                     struct fault *fault)
{
    const struct round *round;
    enum status status = closed_check(sitting, act, &round, fault);
    if (status != STATUS_OK) {
        return status;
    }
    switch (act->kind) {
    case ACT_CERTIFY:
        return certify_check(sitting, round, fault);
    case ACT_ADJUDICATE:
        return adjudicate_check(round, act, fault);
    case ACT_PAPER:
        return paper_check(sitting, round, act, fault);
    case ACT_PAPER_CONFIRM:
    case ACT_PAPER_REJECT:
        return paper_confirm_check(sitting, round, act, fault);
    default: /* void, sign */
        return reason_check(act, fault);
    }
}

static enum status check_in_check(const struct sitting *sitting, const struct act *act,
                                  struct fault *fault)
{
    char seats[DETAIL_SIZE];
    if (sitting->event->check_in <= CHECK_IN_NONE) {
        return refuse(fault, "this event checks nobody in");
    }
    if (act->kind == ACT_CHECK_IN_OPEN) {
        return sitting->is_check_in_open ? refuse(fault, "check-in is open already") : STATUS_OK;
    }
    if (act->kind == ACT_CHECK_IN_CLOSE) {
        return sitting->is_check_in_open ? STATUS_OK : refuse(fault, "check-in is not open");
    }
    /* Late arrivals are the officer's to let in; pads by themselves only while it is open. */
    if (act->kind == ACT_CHECK_IN && strcmp(act->post, "server") == 0 &&
        !sitting->is_check_in_open) {
        return refuse(fault, "check-in is not open");
    }
    enum status status = text_check(act, "seats", seats, sizeof(seats), fault);
    return status == STATUS_OK ? attendance_list_check(sitting->attendance, seats, fault) : status;
}

static enum status pad_check(const struct sitting *sitting, const struct act *act,
                             struct fault *fault)
{
    if (act->number < 1 || act->number > sitting->event->seat_count) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no seat %" PRIu64, act->number);
    }
    if (act->kind == ACT_REVOKE &&
        !attendance_is_enabled(sitting->attendance, (uint32_t)act->number)) {
        return refuse(fault, "the pad of this seat is revoked already");
    }
    if (act->kind == ACT_REPLACE &&
        attendance_is_enabled(sitting->attendance, (uint32_t)act->number)) {
        return refuse(fault, "the pad of this seat is in use: revoke it first");
    }
    return reason_check(act, fault);
}

/* The contest an act names, which must be an election (or a poll, for names). */
static enum status contest_check(const struct sitting *sitting, const struct act *act,
                                 uint32_t *contest, struct fault *fault)
{
    int32_t index = event_find_contest(sitting->event, act->contest);
    if (index < 0) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no contest '%s' in the event", act->contest);
    }
    *contest = (uint32_t)index;
    return sitting->event->contests[index].kind == CONTEST_ELECTION
               ? STATUS_OK
               : fault_set(fault, STATUS_REFUSED, "", "'%s' is no election", act->contest);
}

static enum status withdraw_check(const struct sitting *sitting, const struct act *act,
                                  struct fault *fault)
{
    uint32_t contest = 0;
    char id[ID_SIZE];
    enum status status = contest_check(sitting, act, &contest, fault);
    if (status == STATUS_OK) {
        status = text_check(act, "candidate", id, sizeof(id), fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int32_t candidate = contest_find_candidate(&sitting->event->contests[contest], id);
    const struct round *current = sitting_current(sitting);
    if (candidate < 0) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no candidate '%s' in contest '%s'", id,
                         act->contest);
    }
    if ((sitting->contests[contest].withdrawn >> candidate & 1) != 0) {
        return fault_set(fault, STATUS_REFUSED, "", "'%s' has withdrawn already", id);
    }
    if (current != NULL && current->contest == contest) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "round %" PRIu32 " is open: void it before a candidate withdraws",
                         current->number);
    }
    const struct round *last = sitting_standing_round(sitting, contest);
    if (last != NULL && last->figures->decision == DECISION_RUN_OFF &&
        last->figures->election.standings[candidate] == STANDING_TIED) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "E11: '%s' is among those tied, and exactly those stand in the run-off",
                         id);
    }
    return reason_check(act, fault);
}

/* E12: the hall voted to stop with fewer, after a round that left seats open. */
static enum status decide_check(const struct sitting *sitting, struct act *act, struct fault *fault)
{
    uint32_t contest = 0;
    uint32_t votes_for = 0;
    uint32_t base = 0;
    enum status status = contest_check(sitting, act, &contest, fault);
    if (status == STATUS_OK) {
        status = number_check(act, "for", &votes_for, fault);
    }
    if (status == STATUS_OK) {
        status = number_check(act, "base", &base, fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct round *current = sitting_current(sitting);
    const struct round *round = sitting_standing_round(sitting, contest);
    if (round == NULL || round->figures->decision != DECISION_ANOTHER ||
        (current != NULL && current->contest == contest)) {
        return refuse(fault, "E12: no seats are left open by the last round");
    }
    const struct rules *rules = sitting->event->contests[contest].rules;
    uint32_t expected = figures_base_count(round->figures, rules->election.stop_base);
    if (rules->election.may_stop && base != expected) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "E12: the base is '%s', %" PRIu32 ", not %" PRIu32,
                         base_name(rules->election.stop_base), expected, base);
    }
    act->round = round->number;
    return election_may_stop(rules, votes_for, base, fault);
}

/* order=… names every candidate once. */
enum status sitting_lot_read(const struct contest *contest, const struct act *act,
                             uint8_t order[CANDIDATE_MAX], struct fault *fault)
{
    char ids[CANDIDATE_MAX * ID_SIZE];
    enum status status = text_check(act, "order", ids, sizeof(ids), fault);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t seen = 0;
    uint32_t place = 0;
    char *rest = ids;
    for (char *id = strsep(&rest, ","); id != NULL; id = strsep(&rest, ",")) {
        int32_t candidate = contest_find_candidate(contest, id);
        if (candidate < 0 || (seen >> candidate & 1) != 0) {
            return fault_set(fault, STATUS_INVALID, "", "order: '%.32s' is no candidate, or twice",
                             id);
        }
        seen |= 1ull << candidate;
        order[place++] = (uint8_t)candidate;
    }
    return place == contest->candidate_count
               ? STATUS_OK
               : fault_set(fault, STATUS_INVALID, "", "order must name every candidate");
}

static enum status lot_check(const struct sitting *sitting, const struct act *act,
                             struct fault *fault)
{
    uint32_t contest = 0;
    uint8_t order[CANDIDATE_MAX];
    enum status status = contest_check(sitting, act, &contest, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (sitting->event->contests[contest].rules->election.order != ORDER_LOT) {
        return refuse(fault, "E4: the rules do not order candidates by lot");
    }
    if (sitting->contests[contest].has_lot || sitting_round_of(sitting, contest, 0) != NULL) {
        return refuse(fault, "E4: the lot was drawn, or the first round has begun");
    }
    return sitting_lot_read(&sitting->event->contests[contest], act, order, fault);
}

enum status sitting_step_check(const struct sitting *sitting, const struct act *act,
                               uint32_t *index, bool *is_begun, struct fault *fault)
{
    char step[ID_SIZE];
    char state[16];
    enum status status = text_check(act, "step", step, sizeof(step), fault);
    if (status == STATUS_OK) {
        status = text_check(act, "state", state, sizeof(state), fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int32_t found = event_find_step(sitting->event, step);
    if (found < 0) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no step '%s' in the rundown", step);
    }
    *index = (uint32_t)found;
    *is_begun = strcmp(state, "begun") == 0;
    if (!*is_begun && strcmp(state, "ended") != 0) {
        return fault_set(fault, STATUS_INVALID, "", "state must be begun or ended");
    }
    const struct step_progress *progress = &sitting->steps[found];
    if (*is_begun ? progress->begun_ms != 0 : progress->begun_ms == 0 || progress->ended_ms != 0) {
        return fault_set(fault, STATUS_REFUSED, "", "step '%s' %s", step,
                         *is_begun ? "has begun already" : "is not under way");
    }
    return STATUS_OK;
}

/* The server's own: a name that a card of the open round writes in. */
static enum status name_check(const struct sitting *sitting, const struct act *act,
                              struct fault *fault)
{
    char name[WRITTEN_NAME_SIZE];
    const struct round *current = sitting_current(sitting);
    enum status status = text_check(act, "name", name, sizeof(name), fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (current == NULL || act->round != current->number ||
        round_contest(sitting, current)->write_in_count == 0 ||
        act->number != sitting->contests[current->contest].name_count + 1u ||
        act->number > WRITTEN_NAME_MAX || sitting_find_name(sitting, current->contest, name) != 0) {
        return refuse(fault, "not the next name of an open ballot");
    }
    return STATUS_OK;
}

enum status sitting_may_act(const struct sitting *sitting, struct act *act, struct fault *fault)
{
    uint32_t index;
    bool is_begun;
    switch (act->kind) {
    case ACT_ASK:
    case ACT_PAUSE:
    case ACT_CLOSE:
        return current_check(sitting, act, fault);
    case ACT_VOID:
    case ACT_CERTIFY:
    case ACT_ADJUDICATE:
    case ACT_PAPER:
    case ACT_PAPER_CONFIRM:
    case ACT_PAPER_REJECT:
    case ACT_SIGN:
        return figures_act_check(sitting, act, fault);
    case ACT_CHECK_IN_OPEN:
    case ACT_CHECK_IN_CLOSE:
    case ACT_CHECK_IN:
    case ACT_CHECK_OUT:
        return check_in_check(sitting, act, fault);
    case ACT_REVOKE:
    case ACT_REPLACE:
        return pad_check(sitting, act, fault);
    case ACT_NAME:
        return name_check(sitting, act, fault);
    case ACT_DECIDE:
        return decide_check(sitting, act, fault);
    case ACT_WITHDRAW:
        return withdraw_check(sitting, act, fault);
    case ACT_LOT:
        return lot_check(sitting, act, fault);
    case ACT_STEP:
        return sitting_step_check(sitting, act, &index, &is_begun, fault);
    default:
        return fault_set(fault, STATUS_INVALID, "", "not an act of officers");
    }
}
