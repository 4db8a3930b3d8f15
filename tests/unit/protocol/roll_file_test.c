#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/protocol/roll_file.h"

/* GB18030, as WPS writes CSV: columns 类别,姓名,表决权,凭证 and three members. */
static const unsigned char wps_csv[] = {
    0xc0, 0xe0, 0xb1, 0xf0, 0x2c, 0xd0, 0xd5, 0xc3, 0xfb, 0x2c, 0xb1, 0xed, 0xbe, 0xf6, 0xc8,
    0xa8, 0x2c, 0xc6, 0xbe, 0xd6, 0xa4, 0x0d, 0x0a, 0xb5, 0xb3, 0xd4, 0xb1, 0xb4, 0xfa, 0xb1,
    0xed, 0x2c, 0xb4, 0xfa, 0xb1, 0xed, 0xd2, 0xbb, 0xba, 0xc5, 0x2c, 0xca, 0xc7, 0x2c, 0x4b,
    0x45, 0x59, 0x50, 0x41, 0x44, 0x2d, 0x30, 0x30, 0x41, 0x31, 0x0d, 0x0a, 0xb5, 0xb3, 0xd4,
    0xb1, 0xb4, 0xfa, 0xb1, 0xed, 0x2c, 0xb4, 0xfa, 0xb1, 0xed, 0xb6, 0xfe, 0xba, 0xc5, 0x2c,
    0xb7, 0xf1, 0x2c, 0x0d, 0x0a, 0xc8, 0xcb, 0xb4, 0xf3, 0xb4, 0xfa, 0xb1, 0xed, 0x2c, 0xb4,
    0xfa, 0xb1, 0xed, 0xc8, 0xfd, 0xba, 0xc5, 0x2c, 0xca, 0xc7, 0x2c, 0x4b, 0x45, 0x59, 0x50,
    0x41, 0x44, 0x2d, 0x30, 0x30, 0x42, 0x31, 0x0d, 0x0a,
};

/* UTF-16LE with BOM and tabs, as Excel writes "Unicode text": three members. */
static const unsigned char excel_text[] = {
    0xff, 0xfe, 0x7b, 0x7c, 0x2b, 0x52, 0x09, 0x00, 0xd3, 0x59, 0x0d, 0x54, 0x09, 0x00, 0x68, 0x88,
    0xb3, 0x51, 0x43, 0x67, 0x0d, 0x00, 0x0a, 0x00, 0xba, 0x4e, 0x27, 0x59, 0xe3, 0x4e, 0x68, 0x88,
    0x09, 0x00, 0xe3, 0x4e, 0x68, 0x88, 0x00, 0x4e, 0xf7, 0x53, 0x09, 0x00, 0x09, 0x67, 0x0d, 0x00,
    0x0a, 0x00, 0x5a, 0x51, 0x58, 0x54, 0xe3, 0x4e, 0x68, 0x88, 0x09, 0x00, 0x22, 0x00, 0xe3, 0x4e,
    0x68, 0x88, 0x22, 0x00, 0x22, 0x00, 0x8c, 0x4e, 0x22, 0x00, 0x22, 0x00, 0xf7, 0x53, 0x22, 0x00,
    0x09, 0x00, 0xe0, 0x65, 0x0d, 0x00, 0x0a, 0x00, 0x5a, 0x51, 0x58, 0x54, 0xe3, 0x4e, 0x68, 0x88,
    0x09, 0x00, 0x42, 0xd8, 0xb7, 0xdf, 0xf7, 0x53, 0x09, 0x00, 0x31, 0x00, 0x0d, 0x00, 0x0a, 0x00,
};

