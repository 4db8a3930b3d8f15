/*
 * Who a connection is: its hello, the places kept for the roll, and what a failed hello and bad
 * messages cost. A hall is one address: nothing here holds back a valid credential for what others
 * of its address do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/service/session_impl.h"

#define DESK_VIEWERS 256u /* viewers on the desk's listener, at most */

bool sessions_is_known(const struct sessions *sessions, uint32_t conn)
{
    const struct session *session = &sessions->table[conn];
    return session->is_open && session->role != ROLE_INVALID && !session->is_hanging_up;
}

bool sessions_asks_much(const struct sessions *sessions, uint32_t conn)
{
    enum role role = sessions->table[conn].role;
    return role != ROLE_INVALID && role != ROLE_VIEWER && role != ROLE_VOTER;
}

void sessions_set_address(struct sessions *sessions, uint32_t conn, uint64_t address)
{
    sessions->table[conn].address = address;
}

/* Viewers leave a place to every voter, to the desk, and to those who are just coming. */
static bool viewer_fits(const struct sessions *sessions, bool is_desk)
{
    uint32_t conn_max = sessions->options.conn_max;
    uint32_t spare = conn_max / 4 < 2 * SESSION_SPARE ? conn_max / 4 : 2 * SESSION_SPARE;
    uint32_t kept = sessions->options.event->seat_count + spare;
    uint32_t most = conn_max > kept ? conn_max - kept : 0;
    return is_desk ? sessions->desk_viewers < DESK_VIEWERS
                   : sessions->counts.open[ROLE_VIEWER] - sessions->desk_viewers < most;
}

static void failure_answer(struct sessions *sessions, uint32_t conn, enum refusal refusal,
                           const char *text)
{
    session_refuse(sessions, conn, false, 0, refusal, text);
    session_hang_up(sessions, conn, CLOSE_POLICY, refusal_name(refusal));
}

/* text: a constant, kept until it is said. */
static void hello_fail(struct sessions *sessions, uint32_t conn, enum refusal refusal,
                       const char *text)
{
    struct session *session = &sessions->table[conn];
    int64_t now_ms = sessions->now.steady_ms;
    int64_t due_ms =
        session->address != 0 ? pace_take(&sessions->failures, session->address, now_ms) : now_ms;
    if (due_ms <= now_ms) {
        failure_answer(sessions, conn, refusal, text);
        return;
    }
    session->answer_due_ms = due_ms;
    session->answer = refusal;
    session->answer_text = text;
}

void sessions_sweep(struct sessions *sessions, int64_t steady_ms)
{
    if (sessions->counts.open[ROLE_INVALID] == 0) {
        return;
    }
    for (uint32_t conn = 0; conn < sessions->options.conn_max; conn++) {
        struct session *session = &sessions->table[conn];
        if (!session->is_open || session->role != ROLE_INVALID) {
            continue;
        }
        if (session->answer_due_ms != 0) {
            if (steady_ms >= session->answer_due_ms) {
                failure_answer(sessions, conn, session->answer, session->answer_text);
            }
        } else if (steady_ms - session->opened_ms > SESSION_HELLO_MS) {
            session_hang_up(sessions, conn, CLOSE_POLICY, "no hello in time");
        }
    }
}

void session_penalise(struct sessions *sessions, const struct session *session)
{
    int64_t until_ms = sessions->now.steady_ms + SESSION_PENALTY_MS;
    if (session->role == ROLE_VOTER) {
        sessions->seat_barred_ms[session->seat - 1] = until_ms;
    } else if (session->role == ROLE_BASE) {
        sessions->post_barred_ms[session->post] = until_ms;
    } else if (session->role == ROLE_INVALID && session->address != 0) {
        pace_hold(&sessions->failures, session->address, until_ms);
    }
}

/* The newer connection holds the place; the older one is told and ends. */
static void place_take(struct sessions *sessions, uint32_t *place, uint32_t conn)
{
    uint32_t old = *place;
    *place = conn + 1;
    if (old != 0 && old != conn + 1) {
        session_refuse(sessions, old - 1, false, 0, REFUSAL_REPLACED,
                       "a newer connection holds this credential");
        session_hang_up(sessions, old - 1, CLOSE_POLICY, "replaced");
    }
}

/* The versions of the seats this connection casts for; given (free()). False: no memory. */
static bool versions_collect(struct sessions *sessions, const struct session *session,
                             struct seat_versions **versions, uint32_t *found)
{
    uint32_t first = session->seat;
    uint32_t count = session->role == ROLE_VOTER ? 1 : 0;
    if (session->role == ROLE_BASE) {
        first = sessions->options.event->posts[session->post].first_seat;
        count = sessions->options.event->posts[session->post].seat_count;
    }
    *versions = count > 0 ? calloc(count, sizeof(**versions)) : NULL;
    *found = 0;
    for (uint32_t i = 0; *versions != NULL && i < count; i++) {
        if (room_versions(sessions->options.room, first + i, &(*versions)[*found])) {
            ++*found;
        }
    }
    return *versions != NULL || count == 0;
}

static void send_programme(struct sessions *sessions, uint32_t conn)
{
    sessions->message.kind = MESSAGE_PROGRAMME;
    sessions->message.programme = *sitting_programme(room_sitting(sessions->options.room));
    session_send_message(sessions, conn, &sessions->message);
}

