#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "clients/lib/client.h"
#include "tests/unit/clients/lib/fake_server.h"

/*
 * The client library against a server that the test plays by hand, over loopback, in one thread.
 * Nothing sleeps: both sides turn until what must happen has happened, or 20 s are over.
 */
#define DEADLINE_NS 20000000000

#define WELCOME_OPEN                                                                              \
    "{\"t\":\"welcome\",\"protocol\":1,\"log\":\"0123456789abcdef\",\"role\":\"voter\","          \
    "\"audience\":\"public\",\"post\":\"\",\"seat\":17,\"round\":{\"round\":3,\"state\":\"open\","  \
    "\"contest\":\"appraisal\",\"subject\":\"s01\",\"items\":11,\"choices\":3},"                   \
    "\"versions\":[[17,1,0,0,0,0,0,0,0,0,0,2]]}"
#define ROUND_OPENED                                                                              \
    "{\"t\":\"round\",\"round\":3,\"state\":\"open\",\"contest\":\"appraisal\","                  \
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

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void on_state(void *ctx, enum client_state state, const struct fault *fault)
{
    struct stage *stage = ctx;
    stage->state = state;
    stage->state_count++;
    if (fault != NULL) {
        snprintf(stage->why, sizeof(stage->why), "%s", fault->text);
    }
}

static void on_welcome(void *ctx, const struct welcome *welcome)
{
    struct stage *stage = ctx;
    stage->welcome_count++;
    stage->last_version = welcome->seat_count > 0 ? welcome->versions[0].versions[10] : 0;
}

static void on_acked(void *ctx, const struct ack *ack)
{
    struct stage *stage = ctx;
    stage->acked_ids[stage->acked_count++ % 64] = ack->id;
    memcpy(stage->receipt, ack->outcomes[0].receipt, RECEIPT_SIZE);
}

static void on_refused(void *ctx, const struct refused *refused)
{
    struct stage *stage = ctx;
    stage->refused_count++;
    stage->refusal = refused->refusal;
}

static void on_done(void *ctx, const struct done *done)
{
    struct stage *stage = ctx;
    stage->done_count++;
    stage->done_id = done->id;
}

static void on_round(void *ctx, const struct round_notice *round)
{
    struct stage *stage = ctx;
    if (round->state == ROUND_CLOSED) {
        client_close(stage->client);
        stage->is_closed_in_handler = true;
    }
}

static const struct client_handlers handlers = {
    .state = on_state,
    .welcome = on_welcome,
    .round = on_round,
    .acked = on_acked,
    .refused = on_refused,
    .done = on_done,
};

static void stage_connect(struct stage *stage, uint16_t port)
{
    char url[64];
    snprintf(url, sizeof(url), "ws://127.0.0.1:%u", port);
    struct client_options options = { .url = url,
                                      .role = ROLE_VOTER,
                                      .credential = "ABCD-EFGH-JKMN",
                                      .token = "00ff",
                                      .local = "127.0.0.3" };
    struct fault fault = { 0 };
    assert_int_equal(
        client_create(stage->loop, &options, &handlers, stage, &stage->client, &fault), STATUS_OK);
}

static int stage_make(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    stage->server = fake_server_create(0);
    assert_non_null(stage->server);
    assert_int_equal(client_loop_create(NULL, 4, &stage->loop, NULL), STATUS_OK);
    stage_connect(stage, fake_server_port(stage->server));
    *state = stage;
    return 0;
}

static int stage_free(void **state)
{
    struct stage *stage = *state;
    client_destroy(stage->client);
    client_loop_destroy(stage->loop);
    if (stage->server != NULL) {
        fake_server_destroy(stage->server);
    }
    free(stage);
    return 0;
}

static void stage_turn(struct stage *stage)
{
    if (stage->server != NULL) {
        fake_server_turn(stage->server);
    }
    client_loop_run(stage->loop, clock_ns() + 1000000);
}

/* Turns both sides until `condition` holds; fails the test when it never does. */
#define UNTIL(stage, condition)                                                                   \
    do {                                                                                          \
        int64_t until_ns = clock_ns() + DEADLINE_NS;                                              \
        while (!(condition) && clock_ns() < until_ns) {                                           \
            stage_turn(stage);                                                                    \
        }                                                                                         \
        assert_true(condition);                                                                   \
    } while (0)

