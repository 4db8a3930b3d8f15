#include "server/votelog/sqlite_impl.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char schema[] =
    "CREATE TABLE meta("
    "format INTEGER NOT NULL, event_id TEXT NOT NULL, event_hash BLOB NOT NULL,"
    " log_id TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    " copied_from TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE TABLE mark("
    "format INTEGER NOT NULL, batch INTEGER NOT NULL, round INTEGER NOT NULL,"
    " slot BLOB NOT NULL, item INTEGER NOT NULL, version INTEGER NOT NULL,"
    " nonce BLOB NOT NULL, choice INTEGER NOT NULL,"
    " voter_group INTEGER NOT NULL) STRICT;"
    "CREATE TABLE act("
    "format INTEGER NOT NULL, batch INTEGER NOT NULL, kind TEXT NOT NULL,"
    " round INTEGER NOT NULL, number INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " contest TEXT NOT NULL, subject TEXT NOT NULL, post TEXT NOT NULL, bus TEXT NOT NULL,"
    " layer TEXT NOT NULL, scene TEXT NOT NULL, params TEXT NOT NULL) STRICT;";

static enum status meta_write(struct sqlite_log *log, const struct votelog_identity *identity,
                              struct fault *fault)
{
    sqlite3_stmt *insert = NULL;
    enum status status =
        sqlite_log_prepare(log, "INSERT INTO meta VALUES(?,?,?,?,?,'')", &insert, fault);
    if (status != STATUS_OK) {
        return status;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int error = sqlite3_bind_int(insert, 1, SQLITE_LOG_FORMAT);
    error |= sqlite3_bind_text(insert, 2, identity->event_id, -1, SQLITE_STATIC);
    error |= sqlite3_bind_blob(insert, 3, identity->event_hash, sizeof(identity->event_hash),
                               SQLITE_STATIC);
    error |= sqlite3_bind_text(insert, 4, identity->log_id, -1, SQLITE_STATIC);
    error |=
        sqlite3_bind_int64(insert, 5, (sqlite3_int64)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    if (error != SQLITE_OK || sqlite3_step(insert) != SQLITE_DONE) {
        status = sqlite_log_fault(log, "write to", fault);
    }
    sqlite3_finalize(insert);
    return status;
}

enum status sqlite_schema_make(struct sqlite_log *log, const struct votelog_identity *identity,
                               struct fault *fault)
{
    enum status status = sqlite_log_exec(log, "BEGIN IMMEDIATE", "write to", fault);
    if (status == STATUS_OK) {
        status = sqlite_log_exec(log, schema, "write to", fault);
    }
    if (status == STATUS_OK) {
        status = meta_write(log, identity, fault);
    }
    if (status == STATUS_OK) {
        status = sqlite_log_exec(log, "COMMIT", "write to", fault);
    }
    return status;
}

/* The text of a column, if it is one of 0 .. size - 1 bytes without NUL. */
static bool text_take(sqlite3_stmt *row, int column, char *text, size_t size)
{
    const char *value = (const char *)sqlite3_column_text(row, column);
    size_t length = (size_t)sqlite3_column_bytes(row, column);
    if (value == NULL || length >= size || strlen(value) != length) {
        return false;
    }
    memcpy(text, value, length + 1);
    return true;
}

static enum status damaged(const struct sqlite_log *log, const char *what, struct fault *fault)
{
    return fault_set(fault, STATUS_INVALID, log->place.log_path,
                     "'%s' is damaged (%s): put a sound copy there, or use another --data",
                     log->place.log_path, what);
}

/* The format comes first: of a newer one nothing else is known. */
enum status sqlite_schema_format(struct sqlite_log *log, int *out, struct fault *fault)
{
    sqlite3_stmt *row = NULL;
    enum status status = sqlite_log_prepare(log, "SELECT format FROM meta", &row, fault);
    if (status != STATUS_OK) {
        return status;
    }
    int step = sqlite3_step(row);
    sqlite3_int64 format = step == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    if (step != SQLITE_ROW && step != SQLITE_DONE) {
        status = sqlite_log_fault(log, "read", fault);
    } else if (format > SQLITE_LOG_FORMAT) {
        status = fault_set(fault, STATUS_LIMIT, log->place.log_path,
                           "'%s' was made by a newer minpingd (format %" PRId64
                           ", this one knows %d): use that one, or another --data",
                           log->place.log_path, (int64_t)format, SQLITE_LOG_FORMAT);
    } else if (format < 1) {
        status = damaged(log, "no format", fault);
    } else if (format < SQLITE_LOG_FORMAT_MIN) {
        status = fault_set(fault, STATUS_INVALID, log->place.log_path,
                           "'%s' was made by an earlier minpingd (format %" PRId64
                           ", this one knows %d to %d): use that one, or another --data",
                           log->place.log_path, (int64_t)format, SQLITE_LOG_FORMAT_MIN,
                           SQLITE_LOG_FORMAT);
    }
    sqlite3_finalize(row);
    *out = (int)format;
    return status;
}

enum status sqlite_schema_migrate(struct sqlite_log *log, struct fault *fault)
{
    int format;
    enum status status = sqlite_schema_format(log, &format, fault);
    if (status != STATUS_OK || format == SQLITE_LOG_FORMAT) {
        return status;
    }
    static_assert(SQLITE_LOG_FORMAT == 3 && SQLITE_LOG_FORMAT_MIN == 2, "one step, this one");
    return sqlite_log_exec(log,
                           "BEGIN IMMEDIATE;"
                           "ALTER TABLE meta ADD COLUMN copied_from TEXT NOT NULL DEFAULT '';"
                           "UPDATE meta SET format = 3;"
                           "COMMIT",
                           "migrate", fault);
}

enum status sqlite_schema_part(struct sqlite_log *log, struct fault *fault)
{
    char log_id[17];
    sqlite3_stmt *update = NULL;
    enum status status = votelog_id_draw(log_id, fault);
    if (status == STATUS_OK) {
        status = sqlite_log_prepare(log, "UPDATE meta SET copied_from = log_id, log_id = ?",
                                    &update, fault);
    }
    if (status == STATUS_OK &&
        (sqlite3_bind_text(update, 1, log_id, -1, SQLITE_STATIC) != SQLITE_OK ||
         sqlite3_step(update) != SQLITE_DONE)) {
        status = sqlite_log_fault(log, "write to", fault);
    }
    sqlite3_finalize(update);
    return status;
}

static enum status meta_compare(struct sqlite_log *log, sqlite3_stmt *row,
                                struct votelog_identity *identity, struct fault *fault)
{
    struct votelog_identity found = { 0 };
    const void *hash = sqlite3_column_blob(row, 1);
    if (!text_take(row, 0, found.event_id, sizeof(found.event_id)) ||
        !text_take(row, 2, found.log_id, sizeof(found.log_id)) ||
        strspn(found.log_id, "0123456789abcdef") != sizeof(found.log_id) - 1 || hash == NULL ||
        sqlite3_column_bytes(row, 1) != (int)sizeof(found.event_hash)) {
        return damaged(log, "in table meta", fault);
    }
    memcpy(found.event_hash, hash, sizeof(found.event_hash));
    if (log->is_read_only && identity->event_id[0] == '\0') {
        *identity = found;
        return STATUS_OK;
    }
    if (strcmp(found.event_id, identity->event_id) != 0) {
        return fault_set(fault, STATUS_INVALID, log->place.log_path,
                         "'%s' holds the log of event \"%s\", not of \"%s\": use another --data",
                         log->place.dir, found.event_id, identity->event_id);
    }
    if (memcmp(found.event_hash, identity->event_hash, sizeof(found.event_hash)) != 0) {
        return fault_set(fault, STATUS_INVALID, log->place.log_path,
                         "'%s' holds the log of event \"%s\", but the event's file was changed "
                         "since: use the file as it was, or another --data",
                         log->place.dir, found.event_id);
    }
    memcpy(identity->log_id, found.log_id, sizeof(found.log_id));
    return STATUS_OK;
}

enum status sqlite_schema_check(struct sqlite_log *log, struct votelog_identity *identity,
                                struct fault *fault)
{
    int format;
    enum status status = sqlite_schema_format(log, &format, fault);
    if (status == STATUS_OK && format != SQLITE_LOG_FORMAT) {
        status = fault_set(fault, STATUS_INVALID, log->place.log_path,
                           "'%s' is of format %d, this program's is %d: start minpingd on it once, "
                           "which makes a copy of that format",
                           log->place.log_path, format, SQLITE_LOG_FORMAT);
    }
    if (status != STATUS_OK) {
        return status;
    }
    sqlite3_stmt *row = NULL;
    status = sqlite_log_prepare(log, "SELECT event_id, event_hash, log_id FROM meta", &row, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (sqlite3_step(row) != SQLITE_ROW) {
        status = sqlite_log_fault(log, "read", fault);
    } else {
        status = meta_compare(log, row, identity, fault);
    }
    sqlite3_finalize(row);
    return status;
}
