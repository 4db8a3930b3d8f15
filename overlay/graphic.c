#include "overlay/graphic.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "overlay/rects.h"

#define EXCHANGE_MAGIC 0x4d505831u /* "MPX1" */
#define SIDE_MIN_PX 16
#define SIDE_MAX_PX 8192
#define HISTORY_COUNT 16  /* publishes remembered; a slot older than that is copied whole */
#define TAKE_TRY_MAX 4    /* newer graphics tried in one take when the first is torn */
#define READ_TRY_MAX 64   /* of a request that is being written */
#define ANSWER_TRY_MAX 64 /* wake-ups of one wait for an answer; a mad painter may send many */
#define FIGURE_COUNT 7
#define REPORT_COUNT ((sizeof(struct air_report) + 7) / 8) /* words */

/*
 * Who has which slot is one word, so that it is consistent at whatever instruction a painter dies:
 * the outputter holds one slot, one waits to be taken, the painter writes into the third.
 */
#define STATE_FRESH 16u
#define STATE(held, waiting) ((held) | (waiting) << 2)
#define STATE_HELD(state) ((state)&3u)
#define STATE_WAITING(state) ((state) >> 2 & 3u)

/* What the painter says of a slot. since: the rects cover everything after that sequence. */
struct slot {
    uint64_t checksum; /* of the rest of this struct and of the pixels in rects */
    uint64_t since;
    struct graphic_info info;
};

struct shared {
    uint32_t magic;
    uint32_t width_px;
    uint32_t height_px;
    uint32_t tick_rate;
    _Atomic uint32_t state;
    _Atomic uint32_t wants_whole;        /* outputter: something was torn, send everything */
    _Atomic uint32_t request_generation; /* odd while the two below are written; a futex */
    _Atomic uint64_t request_tick;
    _Atomic int64_t request_ns;
    _Atomic uint32_t answered_generation; /* of the newest request dealt with; a futex */
    _Atomic uint64_t taken_sequence;      /* outputter */
    _Atomic int64_t beat_ns;
    _Atomic uint64_t figures[FIGURE_COUNT];
    _Atomic uint32_t report_generation; /* odd while the words are written; 0: never were */
    _Atomic uint64_t report[REPORT_COUNT];
    struct slot slots[GRAPHIC_BUFFER_COUNT];
};

_Static_assert(sizeof(struct painter_figures) == FIGURE_COUNT * sizeof(uint64_t),
               "painter_figures and its shared copy differ");

/*
 * sequence, slot_sequences and history are the painter's; 0 in slot_sequences: not known. Sizes and
 * rate are kept here: what a painter gone mad writes over those in the memory harms nobody.
 */
struct graphic_exchange {
    struct shared *shared;
    uint32_t width_px;
    uint32_t height_px;
    uint32_t tick_rate;
    uint8_t *pixels[GRAPHIC_BUFFER_COUNT];
    size_t map_size;
    int fd;
    uint32_t generation_seen;
    uint64_t sequence;
    uint64_t first_sequence;
    uint64_t slot_sequences[GRAPHIC_BUFFER_COUNT];
    struct cues cues;
    int64_t epoch_ns;
    struct rects history[HISTORY_COUNT];
};

static size_t page_ceil(size_t size)
{
    return (size + 4095) & ~(size_t)4095;
}

static size_t exchange_size(uint32_t width_px, uint32_t height_px)
{
    return page_ceil(sizeof(struct shared)) +
           GRAPHIC_BUFFER_COUNT * page_ceil((size_t)width_px * height_px * 4);
}

static bool size_is_valid(uint32_t width_px, uint32_t height_px)
{
    return width_px >= SIDE_MIN_PX && width_px <= SIDE_MAX_PX && height_px >= SIDE_MIN_PX &&
           height_px <= SIDE_MAX_PX;
}

static enum status exchange_map(struct graphic_exchange *exchange, uint32_t width_px,
                                uint32_t height_px, struct fault *fault)
{
    size_t size = exchange_size(width_px, height_px);
    void *map =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, exchange->fd, 0);
    if (map == MAP_FAILED)
        return fault_set(fault, STATUS_NOMEM, "", "cannot map %zu bytes of shared memory: %s", size,
                         strerror(errno));
    exchange->shared = map;
    exchange->map_size = size;
    exchange->width_px = width_px;
    exchange->height_px = height_px;
    uint8_t *pixels = (uint8_t *)map + page_ceil(sizeof(struct shared));
    for (uint32_t i = 0; i < GRAPHIC_BUFFER_COUNT; i++)
        exchange->pixels[i] = pixels + i * page_ceil((size_t)width_px * height_px * 4);
    return STATUS_OK;
}