static void send_welcome(struct sessions *sessions, uint32_t conn)
{
    struct session *session = &sessions->table[conn];
    struct message *message = &sessions->message;
    message->kind = MESSAGE_WELCOME;
    struct welcome *welcome = &message->welcome;
    memset(welcome, 0, sizeof(*welcome));
    welcome->protocol = PROTOCOL_VERSION;
    snprintf(welcome->log_id, sizeof(welcome->log_id), "%s", sessions->options.log_id);
    welcome->role = session->role;
    welcome->audience = session->audience;
    if (session->post >= 0) {
        snprintf(welcome->post, sizeof(welcome->post), "%s",
                 sessions->options.event->posts[session->post].id);
    }
    welcome->seat = session->seat;
    welcome->now_ms = sessions->now.unix_ms;
    room_round_notice(sessions->options.room, &welcome->round);
    bool is_whole = versions_collect(sessions, session, &welcome->versions, &welcome->seat_count);
    struct seat_versions *versions = welcome->versions;
    size_t needed = 1024 + (size_t)welcome->seat_count * (24 + 12 * ITEM_MAX);
    char *text = is_whole ? malloc(needed) : NULL;
    size_t size = text != NULL ? message_encode(message, text, needed) : 0;
    if (size > 0) {
        session_send_text(sessions, conn, text, size);
    } else {
        session_hang_up(sessions, conn, CLOSE_TRY_LATER, "no memory for the welcome");
    }
    free(text);
    free(versions);
}

static bool listener_takes(const struct session *session, enum role role)
{
    bool is_public_role = role == ROLE_VIEWER || role == ROLE_VOTER || role == ROLE_BASE;
    return session->is_desk ? role != ROLE_VOTER : is_public_role;
}

/*
 * Why this hello is not taken, REFUSAL_NONE when it is; `text` says it. Sets the session's seat
 * or post.
 */
static enum refusal hello_check(struct sessions *sessions, struct session *session,
                                const struct hello *hello, const char **text)
{
    if (hello->protocol != PROTOCOL_VERSION) {
        *text = "this server speaks protocol 1";
        return REFUSAL_BAD_VERSION;
    }
    if (!listener_takes(session, hello->role)) {
        *text =
            session->is_desk ? "voters use the other listener" : "posts use the desk's listener";
        return REFUSAL_WRONG_ROLE;
    }
    if (hello->role == ROLE_VIEWER) {
        return REFUSAL_NONE;
    }
    *text = "unknown credential or token";
    if (hello->role != ROLE_VOTER) {
        session->post = custody_find_post(sessions->options.custody, hello->role, hello->token);
        return session->post < 0 ? REFUSAL_BAD_CREDENTIAL : REFUSAL_NONE;
    }
    session->seat = custody_find_seat(sessions->options.custody, hello->credential);
    const struct attendance *attendance = sitting_attendance(room_sitting(sessions->options.room));
    if (session->seat != 0 && !attendance_is_enabled(attendance, session->seat)) {
        session->seat = 0; /* revoked */
    }
    return session->seat == 0 ? REFUSAL_BAD_CREDENTIAL : REFUSAL_NONE;
}

/* Whether the credential must wait for what it sent before; says so and ends the connection. */
static bool hello_is_barred(struct sessions *sessions, uint32_t conn, enum role role)
{
    struct session *session = &sessions->table[conn];
    int64_t until_ms = role == ROLE_VOTER  ? sessions->seat_barred_ms[session->seat - 1]
                       : role == ROLE_BASE ? sessions->post_barred_ms[session->post]
                                           : 0;
    if (until_ms <= sessions->now.steady_ms) {
        return false;
    }
    session_refuse(sessions, conn, false, 0, REFUSAL_BUSY, "three bad messages came: wait 10 s");
    session_hang_up(sessions, conn, CLOSE_TRY_LATER, "wait 10 s");
    return true;
}

void session_hello(struct sessions *sessions, uint32_t conn, const struct hello *hello)
{
    struct session *session = &sessions->table[conn];
    const char *text = NULL;
    if (session->role != ROLE_INVALID) {
        session_refuse_bad(sessions, conn, false, 0, REFUSAL_BAD_MESSAGE, "hello was said before");
        return;
    }
    enum refusal refusal = hello_check(sessions, session, hello, &text);
    if (refusal != REFUSAL_NONE) {
        hello_fail(sessions, conn, refusal, text);
        return;
    }
    if (hello->role == ROLE_VIEWER && !viewer_fits(sessions, session->is_desk)) {
        session_hang_up(sessions, conn, CLOSE_TRY_LATER, "no place left");
        return;
    }
    if (hello_is_barred(sessions, conn, hello->role)) {
        return;
    }
    session->role = hello->role;
    session->audience = session->post >= 0 ? sessions->options.event->posts[session->post].audience
                                           : AUDIENCE_PUBLIC;
    sessions->counts.open[ROLE_INVALID]--;
    sessions->counts.open[hello->role]++;
    sessions->desk_viewers += session->is_desk && hello->role == ROLE_VIEWER;
    if (session->seat != 0) {
        place_take(sessions, &sessions->seat_conn[session->seat - 1], conn);
        room_arrived(sessions->options.room, session->seat, sessions->now.steady_ms);
    } else if (session->role == ROLE_BASE) {
        place_take(sessions, &sessions->post_conn[session->post], conn);
    }
    send_welcome(sessions, conn);
    if (role_hears_programme(session->role)) {
        send_programme(sessions, conn);
    }
    if (role_hears_views(session->role)) {
        sessions->options.wire.view_ready(sessions->options.wire.ctx, conn);
    }
}