/* Two lines of UTF-8, the third GB18030. */
static const unsigned char mixed_csv[] = {
    0xe7, 0xb1, 0xbb, 0xe5, 0x88, 0xab, 0x2c, 0xe5, 0xa7, 0x93, 0xe5, 0x90, 0x8d, 0x0d, 0x0a, 0xe5,
    0x85, 0x9a, 0xe5, 0x91, 0x98, 0xe4, 0xbb, 0xa3, 0xe8, 0xa1, 0xa8, 0x2c, 0xe4, 0xbb, 0xa3, 0xe8,
    0xa1, 0xa8, 0xe4, 0xb8, 0x80, 0xe5, 0x8f, 0xb7, 0x0d, 0x0a, 0xb5, 0xb3, 0xd4, 0xb1, 0xb4, 0xfa,
    0xb1, 0xed, 0x2c, 0xb4, 0xfa, 0xb1, 0xed, 0xb6, 0xfe, 0xba, 0xc5, 0x0d, 0x0a,
};

static struct fault_list faults;

static struct group groups[3];
static struct post posts[2];
static struct event event;

/* Groups party and congress, and a test; one base station of seats 1 to 2. */
static void event_begin(void)
{
    static const struct group party = { .id = "party", .label = { "党员代表", "Party members" } };
    static const struct group congress = { .id = "congress", .label = { "人大代表", "" } };
    static const struct group test = { .id = "test", .label = { "试用", "" }, .is_test = true };
    static const struct post officer = { .id = "officer-1", .role = ROLE_OFFICER };
    static const struct post base = {
        .id = "base-1", .role = ROLE_BASE, .first_seat = 1, .seat_count = 2
    };

    groups[0] = party;
    groups[1] = congress;
    groups[2] = test;
    posts[0] = officer;
    posts[1] = base;
    event = (struct event){ .groups = groups, .group_count = 3, .posts = posts, .post_count = 2 };
    event.has_roll = true;
    memcpy(event.roll, "members.csv", 12);
}

static enum status parse(const void *text, size_t size, struct roll *roll)
{
    memset(&faults, 0, sizeof(faults));
    event_begin();
    return roll_parse("members.csv", text, size, &event, roll, &faults);
}

static void assert_parsed(const void *text, size_t size, struct roll *roll)
{
    if (parse(text, size, roll) != STATUS_OK) {
        fail_msg("%s: %s", faults.faults[0].where, faults.faults[0].text);
    }
    assert_int_equal(faults.count, 0);
}

static void a_wps_export_in_gb18030_is_read(void **state)
{
    struct roll roll;

    assert_parsed(wps_csv, sizeof(wps_csv), &roll);
    assert_int_equal(roll.count, 3);
    assert_string_equal(roll.members[0].name, "代表一号");
    assert_string_equal(roll.members[0].credential, "KEYPAD-00A1");
    assert_true(roll.members[0].has_vote);
    assert_string_equal(roll.members[1].name, "代表二号");
    assert_string_equal(roll.members[1].credential, "");
    assert_false(roll.members[1].has_vote);
    assert_int_equal(roll.members[2].group, 1);
    assert_int_equal(roll.members[2].line, 4);
    assert_string_equal(roll.ignored, "");
    roll_finish(&roll);
    assert_null(roll.members);
}

static void excels_unicode_text_is_read(void **state)
{
    struct roll roll;

    assert_parsed(excel_text, sizeof(excel_text), &roll);
    assert_int_equal(roll.count, 3);
    assert_string_equal(roll.members[0].name, "𠮷号");
    assert_true(roll.members[0].has_vote);
    assert_string_equal(roll.members[1].name, "代表\"二\"号");
    assert_false(roll.members[1].has_vote);
    assert_string_equal(roll.members[2].name, "代表一号");
    assert_int_equal(roll.members[2].group, 1);
    roll_finish(&roll);
}