/* Turns both sides for a while in which nothing must happen. */
static void stage_idle(struct stage *stage, int64_t ms)
{
    int64_t until_ns = clock_ns() + ms * 1000000;
    while (clock_ns() < until_ns) {
        stage_turn(stage);
    }
}

static void stage_ready(struct stage *stage)
{
    uint32_t before = stage->welcome_count;
    UNTIL(stage, fake_server_heard_count(stage->server) > 0);
    fake_server_forget(stage->server);
    fake_server_send(stage->server, WELCOME_OPEN, 0);
    UNTIL(stage, stage->welcome_count > before);
}

static uint64_t stage_cast(struct stage *stage, uint32_t version)
{
    static struct cast cast;
    uint64_t id = 0;
    cast.round = 3;
    cast.card_count = 1;
    cast.mark_count = 1;
    cast.cards[0] = (struct cast_card){ .nonce = { 1, 2, 3, 4, 5, 6, 7, 8 }, .mark_count = 1 };
    cast.marks[0] = (struct cast_mark){ .version = version, .item = 4, .choice = 2 };
    assert_int_equal(client_cast(stage->client, &cast, &id), STATUS_OK);
    return id;
}

static void stage_answer(struct stage *stage, const char *format, uint64_t id)
{
    char text[256];
    const char *at = strstr(format, "ID");
    snprintf(text, sizeof(text), "%.*s%llu%s", (int)(at - format), format, (unsigned long long)id,
             at + 2);
    fake_server_send(stage->server, text, 0);
}

#define ACK "{\"t\":\"ack\",\"id\":ID,\"round\":3,\"receipt\":\"K7M2PQ4X\"}"

static void stage_refuse(struct stage *stage, const char *reason, uint64_t id)
{
    char text[256];
    snprintf(text, sizeof(text),
             "{\"t\":\"refused\",\"id\":%llu,\"reason\":\"%s\",\"text\":\"because\"}",
             (unsigned long long)id, reason);
    fake_server_send(stage->server, text, 0);
}

static bool stage_heard(struct stage *stage, uint32_t index, const char *part)
{
    return strstr(fake_server_heard(stage->server, index), part) != NULL;
}

static void it_says_hello_with_its_credential_and_hears_welcome(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(client_state(stage->client), CLIENT_CONNECTING);
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    assert_true(stage_heard(stage, 0, "\"t\":\"hello\""));
    assert_true(stage_heard(stage, 0, "\"protocol\":1"));
    assert_true(stage_heard(stage, 0, "\"credential\":\"ABCD-EFGH-JKMN\""));
    assert_false(stage_heard(stage, 0, "00ff")); /* the token is not a voter's */
    assert_int_equal(client_state(stage->client), CLIENT_CONNECTING);
    fake_server_send(stage->server, WELCOME_OPEN, 0);
    UNTIL(stage, stage->welcome_count == 1);
    assert_int_equal(stage->state, CLIENT_READY);
    assert_int_equal(client_state(stage->client), CLIENT_READY);
    assert_int_equal(stage->last_version, 2);
}

static void a_message_in_fragments_is_joined(void **state)
{
    struct stage *stage = *state;
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    fake_server_send(stage->server, WELCOME_OPEN, 7);
    UNTIL(stage, stage->welcome_count == 1);
    assert_int_equal(stage->last_version, 2);
}

static void an_acknowledged_cast_waits_no_longer(void **state)
{
    struct stage *stage = *state;
    stage_ready(stage);
    uint64_t id = stage_cast(stage, 5);
    assert_int_equal(client_cast_waiting(stage->client), 1);
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    assert_true(stage_heard(stage, 0, "\"marks\":[4,5,2]"));
    assert_true(stage_heard(stage, 0, "\"nonce\":\"0102030405060708\""));
    stage_answer(stage, ACK, id);
    UNTIL(stage, stage->acked_count == 1);
    assert_int_equal(stage->acked_ids[0], id);
    assert_string_equal(stage->receipt, "K7M2PQ4X");
    assert_int_equal(client_cast_waiting(stage->client), 0);
}

