#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/hall/roll.h"

struct place {
    char path[64];
};

static int place_make(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    snprintf(place->path, sizeof(place->path), "/tmp/minping-roll-XXXXXX");
    int fd = mkstemp(place->path);
    assert_true(fd >= 0);
    close(fd);
    *state = place;
    return 0;
}

static int place_free(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    free(place);
    return 0;
}

static void place_write(const struct place *place, const char *text)
{
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void seats_are_read_from_the_first_asked_for(void **state)
{
    const struct place *place = *state;
    struct roll roll;
    place_write(place, "seat,credential,group\n1,AAAA-BBBB-CCCC,party\r\n2,BBBB,npc\n"
                       "3,CCCC,npc\n");
    assert_int_equal(roll_read(place->path, 1, 3, &roll, NULL), STATUS_OK);
    assert_int_equal(roll.count, 3);
    assert_int_equal(roll.seats[0].seat, 1);
    assert_string_equal(roll.seats[0].credential, "AAAA-BBBB-CCCC");
    assert_string_equal(roll.seats[2].credential, "CCCC");
    roll_finish(&roll);
    assert_int_equal(roll_read(place->path, 2, 1, &roll, NULL), STATUS_OK);
    assert_int_equal(roll.count, 1);
    assert_int_equal(roll.seats[0].seat, 2);
    roll_finish(&roll);
}

static void a_roll_that_is_wrong_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text;
        enum status status;
        const char *where;
    } cases[] = {
        { "1,AAAA,party\n", STATUS_INVALID, ":1" },
        { "seat,credential,group\n1,AAAA,party\nx,BBBB,party\n", STATUS_INVALID, ":3" },
        { "seat,credential,group\n0,AAAA,party\n", STATUS_INVALID, ":2" },
        { "seat,credential,group\n100001,AAAA,party\n", STATUS_INVALID, ":2" },
        { "seat,credential,group\n1,,party\n", STATUS_INVALID, ":2" },
        { "seat,credential,group\n1\n", STATUS_INVALID, ":2" },
        { "seat,credential,group\n1,ABCDEFGHABCDEFGHABCDEFGHABCDEFGHX,party\n", STATUS_INVALID,
          ":2" },
        { "seat,credential,group\n1,AAAA,party\n", STATUS_LIMIT, "" },
        { "", STATUS_LIMIT, "" },
    };
    const struct place *place = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct roll roll;
        struct fault fault = { 0 };
        place_write(place, cases[i].text);
        assert_int_equal(roll_read(place->path, 1, 2, &roll, &fault), cases[i].status);
        assert_non_null(strstr(fault.where, cases[i].where));
        assert_null(roll.seats);
    }
    struct roll roll;
    struct fault fault = { 0 };
    assert_int_equal(roll_read("/nonexistent/roll.csv", 1, 1, &roll, &fault), STATUS_IO);
    assert_non_null(strstr(fault.text, "'/nonexistent/roll.csv'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(seats_are_read_from_the_first_asked_for, place_make,
                                        place_free),
        cmocka_unit_test_setup_teardown(a_roll_that_is_wrong_is_refused_with_its_line, place_make,
                                        place_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
