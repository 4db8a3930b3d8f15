/*
 * The log in a file: what was said to be durable is there after a clean close, after kill -9 and
 * for a reader; nobody else gets in meanwhile.
 */
#include "tests/contract/log_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int setup(void **state)
{
    return fixture_setup(state, votelog_open_sqlite);
}

/* Offers some batches of marks and acts of every kind; returns the last ticket. */
static uint64_t load(struct log_fixture *fixture, uint64_t seed, uint32_t appends)
{
    static const enum act_kind kinds[] = { ACT_ZERO_CHECK, ACT_OPEN,     ACT_PAUSE, ACT_CLOSE,
                                           ACT_TAKE,       ACT_CONTINUE, ACT_CLEAR, ACT_EPOCHS };
    struct mark marks[40];
    uint64_t ticket = 0;
    for (uint32_t i = 0; i < appends; i++) {
        uint32_t count = 1 + (uint32_t)(number_draw(&seed) % 40);
        for (uint32_t j = 0; j < count; j++) {
            marks[j] = mark_draw(&seed, i);
        }
        ticket = append_marks(fixture->log, marks, count);
        if (i % 10 == 9) {
            struct act act = act_make(kinds[(i / 10) % 7], i);
            ticket = append_act(fixture->log, &act);
        }
    }
    return ticket;
}

static off_t file_size(const struct log_fixture *fixture, const char *name)
{
    char path[128];
    struct stat file;
    fixture_path(fixture, name, path);
    return stat(path, &file) == 0 ? file.st_size : -1;
}

/* A number that changes with any byte of the log's files. */
static uint64_t files_sum(const struct log_fixture *fixture)
{
    static const char *const names[] = { "log-1.sqlite", "log-1.sqlite-wal" };
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < 2; i++) {
        static unsigned char bytes[65536];
        char path[128];
        fixture_path(fixture, names[i], path);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        for (size_t count; (count = fread(bytes, 1, sizeof(bytes), file)) > 0;) {
            for (size_t j = 0; j < count; j++) {
                sum = (sum ^ bytes[j]) * 1099511628211u;
            }
        }
        fclose(file);
    }
    return sum;
}

static void replay_equals_live_byte_for_byte(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    struct votelog_figures figures;
    fixture_open(fixture, NULL);
    char id[17];
    memcpy(id, fixture->identity.log_id, sizeof(id));
    fixture_settle(fixture, load(fixture, 1, 400));
    fixture_close(fixture);
    assert_int_equal(file_size(fixture, "log-1.sqlite-wal"), 0);
    fixture_open(fixture, &replayed);
    keepers_equal(&fixture->live, &replayed);
    assert_string_equal(fixture->identity.log_id, id);
    votelog_figures(fixture->log, &figures);
    assert_int_equal(figures.mark_total, replayed.mark_count);
    assert_int_equal(figures.batch_total, replayed.records[replayed.record_count - 1].batch);
    keeper_finish(&replayed);
}

static void a_log_goes_on_where_it_ended(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    for (uint64_t run = 1; run <= 3; run++) {
        fixture_open(fixture, NULL);
        keeper_forget(&fixture->live);
        fixture->live.settled = 0; /* tickets begin anew */
        fixture_settle(fixture, load(fixture, run, 30));
        fixture_close(fixture);
    }
    fixture_open(fixture, &replayed); /* holds the order, over all runs, while it reads */
    uint32_t last = fixture->live.record_count;
    assert_true(replayed.record_count > last);
    for (uint32_t i = 1; i <= last; i++) {
        assert_int_equal(replayed.records[replayed.record_count - i].batch,
                         fixture->live.records[last - i].batch);
    }
    keeper_finish(&replayed);
}

static void close_makes_durable_what_waits(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    uint64_t seed = 4;
    struct act act = act_make(ACT_CLOSE, 9);
    fixture->options.commit_gap_ms = 100;
    fixture_open(fixture, NULL);
    for (uint64_t i = 0; i < 20000; i++) {
        struct mark mark = mark_draw(&seed, i);
        (void)append_marks(fixture->log, &mark, 1);
    }
    (void)append_act(fixture->log, &act);
    fixture_close(fixture);
    fixture_open(fixture, &replayed);
    assert_int_equal(replayed.mark_count, 20000);
    assert_int_equal(replayed.act_count, 1);
    assert_int_equal(replayed.records[20000].act, 0);
    keeper_finish(&replayed);
}

