#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "overlay/hearing.h"
#include "overlay/wall.h"
#include "tests/unit/clients/lib/fake_server.h"

/*
 * The painter's ear in its own thread, against a server that this thread plays by hand, while this
 * thread also looks at what was heard, as the painter does. Nothing sleeps; 20 s are the end.
 */
#define LOG "0123456789abcdef"
#define WELCOME                                                                                    \
    "{\"t\":\"welcome\",\"protocol\":1,\"log\":\"" LOG "\",\"role\":\"viewer\",\"seat\":0,"        \
    "\"audience\":\"public\",\"post\":\"\",\"round\":{\"round\":0,\"state\":\"planned\","          \
    "\"contest\":\"\",\"subject\":\"\",\"items\":0,\"choices\":0},\"versions\":[]}"

struct ear {
    struct fake_server *server;
    struct hearing *hearing;
    char url[64];
};

static int setup(void **state)
{
    static struct ear ear;
    ear = (struct ear){ .server = fake_server_create(0) };
    assert_non_null(ear.server);
    fake_server_document(ear.server, 0, ""); /* never answers: no document is dropped */
    snprintf(ear.url, sizeof ear.url, "ws://127.0.0.1:%u", fake_server_port(ear.server));
    const struct hearing_options options = { .url = ear.url, .bus = BUS_PROGRAMME };
    assert_int_equal(STATUS_OK, hearing_create(&options, &ear.hearing, NULL));
    *state = &ear;
    return 0;
}

static int teardown(void **state)
{
    struct ear *ear = *state;
    hearing_destroy(ear->hearing);
    fake_server_destroy(ear->server);
    return 0;
}

static uint64_t heard_epoch(struct ear *ear)
{
    uint64_t epoch = latest_epoch(hearing_lock(ear->hearing));
    hearing_unlock(ear->hearing);
    return epoch;
}

static uint64_t heard_sequence(struct ear *ear)
{
    const struct programme *programme = latest_programme(hearing_lock(ear->hearing));
    uint64_t sequence = programme != NULL ? programme->sequence : 0;
    hearing_unlock(ear->hearing);
    return sequence;
}

static uint64_t dropped_total(struct ear *ear)
{
    uint64_t total = latest_dropped_total(hearing_lock(ear->hearing));
    hearing_unlock(ear->hearing);
    return total;
}

/* Plays the server until `condition` holds. */
#define UNTIL(ear, condition)                                                                      \
    do {                                                                                           \
        int64_t until_ns = wall_monotonic_ns() + 20 * INT64_C(1000000000);                         \
        while (!(condition) && wall_monotonic_ns() < until_ns)                                     \
            fake_server_turn((ear)->server);                                                       \
        assert_true(condition);                                                                    \
    } while (0)

static void view_send(struct ear *ear, uint32_t epoch)
{
    char text[256];
    snprintf(text, sizeof text,
             "{\"t\":\"view\",\"log\":\"" LOG "\",\"epoch\":%u,\"at_ms\":1700000000123,"
             "\"audience\":\"public\",\"texts\":\"00000000000000ff\",\"live\":null,\"closed\":[]}",
             epoch);
    fake_server_send(ear->server, text, 0);
}

static void what_is_heard_can_be_looked_at_meanwhile(void **state)
{
    struct ear *ear = *state;
    assert_false(hearing_is_connected(ear->hearing));
    UNTIL(ear, fake_server_heard_count(ear->server) == 1);
    fake_server_send(ear->server, WELCOME, 0);
    UNTIL(ear, hearing_is_connected(ear->hearing));
    for (uint32_t epoch = 1; epoch <= 50; epoch++) {
        view_send(ear, epoch);
        UNTIL(ear, heard_epoch(ear) == epoch);
    }
    view_send(ear, 49);
    fake_server_send(ear->server,
                     "{\"t\":\"programme\",\"sequence\":7,\"programme\":{},"
                     "\"preview\":{}}",
                     0);
    UNTIL(ear, heard_sequence(ear) == 7);
    assert_int_equal(50, heard_epoch(ear));
    assert_int_equal(1, dropped_total(ear));
}

