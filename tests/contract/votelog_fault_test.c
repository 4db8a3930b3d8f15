/*
 * The disk fails: at the n-th sync, write or truncation of the log's files, for every n of a run.
 * From then on nothing is said to be durable, nothing more is written to the files, the reason is
 * kept; and all that was said before is there, in a new file, when the disk is sound again. The
 * same run without a failure is the control.
 *
 * The failing disk is a VFS of SQLite over the default one.
 */
#include "tests/contract/log_fixture.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum op { OP_NONE = 0, OP_SYNC, OP_WRITE, OP_TRUNCATE, OP_COUNT };

struct disk {
    enum op fail_op;
    bool is_full;      /* it fails for want of room, as long as the reserve is there */
    char reserve[128]; /* path of it */
    uint32_t fail_at;  /* the fail_at-th of them fails, and every later one; 0: none */
    _Atomic uint32_t counts[OP_COUNT];
    _Atomic bool has_failed;
    _Atomic uint32_t after_count; /* operations that were tried after it had failed */
};

static struct disk disk;
static sqlite3_vfs *real;

struct shim_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct, in the same allocation */
};

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct shim_file *)file)->real;
}

/* SQLITE_OK: go on. */
static int disk_ask(enum op op)
{
    uint32_t count = atomic_fetch_add(&disk.counts[op], 1) + 1;
    struct stat reserve;
    if (disk.is_full && op == OP_WRITE && count >= disk.fail_at &&
        stat(disk.reserve, &reserve) == 0 && reserve.st_size > 0) {
        return SQLITE_FULL;
    }
    if (disk.is_full) {
        return SQLITE_OK;
    }
    if (atomic_load(&disk.has_failed)) {
        atomic_fetch_add(&disk.after_count, 1);
    } else if (disk.fail_op == op && count == disk.fail_at) {
        atomic_store(&disk.has_failed, true);
    } else {
        return SQLITE_OK;
    }
    return op == OP_SYNC    ? SQLITE_IOERR_FSYNC
           : op == OP_WRITE ? SQLITE_IOERR_WRITE
                            : SQLITE_IOERR_TRUNCATE;
}

static int shim_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int shim_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 at)
{
    return real_of(file)->pMethods->xRead(real_of(file), bytes, size, at);
}

static int shim_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at)
{
    int error = disk_ask(OP_WRITE);
    return error != SQLITE_OK ? error
                              : real_of(file)->pMethods->xWrite(real_of(file), bytes, size, at);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int error = disk_ask(OP_TRUNCATE);
    return error != SQLITE_OK ? error : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int shim_sync(sqlite3_file *file, int flags)
{
    int error = disk_ask(OP_SYNC);
    return error != SQLITE_OK ? error : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int shim_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int shim_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int shim_check_lock(sqlite3_file *file, int *result)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}

static int shim_control(sqlite3_file *file, int op, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}

static int shim_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int shim_device(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags)
{
    static const sqlite3_io_methods methods = {
        .iVersion = 1, /* no shared memory: the log is exclusive and must not need it */
        .xClose = shim_close,
        .xRead = shim_read,
        .xWrite = shim_write,
        .xTruncate = shim_truncate,
        .xSync = shim_sync,
        .xFileSize = shim_size,
        .xLock = shim_lock,
        .xUnlock = shim_unlock,
        .xCheckReservedLock = shim_check_lock,
        .xFileControl = shim_control,
        .xSectorSize = shim_sector,
        .xDeviceCharacteristics = shim_device,
    };
    struct shim_file *shim = (struct shim_file *)file;
    shim->base.pMethods = NULL;
    shim->real = (sqlite3_file *)(void *)(shim + 1);
    int error = real->xOpen(real, name, shim->real, flags, out_flags);
    if (error == SQLITE_OK) {
        shim->base.pMethods = &methods;
    }
    return error;
}

static int group_setup(void **state)
{
    static sqlite3_vfs shim;
    real = sqlite3_vfs_find(NULL);
    assert_non_null(real);
    shim = *real;
    shim.zName = "failing";
    shim.szOsFile = (int)sizeof(struct shim_file) + real->szOsFile;
    shim.xOpen = shim_open;
    assert_int_equal(sqlite3_vfs_register(&shim, 1), SQLITE_OK);
    return 0;
}

static int setup(void **state)
{
    memset(&disk, 0, sizeof(disk));
    return fixture_setup(state, votelog_open_sqlite);
}

static int teardown(void **state)
{
    disk.fail_at = 0;
    return fixture_teardown(state);
}

/* Drains while the log is well. True: `ticket` is settled; false: the log failed. */
static bool settles(struct log_fixture *fixture, uint64_t ticket)
{
    for (;;) {
        uint32_t visited;
        enum status status =
            votelog_drain(fixture->log, 1000, keeper_visit, &fixture->live, &visited);
        if (status == STATUS_IO) {
            assert_int_equal(visited, 0);
            return false;
        }
        assert_int_equal(status, STATUS_OK);
        if (fixture_settled(fixture) >= ticket) {
            return true;
        }
        if (visited == 0) {
            fixture_wait(fixture);
        }
    }
}

#define ROUNDS 2
#define CASTS 4

/* Two rounds of four casts and a close. False: the log failed on the way. */
static bool run(struct log_fixture *fixture)
{
    uint64_t seed = 21;
    uint64_t number = 0;
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        struct act act = act_make(ACT_CLOSE, round);
        uint64_t ticket = 0;
        for (uint32_t cast = 0; cast < CASTS; cast++) {
            struct mark marks[40];
            number++;
            for (uint32_t i = 0; i < 40; i++) {
                marks[i] = mark_draw(&seed, number);
            }
            if (votelog_append_marks(fixture->log, marks, 40, &ticket) != STATUS_OK ||
                !settles(fixture, ticket)) {
                return false;
            }
        }
        if (votelog_append_act(fixture->log, &act, &ticket) != STATUS_OK ||
            !settles(fixture, ticket)) {
            return false;
        }
    }
    return true;
}