static void the_files_are_the_owners_alone(void **state)
{
    struct log_fixture *fixture = *state;
    static const char *const names[] = { "log-1.sqlite", "log-1.sqlite-wal", "lock" };
    mode_t before = umask(0);
    fixture_open(fixture, NULL);
    fixture_settle(fixture, load(fixture, 1, 5));
    umask(before);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        struct stat file;
        fixture_path(fixture, names[i], path);
        assert_int_equal(stat(path, &file), 0);
        assert_int_equal(file.st_mode & 07777, 0600);
    }
}

/* The child of a crash test: says what was settled, append by append, until it is killed. */
static void child_run(struct log_fixture *fixture, int report_fd)
{
    uint64_t seed = 77;
    fixture_open(fixture, NULL);
    for (uint64_t i = 1;; i++) {
        struct mark marks[7];
        for (uint32_t j = 0; j < 7; j++) {
            marks[j] = mark_draw(&seed, i);
        }
        (void)append_marks(fixture->log, marks, 7);
        (void)fixture_drain(fixture, 1000);
        uint64_t settled = fixture_settled(fixture);
        if (settled == 0) {
            fixture_wait(fixture);
        }
        if (write(report_fd, &settled, sizeof(settled)) != sizeof(settled)) {
            _exit(2);
        }
    }
}

