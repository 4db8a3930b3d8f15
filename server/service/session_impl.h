#pragma once

/* What session.c (connections, hello, casts, answers) and session_control.c (posts) share. */

#include "server/service/session.h"

#define OUT_SIZE 65536u /* the largest message but a base station's welcome */
#define CLOSE_POLICY 1008
#define CLOSE_TRY_LATER 1013

struct session {
    enum role role; /* ROLE_INVALID until hello */
    enum audience audience;
    int32_t post; /* index in the event, or -1 */
    uint32_t seat;
    uint32_t generation;
    uint32_t bad_count;
    int64_t opened_ms;
    int64_t cast_due_ms; /* when the casts so far would have been due at the allowed rate */
    uint64_t view_epoch; /* of the last view given */
    bool is_open;
    bool is_desk;
    bool is_hanging_up;
    bool has_view_waiting;
};

struct sessions {
    struct session_options options;
    struct session *table;
    uint32_t *seat_conn;    /* [seat - 1]: the connection that holds the seat + 1, or 0 */
    uint32_t *post_conn;    /* [post]: of base stations, likewise */
    bool was_check_in_open; /* as the roll was heard of last */
    enum storage storage;
    struct session_counts counts;
    struct message message; /* what is being read */
    struct ack ack;
    char out[OUT_SIZE];
};

void session_send_message(struct sessions *sessions, uint32_t conn, const struct message *message);
void session_send_refused(struct sessions *sessions, uint32_t conn, const struct refused *refused);
void session_refuse(struct sessions *sessions, uint32_t conn, bool has_id, uint64_t id,
                    enum refusal refusal, const char *text);
/* The same for a message that should not have come: after the third the connection ends. */
void session_refuse_bad(struct sessions *sessions, uint32_t conn, bool has_id, uint64_t id,
                        enum refusal refusal, const char *text);

/* A control message of a session that has said hello. */
void session_control(struct sessions *sessions, uint32_t conn, const struct control *control,
                     int64_t now_ms);
