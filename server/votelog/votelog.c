#include "server/votelog/votelog_impl.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "server/votelog/queue.h"

#define DRAIN_MAX 65536

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
    struct fault failure;           /* {lock} */
    struct votelog_figures figures; /* {lock} */

    /* The writer's alone. */
    uint64_t batch_number; /* the last one written */
    uint64_t started_ns;   /* when the last commit began */

    /* The loop's alone. */
    uint32_t batch_visited; /* records handed back of the batch being drained */
    uint64_t settled;       /* ticket of the last batch wholly handed back */
    bool is_replayed;
};

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void lock_take(struct votelog *log)
{
    int error = pthread_mutex_lock(&log->lock);
    assert(error == 0);
    (void)error;
}

static void lock_give(struct votelog *log)
{
    int error = pthread_mutex_unlock(&log->lock);
    assert(error == 0);
    (void)error;
}

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

/* The writer. */

/* {lock} Waits until a batch should be written. False: there is nothing more to do, ever. */
static bool work_wait(struct votelog *log)
{
    for (;;) {
        bool is_idle = queue_is_idle(&log->queue);
        if (log->is_stopping) {
            return !is_idle;
        }
        if (is_idle || queue_is_stuck(&log->queue)) {
            (void)pthread_cond_wait(&log->work, &log->lock);
            continue;
        }
        uint64_t due_ns = log->started_ns + log->gap_ns;
        if (queue_has_act(&log->queue) || queue_has_full_batch(&log->queue) || now_ns() >= due_ns) {
            return true;
        }
        struct timespec due = { .tv_sec = (time_t)(due_ns / 1000000000u),
                                .tv_nsec = (long)(due_ns % 1000000000u) };
        (void)pthread_cond_timedwait(&log->work, &log->lock, &due);
    }
}

/* {lock} */
static void batch_publish(struct votelog *log, const struct batch *batch, uint64_t took_ns)
{
    struct votelog_figures *figures = &log->figures;
    log->batch_number = batch->number;
    queue_publish(&log->queue, batch, !log->is_stopping); /* then nobody drains any more */
    figures->mark_total += batch->mark_count;
    figures->batch_total = batch->number;
    figures->commit_ns_sum += took_ns;
    figures->commit_ns_max = took_ns > figures->commit_ns_max ? took_ns : figures->commit_ns_max;
    figures->commit_count++;
}

/* From now on the log says yes to nothing. */
static void fail(struct votelog *log, const struct fault *fault)
{
    lock_take(log);
    log->is_failed = true;
    log->failure = *fault;
    lock_give(log);
    log->wake(log->ctx);
    log->backend->fail(log->state, fault);
}

/* Writes a batch that was taken and hands it on. */
static enum status batch_write(struct votelog *log, const struct batch *batch, struct fault *fault)
{
    const struct act *act = batch->has_act ? queue_act(&log->queue, batch->act_place) : NULL;
    bool is_close = act != NULL && act->kind == ACT_CLOSE;
    const struct mark *marks = queue_sort(&log->queue, batch);
    log->started_ns = now_ns();
    enum status status =
        log->backend->write_batch(log->state, batch->number, marks, batch->mark_count, act, fault);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t took_ns = now_ns() - log->started_ns;
    lock_take(log);
    batch_publish(log, batch, took_ns);
    lock_give(log);
    log->wake(log->ctx);
    return is_close ? log->backend->rest(log->state, fault) : STATUS_OK;
}

/* {lock, let go meanwhile} Takes, writes and hands on one batch. False: the log failed. */
static bool batch_step(struct votelog *log)
{
    struct fault fault = { 0 };
    struct batch batch = queue_take(&log->queue, log->batch_number + 1);
    lock_give(log);
    enum status status = batch_write(log, &batch, &fault);
    if (status != STATUS_OK) {
        fail(log, &fault);
    }
    lock_take(log);
    return status == STATUS_OK;
}

static void *writer_run(void *argument)
{
    struct votelog *log = argument;
    lock_take(log);
    while (work_wait(log) && batch_step(log)) {
    }
    lock_give(log);
    return NULL;
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

/* Starts the writer; signals stay the loop's. */
static enum status writer_start(struct votelog *log, struct fault *fault)
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
        votelog_close(*out);
        *out = NULL;
    }
    return status;
}

