#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hall.h"
#include "server/service/pace.h"
#include "server/service/publisher.h"
#include "server/service/session.h"

#define CONN_MAX 16
#define SENT_MAX 32

/* A table of sessions over a hall, with what went out of each connection kept as text. */
struct desk {
    struct hall hall;
    struct publisher *publisher;
    struct sessions *sessions;
    char sent[CONN_MAX][SENT_MAX][1024];
    uint32_t sent_count[CONN_MAX];
    uint16_t close_code[CONN_MAX];
    uint32_t view_ready_count[CONN_MAX];
};

static void wire_send(void *ctx, uint32_t conn, const char *data, size_t size)
{
    struct desk *desk = ctx;
    assert_true(desk->sent_count[conn] < SENT_MAX);
    snprintf(desk->sent[conn][desk->sent_count[conn]++], 1024, "%.*s", (int)size, data);
}

static void wire_hang_up(void *ctx, uint32_t conn, uint16_t code, const char *reason)
{
    ((struct desk *)ctx)->close_code[conn] = code;
}

static void wire_view_ready(void *ctx, uint32_t conn)
{
    ((struct desk *)ctx)->view_ready_count[conn]++;
}

static bool reserve(void *ctx, uint64_t upto)
{
    return true;
}

static void desk_open(struct desk *desk)
{
    memset(desk, 0, sizeof(*desk));
    hall_open(&desk->hall, LIVE_TALLY);
    assert_int_equal(publisher_create(room_sitting(desk->hall.room), "0123456789abcdef", reserve,
                                      NULL, &desk->publisher, NULL),
                     STATUS_OK);
    publisher_reserved(desk->publisher, 1000);
    struct session_options options = {
        .event = desk->hall.event,
        .custody = desk->hall.custody,
        .room = desk->hall.room,
        .publisher = desk->publisher,
        .log_id = "0123456789abcdef",
        .wire = { wire_send, wire_hang_up, wire_view_ready, desk },
        .conn_max = CONN_MAX,
    };
    assert_int_equal(sessions_create(&options, &desk->sessions, NULL), STATUS_OK);
}

static void desk_close(struct desk *desk)
{
    sessions_destroy(desk->sessions);
    publisher_destroy(desk->publisher);
    hall_close(&desk->hall);
}

static void say(struct desk *desk, uint32_t conn, const char *text)
{
    struct moment now = { .unix_ms = 1795487344000, .steady_ms = 1000 };
    sessions_message(desk->sessions, conn, text, strlen(text), now);
}

/* The last message sent to `conn` holds `part`. */
static void assert_heard(const struct desk *desk, uint32_t conn, const char *part)
{
    assert_true(desk->sent_count[conn] > 0);
    const char *last = desk->sent[conn][desk->sent_count[conn] - 1];
    if (strstr(last, part) == NULL) {
        fail_msg("'%s' is not in '%s'", part, last);
    }
}

static void first_line(const char *dir, const char *name, int line, char *text, size_t size)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int i = 0; i <= line; i++) {
        assert_non_null(fgets(text, (int)size, file));
    }
    text[strcspn(text, "\n")] = '\0';
    fclose(file);
}

static void hello_voter(struct desk *desk, uint32_t conn, uint32_t seat)
{
    char line[64];
    char hello[160];
    first_line(desk->hall.dir, "roll.csv", (int)seat, line, sizeof(line));
    snprintf(hello, sizeof(hello),
             "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\",\"credential\":\"%.14s\"}",
             strchr(line, ',') + 1);
    sessions_opened(desk->sessions, conn, false, 1000);
    say(desk, conn, hello);
    assert_heard(desk, conn, "\"t\":\"welcome\"");
}

static void hello_post(struct desk *desk, uint32_t conn, const char *role, bool is_desk)
{
    char name[64];
    char token[80];
    char hello[200];
    snprintf(name, sizeof(name), "tokens/%s-1.token", role);
    first_line(desk->hall.dir, name, 0, token, sizeof(token));
    snprintf(hello, sizeof(hello),
             "{\"t\":\"hello\",\"protocol\":1,\"role\":\"%s\",\"token\":\"%s\"}", role, token);
    sessions_opened(desk->sessions, conn, is_desk, 1000);
    say(desk, conn, hello);
}