enum status graphic_exchange_create(uint32_t width_px, uint32_t height_px, uint32_t tick_rate,
                                    struct graphic_exchange **exchange, struct fault *fault)
{
    assert(size_is_valid(width_px, height_px) && tick_rate > 0);
    struct graphic_exchange *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the graphic exchange");
    made->fd = memfd_create("minping-graphics", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    /* Sealed, so that no painter can make the outputter fall off the end of a file. */
    if (made->fd < 0 || ftruncate(made->fd, (off_t)exchange_size(width_px, height_px)) != 0 ||
        fcntl(made->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        enum status status =
            fault_set(fault, STATUS_NOMEM, "", "cannot make shared memory: %s", strerror(errno));
        graphic_exchange_destroy(made);
        return status;
    }
    enum status status = exchange_map(made, width_px, height_px, fault);
    if (status != STATUS_OK) {
        graphic_exchange_destroy(made);
        return status;
    }
    struct shared *shared = made->shared;
    made->tick_rate = tick_rate;
    shared->width_px = width_px;
    shared->height_px = height_px;
    shared->tick_rate = tick_rate;
    atomic_store(&shared->state, STATE(0u, 1u));
    shared->magic = EXCHANGE_MAGIC;
    *exchange = made;
    return STATUS_OK;
}

int graphic_exchange_fd(const struct graphic_exchange *exchange)
{
    return exchange->fd;
}

/* Takes over from an earlier painter: its published slots keep their numbers. */
static enum status painter_begin(struct graphic_exchange *exchange, struct fault *fault)
{
    struct shared *shared = exchange->shared;
    uint32_t state = atomic_load(&shared->state);
    uint32_t held = STATE_HELD(state), waiting = STATE_WAITING(state);
    if (held >= GRAPHIC_BUFFER_COUNT || waiting >= GRAPHIC_BUFFER_COUNT || held == waiting)
        return fault_set(fault, STATUS_INVALID, "", "the graphic exchange is in disorder");
    uint64_t sequence = shared->slots[held].info.sequence;
    if (shared->slots[waiting].info.sequence > sequence)
        sequence = shared->slots[waiting].info.sequence;
    exchange->sequence = sequence;
    exchange->first_sequence = sequence + 1;
    return STATUS_OK;
}

enum status graphic_exchange_attach(int fd, struct graphic_exchange **exchange, struct fault *fault)
{
    struct stat stat;
    struct shared head;
    if (fstat(fd, &stat) != 0 || pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head ||
        head.magic != EXCHANGE_MAGIC || !size_is_valid(head.width_px, head.height_px) ||
        head.tick_rate == 0 || stat.st_size != (off_t)exchange_size(head.width_px, head.height_px))
        return fault_set(fault, STATUS_INVALID, "", "descriptor %d is no graphic exchange", fd);
    struct graphic_exchange *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the graphic exchange");
    made->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    made->tick_rate = head.tick_rate;
    enum status status =
        made->fd < 0
            ? fault_set(fault, STATUS_IO, "", "cannot keep descriptor %d: %s", fd, strerror(errno))
            : exchange_map(made, head.width_px, head.height_px, fault);
    if (status == STATUS_OK)
        status = painter_begin(made, fault);
    if (status != STATUS_OK) {
        graphic_exchange_destroy(made);
        return status;
    }
    *exchange = made;
    return STATUS_OK;
}

void graphic_exchange_destroy(struct graphic_exchange *exchange)
{
    if (exchange == NULL)
        return;
    if (exchange->shared != NULL)
        munmap(exchange->shared, exchange->map_size);
    if (exchange->fd >= 0)
        close(exchange->fd);
    free(exchange);
}

uint32_t graphic_exchange_width(const struct graphic_exchange *exchange)
{
    return exchange->width_px;
}

uint32_t graphic_exchange_height(const struct graphic_exchange *exchange)
{
    return exchange->height_px;
}

uint32_t graphic_exchange_tick_rate(const struct graphic_exchange *exchange)
{
    return exchange->tick_rate;
}

void graphic_request(struct graphic_exchange *exchange, uint64_t tick, int64_t tick_ns)
{
    struct shared *shared = exchange->shared;
    uint32_t generation = atomic_load_explicit(&shared->request_generation, memory_order_relaxed);
    generation &= ~1u;
    atomic_store(&shared->request_generation, generation + 1);
    atomic_store(&shared->request_tick, tick);
    atomic_store(&shared->request_ns, tick_ns);
    atomic_store(&shared->request_generation, generation + 2);
    /* Not a semaphore: that is memory too, and libc aborts over one that a painter spoilt. */
    (void)syscall(SYS_futex, &shared->request_generation, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* The request, if it is another than the one seen last. */
static bool request_read(struct graphic_exchange *exchange, uint64_t *tick, int64_t *tick_ns)
{
    struct shared *shared = exchange->shared;
    for (int i = 0; i < READ_TRY_MAX; i++) {
        uint32_t before = atomic_load(&shared->request_generation);
        if (before == exchange->generation_seen)
            return false;
        *tick = atomic_load(&shared->request_tick);
        *tick_ns = atomic_load(&shared->request_ns);
        if ((before & 1u) == 0 && atomic_load(&shared->request_generation) == before) {
            exchange->generation_seen = before;
            return true;
        }
    }
    return false;
}

static struct timespec deadline_after(uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

/* False: the time is up, or a signal came that the caller should see. */
static bool word_wait(_Atomic uint32_t *word, uint32_t value, const struct timespec *until)
{
    return syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, until, NULL,
                   FUTEX_BITSET_MATCH_ANY) == 0 ||
           errno == EAGAIN;
}

bool graphic_await(struct graphic_exchange *exchange, uint32_t timeout_ms, uint64_t *tick,
                   int64_t *tick_ns)
{
    struct timespec until = deadline_after(timeout_ms);
    _Atomic uint32_t *word = &exchange->shared->request_generation;
    for (;;) {
        uint32_t generation = atomic_load(word);
        if (request_read(exchange, tick, tick_ns))
            return true;
        if (!word_wait(word, generation, &until))
            return false;
    }
}

void graphic_answer(struct graphic_exchange *exchange)
{
    struct shared *shared = exchange->shared;
    atomic_store(&shared->answered_generation, exchange->generation_seen);
    (void)syscall(SYS_futex, &shared->answered_generation, FUTEX_WAKE, 1, NULL, NULL, 0);
}

bool graphic_await_answer(struct graphic_exchange *exchange, uint32_t timeout_ms)
{
    struct shared *shared = exchange->shared;
    struct timespec until = deadline_after(timeout_ms);
    uint32_t wanted = atomic_load(&shared->request_generation);
    for (int i = 0; i < ANSWER_TRY_MAX; i++) {
        uint32_t answered = atomic_load(&shared->answered_generation);
        if (answered == wanted)
            return true;
        if (!word_wait(&shared->answered_generation, answered, &until))
            return false;
    }
    return false;
}

/* Everything that changed after `sequence`, up to the newest. False: that is not known, all. */
static bool changed_since(const struct graphic_exchange *exchange, uint64_t sequence,
                          struct rects *rects)
{
    rects->count = 0;
    bool is_known = sequence >= exchange->first_sequence && sequence <= exchange->sequence &&
                    exchange->sequence - sequence <= HISTORY_COUNT;
    if (!is_known) {
        rects_put(rects,
                  (struct rect){ 0, 0, (int32_t)exchange->width_px, (int32_t)exchange->height_px });
        return false;
    }
    for (uint64_t i = sequence + 1; i <= exchange->sequence; i++) {
        const struct rects *then = &exchange->history[i % HISTORY_COUNT];
        rects_put_all(rects, then->items, then->count);
    }
    return true;
}

static void pixels_copy(uint8_t *to, const uint8_t *from, uint32_t width_px, uint32_t stride_size,
                        const struct rects *rects)
{
    for (uint32_t i = 0; i < rects->count; i++) {
        const struct rect *rect = &rects->items[i];
        for (int32_t y = rect->y; y < rect->y + rect->h; y++)
            memcpy(to + ((size_t)y * width_px + (size_t)rect->x) * 4,
                   from + (size_t)y * stride_size + (size_t)rect->x * 4, (size_t)rect->w * 4);
    }
}

/* Over everything a reader will use: the numbers, the rectangles, the pixels inside of them. */
static uint64_t slot_checksum(const struct slot *slot, const uint8_t *pixels, uint32_t width_px)
{
    const struct graphic_info *info = &slot->info;
    uint64_t numbers[] = { slot->since,      info->sequence,  info->tick,
                           info->epoch,      info->programme, (uint64_t)info->epoch_ns,
                           info->rect_count, info->is_whole };
    uint64_t hash = XXH3_64bits(numbers, sizeof numbers);
    hash = XXH3_64bits_withSeed(info->rects, info->rect_count * sizeof *info->rects, hash);
    hash = XXH3_64bits_withSeed(&info->cues, sizeof info->cues, hash);
    for (uint32_t i = 0; i < info->rect_count; i++) {
        const struct rect *rect = &info->rects[i];
        size_t stride = (size_t)width_px * 4;
        const uint8_t *row = pixels + (size_t)rect->y * stride + (size_t)rect->x * 4;
        if (rect->w == (int32_t)width_px) {
            hash = XXH3_64bits_withSeed(row, stride * (size_t)rect->h, hash);
            continue;
        }
        for (int32_t y = 0; y < rect->h; y++)
            hash = XXH3_64bits_withSeed(row + (size_t)y * stride, (size_t)rect->w * 4, hash);
    }
    return hash;
}

void graphic_epoch_ns_set(struct graphic_exchange *exchange, int64_t epoch_ns)
{
    exchange->epoch_ns = epoch_ns;
}

void graphic_cues_set(struct graphic_exchange *exchange, const struct cues *cues)
{
    exchange->cues = *cues;
}

enum status graphic_publish(struct graphic_exchange *exchange, const uint8_t *canvas,
                            uint32_t stride_size, uint64_t tick, uint64_t epoch, uint64_t programme,
                            const struct rect *rects, uint32_t rect_count)
{
    struct shared *shared = exchange->shared;
    if (rect_count == 0)
        return STATUS_OK;
    for (uint32_t i = 0; i < rect_count; i++) {
        if (!rect_is_inside(&rects[i], exchange->width_px, exchange->height_px))
            return STATUS_INVALID;
    }
    exchange->sequence++;
    struct rects *now = &exchange->history[exchange->sequence % HISTORY_COUNT];
    now->count = 0;
    rects_put_all(now, rects, rect_count);
    bool wants_whole = atomic_exchange(&shared->wants_whole, 0) != 0;
    if (wants_whole)
        memset(exchange->slot_sequences, 0, sizeof exchange->slot_sequences);

    uint32_t state = atomic_load(&shared->state);
    /* Only the outputter changes it meanwhile, by swapping held and waiting: the third is ours. */
    uint32_t own = 3 - STATE_HELD(state) - STATE_WAITING(state);
    assert(own < GRAPHIC_BUFFER_COUNT);
    struct rects stale;
    changed_since(exchange, exchange->slot_sequences[own], &stale);
    exchange->slot_sequences[own] = 0; /* until it is complete */
    pixels_copy(exchange->pixels[own], canvas, exchange->width_px, stride_size, &stale);

    struct slot *slot = &shared->slots[own];
    uint64_t taken = atomic_load(&shared->taken_sequence);
    struct rects fresh;
    bool is_known = changed_since(exchange, wants_whole ? 0 : taken, &fresh);
    slot->since = is_known ? taken : 0;
    slot->info = (struct graphic_info){ .sequence = exchange->sequence,
                                        .tick = tick,
                                        .epoch = epoch,
                                        .programme = programme,
                                        .epoch_ns = exchange->epoch_ns,
                                        .rect_count = fresh.count,
                                        .is_whole = !is_known };
    memcpy(slot->info.rects, fresh.items, fresh.count * sizeof *fresh.items);
    slot->info.cues = exchange->cues;
    slot->checksum = slot_checksum(slot, exchange->pixels[own], exchange->width_px);
    exchange->slot_sequences[own] = exchange->sequence;
    state = atomic_load(&shared->state);
    while (!atomic_compare_exchange_weak(&shared->state, &state,
                                         STATE(STATE_HELD(state), own) | STATE_FRESH)) {
    }
    return STATUS_OK;
}

/* Whether the slot says what it holds, and holds it. A copy is judged: the other may write. */
static bool slot_is_whole(const struct graphic_exchange *exchange, const struct slot *slot,
                          const uint8_t *pixels)
{
    unsigned char is_whole; /* as a byte: any other value than 0 and 1 is no bool */
    memcpy(&is_whole, &slot->info.is_whole, sizeof is_whole);
    if (slot->info.rect_count > GRAPHIC_RECT_MAX || is_whole > 1)
        return false;
    for (uint32_t i = 0; i < slot->info.rect_count; i++) {
        if (!rect_is_inside(&slot->info.rects[i], exchange->width_px, exchange->height_px))
            return false;
    }
    return slot->checksum == slot_checksum(slot, pixels, exchange->width_px);
}

bool graphic_take(struct graphic_exchange *exchange, uint64_t after_sequence,
                  struct graphic_info *info, const uint8_t **pixels)
{
    struct shared *shared = exchange->shared;
    for (int i = 0; i < TAKE_TRY_MAX; i++) {
        uint32_t state = atomic_load(&shared->state);
        uint32_t held = STATE_HELD(state), waiting = STATE_WAITING(state);
        if ((state & STATE_FRESH) == 0 || held == waiting || held >= GRAPHIC_BUFFER_COUNT ||
            waiting >= GRAPHIC_BUFFER_COUNT)
            return false;
        if (!atomic_compare_exchange_strong(&shared->state, &state, STATE(waiting, held)))
            continue; /* a newer one came this instant */
        struct slot slot = shared->slots[waiting];
        if (slot.info.sequence > after_sequence &&
            slot_is_whole(exchange, &slot, exchange->pixels[waiting])) {
            atomic_store(&shared->taken_sequence, slot.info.sequence);
            if (slot.since > after_sequence) {
                slot.info.is_whole = true;
                slot.info.rect_count = 1;
                slot.info.rects[0] = (struct rect){ 0, 0, (int32_t)exchange->width_px,
                                                    (int32_t)exchange->height_px };
            }
            *info = slot.info;
            *pixels = exchange->pixels[waiting];
            return true;
        }
        /* Give the torn one back and keep the good one, unless a newer one is there to try. */
        atomic_store(&shared->wants_whole, 1);
        state = STATE(waiting, held);
        if (atomic_compare_exchange_strong(&shared->state, &state, STATE(held, waiting)))
            return false;
    }
    return false;
}

void graphic_figures_set(struct graphic_exchange *exchange, const struct painter_figures *figures)
{
    uint64_t values[FIGURE_COUNT];
    memcpy(values, figures, sizeof values);
    for (int i = 0; i < FIGURE_COUNT; i++)
        atomic_store_explicit(&exchange->shared->figures[i], values[i], memory_order_relaxed);
}

void graphic_figures_get(const struct graphic_exchange *exchange, struct painter_figures *figures)
{
    uint64_t values[FIGURE_COUNT];
    for (int i = 0; i < FIGURE_COUNT; i++)
        values[i] = atomic_load_explicit(&exchange->shared->figures[i], memory_order_relaxed);
    memcpy(figures, values, sizeof values);
}

void graphic_report_set(struct graphic_exchange *exchange, const struct air_report *report)
{
    struct shared *shared = exchange->shared;
    uint64_t words[REPORT_COUNT] = { 0 };
    memcpy(words, report, sizeof *report);
    uint32_t generation = atomic_load_explicit(&shared->report_generation, memory_order_relaxed);
    generation &= ~1u;
    atomic_store(&shared->report_generation, generation + 1);
    for (size_t i = 0; i < REPORT_COUNT; i++)
        atomic_store_explicit(&shared->report[i], words[i], memory_order_release);
    atomic_store(&shared->report_generation, generation + 2);
}

bool graphic_report_get(const struct graphic_exchange *exchange, struct air_report *report)
{
    const struct shared *shared = exchange->shared;
    uint64_t words[REPORT_COUNT];
    uint32_t generation = atomic_load(&shared->report_generation);
    for (size_t i = 0; i < REPORT_COUNT; i++)
        words[i] = atomic_load_explicit(&shared->report[i], memory_order_acquire);
    if (generation == 0 || generation % 2 != 0 ||
        atomic_load(&shared->report_generation) != generation)
        return false;
    memcpy(report, words, sizeof *report);
    return true;
}

void graphic_beat(struct graphic_exchange *exchange, int64_t now_ns)
{
    atomic_store_explicit(&exchange->shared->beat_ns, now_ns, memory_order_relaxed);
}

int64_t graphic_beat_ns(const struct graphic_exchange *exchange)
{
    return atomic_load_explicit(&exchange->shared->beat_ns, memory_order_relaxed);
}
