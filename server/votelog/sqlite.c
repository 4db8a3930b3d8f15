#include "server/votelog/sqlite_impl.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The log in DIR/log-1.sqlite: write-ahead log, synchronous=FULL, one connection and no other
 * process. A commit that returned is on stable storage. After the first error nothing is written to
 * the file again, a checkpoint least of all: the kernel may have dropped pages it could not write
 * and call them clean, and what a checkpoint copies then is lost.
 */
#define REST_FRAME_MIN 4096 /* frames, 16 MiB: what grow_wal made ready is used up */
#define SQL_SIZE 1024

enum status sqlite_log_fault(const struct sqlite_log *log, const char *verb, struct fault *fault)
{
    const char *path = log->place.log_path;
    int error = log->db != NULL ? sqlite3_extended_errcode(log->db) : SQLITE_NOMEM;
    int system = log->db != NULL ? sqlite3_system_errno(log->db) : 0;
    const char *text = system != 0 ? strerror(system) : sqlite3_errstr(error);
    switch (error & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fault_set(fault, STATUS_BUSY, path,
                         "another program has '%s' open: close it there, or use another --data",
                         path);
    case SQLITE_NOMEM:
        return fault_set(fault, STATUS_NOMEM, path, "no memory to %s '%s'", verb, path);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_ERROR: /* our SQL is right: it is the tables that are not ours */
    case SQLITE_SCHEMA:
        return fault_set(fault, STATUS_INVALID, path,
                         "'%s' is damaged (%s): put a sound copy there, or use another --data",
                         path, log->db != NULL ? sqlite3_errmsg(log->db) : text);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return fault_set(fault, STATUS_DENIED, path,
                         "cannot %s '%s': %s; give it to the user that runs this, or use another "
                         "--data",
                         verb, path, text);
    default:
        if (sqlite_log_lacks_space(log)) {
            return fault_set(fault, STATUS_NO_SPACE, path,
                             "cannot %s '%s': the disk is full; make room", verb, path);
        }
        return fault_set(fault, STATUS_IO, path, "cannot %s '%s': %s (SQLite error %d)", verb, path,
                         text, error);
    }
}

bool sqlite_log_lacks_space(const struct sqlite_log *log)
{
    int error = sqlite3_extended_errcode(log->db);
    return error == SQLITE_FULL ||
           (error == SQLITE_IOERR_WRITE && sqlite3_system_errno(log->db) == EDQUOT);
}

