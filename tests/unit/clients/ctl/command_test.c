#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
    assert_int_equal(
        line_parse("minping series --file s.json --format text -o out", buffer, &command),
        PARSED_RUN);
    assert_int_equal(command.verb, VERB_SERIES);
    assert_string_equal(command.file, "s.json");
    assert_int_equal(line_parse("minping series --file s.json", buffer, &command), PARSED_RUN);
    assert_int_equal(command.format, FORMAT_JSON);
}

/* A value with blanks does not come out of line_parse(): reasons here have none. */
static void every_act_has_its_command(void **state)
{
    static const struct {
        const char *line;
        enum control_kind kind;
        uint32_t round;
        uint64_t number;
        const char *contest;
        const char *params;
    } cases[] = {
        { "open e candidates=c1,c2 seconds=60", CONTROL_OPEN, 0, 0, "e",
          "candidates=c1,c2\nseconds=60\n" },
        { "ask 2", CONTROL_ASK, 0, 2, "", "" },
        { "ask 2 3", CONTROL_ASK, 3, 2, "", "" },
        { "pause", CONTROL_PAUSE, 0, 0, "", "" },
        { "close 3", CONTROL_CLOSE, 3, 0, "", "" },
        { "void 3 reason=多收一张", CONTROL_VOID, 3, 0, "", "reason=多收一张\n" },
        { "certify", CONTROL_CERTIFY, 0, 0, "", "" },
        { "certify 3", CONTROL_CERTIFY, 3, 0, "", "" },
        { "checkin open", CONTROL_CHECK_IN_OPEN, 0, 0, "", "" },
        { "checkin close", CONTROL_CHECK_IN_CLOSE, 0, 0, "", "" },
        { "checkin 1-12,15", CONTROL_CHECK_IN, 0, 0, "", "seats=1-12,15\n" },
        { "checkout 7", CONTROL_CHECK_OUT, 0, 0, "", "seats=7\n" },
        { "revoke 7 reason=lost", CONTROL_REVOKE, 0, 7, "", "reason=lost\n" },
        { "replace 7 reason=broken", CONTROL_REPLACE, 0, 7, "", "reason=broken\n" },
        { "adjudicate 3 2 void reason=W7", CONTROL_ADJUDICATE, 3, 2, "",
          "ruling=void\nreason=W7\n" },
        { "cases", CONTROL_CASES, 0, 0, "", "" },
        { "cases 3", CONTROL_CASES, 3, 0, "", "" },
        { "paper 3 issued=10 returned=9 void=1 c-1=5,2,1", CONTROL_PAPER, 3, 0, "",
          "issued=10\nreturned=9\nvoid=1\nc-1=5,2,1\n" },
        { "paper reject 3 1 reason=r", CONTROL_PAPER_REJECT, 3, 1, "", "reason=r\n" },
        { "paper confirm 3 1", CONTROL_PAPER_CONFIRM, 3, 1, "", "" },
        { "sign 3 reason=one-kept", CONTROL_SIGN, 3, 0, "", "reason=one-kept\n" },
        { "decide e for=50 base=88", CONTROL_DECIDE, 0, 0, "e", "for=50\nbase=88\n" },
        { "withdraw e c1 reason=ill", CONTROL_WITHDRAW, 0, 0, "e", "candidate=c1\nreason=ill\n" },
        { "lot e", CONTROL_LOT, 0, 0, "e", "" },
        { "step speech-1 begun", CONTROL_STEP, 0, 0, "", "step=speech-1\nstate=begun\n" },
        { "status", CONTROL_STATUS, 0, 0, "", "" },
        { "backup", CONTROL_BACKUP, 0, 0, "", "" },
        { "take bug turnout", CONTROL_TAKE, 0, 0, "", "" },
        { "continue fullscreen", CONTROL_CONTINUE, 0, 0, "", "" },
        { "clear bug", CONTROL_CLEAR, 0, 0, "", "" },
        { "cut", CONTROL_CUT, 0, 0, "", "" },
    };
    bool seen[CONTROL_COUNT] = { false };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct command command;
        char line[512];
        char buffer[512];
        snprintf(line, sizeof(line), "minping %s" DESK, cases[i].line);
        if (line_parse(line, buffer, &command) != PARSED_RUN) {
            fail_msg("taken as wrong: %s", line);
        }
        assert_int_equal(command.verb, VERB_ACT);
        assert_int_equal(command.control.kind, cases[i].kind);
        assert_int_equal(command.control.round, cases[i].round);
        assert_int_equal(command.control.number, cases[i].number);
        assert_string_equal(command.control.contest, cases[i].contest);
        assert_string_equal(command.control.params, cases[i].params);
        seen[cases[i].kind] = true;
    }
    for (int kind = CONTROL_INVALID + 1; kind < CONTROL_COUNT; kind++) {
        assert_true(seen[kind]);
    }
}

