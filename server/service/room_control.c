/*
 * The acts of posts: of officers one after the other, for each is judged by what those before it
 * did; scenes taken and cleared at any time.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/service/room_impl.h"

/* Why the log takes no act. */
static enum room_outcome log_refuse(struct refused *refused, uint64_t id, enum status status)
{
    const char *text = status == STATUS_FULL ? "too much waits for the log"
                       : status == STATUS_NO_SPACE
                           ? "the disk is full: pause, close, void, take and clear still go"
                           : "the log failed";
    return room_refuse(refused, id, room_log_refusal(status), text);
}

static enum room_outcome act_offer(struct room *room, struct sender sender, uint64_t id,
                                   const struct act *act, struct refused *refused)
{
    if (room->pending_count >= ROOM_PENDING_MAX) {
        return room_refuse(refused, id, REFUSAL_BUSY, "too much waits for the log");
    }
    uint64_t ticket;
    enum status status = votelog_append_act(room->log, act, &ticket);
    if (status != STATUS_OK) {
        return log_refuse(refused, id, status);
    }
    room->last_ticket = ticket;
    struct pending *pending = room_pending_push(room);
    pending->kind = PENDING_ACT;
    pending->sender = sender;
    pending->ticket = ticket;
    pending->id = id;
    pending->round = act->round;
    return ROOM_PENDING;
}

/* What a post asks for, as the act the log holds. */
static enum act_kind act_of(enum control_kind kind)
{
    static const enum act_kind kinds[CONTROL_COUNT] = {
        [CONTROL_OPEN] = ACT_OPEN,
        [CONTROL_ASK] = ACT_ASK,
        [CONTROL_PAUSE] = ACT_PAUSE,
        [CONTROL_CLOSE] = ACT_CLOSE,
        [CONTROL_VOID] = ACT_VOID,
        [CONTROL_CERTIFY] = ACT_CERTIFY,
        [CONTROL_CHECK_IN_OPEN] = ACT_CHECK_IN_OPEN,
        [CONTROL_CHECK_IN_CLOSE] = ACT_CHECK_IN_CLOSE,
        [CONTROL_CHECK_IN] = ACT_CHECK_IN,
        [CONTROL_CHECK_OUT] = ACT_CHECK_OUT,
        [CONTROL_REVOKE] = ACT_REVOKE,
        [CONTROL_REPLACE] = ACT_REPLACE,
        [CONTROL_ADJUDICATE] = ACT_ADJUDICATE,
        [CONTROL_PAPER] = ACT_PAPER,
        [CONTROL_PAPER_CONFIRM] = ACT_PAPER_CONFIRM,
        [CONTROL_PAPER_REJECT] = ACT_PAPER_REJECT,
        [CONTROL_SIGN] = ACT_SIGN,
        [CONTROL_DECIDE] = ACT_DECIDE,
        [CONTROL_WITHDRAW] = ACT_WITHDRAW,
        [CONTROL_LOT] = ACT_LOT,
        [CONTROL_STEP] = ACT_STEP,
        [CONTROL_TAKE] = ACT_TAKE,
        [CONTROL_CONTINUE] = ACT_CONTINUE,
        [CONTROL_CLEAR] = ACT_CLEAR,
        [CONTROL_CUT] = ACT_CUT,
    };
    return kind < CONTROL_COUNT ? kinds[kind] : ACT_INVALID;
}

static enum room_outcome refuse_why(struct refused *refused, uint64_t id, enum status status,
                                    const struct fault *why)
{
    enum refusal refusal = status == STATUS_NOT_FOUND || status == STATUS_INVALID
                               ? REFUSAL_BAD_VALUE
                           : status == STATUS_IO || status == STATUS_NOMEM ? REFUSAL_STORAGE
                                                                           : REFUSAL_FORBIDDEN_NOW;
    return room_refuse(refused, id, refusal, why->text);
}

