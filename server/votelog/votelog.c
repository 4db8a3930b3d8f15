#include "server/votelog/writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define DRAIN_MAX 65536

enum status votelog_id_draw(char log_id[17], struct fault *fault)
{
    static const char digits[16] = { '0', '1', '2', '3', '4', '5', '6', '7',
                                     '8', '9', 'a', 'b', 'c', 'd', 'e', 'f' };
    uint8_t bytes[8];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        return fault_set(fault, STATUS_IO, "", "cannot draw the log's id: no random bytes");
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        log_id[2 * i] = digits[bytes[i] >> 4];
        log_id[2 * i + 1] = digits[bytes[i] & 15];
    }
    log_id[16] = '\0';
    return STATUS_OK;
}

/* Opening and closing. */

static void locks_init(struct votelog *log)
{
    pthread_condattr_t attributes;
    int error = pthread_mutex_init(&log->lock, NULL);
    error |= pthread_condattr_init(&attributes);
    error |= pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    error |= pthread_cond_init(&log->work, &attributes);
    error |= pthread_condattr_destroy(&attributes);
    assert(error == 0); /* cannot fail with these attributes on Linux */
    (void)error;
}

enum status votelog_open_stepped(const struct votelog_backend *backend,
                                 const struct votelog_options *options,
                                 struct votelog_identity *identity, struct votelog **out,
                                 struct fault *fault)
{
    assert(options->commit_gap_ms <= 100);
    assert(options->is_read_only || options->wake != NULL);
    *out = NULL;
    struct votelog *log = calloc(1, sizeof(*log));
    if (log == NULL || (!options->is_read_only && queue_init(&log->queue) != STATUS_OK)) {
        free(log);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the log's queue");
    }
    log->backend = backend;
    log->is_read_only = options->is_read_only;
    log->gap_ns = options->commit_gap_ms * (uint64_t)1000000;
    log->wake = options->wake;
    log->ctx = options->ctx;
    struct votelog_extent extent = { 0 };
    enum status status = backend->open(options, identity, &log->state, &extent, fault);
    if (status != STATUS_OK) {
        queue_finish(&log->queue);
        free(log);
        return status;
    }
    log->batch_number = extent.batch_last;
    log->figures.batch_total = extent.batch_last;
    log->figures.mark_total = extent.mark_total;
    locks_init(log);
    *out = log;
    return STATUS_OK;
}

enum status votelog_open(const struct votelog_backend *backend,
                         const struct votelog_options *options, struct votelog_identity *identity,
                         struct votelog **out, struct fault *fault)
{
    enum status status = votelog_open_stepped(backend, options, identity, out, fault);
    if (status == STATUS_OK && !options->is_read_only) {
        status = writer_start(*out, fault);
    }
    if (status != STATUS_OK) {
        (void)votelog_close(*out, NULL);
        *out = NULL;
    }
    return status;
}

bool votelog_step(struct votelog *log)
{
    return writer_step(log);
}

enum status votelog_replay(struct votelog *log, votelog_visit_fn visit, void *ctx,
                           struct fault *fault)
{
    assert(!log->is_replayed && log->queue.appended == 0);
    log->is_replayed = true;
    return log->backend->replay(log->state, visit, ctx, fault);
}

enum status votelog_close(struct votelog *log, struct fault *fault)
{
    if (log == NULL) {
        return STATUS_OK;
    }
    writer_stop(log);
    enum status status = votelog_health(log, fault);
    enum status closed = log->backend->close(log->state, log->is_failed, fault);
    pthread_cond_destroy(&log->work);
    pthread_mutex_destroy(&log->lock);
    queue_finish(&log->queue);
    free(log);
    return status != STATUS_OK ? status : closed;
}

/* Copying. */

enum status votelog_backup(struct votelog *log, const char *path)
{
    assert(strlen(path) < sizeof(log->copy.path));
    if (log->is_read_only) {
        return STATUS_DENIED;
    }
    enum status status = STATUS_BUSY;
    writer_lock(log);
    if (log->copy.state == COPY_NONE) {
        log->copy.state = COPY_WANTED;
        memcpy(log->copy.path, path, strlen(path) + 1);
        pthread_cond_signal(&log->work);
        status = STATUS_OK;
    }
    writer_unlock(log);
    return status;
}

enum status votelog_backup_end(struct votelog *log, struct fault *fault)
{
    writer_lock(log);
    enum status status = STATUS_BUSY;
    if (log->copy.state == COPY_NONE) {
        status = STATUS_NOT_FOUND;
    } else if (log->copy.state == COPY_ENDED) {
        status = log->copy.status;
        if (status != STATUS_OK) {
            (void)fault_set(fault, status, log->copy.fault.where, "%s", log->copy.fault.text);
        }
        log->copy.state = COPY_NONE;
    }
    writer_unlock(log);
    return status;
}

/* Offering. */

static bool mark_is_valid(const struct mark *mark)
{
    return mark->round >= 1 && mark->round <= ROUND_MAX && mark->version >= 1 &&
           mark->version <= VERSION_MAX && mark->item < ITEM_MAX &&
           mark->choice <= WRITTEN_NAME_MAX && mark->group < GROUP_MAX;
}

