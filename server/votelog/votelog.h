#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/fault.h"
#include "server/model/record.h"

/*
 * The vote log: a durable, totally ordered sequence of marks and acts, minping-log(5).
 *
 * A record counts when it comes out of votelog_drain(), not when it goes into an append. A batch is
 * what one commit makes durable: the marks offered before an act, sorted by (slot, item, version),
 * then at most one act. Live and replay hand records back in this order.
 *
 * It never acknowledges, counts or knows the rules of a round.
 *
 * Threads: everything on the loop thread; it starts one writer thread of its own, from which `wake`
 * is called.
 */
struct votelog;

#define VOTELOG_MARK_WAIT_MAX 262144 /* marks that wait: 10 MB, 5 s at the slowest disk we take */
#define VOTELOG_ACT_WAIT_MAX 1024    /* acts that wait, beyond and apart from the marks */
#define VOTELOG_BATCH_MARK_MAX 16384 /* marks a commit: bounds the time of one commit to ~30 ms */

typedef void (*votelog_wake_fn)(void *ctx);
typedef void (*votelog_visit_fn)(void *ctx, const struct record *record);

/*
 * What the log is about; written when it is made, compared when it is opened. A reader that gives
 * an empty event_id is told all of it instead.
 */
struct votelog_identity {
    uint8_t event_hash[32];
    char event_id[ID_SIZE];
    char log_id[17]; /* out: 16 hexadecimal digits, drawn when the log is made */
};

/*
 * dir         existing directory; the file is DIR/log-1.sqlite, and after its disk failed log-2 …
 * commit_gap_ms  0 .. 100: the least time between the starts of two commits of marks; acts and a
 *             full batch never wait for it (5: see TRAPS group commit)
 * is_read_only  no writer; appends fail with STATUS_DENIED
 * wake, ctx   called from the writer thread when something became durable or the log failed; kept
 *             until votelog_close()
 * Errors: STATUS_BUSY (another process has it open), STATUS_DENIED (cannot write there),
 * STATUS_INVALID (another event's log, damaged), STATUS_LIMIT (newer format), STATUS_NOT_FOUND (a
 * reader, and no log there), STATUS_IO, NOMEM. Each fault says what to do. *log is given.
 */
struct votelog_options {
    const char *dir;
    uint32_t commit_gap_ms;
    bool is_read_only;
    votelog_wake_fn wake;
    void *ctx;
};
MUST_CHECK enum status votelog_open_sqlite(const struct votelog_options *options,
                                           struct votelog_identity *identity, struct votelog **log,
                                           struct fault *fault);
/* The same in memory, for tests and simulation; nothing is durable. `dir` is ignored. */
MUST_CHECK enum status votelog_open_memory(const struct votelog_options *options,
                                           struct votelog_identity *identity, struct votelog **log,
                                           struct fault *fault);

/* Hands back every record of the log from the first, settled = 0. Once, before the first append. */
MUST_CHECK enum status votelog_replay(struct votelog *log, votelog_visit_fn visit, void *ctx,
                                      struct fault *fault);

/*
 * Offers marks (copied), all or none, 1 .. MARK_PER_MESSAGE_MAX. *ticket rises with every append;
 * it is settled once a record with settled >= ticket was visited.
 *
 * On a full disk what waits is dropped and handed back as records that hold nothing; until there is
 * room again and these were drained, no mark is taken, and no act but the urgent ones, which use
 * the reserve. So nothing is offered in the belief that a dropped mark will be recorded.
 *
 * Errors: STATUS_FULL (VOTELOG_MARK_WAIT_MAX wait, those not drained yet included), STATUS_NO_SPACE
 * (the disk is full), STATUS_IO (the log failed and stays failed).
 */
MUST_CHECK enum status votelog_append_marks(struct votelog *log, const struct mark *marks,
                                            uint32_t count, uint64_t *ticket);

/* Offers an act (copied): everything offered before it comes before it. Errors as above. */
MUST_CHECK enum status votelog_append_act(struct votelog *log, const struct act *act,
                                          uint64_t *ticket);

/*
 * Hands back up to `visit_max` records that became durable, each once, in order.
 *
 * visit_max  1 .. 65536 records; bounds the time spent here
 * visit      must not call votelog_*; `record` is borrowed for the call
 * visited    out: records handed back; 0 means nothing new
 * Errors     STATUS_IO: the log failed and stays failed; what was handed back before is durable,
 *            and nothing more is handed back
 */
MUST_CHECK enum status votelog_drain(struct votelog *log, uint32_t visit_max,
                                     votelog_visit_fn visit, void *ctx, uint32_t *visited);

/* STATUS_OK, or STATUS_IO with the reason in `fault` once the log failed. */
enum status votelog_health(struct votelog *log, struct fault *fault);

/*
 * Begins a copy of the log into the new file `path` (under 512 bytes) while the log goes on.
 * STATUS_BUSY: one is under way. votelog_backup_end() tells of its end: STATUS_BUSY until then,
 * STATUS_NOT_FOUND when there was none; otherwise how it ended, with the fault, once. `wake` comes
 * with it. votelog_settle_copy(), on any thread, then checks the copy, gives it an id of its own,
 * by which overlays and pages know that its epochs begin anew, and syncs it: only then it is a log.
 * Errors: STATUS_IO, STATUS_NO_SPACE, STATUS_DENIED, STATUS_INVALID (the check).
 */
MUST_CHECK enum status votelog_backup(struct votelog *log, const char *path);
MUST_CHECK enum status votelog_backup_end(struct votelog *log, struct fault *fault);
MUST_CHECK enum status votelog_settle_copy(const char *path, struct fault *fault);

/* Marks that wait to become durable, and figures of the commits since the log was opened. */
struct votelog_figures {
    uint64_t mark_total;  /* durable marks in the log, replayed ones included */
    uint64_t batch_total; /* batches in the log */
    uint32_t mark_waiting;
    uint64_t commit_ns_sum;
    uint64_t commit_ns_max;
    uint64_t commit_count;  /* since open */
    uint64_t dropped_total; /* marks that found no room on the disk, since open */
    bool is_full;           /* the disk has no room: no mark is taken */
};
void votelog_figures(struct votelog *log, struct votelog_figures *figures);

/*
 * After the log failed: waits until its note about that is on the disk, at most wait_ms. False: the
 * disk has not taken it yet, and votelog_close() would wait for it.
 */
bool votelog_wait_failed(struct votelog *log, uint32_t wait_ms);

/*
 * Makes durable what waits, stops the writer, closes. Records not drained are durable all the same.
 * log may be NULL. STATUS_IO: the disk failed, now or before; what was handed back is kept.
 */
enum status votelog_close(struct votelog *log, struct fault *fault);
