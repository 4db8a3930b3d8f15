#include "server/core/sitting.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/appraisal.h"
#include "server/core/sitting_impl.h"

struct sitting *sitting_create(const struct event *event)
{
    struct sitting *sitting = calloc(1, sizeof(*sitting));
    if (sitting == NULL) {
        return NULL;
    }
    sitting->event = event;
    sitting->attendance = attendance_create(event);
    sitting->contests = calloc(event->contest_count + 1u, sizeof(*sitting->contests));
    sitting->steps = calloc(event->step_count + 1u, sizeof(*sitting->steps));
    if (sitting->attendance == NULL || sitting->contests == NULL || sitting->steps == NULL) {
        sitting_destroy(sitting);
        return NULL;
    }
    return sitting;
}

static void round_destroy(struct round *round)
{
    ballot_box_destroy(round->ballots);
    appraisal_count_destroy(round->appraisal);
    free(round->electors);
    free(round->cases);
    free(round->papers);
    free(round->figures);
    free(round);
}

void sitting_destroy(struct sitting *sitting)
{
    if (sitting == NULL) {
        return;
    }
    for (uint32_t i = 0; i < sitting->round_count; i++) {
        round_destroy(sitting->rounds[i]);
    }
    for (uint32_t i = 0; sitting->contests != NULL && i < sitting->event->contest_count; i++) {
        free(sitting->contests[i].names);
    }
    free(sitting->rounds);
    free(sitting->contests);
    free(sitting->steps);
    attendance_destroy(sitting->attendance);
    free(sitting);
}

static enum status act_fault(struct fault *fault, const struct record *record, const char *why)
{
    return fault_set(fault, STATUS_INVALID, "", "the log's batch %" PRIu64 " holds '%s': %s",
                     record->batch, act_kind_name(record->act->kind), why);
}

static enum status apply_roll(struct sitting *sitting, const struct record *record,
                              struct fault *fault)
{
    const struct act *act = record->act;
    if (sitting->roll_hash[0] != '\0' || act->number != sitting->event->seat_count ||
        !params_get(act->params, "hash", sitting->roll_hash, sizeof(sitting->roll_hash))) {
        return act_fault(fault, record, "the roll is another one, or came before");
    }
    return STATUS_OK;
}

static void layer_touch(struct layer_state *layer, enum air_cause cause, const struct act *act)
{
    layer->cause = cause;
    memcpy(layer->post, act->post, sizeof(layer->post));
}

static enum status apply_take(struct sitting *sitting, const struct record *record,
                              struct fault *fault)
{
    const struct act *act = record->act;
    enum scene_kind scene = scene_parse(act->scene);
    if (act->bus <= BUS_INVALID || act->bus >= BUS_COUNT || act->layer <= LAYER_INVALID ||
        act->layer >= LAYER_COUNT || scene == SCENE_INVALID ||
        strnlen(act->params, PARAMS_SIZE) >= PARAMS_SIZE) {
        return act_fault(fault, record, "no such bus, layer or scene");
    }
    struct layer_state *layer = &sitting->programme.layers[act->bus][act->layer];
    layer->is_taken = true;
    layer->scene = scene;
    layer->take++;
    layer->taken_ms = act->at_ms;
    memcpy(layer->params, act->params, sizeof(layer->params));
    layer->step = 0;
    layer->held_ms = 0;
    layer->continued_ms = 0;
    layer_touch(layer, CAUSE_TAKE, act);
    sitting->programme.sequence++;
    return STATUS_OK;
}

/* A clear that went before it leaves nothing to go on: then it changes nothing. */
static enum status apply_continue(struct sitting *sitting, const struct record *record,
                                  struct fault *fault)
{
    const struct act *act = record->act;
    if (act->bus <= BUS_INVALID || act->bus >= BUS_COUNT || act->layer <= LAYER_INVALID ||
        act->layer >= LAYER_COUNT) {
        return act_fault(fault, record, "no such bus or layer");
    }
    struct layer_state *layer = &sitting->programme.layers[act->bus][act->layer];
    if (layer->is_taken) {
        layer->held_ms = layer->step == 0 ? act->at_ms : layer->held_ms;
        layer->continued_ms = act->at_ms;
        layer->step++;
    }
    sitting->programme.sequence++;
    return STATUS_OK;
}

