#include "tests/unit/clients/lib/stage.h"

#include <stdio.h>
#include <string.h>

/* What a client sends and hears once it is connected: casts, controls, documents. */
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
        int64_t refused_ns = stage_clock_ns();
        stage_refuse(stage, reasons[i], id);
        UNTIL(stage, fake_server_heard_count(stage->server) == 2);
        assert_true(stage_clock_ns() - refused_ns >= (i == 0 ? 100000000 : 1000000000));
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
    } cases[] = { { "closed", REFUSAL_CLOSED },         { "conflict", REFUSAL_CONFLICT },
                  { "superseded", REFUSAL_SUPERSEDED }, { "not open", REFUSAL_NOT_OPEN },
                  { "bad value", REFUSAL_BAD_VALUE },   { "wrong role", REFUSAL_WRONG_ROLE } };
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

static void a_card_travels_with_the_names_written_on_it(void **state)
{
    struct stage *stage = *state;
    static struct cast cast = { .round = 3, .card_count = 1, .mark_count = 2, .name_count = 1 };
    uint64_t id = 0;
    stage_ready(stage);
    uint32_t before = fake_server_heard_count(stage->server);
    cast.cards[0] = (struct cast_card){ .mark_count = 2, .name_count = 1 };
    cast.marks[0] = (struct cast_mark){ .version = 1, .item = 0, .choice = 1 };
    cast.marks[1] = (struct cast_mark){ .version = 1, .item = 1, .choice = 1 };
    snprintf(cast.names[0], sizeof(cast.names[0]), "另选人一号");
    assert_int_equal(client_cast(stage->client, &cast, &id), STATUS_OK);
    UNTIL(stage, fake_server_heard_count(stage->server) == before + 1);
    assert_true(stage_heard(stage, before, "另选人一号"));
    cast.name_count = CAST_NAME_MAX + 1;
    assert_int_equal(client_cast(stage->client, &cast, &id), STATUS_LIMIT);
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

static void stage_fetch(struct stage *stage)
{
    stage->is_fetched = false;
    assert_int_equal(client_fetch(stage->client, "/api/v1/view", stage_on_fetched, stage),
                     STATUS_OK);
    assert_int_equal(client_fetch(stage->client, "/api/v1/view", stage_on_fetched, stage),
                     STATUS_BUSY);
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
    assert_int_equal(client_fetch(stage->client, "no slash", stage_on_fetched, stage),
                     STATUS_INVALID);
    assert_int_equal(client_fetch(stage->client, "/a b\r\n", stage_on_fetched, stage),
                     STATUS_INVALID);
    fake_server_document(stage->server, 0, "");
    stage_fetch(stage); /* no answer: 0 after 10 s */
    assert_int_equal(stage->http_status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(an_acknowledged_cast_waits_no_longer),
        STAGED(what_was_not_acknowledged_is_sent_again_in_order_after_a_reconnect),
        STAGED(a_busy_server_is_asked_again_and_nobody_is_told),
        STAGED(a_paused_cast_waits_until_the_round_resumes),
        STAGED(a_final_refusal_drops_the_cast_and_is_told),
        STAGED(a_card_travels_with_the_names_written_on_it),
        STAGED(only_so_many_casts_wait),
        STAGED(a_resend_repeats_what_waits_or_the_last_acknowledged),
        STAGED(a_control_has_one_answer_and_is_not_sent_again),
        STAGED(a_document_is_fetched_with_the_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
