#include "server/votelog/votelog_impl.h"

#include <stdlib.h>

/*
 * The log that keeps nothing: a batch is "durable" at once and gone when it was handed back. Queue,
 * order and limits are those of every log, since they are votelog.c's.
 */

static enum status memory_open(const struct votelog_options *options,
                               struct votelog_identity *identity, void **state,
                               struct votelog_extent *extent, struct fault *fault)
{
    (void)options;
    *state = NULL;
    *extent = (struct votelog_extent){ 0 };
    return votelog_id_draw(identity->log_id, fault);
}

static enum status memory_replay(void *state, votelog_visit_fn visit, void *ctx,
                                 struct fault *fault)
{
    (void)state;
    (void)visit;
    (void)ctx;
    (void)fault;
    return STATUS_OK;
}

static enum status memory_write_batch(void *state, uint64_t batch, const struct mark *marks,
                                      uint32_t count, const struct act *act, struct fault *fault)
{
    (void)state;
    (void)batch;
    (void)marks;
    (void)count;
    (void)act;
    (void)fault;
    return STATUS_OK;
}

static bool memory_spend_reserve(void *state)
{
    (void)state;
    return false;
}

static bool memory_restore_reserve(void *state)
{
    (void)state;
    return true;
}

static enum status memory_backup_begin(void *state, const char *path, struct fault *fault)
{
    (void)state;
    return fault_set(fault, STATUS_DENIED, path, "a log in memory has no copy");
}

static enum status memory_backup_step(void *state, bool *is_done, struct fault *fault)
{
    (void)state;
    *is_done = true;
    return fault_set(fault, STATUS_DENIED, "", "a log in memory has no copy");
}

static enum status memory_rest(void *state, struct fault *fault)
{
    (void)state;
    (void)fault;
    return STATUS_OK;
}

static void memory_fail(void *state, const struct fault *fault)
{
    (void)state;
    (void)fault;
}

static enum status memory_close(void *state, bool is_failed, struct fault *fault)
{
    (void)state;
    (void)is_failed;
    return STATUS_OK;
}

enum status votelog_open_memory(const struct votelog_options *options,
                                struct votelog_identity *identity, struct votelog **log,
                                struct fault *fault)
{
    static const struct votelog_backend backend = {
        .open = memory_open,
        .replay = memory_replay,
        .write_batch = memory_write_batch,
        .spend_reserve = memory_spend_reserve,
        .restore_reserve = memory_restore_reserve,
        .backup_begin = memory_backup_begin,
        .backup_step = memory_backup_step,
        .rest = memory_rest,
        .fail = memory_fail,
        .close = memory_close,
    };
    return votelog_open(&backend, options, identity, log, fault);
}