static void shapes_of_the_same_roll_are_the_same(void **state)
{
    static const char *const shapes[] = {
        "group,name\nparty,甲\ncongress,乙\n",
        "group,name\r\nparty,甲\r\ncongress,乙",
        "\xef\xbb\xbfgroup;name\r\nparty;甲\r\ncongress;乙\r\n",
        "Group\tName\nParty members\t甲\n人大代表\t乙\n",
        "sep=;\r\n代表类别;姓名\r\n党员代表;甲\r\n人大代表;乙\r\n",
        "\"group\",\"name\"\r\n\"party\",\"甲\"\r\n\"congress\",\"乙\"\r\n",
        " group , name \n party ,\xe3\x80\x80甲\xe3\x80\x80\n\n,,\ncongress,乙\n,\n",
        "name,电话,group,,备注\n甲,\"1,2\",party,,\"两\n行\"\n乙,,congress\n",
        "votes,name,group\nYES,甲,party\n有,乙,congress\n",
    };

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct roll roll;

        assert_parsed(shapes[i], strlen(shapes[i]), &roll);
        assert_int_equal(roll.count, 2);
        assert_string_equal(roll.members[0].name, "甲");
        assert_int_equal(roll.members[0].group, 0);
        assert_true(roll.members[0].has_vote);
        assert_string_equal(roll.members[1].name, "乙");
        assert_int_equal(roll.members[1].group, 1);
        assert_true(roll.members[1].has_vote);
        assert_string_equal(roll.ignored, i == 7 ? "电话, 备注" : "");
        roll_finish(&roll);
    }
}

static void seats_go_by_group_then_right_to_vote_then_line(void **state)
{
    static const char text[] = "group,name,votes\n"
                               "congress,a,1\nparty,b,0\ntest,c,1\nparty,d,1\ncongress,e,0\n"
                               "party,f,1\nparty,g,0\n";
    static const char order[] = "dfbgaec";
    struct roll roll;

    assert_parsed(text, strlen(text), &roll);
    assert_int_equal(roll.count, 7);
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(roll.members[i].name[0], order[i]);
    }
    assert_int_equal(event_seat_roll(&event, &roll, &faults), STATUS_OK);
    assert_int_equal(event.seat_count, 7);
    assert_int_equal(groups[0].first_seat, 1);
    assert_int_equal(groups[0].seat_count, 4);
    assert_int_equal(groups[0].vote_count, 2);
    assert_int_equal(groups[1].first_seat, 5);
    assert_int_equal(groups[1].vote_count, 1);
    assert_int_equal(groups[2].first_seat, 7);
    assert_int_equal(event_vote_count(&event), 3);
    assert_true(event_seat_votes(&event, 2));
    assert_false(event_seat_votes(&event, 3));
    assert_false(event_seat_votes(&event, 7));
    roll_finish(&roll);
}

static const struct {
    const char *text;
    const char *where;
    const char *said;
} cases[] = {
    { "", "members.csv:1", "the roll is empty" },
    { "\n,,\n", "members.csv:1", "the roll is empty" },
    { "group,name\n", "members.csv:1", "nobody follows the header" },
    { "name\n甲\n", "members.csv:1", "no column '类别 or group'" },
    { "group,votes\nparty,1\n", "members.csv:1", "no column '姓名 or name'" },
    { "group,name,姓名\nparty,甲,乙\n", "members.csv:1", "two columns '姓名 or name'" },
    { "group,name\nparty,甲\nking,乙\n", "members.csv:3", "the event has no group 'king'" },
    { "group,name\n,乙\n", "members.csv:2", "names no group" },
    { "group,name\nparty\n", "members.csv:2", "has no name" },
    { "group,name\nparty,甲,丙\n", "members.csv:2", "more fields than the header has (2)" },
    { "group,name,votes\nparty,甲,\n", "members.csv:2", "the right to vote must be" },
    { "group,name,votes\nparty,甲,maybe\n", "members.csv:2", "the right to vote must be" },
    { "group,name,credential\nparty,甲,PADS-0000-01\nparty,乙,PADS-0000-02\n\nparty,丙,"
      "pads0ooOOI\n",
      "members.csv:5", "the credential is that of line 2 too" },
    { "group,name,credential\nparty,甲,1-234-56789\n", "members.csv:2",
      "the credential has 9 characters but -, fewer than 10" },
    { "group,name,credential\nparty,甲,钥匙\n", "members.csv:2", "the credential has other" },
    { "group,name,credential\nparty,甲,123456789012345678901234567890123\n", "members.csv:2",
      "the credential has 33 characters, more than 32" },
    { "group,name\nparty,\"甲\n", "members.csv:2", "a quote that nothing closes" },
    { "group,name\nparty,\"甲\"乙\n", "members.csv:2", "something follows a closing quote" },
    { "group,name\nparty,甲\"乙\n", "members.csv:2", "a quote inside a field" },
    { "group,name\nparty,\"甲\n乙\"\n", "members.csv:2", "the control character U+000A" },
    { "group,name\nparty,甲\nparty,a\x01"
      "b\n",
      "members.csv:3", "control character U+0001" },
    { "group,name\nparty,甲\xe2\x80\xae\n", "members.csv:2", "U+202E, which changes the" },
    { "group,name\nparty,\xff\n", "members.csv:2", "neither UTF-8 nor GB18030" },
    { "\xef\xbb\xbfgroup,name\nparty,\xbc\xd7\n", "members.csv:2",
      "this line is GB18030, those before are UTF-8" },
    { "group,name\nparty,\xbc\xd7\nparty,乙\n", "members.csv:3",
      "this line is UTF-8, those before are GB18030" },
    { "\xff\xfeg", "members.csv:1", "not UTF-16" },
};

