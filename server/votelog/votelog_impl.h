#pragma once

#include "server/votelog/votelog.h"

/*
 * What a backend of the vote log is: where batches go and come back from. For the .c files of this
 * folder and the tests of its contract; everybody else uses votelog.h.
 *
 * votelog.c queues and hands back, writer.c groups, sorts and numbers; a backend only makes one
 * batch durable at a time and reads them again. It has no queue, thread or lock of its own: open
 * and replay run on the loop thread, then everything but close on the writer thread alone, then
 * close on the loop thread when the writer has ended.
 */

/* How far a log reached when it was opened. */
struct votelog_extent {
    uint64_t batch_last; /* 0: empty; batches are numbered from 1 without a gap */
    uint64_t mark_total;
};

struct votelog_backend {
    /* As votelog_open_*(). *state is given. */
    enum status (*open)(const struct votelog_options *options, struct votelog_identity *identity,
                        void **state, struct votelog_extent *extent, struct fault *fault);

    /* As votelog_replay(). */
    enum status (*replay)(void *state, votelog_visit_fn visit, void *ctx, struct fault *fault);

    /*
     * Makes a batch durable, whole or not at all: `count` marks in this order (0 ..
     * VOTELOG_BATCH_MARK_MAX), then `act` unless it is NULL. At least one of them is there.
     * STATUS_NO_SPACE: nothing of it is in the log, the log is sound, and the number is free for
     * the next. Any other error is final: fail and close are all that is called afterwards.
     */
    enum status (*write_batch)(void *state, uint64_t batch, const struct mark *marks,
                               uint32_t count, const struct act *act, struct fault *fault);

    /*
     * Frees a piece of what was kept in reserve for a full disk: no more than an act needs, since
     * others on the disk take what is free. False: nothing of it is left.
     */
    bool (*spend_reserve)(void *state);

    /* Whether there is room again: for the reserve, which is then kept, and for votes beside it. */
    bool (*restore_reserve)(void *state);

    /*
     * A copy of the log as it is at the end of the copying, in pieces between batches: begin, then
     * step until *is_done. STATUS_IO, STATUS_NO_SPACE, STATUS_DENIED: there is no copy, the log
     * goes on. path: of a file that is not there yet; its directory is.
     */
    enum status (*backup_begin)(void *state, const char *path, struct fault *fault);
    enum status (*backup_step)(void *state, bool *is_done, struct fault *fault);

    /* A round was closed or voided, and handed back: time for what would delay votes. Errors are
     * final. */
    enum status (*rest)(void *state, struct fault *fault);

    /*
     * The log failed: leaves a note that the next start cannot miss. The loop was woken before it
     * and tells the desk meanwhile.
     */
    void (*fail)(void *state, const struct fault *fault);

    /*
     * is_failed: an error was reported; nothing more may be written, not even tidied. STATUS_IO:
     * the disk failed at the end; nothing is lost, and the next start cannot miss it.
     */
    enum status (*close)(void *state, bool is_failed, struct fault *fault);
};

/* Opens a log over `backend` (static storage). As votelog_open_*(). */
MUST_CHECK enum status votelog_open(const struct votelog_backend *backend,
                                    const struct votelog_options *options,
                                    struct votelog_identity *identity, struct votelog **log,
                                    struct fault *fault);

/*
 * The same without a writer thread, for simulations: votelog_step() does what the writer does for
 * one batch, on the caller's thread and without regard to the commit gap. False: nothing waits, no
 * room until something was drained, or the log failed. Closing writes nothing that still waits.
 */
MUST_CHECK enum status votelog_open_stepped(const struct votelog_backend *backend,
                                            const struct votelog_options *options,
                                            struct votelog_identity *identity, struct votelog **log,
                                            struct fault *fault);
bool votelog_step(struct votelog *log);

/* Draws a log's id: 16 lower-case hexadecimal digits and NUL. STATUS_IO: the system has no entropy.
 */
MUST_CHECK enum status votelog_id_draw(char log_id[17], struct fault *fault);