static void what_was_not_acknowledged_is_sent_again_in_order_after_a_reconnect(void **state)
{
    struct stage *stage = *state;
    stage_ready(stage);
    uint64_t first = stage_cast(stage, 1);
    uint64_t second = stage_cast(stage, 2);
    uint64_t third = stage_cast(stage, 3);
    UNTIL(stage, fake_server_heard_count(stage->server) == 3);
    stage_answer(stage, ACK, second);
    UNTIL(stage, stage->acked_count == 1);
    fake_server_forget(stage->server);
    fake_server_hang_up(stage->server);
    UNTIL(stage, stage->state == CLIENT_CONNECTING);
    uint64_t fourth = stage_cast(stage, 4); /* cast while there is no connection */
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    assert_int_equal(fake_server_accepted(stage->server), 2);
    assert_true(stage_heard(stage, 0, "hello"));
    stage_idle(stage, 50);
    assert_int_equal(fake_server_heard_count(stage->server), 1); /* nothing before welcome */
    fake_server_send(stage->server, WELCOME_OPEN, 0);
    UNTIL(stage, fake_server_heard_count(stage->server) == 4);
    assert_true(stage_heard(stage, 1, "[4,1,2]"));
    assert_true(stage_heard(stage, 2, "[4,3,2]"));
    assert_true(stage_heard(stage, 3, "[4,4,2]"));
    stage_answer(stage, ACK, first);
    stage_answer(stage, ACK, third);
    stage_answer(stage, ACK, fourth);
    UNTIL(stage, client_cast_waiting(stage->client) == 0);
}

static void a_busy_server_is_asked_again_and_nobody_is_told(void **state)
{
    static const char *const reasons[] = { "busy", "storage" };
    struct stage *stage = *state;
    stage_ready(stage);
    for (size_t i = 0; i < 2; i++) {
        uint64_t id = stage_cast(stage, 1 + (uint32_t)i);
        UNTIL(stage, fake_server_heard_count(stage->server) == 1);
        int64_t refused_ns = clock_ns();
        stage_refuse(stage, reasons[i], id);
        UNTIL(stage, fake_server_heard_count(stage->server) == 2);
        assert_true(clock_ns() - refused_ns >= (i == 0 ? 100000000 : 1000000000));
        assert_string_equal(fake_server_heard(stage->server, 0),
                            fake_server_heard(stage->server, 1));
        stage_answer(stage, ACK, id);
        UNTIL(stage, client_cast_waiting(stage->client) == 0);
        fake_server_forget(stage->server);
    }
    assert_int_equal(stage->refused_count, 0);
}

static void a_paused_cast_waits_until_the_round_resumes(void **state)
{
    struct stage *stage = *state;
    stage_ready(stage);
    uint64_t id = stage_cast(stage, 1);
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    stage_refuse(stage, "paused", id);
    stage_idle(stage, 600);
    uint64_t next = stage_cast(stage, 2); /* goes with the first, not before it */
    stage_idle(stage, 50);
    assert_int_equal(fake_server_heard_count(stage->server), 1);
    fake_server_send(stage->server, ROUND_OPENED, 0);
    UNTIL(stage, fake_server_heard_count(stage->server) == 3);
    assert_true(stage_heard(stage, 1, "[4,1,2]"));
    assert_true(stage_heard(stage, 2, "[4,2,2]"));
    stage_answer(stage, ACK, id);
    stage_answer(stage, ACK, next);
    UNTIL(stage, client_cast_waiting(stage->client) == 0);
    assert_int_equal(stage->refused_count, 0);
}

static void a_final_refusal_drops_the_cast_and_is_told(void **state)
{
    static const struct {
        const char *reason;
        enum refusal refusal;
    } cases[] = { { "closed", REFUSAL_CLOSED },
                  { "conflict", REFUSAL_CONFLICT },
                  { "superseded", REFUSAL_SUPERSEDED },
                  { "not open", REFUSAL_NOT_OPEN },
                  { "bad value", REFUSAL_BAD_VALUE },
                  { "wrong role", REFUSAL_WRONG_ROLE } };
    struct stage *stage = *state;
    stage_ready(stage);
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t id = stage_cast(stage, i + 1);
        UNTIL(stage, fake_server_heard_count(stage->server) == i + 1);
        stage_refuse(stage, cases[i].reason, id);
        UNTIL(stage, stage->refused_count == i + 1);
        assert_int_equal(stage->refusal, cases[i].refusal);
        assert_int_equal(client_cast_waiting(stage->client), 0);
    }
    assert_int_equal(client_state(stage->client), CLIENT_READY);
}