static void a_count_has_its_own_options(void **state)
{
    static const char *const wrong[] = {
        "minping count --contest c --cards f",
        "minping count --event e --cards f",
        "minping count --event e --contest c",
        "minping count --event e --contest c --cards f --seats 0",
        "minping count --event e --contest c --cards f --registered 100001",
        "minping count --event e --contest c --cards f --present 1x",
        "minping count --event e --contest c --cards f --issued -1",
        "minping count --event e --contest c --cards f --stage second",
        "minping count --event e --contest c --cards f --format csv",
        "minping count --event e --contest c --cards f --data d",
        "minping count --event e --contest c --cards f extra",
        "minping results --data d --cards f",
        "minping status --seats 1 --url ws://h --token-file t",
    };
    struct command command;
    char buffer[512];
    (void)state;
    assert_int_equal(line_parse("minping count --event e --contest c --cards f", buffer, &command),
                     PARSED_RUN);
    assert_int_equal(command.verb, VERB_COUNT);
    assert_int_equal(command.format, FORMAT_JSON);
    assert_false(command.count.registered.is_set);
    assert_int_equal(command.count.stage, STAGE_INVALID);
    assert_int_equal(line_parse("minping count --event e --contest c --cards f --registered 100000 "
                                "--present 0 --issued 7 --stage run-off --seats 1 "
                                "--candidates c1,c2 --names x --format text",
                                buffer, &command),
                     PARSED_RUN);
    assert_int_equal(command.count.registered.value, 100000);
    assert_true(command.count.present.is_set);
    assert_int_equal(command.count.present.value, 0);
    assert_int_equal(command.count.issued.value, 7);
    assert_int_equal(command.count.stage, STAGE_RUN_OFF);
    assert_int_equal(command.count.seats.value, 1);
    assert_string_equal(command.count.candidates, "c1,c2");
    assert_string_equal(command.count.names, "x");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (line_parse(wrong[i], buffer, &command) != PARSED_WRONG) {
            fail_msg("taken: %s", wrong[i]);
        }
    }
}

static void a_panic_needs_a_socket_and_nothing_else(void **state)
{
    static const char *const wrong[] = { "minping panic", "minping panic --socket s extra",
                                         ("minping status --socket s" DESK) };
    struct command command;
    char buffer[512];
    (void)state;
    assert_int_equal(line_parse("minping panic --socket s", buffer, &command), PARSED_RUN);
    assert_int_equal(command.verb, VERB_PANIC);
    assert_string_equal(command.socket, "s");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (line_parse(wrong[i], buffer, &command) != PARSED_WRONG) {
            fail_msg("taken: %s", wrong[i]);
        }
    }
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
        "minping series",
        "minping series s.json",
        "minping series --file s.json --data d",
        "minping series --file s.json --contest c",
        "minping series --file s.json" DESK,
        "minping verify --data d --file s.json",
        "minping verify" DESK,
        "minping status --verbose" DESK,
        "minping open appraisal colour=red" DESK,
        "minping open appraisal seconds=1m" DESK,
        "minping open appraisal seconds=60 s01" DESK,
        "minping open appraisal seconds=60 seconds=61" DESK,
        "minping ask" DESK,
        "minping ask 65" DESK,
        "minping void" DESK,
        "minping void reason=x" DESK,
        "minping void 3" DESK,
        "minping void 3 reason=" DESK,
        "minping void 3 because=x" DESK,
        "minping certify 3 reason=x" DESK,
        "minping checkin" DESK,
        "minping checkin shut" DESK,
        "minping checkin 1-" DESK,
        "minping checkin open 7" DESK,
        "minping checkout" DESK,
        "minping revoke 7" DESK,
        "minping revoke 0 reason=lost" DESK,
        "minping revoke 100001 reason=lost" DESK,
        "minping adjudicate 3 2 reason=x" DESK,
        "minping adjudicate 3 2 void" DESK,
        "minping adjudicate 3 2 maybe reason=x" DESK,
        "minping adjudicate 3 100001 void reason=x" DESK,
        "minping cases now" DESK,
        "minping paper" DESK,
        "minping paper 3" DESK,
        "minping paper 3 C1=1,0,0" DESK,
        "minping paper confirm 3" DESK,
        "minping paper confirm 3 65" DESK,
        "minping sign 3" DESK,
        "minping decide e for=50" DESK,
        "minping decide e for=half base=88" DESK,
        "minping withdraw e reason=ill" DESK,
        "minping withdraw e c1" DESK,
        "minping lot" DESK,
        "minping lot e c1" DESK,
        "minping step speech-1" DESK,
        "minping step speech-1 over" DESK,
        "minping status reason=x" DESK,
        "minping void 3 reason=x --data d",
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
        cmocka_unit_test(every_act_has_its_command),
        cmocka_unit_test(a_count_has_its_own_options),
        cmocka_unit_test(a_panic_needs_a_socket_and_nothing_else),
        cmocka_unit_test(wrong_usage_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
