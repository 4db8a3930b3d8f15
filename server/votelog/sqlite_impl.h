#pragma once

#include <sqlite3.h>

#include "server/votelog/sqlite_place.h"
#include "server/votelog/votelog_impl.h"

/*
 * What the .c files of the SQLite backend share: one connection, minping-log(5).
 */
#define SQLITE_LOG_FORMAT 3
#define SQLITE_LOG_FORMAT_MIN 2 /* migrated at a start; of format 1 no hall ever had a log */
#define SQLITE_LOG_ROW_MAX 16   /* marks of one INSERT: 0.4 µs a mark against 0.8 one by one */

/* A copy being made, sqlite_backup.c. */
struct sqlite_copy {
    sqlite3 *db; /* NULL: none */
    sqlite3_backup *backup;
    int fd; /* of the copy, to sync it as it grows */
    char path[SQLITE_PLACE_PATH_SIZE];
};

struct sqlite_log {
    sqlite3 *db;
    struct sqlite_place place;
    bool is_read_only;
    bool is_suspect; /* the disk failed: the file may differ from what it seems */
    struct sqlite_copy copy;
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
void sqlite_log_disconnect(struct sqlite_log *log);

/*
 * Copies the write-ahead log into the database and, TRUNCATE, empties it, or, RESTART, has it used
 * again from its beginning. STATUS_NO_SPACE: not now; nothing is lost and the log is sound.
 */
MUST_CHECK enum status sqlite_log_checkpoint(struct sqlite_log *log, int mode, struct fault *fault);

/* Whether the connection's last error was for want of room, which harms nothing. */
bool sqlite_log_lacks_space(const struct sqlite_log *log);

/*
 * sqlite_make.c: makes the log of a place that has none; or the next generation of one whose disk
 * has failed or whose format is an earlier one: a copy, checked and synced before it is the log.
 */
MUST_CHECK enum status sqlite_make(struct sqlite_log *log, struct votelog_identity *identity,
                                   struct fault *fault);
MUST_CHECK enum status sqlite_renew(struct sqlite_log *log, struct fault *fault);
/* The opened log's pages, and what is in them, are held against each other. STATUS_INVALID. */
MUST_CHECK enum status sqlite_integrity_check(struct sqlite_log *log, struct fault *fault);

/* sqlite_backup.c: as votelog_impl.h; end drops a copy that was not done. */
MUST_CHECK enum status sqlite_backup_begin(struct sqlite_log *log, const char *path,
                                           struct fault *fault);
MUST_CHECK enum status sqlite_backup_step(struct sqlite_log *log, bool *is_done,
                                          struct fault *fault);
void sqlite_backup_end(struct sqlite_log *log);

/* sqlite_schema.c: makes the log's tables, and holds an opened one against what is expected. */
MUST_CHECK enum status sqlite_schema_make(struct sqlite_log *log,
                                          const struct votelog_identity *identity,
                                          struct fault *fault);
MUST_CHECK enum status sqlite_schema_check(struct sqlite_log *log,
                                           struct votelog_identity *identity, struct fault *fault);
/*
 * The format that the log says it has, SQLITE_LOG_FORMAT_MIN .. SQLITE_LOG_FORMAT. STATUS_LIMIT:
 * newer; STATUS_INVALID.
 */
MUST_CHECK enum status sqlite_schema_format(struct sqlite_log *log, int *format,
                                            struct fault *fault);
/* Gives the opened log, a copy of one of an earlier format, today's tables. */
MUST_CHECK enum status sqlite_schema_migrate(struct sqlite_log *log, struct fault *fault);
/* Says in the opened log, a copy, that it is a log of its own, made from another. */
MUST_CHECK enum status sqlite_schema_part(struct sqlite_log *log, struct fault *fault);

/* sqlite_replay.c */
MUST_CHECK enum status sqlite_replay(struct sqlite_log *log, votelog_visit_fn visit, void *ctx,
                                     struct fault *fault);
