/*
 * Data directories that are wrong are refused with a sentence that says what is wrong and what to
 * do, and are left as they are.
 */
#include "tests/contract/log_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

/* A fixture whose directory holds a sound log, closed: 5 batches of 20 marks and an act. */
static int setup(void **state)
{
    uint64_t seed = 12;
    (void)fixture_setup(state, votelog_open_sqlite);
    struct log_fixture *fixture = *state;
    fixture_open(fixture, NULL);
    for (uint32_t i = 1; i <= 5; i++) {
        struct mark marks[20];
        struct act act = act_make(ACT_TAKE, i);
        for (uint32_t j = 0; j < 20; j++) {
            marks[j] = mark_draw(&seed, i);
            marks[j].slot[0] = (uint8_t)j;
        }
        (void)append_marks(fixture->log, marks, 20);
        fixture_settle(fixture, append_act(fixture->log, &act));
    }
    fixture_close(fixture);
    return 0;
}

static void log_exec(const struct log_fixture *fixture, const char *sql)
{
    char path[128];
    char *text = NULL;
    sqlite3 *db;
    fixture_path(fixture, "log-1.sqlite", path);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK) {
        fail_msg("%s: %s", sql, text);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void another_events_log_is_refused(void **state)
{
    struct log_fixture *fixture = *state;
    struct votelog_identity own = fixture->identity;
    snprintf(fixture->identity.event_id, sizeof(fixture->identity.event_id), "s2-2027");
    fixture_refused(fixture, STATUS_INVALID, "holds the log of event \"s1-2026\"",
                    "use another --data");
    fixture->options.is_read_only = true; /* a reader that says which event it wants */
    fixture_refused(fixture, STATUS_INVALID, "\"s1-2026\"", "\"s2-2027\"");
    fixture->options.is_read_only = false;
    fixture->identity = own;
    fixture->identity.event_hash[31] ^= 1;
    fixture_refused(fixture, STATUS_INVALID, "the event's file was changed", "s1-2026");
    fixture->identity = own;
    fixture_open(fixture, NULL);
}

static void a_newer_format_is_refused_whatever_else_it_holds(void **state)
{
    struct log_fixture *fixture = *state;
    log_exec(fixture, "ALTER TABLE meta DROP COLUMN event_hash; DROP TABLE act;"
                      "UPDATE meta SET format = 4");
    fixture_refused(fixture, STATUS_LIMIT, "made by a newer minpingd", "format 4");
    fixture->options.is_read_only = true;
    fixture_refused(fixture, STATUS_LIMIT, "made by a newer minpingd", "another --data");
}

/* Runs fixture_refused as an ordinary user, if this is root. */
static void refused_as_nobody(struct log_fixture *fixture, enum status status, const char *word)
{
    struct fault fault = { 0 };
    struct votelog *log;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && setuid(NOBODY) != 0) {
            _exit(2);
        }
        enum status found = fixture->open(&fixture->options, &fixture->identity, &log, &fault);
        if (found != status || strstr(fault.text, word) == NULL ||
            strstr(fault.text, "--data") == NULL) {
            fprintf(stderr, "got '%s': %s\n", status_name(found), fault.text);
            _exit(1);
        }
        _exit(0);
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 0);
}

static void a_directory_that_cannot_be_written_is_refused(void **state)
{
    struct log_fixture *fixture = *state;
    struct log_fixture empty;
    fixture_init(&empty, votelog_open_sqlite);
    assert_int_equal(chmod(empty.dir, 0555), 0);
    refused_as_nobody(&empty, STATUS_DENIED, "ermission denied");
    assert_int_equal(chmod(empty.dir, 0755), 0);
    fixture_finish(&empty);
    assert_int_equal(chmod(fixture->dir, 0555), 0);
    refused_as_nobody(fixture, STATUS_DENIED, "ermission denied");
    fixture->options.is_read_only = true;
    refused_as_nobody(fixture, STATUS_DENIED, "ermission denied");
    assert_int_equal(chmod(fixture->dir, 0755), 0);
    fixture->options.is_read_only = false;
    fixture->options.dir = "/nowhere/at/all";
    fixture_refused(fixture, STATUS_IO, "/nowhere/at/all", "make the directory first");
}

static void another_users_log_is_refused(void **state)
{
    struct log_fixture *fixture = *state;
    char path[128];
    if (geteuid() != 0) {
        skip(); /* only root can give a file away */
    }
    fixture_path(fixture, "log-1.sqlite", path);
    assert_int_equal(chown(path, NOBODY, (gid_t)-1), 0);
    fixture_refused(fixture, STATUS_DENIED, "belongs to user 65534", "run minpingd as that user");
    fixture->options.is_read_only = true; /* root may read it */
    fixture_open(fixture, NULL);
}

static void file_write(const struct log_fixture *fixture, const char *name, off_t at,
                       const char *bytes, size_t size)
{
    char path[128];
    fixture_path(fixture, name, path);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size, at), size);
    close(fd);
}