static void a_refused_hello_is_final(void **state)
{
    struct stage *stage = *state;
    uint64_t id;
    static const struct cast cast = { .round = 3, .card_count = 1, .mark_count = 1 };
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    fake_server_send(stage->server, "{\"t\":\"refused\",\"reason\":\"bad credential\",\"text\":\"\"}",
                     0);
    UNTIL(stage, stage->state == CLIENT_REFUSED);
    assert_non_null(strstr(stage->why, "bad credential"));
    assert_int_equal(client_cast(stage->client, &cast, &id), STATUS_DENIED);
    stage_idle(stage, 700);
    assert_int_equal(fake_server_accepted(stage->server), 1);
    assert_int_equal(fake_server_open(stage->server), 0);
    assert_int_equal(client_state(stage->client), CLIENT_REFUSED);
}

static void a_newer_connection_ends_this_one_for_good(void **state)
{
    struct stage *stage = *state;
    stage_ready(stage);
    fake_server_send(stage->server, "{\"t\":\"refused\",\"reason\":\"replaced\",\"text\":\"\"}", 0);
    UNTIL(stage, stage->state == CLIENT_REFUSED);
    stage_idle(stage, 500);
    assert_int_equal(fake_server_accepted(stage->server), 1);
}

static void a_busy_hello_is_tried_again(void **state)
{
    struct stage *stage = *state;
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    fake_server_send(stage->server, "{\"t\":\"refused\",\"reason\":\"busy\",\"text\":\"\"}", 0);
    UNTIL(stage, fake_server_accepted(stage->server) == 2);
}

static void only_so_many_casts_wait(void **state)
{
    struct stage *stage = *state;
    static struct cast cast;
    uint64_t id;
    for (uint32_t i = 0; i < CLIENT_CAST_WAIT_MAX; i++) {
        stage_cast(stage, i + 1);
    }
    cast.round = 3;
    cast.card_count = 1;
    cast.mark_count = 1;
    cast.cards[0].mark_count = 1;
    cast.marks[0].version = 99;
    assert_int_equal(client_cast(stage->client, &cast, &id), STATUS_FULL);
    stage_ready(stage);
    UNTIL(stage, fake_server_heard_count(stage->server) == CLIENT_CAST_WAIT_MAX);
    assert_true(stage_heard(stage, 0, "[4,1,2]"));
    assert_true(stage_heard(stage, 63, "[4,64,2]"));
    stage_answer(stage, ACK, 1);
    UNTIL(stage, client_cast_waiting(stage->client) == CLIENT_CAST_WAIT_MAX - 1);
    stage_cast(stage, 65);
}

static void a_resend_repeats_what_waits_or_the_last_acknowledged(void **state)
{
    struct stage *stage = *state;
    stage_ready(stage);
    client_resend(stage->client); /* nothing yet */
    uint64_t id = stage_cast(stage, 1);
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    client_resend(stage->client);
    UNTIL(stage, fake_server_heard_count(stage->server) == 2);
    stage_answer(stage, ACK, id);
    stage_answer(stage, ACK, id);
    UNTIL(stage, stage->acked_count == 2);
    client_resend(stage->client);
    UNTIL(stage, fake_server_heard_count(stage->server) == 3);
    assert_string_equal(fake_server_heard(stage->server, 0), fake_server_heard(stage->server, 1));
    assert_string_equal(fake_server_heard(stage->server, 0), fake_server_heard(stage->server, 2));
    stage_answer(stage, ACK, id);
    UNTIL(stage, stage->acked_count == 3);
    assert_int_equal(client_cast_waiting(stage->client), 0);
}

static void a_dropped_connection_comes_back_by_itself(void **state)
{
    struct stage *stage = *state;
    stage_ready(stage);
    client_drop(stage->client);
    UNTIL(stage, stage->state == CLIENT_CONNECTING);
    stage_ready(stage);
    assert_int_equal(fake_server_accepted(stage->server), 2);
    client_drop(stage->client);
    stage_ready(stage);
    assert_int_equal(fake_server_accepted(stage->server), 3);
}

static void it_waits_for_a_server_that_is_not_there_yet(void **state)
{
    struct stage *stage = *state;
    uint16_t port = fake_server_port(stage->server);
    stage_ready(stage);
    fake_server_destroy(stage->server);
    stage->server = NULL;
    UNTIL(stage, stage->state == CLIENT_CONNECTING);
    uint32_t before = stage->state_count;
    UNTIL(stage, stage->state_count >= before + 3); /* three tries that fail */
    assert_non_null(strstr(stage->why, "connection refused"));
    stage->server = fake_server_create(port);
    assert_non_null(stage->server);
    stage_ready(stage);
    assert_int_equal(stage->state, CLIENT_READY);
}