/* Lets a child write, kills it after `reports` reports. What it said was settled last. */
static uint64_t kill_midway(struct log_fixture *fixture, uint32_t reports)
{
    int report[2];
    uint64_t settled = 0;
    uint64_t said;
    assert_int_equal(pipe2(report, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(report[0]);
        child_run(fixture, report[1]);
        _exit(3);
    }
    close(report[1]);
    for (uint32_t i = 0; i < reports || settled == 0; i++) {
        assert_int_equal(read(report[0], &said, sizeof(said)), sizeof(said));
        settled = said;
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (read(report[0], &said, sizeof(said)) == sizeof(said)) {
        settled = said; /* it had said so before it died */
    }
    close(report[0]);
    return settled;
}

/* Append 1 .. settled are there, whole, and no append is there in part. */
static void settled_check(const struct keeper *replayed, uint64_t settled)
{
    uint64_t count = replayed->mark_count / 7;
    assert_int_equal(replayed->mark_count % 7, 0);
    assert_true(count >= settled);
    uint8_t *came = calloc(count + 1, 1);
    assert_non_null(came);
    for (uint32_t i = 0; i < replayed->record_count; i++) {
        uint64_t number = nonce_number(&replayed->records[i].mark);
        assert_in_range(number, 1, count);
        came[number]++;
    }
    for (uint64_t i = 1; i <= count; i++) {
        assert_int_equal(came[i], 7);
    }
    free(came);
}

static void what_was_settled_is_there_after_kill_9(void **state)
{
    for (uint32_t run = 0; run < 12; run++) {
        struct log_fixture killed;
        struct keeper read_only = { 0 };
        struct keeper replayed = { 0 };
        fixture_init(&killed, votelog_open_sqlite);
        killed.options.commit_gap_ms = run % 3;
        uint64_t settled = kill_midway(&killed, 1 + run * run * 40);
        /* First a reader, which must leave the files as they are. */
        uint64_t sum = files_sum(&killed);
        killed.options.is_read_only = true;
        fixture_open(&killed, &read_only);
        fixture_close(&killed);
        assert_true(sum == files_sum(&killed));
        settled_check(&read_only, settled);
        /* Then the next server, which goes on. */
        killed.options.is_read_only = false;
        fixture_open(&killed, &replayed);
        keepers_equal(&read_only, &replayed);
        fixture_settle(&killed, load(&killed, 1, 20));
        assert_int_equal(killed.live.records[0].batch,
                         replayed.records[replayed.record_count - 1].batch + 1);
        keeper_finish(&read_only);
        keeper_finish(&replayed);
        fixture_finish(&killed);
    }
}

static void a_reader_is_told_all_and_writes_nothing(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    struct votelog_identity identity = { 0 };
    uint64_t seed = 1;
    uint64_t ticket = 0;
    uint32_t visited = 1;
    struct mark mark = mark_draw(&seed, 1);
    struct act act = act_make(ACT_CLOSE, 1);
    fixture_open(fixture, NULL);
    fixture_settle(fixture, load(fixture, 5, 50));
    fixture_close(fixture);
    uint64_t sum = files_sum(fixture);
    identity = fixture->identity;
    memset(&fixture->identity, 0, sizeof(fixture->identity));
    fixture->options.is_read_only = true;
    fixture->options.wake = NULL;
    fixture_open(fixture, &replayed);
    assert_memory_equal(fixture->identity.event_hash, identity.event_hash, 32);
    assert_string_equal(fixture->identity.event_id, identity.event_id);
    assert_string_equal(fixture->identity.log_id, identity.log_id);
    keepers_equal(&fixture->live, &replayed);
    assert_int_equal(votelog_append_marks(fixture->log, &mark, 1, &ticket), STATUS_DENIED);
    assert_int_equal(votelog_append_act(fixture->log, &act, &ticket), STATUS_DENIED);
    assert_int_equal(votelog_drain(fixture->log, 1, keeper_visit, &replayed, &visited), STATUS_OK);
    assert_int_equal(visited, 0);
    assert_int_equal(votelog_health(fixture->log, NULL), STATUS_OK);
    fixture_close(fixture);
    assert_true(sum == files_sum(fixture));
    keeper_finish(&replayed);
}

static void a_second_process_is_refused_and_touches_nothing(void **state)
{
    struct log_fixture *fixture = *state;
    fixture_open(fixture, NULL);
    fixture_settle(fixture, load(fixture, 5, 50));
    uint64_t sum = files_sum(fixture);
    struct log_fixture second = *fixture; /* another opener of the same directory */
    fixture_refused(&second, STATUS_BUSY, "another minpingd holds", fixture->dir);
    second.options.is_read_only = true;
    fixture_refused(&second, STATUS_BUSY, "a running minpingd holds", "--url");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct votelog *log;
        _exit(second.open(&second.options, &second.identity, &log, NULL) == STATUS_BUSY ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(sum == files_sum(fixture));
    fixture_settle(fixture, load(fixture, 6, 50)); /* and the first goes on */
    fixture_close(fixture);
    fixture_open(fixture, NULL); /* the lock went with it */
}

static void a_file_that_another_program_has_open_is_refused(void **state)
{
    struct log_fixture *fixture = *state;
    char path[128];
    sqlite3 *other;
    fixture_open(fixture, NULL);
    fixture_close(fixture);
    fixture_path(fixture, "log-1.sqlite", path);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN; SELECT * FROM meta", NULL, NULL, NULL), SQLITE_OK);
    fixture_refused(fixture, STATUS_BUSY, "another program has", "log-1.sqlite");
    sqlite3_close(other);
    fixture_open(fixture, NULL);
    fixture_close(fixture);
}

static void between_rounds_the_write_ahead_log_is_used_again(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    struct act act = act_make(ACT_CLOSE, 1);
    struct act pause = act_make(ACT_PAUSE, 1);
    static struct mark marks[MARK_PER_MESSAGE_MAX];
    off_t wal_size[3];
    uint64_t seed = 3;
    fixture_open(fixture, NULL);
    assert_int_equal(file_size(fixture, "log-1.sqlite-wal"), 16 << 20); /* made before */
    for (uint32_t run = 0; run < 3; run++) {
        uint64_t last = 0;
        for (uint32_t i = 0; i < 360; i++) { /* 17 MiB of pages */
            for (uint32_t j = 0; j < MARK_PER_MESSAGE_MAX; j++) {
                marks[j] = mark_draw(&seed, i);
            }
            last = append_marks(fixture->log, marks, MARK_PER_MESSAGE_MAX);
            if (i % 16 == 15) {
                fixture_settle(fixture, last);
            }
        }
        fixture_settle(fixture, append_act(fixture->log, &act));
        fixture_settle(fixture, append_act(fixture->log, &pause)); /* the rest is over then */
        wal_size[run] = file_size(fixture, "log-1.sqlite-wal");
        assert_true(file_size(fixture, "log-1.sqlite") > (off_t)(run + 1) << 24);
    }
    assert_true(wal_size[2] < wal_size[0] + wal_size[0] / 4);
    fixture_close(fixture);
    fixture_open(fixture, &replayed);
    keepers_equal(&fixture->live, &replayed);
    keeper_finish(&replayed);
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        IN_DIR(replay_equals_live_byte_for_byte),
        IN_DIR(a_log_goes_on_where_it_ended),
        IN_DIR(close_makes_durable_what_waits),
        IN_DIR(the_files_are_the_owners_alone),
        IN_DIR(what_was_settled_is_there_after_kill_9),
        IN_DIR(a_reader_is_told_all_and_writes_nothing),
        IN_DIR(a_second_process_is_refused_and_touches_nothing),
        IN_DIR(a_file_that_another_program_has_open_is_refused),
        IN_DIR(between_rounds_the_write_ahead_log_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