static void a_file_that_is_no_log_is_refused(void **state)
{
    struct log_fixture *fixture = *state;
    static char junk[20000];
    char path[128];
    fixture_path(fixture, "log-1.sqlite", path);
    assert_int_equal(truncate(path, 0), 0);
    fixture_refused(fixture, STATUS_INVALID, "is damaged", "log-1.sqlite");
    memset(junk, 'j', sizeof(junk));
    file_write(fixture, "log-1.sqlite", 0, junk, sizeof(junk));
    fixture_refused(fixture, STATUS_INVALID, "is damaged", "put a sound copy there");
}

static void a_write_ahead_log_without_its_log_is_refused(void **state)
{
    struct log_fixture *fixture = *state;
    char path[128];
    char aside[128];
    fixture_path(fixture, "log-1.sqlite", path);
    fixture_path(fixture, "aside", aside);
    assert_int_equal(rename(path, aside), 0);
    fixture_refused(fixture, STATUS_INVALID,
                    "log-1.sqlite-wal' is there without its 'log-1.sqlite'", "put that back");
    assert_int_equal(rename(aside, path), 0);
    fixture_open(fixture, NULL);
}

static void a_reader_makes_nothing_where_there_is_no_log(void **state)
{
    struct log_fixture empty;
    fixture_init(&empty, votelog_open_sqlite);
    empty.options.is_read_only = true;
    fixture_refused(&empty, STATUS_NOT_FOUND, "no log in", "log-1.sqlite");
    assert_int_equal(rmdir(empty.dir), 0); /* still empty */
    assert_int_equal(mkdir(empty.dir, 0700), 0);
    fixture_finish(&empty);
}

static void a_draft_left_by_a_crash_is_made_anew(void **state)
{
    struct log_fixture fresh;
    char path[128];
    fixture_init(&fresh, votelog_open_sqlite);
    file_write(&fresh, "log.new", 0, "half a log", 10);
    file_write(&fresh, "log.new-wal", 0, "half a log", 10);
    fixture_open(&fresh, NULL);
    fixture_path(&fresh, "log.new", path);
    assert_int_equal(access(path, F_OK), -1);
    fixture_path(&fresh, "log.new-wal", path);
    assert_int_equal(access(path, F_OK), -1);
    fixture_finish(&fresh);
}

static void count_visit(void *ctx, const struct record *record)
{
    uint32_t *count = ctx;
    (*count)++;
}

/* Spoils a copy of the log with `sql`: it opens, and replay refuses it at `word`. */
static void replay_refused(struct log_fixture *fixture, const char *sql, enum status status,
                           const char *word)
{
    struct fault fault = { 0 };
    uint32_t count = 0;
    log_exec(fixture, sql);
    assert_int_equal(fixture->open(&fixture->options, &fixture->identity, &fixture->log, &fault),
                     STATUS_OK);
    enum status found = votelog_replay(fixture->log, count_visit, &count, &fault);
    if (found != status || strstr(fault.text, word) == NULL) {
        fail_msg("%s: wanted \"%s\", got '%s': %s", sql, word, status_name(found), fault.text);
    }
    assert_true(count <= 105);
    fixture_close(fixture);
}