/* The marks of a round that is about to open are counted: there must be none. */
static enum room_outcome zero_check(struct room *room, const struct control *control,
                                    const struct act *act, struct refused *refused)
{
    struct act zero = *act;
    zero.kind = ACT_ZERO_CHECK;
    zero.number = sitting_early_total(room->sitting);
    zero.params[0] = '\0';
    if (zero.number != 0) {
        return room_refuse(refused, control->id, REFUSAL_FORBIDDEN_NOW,
                           "zero check failed: the log holds marks of a round never opened");
    }
    enum status status = votelog_append_act(room->log, &zero, &room->last_ticket);
    if (status != STATUS_OK) {
        return log_refuse(refused, control->id, status);
    }
    return ROOM_PENDING;
}

/* seconds=… until the round closes by itself: 1 .. 86400. */
static enum status timer_read(const struct control *control, int64_t now_ms, int64_t *ends_ms,
                              struct fault *fault)
{
    char text[16];
    char *end;
    *ends_ms = 0;
    if (!params_get(control->params, "seconds", text, sizeof(text))) {
        return STATUS_OK;
    }
    unsigned long seconds = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || seconds < 1 || seconds > 86400) {
        return fault_set(fault, STATUS_INVALID, "", "seconds must be 1 to 86400");
    }
    *ends_ms = now_ms + (int64_t)seconds * 1000;
    return STATUS_OK;
}

static enum room_outcome open_control(struct room *room, struct sender sender,
                                      const struct control *control, struct act *act,
                                      struct refused *refused)
{
    struct opening opening;
    struct fault why = { 0 };
    int64_t ends_ms;
    char candidates[CANDIDATE_MAX * ID_SIZE] = "";
    (void)params_get(control->params, "candidates", candidates, sizeof(candidates));
    enum status status = timer_read(control, act->at_ms, &ends_ms, &why);
    if (status == STATUS_OK) {
        status = sitting_may_open(room->sitting, control->contest, control->subject, candidates,
                                  &opening, &why);
    }
    if (status != STATUS_OK) {
        return refuse_why(refused, control->id, status, &why);
    }
    char pads[8];
    if (!opening.is_resume && params_get(control->params, "pads", pads, sizeof(pads))) {
        opening_set_paper(&opening);
    }
    opening_write(room->sitting, &opening, opening.is_resume ? 0 : ends_ms, act);
    if (!opening.is_resume && zero_check(room, control, act, refused) == ROOM_REFUSED) {
        return ROOM_REFUSED;
    }
    return act_offer(room, sender, control->id, act, refused);
}

/* E4: every order of the candidates as likely as every other. */
static bool lot_draw(const struct room *room, struct act *act)
{
    int32_t index = event_find_contest(room->event, act->contest);
    if (index < 0) {
        return true; /* sitting_may_act() says so */
    }
    const struct contest *contest = &room->event->contests[index];
    uint32_t order[CANDIDATE_MAX] = { 0 };
    char ids[CANDIDATE_MAX * ID_SIZE] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        uint32_t at = randombytes_uniform(i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        used += (size_t)snprintf(ids + used, sizeof(ids) - used, "%s%s", i > 0 ? "," : "",
                                 contest->candidates[order[i]].id);
    }
    act->params[0] = '\0';
    return detail_put(act->params, "order", ids);
}

static enum transition transition_of(const struct room *room, const struct act *act)
{
    const struct round *current = sitting_current(room->sitting);
    switch (act->kind) {
    case ACT_OPEN:
        return TRANSITION_OPEN;
    case ACT_PAUSE:
        return TRANSITION_PAUSE;
    case ACT_CLOSE:
        return TRANSITION_CLOSE;
    case ACT_VOID: /* of a round before it closes nothing for the one that is open */
        return current != NULL && act->round == current->number ? TRANSITION_CLOSE
                                                                : TRANSITION_OTHER;
    case ACT_ASK:
        return TRANSITION_ASK;
    case ACT_REVOKE:
        return TRANSITION_REVOKE;
    default:
        return TRANSITION_OTHER;
    }
}