static bool is_there(const struct log_fixture *fixture, const char *name)
{
    char path[128];
    fixture_path(fixture, name, path);
    return access(path, F_OK) == 0;
}

/* A number that changes with any byte of the file. */
static uint64_t file_sum(const struct log_fixture *fixture, const char *name)
{
    char path[128];
    uint64_t sum = 14695981039346656037u;
    fixture_path(fixture, name, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static uint64_t words[8192];
    for (size_t size; (size = fread(words, 1, sizeof(words), file)) > 0;) {
        for (size_t i = 0; i < size / sizeof(words[0]); i++) {
            sum = (sum ^ words[i]) * 1099511628211u;
        }
    }
    fclose(file);
    return sum;
}

/*
 * Everything that was handed back is in the log, first and in its order. Where the disk had failed
 * it is in a new file, and the old one is left as it was.
 */
static void handed_back_is_there(struct log_fixture *fixture, bool has_failed)
{
    struct keeper replayed = { 0 };
    uint64_t sum = file_sum(fixture, "log-1.sqlite") ^ file_sum(fixture, "log-1.sqlite-wal");
    assert_int_equal(is_there(fixture, "log-1.failed"), has_failed);
    fixture_open(fixture, &replayed);
    assert_int_equal(is_there(fixture, "log-2.sqlite"), has_failed);
    assert_true(!has_failed ||
                sum == (file_sum(fixture, "log-1.sqlite") ^ file_sum(fixture, "log-1.sqlite-wal")));
    assert_false(is_there(fixture, "log.new"));
    assert_true(replayed.record_count >= fixture->live.record_count);
    assert_true(replayed.record_count <= ROUNDS * (CASTS * 40 + 1));
    replayed.record_count = fixture->live.record_count;
    keepers_equal(&fixture->live, &replayed);
    keeper_finish(&replayed);
    fixture_close(fixture);
}

static void the_failed_log_is_silent(struct log_fixture *fixture)
{
    struct fault fault = { 0 };
    struct act act = act_make(ACT_CLEAR, 0);
    uint64_t seed = 1;
    uint64_t ticket = 0;
    uint32_t visited = 1;
    struct mark mark = mark_draw(&seed, 1);
    assert_int_equal(votelog_health(fixture->log, &fault), STATUS_IO);
    assert_non_null(strstr(fault.text, "log-1.sqlite"));
    assert_non_null(strstr(fault.text, "SQLite error"));
    assert_int_equal(votelog_append_marks(fixture->log, &mark, 1, &ticket), STATUS_IO);
    assert_int_equal(votelog_append_act(fixture->log, &act, &ticket), STATUS_IO);
    assert_int_equal(votelog_drain(fixture->log, 1, keeper_visit, &fixture->live, &visited),
                     STATUS_IO);
    assert_int_equal(visited, 0);
}

/* The run with each n-th operation failing, once the log is open. How many failed on the way. */
static uint32_t sweep(enum op op, uint32_t first, uint32_t end)
{
    uint32_t failed = 0;
    for (uint32_t at = first; at < end; at++) {
        struct log_fixture fixture;
        fixture_init(&fixture, votelog_open_sqlite);
        memset(&disk, 0, sizeof(disk));
        fixture_open(&fixture, NULL);
        disk.fail_op = op;
        disk.fail_at = atomic_load(&disk.counts[op]) + at;
        if (!run(&fixture)) {
            failed++;
            assert_true(atomic_load(&disk.has_failed));
            the_failed_log_is_silent(&fixture);
        }
        bool was_failed = atomic_load(&disk.has_failed);
        enum status closed = fixture_close(&fixture);
        bool has_failed = atomic_load(&disk.has_failed);
        assert_int_equal(closed, has_failed ? STATUS_IO : STATUS_OK); /* at the close as well */
        assert_true(!was_failed || atomic_load(&disk.after_count) == 0);
        memset(&disk, 0, sizeof(disk));
        handed_back_is_there(&fixture, has_failed);
        fixture_finish(&fixture);
    }
    return failed;
}

/* What the run does to the disk between open and close, counted without a failure. */
static uint32_t count_of(enum op op)
{
    struct log_fixture fixture;
    fixture_init(&fixture, votelog_open_sqlite);
    memset(&disk, 0, sizeof(disk));
    fixture_open(&fixture, NULL);
    uint32_t before = atomic_load(&disk.counts[op]);
    assert_true(run(&fixture));
    uint32_t count = atomic_load(&disk.counts[op]) - before;
    fixture_finish(&fixture);
    return count;
}

static void without_a_failure_the_run_comes_to_its_end(void **state)
{
    struct log_fixture *fixture = *state;
    fixture_open(fixture, NULL);
    assert_true(run(fixture));
    assert_int_equal(fixture->live.mark_count, ROUNDS * CASTS * 40);
    assert_int_equal(votelog_health(fixture->log, NULL), STATUS_OK);
    fixture_close(fixture);
    assert_int_equal(fixture->live.record_count, ROUNDS * (CASTS * 40 + 1));
    handed_back_is_there(fixture, false);
}

static void each_commit_is_synced(void **state)
{
    /* The first also syncs the write-ahead log's header. */
    assert_in_range(count_of(OP_SYNC), ROUNDS * (CASTS + 1), ROUNDS * (CASTS + 1) + 1);
}

static void after_any_failed_sync_the_log_says_nothing_more(void **state)
{
    uint32_t count = count_of(OP_SYNC);
    assert_int_equal(sweep(OP_SYNC, 1, count + 1), count);
    assert_int_equal(sweep(OP_SYNC, count + 1, count + 4), 0); /* in the last checkpoint */
}

static void after_any_failed_write_the_log_says_nothing_more(void **state)
{
    uint32_t count = count_of(OP_WRITE);
    assert_true(count >= 2 * ROUNDS * (CASTS + 1));
    assert_int_equal(sweep(OP_WRITE, 1, count + 1), count);
    assert_int_equal(sweep(OP_WRITE, count + 1, count + 4), 0);
}

static void a_failed_truncation_at_the_close_loses_nothing(void **state)
{
    assert_int_equal(count_of(OP_TRUNCATE), 0);
    assert_int_equal(sweep(OP_TRUNCATE, 1, 3), 0);
}

/* Offers 17 MiB and a close, so that the writer checkpoints; it fails at the at-th write there. */
static bool rest_run(struct log_fixture *fixture)
{
    static struct mark marks[MARK_PER_MESSAGE_MAX];
    uint64_t seed = 3;
    uint64_t ticket = 0;
    struct act act = act_make(ACT_CLOSE, 1);
    struct act pause = act_make(ACT_PAUSE, 1);
    for (uint32_t i = 0; i < 352; i++) {
        for (uint32_t j = 0; j < MARK_PER_MESSAGE_MAX; j++) {
            marks[j] = mark_draw(&seed, i);
        }
        ticket = append_marks(fixture->log, marks, MARK_PER_MESSAGE_MAX);
        if (i % 16 == 15 && !settles(fixture, ticket)) {
            return false;
        }
    }
    disk.fail_at = disk.fail_op == OP_NONE ? 0 : atomic_load(&disk.counts[disk.fail_op]) + 20;
    return votelog_append_act(fixture->log, &act, &ticket) == STATUS_OK &&
           settles(fixture, ticket) &&
           votelog_append_act(fixture->log, &pause, &ticket) == STATUS_OK &&
           settles(fixture, ticket);
}

static void a_failed_checkpoint_between_rounds_fails_the_log(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    disk.fail_op = OP_WRITE;
    fixture_open(fixture, NULL);
    assert_false(rest_run(fixture));
    the_failed_log_is_silent(fixture);
    fixture_close(fixture);
    assert_int_equal(atomic_load(&disk.after_count), 0);
    memset(&disk, 0, sizeof(disk));
    fixture_open(fixture, &replayed);
    assert_true(is_there(fixture, "log-2.sqlite"));
    assert_int_equal(replayed.mark_count, 352 * MARK_PER_MESSAGE_MAX);
    keeper_finish(&replayed);
    /* The control: a sound disk. */
    struct log_fixture sound;
    fixture_init(&sound, votelog_open_sqlite);
    fixture_open(&sound, NULL);
    assert_true(rest_run(&sound));
    fixture_finish(&sound);
}

static void a_log_that_failed_twice_is_in_its_third_file_and_goes_on(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    char id[17];
    fixture_open(fixture, NULL);
    memcpy(id, fixture->identity.log_id, sizeof(id));
    for (uint32_t generation = 1; generation <= 2; generation++) {
        disk.fail_op = OP_SYNC;
        disk.fail_at = atomic_load(&disk.counts[OP_SYNC]) + 3;
        assert_false(run(fixture));
        fixture_close(fixture);
        memset(&disk, 0, sizeof(disk));
        keeper_forget(&fixture->live);
        fixture->live.settled = 0;
        fixture_open(fixture, NULL);
        assert_string_equal(fixture->identity.log_id, id); /* to everybody it is the same log */
    }
    assert_true(is_there(fixture, "log-3.sqlite"));
    assert_true(run(fixture));
    fixture_close(fixture);
    fixture->options.is_read_only = true;
    fixture_open(fixture, &replayed);
    assert_false(is_there(fixture, "log-4.sqlite"));
    assert_true(replayed.record_count > fixture->live.record_count);
    keeper_finish(&replayed);
}

/* The disk that failed does not take the note either. */
static void a_note_in_memory_tells_of_a_failure_as_well(void **state)
{
    for (int forgets = 0; forgets < 2; forgets++) {
        struct log_fixture fixture;
        char path[128];
        fixture_init(&fixture, votelog_open_sqlite);
        memset(&disk, 0, sizeof(disk));
        fixture_open(&fixture, NULL);
        disk.fail_op = OP_SYNC;
        disk.fail_at = atomic_load(&disk.counts[OP_SYNC]) + 3;
        assert_false(run(&fixture));
        fixture_close(&fixture);
        memset(&disk, 0, sizeof(disk));
        fixture_path(&fixture, "log-1.failed", path);
        assert_int_equal(unlink(path), 0);
        if (forgets) { /* the control */
            assert_int_equal(fixture_forget(&fixture), 1);
        }
        fixture_open(&fixture, NULL);
        assert_int_equal(is_there(&fixture, "log-2.sqlite"), !forgets);
        assert_int_equal(fixture_forget(&fixture), 0); /* it has told, and is gone */
        fixture_finish(&fixture);
    }
}

static void a_reader_reads_a_failed_log_where_it_is(void **state)
{
    struct log_fixture *fixture = *state;
    struct keeper replayed = { 0 };
    fixture_open(fixture, NULL);
    disk.fail_op = OP_SYNC;
    disk.fail_at = atomic_load(&disk.counts[OP_SYNC]) + 5;
    assert_false(run(fixture));
    fixture_close(fixture);
    memset(&disk, 0, sizeof(disk));
    fixture->options.is_read_only = true;
    fixture_open(fixture, &replayed);
    assert_false(is_there(fixture, "log-2.sqlite"));
    assert_true(replayed.record_count >= fixture->live.record_count);
    keeper_finish(&replayed);
}

/* Offers one mark after the other until one is dropped for want of room. */
static void fill(struct log_fixture *fixture)
{
    uint64_t seed = 3;
    struct mark mark = mark_draw(&seed, 1);
    uint64_t ticket = 0;
    while (fixture->live.drop_count == 0) {
        assert_int_equal(votelog_append_marks(fixture->log, &mark, 1, &ticket), STATUS_OK);
        while (fixture->live.drop_count == 0 && fixture_settled(fixture) < ticket) {
            fixture_wait(fixture);
            (void)fixture_drain(fixture, 10);
        }
        mark.version++;
    }
    assert_int_equal(fixture->live.dropped_up_to, ticket);
}

/* Every write after the n-th finds no room, for each n of a commit; then there is some again. */
static void a_full_disk_drops_votes_and_keeps_the_close(void **state)
{
    for (uint32_t at = 1; at <= 4; at++) {
        struct log_fixture fixture;
        struct keeper replayed = { 0 };
        struct act act = act_make(ACT_CLOSE, 1);
        uint64_t seed = 4;
        uint64_t ticket;
        struct mark mark = mark_draw(&seed, 2);
        fixture_init(&fixture, votelog_open_sqlite);
        fixture_open(&fixture, NULL);
        fixture_path(&fixture, "ballast", disk.reserve);
        disk.fail_at = atomic_load(&disk.counts[OP_WRITE]) + at;
        disk.is_full = true;
        fill(&fixture);
        fixture_settle(&fixture, append_act(fixture.log, &act));
        disk.is_full = false;
        while (votelog_append_marks(fixture.log, &mark, 1, &ticket) == STATUS_NO_SPACE) {
            fixture_wait(&fixture); /* the writer looks for room by itself */
        }
        fixture_settle(&fixture, ticket);
        fixture_close(&fixture);
        assert_false(is_there(&fixture, "log-1.failed"));
        fixture_open(&fixture, &replayed);
        keepers_equal(&fixture.live, &replayed);
        keeper_finish(&replayed);
        fixture_finish(&fixture);
    }
}

/* The copy of what was written has no room in the database: not now, and nothing is lost. */
static void a_checkpoint_without_room_is_put_off(void **state)
{
    struct log_fixture *fixture = *state;
    fixture_open(fixture, NULL);
    assert_true(run(fixture));
    fixture_path(fixture, "ballast", disk.reserve);
    disk.fail_at = 0;
    disk.is_full = true; /* the close of the log copies and finds none */
    fixture_close(fixture);
    disk.is_full = false;
    handed_back_is_there(fixture, false);
}

int main(void)
{
#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        ON_DISK(without_a_failure_the_run_comes_to_its_end),
        ON_DISK(each_commit_is_synced),
        ON_DISK(after_any_failed_sync_the_log_says_nothing_more),
        ON_DISK(after_any_failed_write_the_log_says_nothing_more),
        ON_DISK(a_failed_truncation_at_the_close_loses_nothing),
        ON_DISK(a_failed_checkpoint_between_rounds_fails_the_log),
        ON_DISK(a_log_that_failed_twice_is_in_its_third_file_and_goes_on),
        ON_DISK(a_note_in_memory_tells_of_a_failure_as_well),
        ON_DISK(a_full_disk_drops_votes_and_keeps_the_close),
        ON_DISK(a_checkpoint_without_room_is_put_off),
        ON_DISK(a_reader_reads_a_failed_log_where_it_is),
    };
    return cmocka_run_group_tests(tests, group_setup, NULL);
}