static enum status apply_clear(struct sitting *sitting, const struct record *record,
                               struct fault *fault)
{
    const struct act *act = record->act;
    if (act->bus <= BUS_INVALID || act->bus >= BUS_COUNT || act->layer <= LAYER_INVALID ||
        act->layer > LAYER_ALL) {
        return act_fault(fault, record, "no such bus or layer");
    }
    for (int layer = LAYER_INVALID + 1; layer < LAYER_COUNT; layer++) {
        if (act->layer == LAYER_ALL || (int)act->layer == layer) {
            struct layer_state *state = &sitting->programme.layers[act->bus][layer];
            if (state->is_taken) {
                layer_touch(state, CAUSE_CLEAR, act);
            }
            state->is_taken = false;
        }
    }
    sitting->programme.sequence++;
    return STATUS_OK;
}

/* What is on both buses with the same parameters stays as it is: it does not enter again. */
static void apply_cut(struct sitting *sitting, const struct act *act)
{
    for (int i = LAYER_INVALID + 1; i < LAYER_COUNT; i++) {
        const struct layer_state *from = &sitting->programme.layers[BUS_PREVIEW][i];
        struct layer_state *to = &sitting->programme.layers[BUS_PROGRAMME][i];
        if (layer_state_shows_same(from, to) || (!from->is_taken && !to->is_taken)) {
            continue;
        }
        if (!from->is_taken) {
            to->is_taken = false;
            layer_touch(to, CAUSE_CUT, act);
            continue;
        }
        uint32_t take = to->take + 1;
        *to = *from;
        to->take = take;
        to->taken_ms = act->at_ms;
        to->step = 0;
        to->held_ms = 0;
        to->continued_ms = 0;
        layer_touch(to, CAUSE_CUT, act);
    }
    sitting->programme.sequence++;
}

static enum status apply_epochs(struct sitting *sitting, const struct record *record,
                                struct fault *fault)
{
    if (record->act->number <= sitting->epochs_reserved) {
        return act_fault(fault, record, "epochs must rise");
    }
    sitting->epochs_reserved = record->act->number;
    return STATUS_OK;
}

/* An act of officers; what the rules say of it is told as a fault of the log. */
static enum status apply_officer(struct sitting *sitting, const struct record *record,
                                 struct applied *applied, struct fault *fault)
{
    struct fault why = { 0 };
    enum status status;
    if (record->act->kind == ACT_OPEN) {
        applied->round_changed = true;
        applied->tally_changed = true;
        status = sitting_apply_open(sitting, record->act, &why);
    } else {
        status = sitting_apply_other(sitting, record->act, applied, &why);
    }
    if (status == STATUS_NOMEM) {
        return fault_set(fault, status, why.where, "%s", why.text);
    }
    return status == STATUS_OK ? STATUS_OK : act_fault(fault, record, why.text);
}

static enum status apply_act(struct sitting *sitting, const struct record *record,
                             struct applied *applied, struct fault *fault)
{
    const struct act *act = record->act;
    switch (act->kind) {
    case ACT_ROLL:
        return apply_roll(sitting, record, fault);
    case ACT_ZERO_CHECK:
        if (act->round != sitting->round_count + 1 || act->number != 0) {
            return act_fault(fault, record, "not of the next round, or not zero");
        }
        sitting->zero_checked = act->round;
        return STATUS_OK;
    case ACT_TAKE:
        applied->programme_changed = true;
        return apply_take(sitting, record, fault);
    case ACT_CONTINUE:
        applied->programme_changed = true;
        return apply_continue(sitting, record, fault);
    case ACT_CLEAR:
        applied->programme_changed = true;
        return apply_clear(sitting, record, fault);
    case ACT_CUT:
        applied->programme_changed = true;
        apply_cut(sitting, act);
        return STATUS_OK;
    case ACT_EPOCHS:
        return apply_epochs(sitting, record, fault);
    case ACT_INVALID:
    case ACT_COUNT:
        return act_fault(fault, record, "unknown act");
    default:
        return apply_officer(sitting, record, applied, fault);
    }
}

