/*
 * What the acts of officers do, an open aside; sitting_act.c says whether they may.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/sitting_impl.h"

/* A round is over: its count, and nobody's place in it any more. */
static enum status round_end(struct sitting *sitting, struct round *round, enum round_state state,
                             int64_t at_ms, struct fault *fault)
{
    round->state = state;
    if (round->closed_ms == 0) {
        round->closed_ms = at_ms;
    }
    if (sitting->current == round->number) {
        sitting->current = 0;
    }
    free(round->electors);
    round->electors = NULL;
    return sitting_count(sitting, round, fault);
}

static enum status paper_apply(struct sitting *sitting, struct round *round, const struct act *act,
                               struct fault *fault)
{
    void *papers = realloc(round->papers, (round->paper_count + 1) * sizeof(*round->papers));
    if (papers == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a hand count");
    }
    round->papers = papers;
    struct round_paper *paper = &round->papers[round->paper_count];
    memset(paper, 0, sizeof(*paper));
    enum status status = paper_parse(sitting->event, round_contest(sitting, round), act->params,
                                     &paper->paper, fault);
    if (status == STATUS_OK) {
        memcpy(paper->entered_by, act->post, ID_SIZE);
        round->paper_count++;
    }
    return status;
}

/* The names on paper join those of the contest. */
static enum status paper_confirm_apply(struct sitting *sitting, struct round *round,
                                       const struct act *act, struct fault *fault)
{
    struct round_paper *paper = &round->papers[act->number - 1];
    for (uint32_t i = 0; i < paper->paper.name_count; i++) {
        const char *name = paper->paper.names[i].name;
        struct contest_state *state = &sitting->contests[round->contest];
        if (sitting_find_name(sitting, round->contest, name) == 0 &&
            names_append(state, name) != STATUS_OK) {
            return fault_set(fault, STATUS_NOMEM, "", "no memory for a name");
        }
    }
    paper->is_confirmed = true;
    round->signed_reason[0] = '\0'; /* it was signed of other numbers */
    return sitting_count(sitting, round, fault);
}

static enum status figures_act_apply(struct sitting *sitting, const struct act *act,
                                     struct fault *fault)
{
    struct round *round = sitting->rounds[act->round - 1];
    char text[16];
    switch (act->kind) {
    case ACT_VOID:
        (void)params_get(act->params, "reason", round->void_reason, sizeof(round->void_reason));
        return round_end(sitting, round, ROUND_VOID, act->at_ms, fault);
    case ACT_CERTIFY:
        round->state = ROUND_CERTIFIED;
        return sitting_count(sitting, round, fault);
    case ACT_ADJUDICATE:
        (void)params_get(act->params, "ruling", text, sizeof(text));
        round->cases[act->number - 1].ruling = ruling_parse(text);
        return sitting_count(sitting, round, fault);
    case ACT_PAPER:
        return paper_apply(sitting, round, act, fault);
    case ACT_PAPER_CONFIRM:
        return paper_confirm_apply(sitting, round, act, fault);
    case ACT_PAPER_REJECT:
        round->papers[act->number - 1].is_rejected = true;
        return STATUS_OK;
    default: /* sign */
        (void)params_get(act->params, "reason", round->signed_reason, sizeof(round->signed_reason));
        return sitting_count(sitting, round, fault);
    }
}

static enum status hall_act_apply(struct sitting *sitting, const struct act *act,
                                  struct fault *fault)
{
    char seats[DETAIL_SIZE];
    switch (act->kind) {
    case ACT_CHECK_IN_OPEN:
    case ACT_CHECK_IN_CLOSE:
        sitting->is_check_in_open = act->kind == ACT_CHECK_IN_OPEN;
        return STATUS_OK;
    case ACT_CHECK_IN:
    case ACT_CHECK_OUT:
        (void)params_get(act->params, "seats", seats, sizeof(seats));
        return attendance_set(sitting->attendance, seats, act->kind == ACT_CHECK_IN, fault);
    default: /* revoke, replace */
        attendance_set_pad(sitting->attendance, (uint32_t)act->number, act->kind == ACT_REPLACE);
        return STATUS_OK;
    }
}

static enum status contest_act_apply(struct sitting *sitting, const struct act *act,
                                     struct fault *fault)
{
    char text[WRITTEN_NAME_SIZE];
    uint32_t contest = act->kind == ACT_NAME
                           ? sitting->rounds[act->round - 1]->contest
                           : (uint32_t)event_find_contest(sitting->event, act->contest);
    struct contest_state *state = &sitting->contests[contest];
    const struct contest *definition = &sitting->event->contests[contest];
    switch (act->kind) {
    case ACT_NAME:
        (void)params_get(act->params, "name", text, sizeof(text));
        return names_append(state, text);
    case ACT_WITHDRAW:
        (void)params_get(act->params, "candidate", text, ID_SIZE);
        state->withdrawn |= 1ull << contest_find_candidate(definition, text);
        return STATUS_OK;
    case ACT_LOT:
        state->has_lot = true;
        return sitting_lot_read(definition, act, state->order, fault);
    default: /* decide */
        state->stopped_round = act->round;
        return sitting_count(sitting, sitting->rounds[state->stopped_round - 1], fault);
    }
}

static enum status step_apply(struct sitting *sitting, const struct act *act, struct fault *fault)
{
    uint32_t index;
    bool is_begun;
    enum status status = sitting_step_check(sitting, act, &index, &is_begun, fault);
    if (status == STATUS_OK) {
        *(is_begun ? &sitting->steps[index].begun_ms : &sitting->steps[index].ended_ms) =
            act->at_ms;
    }
    return status;
}

enum status sitting_apply_other(struct sitting *sitting, const struct act *act,
                                struct applied *applied, struct fault *fault)
{
    struct act checked = *act;
    enum status status = sitting_may_act(sitting, &checked, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (checked.round != act->round || checked.number != act->number) {
        return fault_set(fault, STATUS_INVALID, "", "not of the round or number it can be of");
    }
    applied->tally_changed = true;
    switch (act->kind) {
    case ACT_ASK:
        applied->round_changed = true;
        sitting->rounds[act->round - 1]->asked = (int32_t)act->number - 1;
        return STATUS_OK;
    case ACT_PAUSE:
        applied->round_changed = true;
        sitting->rounds[act->round - 1]->state = ROUND_PAUSED;
        return STATUS_OK;
    case ACT_CLOSE:
        applied->round_changed = true;
        return round_end(sitting, sitting->rounds[act->round - 1], ROUND_CLOSED, act->at_ms, fault);
    case ACT_VOID:
    case ACT_CERTIFY:
    case ACT_ADJUDICATE:
    case ACT_PAPER:
    case ACT_PAPER_CONFIRM:
    case ACT_PAPER_REJECT:
    case ACT_SIGN:
        applied->round_changed = act->kind == ACT_VOID || act->kind == ACT_CERTIFY;
        return figures_act_apply(sitting, act, fault);
    case ACT_CHECK_IN_OPEN:
    case ACT_CHECK_IN_CLOSE:
    case ACT_CHECK_IN:
    case ACT_CHECK_OUT:
    case ACT_REVOKE:
    case ACT_REPLACE:
        applied->roll_changed = true;
        return hall_act_apply(sitting, act, fault);
    case ACT_STEP:
        return step_apply(sitting, act, fault);
    default: /* name, decide, withdraw, lot */
        return contest_act_apply(sitting, act, fault);
    }
}