static void a_voter_is_known_by_credential_and_answered_by_ack(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    hall_control(&desk.hall, CONTROL_OPEN, "s1");
    hello_voter(&desk, 1, 4);
    assert_heard(&desk, 1, "\"seat\":4");
    assert_heard(&desk, 1, "\"state\":\"open\"");
    say(&desk, 1,
        "{\"t\":\"cast\",\"id\":7,\"round\":1,\"nonce\":\"0011223344556677\",\"marks\":[1,1,2]}");
    assert_int_equal(room_waiting(desk.hall.room), 1);
    hall_settle(&desk.hall);
    sessions_acked(desk.sessions, desk.hall.ack_senders[0], &desk.hall.acks[0]);
    assert_heard(&desk, 1, "\"t\":\"ack\",\"id\":7");
    hello_voter(&desk, 2, 4);
    assert_heard(&desk, 2, "[[4,0,1]]");
    desk_close(&desk);
}

static void the_newer_connection_of_a_voter_wins(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    hello_voter(&desk, 1, 4);
    hello_voter(&desk, 2, 4);
    assert_heard(&desk, 1, "\"replaced\"");
    assert_int_equal(desk.close_code[1], 1008);
    assert_int_equal(desk.close_code[2], 0);
    sessions_closed(desk.sessions, 1); /* the late close of the old one leaves the new one be */
    hello_voter(&desk, 3, 4);
    assert_int_equal(desk.close_code[2], 1008);
    desk_close(&desk);
}

static void an_ack_for_a_connection_gone_goes_to_nobody(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    hall_control(&desk.hall, CONTROL_OPEN, "s1");
    hello_voter(&desk, 1, 4);
    say(&desk, 1,
        "{\"t\":\"cast\",\"id\":7,\"round\":1,\"nonce\":\"0011223344556677\",\"marks\":[1,1,2]}");
    sessions_closed(desk.sessions, 1);
    hello_voter(&desk, 1, 5); /* the place is somebody else's now */
    uint32_t before = desk.sent_count[1];
    hall_settle(&desk.hall);
    sessions_acked(desk.sessions, desk.hall.ack_senders[0], &desk.hall.acks[0]);
    assert_int_equal(desk.sent_count[1], before);
    desk_close(&desk);
}

/* Which role may say hello on which listener, and what it may send then. */
static void roles_are_checked_on_every_message(void **state)
{
    static const char open[] = "{\"t\":\"control\",\"id\":1,\"act\":\"open\",\"contest\":"
                               "\"appraisal\",\"subject\":\"s1\"}";
    static const char take[] = "{\"t\":\"control\",\"id\":2,\"act\":\"take\",\"layer\":\"lower\","
                               "\"scene\":\"strip\",\"params\":{}}";
    static const char cast[] =
        "{\"t\":\"cast\",\"id\":3,\"round\":1,\"nonce\":\"0011223344556677\",\"marks\":[0,1,0]}";
    static const char status[] = "{\"t\":\"control\",\"id\":4,\"act\":\"status\"}";
    static const struct {
        const char *role;
        bool is_desk;
        bool is_welcome;
        bool may[4];
    } cases[] = {
        { "officer", true, true, { true, false, false, true } },
        { "operator", true, true, { false, true, false, true } },
        { "overlay", true, true, { false, false, false, false } },
        { "base", false, true, { false, false, false, false } },
        { "officer", false, false, { false } },
        { "operator", false, false, { false } },
        { "overlay", false, false, { false } },
    };
    const char *messages[4] = { open, take, cast, status };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int m = 0; m < 4; m++) {
            static struct desk desk;
            desk_open(&desk);
            hello_post(&desk, 1, cases[i].role, cases[i].is_desk);
            if (!cases[i].is_welcome) {
                assert_heard(&desk, 1, "wrong role");
                assert_int_equal(desk.close_code[1], 1008);
                desk_close(&desk);
                continue;
            }
            uint32_t before = desk.sent_count[1];
            say(&desk, 1, messages[m]);
            if (cases[i].may[m]) {
                hall_settle(&desk.hall);
                assert_true(m == 3 ? desk.sent_count[1] == before + 1 : desk.hall.done_count == 1);
            } else {
                assert_heard(&desk, 1, "wrong role");
                assert_int_equal(room_waiting(desk.hall.room), 0);
            }
            desk_close(&desk);
        }
    }
}

