#pragma once

#include <sqlite3.h>

#include "server/votelog/sqlite_place.h"
#include "server/votelog/votelog_impl.h"

/*
 * What the .c files of the SQLite backend share: one connection, minping-log(5).
 */
#define SQLITE_LOG_FORMAT 2
#define SQLITE_LOG_ROW_MAX 16 /* marks of one INSERT: 0.4 µs a mark against 0.8 one by one */

struct sqlite_log {
    sqlite3 *db;
    struct sqlite_place place;
    bool is_read_only;
    bool is_suspect;     /* the disk failed: the file may differ from what it seems */
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

/*
 * Opens a connection to `path` that trusts nothing in the file and takes it for itself alone. Also
 * on an error it must be disconnected.
 */
MUST_CHECK enum status sqlite_log_connect(struct sqlite_log *log, const char *path,
                                          struct fault *fault);
/* Ends it. False: the checkpoint that was asked for did not come to its end. */
bool sqlite_log_disconnect(struct sqlite_log *log, bool with_checkpoint);

/* sqlite_make.c: makes the log of a place that has none, or whose log has failed. */
MUST_CHECK enum status sqlite_make(struct sqlite_log *log, struct votelog_identity *identity,
                                   struct fault *fault);
MUST_CHECK enum status sqlite_renew(struct sqlite_log *log, struct fault *fault);

/* sqlite_schema.c: makes the log's tables, and holds an opened one against what is expected. */
MUST_CHECK enum status sqlite_schema_make(struct sqlite_log *log,
                                          const struct votelog_identity *identity,
                                          struct fault *fault);
MUST_CHECK enum status sqlite_schema_check(struct sqlite_log *log,
                                           struct votelog_identity *identity, struct fault *fault);

/* sqlite_replay.c */
MUST_CHECK enum status sqlite_replay(struct sqlite_log *log, votelog_visit_fn visit, void *ctx,
                                     struct fault *fault);