static enum room_outcome officer_control(struct room *room, struct sender sender,
                                         const struct control *control, struct act *act,
                                         struct refused *refused)
{
    struct fault why = { 0 };
    enum room_outcome outcome;
    if (act->kind == ACT_OPEN) {
        outcome = open_control(room, sender, control, act, refused);
    } else {
        act->round = control->round;
        act->number = control->number;
        memcpy(act->contest, control->contest, sizeof(act->contest));
        memcpy(act->params, control->params, sizeof(act->params));
        bool is_drawn = act->kind != ACT_LOT || lot_draw(room, act);
        enum status status =
            is_drawn ? sitting_may_act(room->sitting, act, &why)
                     : fault_set(&why, STATUS_INVALID, "", "the order does not fit a record");
        if (status == STATUS_OK && act->kind == ACT_REPLACE) {
            status = custody_replace(room->custody, (uint32_t)act->number, &why);
        }
        if (status != STATUS_OK) {
            return refuse_why(refused, control->id, status, &why);
        }
        outcome = act_offer(room, sender, control->id, act, refused);
    }
    if (outcome == ROOM_PENDING) {
        room->transition = transition_of(room, act);
        room->revoking_seat = act->kind == ACT_REVOKE ? (uint32_t)act->number : 0;
        room->transition_ticket = room->last_ticket;
    }
    return outcome;
}

/* The id of a parameter that names one of the event; false: the take does not have it. */
static bool control_names(const struct control *control, const char *key, char id[ID_SIZE])
{
    return params_get(control->params, key, id, ID_SIZE);
}

/* Whether what a scene is to show is in the event, and of a kind that it can show. */
static enum status scene_check(const struct event *event, const struct control *control,
                               struct fault *fault)
{
    char id[ID_SIZE];
    bool is_of_marks = control->scene == SCENE_STRIP || control->scene == SCENE_BOARD ||
                       control->scene == SCENE_MATRIX;
    if (!control_names(control, "contest", id)) {
        return STATUS_OK;
    }
    int32_t at = event_find_contest(event, id);
    if (at < 0) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no such contest");
    }
    const struct contest *contest = &event->contests[at];
    if (is_of_marks && contest->kind != CONTEST_APPRAISAL) {
        return fault_set(fault, STATUS_INVALID, "",
                         "scene '%s' shows appraisals, and contest '%s' is none: its kind is %s",
                         scene_name(control->scene), contest->id, contest_kind_name(contest->kind));
    }
    if (control->scene == SCENE_RACE && contest->kind != CONTEST_ELECTION) {
        return fault_set(fault, STATUS_INVALID, "",
                         "scene 'race' shows elections, and contest '%s' is none: its kind is %s",
                         contest->id, contest_kind_name(contest->kind));
    }
    if (control->scene == SCENE_RESULT && contest->kind == CONTEST_APPRAISAL &&
        !control_names(control, "subject", id)) {
        return fault_set(fault, STATUS_INVALID, "",
                         "scene 'result' shows one subject of an appraisal: name it");
    }
    if (control_names(control, "subject", id) && contest_find_subject(contest, id) < 0) {
        return contest->kind == CONTEST_APPRAISAL
                   ? fault_set(fault, STATUS_NOT_FOUND, "", "no such subject")
                   : fault_set(fault, STATUS_INVALID, "",
                               "contest '%s' has no subjects: its kind is %s, name a candidate",
                               contest->id, contest_kind_name(contest->kind));
    }
    if (control_names(control, "candidate", id) && contest_find_candidate(contest, id) < 0) {
        return contest->candidate_count > 0
                   ? fault_set(fault, STATUS_NOT_FOUND, "", "no such candidate")
                   : fault_set(fault, STATUS_INVALID, "",
                               "contest '%s' has no candidates: its kind is %s", contest->id,
                               contest_kind_name(contest->kind));
    }
    return STATUS_OK;
}