static void what_cannot_be_read_is_passed_over(void **state)
{
    struct stage *stage = *state;
    stage_ready(stage);
    fake_server_send(stage->server, "not json", 0);
    fake_server_send(stage->server, "{\"t\":\"tomorrow\",\"x\":1}", 0);
    fake_server_send(stage->server, "{\"t\":\"view\",\"broken\":", 0);
    fake_server_send(stage->server, "{\"t\":\"ack\",\"id\":\"one\"}", 0);
    uint64_t id = stage_cast(stage, 1);
    stage_answer(stage, ACK, id);
    UNTIL(stage, stage->acked_count == 1);
    assert_int_equal(stage->state, CLIENT_READY);
    assert_int_equal(fake_server_accepted(stage->server), 1);
}

static void a_handler_may_close_its_client(void **state)
{
    struct stage *stage = *state;
    stage_ready(stage);
    fake_server_send(stage->server,
                     "{\"t\":\"round\",\"round\":3,\"state\":\"closed\",\"contest\":\"appraisal\","
                     "\"subject\":\"s01\",\"items\":11,\"choices\":3}",
                     0);
    UNTIL(stage, stage->is_closed_in_handler && fake_server_open(stage->server) == 0);
    stage_idle(stage, 500);
    assert_int_equal(fake_server_accepted(stage->server), 1);
}

static void a_control_has_one_answer_and_is_not_sent_again(void **state)
{
    struct stage *stage = *state;
    struct control control = { .kind = CONTROL_CLOSE };
    uint64_t id = 0;
    uint64_t other = 0;
    assert_int_equal(client_control(stage->client, &control, &id), STATUS_BUSY); /* not ready */
    stage_ready(stage);
    assert_int_equal(client_control(stage->client, &control, &id), STATUS_OK);
    assert_int_equal(client_control(stage->client, &control, &other), STATUS_BUSY);
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    assert_true(stage_heard(stage, 0, "\"act\":\"close\""));
    stage_answer(stage, "{\"t\":\"done\",\"id\":ID,\"round\":3}", id);
    UNTIL(stage, stage->done_count == 1);
    assert_int_equal(stage->done_id, id);
    assert_int_equal(client_control(stage->client, &control, &id), STATUS_OK);
    UNTIL(stage, fake_server_heard_count(stage->server) == 2);
    stage_refuse(stage, "busy", id); /* busy is for an officer to decide, unlike a cast's */
    UNTIL(stage, stage->refused_count == 1);
    assert_int_equal(client_control(stage->client, &control, &id), STATUS_OK);
    UNTIL(stage, fake_server_heard_count(stage->server) == 3);
    fake_server_forget(stage->server);
    fake_server_hang_up(stage->server);
    UNTIL(stage, stage->state == CLIENT_CONNECTING);
    stage_ready(stage);
    stage_idle(stage, 100);
    assert_int_equal(fake_server_heard_count(stage->server), 0);
}

static void on_fetched(void *ctx, int http_status, const char *body, size_t size)
{
    struct stage *stage = ctx;
    stage->is_fetched = true;
    stage->http_status = http_status;
    snprintf(stage->body, sizeof(stage->body), "%.*s", (int)size, body != NULL ? body : "");
}

static void stage_fetch(struct stage *stage)
{
    stage->is_fetched = false;
    assert_int_equal(client_fetch(stage->client, "/api/v1/view", on_fetched, stage), STATUS_OK);
    assert_int_equal(client_fetch(stage->client, "/api/v1/view", on_fetched, stage), STATUS_BUSY);
    assert_false(stage->is_fetched);
    UNTIL(stage, stage->is_fetched);
}

static void a_document_is_fetched_with_the_token(void **state)
{
    struct stage *stage = *state;
    fake_server_document(stage->server, 200, "{\"minping\":1}");
    stage_fetch(stage);
    assert_int_equal(stage->http_status, 200);
    assert_string_equal(stage->body, "{\"minping\":1}");
    assert_string_equal(fake_server_bearer(stage->server), "Bearer 00ff");
    fake_server_document(stage->server, 404, "nothing here");
    stage_fetch(stage);
    assert_int_equal(stage->http_status, 404);
    assert_string_equal(stage->body, "");
    assert_int_equal(client_fetch(stage->client, "no slash", on_fetched, stage), STATUS_INVALID);
    assert_int_equal(client_fetch(stage->client, "/a b\r\n", on_fetched, stage), STATUS_INVALID);
    fake_server_document(stage->server, 0, "");
    stage_fetch(stage); /* no answer: 0 after 10 s */
    assert_int_equal(stage->http_status, 0);
}

