#include "server/votelog/writer.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define PROBE_NS 200000000u /* between looks for room on a full disk: TRUST P5, within 1 s */

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static struct timespec moment(uint64_t ns)
{
    return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000u),
                              .tv_nsec = (long)(ns % 1000000000u) };
}

void writer_lock(struct votelog *log)
{
    int error = pthread_mutex_lock(&log->lock);
    assert(error == 0);
    (void)error;
}

void writer_unlock(struct votelog *log)
{
    int error = pthread_mutex_unlock(&log->lock);
    assert(error == 0);
    (void)error;
}

/* From now on the log says yes to nothing. */
static void fail(struct votelog *log, const struct fault *fault)
{
    writer_lock(log);
    log->is_failed = true;
    log->failure = *fault;
    writer_unlock(log);
    log->wake(log->ctx);
    log->backend->fail(log->state, fault);
}

/* A batch. */

/* {lock} */
static void batch_publish(struct votelog *log, const struct batch *batch, uint64_t took_ns)
{
    struct votelog_figures *figures = &log->figures;
    bool has_marks = batch->mark_count > 0 && !batch->are_marks_dropped;
    bool has_act = batch->has_act && !batch->is_act_dropped;
    queue_publish(&log->queue, batch, !log->is_stopping); /* then nobody drains any more */
    if (batch->are_marks_dropped || batch->is_act_dropped) {
        log->drop_place = log->queue.batch_committed;
        figures->dropped_total += batch->are_marks_dropped ? batch->mark_count : 0;
    }
    if (!has_marks && !has_act) {
        return;
    }
    log->batch_number = batch->number;
    figures->mark_total += has_marks ? batch->mark_count : 0;
    figures->batch_total = batch->number;
    figures->commit_ns_sum += took_ns;
    figures->commit_ns_max = took_ns > figures->commit_ns_max ? took_ns : figures->commit_ns_max;
    figures->commit_count++;
}

/*
 * What becomes of a batch on a full disk: its marks are dropped, so that their voters hear of it at
 * once; an urgent act is written on the reserve.
 */
static enum status batch_write_full(struct votelog *log, struct batch *batch, const struct act *act,
                                    struct fault *fault)
{
    batch->are_marks_dropped = batch->mark_count > 0;
    batch->is_act_dropped = act != NULL;
    if (act == NULL || !act_kind_is_urgent(act->kind)) {
        return STATUS_OK;
    }
    enum status status;
    do { /* a piece may go to somebody else on the disk before the act has it */
        *fault = (struct fault){ 0 };
        status = log->backend->write_batch(log->state, batch->number, NULL, 0, act, fault);
    } while (status == STATUS_NO_SPACE && log->backend->spend_reserve(log->state));
    batch->is_act_dropped = status == STATUS_NO_SPACE;
    return status == STATUS_NO_SPACE ? STATUS_OK : status;
}

/* Writes a batch that was taken, or drops what there is no room for. */
static enum status batch_write(struct votelog *log, struct batch *batch, const struct act *act,
                               struct fault *fault)
{
    enum status status = STATUS_NO_SPACE;
    if (!log->is_full) {
        const struct mark *marks = queue_sort(&log->queue, batch);
        status = log->backend->write_batch(log->state, batch->number, marks, batch->mark_count, act,
                                           fault);
    }
    if (status != STATUS_NO_SPACE) {
        return status;
    }
    writer_lock(log);
    if (!log->is_full) {
        log->is_full = true; /* before the drop is handed on: nothing is offered in between */
        log->full_append = log->queue.appended;
    }
    writer_unlock(log);
    *fault = (struct fault){ 0 };
    return batch_write_full(log, batch, act, fault);
}

/* {lock, let go meanwhile} Takes, writes and hands on one batch. False: the log failed. */
static bool batch_step(struct votelog *log)
{
    struct fault fault = { 0 };
    struct batch batch = queue_take(&log->queue, log->batch_number + 1);
    writer_unlock(log);
    const struct act *act = batch.has_act ? queue_act(&log->queue, batch.act_place) : NULL;
    /* Whether a round ended; asked for here, since the act's place is the loop's soon. */
    bool is_end = act != NULL && (act->kind == ACT_CLOSE || act->kind == ACT_VOID);
    log->started_ns = now_ns();
    enum status status = batch_write(log, &batch, act, &fault);
    if (status == STATUS_OK) {
        uint64_t took_ns = now_ns() - log->started_ns;
        writer_lock(log);
        batch_publish(log, &batch, took_ns);
        writer_unlock(log);
        log->wake(log->ctx);
        status = is_end ? log->backend->rest(log->state, &fault) : STATUS_OK;
    }
    if (status != STATUS_OK) {
        fail(log, &fault);
    }
    writer_lock(log);
    return status == STATUS_OK;
}

/* {lock, let go meanwhile} Looks for room on the full disk; once there is, marks are taken. */
static void room_step(struct votelog *log)
{
    writer_unlock(log);
    log->probed_ns = now_ns();
    bool has_room = log->backend->restore_reserve(log->state);
    writer_lock(log);
    if (has_room) {
        log->is_full = false;
        log->wake(log->ctx);
    }
}

