/*
 * What posts ask for: who may ask for what, the status of the hall, the cards that wait for a
 * ruling; acts go on to the room.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "server/model/utf8.h"
#include "server/service/session_impl.h"

/* The step of the rundown that is under way, the latest of them. */
static void step_fill(const struct sitting *sitting, struct status_report *status)
{
    const struct event *event = sitting_event(sitting);
    for (uint32_t i = 0; i < event->step_count; i++) {
        const struct step_progress *progress = sitting_step(sitting, i);
        if (progress->begun_ms != 0 && progress->ended_ms == 0 &&
            progress->begun_ms >= status->step_begun_ms) {
            status->step_begun_ms = progress->begun_ms;
            memcpy(status->step, event->steps[i].id, ID_SIZE);
        }
    }
}

/* What is live; an overlay that is connected and silent is not. */
static void overlays_fill(const struct sessions *sessions, struct status_report *status)
{
    static_assert(OVERLAY_PLACES == OVERLAY_MAX, "a status names every overlay that is kept");
    for (uint32_t i = 0; i < OVERLAY_PLACES; i++) {
        const struct overlay *overlay =
            overlays_at(&sessions->overlays, i, sessions->now.steady_ms);
        if (overlay != NULL) {
            struct overlay_status *own = &status->air[status->air_count++];
            memcpy(own->post, overlay->post, sizeof(own->post));
            own->report = overlay->report;
        }
    }
}

static void status_send(struct sessions *sessions, uint32_t conn, uint64_t id)
{
    const struct sitting *sitting = room_sitting(sessions->options.room);
    const struct round *round = sitting_latest(sitting);
    struct message *message = &sessions->message;
    message->kind = MESSAGE_STATUS;
    struct status_report *status = &message->status;
    memset(status, 0, sizeof(*status));
    status->id = id;
    snprintf(status->event, sizeof(status->event), "%s", sessions->options.event->id);
    snprintf(status->log_id, sizeof(status->log_id), "%s", sessions->options.log_id);
    room_round_notice(sessions->options.room, &status->round);
    status->registered = event_vote_count(sessions->options.event);
    status->connected_voters = sessions->counts.open[ROLE_VOTER];
    status->cast_count = round != NULL ? round->tally.cast_count : 0;
    struct attendance_counts counts;
    attendance_count(sitting_attendance(sitting), &counts);
    status->is_check_in_open = sitting_check_in_is_open(sitting);
    status->present = group_sum(counts.present);
    status->issued = round != NULL ? group_sum(round->at_open.electors) : 0;
    if (round != NULL && round->figures != NULL) {
        status->pending = round->figures->pending;
        status->decision = round->figures->decision;
    }
    status->epoch = publisher_epoch(sessions->options.publisher, AUDIENCE_PUBLIC);
    status->recorded_total = room_recorded_total(sessions->options.room);
    status->overlays = sessions->counts.open[ROLE_OVERLAY];
    status->unsafe_disk = sessions->options.is_disk_unsafe;
    status->storage = sessions->storage;
    step_fill(sitting, status);
    overlays_fill(sessions, status);
    session_send_message(sessions, conn, message);
}

static bool role_may_control(enum role role, enum control_kind kind)
{
    switch (kind) {
    case CONTROL_TAKE:
    case CONTROL_CONTINUE:
    case CONTROL_CLEAR:
    case CONTROL_CUT:
        return role == ROLE_OPERATOR;
    case CONTROL_STEP:
        return role == ROLE_OFFICER || role == ROLE_OPERATOR;
    case CONTROL_CASES:
        return role == ROLE_OFFICER || role == ROLE_SCRUTINEER;
    case CONTROL_STATUS:
        return role == ROLE_OFFICER || role == ROLE_OPERATOR || role == ROLE_SCRUTINEER;
    case CONTROL_INVALID:
    case CONTROL_COUNT:
        return false;
    default:
        return role == ROLE_OFFICER;
    }
}

/* The programme is drawn by an overlay's or a screen's token, the preview by a desk's. */
static bool role_draws(enum role role)
{
    return role == ROLE_OVERLAY || role == ROLE_SCREEN || role == ROLE_OPERATOR ||
           role == ROLE_OFFICER;
}

static void cases_send(struct sessions *sessions, uint32_t conn, const struct control *control)
{
    struct message *message = &sessions->message;
    message->kind = MESSAGE_CASES;
    if (!room_cases(sessions->options.room, control->round, &message->cases)) {
        session_refuse(sessions, conn, true, control->id, REFUSAL_BAD_VALUE,
                       "no such round was opened");
        return;
    }
    message->cases.id = control->id;
    session_send_message(sessions, conn, message);
}

void sessions_storage(struct sessions *sessions, enum storage storage, const char *text)
{
    struct message *message = &sessions->message;
    sessions->storage = storage;
    message->kind = MESSAGE_ALERT;
    message->alert.storage = storage;
    snprintf(message->alert.text, sizeof(message->alert.text), "%.*s",
             (int)utf8_cut(text, sizeof(message->alert.text) - 1), text);
    for (uint32_t conn = 0; conn < sessions->options.conn_max; conn++) {
        const struct session *session = &sessions->table[conn];
        if (session->is_open && role_may_control(session->role, CONTROL_STATUS)) {
            session_send_message(sessions, conn, message);
        }
    }
}

void session_overlay(struct sessions *sessions, uint32_t conn, const struct message *message)
{
    struct session *session = &sessions->table[conn];
    int64_t now_ms = sessions->now.steady_ms;
    if (!role_draws(session->role)) {
        session_refuse_bad(sessions, conn, false, 0, REFUSAL_WRONG_ROLE, "this role draws nothing");
    } else if (message->kind == MESSAGE_PICTURE) {
        pictures_put(&sessions->pictures, conn, &message->picture, now_ms);
    } else {
        overlays_put(&sessions->overlays, conn, sessions->options.event->posts[session->post].id,
                     &message->air, now_ms);
    }
}

void session_control(struct sessions *sessions, uint32_t conn, const struct control *control,
                     int64_t now_ms)
{
    struct session *session = &sessions->table[conn];
    if (!role_may_control(session->role, control->kind)) {
        session_refuse_bad(sessions, conn, true, control->id, REFUSAL_WRONG_ROLE,
                           "this role may not do that");
        return;
    }
    if (control->kind == CONTROL_STATUS) {
        status_send(sessions, conn, control->id);
        return;
    }
    if (control->kind == CONTROL_CASES) {
        cases_send(sessions, conn, control);
        return;
    }
    struct sender sender = { .conn = conn, .generation = session->generation };
    if (control->kind == CONTROL_BACKUP) {
        sessions->options.house.backup(sessions->options.house.ctx, sender, control->id);
        return;
    }
    struct refused refused;
    const char *post = sessions->options.event->posts[session->post].id;
    if (room_control(sessions->options.room, sender, post, control, now_ms, &refused) ==
        ROOM_REFUSED) {
        session_send_refused(sessions, conn, &refused);
    }
}
