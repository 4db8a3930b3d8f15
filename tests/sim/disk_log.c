#include "tests/sim/disk_log.h"

#include <stdlib.h>
#include <string.h>

#include "server/model/fault.h"
#include "tests/sim/memory.h"

#define BATCH_MAGIC 0x6d70626cu
#define HEAD_SIZE 32u /* magic, size, file, 0; number; checksum */
#define NUMBER_AT 16u
#define SUM_AT 24u
#define FIRST_SECTOR 1u
#define RESERVE_COUNT 6u /* batches that find room in what the reserve frees */

void disk_log_init(struct disk_log *log, struct disk *disk, const char *log_id)
{
    memset(log, 0, sizeof(*log));
    log->disk = disk;
    memcpy(log->log_id, log_id, sizeof(log->log_id));
    log->has_reserve = true;
}

void disk_log_finish(struct disk_log *log)
{
    free(log->encoded);
    log->encoded = NULL;
}

void disk_log_woke(void *ctx)
{
    (void)ctx;
}

void disk_batch_finish(struct disk_batch *batch)
{
    free(batch->marks);
    batch->marks = NULL;
}

/* FNV-1a, 64 bits, of a batch without the place that holds it. */
static uint64_t checksum(const uint8_t *bytes, uint32_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint32_t i = 0; i < size; i++) {
        if (i < SUM_AT || i >= HEAD_SIZE) {
            hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
        }
    }
    return hash;
}

/* Encoding. */

static void put(struct disk_log *log, const void *bytes, uint32_t size)
{
    if (log->encoded_size + size > log->encoded_capacity) {
        log->encoded_capacity = (log->encoded_size + size) * 2;
        log->encoded = memory_resize(log->encoded, log->encoded_capacity);
    }
    memcpy(log->encoded + log->encoded_size, bytes, size);
    log->encoded_size += size;
}

static void put_text(struct disk_log *log, const char *text)
{
    uint16_t size = (uint16_t)strlen(text);
    put(log, &size, sizeof(size));
    put(log, text, size);
}

static void put_mark(struct disk_log *log, const struct mark *mark)
{
    put(log, mark->slot, SLOT_SIZE);
    put(log, mark->nonce, NONCE_SIZE);
    put(log, &mark->round, sizeof(mark->round));
    put(log, &mark->version, sizeof(mark->version));
    put(log, &mark->item, sizeof(mark->item));
    put(log, &mark->choice, sizeof(mark->choice));
    put(log, &mark->group, sizeof(mark->group));
}

static void put_act(struct disk_log *log, const struct act *act)
{
    const uint32_t numbers[4] = { act->kind, act->bus, act->layer, act->round };
    put(log, numbers, sizeof(numbers));
    put(log, &act->number, sizeof(act->number));
    put(log, &act->at_ms, sizeof(act->at_ms));
    put_text(log, act->contest);
    put_text(log, act->subject);
    put_text(log, act->post);
    put_text(log, act->scene);
    put_text(log, act->params);
}

/* The batch into log->encoded, in whole sectors. */
static void batch_encode(struct disk_log *log, uint64_t number, const struct mark *marks,
                         uint32_t count, const struct act *act)
{
    static const uint8_t zeros[DISK_SECTOR_SIZE];
    uint32_t has_act = act != NULL;
    log->encoded_size = 0;
    put(log, zeros, HEAD_SIZE);
    put(log, &count, sizeof(count));
    put(log, &has_act, sizeof(has_act));
    for (uint32_t i = 0; i < count; i++) {
        put_mark(log, &marks[i]);
    }
    if (act != NULL) {
        put_act(log, act);
    }
    uint32_t head[4] = { BATCH_MAGIC, log->encoded_size, log->file, 0 };
    memcpy(log->encoded, head, sizeof(head));
    memcpy(log->encoded + NUMBER_AT, &number, sizeof(number));
    uint64_t sum = checksum(log->encoded, log->encoded_size);
    memcpy(log->encoded + SUM_AT, &sum, sizeof(sum));
    put(log, zeros, (DISK_SECTOR_SIZE - log->encoded_size % DISK_SECTOR_SIZE) % DISK_SECTOR_SIZE);
}

/* Decoding. */

static void take(const uint8_t **at, void *out, uint32_t size)
{
    memcpy(out, *at, size);
    *at += size;
}

/* The checksum held: the sizes are those that were written. */
static void take_text(const uint8_t **at, char *text)
{
    uint16_t size;
    take(at, &size, sizeof(size));
    take(at, text, size);
    text[size] = '\0';
}

static void take_mark(const uint8_t **at, struct mark *mark)
{
    memset(mark, 0, sizeof(*mark));
    take(at, mark->slot, SLOT_SIZE);
    take(at, mark->nonce, NONCE_SIZE);
    take(at, &mark->round, sizeof(mark->round));
    take(at, &mark->version, sizeof(mark->version));
    take(at, &mark->item, sizeof(mark->item));
    take(at, &mark->choice, sizeof(mark->choice));
    take(at, &mark->group, sizeof(mark->group));
}

