#pragma once

#include <sqlite3.h>

#include "server/votelog/sqlite_place.h"
#include "server/votelog/votelog_impl.h"

/*
 * What the .c files of the SQLite backend share: one connection, minping-log(5).
 */
#define SQLITE_LOG_FORMAT 1
#define SQLITE_LOG_ROW_MAX 16 /* marks of one INSERT: 0.4 µs a mark against 0.8 one by one */

struct sqlite_log {
    sqlite3 *db;
    struct sqlite_place place;
    bool is_read_only;
    int wal_frame_count; /* frames in the write-ahead log after the last commit */
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    sqlite3_stmt *insert_mark;
    sqlite3_stmt *insert_marks; /* SQLITE_LOG_ROW_MAX rows */
    sqlite3_stmt *insert_act;
};

/* The fault of the connection's last error, named after what was being done ("write to"). */
enum status sqlite_log_fault(const struct sqlite_log *log, const char *verb, struct fault *fault);

MUST_CHECK enum status sqlite_log_exec(struct sqlite_log *log, const char *sql, const char *verb,
                                       struct fault *fault);
MUST_CHECK enum status sqlite_log_prepare(struct sqlite_log *log, const char *sql,
                                          sqlite3_stmt **statement, struct fault *fault);

/* sqlite_schema.c: makes the log's file, and holds an opened one against what is expected. */
MUST_CHECK enum status sqlite_schema_make(struct sqlite_log *log,
                                          const struct votelog_identity *identity,
                                          struct fault *fault);
MUST_CHECK enum status sqlite_schema_check(struct sqlite_log *log,
                                           struct votelog_identity *identity, struct fault *fault);

/* sqlite_replay.c */
MUST_CHECK enum status sqlite_replay(struct sqlite_log *log, votelog_visit_fn visit, void *ctx,
                                     struct fault *fault);
