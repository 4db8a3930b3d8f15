#include "server/service/session_impl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status sessions_create(const struct session_options *options, struct sessions **out,
                            struct fault *fault)
{
    *out = NULL;
    struct sessions *sessions = calloc(1, sizeof(*sessions));
    if (sessions == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the sessions");
    }
    sessions->options = *options;
    sessions->was_check_in_open = sitting_check_in_is_open(room_sitting(options->room));
    sessions->storage = STORAGE_GOOD;
    sessions->table = calloc(options->conn_max, sizeof(*sessions->table));
    sessions->seat_conn = calloc(options->event->seat_count, sizeof(*sessions->seat_conn));
    sessions->post_conn = calloc(options->event->post_count + 1, sizeof(*sessions->post_conn));
    sessions->seat_barred_ms =
        calloc(options->event->seat_count, sizeof(*sessions->seat_barred_ms));
    sessions->post_barred_ms =
        calloc(options->event->post_count + 1, sizeof(*sessions->post_barred_ms));
    if (sessions->table == NULL || sessions->seat_conn == NULL || sessions->post_conn == NULL ||
        sessions->seat_barred_ms == NULL || sessions->post_barred_ms == NULL) {
        sessions_destroy(sessions);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the sessions");
    }
    *out = sessions;
    return STATUS_OK;
}

void sessions_destroy(struct sessions *sessions)
{
    if (sessions == NULL) {
        return;
    }
    pictures_finish(&sessions->pictures);
    free(sessions->table);
    free(sessions->seat_conn);
    free(sessions->post_conn);
    free(sessions->seat_barred_ms);
    free(sessions->post_barred_ms);
    free(sessions);
}

const struct session_counts *sessions_counts(const struct sessions *sessions)
{
    return &sessions->counts;
}

const struct overlays *sessions_overlays(const struct sessions *sessions)
{
    return &sessions->overlays;
}

const struct pictures *sessions_pictures(const struct sessions *sessions)
{
    return &sessions->pictures;
}

bool role_hears_views(enum role role)
{
    return role >= ROLE_VIEWER && role != ROLE_VOTER && role != ROLE_BASE;
}

bool role_hears_programme(enum role role)
{
    return role >= ROLE_OVERLAY;
}

void session_send_text(struct sessions *sessions, uint32_t conn, const char *text, size_t size)
{
    if (size > 0 && !sessions->table[conn].is_hanging_up) {
        sessions->options.wire.send(sessions->options.wire.ctx, conn, text, size);
    }
}

void session_send_message(struct sessions *sessions, uint32_t conn, const struct message *message)
{
    size_t size = message_encode(message, sessions->out, sizeof(sessions->out));
    session_send_text(sessions, conn, sessions->out, size);
}

void session_hang_up(struct sessions *sessions, uint32_t conn, uint16_t code, const char *reason)
{
    struct session *session = &sessions->table[conn];
    if (!session->is_hanging_up) {
        session->is_hanging_up = true;
        sessions->options.wire.hang_up(sessions->options.wire.ctx, conn, code, reason);
    }
}

void session_send_refused(struct sessions *sessions, uint32_t conn, const struct refused *refused)
{
    sessions->counts.refused_total[refused->refusal]++;
    size_t size = refused_encode(refused, sessions->out, sizeof(sessions->out));
    session_send_text(sessions, conn, sessions->out, size);
}

void session_refuse(struct sessions *sessions, uint32_t conn, bool has_id, uint64_t id,
                    enum refusal refusal, const char *text)
{
    struct refused refused = { .has_id = has_id, .id = id, .refusal = refusal };
    snprintf(refused.text, sizeof(refused.text), "%s", text);
    session_send_refused(sessions, conn, &refused);
}

/* A message that should not have come: refused, and after the third the connection ends. */
void session_refuse_bad(struct sessions *sessions, uint32_t conn, bool has_id, uint64_t id,
                        enum refusal refusal, const char *text)
{
    session_refuse(sessions, conn, has_id, id, refusal, text);
    struct session *session = &sessions->table[conn];
    if (++session->bad_count >= SESSION_BAD_MESSAGE_MAX && !session->is_hanging_up) {
        session_penalise(sessions, session);
        session_hang_up(sessions, conn, CLOSE_POLICY, "too many bad messages");
    }
}

void sessions_opened(struct sessions *sessions, uint32_t conn, bool is_desk, int64_t steady_ms)
{
    assert(conn < sessions->options.conn_max);
    struct session *session = &sessions->table[conn];
    uint32_t generation = session->generation + 1;
    memset(session, 0, sizeof(*session));
    session->generation = generation;
    session->post = -1;
    session->opened_ms = steady_ms;
    session->is_open = true;
    session->is_desk = is_desk;
    sessions->counts.open[ROLE_INVALID]++;
}