bool votelog_step(struct votelog *log)
{
    lock_take(log);
    bool is_due = !log->is_failed && !queue_is_idle(&log->queue) && !queue_is_stuck(&log->queue);
    if (is_due) {
        (void)batch_step(log); /* a failure is told as the writer tells it */
    }
    lock_give(log);
    return is_due;
}

enum status votelog_replay(struct votelog *log, votelog_visit_fn visit, void *ctx,
                           struct fault *fault)
{
    assert(!log->is_replayed && log->queue.appended == 0);
    log->is_replayed = true;
    return log->backend->replay(log->state, visit, ctx, fault);
}

void votelog_close(struct votelog *log)
{
    if (log == NULL) {
        return;
    }
    if (log->has_writer) {
        lock_take(log);
        log->is_stopping = true;
        pthread_cond_signal(&log->work);
        lock_give(log);
        pthread_join(log->writer, NULL);
    }
    log->backend->close(log->state, log->is_failed);
    pthread_cond_destroy(&log->work);
    pthread_mutex_destroy(&log->lock);
    queue_finish(&log->queue);
    free(log);
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
    lock_take(log);
    bool was_idle = queue_is_idle(&log->queue);
    bool was_full = queue_has_full_batch(&log->queue);
    enum status status = log->is_failed ? STATUS_IO : queue_put_marks(&log->queue, marks, count);
    if (status == STATUS_OK) {
        *ticket = log->queue.appended;
        /* Otherwise the writer is at work, or sleeps until it is time. */
        if (was_idle || (!was_full && queue_has_full_batch(&log->queue))) {
            pthread_cond_signal(&log->work);
        }
    }
    lock_give(log);
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
    lock_take(log);
    enum status status = log->is_failed ? STATUS_IO : queue_put_act(&log->queue, act);
    if (status == STATUS_OK) {
        *ticket = log->queue.appended;
        pthread_cond_signal(&log->work);
    }
    lock_give(log);
    return status;
}

/* Handing back. */

/* Visits up to `visit_max` records of one durable batch. True: it is handed back whole. */
static bool batch_visit(struct votelog *log, const struct batch *batch, uint32_t visit_max,
                        votelog_visit_fn visit, void *ctx, uint32_t *visited)
{
    uint32_t count = batch->mark_count + (batch->has_act ? 1 : 0);
    uint32_t left = count - log->batch_visited;
    uint32_t end = log->batch_visited + (left < visit_max ? left : visit_max);
    for (; log->batch_visited < end; log->batch_visited++, (*visited)++) {
        uint32_t index = log->batch_visited;
        if (index + 1 == count) {
            log->settled = batch->ticket;
        }
        bool is_mark = index < batch->mark_count;
        struct record record = {
            .batch = batch->number,
            .settled = log->settled,
            .mark = is_mark ? queue_mark(&log->queue, batch->mark_place + index) : NULL,
            .act = is_mark ? NULL : queue_act(&log->queue, batch->act_place),
        };
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
    lock_take(log);
    bool is_failed = log->is_failed;
    uint64_t end = log->queue.batch_committed;
    uint64_t first = log->queue.batch_drained;
    lock_give(log);
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
        lock_take(log);
        bool was_stuck = queue_is_stuck(&log->queue);
        queue_release(&log->queue, place);
        if (was_stuck) {
            pthread_cond_signal(&log->work);
        }
        lock_give(log);
    }
    return STATUS_OK;
}

enum status votelog_health(struct votelog *log, struct fault *fault)
{
    enum status status = STATUS_OK;
    lock_take(log);
    if (log->is_failed) {
        status = fault_set(fault, STATUS_IO, log->failure.where, "%s", log->failure.text);
    }
    lock_give(log);
    return status;
}

void votelog_figures(struct votelog *log, struct votelog_figures *figures)
{
    lock_take(log);
    *figures = log->figures;
    figures->mark_waiting = (uint32_t)(log->queue.mark_appended - log->queue.mark_committed);
    lock_give(log);
}