#define VIEW(rest)                                                                                 \
    "{\"t\":\"view\",\"log\":\"" LOG "\",\"at_ms\":1700000000123,\"audience\":\"public\","         \
    "\"texts\":\"00000000000000ff\",\"closed\":[]," rest "}"
#define LIVE(registered)                                                                           \
    VIEW("\"epoch\":6,\"live\":{\"round\":1,\"state\":\"open\",\"contest\":\"c\",\"subject\":"     \
         "\"s\",\"shows\":\"turnout\",\"registered\":" registered "}")

/* Whatever a server sends that is no view changes nothing and is counted; news go on after it. */
static void what_cannot_be_read_is_dropped(void **state)
{
    static const char *const bad[] = {
        "{",
        "[]",
        "{\"t\":\"view\"}",
        VIEW("\"epoch\":-6,\"live\":null"),
        VIEW("\"epoch\":6.5,\"live\":null"),
        VIEW("\"epoch\":1e400,\"live\":null"),
        VIEW("\"epoch\":99999999999999999999,\"live\":null"),
        VIEW("\"epoch\":\"6\",\"live\":null"),
        VIEW("\"epoch\":NaN,\"live\":null"),
        VIEW("\"epoch\":6,\"live\":{}"),
        VIEW("\"epoch\":6,\"live\":null}}"),
        VIEW("\"epoch\":6,\"live\":\"\xff\xfe\""),
        LIVE("NaN"),
        LIVE("-1"),
        LIVE("1000000000000"),
        "{\"t\":\"programme\",\"sequence\":1,\"programme\":{\"lower\":{\"scene\":\"nonsense\"}}}",
    };
    const uint64_t count = sizeof bad / sizeof *bad;
    struct ear *ear = *state;
    UNTIL(ear, fake_server_heard_count(ear->server) == 1);
    fake_server_send(ear->server, WELCOME, 0);
    view_send(ear, 5);
    UNTIL(ear, heard_epoch(ear) == 5);
    for (uint64_t i = 0; i < count; i++) {
        fake_server_send(ear->server, bad[i], 0);
        UNTIL(ear, dropped_total(ear) == i + 1);
        assert_int_equal(5, heard_epoch(ear));
    }
    fake_server_send(ear->server, "{\"t\":\"of-a-newer-server\"}", 0);
    view_send(ear, 7);
    UNTIL(ear, heard_epoch(ear) == 7);
    assert_int_equal(count, dropped_total(ear));
    assert_int_equal(0, heard_sequence(ear));
    assert_int_equal(1, fake_server_accepted(ear->server));
}

static void a_lost_connection_keeps_what_was_heard(void **state)
{
    struct ear *ear = *state;
    UNTIL(ear, fake_server_heard_count(ear->server) == 1);
    fake_server_send(ear->server, WELCOME, 0);
    view_send(ear, 5);
    UNTIL(ear, heard_epoch(ear) == 5);
    fake_server_hang_up(ear->server);
    UNTIL(ear, !hearing_is_connected(ear->hearing));
    assert_int_equal(5, heard_epoch(ear));
    UNTIL(ear, fake_server_heard_count(ear->server) == 2);
    fake_server_send(ear->server, WELCOME, 0);
    UNTIL(ear, hearing_is_connected(ear->hearing));
    assert_int_equal(2, fake_server_accepted(ear->server));
}

static void it_ends_while_it_connects(void **state)
{
    struct ear *ear = *state;
    int64_t begun_ns = wall_monotonic_ns();
    hearing_destroy(ear->hearing);
    ear->hearing = NULL;
    assert_true(wall_monotonic_ns() - begun_ns < 20 * INT64_C(1000000000));
}

int main(void)
{
#define HEARD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        HEARD(what_is_heard_can_be_looked_at_meanwhile),
        HEARD(what_cannot_be_read_is_dropped),
        HEARD(a_lost_connection_keeps_what_was_heard),
        HEARD(it_ends_while_it_connects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
