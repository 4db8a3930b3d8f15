#pragma once

/* What session.c (connections, casts, answers), session_hello.c and session_control.c share. */

#include "server/service/pace.h"
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
    uint64_t address; /* 0: not known */
    int64_t opened_ms;
    int64_t answer_due_ms; /* when its failed hello is answered, or 0 */
    const char *answer_text;
    enum refusal answer;
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
    uint32_t *seat_conn;     /* [seat - 1]: the connection that holds the seat + 1, or 0 */
    uint32_t *post_conn;     /* [post]: of base stations, likewise */
    int64_t *seat_barred_ms; /* [seat - 1]: no hello before, on CLOCK_MONOTONIC */
    int64_t *post_barred_ms; /* [post]: of base stations, likewise */
    uint32_t desk_viewers;
    struct pace failures;
    struct moment now;      /* of the message that is being read */
    bool was_check_in_open; /* as the roll was heard of last */
    enum storage storage;
    struct session_counts counts;
    struct overlays overlays;
    struct pictures pictures;
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

void session_send_text(struct sessions *sessions, uint32_t conn, const char *text, size_t size);
void session_hang_up(struct sessions *sessions, uint32_t conn, uint16_t code, const char *reason);
bool role_hears_programme(enum role role);

/* The first message of a session. */
void session_hello(struct sessions *sessions, uint32_t conn, const struct hello *hello);

/*
 * It sent three bad messages: a voter's or base station's next hello waits SESSION_PENALTY_MS; of a
 * stranger the failed hellos of its address do. Posts of the desk go on at once.
 */
void session_penalise(struct sessions *sessions, const struct session *session);

/* What an overlay says of itself, MESSAGE_AIR or MESSAGE_PICTURE, in a session that said hello. */
void session_overlay(struct sessions *sessions, uint32_t conn, const struct message *message);

/* A control message of a session that has said hello. */
void session_control(struct sessions *sessions, uint32_t conn, const struct control *control,
                     int64_t now_ms);