static void take_act(const uint8_t **at, struct act *act)
{
    uint32_t numbers[4];
    memset(act, 0, sizeof(*act));
    take(at, numbers, sizeof(numbers));
    act->kind = (enum act_kind)numbers[0];
    act->bus = (enum bus)numbers[1];
    act->layer = (enum layer)numbers[2];
    act->round = numbers[3];
    take(at, &act->number, sizeof(act->number));
    take(at, &act->at_ms, sizeof(act->at_ms));
    take_text(at, act->contest);
    take_text(at, act->subject);
    take_text(at, act->post);
    take_text(at, act->scene);
    take_text(at, act->params);
}

bool disk_log_begin(const struct disk *disk, bool is_platter, struct disk_place *place)
{
    for (uint32_t file = DISK_FILE_MAX; file-- > 0;) {
        if (disk->files[file].is_made) {
            *place = (struct disk_place){ file, FIRST_SECTOR, 0, is_platter };
            return true;
        }
    }
    return false;
}

/* Whether a whole batch stands at `place`; its size in bytes. */
static bool batch_find(const struct disk *disk, const struct disk_place *place,
                       const uint8_t **bytes, uint32_t *size)
{
    const struct disk_file *file = &disk->files[place->file];
    uint32_t head[4];
    uint64_t number;
    uint64_t sum;
    if (place->sector >= file->sector_count) {
        return false;
    }
    uint32_t room = (file->sector_count - place->sector) * DISK_SECTOR_SIZE;
    *bytes = (place->is_platter ? file->platter : file->cache) +
             (size_t)place->sector * DISK_SECTOR_SIZE;
    memcpy(head, *bytes, sizeof(head));
    memcpy(&number, *bytes + NUMBER_AT, sizeof(number));
    memcpy(&sum, *bytes + SUM_AT, sizeof(sum));
    *size = head[1];
    return head[0] == BATCH_MAGIC && head[1] >= HEAD_SIZE + 8 && head[1] <= room &&
           head[2] == place->file && number == place->number + 1 &&
           checksum(*bytes, head[1]) == sum;
}

bool disk_log_next(const struct disk *disk, struct disk_place *place, struct disk_batch *batch)
{
    const uint8_t *at;
    uint32_t size;
    uint32_t has_act;
    if (!batch_find(disk, place, &at, &size)) {
        return false;
    }
    at += HEAD_SIZE;
    take(&at, &batch->mark_count, sizeof(batch->mark_count));
    take(&at, &has_act, sizeof(has_act));
    if (batch->mark_count > batch->mark_capacity) {
        batch->mark_capacity = batch->mark_count * 2;
        batch->marks = memory_resize(batch->marks, batch->mark_capacity * sizeof(*batch->marks));
    }
    for (uint32_t i = 0; i < batch->mark_count; i++) {
        take_mark(&at, &batch->marks[i]);
    }
    batch->has_act = has_act != 0;
    if (batch->has_act) {
        take_act(&at, &batch->act);
    }
    place->number++;
    place->sector += (size + DISK_SECTOR_SIZE - 1) / DISK_SECTOR_SIZE;
    batch->number = place->number;
    return true;
}

/* The backend. */

static enum status failed(struct disk_log *log, enum status status, const char *verb,
                          struct fault *fault)
{
    log->disk->files[log->file].is_failed =
        log->disk->files[log->file].is_failed || status == STATUS_IO;
    return fault_set(fault, status, "", "cannot %s log %u", verb, log->file + 1);
}

/* A file with its head, and all of `from` that can be read; then its name. */
static enum status file_make(struct disk_log *log, const struct disk_place *from,
                             struct fault *fault)
{
    struct disk_batch batch = { 0 };
    uint8_t head[DISK_SECTOR_SIZE] = { 0 };
    memcpy(head, log->log_id, sizeof(log->log_id));
    disk_remove(log->disk, log->file);
    enum status status = disk_write(log->disk, log->file, 0, head, 1);
    log->sector = FIRST_SECTOR;
    struct disk_place place = from != NULL ? *from : (struct disk_place){ 0 };
    while (status == STATUS_OK && from != NULL && disk_log_next(log->disk, &place, &batch)) {
        batch_encode(log, batch.number, batch.marks, batch.mark_count,
                     batch.has_act ? &batch.act : NULL);
        uint32_t count = log->encoded_size / DISK_SECTOR_SIZE;
        status = disk_write(log->disk, log->file, log->sector, log->encoded, count);
        log->sector += count;
    }
    disk_batch_finish(&batch);
    if (status == STATUS_OK) {
        status = disk_sync(log->disk, log->file);
    }
    if (status != STATUS_OK) {
        disk_remove(log->disk, log->file); /* a draft; what was there is as it was */
        return fault_set(fault, status, "", "cannot make log %u", log->file + 1);
    }
    log->disk->files[log->file].is_made = true;
    if (from != NULL) {
        disk_remove(log->disk, from->file); /* nobody reads the one before again */
    }
    return STATUS_OK;
}

