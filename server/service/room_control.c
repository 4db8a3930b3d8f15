/*
 * The acts of posts: rounds opened, paused, resumed and closed; scenes taken and cleared.
 */
#include <stdio.h>
#include <string.h>

#include "server/service/room_impl.h"

static enum room_outcome act_offer(struct room *room, struct sender sender, uint64_t id,
                                   const struct act *act, struct refused *refused)
{
    if (room->pending_count >= ROOM_PENDING_MAX) {
        return room_refuse(refused, id, REFUSAL_BUSY, "too much waits for the log");
    }
    uint64_t ticket;
    enum status status = votelog_append_act(room->log, act, &ticket);
    if (status != STATUS_OK) {
        return room_refuse(refused, id, status == STATUS_FULL ? REFUSAL_BUSY : REFUSAL_STORAGE,
                           status == STATUS_FULL ? "too much waits for the log" : "the log failed");
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

static enum room_outcome round_control(struct room *room, struct sender sender,
                                       const struct control *control, struct act *act,
                                       struct refused *refused)
{
    if (room->transition != TRANSITION_NONE) {
        return room_refuse(refused, control->id, REFUSAL_FORBIDDEN_NOW,
                           "another act on a round is under way");
    }
    struct fault why = { 0 };
    enum status status;
    enum transition transition;
    bool is_new_round = false;
    if (control->kind == CONTROL_OPEN) {
        status =
            sitting_may_open(room->sitting, control->contest, control->subject, &act->round, &why);
        act->kind = ACT_OPEN;
        act->number = room->event->seat_count;
        snprintf(act->contest, sizeof(act->contest), "%s", control->contest);
        snprintf(act->subject, sizeof(act->subject), "%s", control->subject);
        transition = TRANSITION_OPEN;
        is_new_round = act->round > sitting_round_count(room->sitting);
    } else if (control->kind == CONTROL_PAUSE) {
        status = sitting_may_pause(room->sitting, control->round, &act->round, &why);
        act->kind = ACT_PAUSE;
        transition = TRANSITION_PAUSE;
    } else {
        status = sitting_may_close(room->sitting, control->round, &act->round, &why);
        act->kind = ACT_CLOSE;
        transition = TRANSITION_CLOSE;
    }
    if (status != STATUS_OK) {
        return room_refuse(refused, control->id,
                           status == STATUS_NOT_FOUND ? REFUSAL_BAD_VALUE : REFUSAL_FORBIDDEN_NOW,
                           why.text);
    }
    if (is_new_round) {
        struct act zero = *act;
        zero.kind = ACT_ZERO_CHECK;
        zero.number = sitting_early_total(room->sitting);
        if (zero.number != 0) {
            return room_refuse(refused, control->id, REFUSAL_FORBIDDEN_NOW,
                               "zero check failed: the log holds marks of a round never opened");
        }
        uint64_t ticket;
        status = votelog_append_act(room->log, &zero, &ticket);
        if (status != STATUS_OK) {
            return room_refuse(refused, control->id, REFUSAL_STORAGE, "the log takes no more");
        }
    }
    enum room_outcome outcome = act_offer(room, sender, control->id, act, refused);
    if (outcome == ROOM_PENDING) {
        room->transition = transition;
    }
    return outcome;
}

static enum room_outcome programme_control(struct room *room, struct sender sender,
                                           const struct control *control, struct act *act,
                                           struct refused *refused)
{
    act->bus = control->bus;
    act->layer = control->layer;
    act->kind = ACT_CLEAR;
    if (control->kind == CONTROL_TAKE) {
        act->kind = ACT_TAKE;
        snprintf(act->scene, sizeof(act->scene), "%s", scene_name(control->scene));
        memcpy(act->params, control->params, sizeof(act->params));
        char contest[ID_SIZE];
        char subject[ID_SIZE];
        if (params_get(control->params, "contest", contest, sizeof(contest))) {
            int32_t at = event_find_contest(room->event, contest);
            if (at < 0) {
                return room_refuse(refused, control->id, REFUSAL_BAD_VALUE, "no such contest");
            }
            if (params_get(control->params, "subject", subject, sizeof(subject)) &&
                contest_find_subject(&room->event->contests[at], subject) < 0) {
                return room_refuse(refused, control->id, REFUSAL_BAD_VALUE, "no such subject");
            }
        }
    }
    return act_offer(room, sender, control->id, act, refused);
}

enum room_outcome room_control(struct room *room, struct sender sender, const char *post,
                               const struct control *control, int64_t now_ms,
                               struct refused *refused)
{
    struct act act = { .at_ms = now_ms };
    snprintf(act.post, sizeof(act.post), "%s", post);
    switch (control->kind) {
    case CONTROL_OPEN:
    case CONTROL_PAUSE:
    case CONTROL_CLOSE:
        return round_control(room, sender, control, &act, refused);
    case CONTROL_TAKE:
    case CONTROL_CLEAR:
        return programme_control(room, sender, control, &act, refused);
    default:
        return room_refuse(refused, control->id, REFUSAL_BAD_MESSAGE, "not an act");
    }
}