void sessions_closed(struct sessions *sessions, uint32_t conn)
{
    struct session *session = &sessions->table[conn];
    if (!session->is_open) {
        return;
    }
    session->is_open = false;
    session->generation++;
    sessions->counts.open[session->role]--;
    sessions->desk_viewers -= session->is_desk && session->role == ROLE_VIEWER;
    overlays_leave(&sessions->overlays, conn);
    pictures_leave(&sessions->pictures, conn);
    if (session->seat != 0 && sessions->seat_conn[session->seat - 1] == conn + 1) {
        sessions->seat_conn[session->seat - 1] = 0;
    }
    if (session->post >= 0 && sessions->post_conn[session->post] == conn + 1) {
        sessions->post_conn[session->post] = 0;
    }
}

static bool base_seats_fit(const struct sessions *sessions, const struct session *session,
                           const struct cast *cast)
{
    const struct post *post = &sessions->options.event->posts[session->post];
    for (uint32_t i = 0; i < cast->card_count; i++) {
        uint32_t seat = cast->cards[i].seat;
        if (seat < post->first_seat || seat - post->first_seat >= post->seat_count) {
            return false;
        }
    }
    return true;
}

/* Whether a voter's pace allows one more cast now. */
static bool cast_is_in_time(struct session *session, int64_t steady_ms)
{
    if (session->cast_due_ms < steady_ms) {
        session->cast_due_ms = steady_ms;
    }
    if (session->cast_due_ms - steady_ms >= SESSION_CAST_BURST * SESSION_CAST_MS) {
        return false;
    }
    session->cast_due_ms += SESSION_CAST_MS;
    return true;
}

static void cast_handle(struct sessions *sessions, uint32_t conn, const struct message *message,
                        int64_t steady_ms)
{
    struct session *session = &sessions->table[conn];
    const struct cast *cast = &message->cast;
    enum role needed = message->kind == MESSAGE_CAST ? ROLE_VOTER : ROLE_BASE;
    if (session->role != needed) {
        session_refuse_bad(sessions, conn, true, cast->id, REFUSAL_WRONG_ROLE,
                           "this role may not cast so");
        return;
    }
    if (needed == ROLE_VOTER && !cast_is_in_time(session, steady_ms)) {
        session_refuse(sessions, conn, true, cast->id, REFUSAL_BUSY,
                       "more casts than a person makes");
        return;
    }
    if (needed == ROLE_BASE && !base_seats_fit(sessions, session, cast)) {
        session_refuse(sessions, conn, true, cast->id, REFUSAL_BAD_VALUE,
                       "a seat is not of this base station");
        return;
    }
    struct sender sender = { .conn = conn, .generation = session->generation };
    struct refused refused;
    switch (
        room_cast(sessions->options.room, sender, session->seat, cast, &sessions->ack, &refused)) {
    case ROOM_ANSWERED:
        sessions_acked(sessions, sender, &sessions->ack);
        break;
    case ROOM_REFUSED:
        session_send_refused(sessions, conn, &refused);
        break;
    default:
        break;
    }
}

void sessions_message(struct sessions *sessions, uint32_t conn, const char *text, size_t size,
                      struct moment now)
{
    struct session *session = &sessions->table[conn];
    if (!session->is_open || session->is_hanging_up || session->answer_due_ms != 0) {
        return;
    }
    sessions->now = now;
    sessions->counts.message_total++;
    bool has_id = false;
    uint64_t id = 0;
    struct fault fault = { 0 };
    struct message *message = &sessions->message;
    enum status status = message_decode(text, size, message, &has_id, &id, &fault);
    if (status == STATUS_NOMEM) { /* no fault of the peer's: it comes back and sends it again */
        session_hang_up(sessions, conn, CLOSE_TRY_LATER, "no memory for a message");
        return;
    }
    if (status != STATUS_OK) {
        char why[REFUSAL_TEXT_SIZE];
        snprintf(why, sizeof(why), "%.60s: %.90s", fault.where, fault.text);
        session_refuse_bad(sessions, conn, has_id, id, REFUSAL_BAD_MESSAGE, why);
        return;
    }
    if (message->kind != MESSAGE_HELLO && session->role == ROLE_INVALID) {
        session_refuse_bad(sessions, conn, has_id, id, REFUSAL_WRONG_ROLE, "say hello first");
    } else if (message->kind == MESSAGE_HELLO) {
        struct hello hello = message->hello;
        session_hello(sessions, conn, &hello);
    } else if (message->kind == MESSAGE_CAST || message->kind == MESSAGE_CASTS) {
        cast_handle(sessions, conn, message, now.steady_ms);
    } else if (message->kind == MESSAGE_CONTROL) {
        struct control control = message->control;
        session_control(sessions, conn, &control, now.unix_ms);
    } else if (message->kind == MESSAGE_AIR || message->kind == MESSAGE_PICTURE) {
        session_overlay(sessions, conn, message);
    } else {
        session_refuse_bad(sessions, conn, has_id, id, REFUSAL_BAD_MESSAGE,
                           "only servers send that");
        message_finish(message);
    }
}