static void every_fault_has_its_line(void **state)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct roll roll;

        if (parse(cases[i].text, strlen(cases[i].text), &roll) != STATUS_INVALID || roll.members ||
            faults.count != 1 || strcmp(faults.faults[0].where, cases[i].where) != 0 ||
            !strstr(faults.faults[0].text, cases[i].said)) {
            fail_msg("case %zu: %u faults: %s: %s", i, faults.count, faults.faults[0].where,
                     faults.faults[0].text);
        }
    }
}

static void mixed_encodings_are_named_with_the_line(void **state)
{
    struct roll roll;

    assert_int_equal(parse(mixed_csv, sizeof(mixed_csv), &roll), STATUS_INVALID);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.faults[0].where, "members.csv:3");
    assert_string_equal(faults.faults[0].text,
                        "mixed encodings: this line is GB18030, those before are UTF-8");
}

static void a_name_has_at_most_64_characters(void **state)
{
    char text[512] = "group,name\nparty,";
    struct roll roll;

    for (int i = 0; i < 64; i++) {
        memcpy(text + strlen(text), "名", 4);
    }
    assert_parsed(text, strlen(text), &roll);
    roll_finish(&roll);
    memcpy(text + strlen(text), "名", 4);
    assert_int_equal(parse(text, strlen(text), &roll), STATUS_INVALID);
    assert_string_equal(faults.faults[0].text, "the name has 65 characters, more than 64");
}

static void faults_over_the_limit_are_counted(void **state)
{
    static char text[4096];
    size_t size = (size_t)snprintf(text, sizeof(text), "group,name\n");
    struct roll roll;

    for (int i = 0; i < 100; i++) {
        size += (size_t)snprintf(text + size, sizeof(text) - size, "king,甲\n");
    }
    assert_int_equal(parse(text, size, &roll), STATUS_INVALID);
    assert_int_equal(faults.count, FAULT_LIST_MAX);
    assert_int_equal(faults.omitted, 100 - FAULT_LIST_MAX);
    assert_string_equal(faults.faults[63].where, "members.csv:65");
    assert_int_equal(roll_parse("members.csv", text, size, &event, &roll, NULL), STATUS_INVALID);
}

static void a_hundred_thousand_lines_are_the_limit(void **state)
{
    size_t room = 4u << 20;
    char *text = malloc(room);
    size_t size = (size_t)snprintf(text, room, "group,name,credential\n");
    struct roll roll;

    for (int i = 0; i < SEAT_MAX; i++) {
        size += (size_t)snprintf(text + size, room - size, "%s,代表%d号,KP%08d\n",
                                 i % 2 == 0 ? "congress" : "party", i, i);
    }
    assert_parsed(text, size, &roll);
    assert_int_equal(roll.count, SEAT_MAX);
    assert_string_equal(roll.members[0].credential, "KP00000001");
    assert_string_equal(roll.members[SEAT_MAX - 1].credential, "KP00099998");
    roll_finish(&roll);
    size += (size_t)snprintf(text + size, room - size, "party,多一号,KP00000000\n");
    assert_int_equal(parse(text, size, &roll), STATUS_LIMIT);
    assert_string_equal(faults.faults[0].where, "members.csv:100002");
    assert_string_equal(faults.faults[0].text, "more than 100000 members");
    free(text);
}

