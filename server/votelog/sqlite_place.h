#pragma once

#include <stdbool.h>

#include "server/votelog/votelog.h"

/*
 * The place of the SQLite log: DIR, its lock, and the names of the files in it. It knows nothing of
 * what the file holds. Threads: the loop thread.
 */
#define SQLITE_PLACE_DIR_SIZE 480 /* SQLite opens no path over 512 bytes */
#define SQLITE_PLACE_PATH_SIZE 512
#define SQLITE_PLACE_GENERATION_MAX 99 /* a disk that failed so often is not a disk */

/*
 * The log is DIR/log-1.sqlite until its disk fails. Then DIR/log-1.failed says why, and the next
 * writer goes on in a new generation, DIR/log-2.sqlite: a disk that could not write may have
 * dropped pages which it reads back from memory, so the old file is never trusted with a vote
 * again.
 */
struct sqlite_place {
    int lock_fd;                              /* DIR/lock, locked while the log is open; or -1 */
    uint32_t generation;                      /* 1 .. SQLITE_PLACE_GENERATION_MAX */
    char dir[SQLITE_PLACE_DIR_SIZE];          /* absolute */
    char log_path[SQLITE_PLACE_PATH_SIZE];    /* DIR/log-N.sqlite */
    char wal_path[SQLITE_PLACE_PATH_SIZE];    /* DIR/log-N.sqlite-wal */
    char failed_path[SQLITE_PLACE_PATH_SIZE]; /* DIR/log-N.failed */
    char new_path[SQLITE_PLACE_PATH_SIZE];    /* DIR/log.new: a log being made */
    bool has_log;                             /* log_path is there */
    bool has_failed;                          /* failed_path is there */
};

/*
 * Takes the lock of `dir` and looks what is there: the log of the highest generation. A reader
 * makes nothing but the lock's file, and not even that where there is no log.
 *
 * Errors: STATUS_BUSY (held by another process), STATUS_DENIED (may not write there, or the log is
 * another user's), STATUS_INVALID (a write-ahead log without its log), STATUS_NOT_FOUND (a reader,
 * and no log), STATUS_LIMIT (path too long), STATUS_IO. On success the place must be closed.
 */
MUST_CHECK enum status sqlite_place_open(struct sqlite_place *place, const char *dir,
                                         bool is_read_only, struct fault *fault);
void sqlite_place_close(struct sqlite_place *place);

/* Makes an empty draft, DIR/log.new, mode 0600; one left over by a crash goes. */
MUST_CHECK enum status sqlite_place_draft(const struct sqlite_place *place, struct fault *fault);

/*
 * Makes the draft the log, or where there is one its next generation, so that after a power cut it
 * is whole or not there. STATUS_LIMIT: the last generation has failed.
 */
MUST_CHECK enum status sqlite_place_adopt(struct sqlite_place *place, struct fault *fault);

/*
 * Leaves a note that the log's disk failed, and why: first in memory, then as DIR/log-N.failed, as
 * well as a failing disk lets it. What a failed disk endangers are pages that the kernel holds in
 * memory and takes for written; a note in memory lives as long as these do.
 */
void sqlite_place_fail(struct sqlite_place *place, const char *reason);

/*
 * The reserve for a full disk, DIR/ballast: keep makes it, or makes it whole again, where there is
 * room for it, and with_votes for as much again beside it, and tells whether there was; spend gives
 * a piece of it back, and tells whether there was one. sqlite_reserve.c, the writer's thread once
 * it runs.
 */
bool sqlite_place_keep_reserve(const struct sqlite_place *place, bool with_votes);
bool sqlite_place_spend_reserve(const struct sqlite_place *place);

/*
 * Syncs a write-ahead log that is there. What a killed server wrote and had not synced is read from
 * the kernel's memory as if it were recorded: it must be on the disk before anybody hears so. An
 * error leaves a note, as sqlite_place_fail() does. To be called before SQLite opens the log.
 */
MUST_CHECK enum status sqlite_place_sync_wal(struct sqlite_place *place, struct fault *fault);

/*
 * Gives an empty write-ahead log its first 16 MiB, so that commits overwrite blocks which are
 * there: an fdatasync need not write the file's size and extents too. One that holds something is
 * left as it is, and a full disk is no error: it is the commits that need the room. To be called
 * before SQLite opens the log; zeros are to SQLite an empty write-ahead log.
 */
MUST_CHECK enum status sqlite_place_grow_wal(const struct sqlite_place *place, struct fault *fault);