const struct contest *round_contest(const struct sitting *sitting, const struct round *round)
{
    return &sitting->event->contests[round->contest];
}

bool sitting_round_is_line(const struct sitting *sitting, const struct round *round, uint32_t item)
{
    const struct contest *contest = round_contest(sitting, round);
    return item < round->tally.item_count && contest_item_is_line(contest, item) &&
           round->slate.stage != STAGE_RUN_OFF;
}

bool sitting_round_has(const struct sitting *sitting, const struct round *round, uint32_t item)
{
    const struct contest *contest = round_contest(sitting, round);
    if (item >= round->tally.item_count) {
        return false;
    }
    if (contest->kind != CONTEST_ELECTION && contest->kind != CONTEST_POLL) {
        return true;
    }
    return item < contest->candidate_count
               ? (round->slate.candidates >> item & 1) != 0
               : round->slate.stage != STAGE_RUN_OFF ||
                     round->slate.adopted[item - contest->candidate_count] != 0;
}

bool sitting_round_takes(const struct sitting *sitting, const struct round *round, uint32_t item,
                         uint32_t choice)
{
    if (!sitting_round_has(sitting, round, item) ||
        (round->asked >= 0 && (int32_t)item != round->asked)) {
        return false;
    }
    return sitting_round_is_line(sitting, round, item)
               ? choice <= sitting->contests[round->contest].name_count
               : choice < round->tally.grade_count;
}

bool round_has_elector(const struct round *round, uint32_t seat)
{
    return round->electors != NULL &&
           (round->electors[(seat - 1) / 8] >> ((seat - 1) % 8) & 1) != 0;
}

static bool mark_counts(const struct sitting *sitting, const struct round *round,
                        const struct mark *mark)
{
    if (round == NULL || round->state != ROUND_OPEN ||
        !sitting_round_takes(sitting, round, mark->item, mark->choice) ||
        mark->group >= sitting->event->group_count + (sitting->event->group_count == 0)) {
        return false;
    }
    uint32_t recorded = 0;
    const struct rules *rules = round_contest(sitting, round)->rules;
    enum verdict verdict = ballot_box_check(round->ballots, mark->slot, mark->item, mark->version,
                                            mark->nonce, &recorded);
    return verdict != VERDICT_NEW || rules->answer != ANSWER_FIRST || recorded == 0;
}

static void apply_mark(struct sitting *sitting, const struct mark *mark, struct applied *applied)
{
    applied->verdict = VERDICT_INVALID;
    struct round *round = mark->round >= 1 && mark->round <= sitting->round_count
                              ? sitting->rounds[mark->round - 1]
                              : NULL;
    if (!mark_counts(sitting, round, mark)) {
        sitting->ignored_total++;
        sitting->early_total += round == NULL;
        return;
    }
    uint16_t before;
    bool is_first;
    applied->verdict = ballot_box_apply(round->ballots, mark, &before, &is_first);
    if (is_first) {
        round->tally.cast_count++;
    }
    if (applied->verdict == VERDICT_NEW) {
        /* Ballots of an election are counted when it is over: only whole ones say anything. */
        const struct contest *contest = round_contest(sitting, round);
        if (contest->kind != CONTEST_ELECTION && !contest_item_is_line(contest, mark->item)) {
            tally_replace(&round->tally, mark->item, before, mark->choice);
        }
        applied->tally_changed = true;
    } else {
        sitting->ignored_total++;
    }
}

