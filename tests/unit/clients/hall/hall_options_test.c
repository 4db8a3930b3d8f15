#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/hall/options.h"

#define ARGUMENT_MAX 24

/* Splits `line` at its spaces and parses it. */
static enum parsed line_parse(const char *line, char buffer[512], struct hall_options *options)
{
    char *arguments[ARGUMENT_MAX + 1] = { NULL };
    int count = 0;
    size_t size = strlen(line);
    assert_true(size < 512);
    memcpy(buffer, line, size + 1);
    for (char *at = buffer; *at != '\0' && count < ARGUMENT_MAX;) {
        arguments[count++] = at;
        at += strcspn(at, " ");
        if (*at == ' ') {
            *at++ = '\0';
        }
    }
    optind = 0; /* begin anew: getopt(3) */
    opterr = 0;
    return hall_options_parse(count, arguments, options);
}

static void what_is_given_is_taken_and_the_rest_has_its_default(void **state)
{
    struct hall_options options;
    char buffer[512];
    (void)state;
    assert_int_equal(
        line_parse("minping-hall --url ws://h --roll r.csv --seats 1995", buffer, &options),
        PARSED_RUN);
    assert_string_equal(options.url, "ws://h");
    assert_string_equal(options.roll, "r.csv");
    assert_int_equal(options.seats, 1995);
    assert_int_equal(options.first, 1);
    assert_int_equal(options.seed, 1);
    assert_true(options.resend == 0.02 && options.revote == 0.05);
    assert_true(options.drop == 0.0 && options.reorder == 0.0 && options.rate == 0.0);
    assert_true(options.write_in == 0.02 && options.void_card == 0.01 && options.abstain == 0.02);
    assert_true(options.disputed == 0.0 && options.stay_away == 0.0 && options.leave == 0.0);
    assert_int_equal(options.taste, TASTE_SPLIT);
    assert_null(options.truth);
    assert_int_equal(options.until_closed, 0);
    assert_int_equal(
        line_parse("minping-hall --url ws://h --roll r.csv --seats 1 --rate 2.5 "
                   "--drop 1 --reorder 0.5 --until-closed 17 --seed 18446744073709551615",
                   buffer, &options),
        PARSED_RUN);
    assert_true(options.rate == 2.5 && options.drop == 1.0 && options.reorder == 0.5);
    assert_int_equal(options.until_closed, 17);
    assert_int_equal(options.seed, UINT64_MAX);
    assert_int_equal(line_parse("minping-hall --url ws://h --roll r.csv --seats 1 --write-in 0.5 "
                                "--void 0.25 --abstain 1 --disputed 0.125 --stay-away 0.75 "
                                "--leave 0.0625 --taste clear",
                                buffer, &options),
                     PARSED_RUN);
    assert_true(options.write_in == 0.5 && options.void_card == 0.25 && options.abstain == 1.0);
    assert_true(options.disputed == 0.125 && options.stay_away == 0.75 && options.leave == 0.0625);
    assert_int_equal(options.taste, TASTE_CLEAR);
}

static void what_is_missing_or_out_of_range_is_wrong(void **state)
{
    static const char *const wrong[] = {
        "minping-hall",
        "minping-hall --url ws://h --roll r.csv",
        "minping-hall --url ws://h --seats 1",
        "minping-hall --roll r.csv --seats 1",
        "minping-hall --url ws://h --roll r.csv --seats 0",
        "minping-hall --url ws://h --roll r.csv --seats 16001",
        "minping-hall --url ws://h --roll r.csv --seats 1x",
        "minping-hall --url ws://h --roll r.csv --seats -1",
        "minping-hall --url ws://h --roll r.csv --seats 1 --drop 1.1",
        "minping-hall --url ws://h --roll r.csv --seats 1 --drop -0.1",
        "minping-hall --url ws://h --roll r.csv --seats 1 --resend nan",
        "minping-hall --url ws://h --roll r.csv --seats 1 --reorder 1.5",
        "minping-hall --url ws://h --roll r.csv --seats 1 --rate inf",
        "minping-hall --url ws://h --roll r.csv --seats 1 --void 2",
        "minping-hall --url ws://h --roll r.csv --seats 1 --leave -1",
        "minping-hall --url ws://h --roll r.csv --seats 1 --taste sour",
        "minping-hall --url ws://h --roll r.csv --seats 1 --taste",
        "minping-hall --url ws://h --roll r.csv --seats 1 --seed 18446744073709551616",
        "minping-hall --url ws://h --roll r.csv --seats 1 --until-closed 0",
        "minping-hall --url ws://h --roll r.csv --seats 1 --unknown",
        "minping-hall --url ws://h --roll r.csv --seats 1 stray",
        "minping-hall --url ws://h --roll r.csv --seats",
    };
    struct hall_options options;
    char buffer[512];
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(line_parse(wrong[i], buffer, &options), PARSED_WRONG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_is_taken_and_the_rest_has_its_default),
        cmocka_unit_test(what_is_missing_or_out_of_range_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
