#include "server/votelog/queue.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((VOTELOG_MARK_WAIT_MAX & (VOTELOG_MARK_WAIT_MAX - 1)) == 0, "masked");
_Static_assert((VOTELOG_ACT_WAIT_MAX & (VOTELOG_ACT_WAIT_MAX - 1)) == 0, "masked");
_Static_assert(QUEUE_APPEND_SIZE >= VOTELOG_MARK_WAIT_MAX + VOTELOG_ACT_WAIT_MAX, "one each");
_Static_assert(MARK_PER_MESSAGE_MAX <= VOTELOG_BATCH_MARK_MAX, "an append fits a batch");

enum status queue_init(struct queue *queue)
{
    *queue = (struct queue){ 0 };
    queue->marks = calloc(VOTELOG_MARK_WAIT_MAX, sizeof(*queue->marks));
    queue->acts = calloc(VOTELOG_ACT_WAIT_MAX, sizeof(*queue->acts));
    queue->append_counts = calloc(QUEUE_APPEND_SIZE, sizeof(*queue->append_counts));
    queue->batches = calloc(QUEUE_BATCH_SIZE, sizeof(*queue->batches));
    queue->sorted = calloc(VOTELOG_BATCH_MARK_MAX, sizeof(*queue->sorted));
    if (queue->marks == NULL || queue->acts == NULL || queue->append_counts == NULL ||
        queue->batches == NULL || queue->sorted == NULL) {
        queue_finish(queue);
        return STATUS_NOMEM;
    }
    return STATUS_OK;
}

void queue_finish(struct queue *queue)
{
    free(queue->marks);
    free(queue->acts);
    free(queue->append_counts);
    free(queue->batches);
    free(queue->sorted);
    *queue = (struct queue){ 0 };
}

static void append_put(struct queue *queue, uint32_t count)
{
    queue->append_counts[queue->appended & (QUEUE_APPEND_SIZE - 1)] = (uint16_t)count;
    queue->appended++;
}

/* How many of `count` marks from `place` on stand before the ring's end. */
static uint32_t head_count(uint64_t place, uint32_t count)
{
    uint32_t room = VOTELOG_MARK_WAIT_MAX - (uint32_t)(place & (VOTELOG_MARK_WAIT_MAX - 1));
    return count < room ? count : room;
}

static void ring_write(struct queue *queue, uint64_t place, const struct mark *marks,
                       uint32_t count)
{
    uint32_t head = head_count(place, count);
    struct mark *first = &queue->marks[place & (VOTELOG_MARK_WAIT_MAX - 1)];
    memcpy(first, marks, head * sizeof(*marks));
    memcpy(queue->marks, marks + head, (count - head) * sizeof(*marks));
}

enum status queue_put_marks(struct queue *queue, const struct mark *marks, uint32_t count)
{
    if (queue->mark_appended - queue->mark_drained + count > VOTELOG_MARK_WAIT_MAX) {
        return STATUS_FULL;
    }
    ring_write(queue, queue->mark_appended, marks, count);
    queue->mark_appended += count;
    append_put(queue, count);
    return STATUS_OK;
}

enum status queue_put_act(struct queue *queue, const struct act *act)
{
    if (queue->act_appended - queue->act_drained == VOTELOG_ACT_WAIT_MAX) {
        return STATUS_FULL;
    }
    queue->acts[queue->act_appended & (VOTELOG_ACT_WAIT_MAX - 1)] = *act;
    queue->act_appended++;
    append_put(queue, 0);
    return STATUS_OK;
}

struct batch queue_take(struct queue *queue, uint64_t number)
{
    struct batch batch = { .number = number,
                           .mark_place = queue->mark_taken,
                           .act_place = queue->act_taken };
    while (!batch.has_act && queue->append_taken < queue->appended) {
        uint32_t count = queue->append_counts[queue->append_taken & (QUEUE_APPEND_SIZE - 1)];
        if (batch.mark_count + count > VOTELOG_BATCH_MARK_MAX) {
            break;
        }
        batch.mark_count += count;
        batch.has_act = count == 0;
        queue->append_taken++;
    }
    batch.ticket = queue->append_taken;
    queue->mark_taken += batch.mark_count;
    queue->act_taken += batch.has_act ? 1 : 0;
    return batch;
}

static int compare(const void *a, const void *b)
{
    return mark_compare(a, b);
}

const struct mark *queue_sort(struct queue *queue, const struct batch *batch)
{
    uint32_t count = batch->mark_count;
    uint32_t head = head_count(batch->mark_place, count);
    memcpy(queue->sorted, queue_mark(queue, batch->mark_place), head * sizeof(*queue->sorted));
    memcpy(queue->sorted + head, queue->marks, (count - head) * sizeof(*queue->sorted));
    qsort(queue->sorted, count, sizeof(*queue->sorted), compare);
    ring_write(queue, batch->mark_place, queue->sorted, count);
    return queue->sorted;
}

void queue_publish(struct queue *queue, const struct batch *batch, bool is_kept)
{
    queue->mark_committed += batch->mark_count;
    if (is_kept) {
        queue->batches[queue->batch_committed & (QUEUE_BATCH_SIZE - 1)] = *batch;
        queue->batch_committed++;
    }
}

void queue_release(struct queue *queue, uint64_t batch_place)
{
    for (; queue->batch_drained < batch_place; queue->batch_drained++) {
        const struct batch *batch = queue_batch(queue, queue->batch_drained);
        queue->mark_drained += batch->mark_count;
        queue->act_drained += batch->has_act ? 1 : 0;
    }
}