enum status sitting_apply(struct sitting *sitting, const struct record *record,
                          struct applied *applied, struct fault *fault)
{
    memset(applied, 0, sizeof(*applied));
    if (record->act != NULL) {
        return apply_act(sitting, record, applied, fault);
    }
    assert(record->mark != NULL);
    apply_mark(sitting, record->mark, applied);
    return STATUS_OK;
}

const struct round *sitting_round(const struct sitting *sitting, uint32_t number)
{
    return number >= 1 && number <= sitting->round_count ? sitting->rounds[number - 1] : NULL;
}

const struct round *sitting_current(const struct sitting *sitting)
{
    return sitting_round(sitting, sitting->current);
}

const struct round *sitting_latest(const struct sitting *sitting)
{
    return sitting_round(sitting, sitting->current != 0 ? sitting->current : sitting->round_count);
}

uint32_t sitting_round_count(const struct sitting *sitting)
{
    return sitting->round_count;
}

const struct round *sitting_round_of(const struct sitting *sitting, uint32_t contest,
                                     uint32_t subject)
{
    for (uint32_t number = sitting->round_count; number >= 1; number--) {
        const struct round *round = sitting->rounds[number - 1];
        if (round->contest == contest && round->subject == subject) {
            return round;
        }
    }
    return NULL;
}

const char *sitting_name(const struct sitting *sitting, uint32_t contest, uint32_t number)
{
    const struct contest_state *state = &sitting->contests[contest];
    return number >= 1 && number <= state->name_count ? state->names[number - 1] : NULL;
}

uint32_t sitting_name_count(const struct sitting *sitting, uint32_t contest)
{
    return sitting->contests[contest].name_count;
}

uint32_t sitting_find_name(const struct sitting *sitting, uint32_t contest, const char *name)
{
    const struct contest_state *state = &sitting->contests[contest];
    for (uint32_t i = 0; i < state->name_count; i++) {
        if (strcmp(state->names[i], name) == 0) {
            return i + 1;
        }
    }
    return 0;
}

enum status names_append(struct contest_state *state, const char *name)
{
    if (state->name_count == state->name_capacity) {
        uint32_t capacity = state->name_capacity == 0 ? 16 : state->name_capacity * 2;
        void *names = realloc(state->names, capacity * sizeof(*state->names));
        if (names == NULL) {
            return STATUS_NOMEM;
        }
        state->names = names;
        state->name_capacity = capacity;
    }
    snprintf(state->names[state->name_count++], WRITTEN_NAME_SIZE, "%s", name);
    return STATUS_OK;
}

const struct attendance *sitting_attendance(const struct sitting *sitting)
{
    return sitting->attendance;
}

bool sitting_check_in_is_open(const struct sitting *sitting)
{
    return sitting->is_check_in_open;
}

const char *sitting_roll_hash(const struct sitting *sitting)
{
    return sitting->roll_hash;
}

uint64_t sitting_withdrawn(const struct sitting *sitting, uint32_t contest)
{
    return sitting->contests[contest].withdrawn;
}

const uint8_t *sitting_order(const struct sitting *sitting, uint32_t contest)
{
    const struct contest_state *state = &sitting->contests[contest];
    return state->has_lot ? state->order : sitting->event->contests[contest].order;
}

const struct step_progress *sitting_step(const struct sitting *sitting, uint32_t index)
{
    assert(index < sitting->event->step_count);
    return &sitting->steps[index];
}

const struct programme *sitting_programme(const struct sitting *sitting)
{
    return &sitting->programme;
}

const struct event *sitting_event(const struct sitting *sitting)
{
    return sitting->event;
}

uint64_t sitting_epochs_reserved(const struct sitting *sitting)
{
    return sitting->epochs_reserved;
}

uint64_t sitting_ignored_total(const struct sitting *sitting)
{
    return sitting->ignored_total;
}

uint64_t sitting_early_total(const struct sitting *sitting)
{
    return sitting->early_total;
}

uint64_t sitting_count_total(const struct sitting *sitting)
{
    return sitting->count_total;
}
