#include "server/core/sitting.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct sitting {
    const struct event *event;
    struct round **rounds; /* rounds[number - 1] */
    uint32_t round_count;
    uint32_t round_capacity;
    uint32_t current;      /* number of the open or paused round, else 0 */
    uint32_t zero_checked; /* number of the round whose zero check is the last one recorded */
    uint64_t epochs_reserved;
    uint64_t ignored_total;
    uint64_t early_total;
    struct programme programme;
};

struct sitting *sitting_create(const struct event *event)
{
    struct sitting *sitting = calloc(1, sizeof(*sitting));
    if (sitting != NULL) {
        sitting->event = event;
    }
    return sitting;
}

void sitting_destroy(struct sitting *sitting)
{
    if (sitting == NULL) {
        return;
    }
    for (uint32_t i = 0; i < sitting->round_count; i++) {
        ballot_box_destroy(sitting->rounds[i]->ballots);
        free(sitting->rounds[i]);
    }
    free(sitting->rounds);
    free(sitting);
}

static enum status act_fault(struct fault *fault, const struct record *record, const char *why)
{
    return fault_set(fault, STATUS_INVALID, "", "the log's batch %" PRIu64 " holds '%s': %s",
                     record->batch, act_kind_name(record->act->kind), why);
}

static struct round *round_append(struct sitting *sitting, uint32_t contest, uint32_t subject)
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
    struct round *round = calloc(1, sizeof(*round));
    if (round == NULL) {
        return NULL;
    }
    const struct contest *definition = &sitting->event->contests[contest];
    round->ballots = ballot_box_create(definition->criterion_count, sitting->event->seat_count);
    if (round->ballots == NULL) {
        free(round);
        return NULL;
    }
    tally_init(&round->tally, definition->criterion_count, definition->grade_count);
    round->contest = contest;
    round->subject = subject;
    round->number = sitting->round_count + 1;
    sitting->rounds[sitting->round_count++] = round;
    return round;
}

static enum status apply_open(struct sitting *sitting, const struct record *record,
                              struct fault *fault)
{
    const struct act *act = record->act;
    uint32_t number = 0;
    struct fault why = { 0 };
    if (sitting_may_open(sitting, act->contest, act->subject, &number, &why) != STATUS_OK) {
        return act_fault(fault, record, why.text);
    }
    if (number != act->round) {
        return act_fault(fault, record, "its round is not the next one");
    }
    if (sitting->current == number) {
        sitting->rounds[number - 1]->state = ROUND_OPEN;
        return STATUS_OK;
    }
    if (sitting->zero_checked != number) {
        return act_fault(fault, record, "no zero check came before it");
    }
    uint32_t contest = (uint32_t)event_find_contest(sitting->event, act->contest);
    uint32_t subject =
        (uint32_t)contest_find_subject(&sitting->event->contests[contest], act->subject);
    struct round *round = round_append(sitting, contest, subject);
    if (round == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for round %" PRIu32, number);
    }
    round->state = ROUND_OPEN;
    round->registered = (uint32_t)act->number;
    round->opened_ms = act->at_ms;
    sitting->current = number;
    return STATUS_OK;
}

static enum status apply_pause(struct sitting *sitting, const struct record *record,
                               struct fault *fault)
{
    uint32_t number = 0;
    struct fault why = { 0 };
    if (sitting_may_pause(sitting, record->act->round, &number, &why) != STATUS_OK) {
        return act_fault(fault, record, why.text);
    }
    sitting->rounds[number - 1]->state = ROUND_PAUSED;
    return STATUS_OK;
}

static enum status apply_close(struct sitting *sitting, const struct record *record,
                               struct fault *fault)
{
    uint32_t number = 0;
    struct fault why = { 0 };
    if (sitting_may_close(sitting, record->act->round, &number, &why) != STATUS_OK) {
        return act_fault(fault, record, why.text);
    }
    struct round *round = sitting->rounds[number - 1];
    round->state = ROUND_CLOSED;
    round->closed_ms = record->act->at_ms;
    sitting->current = 0;
    return STATUS_OK;
}

static enum status apply_take(struct sitting *sitting, const struct record *record,
                              struct fault *fault)
{
    const struct act *act = record->act;
    enum scene_kind scene = scene_parse(act->scene);
    if (act->bus <= BUS_INVALID || act->bus >= BUS_COUNT || act->layer <= LAYER_INVALID ||
        act->layer >= LAYER_COUNT || scene == SCENE_INVALID) {
        return act_fault(fault, record, "no such bus, layer or scene");
    }
    struct layer_state *layer = &sitting->programme.layers[act->bus][act->layer];
    layer->is_taken = true;
    layer->scene = scene;
    layer->take++;
    layer->taken_ms = act->at_ms;
    memcpy(layer->params, act->params, sizeof(layer->params));
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
            sitting->programme.layers[act->bus][layer].is_taken = false;
        }
    }
    sitting->programme.sequence++;
    return STATUS_OK;
}