static void a_client_may_be_destroyed_at_any_moment(void **state)
{
    struct stage *stage = *state;
    uint16_t port = fake_server_port(stage->server);
    for (int turns = 0; turns < 40; turns++) {
        stage->is_fetched = false;
        assert_int_equal(client_fetch(stage->client, "/", on_fetched, stage), STATUS_OK);
        for (int i = 0; i < turns; i++) {
            stage_turn(stage);
            fake_server_send(stage->server, WELCOME_OPEN, 0);
        }
        client_destroy(stage->client);
        stage_connect(stage, port);
    }
    /* the connections of those before may still be open: the newest is not always ours */
    uint32_t before = stage->welcome_count;
    UNTIL(stage, (fake_server_send(stage->server, WELCOME_OPEN, 0),
                  stage->welcome_count > before));
    UNTIL(stage, fake_server_open(stage->server) == 1);
}

static void a_table_that_is_full_and_wrong_options_are_refused(void **state)
{
    struct stage *stage = *state;
    struct client *more[4] = { NULL };
    struct client *wrong = NULL;
    char credential[64];
    struct fault fault = { 0 };
    struct client_options options = { .url = "ws://127.0.0.1:1", .role = ROLE_VIEWER };
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            client_create(stage->loop, &options, &handlers, stage, &more[i], &fault), STATUS_OK);
    }
    assert_int_equal(client_create(stage->loop, &options, &handlers, stage, &more[3], &fault),
                     STATUS_FULL);
    for (int i = 0; i < 3; i++) {
        client_destroy(more[i]);
    }
    options.url = "tcp://127.0.0.1";
    assert_int_equal(client_create(stage->loop, &options, &handlers, stage, &wrong, NULL),
                     STATUS_INVALID);
    memset(credential, 'A', sizeof(credential));
    credential[40] = '\0';
    options = (struct client_options){ .url = "ws://h", .role = ROLE_VOTER };
    options.credential = credential;
    assert_int_equal(client_create(stage->loop, &options, &handlers, stage, &wrong, NULL),
                     STATUS_INVALID);
    assert_null(wrong);
}

static void a_file_of_certificates_must_hold_some(void **state)
{
    (void)state;
    struct client_loop *loop = NULL;
    struct fault fault = { 0 };
    assert_int_equal(client_loop_create("/nonexistent/ca.pem", 1, &loop, &fault), STATUS_INVALID);
    assert_non_null(strstr(fault.text, "/nonexistent/ca.pem"));
    fault = (struct fault){ 0 };
    assert_int_equal(client_loop_create("/dev/null", 1, &loop, &fault), STATUS_INVALID);
    assert_non_null(strstr(fault.text, "PEM"));
    assert_null(loop);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_make, stage_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(it_says_hello_with_its_credential_and_hears_welcome),
        STAGED(a_message_in_fragments_is_joined),
        STAGED(an_acknowledged_cast_waits_no_longer),
        STAGED(what_was_not_acknowledged_is_sent_again_in_order_after_a_reconnect),
        STAGED(a_busy_server_is_asked_again_and_nobody_is_told),
        STAGED(a_paused_cast_waits_until_the_round_resumes),
        STAGED(a_final_refusal_drops_the_cast_and_is_told),
        STAGED(a_refused_hello_is_final),
        STAGED(a_newer_connection_ends_this_one_for_good),
        STAGED(a_busy_hello_is_tried_again),
        STAGED(only_so_many_casts_wait),
        STAGED(a_resend_repeats_what_waits_or_the_last_acknowledged),
        STAGED(a_dropped_connection_comes_back_by_itself),
        STAGED(it_waits_for_a_server_that_is_not_there_yet),
        STAGED(what_cannot_be_read_is_passed_over),
        STAGED(a_handler_may_close_its_client),
        STAGED(a_control_has_one_answer_and_is_not_sent_again),
        STAGED(a_document_is_fetched_with_the_token),
        STAGED(a_client_may_be_destroyed_at_any_moment),
        STAGED(a_table_that_is_full_and_wrong_options_are_refused),
        cmocka_unit_test(a_file_of_certificates_must_hold_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
