#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/votelog/votelog.h"

/*
 * The queue between the loop and the writer: rings of marks, acts and the sizes of appends, and of
 * the batches that became durable. A place in a ring is counted from the first ever and masked when
 * it is used. A mark keeps its place from append to drain:
 *
 *     drained ........ committed ........ taken ........ appended
 *        to be handed back     the writer's       waiting
 *
 * so what is not drained counts against the limits, and memory has an end whatever the loop does.
 *
 * It has no lock: {lock} functions want the log's, the others work on slots that are the caller's.
 */
#define QUEUE_APPEND_SIZE                                                                          \
    524288                    /* power of two over an append for each mark and act that waits      \
                               */
#define QUEUE_BATCH_SIZE 4096 /* batches not drained, 20 s of them; then the writer waits */

/* What one commit makes durable, or drops for want of room. */
struct batch {
    uint64_t number;
    uint64_t ticket; /* of the last append in it: what is settled when it was handed back */
    uint64_t mark_place;
    uint64_t act_place;
    uint32_t mark_count; /* 0 .. VOTELOG_BATCH_MARK_MAX */
    bool has_act;
    bool are_marks_dropped; /* no room on the disk: they are in no log */
    bool is_act_dropped;
};

struct queue {
    struct mark *marks;      /* [VOTELOG_MARK_WAIT_MAX] */
    struct act *acts;        /* [VOTELOG_ACT_WAIT_MAX] */
    uint16_t *append_counts; /* [QUEUE_APPEND_SIZE] marks of each append; 0: an act */
    struct batch *batches;   /* [QUEUE_BATCH_SIZE] durable, not wholly drained */
    struct mark *sorted;     /* [VOTELOG_BATCH_MARK_MAX] the writer's */

    uint64_t mark_appended, mark_taken, mark_committed, mark_drained; /* {lock} places */
    uint64_t act_appended, act_taken, act_drained;                    /* {lock} */
    uint64_t appended, append_taken;                                  /* {lock} */
    uint64_t batch_committed, batch_drained;                          /* {lock} */
};

/* STATUS_NOMEM: nothing was made. */
MUST_CHECK enum status queue_init(struct queue *queue);
void queue_finish(struct queue *queue);

/*
 * {lock} Puts one append, whole. Its ticket is `appended` afterwards. STATUS_FULL: no room until
 * something was drained.
 */
MUST_CHECK enum status queue_put_marks(struct queue *queue, const struct mark *marks,
                                       uint32_t count);
MUST_CHECK enum status queue_put_act(struct queue *queue, const struct act *act);

/* {lock} What waits for the writer. */
static inline bool queue_is_idle(const struct queue *queue)
{
    return queue->append_taken == queue->appended;
}

static inline bool queue_has_act(const struct queue *queue)
{
    return queue->act_appended != queue->act_taken;
}

static inline bool queue_has_full_batch(const struct queue *queue)
{
    return queue->mark_appended - queue->mark_taken >= VOTELOG_BATCH_MARK_MAX;
}

/* {lock} No room for one more durable batch. */
static inline bool queue_is_stuck(const struct queue *queue)
{
    return queue->batch_committed - queue->batch_drained == QUEUE_BATCH_SIZE;
}

/*
 * {lock} Takes whole appends into a batch: as many marks as one may hold, or those before the first
 * act, and the act. The batch's slots are the writer's until it is published.
 */
struct batch queue_take(struct queue *queue, uint64_t number);

/* Sorts a taken batch's marks where they are. Returns them in one piece; borrowed until the next.
 */
const struct mark *queue_sort(struct queue *queue, const struct batch *batch);

static inline const struct mark *queue_mark(const struct queue *queue, uint64_t place)
{
    return &queue->marks[place & (VOTELOG_MARK_WAIT_MAX - 1)];
}

static inline const struct act *queue_act(const struct queue *queue, uint64_t place)
{
    return &queue->acts[place & (VOTELOG_ACT_WAIT_MAX - 1)];
}

static inline const struct batch *queue_batch(const struct queue *queue, uint64_t place)
{
    return &queue->batches[place & (QUEUE_BATCH_SIZE - 1)];
}

/* {lock} The batch is durable. is_kept: it may be handed back, its slots are the loop's from now.
 */
void queue_publish(struct queue *queue, const struct batch *batch, bool is_kept);

/* {lock} Every batch before `batch_place` was handed back: their slots are free. */
void queue_release(struct queue *queue, uint64_t batch_place);