static enum status apply_act(struct sitting *sitting, const struct record *record,
                             struct applied *applied, struct fault *fault)
{
    const struct act *act = record->act;
    switch (act->kind) {
    case ACT_ZERO_CHECK:
        if (act->round != sitting->round_count + 1 || act->number != 0) {
            return act_fault(fault, record, "not of the next round, or not zero");
        }
        sitting->zero_checked = act->round;
        return STATUS_OK;
    case ACT_OPEN:
        applied->round_changed = true;
        return apply_open(sitting, record, fault);
    case ACT_PAUSE:
        applied->round_changed = true;
        return apply_pause(sitting, record, fault);
    case ACT_CLOSE:
        applied->round_changed = true;
        return apply_close(sitting, record, fault);
    case ACT_TAKE:
        applied->programme_changed = true;
        return apply_take(sitting, record, fault);
    case ACT_CLEAR:
        applied->programme_changed = true;
        return apply_clear(sitting, record, fault);
    case ACT_EPOCHS:
        if (act->number <= sitting->epochs_reserved) {
            return act_fault(fault, record, "epochs must rise");
        }
        sitting->epochs_reserved = act->number;
        return STATUS_OK;
    default:
        break;
    }
    return act_fault(fault, record, "unknown act");
}

static void apply_mark(struct sitting *sitting, const struct mark *mark, struct applied *applied)
{
    applied->verdict = VERDICT_INVALID;
    struct round *round = mark->round >= 1 && mark->round <= sitting->round_count
                              ? sitting->rounds[mark->round - 1]
                              : NULL;
    if (round == NULL || round->state != ROUND_OPEN || mark->item >= round->tally.item_count ||
        mark->choice >= round->tally.grade_count) {
        sitting->ignored_total++;
        sitting->early_total += round == NULL;
        return;
    }
    uint8_t before;
    bool is_first;
    applied->verdict = ballot_box_apply(round->ballots, mark, &before, &is_first);
    if (is_first) {
        round->tally.cast_count++;
    }
    if (applied->verdict == VERDICT_NEW) {
        tally_replace(&round->tally, mark->item, before, mark->choice);
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

enum status sitting_may_open(const struct sitting *sitting, const char *contest,
                             const char *subject, uint32_t *round, struct fault *fault)
{
    int32_t contest_index = event_find_contest(sitting->event, contest);
    if (contest_index < 0) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no contest '%s' in the event", contest);
    }
    const struct contest *definition = &sitting->event->contests[contest_index];
    int32_t subject_index = contest_find_subject(definition, subject);
    if (subject_index < 0) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no subject '%s' in contest '%s'", subject,
                         contest);
    }
    const struct round *newest =
        sitting_round_of(sitting, (uint32_t)contest_index, (uint32_t)subject_index);
    const struct round *current = sitting_current(sitting);
    if (newest != NULL && newest->state == ROUND_PAUSED) {
        *round = newest->number;
        return STATUS_OK;
    }
    if (current != NULL) {
        return fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 " is %s: close it first",
                         current->number, round_state_name(current->state));
    }
    if (newest != NULL) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "'%s' was decided in round %" PRIu32 ": a closed round is final", subject,
                         newest->number);
    }
    if (sitting->round_count >= ROUND_MAX) {
        return fault_set(fault, STATUS_REFUSED, "", "the log holds %d rounds, its maximum",
                         ROUND_MAX);
    }
    *round = sitting->round_count + 1;
    return STATUS_OK;
}

static enum status may_change(const struct sitting *sitting, uint32_t round, bool is_close,
                              uint32_t *number, struct fault *fault)
{
    const struct round *current = sitting_current(sitting);
    const char *verb = is_close ? "close" : "pause";
    if (current == NULL || (round != 0 && round != current->number)) {
        if (round != 0) {
            return fault_set(fault, STATUS_REFUSED, "",
                             "round %" PRIu32 " is not open, nothing to %s", round, verb);
        }
        return fault_set(fault, STATUS_REFUSED, "", "no round is open, nothing to %s", verb);
    }
    if (!is_close && current->state == ROUND_PAUSED) {
        return fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 " is paused already",
                         current->number);
    }
    *number = current->number;
    return STATUS_OK;
}

enum status sitting_may_pause(const struct sitting *sitting, uint32_t round, uint32_t *number,
                              struct fault *fault)
{
    return may_change(sitting, round, false, number, fault);
}

enum status sitting_may_close(const struct sitting *sitting, uint32_t round, uint32_t *number,
                              struct fault *fault)
{
    return may_change(sitting, round, true, number, fault);
}