enum status votelog_append_marks(struct votelog *log, const struct mark *marks, uint32_t count,
                                 uint64_t *ticket)
{
    assert(count >= 1 && count <= MARK_PER_MESSAGE_MAX);
    for (uint32_t i = 0; i < count; i++) {
        assert(mark_is_valid(&marks[i])); /* replay would call the log damaged */
    }
    if (log->is_read_only) {
        return STATUS_DENIED;
    }
    writer_lock(log);
    bool was_idle = queue_is_idle(&log->queue);
    bool was_full = queue_has_full_batch(&log->queue);
    enum status status = log->is_failed ? STATUS_IO
                         : log->is_full ? STATUS_NO_SPACE
                                        : queue_put_marks(&log->queue, marks, count);
    if (status == STATUS_OK) {
        *ticket = log->queue.appended;
        /* Otherwise the writer is at work, or sleeps until it is time. */
        if (was_idle || (!was_full && queue_has_full_batch(&log->queue))) {
            pthread_cond_signal(&log->work);
        }
    }
    writer_unlock(log);
    return status;
}

static bool text_ends(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

enum status votelog_append_act(struct votelog *log, const struct act *act, uint64_t *ticket)
{
    assert(act_kind_parse(act_kind_name(act->kind)) != ACT_INVALID);
    assert(act->round <= ROUND_MAX && act->number <= INT64_MAX);
    assert(act->bus < BUS_COUNT && act->layer <= LAYER_ALL);
    assert(text_ends(act->contest, ID_SIZE) && text_ends(act->subject, ID_SIZE));
    assert(text_ends(act->post, ID_SIZE) && text_ends(act->scene, ID_SIZE));
    assert(text_ends(act->params, DETAIL_SIZE));
    if (log->is_read_only) {
        return STATUS_DENIED;
    }
    writer_lock(log);
    bool has_room = !log->is_full || act_kind_is_urgent(act->kind);
    enum status status = log->is_failed ? STATUS_IO
                         : has_room     ? queue_put_act(&log->queue, act)
                                        : STATUS_NO_SPACE;
    if (status == STATUS_OK) {
        *ticket = log->queue.appended;
        pthread_cond_signal(&log->work);
    }
    writer_unlock(log);
    return status;
}

/* Handing back. */

/*
 * Record `index` of a batch: a mark each, or one for all that were dropped, then the act. An act is
 * an append of its own, the batch's last.
 */
static struct record batch_record(struct votelog *log, const struct batch *batch, uint32_t index,
                                  uint32_t count)
{
    bool is_act = batch->has_act && index + 1 == count;
    bool is_dropped = is_act ? batch->is_act_dropped : batch->are_marks_dropped;
    struct record record = { .batch = is_dropped ? 0 : batch->number };
    if (index + 1 == count) {
        log->settled = batch->ticket;
    } else if (is_dropped) {
        log->settled = batch->ticket - 1;
    }
    record.settled = log->settled;
    if (is_act && !is_dropped) {
        record.act = queue_act(&log->queue, batch->act_place);
    } else if (!is_dropped) {
        record.mark = queue_mark(&log->queue, batch->mark_place + index);
    }
    return record;
}

/* Visits up to `visit_max` records of one durable batch. True: it is handed back whole. */
static bool batch_visit(struct votelog *log, const struct batch *batch, uint32_t visit_max,
                        votelog_visit_fn visit, void *ctx, uint32_t *visited)
{
    uint32_t mark_count = batch->are_marks_dropped ? 1 : batch->mark_count;
    uint32_t count = mark_count + (batch->has_act ? 1 : 0);
    uint32_t left = count - log->batch_visited;
    uint32_t end = log->batch_visited + (left < visit_max ? left : visit_max);
    for (; log->batch_visited < end; log->batch_visited++, (*visited)++) {
        struct record record = batch_record(log, batch, log->batch_visited, count);
        visit(ctx, &record);
    }
    if (log->batch_visited < count) {
        return false;
    }
    log->batch_visited = 0;
    return true;
}

enum status votelog_drain(struct votelog *log, uint32_t visit_max, votelog_visit_fn visit,
                          void *ctx, uint32_t *visited)
{
    assert(visit_max >= 1 && visit_max <= DRAIN_MAX);
    *visited = 0;
    writer_lock(log);
    bool is_failed = log->is_failed;
    uint64_t end = log->queue.batch_committed;
    uint64_t first = log->queue.batch_drained;
    writer_unlock(log);
    if (is_failed) { /* what is durable stays so, but nobody says yes on this file any more */
        return STATUS_IO;
    }
    uint64_t place = first;
    while (place < end && *visited < visit_max) {
        if (!batch_visit(log, queue_batch(&log->queue, place), visit_max - *visited, visit, ctx,
                         visited)) {
            break;
        }
        place++;
    }
    if (place != first) {
        writer_lock(log);
        bool was_waiting = queue_is_stuck(&log->queue) || log->is_full;
        queue_release(&log->queue, place);
        if (was_waiting) {
            pthread_cond_signal(&log->work);
        }
        writer_unlock(log);
    }
    return STATUS_OK;
}

enum status votelog_health(struct votelog *log, struct fault *fault)
{
    enum status status = STATUS_OK;
    writer_lock(log);
    if (log->is_failed) {
        status = fault_set(fault, STATUS_IO, log->failure.where, "%s", log->failure.text);
    }
    writer_unlock(log);
    return status;
}

bool votelog_wait_failed(struct votelog *log, uint32_t wait_ms)
{
    return writer_wait(log, wait_ms);
}

void votelog_figures(struct votelog *log, struct votelog_figures *figures)
{
    writer_lock(log);
    *figures = log->figures;
    figures->is_full = log->is_full;
    figures->mark_waiting = (uint32_t)(log->queue.mark_appended - log->queue.mark_committed);
    writer_unlock(log);
}