static enum room_outcome programme_control(struct room *room, struct sender sender,
                                           const struct control *control, struct act *act,
                                           struct refused *refused)
{
    act->bus = control->bus;
    act->layer = control->layer;
    if (control->kind == CONTROL_TAKE) {
        snprintf(act->scene, sizeof(act->scene), "%s", scene_name(control->scene));
        memcpy(act->params, control->params, PARAMS_SIZE);
        act->params[PARAMS_SIZE - 1] = '\0';
        struct fault why = { 0 };
        enum status status = scene_check(room->event, control, &why);
        status = status == STATUS_OK ? room_take_check(control, &why) : status;
        if (status != STATUS_OK) {
            return refuse_why(refused, control->id, status, &why);
        }
    }
    if (control->kind == CONTROL_CONTINUE &&
        !sitting_programme(room->sitting)->layers[control->bus][control->layer].is_taken) {
        return room_refuse(refused, control->id, REFUSAL_FORBIDDEN_NOW,
                           "nothing is on this layer of the bus");
    }
    return act_offer(room, sender, control->id, act, refused);
}

/* A slip of the hand must not empty the programme: that is what clear is for. */
static enum room_outcome cut_control(struct room *room, struct sender sender,
                                     const struct control *control, const struct act *act,
                                     struct refused *refused)
{
    const struct programme *programme = sitting_programme(room->sitting);
    for (int i = LAYER_INVALID + 1; i < LAYER_COUNT; i++) {
        if (programme->layers[BUS_PREVIEW][i].is_taken) {
            return act_offer(room, sender, control->id, act, refused);
        }
    }
    return room_refuse(refused, control->id, REFUSAL_FORBIDDEN_NOW,
                       "the preview is empty: clear all takes the programme off");
}

static void act_begin(struct act *act, enum control_kind kind, const char *post, int64_t now_ms)
{
    memset(act, 0, sizeof(*act));
    act->kind = act_of(kind);
    act->at_ms = now_ms;
    snprintf(act->post, sizeof(act->post), "%s", post);
}

enum room_outcome room_control(struct room *room, struct sender sender, const char *post,
                               const struct control *control, int64_t now_ms,
                               struct refused *refused)
{
    struct act act;
    act_begin(&act, control->kind, post, now_ms);
    if (act.kind == ACT_INVALID) {
        return room_refuse(refused, control->id, REFUSAL_BAD_MESSAGE, "not an act");
    }
    if (act.kind == ACT_TAKE || act.kind == ACT_CONTINUE || act.kind == ACT_CLEAR) {
        return programme_control(room, sender, control, &act, refused);
    }
    if (act.kind == ACT_CUT) {
        return cut_control(room, sender, control, &act, refused);
    }
    if (room->transition == TRANSITION_SERVER && !room->has_held) {
        room->has_held = true;
        room->held.sender = sender;
        room->held.control = *control;
        room->held.now_ms = now_ms;
        memcpy(room->held.post, act.post, sizeof(room->held.post));
        return ROOM_PENDING;
    }
    if (room->transition != TRANSITION_NONE) {
        return room_refuse(refused, control->id, REFUSAL_FORBIDDEN_NOW,
                           "another act of an officer is under way");
    }
    return officer_control(room, sender, control, &act, refused);
}

void room_held_do(struct room *room)
{
    struct refused refused;
    struct act act;
    if (!room->has_held || room->transition != TRANSITION_NONE) {
        return;
    }
    room->has_held = false;
    const struct held_act *held = &room->held;
    act_begin(&act, held->control.kind, held->post, held->now_ms);
    if (officer_control(room, held->sender, &held->control, &act, &refused) == ROOM_REFUSED) {
        room->handlers.refused(room->handlers.ctx, held->sender, &refused);
    }
}
