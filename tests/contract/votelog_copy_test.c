/*
 * Copies: of a log that goes on meanwhile, with an id of its own; and of a log of the format
 * before, which becomes its next generation in today's.
 */
#include "tests/contract/log_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int setup(void **state)
{
    return fixture_setup(state, votelog_open_sqlite);
}

static uint64_t offer(struct log_fixture *fixture, uint64_t *seed, uint32_t count)
{
    static struct mark marks[MARK_PER_MESSAGE_MAX];
    for (uint32_t i = 0; i < count; i++) {
        marks[i] = mark_draw(seed, i);
    }
    return append_marks(fixture->log, marks, count);
}

static enum status end_wait(struct log_fixture *fixture, struct fault *fault)
{
    enum status status;
    while ((status = votelog_backup_end(fixture->log, fault)) == STATUS_BUSY) {
        fixture_wait(fixture);
        (void)fixture_drain(fixture, 65536);
    }
    return status;
}

/* The records of the copy are the first of the log's, none left out and none changed. */
static void copy_is_head_of(struct log_fixture *fixture, uint32_t record_min)
{
    struct log_fixture copy;
    struct keeper copied = { 0 };
    char path[128];
    char place[160];
    fixture_init(&copy, votelog_open_sqlite);
    fixture_path(fixture, "copy.sqlite", path);
    snprintf(place, sizeof(place), "%s/log-1.sqlite", copy.dir);
    assert_int_equal(rename(path, place), 0);
    copy.identity = fixture->identity;
    fixture_open(&copy, &copied);
    assert_string_not_equal(copy.identity.log_id, fixture->identity.log_id);
    assert_true(copied.record_count >= record_min);
    assert_true(copied.record_count <= fixture->live.record_count);
    uint32_t whole = fixture->live.record_count;
    fixture->live.record_count = copied.record_count;
    keepers_equal(&copied, &fixture->live);
    fixture->live.record_count = whole;
    keeper_finish(&copied);
    fixture_finish(&copy);
}

static void a_copy_holds_what_was_settled_while_the_log_goes_on(void **state)
{
    struct log_fixture *fixture = *state;
    struct fault fault = { 0 };
    char path[128];
    uint64_t seed = 7;
    uint64_t ticket = 0;
    fixture_open(fixture, NULL);
    for (int i = 0; i < 40; i++) {
        ticket = offer(fixture, &seed, MARK_PER_MESSAGE_MAX);
    }
    fixture_settle(fixture, ticket);
    fixture_path(fixture, "copy.sqlite", path);
    assert_int_equal(votelog_backup(fixture->log, path), STATUS_OK);
    assert_int_equal(votelog_backup(fixture->log, path), STATUS_BUSY);
    for (int i = 0; i < 40; i++) {
        struct act act = act_make(i % 2 == 0 ? ACT_CLOSE : ACT_TAKE, 1);
        (void)offer(fixture, &seed, 500);
        ticket = append_act(fixture->log, &act);
        (void)fixture_drain(fixture, 65536);
    }
    assert_int_equal(end_wait(fixture, &fault), STATUS_OK);
    assert_int_equal(votelog_backup_end(fixture->log, &fault), STATUS_NOT_FOUND);
    fixture_settle(fixture, ticket);
    assert_int_equal(votelog_settle_copy(path, &fault), STATUS_OK);
    copy_is_head_of(fixture, 40 * MARK_PER_MESSAGE_MAX);
}

static void a_copy_that_cannot_be_made_leaves_the_log_alone(void **state)
{
    struct log_fixture *fixture = *state;
    struct fault fault = { 0 };
    uint64_t seed = 7;
    fixture_open(fixture, NULL);
    fixture_settle(fixture, offer(fixture, &seed, 10));
    assert_int_equal(votelog_backup(fixture->log, "/nowhere/copy.sqlite"), STATUS_OK);
    assert_int_equal(end_wait(fixture, &fault), STATUS_IO);
    assert_non_null(strstr(fault.text, "/nowhere/copy.sqlite"));
    assert_int_equal(votelog_health(fixture->log, NULL), STATUS_OK);
    fixture_settle(fixture, offer(fixture, &seed, 10));
}