static void rows_that_nobody_wrote_are_not_counted(void **state)
{
    static const struct {
        const char *sql;
        const char *word;
    } cases[] = {
        { "UPDATE mark SET choice = 4097 WHERE rowid = 7", "table mark, row 7: a value" },
        { "UPDATE mark SET voter_group = 16 WHERE rowid = 7", "table mark, row 7: a value" },
        { "UPDATE mark SET choice = -1 WHERE rowid = 7", "table mark, row 7: a value" },
        { "UPDATE mark SET item = 64 WHERE rowid = 7", "table mark, row 7: a value" },
        { "UPDATE mark SET version = 0 WHERE rowid = 1", "table mark, row 1: a value" },
        { "UPDATE mark SET version = 2147483648 WHERE rowid = 100", "row 100: a value" },
        { "UPDATE mark SET round = 0 WHERE rowid = 7", "table mark, row 7: a value" },
        { "UPDATE mark SET round = 4097 WHERE rowid = 7", "table mark, row 7: a value" },
        { "UPDATE mark SET slot = x'00' WHERE rowid = 7", "table mark, row 7: a value" },
        { "UPDATE mark SET nonce = x'' WHERE rowid = 7", "table mark, row 7: a value" },
        { "UPDATE mark SET format = 4 WHERE rowid = 7", "row 7: unknown format" },
        { "UPDATE act SET format = 0 WHERE rowid = 2", "table act, row 2: unknown format" },
        { "UPDATE act SET kind = 'open sesame' WHERE rowid = 2", "table act, row 2: a value" },
        { "UPDATE act SET kind = 'invalid' WHERE rowid = 2", "table act, row 2: a value" },
        { "UPDATE act SET bus = 'number 9' WHERE rowid = 2", "table act, row 2: a value" },
        { "UPDATE act SET layer = 'none' WHERE rowid = 2", "table act, row 2: a value" },
        { "UPDATE act SET number = -1 WHERE rowid = 2", "table act, row 2: a value" },
        { "UPDATE act SET round = 5000 WHERE rowid = 2", "table act, row 2: a value" },
        { "UPDATE act SET post = 'officer-1' || char(0) || 'x' WHERE rowid = 2", "row 2: a value" },
        { "UPDATE act SET contest = printf('%033d', 7) WHERE rowid = 2", "row 2: a value" },
        { "UPDATE act SET params = printf('%04096d', 7) WHERE rowid = 2", "row 2: a value" },
        { "UPDATE mark SET slot = x'ff000000000000000000000000000000' WHERE rowid = 7",
          "table mark, row 8: out of order" },
        { "UPDATE mark SET batch = 5 WHERE rowid = 7", "out of order" },
        { "UPDATE mark SET batch = 0 WHERE rowid = 1", "row 1: out of order" },
        { "DELETE FROM mark WHERE batch = 3; DELETE FROM act WHERE batch = 3", "out of order" },
        { "DELETE FROM mark WHERE batch = 1; DELETE FROM act WHERE batch = 1", "out of order" },
        { "INSERT INTO act SELECT * FROM act WHERE rowid = 2", "table act" },
        { "UPDATE act SET batch = 1 WHERE rowid = 2", "out of order" },
    };
    struct log_fixture *fixture = *state;
    char path[128];
    char copy[128];
    char command[300];
    fixture_path(fixture, "log-1.sqlite", path);
    fixture_path(fixture, "copy", copy);
    snprintf(command, sizeof(command), "VACUUM INTO '%s'", copy);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        log_exec(fixture, command);
        replay_refused(fixture, cases[i].sql, STATUS_INVALID, cases[i].word);
        assert_int_equal(rename(copy, path), 0);
    }
    struct keeper replayed = { 0 };
    fixture_open(fixture, &replayed); /* the copy itself is sound */
    keepers_equal(&fixture->live, &replayed);
    keeper_finish(&replayed);
}

static void a_page_of_garbage_is_found_and_not_counted(void **state)
{
    struct log_fixture *fixture = *state;
    static char junk[4096];
    char path[128];
    struct stat file;
    uint32_t refused = 0;
    fixture_path(fixture, "log-1.sqlite", path);
    assert_int_equal(stat(path, &file), 0);
    memset(junk, 0xee, sizeof(junk));
    for (off_t at = 0; at < file.st_size; at += 4096) {
        struct fault fault = { 0 };
        char page[4096];
        uint32_t count = 0;
        int fd = open(path, O_RDONLY);
        assert_int_equal(pread(fd, page, sizeof(page), at), sizeof(page));
        close(fd);
        file_write(fixture, "log-1.sqlite", at, junk, sizeof(junk));
        fixture->options.is_read_only = true;
        enum status status =
            fixture->open(&fixture->options, &fixture->identity, &fixture->log, &fault);
        if (status == STATUS_OK) {
            status = votelog_replay(fixture->log, count_visit, &count, &fault);
            fixture_close(fixture);
        }
        refused += status == STATUS_INVALID && strstr(fault.text, "is damaged") != NULL;
        file_write(fixture, "log-1.sqlite", at, page, sizeof(page));
    }
    assert_int_equal(refused, file.st_size / 4096);
    fixture_open(fixture, NULL);
}

static void triggers_of_a_foreign_hand_do_not_run(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    uint64_t seed = 2;
    struct mark mark = mark_draw(&seed, 99);
    log_exec(fixture, "CREATE TRIGGER thief AFTER INSERT ON mark BEGIN"
                      " UPDATE mark SET choice = 7; END");
    keeper_forget(&fixture->live);
    fixture->live.settled = 0;
    fixture_open(fixture, NULL);
    fixture_settle(fixture, append_marks(fixture->log, &mark, 1));
    fixture_close(fixture);
    fixture_open(fixture, &replayed);
    uint32_t sevens = 0;
    for (uint32_t i = 0; i < replayed.record_count; i++) {
        sevens += replayed.records[i].act < 0 && replayed.records[i].mark.choice == 7;
    }
    assert_true(sevens < replayed.mark_count);
    keeper_finish(&replayed);
}

int main(void)
{
#define WITH_LOG(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        WITH_LOG(another_events_log_is_refused),
        WITH_LOG(a_newer_format_is_refused_whatever_else_it_holds),
        WITH_LOG(a_directory_that_cannot_be_written_is_refused),
        WITH_LOG(another_users_log_is_refused),
        WITH_LOG(a_file_that_is_no_log_is_refused),
        WITH_LOG(a_write_ahead_log_without_its_log_is_refused),
        WITH_LOG(a_reader_makes_nothing_where_there_is_no_log),
        WITH_LOG(a_draft_left_by_a_crash_is_made_anew),
        WITH_LOG(rows_that_nobody_wrote_are_not_counted),
        WITH_LOG(a_page_of_garbage_is_found_and_not_counted),
        WITH_LOG(triggers_of_a_foreign_hand_do_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