/* {lock, let go meanwhile} Begins the copy that is wanted, or goes on with it. */
static void backup_step(struct votelog *log)
{
    struct log_copy *copy = &log->copy;
    struct fault fault = { 0 };
    bool is_done = false;
    bool is_begun = copy->state == COPY_UNDER_WAY;
    copy->state = COPY_UNDER_WAY;
    writer_unlock(log);
    enum status status = is_begun ? log->backend->backup_step(log->state, &is_done, &fault)
                                  : log->backend->backup_begin(log->state, copy->path, &fault);
    writer_lock(log);
    if (status != STATUS_OK || is_done) {
        copy->state = COPY_ENDED;
        copy->status = status;
        copy->fault = fault;
        log->wake(log->ctx);
    }
}

/* What to do next. */

enum work { WORK_END = 0, WORK_BATCH, WORK_ROOM, WORK_BACKUP };

/*
 * {lock} What waits for room may be offered again: everything that was offered before the disk was
 * full is dropped, for it may build on what was dropped first, and the loop knows of it.
 */
static bool drops_are_drained(const struct votelog *log)
{
    return log->queue.append_taken >= log->full_append &&
           log->queue.batch_drained >= log->drop_place;
}

static bool batch_is_due(const struct votelog *log, uint64_t now)
{
    return queue_has_act(&log->queue) || queue_has_full_batch(&log->queue) || log->is_full ||
           now >= log->started_ns + log->gap_ns;
}

/* {lock} Sleeps until something changes, or until due_ns of CLOCK_MONOTONIC; 0: however long. */
static void sleep_until(struct votelog *log, uint64_t due_ns)
{
    struct timespec due = moment(due_ns);
    if (due_ns == 0) {
        (void)pthread_cond_wait(&log->work, &log->lock);
    } else {
        (void)pthread_cond_timedwait(&log->work, &log->lock, &due);
    }
}

/* {lock, let go meanwhile} Waits until there is something to do. */
static enum work work_wait(struct votelog *log)
{
    for (;;) {
        bool is_idle = queue_is_idle(&log->queue);
        bool is_stuck = queue_is_stuck(&log->queue);
        bool wants_room = log->is_full && drops_are_drained(log);
        bool wants_copy = log->copy.state == COPY_WANTED || log->copy.state == COPY_UNDER_WAY;
        uint64_t now = now_ns();
        uint64_t due_ns = 0;
        if (log->is_stopping) {
            return is_idle ? WORK_END : WORK_BATCH;
        }
        if (wants_room && now >= log->probed_ns + PROBE_NS) {
            return WORK_ROOM;
        }
        if (!is_idle && !is_stuck) {
            if (batch_is_due(log, now)) {
                return WORK_BATCH;
            }
            due_ns = log->started_ns + log->gap_ns;
        } else if (wants_room) {
            due_ns = log->probed_ns + PROBE_NS;
        }
        if (wants_copy) {
            return WORK_BACKUP;
        }
        sleep_until(log, due_ns);
    }
}

static void *writer_run(void *argument)
{
    struct votelog *log = argument;
    bool goes_on = true;
    writer_lock(log);
    while (goes_on) {
        switch (work_wait(log)) {
        case WORK_BATCH:
            goes_on = batch_step(log);
            break;
        case WORK_ROOM:
            room_step(log);
            break;
        case WORK_BACKUP:
            backup_step(log);
            break;
        default:
            goes_on = false;
            break;
        }
    }
    writer_unlock(log);
    return NULL;
}

bool writer_step(struct votelog *log)
{
    writer_lock(log);
    bool is_due = !log->is_failed && !queue_is_idle(&log->queue) && !queue_is_stuck(&log->queue);
    if (!log->is_failed && log->is_full && drops_are_drained(log)) {
        room_step(log);
    }
    if (is_due) {
        (void)batch_step(log); /* a failure is told as the thread tells it */
    }
    writer_unlock(log);
    return is_due;
}

/* Signals stay the loop's. */
enum status writer_start(struct votelog *log, struct fault *fault)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&log->writer, NULL, writer_run, log);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        return fault_set(fault, STATUS_NOMEM, "", "cannot start the log's writer: %s",
                         strerror(error));
    }
    (void)pthread_setname_np(log->writer, "votelog");
    log->has_writer = true;
    return STATUS_OK;
}

void writer_stop(struct votelog *log)
{
    if (!log->has_writer) {
        return;
    }
    writer_lock(log);
    log->is_stopping = true;
    pthread_cond_signal(&log->work);
    writer_unlock(log);
    pthread_join(log->writer, NULL);
    log->has_writer = false;
}

bool writer_wait(struct votelog *log, uint32_t wait_ms)
{
    if (!log->has_writer) {
        return true;
    }
    struct timespec due = moment(now_ns() + wait_ms * (uint64_t)1000000);
    log->has_writer = pthread_clockjoin_np(log->writer, NULL, CLOCK_MONOTONIC, &due) != 0;
    return !log->has_writer;
}