static enum status log_open(const struct votelog_options *options,
                            struct votelog_identity *identity, void **state,
                            struct votelog_extent *extent, struct fault *fault)
{
    struct disk_log *log = options->ctx;
    struct disk_batch batch = { 0 };
    struct disk_place place;
    enum status status = STATUS_OK;
    *state = log;
    *extent = (struct votelog_extent){ 0 };
    bool is_there = disk_log_begin(log->disk, false, &place);
    log->file = is_there ? place.file : 0;
    if (!is_there) {
        status = file_make(log, NULL, fault);
    } else if (log->disk->files[place.file].is_failed) {
        log->file = place.file + 1;
        status = log->file < DISK_FILE_MAX
                     ? file_make(log, &place, fault)
                     : fault_set(fault, STATUS_LIMIT, "", "the disk failed too often");
    } else if (disk_sync(log->disk, log->file) != STATUS_OK) {
        status = failed(log, STATUS_IO, "sync", fault); /* what a killed server left in the cache */
    }
    if (status == STATUS_OK && disk_log_begin(log->disk, false, &place)) {
        while (disk_log_next(log->disk, &place, &batch)) {
            extent->mark_total += batch.mark_count;
        }
        extent->batch_last = place.number;
        log->sector = place.sector;
        memcpy(identity->log_id, log->log_id, sizeof(identity->log_id));
    }
    disk_batch_finish(&batch);
    return status;
}

static enum status log_replay(void *state, votelog_visit_fn visit, void *ctx, struct fault *fault)
{
    struct disk_log *log = state;
    struct disk_batch batch = { 0 };
    struct disk_place place;
    (void)fault;
    (void)disk_log_begin(log->disk, false, &place); /* it is open: there is one */
    while (disk_log_next(log->disk, &place, &batch)) {
        for (uint32_t i = 0; i < batch.mark_count; i++) {
            struct record record = { .batch = batch.number, .mark = &batch.marks[i] };
            visit(ctx, &record);
        }
        if (batch.has_act) {
            struct record record = { .batch = batch.number, .act = &batch.act };
            visit(ctx, &record);
        }
    }
    disk_batch_finish(&batch);
    return STATUS_OK;
}

static enum status log_write_batch(void *state, uint64_t number, const struct mark *marks,
                                   uint32_t count, const struct act *act, struct fault *fault)
{
    struct disk_log *log = state;
    batch_encode(log, number, marks, count, act);
    uint32_t sector_count = log->encoded_size / DISK_SECTOR_SIZE;
    enum status status = disk_write(log->disk, log->file, log->sector, log->encoded, sector_count);
    if (status != STATUS_OK) {
        return failed(log, status, "write to", fault);
    }
    if (!log->written(log->ctx)) {
        return fault_set(fault, STATUS_IO, "", "the process is gone");
    }
    if (disk_sync(log->disk, log->file) != STATUS_OK) {
        return failed(log, STATUS_IO, "sync", fault);
    }
    log->sector += sector_count;
    return log->synced(log->ctx) ? STATUS_OK
                                 : fault_set(fault, STATUS_IO, "", "the process is gone");
}

static bool log_spend_reserve(void *state)
{
    struct disk_log *log = state;
    bool had_reserve = log->has_reserve;
    if (had_reserve) {
        log->has_reserve = false;
        log->disk->reserve_count = RESERVE_COUNT;
    }
    return had_reserve;
}

static bool log_restore_reserve(void *state)
{
    struct disk_log *log = state;
    if (log->disk->is_full) {
        return false;
    }
    log->has_reserve = true;
    log->disk->reserve_count = 0;
    return true;
}

static enum status log_backup_begin(void *state, const char *path, struct fault *fault)
{
    (void)state;
    return fault_set(fault, STATUS_DENIED, path, "a simulated log has no copy");
}

static enum status log_backup_step(void *state, bool *is_done, struct fault *fault)
{
    (void)state;
    *is_done = true;
    return fault_set(fault, STATUS_DENIED, "", "a simulated log has no copy");
}

static enum status log_rest(void *state, struct fault *fault)
{
    (void)state;
    (void)fault;
    return STATUS_OK;
}

static void log_fail(void *state, const struct fault *fault)
{
    (void)state; /* the note is left with the error itself */
    (void)fault;
}

static enum status log_close(void *state, bool is_failed, struct fault *fault)
{
    (void)state;
    (void)is_failed;
    return STATUS_OK;
}

const struct votelog_backend disk_log_backend = {
    .open = log_open,
    .replay = log_replay,
    .write_batch = log_write_batch,
    .spend_reserve = log_spend_reserve,
    .restore_reserve = log_restore_reserve,
    .backup_begin = log_backup_begin,
    .backup_step = log_backup_step,
    .rest = log_rest,
    .fail = log_fail,
    .close = log_close,
};