static bool sender_is_here(const struct sessions *sessions, struct sender sender)
{
    const struct session *session = &sessions->table[sender.conn];
    return session->is_open && session->generation == sender.generation;
}

void sessions_acked(void *ctx, struct sender sender, const struct ack *ack)
{
    struct sessions *sessions = ctx;
    if (!sender_is_here(sessions, sender)) {
        return; /* it will ask again, and get the same ack */
    }
    sessions->counts.ack_total++;
    bool is_base = sessions->table[sender.conn].role == ROLE_BASE;
    size_t size = ack_encode(ack, is_base, sessions->out, sizeof(sessions->out));
    session_send_text(sessions, sender.conn, sessions->out, size);
}

void sessions_done(void *ctx, struct sender sender, const struct done *done)
{
    struct sessions *sessions = ctx;
    if (!sender_is_here(sessions, sender)) {
        return;
    }
    struct message *message = &sessions->message;
    message->kind = MESSAGE_DONE;
    message->done = *done;
    session_send_message(sessions, sender.conn, message);
}

void sessions_refused(void *ctx, struct sender sender, const struct refused *refused)
{
    struct sessions *sessions = ctx;
    if (sender_is_here(sessions, sender)) {
        session_send_refused(sessions, sender.conn, refused);
    }
}

void sessions_roll_changed(struct sessions *sessions, int64_t steady_ms)
{
    const struct sitting *sitting = room_sitting(sessions->options.room);
    const struct attendance *attendance = sitting_attendance(sitting);
    bool is_check_in_open = sitting_check_in_is_open(sitting);
    bool has_check_in_begun = is_check_in_open && !sessions->was_check_in_open;
    sessions->was_check_in_open = is_check_in_open;
    for (uint32_t seat = 1; seat <= sessions->options.event->seat_count; seat++) {
        uint32_t place = sessions->seat_conn[seat - 1];
        if (place == 0) {
            continue;
        }
        if (attendance_is_enabled(attendance, seat)) {
            if (has_check_in_begun) { /* later, whoever was checked out has left */
                room_arrived(sessions->options.room, seat, steady_ms);
            }
        } else {
            session_refuse(sessions, place - 1, false, 0, REFUSAL_BAD_CREDENTIAL,
                           "this credential was revoked");
            session_hang_up(sessions, place - 1, CLOSE_POLICY, "revoked");
        }
    }
}

/* One message, encoded once, to every session that `hears` picks. */
static void broadcast(struct sessions *sessions, const struct message *message,
                      bool (*hears)(enum role role))
{
    size_t size = message_encode(message, sessions->out, sizeof(sessions->out));
    for (uint32_t conn = 0; size > 0 && conn < sessions->options.conn_max; conn++) {
        const struct session *session = &sessions->table[conn];
        if (session->is_open && session->role != ROLE_INVALID && hears(session->role)) {
            session_send_text(sessions, conn, sessions->out, size);
        }
    }
}

static bool role_hears_rounds(enum role role)
{
    return role != ROLE_VIEWER && role != ROLE_OVERLAY && role != ROLE_SCREEN;
}

void sessions_round_changed(void *ctx)
{
    struct sessions *sessions = ctx;
    sessions->message.kind = MESSAGE_ROUND;
    room_round_notice(sessions->options.room, &sessions->message.round);
    broadcast(sessions, &sessions->message, role_hears_rounds);
}

void sessions_programme_changed(void *ctx)
{
    struct sessions *sessions = ctx;
    sessions->message.kind = MESSAGE_PROGRAMME;
    sessions->message.programme = *sitting_programme(room_sitting(sessions->options.room));
    broadcast(sessions, &sessions->message, role_hears_programme);
}

void sessions_published(struct sessions *sessions, uint32_t audiences)
{
    for (uint32_t conn = 0; conn < sessions->options.conn_max; conn++) {
        struct session *session = &sessions->table[conn];
        if (session->is_open && role_hears_views(session->role) &&
            (audiences & (1u << session->audience)) != 0 && !session->has_view_waiting) {
            session->has_view_waiting = true;
            sessions->options.wire.view_ready(sessions->options.wire.ctx, conn);
        }
    }
}

struct blob *sessions_view(struct sessions *sessions, uint32_t conn)
{
    struct session *session = &sessions->table[conn];
    session->has_view_waiting = false;
    if (!session->is_open || session->is_hanging_up || !role_hears_views(session->role)) {
        return NULL;
    }
    uint64_t epoch = publisher_epoch(sessions->options.publisher, session->audience);
    if (epoch == session->view_epoch) {
        return NULL;
    }
    session->view_epoch = epoch;
    return publisher_view(sessions->options.publisher, session->audience);
}
