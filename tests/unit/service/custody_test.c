#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "server/base/disk.h"
#include "server/service/custody.h"

static char dir[64];
static struct event *event;

static int setup(void **state)
{
    snprintf(dir, sizeof(dir), "/tmp/minping-custody-XXXXXX");
    event = fixture_event(LIVE_TALLY);
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    event_destroy(event);
    return disk_remove_dir(dir) ? 0 : -1;
}

static void file_read(const char *name, char *text, size_t size)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void file_write(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* The credential of a seat as printed on its slip. */
static void roll_credential(uint32_t seat, char credential[16])
{
    char text[4096];
    char line[16];
    file_read("roll.csv", text, sizeof(text));
    snprintf(line, sizeof(line), "\n%u,", seat);
    const char *at = strstr(text, line);
    assert_non_null(at);
    snprintf(credential, 16, "%.14s", at + strlen(line));
}

static void what_is_made_once_stays(void **state)
{
    struct custody *custody;
    uint8_t slots[2][SLOT_SIZE];
    char receipts[2][RECEIPT_SIZE];
    for (int start = 0; start < 2; start++) {
        assert_int_equal(custody_open(dir, event, NULL, true, &custody, NULL), STATUS_OK);
        custody_slot(custody, 3, 5, false, slots[start]);
        custody_receipt(custody, 3, slots[start], receipts[start]);
        custody_close(custody);
    }
    assert_memory_equal(slots[0], slots[1], SLOT_SIZE);
    assert_string_equal(receipts[0], receipts[1]);
    const char *names[] = { "keys", "roll.csv", "tokens/officer-1.token", "tokens/base-1.token" };
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        struct stat about;
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 0077, 0);
    }
}

static void slots_differ_by_round_and_seat_and_directory(void **state)
{
    struct custody *custody;
    uint8_t slots[4][SLOT_SIZE];
    assert_int_equal(custody_open(dir, event, NULL, true, &custody, NULL), STATUS_OK);
    custody_slot(custody, 1, 1, false, slots[0]);
    custody_slot(custody, 2, 1, false, slots[1]);
    custody_slot(custody, 1, 2, false, slots[2]);
    custody_close(custody);
    char path[128];
    snprintf(path, sizeof(path), "%s/keys", dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(custody_open(dir, event, NULL, true, &custody, NULL), STATUS_OK);
    custody_slot(custody, 1, 1, false, slots[3]);
    custody_close(custody);
    for (int i = 0; i < 4; i++) {
        for (int j = i + 1; j < 4; j++) {
            assert_memory_not_equal(slots[i], slots[j], SLOT_SIZE);
        }
    }
}

static void credentials_are_read_tolerantly_and_exactly(void **state)
{
    struct custody *custody;
    char credential[16];
    assert_int_equal(custody_open(dir, event, NULL, true, &custody, NULL), STATUS_OK);
    for (uint32_t seat = 1; seat <= event->seat_count; seat++) {
        roll_credential(seat, credential);
        assert_int_equal(strlen(credential), 14);
        assert_int_equal(custody_find_seat(custody, credential), seat);
        char loose[32];
        size_t used = 0;
        for (size_t i = 0; i < 14; i++) {
            char c = credential[i];
            if (c != '-') {
                loose[used++] = c == '0' ? 'o' : c == '1' ? 'l' : c >= 'A' ? (char)(c + 32) : c;
            }
        }
        loose[used] = '\0';
        assert_int_equal(custody_find_seat(custody, loose), seat);
        credential[0] = credential[0] == 'A' ? 'B' : 'A';
        assert_int_equal(custody_find_seat(custody, credential), 0);
    }
    assert_int_equal(custody_find_seat(custody, ""), 0);
    assert_int_equal(custody_find_seat(custody, "0000-0000-000"), 0);
    assert_int_equal(custody_find_seat(custody, "0000-0000-0000-0"), 0);
    custody_close(custody);
}

static void a_token_opens_its_own_post_only(void **state)
{
    struct custody *custody;
    char token[TOKEN_SIZE + 1];
    assert_int_equal(custody_open(dir, event, NULL, true, &custody, NULL), STATUS_OK);
    file_read("tokens/officer-1.token", token, sizeof(token));
    token[TOKEN_SIZE - 1] = '\0';
    assert_int_equal(custody_find_post(custody, ROLE_OFFICER, token), 0);
    assert_int_equal(custody_find_post(custody, ROLE_OPERATOR, token), -1);
    assert_int_equal(custody_find_any_post(custody, token), 0);
    token[5] = token[5] == '0' ? '1' : '0';
    assert_int_equal(custody_find_any_post(custody, token), -1);
    assert_int_equal(custody_find_any_post(custody, ""), -1);
    custody_close(custody);
}

static void files_that_are_not_ours_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *where;
    } cases[] = {
        { "roll.csv", "seat;credential\n", "roll.csv:1" },
        { "roll.csv", "seat,credential,group\n1,ABCD-EFGH-JKMN,a\n", "roll.csv:3" },
        { "roll.csv", "seat,credential,group\n1,ABCD-EFGH-JKMN,a\n3,ABCD-EFGH-JKMM,a\n",
          "roll.csv:3" },
        { "roll.csv", "seat,credential,group\n1,SHORT,a\n", "roll.csv:2" },
        { "roll.csv",
          "seat,credential,group\n1,AAAA-AAAA-AAAA,\n2,AAAA-AAAA-AAAB,\n3,AAAA-AAAA-AAAC,\n"
          "4,AAAA-AAAA-AAAD,\n5,AAAA-AAAA-AAAA,\n6,AAAA-AAAA-AAAE,\n",
          "roll.csv" },
        { "keys", "slot 00\n", "keys" },
        { "tokens/officer-1.token", "nothing\n", "officer-1.token" },
    };
    struct custody *custody;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char kept[4096];
        struct fault fault = { 0 };
        assert_int_equal(custody_open(dir, event, NULL, true, &custody, NULL), STATUS_OK);
        custody_close(custody);
        file_read(cases[i].name, kept, sizeof(kept));
        file_write(cases[i].name, cases[i].text);
        assert_int_equal(custody_open(dir, event, NULL, true, &custody, &fault), STATUS_INVALID);
        assert_null(custody);
        assert_non_null(strstr(fault.where, cases[i].where));
        file_write(cases[i].name, kept);
    }
}