static void hostile_messages_are_refused_and_the_third_ends_it(void **state)
{
    static const char *const messages[] = {
        "garbage", "{\"t\":\"nosuch\",\"id\":5}", "{\"t\":\"cast\",\"id\":5}",
        "[]",      "{\"t\":\"welcome\"}",
    };
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        static struct desk desk;
        desk_open(&desk);
        hello_voter(&desk, 1, 1);
        for (int times = 1; times <= 3; times++) {
            say(&desk, 1, messages[i]);
            assert_heard(&desk, 1, "\"t\":\"refused\"");
            assert_int_equal(desk.close_code[1], times == 3 ? 1008 : 0);
        }
        desk_close(&desk);
    }
}

static void a_stranger_is_refused_and_a_silent_one_closed(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    sessions_opened(desk.sessions, 1, false, 1000);
    say(&desk, 1,
        "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\",\"credential\":\"0000-0000-0000\"}");
    assert_heard(&desk, 1, "bad credential");
    assert_int_equal(desk.close_code[1], 1008);
    sessions_opened(desk.sessions, 2, false, 1000);
    say(&desk, 2, "{\"t\":\"hello\",\"protocol\":2,\"role\":\"viewer\"}");
    assert_heard(&desk, 2, "bad version");
    sessions_opened(desk.sessions, 3, false, 1000);
    sessions_opened(desk.sessions, 4, false, 2500);
    sessions_sweep(desk.sessions, 1000 + SESSION_HELLO_MS);
    assert_int_equal(desk.close_code[3], 0);
    sessions_sweep(desk.sessions, 1001 + SESSION_HELLO_MS);
    assert_int_equal(desk.close_code[3], 1008);
    assert_int_equal(desk.close_code[4], 0);
    desk_close(&desk);
}

static void say_at(struct desk *desk, uint32_t conn, const char *text, int64_t steady_ms)
{
    struct moment now = { .unix_ms = 1795487344000, .steady_ms = steady_ms };
    sessions_message(desk->sessions, conn, text, strlen(text), now);
}

/* The eleventh waits its turn; a valid credential of the same address does not. */
static void failed_hellos_of_an_address_are_answered_at_a_pace(void **state)
{
    static const char wrong[] =
        "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\",\"credential\":\"0000-0000-0000\"}";
    static struct desk desk;
    desk_open(&desk);
    for (uint32_t conn = 0; conn < 13; conn++) {
        sessions_opened(desk.sessions, conn, false, 1000);
        sessions_set_address(desk.sessions, conn, 77);
        say_at(&desk, conn, wrong, 1000);
        assert_int_equal(desk.close_code[conn], conn < PACE_BURST ? 1008 : 0);
    }
    sessions_set_address(desk.sessions, 13, 77);
    hello_voter(&desk, 13, 4);
    say_at(&desk, 10, wrong, 1050); /* it has asked already */
    assert_int_equal(desk.sent_count[10], 0);
    sessions_sweep(desk.sessions, 1000 + PACE_STEP_MS);
    assert_heard(&desk, 10, "bad credential");
    assert_int_equal(desk.close_code[10], 1008);
    assert_int_equal(desk.close_code[11], 0);
    sessions_sweep(desk.sessions, 1000 + 3 * PACE_STEP_MS);
    assert_int_equal(desk.close_code[11], 1008);
    assert_int_equal(desk.close_code[12], 1008);
    assert_int_equal(desk.close_code[13], 0);
    desk_close(&desk);
}

