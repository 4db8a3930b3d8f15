#pragma once

#include <stdbool.h>

#include "server/model/fault.h"
#include "server/model/limits.h"
#include "server/service/room.h"
#include "server/votelog/votelog.h"

/*
 * Backups: copies of the data directory, made while the server runs, in DIR/backups/TIME. A backup
 * is a data directory: minpingd started on it goes on from there, with a log of its own id.
 *
 * The log is copied by its writer between commits; the rest, and the check of the copy, on a thread
 * of its own, so that no vote waits for them. A backup has its name once it is whole and synced.
 * Threads: everything on the loop thread; `wake` may be called from any thread.
 */
struct backup;

/* dir, log, wake, ctx: kept. *backup is given. STATUS_NOMEM. */
MUST_CHECK enum status backup_create(const char *dir, struct votelog *log, votelog_wake_fn wake,
                                     void *ctx, struct backup **backup, struct fault *fault);
/* Waits for the thread; what is not whole goes. Before votelog_close(). */
void backup_destroy(struct backup *backup);

/*
 * Begins one for `sender`; unix_ms names it. STATUS_BUSY: one is under way; STATUS_IO,
 * STATUS_NO_SPACE, STATUS_DENIED: no directory can be made for it.
 */
MUST_CHECK enum status backup_begin(struct backup *backup, struct sender sender, uint64_t id,
                                    int64_t unix_ms, struct fault *fault);

/* How one ended: status and fault, and where it is whole the name of its directory. */
struct backup_end {
    struct sender sender;
    uint64_t id;
    enum status status;
    struct fault fault;
    char name[ID_SIZE];
};
/* After each wake: goes on. True, once a backup: it has ended. */
bool backup_poll(struct backup *backup, struct backup_end *end);