/* New keys would give every seat another slot, and so another vote. */
static void what_a_log_was_made_with_is_not_made_anew(void **state)
{
    struct custody *custody;
    static const char *const names[] = { "keys", "roll.csv" };
    for (size_t i = 0; i < 2; i++) {
        char path[128];
        struct fault fault = { 0 };
        assert_int_equal(custody_open(dir, event, NULL, true, &custody, NULL), STATUS_OK);
        custody_close(custody);
        assert_int_equal(custody_open(dir, event, NULL, false, &custody, NULL), STATUS_OK);
        custody_close(custody);
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(custody_open(dir, event, NULL, false, &custody, &fault), STATUS_INVALID);
        assert_non_null(strstr(fault.text, "put it back"));
        assert_int_equal(access(path, F_OK), -1);
    }
}

/* Nobody votes twice by a new pad, and nobody by an old one; also after a restart. */
static void a_replaced_credential_keeps_the_slots_of_its_seat(void **state)
{
    struct custody *custody;
    char old[16];
    char new[16];
    char text[256];
    uint8_t slots[2][SLOT_SIZE];
    assert_int_equal(custody_open(dir, event, NULL, true, &custody, NULL), STATUS_OK);
    roll_credential(3, old);
    custody_slot(custody, 1, 3, false, slots[0]);
    assert_int_equal(custody_replace(custody, 3, NULL), STATUS_OK);
    assert_int_equal(custody_replace(custody, 3, NULL), STATUS_OK); /* lost once more */
    for (int start = 0; start < 2; start++) {
        file_read("replaced.csv", text, sizeof(text));
        assert_memory_equal(text, "seat,credential\n3,", 18);
        const char *last = strrchr(text, ',');
        snprintf(new, sizeof(new), "%.14s", last + 1);
        assert_int_equal(custody_find_seat(custody, old), 0);
        assert_int_equal(custody_find_seat(custody, new), 3);
        custody_slot(custody, 1, 3, false, slots[1]);
        assert_memory_equal(slots[0], slots[1], SLOT_SIZE);
        custody_close(custody);
        assert_int_equal(custody_open(dir, event, NULL, false, &custody, NULL), STATUS_OK);
    }
    custody_close(custody);
}

/* A roll brings names, rights and credentials of its own; a name may hold anything CSV can. */
static void a_roll_that_was_read_in_is_kept_with_its_credentials(void **state)
{
    struct member members[6] = { { .has_vote = true, .name = "党员一号" },
                                 { .has_vote = true, .name = "\"党员\", 二号" } };
    struct roll roll = { .members = members, .count = 6 };
    struct custody *custody;
    char text[1024];
    char hash[2][65];
    snprintf(members[1].credential, sizeof(members[1].credential), "PAD-0000-4711-x");
    assert_int_equal(custody_open(dir, event, &roll, true, &custody, NULL), STATUS_OK);
    assert_int_equal(custody_find_seat(custody, "pad00004711X"), 2);
    custody_roll_hash(custody, hash[0]);
    custody_close(custody);
    file_read("roll.csv", text, sizeof(text));
    assert_memory_equal(text, "seat,credential,group,votes,name\n", 33);
    assert_non_null(strstr(text, ",hall,yes,党员一号\n"));
    assert_non_null(strstr(text, "2,PAD-0000-4711-x,hall,yes,\"\"\"党员\"\", 二号\"\n"));
    assert_int_equal(custody_open(dir, event, NULL, false, &custody, NULL), STATUS_OK);
    custody_roll_hash(custody, hash[1]);
    assert_string_equal(hash[0], hash[1]);
    custody_close(custody);
}

static void the_slot_of_a_named_round_is_the_seat(void **state)
{
    static const uint8_t expected[SLOT_SIZE] = { [SLOT_SIZE - 1] = 5 };
    struct custody *custody;
    uint8_t slot[SLOT_SIZE];
    assert_int_equal(custody_open(dir, event, NULL, true, &custody, NULL), STATUS_OK);
    custody_slot(custody, 7, 5, true, slot);
    assert_memory_equal(slot, expected, SLOT_SIZE);
    custody_close(custody);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_made_once_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(slots_differ_by_round_and_seat_and_directory, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(credentials_are_read_tolerantly_and_exactly, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_a_log_was_made_with_is_not_made_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(a_replaced_credential_keeps_the_slots_of_its_seat, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_roll_that_was_read_in_is_kept_with_its_credentials, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_slot_of_a_named_round_is_the_seat, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_opens_its_own_post_only, setup, teardown),
        cmocka_unit_test_setup_teardown(files_that_are_not_ours_are_refused_with_their_line, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