enum status sqlite_log_exec(struct sqlite_log *log, const char *sql, const char *verb,
                            struct fault *fault)
{
    return sqlite3_exec(log->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? STATUS_OK
               : sqlite_log_fault(log, verb, fault);
}

enum status sqlite_log_prepare(struct sqlite_log *log, const char *sql, sqlite3_stmt **statement,
                               struct fault *fault)
{
    return sqlite3_prepare_v3(log->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) ==
                   SQLITE_OK
               ? STATUS_OK
               : sqlite_log_fault(log, "read", fault);
}

enum status sqlite_log_connect(struct sqlite_log *log, const char *path, struct fault *fault)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int error = sqlite3_open_v2(path, &log->db, flags, NULL);
    if (error == SQLITE_OK) {
        sqlite3_extended_result_codes(log->db, 1);
        error = sqlite3_db_config(log->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        error |= sqlite3_db_config(log->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        error |= sqlite3_db_config(log->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
        error |= sqlite3_db_config(log->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    if (error != SQLITE_OK) {
        return sqlite_log_fault(log, "open", fault);
    }
    enum status status = sqlite_log_exec(log,
                                         "PRAGMA trusted_schema=OFF;"
                                         "PRAGMA cell_size_check=ON;"
                                         "PRAGMA locking_mode=EXCLUSIVE;"
                                         "PRAGMA temp_store=MEMORY;",
                                         "open", fault);
    if (status != STATUS_OK) {
        return status;
    }
    sqlite3_stmt *mode = NULL;
    status = sqlite_log_prepare(log, "PRAGMA journal_mode=WAL", &mode, fault);
    if (status == STATUS_OK && sqlite3_step(mode) != SQLITE_ROW) {
        status = sqlite_log_fault(log, "open", fault);
    }
    if (status == STATUS_OK && sqlite3_db_readonly(log->db, "main") == 1) {
        status = fault_set(fault, STATUS_DENIED, path,
                           "cannot write '%s': give it to the user that runs this, or use "
                           "another --data",
                           path);
    }
    if (status == STATUS_OK && strcmp((const char *)sqlite3_column_text(mode, 0), "wal") != 0) {
        status = fault_set(fault, STATUS_IO, path, "'%s' cannot have a write-ahead log", path);
    }
    sqlite3_finalize(mode);
    if (status != STATUS_OK) {
        return status;
    }
    return sqlite_log_exec(log,
                           "PRAGMA synchronous=FULL;"
                           "PRAGMA wal_autocheckpoint=0;"
                           "PRAGMA cache_size=-8192;",
                           "open", fault);
}

void sqlite_log_disconnect(struct sqlite_log *log)
{
    sqlite_backup_end(log);
    sqlite3_finalize(log->begin);
    sqlite3_finalize(log->commit);
    sqlite3_finalize(log->insert_mark);
    sqlite3_finalize(log->insert_marks);
    sqlite3_finalize(log->insert_act);
    log->begin = log->commit = log->insert_mark = log->insert_marks = log->insert_act = NULL;
    int error = sqlite3_close(log->db);
    assert(error == SQLITE_OK); /* every statement is finalized */
    (void)error;
    log->db = NULL;
}

enum status sqlite_log_checkpoint(struct sqlite_log *log, int mode, struct fault *fault)
{
    int frame_count;
    int copied_count;
    if (sqlite3_wal_checkpoint_v2(log->db, "main", mode, &frame_count, &copied_count) !=
        SQLITE_OK) {
        return sqlite_log_fault(log, "checkpoint", fault);
    }
    if (frame_count != copied_count) {
        return fault_set(fault, STATUS_IO, log->place.log_path,
                         "cannot checkpoint '%s': %d of %d pages copied", log->place.log_path,
                         copied_count, frame_count);
    }
    return STATUS_OK;
}

/* "INSERT … VALUES(1,?,…),(1,?,…)…": `count` rows of one format, eight parameters each. */
static enum status prepare_marks(struct sqlite_log *log, uint32_t count, sqlite3_stmt **insert,
                                 struct fault *fault)
{
    char sql[SQL_SIZE];
    size_t size = (size_t)snprintf(
        sql, sizeof(sql),
        "INSERT INTO mark(format,batch,round,slot,item,version,nonce,choice,voter_group) VALUES");
    for (uint32_t i = 0; i < count; i++) {
        size += (size_t)snprintf(sql + size, sizeof(sql) - size, "%s(%d,?,?,?,?,?,?,?,?)",
                                 i == 0 ? "" : ",", SQLITE_LOG_FORMAT);
        assert(size < sizeof(sql));
    }
    return sqlite_log_prepare(log, sql, insert, fault);
}

static enum status prepare_all(struct sqlite_log *log, struct fault *fault)
{
    enum status status = sqlite_log_prepare(log, "BEGIN IMMEDIATE", &log->begin, fault);
    if (status == STATUS_OK) {
        status = sqlite_log_prepare(log, "COMMIT", &log->commit, fault);
    }
    if (status == STATUS_OK) {
        status = prepare_marks(log, 1, &log->insert_mark, fault);
    }
    if (status == STATUS_OK) {
        status = prepare_marks(log, SQLITE_LOG_ROW_MAX, &log->insert_marks, fault);
    }
    if (status == STATUS_OK) {
        status = sqlite_log_prepare(
            log,
            "INSERT INTO act(format,batch,kind,round,number,at_ms,contest,subject,post,bus,layer,"
            "scene,params) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
            &log->insert_act, fault);
    }
    return status;
}

/* Rows are only ever appended, so the last row of a table has its last batch, and its count. */
static enum status extent_read(struct sqlite_log *log, struct votelog_extent *extent,
                               struct fault *fault)
{
    sqlite3_stmt *row = NULL;
    enum status status = sqlite_log_prepare(
        log,
        "SELECT max(ifnull((SELECT batch FROM mark ORDER BY rowid DESC LIMIT 1),0),"
        "ifnull((SELECT batch FROM act ORDER BY rowid DESC LIMIT 1),0)),"
        "ifnull((SELECT max(rowid) FROM mark),0)",
        &row, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (sqlite3_step(row) == SQLITE_ROW) {
        extent->batch_last = (uint64_t)sqlite3_column_int64(row, 0);
        extent->mark_total = (uint64_t)sqlite3_column_int64(row, 1);
    } else {
        status = sqlite_log_fault(log, "read", fault);
    }
    sqlite3_finalize(row);
    return status;
}

static int committed(void *ctx, sqlite3 *db, const char *name, int frame_count)
{
    struct sqlite_log *log = ctx;
    (void)db;
    (void)name;
    log->wal_frame_count = frame_count;
    return SQLITE_OK;
}

/* A log that may be written to is there afterwards, in today's format and on blocks of its own. */
static enum status log_prepare(struct sqlite_log *log, struct votelog_identity *identity,
                               struct fault *fault)
{
    enum status status = STATUS_OK;
    if (!log->place.has_log) {
        status = sqlite_make(log, identity, fault);
    } else if (log->place.has_failed) {
        status = sqlite_renew(log, fault);
    } else {
        status = sqlite_place_sync_wal(&log->place, fault);
    }
    if (status == STATUS_OK) {
        (void)sqlite_place_keep_reserve(&log->place, false); /* no room: after a round, perhaps */
        status = sqlite_place_grow_wal(&log->place, fault);
    }
    return status;
}

static enum status open_there(struct sqlite_log *log, struct votelog_identity *identity,
                              struct votelog_extent *extent, struct fault *fault)
{
    int format = 0;
    enum status status = log->is_read_only ? STATUS_OK : log_prepare(log, identity, fault);
    if (status == STATUS_OK) {
        status = sqlite_log_connect(log, log->place.log_path, fault);
    }
    if (status == STATUS_OK) {
        status = sqlite_schema_format(log, &format, fault);
    }
    if (status == STATUS_OK && format < SQLITE_LOG_FORMAT && !log->is_read_only) {
        sqlite_log_disconnect(log);
        status = sqlite_renew(log, fault);
        if (status == STATUS_OK) {
            status = log_prepare(log, identity, fault);
        }
        if (status == STATUS_OK) {
            status = sqlite_log_connect(log, log->place.log_path, fault);
        }
    }
    if (status == STATUS_OK) {
        status = sqlite_schema_check(log, identity, fault);
    }
    if (status == STATUS_OK) {
        status = extent_read(log, extent, fault);
    }
    if (status == STATUS_OK && log->is_read_only) {
        return sqlite_log_exec(log, "PRAGMA query_only=ON", "open", fault);
    }
    if (status == STATUS_OK) {
        (void)sqlite3_wal_hook(log->db, committed, log);
        status = prepare_all(log, fault);
    }
    return status;
}

static enum status sqlite_close(void *state, bool is_failed, struct fault *fault)
{
    struct sqlite_log *log = state;
    struct fault why = { 0 };
    enum status status = is_failed || log->is_read_only
                             ? STATUS_OK
                             : sqlite_log_checkpoint(log, SQLITE_CHECKPOINT_TRUNCATE, &why);
    sqlite_log_disconnect(log);
    /* A checkpoint that fails loses nothing: the write-ahead log still has it all. */
    if (status == STATUS_NO_SPACE) {
        status = STATUS_OK;
    }
    if (status != STATUS_OK) {
        sqlite_place_fail(&log->place, why.text);
        status = fault_set(fault, STATUS_IO, why.where, "%s", why.text);
    }
    sqlite_place_close(&log->place);
    free(log);
    return status;
}

static enum status sqlite_open(const struct votelog_options *options,
                               struct votelog_identity *identity, void **state,
                               struct votelog_extent *extent, struct fault *fault)
{
    struct sqlite_log *log = calloc(1, sizeof(*log));
    if (log == NULL) {
        return fault_set(fault, STATUS_NOMEM, options->dir, "no memory to open the log");
    }
    log->is_read_only = options->is_read_only;
    enum status status = sqlite_place_open(&log->place, options->dir, options->is_read_only, fault);
    if (status != STATUS_OK) {
        free(log);
        return status;
    }
    status = open_there(log, identity, extent, fault);
    if (status != STATUS_OK) {
        (void)sqlite_close(log, true, NULL);
        return status;
    }
    *state = log;
    return STATUS_OK;
}

/* Binds one mark to the parameters from `at` on; the bytes are borrowed until the next bind. */
static int bind_mark(sqlite3_stmt *insert, int at, uint64_t batch, const struct mark *mark)
{
    int error = sqlite3_bind_int64(insert, at, (sqlite3_int64)batch);
    error |= sqlite3_bind_int(insert, at + 1, (int)mark->round);
    error |= sqlite3_bind_blob(insert, at + 2, mark->slot, SLOT_SIZE, SQLITE_STATIC);
    error |= sqlite3_bind_int(insert, at + 3, mark->item);
    error |= sqlite3_bind_int(insert, at + 4, (int)mark->version);
    error |= sqlite3_bind_blob(insert, at + 5, mark->nonce, NONCE_SIZE, SQLITE_STATIC);
    error |= sqlite3_bind_int(insert, at + 6, mark->choice);
    error |= sqlite3_bind_int(insert, at + 7, mark->group);
    return error;
}

static bool run(sqlite3_stmt *statement)
{
    int step = sqlite3_step(statement);
    return sqlite3_reset(statement) == SQLITE_OK && step == SQLITE_DONE;
}

static bool insert_marks(struct sqlite_log *log, uint64_t batch, const struct mark *marks,
                         uint32_t count)
{
    uint32_t done = 0;
    while (done < count) {
        uint32_t rows = count - done >= SQLITE_LOG_ROW_MAX ? SQLITE_LOG_ROW_MAX : 1;
        sqlite3_stmt *insert = rows == 1 ? log->insert_mark : log->insert_marks;
        int error = SQLITE_OK;
        for (uint32_t i = 0; i < rows; i++) {
            error |= bind_mark(insert, (int)(1 + 8 * i), batch, &marks[done + i]);
        }
        if (error != SQLITE_OK || !run(insert)) {
            return false;
        }
        done += rows;
    }
    return true;
}

static int bind_text(sqlite3_stmt *insert, int at, const char *text)
{
    return sqlite3_bind_text(insert, at, text, -1, SQLITE_STATIC);
}

static bool insert_act(struct sqlite_log *log, uint64_t batch, const struct act *act)
{
    sqlite3_stmt *insert = log->insert_act;
    int error = sqlite3_bind_int(insert, 1, SQLITE_LOG_FORMAT);
    error |= sqlite3_bind_int64(insert, 2, (sqlite3_int64)batch);
    error |= bind_text(insert, 3, act_kind_name(act->kind));
    error |= sqlite3_bind_int(insert, 4, (int)act->round);
    error |= sqlite3_bind_int64(insert, 5, (sqlite3_int64)act->number);
    error |= sqlite3_bind_int64(insert, 6, act->at_ms);
    error |= bind_text(insert, 7, act->contest);
    error |= bind_text(insert, 8, act->subject);
    error |= bind_text(insert, 9, act->post);
    error |= bind_text(insert, 10, act->bus == BUS_INVALID ? "" : bus_name(act->bus));
    error |= bind_text(insert, 11, act->layer == LAYER_INVALID ? "" : layer_name(act->layer));
    error |= bind_text(insert, 12, act->scene);
    error |= bind_text(insert, 13, act->params);
    return error == SQLITE_OK && run(insert);
}

/*
 * Why a batch is not in the log. A full disk lies about nothing, and what it had of the batch is
 * taken back; any other error of the disk makes the file suspect.
 */
static enum status write_fault(struct sqlite_log *log, struct fault *fault)
{
    enum status status = sqlite_log_fault(log, "write to", fault);
    if (status == STATUS_NO_SPACE &&
        (sqlite3_get_autocommit(log->db) != 0 ||
         sqlite3_exec(log->db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK)) {
        return status;
    }
    log->is_suspect = status == STATUS_NO_SPACE || status == STATUS_IO || status == STATUS_INVALID;
    return status == STATUS_NO_SPACE ? STATUS_IO : status;
}

static enum status sqlite_write_batch(void *state, uint64_t batch, const struct mark *marks,
                                      uint32_t count, const struct act *act, struct fault *fault)
{
    struct sqlite_log *log = state;
    if (!run(log->begin) || !insert_marks(log, batch, marks, count) ||
        (act != NULL && !insert_act(log, batch, act)) || !run(log->commit)) {
        return write_fault(log, fault);
    }
    return STATUS_OK;
}

static enum status sqlite_rest(void *state, struct fault *fault)
{
    struct sqlite_log *log = state;
    (void)sqlite_place_keep_reserve(&log->place, false);
    if (log->wal_frame_count < REST_FRAME_MIN) {
        return STATUS_OK;
    }
    enum status status = sqlite_log_checkpoint(log, SQLITE_CHECKPOINT_RESTART, fault);
    if (status == STATUS_NO_SPACE) {
        return STATUS_OK; /* after the next round there may be room */
    }
    log->wal_frame_count = status == STATUS_OK ? 0 : log->wal_frame_count;
    log->is_suspect = status != STATUS_OK;
    return status;
}

static bool sqlite_spend_reserve(void *state)
{
    struct sqlite_log *log = state;
    return sqlite_place_spend_reserve(&log->place);
}

static bool sqlite_restore_reserve(void *state)
{
    struct sqlite_log *log = state;
    return sqlite_place_keep_reserve(&log->place, true);
}

static enum status sqlite_copy_begin(void *state, const char *path, struct fault *fault)
{
    return sqlite_backup_begin(state, path, fault);
}

static enum status sqlite_copy_step(void *state, bool *is_done, struct fault *fault)
{
    return sqlite_backup_step(state, is_done, fault);
}

static void sqlite_fail(void *state, const struct fault *fault)
{
    struct sqlite_log *log = state;
    if (log->is_suspect) {
        sqlite_place_fail(&log->place, fault->text);
    }
}

static enum status sqlite_replay_all(void *state, votelog_visit_fn visit, void *ctx,
                                     struct fault *fault)
{
    return sqlite_replay(state, visit, ctx, fault);
}

enum status votelog_open_sqlite(const struct votelog_options *options,
                                struct votelog_identity *identity, struct votelog **log,
                                struct fault *fault)
{
    static const struct votelog_backend backend = {
        .open = sqlite_open,
        .replay = sqlite_replay_all,
        .write_batch = sqlite_write_batch,
        .spend_reserve = sqlite_spend_reserve,
        .restore_reserve = sqlite_restore_reserve,
        .backup_begin = sqlite_copy_begin,
        .backup_step = sqlite_copy_step,
        .rest = sqlite_rest,
        .fail = sqlite_fail,
        .close = sqlite_close,
    };
    return votelog_open(&backend, options, identity, log, fault);
}