/* The credential waits 10 s, and nobody else; a post of the desk does not. */
static void who_sent_three_bad_messages_waits_for_the_next_welcome(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    hello_voter(&desk, 1, 4);
    hello_post(&desk, 2, "officer", true);
    for (uint32_t conn = 1; conn <= 2; conn++) {
        for (int times = 1; times <= 3; times++) {
            say(&desk, conn, "garbage");
        }
        assert_int_equal(desk.close_code[conn], 1008);
        sessions_closed(desk.sessions, conn);
    }
    hello_voter(&desk, 3, 5);
    hello_post(&desk, 4, "officer", true);
    assert_true(sessions_is_known(desk.sessions, 4));
    char line[64];
    char hello[160];
    first_line(desk.hall.dir, "roll.csv", 4, line, sizeof(line));
    snprintf(hello, sizeof(hello),
             "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\",\"credential\":\"%.14s\"}",
             strchr(line, ',') + 1);
    sessions_opened(desk.sessions, 5, false, 1000);
    say_at(&desk, 5, hello, 1000 + SESSION_PENALTY_MS - 1);
    assert_heard(&desk, 5, "busy");
    assert_int_equal(desk.close_code[5], 1013);
    assert_false(sessions_is_known(desk.sessions, 5));
    sessions_opened(desk.sessions, 6, false, 1000);
    say_at(&desk, 6, hello, 1000 + SESSION_PENALTY_MS);
    assert_heard(&desk, 6, "\"t\":\"welcome\"");
    assert_true(sessions_is_known(desk.sessions, 6));
    desk_close(&desk);
}

/* Bad messages of a stranger delay the failed hellos of its address, and no valid one. */
static void a_bad_stranger_costs_only_failed_hellos(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    for (uint32_t conn = 1; conn <= 3; conn++) {
        sessions_opened(desk.sessions, conn, false, 1000);
        sessions_set_address(desk.sessions, conn, 77);
    }
    for (int times = 1; times <= 3; times++) {
        say(&desk, 1, "garbage");
    }
    assert_int_equal(desk.close_code[1], 1008);
    say(&desk, 2, "{\"t\":\"hello\",\"protocol\":2,\"role\":\"viewer\"}");
    say(&desk, 3, "{\"t\":\"hello\",\"protocol\":1,\"role\":\"viewer\"}");
    assert_heard(&desk, 3, "\"t\":\"welcome\"");
    sessions_sweep(desk.sessions, 1000 + SESSION_PENALTY_MS - 1);
    assert_int_equal(desk.close_code[2], 0);
    sessions_sweep(desk.sessions, 1000 + SESSION_PENALTY_MS);
    assert_heard(&desk, 2, "bad version");
    assert_int_equal(desk.close_code[2], 1008);
    desk_close(&desk);
}

static void a_slow_viewer_is_owed_only_the_newest_view(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    hall_control(&desk.hall, CONTROL_OPEN, "s1");
    assert_true(publisher_tick(desk.publisher, 10) != 0);
    sessions_opened(desk.sessions, 1, false, 1000);
    say(&desk, 1, "{\"t\":\"hello\",\"protocol\":1,\"role\":\"viewer\"}");
    assert_int_equal(desk.view_ready_count[1], 1);
    assert_non_null(sessions_view(desk.sessions, 1));
    assert_null(sessions_view(desk.sessions, 1));
    for (uint32_t version = 1; version <= 3; version++) {
        struct ack ack;
        struct refused refused;
        struct sender nobody = { 9, 0 };
        room_cast(desk.hall.room, nobody, 2,
                  hall_cast(1, 2, 0, version, (uint8_t)(version % 3), (uint8_t)version), &ack,
                  &refused);
        hall_settle(&desk.hall);
        publisher_touch(desk.publisher);
        sessions_published(desk.sessions, publisher_tick(desk.publisher, 10 + version));
    }
    assert_int_equal(desk.view_ready_count[1], 2); /* told once, however much it lags */
    struct blob *view = sessions_view(desk.sessions, 1);
    assert_ptr_equal(view, publisher_view(desk.publisher, AUDIENCE_PUBLIC));
    assert_null(sessions_view(desk.sessions, 1));
    desk_close(&desk);
}

static void a_base_station_casts_for_its_own_seats_only(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    hall_control(&desk.hall, CONTROL_OPEN, "s1");
    hello_post(&desk, 1, "base", false);
    say(&desk, 1,
        "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[[5,\"0011223344556677\",0,1,0]]}");
    assert_heard(&desk, 1, "bad value");
    say(&desk, 1,
        "{\"t\":\"casts\",\"id\":2,\"round\":1,\"cards\":[[4,\"0011223344556677\",0,1,0]]}");
    assert_int_equal(room_waiting(desk.hall.room), 1);
    hall_settle(&desk.hall);
    desk_close(&desk);
}

