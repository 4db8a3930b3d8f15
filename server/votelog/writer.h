#pragma once

#include <pthread.h>

#include "server/votelog/queue.h"
#include "server/votelog/votelog_impl.h"

/*
 * The log's writer: takes what waits in batches, has the backend make each durable, hands them on.
 * What it shares with votelog.c, the side of the loop.
 *
 * Threads: writer_run() is a thread of its own, or writer_step() the caller's; the rest runs on the
 * loop's.
 */
enum copy_state { COPY_NONE = 0, COPY_WANTED, COPY_UNDER_WAY, COPY_ENDED };

struct log_copy {
    enum copy_state state;
    enum status status; /* COPY_ENDED: how */
    struct fault fault;
    char path[512];
};

struct votelog {
    const struct votelog_backend *backend;
    void *state; /* the loop's until the first append, then the writer's until it ends */
    bool is_read_only;
    bool has_writer;
    uint64_t gap_ns;
    votelog_wake_fn wake;
    void *ctx;
    pthread_t writer;
    pthread_mutex_t lock;
    pthread_cond_t work; /* something waits, has room, or it is time to stop */

    struct queue queue;
    bool is_stopping;               /* {lock} */
    bool is_failed;                 /* {lock} */
    bool is_full;                   /* {lock} the writer alone changes it */
    uint64_t full_append;           /* {lock} appends up to here came before it was full */
    struct fault failure;           /* {lock} */
    struct votelog_figures figures; /* {lock} */
    struct log_copy copy;           /* {lock} of COPY_UNDER_WAY the writer's */

    /* The writer's alone. */
    uint64_t batch_number; /* the last one written */
    uint64_t started_ns;   /* when the last commit began */
    uint64_t probed_ns;    /* when room was last looked for on a full disk */
    uint64_t drop_place;   /* the batch after the last one that dropped something */

    /* The loop's alone. */
    uint32_t batch_visited; /* records handed back of the batch being drained */
    uint64_t settled;       /* ticket of the last batch wholly handed back */
    bool is_replayed;
};

void writer_lock(struct votelog *log);
void writer_unlock(struct votelog *log);

/* Starts the thread. STATUS_NOMEM. */
MUST_CHECK enum status writer_start(struct votelog *log, struct fault *fault);

/* Has it write what waits and ends it; does nothing where there is none. */
void writer_stop(struct votelog *log);

/* Waits for a writer that ends by itself, as after a failure. False: it has not, in this time. */
bool writer_wait(struct votelog *log, uint32_t wait_ms);

/* As votelog_step(). */
bool writer_step(struct votelog *log);
