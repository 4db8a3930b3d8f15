#include "tests/unit/clients/lib/stage.h"

#include <stdio.h>
#include <string.h>

/* How a client connects, comes back, and ends. */
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

static void a_refused_hello_is_final(void **state)
{
    struct stage *stage = *state;
    uint64_t id;
    static const struct cast cast = { .round = 3, .card_count = 1, .mark_count = 1 };
    UNTIL(stage, fake_server_heard_count(stage->server) == 1);
    fake_server_send(stage->server,
                     "{\"t\":\"refused\",\"reason\":\"bad credential\",\"text\":\"\"}", 0);
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

static void a_client_may_be_destroyed_at_any_moment(void **state)
{
    struct stage *stage = *state;
    uint16_t port = fake_server_port(stage->server);
    for (int turns = 0; turns < 40; turns++) {
        stage->is_fetched = false;
        assert_int_equal(client_fetch(stage->client, "/", stage_on_fetched, stage), STATUS_OK);
        for (int i = 0; i < turns; i++) {
            stage_turn(stage);
            fake_server_send(stage->server, WELCOME_OPEN, 0);
        }
        client_destroy(stage->client);
        stage_connect(stage, port);
    }
    /* the connections of those before may still be open: the newest is not always ours */
    uint32_t before = stage->welcome_count;
    UNTIL(stage, (fake_server_send(stage->server, WELCOME_OPEN, 0), stage->welcome_count > before));
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
            client_create(stage->loop, &options, &stage_handlers, stage, &more[i], &fault),
            STATUS_OK);
    }
    assert_int_equal(client_create(stage->loop, &options, &stage_handlers, stage, &more[3], &fault),
                     STATUS_FULL);
    for (int i = 0; i < 3; i++) {
        client_destroy(more[i]);
    }
    options.url = "tcp://127.0.0.1";
    assert_int_equal(client_create(stage->loop, &options, &stage_handlers, stage, &wrong, NULL),
                     STATUS_INVALID);
    memset(credential, 'A', sizeof(credential));
    credential[40] = '\0';
    options = (struct client_options){ .url = "ws://h", .role = ROLE_VOTER };
    options.credential = credential;
    assert_int_equal(client_create(stage->loop, &options, &stage_handlers, stage, &wrong, NULL),
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(it_says_hello_with_its_credential_and_hears_welcome),
        STAGED(a_message_in_fragments_is_joined),
        STAGED(a_refused_hello_is_final),
        STAGED(a_newer_connection_ends_this_one_for_good),
        STAGED(a_busy_hello_is_tried_again),
        STAGED(a_dropped_connection_comes_back_by_itself),
        STAGED(it_waits_for_a_server_that_is_not_there_yet),
        STAGED(what_cannot_be_read_is_passed_over),
        STAGED(a_handler_may_close_its_client),
        STAGED(a_client_may_be_destroyed_at_any_moment),
        STAGED(a_table_that_is_full_and_wrong_options_are_refused),
        cmocka_unit_test(a_file_of_certificates_must_hold_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
