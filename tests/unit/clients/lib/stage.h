#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clients/lib/client.h"
#include "tests/unit/clients/lib/fake_server.h"

/*
 * The client library against a server that the test plays by hand, over loopback, in one thread.
 * Nothing sleeps: both sides turn until what must happen has happened, or 20 s are over.
 */
#define DEADLINE_NS 20000000000

#define WELCOME_OPEN                                                                               \
    "{\"t\":\"welcome\",\"protocol\":1,\"log\":\"0123456789abcdef\",\"role\":\"voter\","           \
    "\"audience\":\"public\",\"post\":\"\",\"seat\":17,\"round\":{\"round\":3,\"state\":\"open\"," \
    "\"contest\":\"appraisal\",\"subject\":\"s01\",\"items\":11,\"choices\":3},"                   \
    "\"versions\":[[17,1,0,0,0,0,0,0,0,0,0,2]]}"
#define ROUND_OPENED                                                                               \
    "{\"t\":\"round\",\"round\":3,\"state\":\"open\",\"contest\":\"appraisal\","                   \
    "\"subject\":\"s01\",\"items\":11,\"choices\":3}"

struct stage {
    struct fake_server *server;
    struct client_loop *loop;
    struct client *client;
    enum client_state state;
    uint32_t state_count;
    uint32_t welcome_count;
    uint32_t last_version; /* of item 10 in the last welcome */
    uint32_t acked_count;
    uint64_t acked_ids[64];
    char receipt[RECEIPT_SIZE];
    uint32_t refused_count;
    enum refusal refusal;
    uint32_t view_count;
    uint32_t done_count;
    uint64_t done_id;
    bool is_closed_in_handler;
    bool is_fetched;
    int http_status;
    char body[64];
    char why[320];
};

extern const struct client_handlers stage_handlers;

int64_t stage_clock_ns(void);

/* A server and a client that begins to connect to it; cmocka's setup and teardown. */
int stage_make(void **state);
int stage_free(void **state);
#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_make, stage_free)

void stage_connect(struct stage *stage, uint16_t port);

/* Both sides do what waits, for 1 ms. */
void stage_turn(struct stage *stage);

/* Turns both sides until `condition` holds; fails the test when it never does. */
#define UNTIL(stage, condition)                                                                    \
    do {                                                                                           \
        int64_t until_ns = stage_clock_ns() + DEADLINE_NS;                                         \
        while (!(condition) && stage_clock_ns() < until_ns) {                                      \
            stage_turn(stage);                                                                     \
        }                                                                                          \
        assert_true(condition);                                                                    \
    } while (0)

/* Turns both sides for a while in which nothing must happen. */
void stage_idle(struct stage *stage, int64_t ms);

/* Hears the hello and answers with a welcome. What was heard is forgotten. */
void stage_ready(struct stage *stage);

/* Casts choice 2 on item 4 of round 3. Its id. */
uint64_t stage_cast(struct stage *stage, uint32_t version);

/* The server sends `format` with "ID" replaced; a refusal; whether it heard `part`. */
#define ACK "{\"t\":\"ack\",\"id\":ID,\"round\":3,\"receipt\":\"K7M2PQ4X\"}"
void stage_answer(struct stage *stage, const char *format, uint64_t id);
void stage_refuse(struct stage *stage, const char *reason, uint64_t id);
bool stage_heard(struct stage *stage, uint32_t index, const char *part);

/* For client_fetch(): keeps what came. */
void stage_on_fetched(void *ctx, int http_status, const char *body, size_t size);