static void a_damaged_copy_is_not_settled(void **state)
{
    struct log_fixture *fixture = *state;
    struct fault fault = { 0 };
    char path[128];
    uint64_t seed = 7;
    fixture_open(fixture, NULL);
    fixture_settle(fixture, offer(fixture, &seed, MARK_PER_MESSAGE_MAX));
    fixture_path(fixture, "copy.sqlite", path);
    assert_int_equal(votelog_backup(fixture->log, path), STATUS_OK);
    assert_int_equal(end_wait(fixture, &fault), STATUS_OK);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, 4 * 4096 + 100, SEEK_SET);
    for (int i = 0; i < 4000; i++) {
        fputc(0x5a, file);
    }
    fclose(file);
    assert_int_equal(votelog_settle_copy(path, &fault), STATUS_INVALID);
    assert_non_null(strstr(fault.text, "damaged"));
}

static void closing_ends_a_copy_under_way(void **state)
{
    struct log_fixture *fixture = *state;
    char path[128];
    uint64_t seed = 7;
    fixture_open(fixture, NULL);
    for (int i = 0; i < 40; i++) {
        fixture_settle(fixture, offer(fixture, &seed, MARK_PER_MESSAGE_MAX));
    }
    fixture_path(fixture, "copy.sqlite", path);
    assert_int_equal(votelog_backup(fixture->log, path), STATUS_OK);
    fixture_close(fixture);
    fixture_open(fixture, NULL);
}

static void format_lower(struct log_fixture *fixture, int format)
{
    char path[128];
    char sql[160];
    sqlite3 *db;
    fixture_path(fixture, "log-1.sqlite", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    snprintf(sql, sizeof(sql),
             "ALTER TABLE meta DROP COLUMN copied_from; UPDATE meta SET format = %d;"
             "UPDATE mark SET format = %d; UPDATE act SET format = %d",
             format, format, format);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void an_older_format_goes_on_in_a_new_generation(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    struct act act = act_make(ACT_CLOSE, 1);
    char path[128];
    uint64_t seed = 7;
    fixture_open(fixture, NULL);
    (void)offer(fixture, &seed, 100);
    fixture_settle(fixture, append_act(fixture->log, &act));
    fixture_close(fixture);
    format_lower(fixture, 2);
    fixture->options.is_read_only = true; /* who only reads makes nothing */
    fixture_refused(fixture, STATUS_INVALID, "is of format 2", "start minpingd");
    fixture->options.is_read_only = false;
    fixture_open(fixture, &replayed);
    keepers_equal(&fixture->live, &replayed);
    fixture_path(fixture, "log-2.sqlite", path);
    assert_int_equal(access(path, F_OK), 0);
    fixture_settle(fixture, offer(fixture, &seed, 10)); /* rows of both formats in one log */
    fixture_close(fixture);
    keeper_finish(&replayed);
    fixture_open(fixture, &replayed);
    assert_int_equal(replayed.record_count, 111);
    keeper_finish(&replayed);
}

static void a_format_that_no_hall_had_is_refused(void **state)
{
    struct log_fixture *fixture = *state;
    fixture_open(fixture, NULL);
    fixture_close(fixture);
    format_lower(fixture, 1);
    fixture_refused(fixture, STATUS_INVALID, "made by an earlier minpingd", "format 1");
}

int main(void)
{
#define COPIED(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        COPIED(a_copy_holds_what_was_settled_while_the_log_goes_on),
        COPIED(a_copy_that_cannot_be_made_leaves_the_log_alone),
        COPIED(a_damaged_copy_is_not_settled),
        COPIED(closing_ends_a_copy_under_way),
        COPIED(an_older_format_goes_on_in_a_new_generation),
        COPIED(a_format_that_no_hall_had_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