/* 40 at once, then 5 a second; what is over is kept by the sender, never lost. */
static void a_voter_faster_than_a_person_is_told_busy(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    hall_control(&desk.hall, CONTROL_OPEN, "s1");
    hello_voter(&desk, 1, 4);
    int64_t steady_ms = 1000;
    uint32_t version = 0;
    for (int wave = 0; wave < 2; wave++) {
        uint32_t allowed = wave == 0 ? SESSION_CAST_BURST : 5;
        for (uint32_t i = 0; i <= allowed; i++) {
            char text[160];
            snprintf(text, sizeof(text),
                     "{\"t\":\"cast\",\"id\":1,\"round\":1,\"nonce\":\"00112233445566%02x\","
                     "\"marks\":[0,%u,1]}",
                     version, version + 1);
            struct moment now = { .unix_ms = 1, .steady_ms = steady_ms };
            uint32_t sent = desk.sent_count[1];
            sessions_message(desk.sessions, 1, text, strlen(text), now);
            if (i < allowed) {
                version++;
                assert_int_equal(desk.sent_count[1], sent);
            } else {
                assert_heard(&desk, 1, "busy");
            }
        }
        steady_ms += 5 * SESSION_CAST_MS;
    }
    assert_int_equal(room_waiting(desk.hall.room), SESSION_CAST_BURST + 5);
    hall_settle(&desk.hall);
    desk_close(&desk);
}

static void control_now(struct desk *desk, enum control_kind kind, const char *params)
{
    struct control control = { .kind = kind, .id = 5 };
    struct refused refused;
    struct sender officer = { 99, 1 };
    snprintf(control.params, sizeof(control.params), "%s", params);
    assert_int_equal(room_control(desk->hall.room, officer, "officer-1", &control, 1000, &refused),
                     ROOM_PENDING);
    hall_settle(&desk->hall);
    sessions_roll_changed(desk->sessions, 1000);
}

/* A pad that stays on the seat of somebody who left does not bring them back. */
static void who_was_checked_out_stays_away_while_the_pad_is_on(void **state)
{
    static struct desk desk;
    desk_open(&desk);
    desk.hall.event->check_in = CHECK_IN_PAD;
    const struct attendance *attendance = sitting_attendance(room_sitting(desk.hall.room));
    hello_voter(&desk, 1, 4);
    hello_voter(&desk, 2, 5);
    control_now(&desk, CONTROL_CHECK_IN_OPEN, "");
    room_tick(desk.hall.room, (struct moment){ 2000, 2000 });
    hall_wait(&desk.hall);
    sessions_roll_changed(desk.sessions, 2000);
    assert_true(attendance_is_present(attendance, 4)); /* those who were there already */
    assert_true(attendance_is_present(attendance, 5));
    control_now(&desk, CONTROL_CHECK_OUT, "seats=4\n");
    room_tick(desk.hall.room, (struct moment){ 9000, 9000 });
    assert_int_equal(room_reserve_epochs(desk.hall.room, 10, 9000), STATUS_OK);
    while (desk.hall.epochs_reserved != 10) { /* behind whatever the tick has offered */
        hall_wait(&desk.hall);
    }
    assert_false(attendance_is_present(attendance, 4));
    assert_true(attendance_is_present(attendance, 5));
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_voter_is_known_by_credential_and_answered_by_ack),
        cmocka_unit_test(the_newer_connection_of_a_voter_wins),
        cmocka_unit_test(an_ack_for_a_connection_gone_goes_to_nobody),
        cmocka_unit_test(roles_are_checked_on_every_message),
        cmocka_unit_test(hostile_messages_are_refused_and_the_third_ends_it),
        cmocka_unit_test(a_stranger_is_refused_and_a_silent_one_closed),
        cmocka_unit_test(failed_hellos_of_an_address_are_answered_at_a_pace),
        cmocka_unit_test(who_sent_three_bad_messages_waits_for_the_next_welcome),
        cmocka_unit_test(a_bad_stranger_costs_only_failed_hellos),
        cmocka_unit_test(a_slow_viewer_is_owed_only_the_newest_view),
        cmocka_unit_test(a_voter_faster_than_a_person_is_told_busy),
        cmocka_unit_test(a_base_station_casts_for_its_own_seats_only),
        cmocka_unit_test(who_was_checked_out_stays_away_while_the_pad_is_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
