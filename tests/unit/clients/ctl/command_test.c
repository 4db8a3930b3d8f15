#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/ctl/command.h"

#define ARGUMENT_MAX 24
#define DESK " --url ws://h --token-file t"

static enum parsed line_parse(const char *line, char buffer[512], struct command *command)
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
    return command_parse(count, arguments, command);
}

static void each_command_becomes_its_control(void **state)
{
    struct command command;
    char buffer[512];
    (void)state;
    assert_int_equal(line_parse("minping open appraisal s01" DESK, buffer, &command), PARSED_RUN);
    assert_int_equal(command.control.kind, CONTROL_OPEN);
    assert_string_equal(command.control.contest, "appraisal");
    assert_string_equal(command.control.subject, "s01");
    assert_int_equal(command.timeout_s, 5);
    assert_int_equal(line_parse("minping" DESK " --timeout 60 close", buffer, &command),
                     PARSED_RUN);
    assert_int_equal(command.control.kind, CONTROL_CLOSE);
    assert_int_equal(command.timeout_s, 60);
    assert_int_equal(line_parse("minping take --bus preview lower strip contest=appraisal "
                                "subject=s01" DESK,
                                buffer, &command),
                     PARSED_RUN);
    assert_int_equal(command.control.kind, CONTROL_TAKE);
    assert_int_equal(command.control.bus, BUS_PREVIEW);
    assert_int_equal(command.control.layer, LAYER_LOWER);
    assert_int_equal(command.control.scene, SCENE_STRIP);
    assert_string_equal(command.control.params, "contest=appraisal\nsubject=s01\n");
    assert_int_equal(line_parse("minping close 3" DESK, buffer, &command), PARSED_RUN);
    assert_int_equal(command.control.kind, CONTROL_CLOSE);
    assert_int_equal(command.control.round, 3);
    assert_int_equal(line_parse("minping clear all" DESK, buffer, &command), PARSED_RUN);
    assert_int_equal(command.control.bus, BUS_PROGRAMME);
    assert_int_equal(command.control.layer, LAYER_ALL);
    assert_int_equal(line_parse("minping results --data d --event e -o out --lang en --format csv",
                                buffer, &command),
                     PARSED_RUN);
    assert_int_equal(command.format, FORMAT_CSV);
    assert_int_equal(command.language, LANGUAGE_EN);
    assert_string_equal(command.output, "out");
    assert_int_equal(line_parse("minping verify --data d --event e --acks a", buffer, &command),
                     PARSED_RUN);
    assert_string_equal(command.acks, "a");
}

static void wrong_usage_is_told_apart(void **state)
{
    static const char *const wrong[] = {
        "minping",
        "minping reopen" DESK,
        "minping open" DESK,
        "minping open Appraisal" DESK,
        "minping open appraisal s01 s02" DESK,
        "minping open appraisal ../x" DESK,
        "minping close now" DESK,
        "minping close",
        "minping close --url ws://h",
        "minping close --token-file t",
        "minping take all strip" DESK,
        "minping take lower" DESK,
        "minping take lower nosuch" DESK,
        "minping take lower strip contest" DESK,
        "minping take lower strip =x" DESK,
        "minping take lower strip Key=x" DESK,
        "minping take lower strip a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9" DESK,
        "minping clear top" DESK,
        "minping clear --bus air lower" DESK,
        "minping status --timeout 0" DESK,
        "minping status --timeout 1s" DESK,
        "minping status --lang fr" DESK,
        "minping status --format xml" DESK,
        "minping status --data d --event e",
        "minping results",
        "minping results --data d --token-file t --url u",
        "minping close 0" DESK,
        "minping close 1x" DESK,
        "minping close 1 2" DESK,
        "minping results --data d --event e --url ws://h",
        "minping results --contest appraisal" DESK,
        "minping verify --event e",
        "minping verify" DESK,
        "minping status --verbose" DESK,
    };
    struct command command;
    char buffer[512];
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (line_parse(wrong[i], buffer, &command) != PARSED_WRONG) {
            fail_msg("taken as right: %s", wrong[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_becomes_its_control),
        cmocka_unit_test(wrong_usage_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