static void a_roll_over_sixteen_mebibytes_is_refused(void **state)
{
    size_t size = ROLL_SIZE_MAX + 1;
    char *text = malloc(size);
    struct roll roll;

    memset(text, ' ', size);
    assert_int_equal(parse(text, size, &roll), STATUS_LIMIT);
    assert_string_equal(faults.faults[0].where, "members.csv");
    assert_string_equal(faults.faults[0].text, "is larger than 16777216 bytes");
    free(text);
}

static void a_base_beyond_the_roll_is_a_fault_of_the_event(void **state)
{
    static const char text[] = "group,name\nparty,甲\n";
    struct roll roll;

    assert_parsed(text, strlen(text), &roll);
    assert_int_equal(event_seat_roll(&event, &roll, &faults), STATUS_INVALID);
    assert_string_equal(faults.faults[0].where, "$.posts[1].seats");
    assert_string_equal(faults.faults[0].text, "must be 1 to 1: the roll has no more");
    roll_finish(&roll);
}

static void a_roll_of_nobody_who_may_vote_is_refused(void **state)
{
    static const char text[] = "group,name,votes\nparty,甲,0\ntest,乙,1\n";
    struct roll roll;

    assert_parsed(text, strlen(text), &roll);
    assert_int_equal(event_seat_roll(&event, &roll, &faults), STATUS_INVALID);
    assert_string_equal(faults.faults[0].where, "$.roll");
    roll_finish(&roll);
}

static void the_roll_is_beside_the_event(void **state)
{
    char path[64];

    event_begin();
    assert_true(roll_path("halls/town.json", &event, path, sizeof(path)));
    assert_string_equal(path, "halls/members.csv");
    assert_true(roll_path("town.json", &event, path, sizeof(path)));
    assert_string_equal(path, "members.csv");
    assert_false(roll_path("town.json", &event, path, 4));
    memcpy(event.roll, "/srv/a.csv", 11);
    assert_true(roll_path("halls/town.json", &event, path, sizeof(path)));
    assert_string_equal(path, "/srv/a.csv");
    event.has_roll = false;
    assert_false(roll_path("halls/town.json", &event, path, sizeof(path)));
}

static void a_missing_roll_is_named(void **state)
{
    struct roll roll;

    event_begin();
    memset(&faults, 0, sizeof(faults));
    assert_int_equal(roll_file_read("/no/such/roll.csv", &event, &roll, &faults), STATUS_IO);
    assert_string_equal(faults.faults[0].text,
                        "cannot open '/no/such/roll.csv': No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wps_export_in_gb18030_is_read),
        cmocka_unit_test(excels_unicode_text_is_read),
        cmocka_unit_test(shapes_of_the_same_roll_are_the_same),
        cmocka_unit_test(seats_go_by_group_then_right_to_vote_then_line),
        cmocka_unit_test(every_fault_has_its_line),
        cmocka_unit_test(mixed_encodings_are_named_with_the_line),
        cmocka_unit_test(a_name_has_at_most_64_characters),
        cmocka_unit_test(faults_over_the_limit_are_counted),
        cmocka_unit_test(a_hundred_thousand_lines_are_the_limit),
        cmocka_unit_test(a_roll_over_sixteen_mebibytes_is_refused),
        cmocka_unit_test(a_base_beyond_the_roll_is_a_fault_of_the_event),
        cmocka_unit_test(a_roll_of_nobody_who_may_vote_is_refused),
        cmocka_unit_test(the_roll_is_beside_the_event),
        cmocka_unit_test(a_missing_roll_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
