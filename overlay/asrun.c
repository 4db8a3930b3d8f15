#include "overlay/asrun.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "overlay/asrun_line.h"
#include "overlay/note.h"

#define SYNC_NS 1000000000
#define WAIT_NS 200000000 /* of the writer, between two looks at the clock */
#define NAME_SIZE 4096
#define AHEAD_MAX_NS INT64_C(4000000000) /* farther back: the clock was set */

/*
 * shown     what the newest line of each layer says, and the words that were there when it settled
 * head      lines put in by the air; tail: taken out by the writer
 */
struct asrun {
    const char *path;
    uint32_t frame_rate;
    struct cue shown[LAYER_COUNT]; /* the air's, like what follows */
    bool is_new[LAYER_COUNT];      /* a line said something since the picture last settled */
    uint64_t epoch;
    enum asrun_why hidden; /* why nothing was seen; ASRUN_INVALID: it was */
    bool has_begun;
    uint64_t lost;   /* since the last line that went in */
    int64_t wall_ns; /* of the newest line: times never go back */
    _Atomic uint64_t head;
    _Atomic uint64_t tail;
    _Atomic uint64_t line_total;
    _Atomic uint64_t lost_total;
    atomic_bool is_ending;
    sem_t wake;
    pthread_t thread;
    bool has_thread;
    int fd; /* the writer's, like what follows */
    uint64_t size;
    uint64_t refused; /* lines the disk did not take, or lost before them, since the last it took */
    bool is_torn;     /* what was written last is a part of a line */
    bool has_failed;
    bool is_dirty;
    int64_t synced_ns;
    struct asrun_line lines[ASRUN_QUEUE_MAX];
};

static int64_t clock_now_ns(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* The air's side. */

/* What is seen so far ahead; what is drawn ahead of its time is seen before what comes after it. */
static int64_t wall_next(struct asrun *asrun, int64_t ahead_ns)
{
    int64_t wall_ns = clock_now_ns(CLOCK_REALTIME) + ahead_ns;
    if (wall_ns > asrun->wall_ns || asrun->wall_ns - wall_ns > AHEAD_MAX_NS)
        asrun->wall_ns = wall_ns;
    return asrun->wall_ns;
}

static void line_put(struct asrun *asrun, const struct asrun_line *line)
{
    uint64_t head = atomic_load_explicit(&asrun->head, memory_order_relaxed);
    if (head - atomic_load(&asrun->tail) >= ASRUN_QUEUE_MAX) {
        asrun->lost++;
        atomic_fetch_add(&asrun->lost_total, 1);
        return;
    }
    struct asrun_line *place = &asrun->lines[head % ASRUN_QUEUE_MAX];
    *place = *line;
    place->lost = asrun->lost;
    asrun->lost = 0;
    atomic_store(&asrun->head, head + 1);
    sem_post(&asrun->wake);
}

/* The painter says what it likes: no text without its end, no number that names nothing. */
static struct cue cue_sane(const struct cue *said)
{
    struct cue cue = *said;
    cue.post[sizeof cue.post - 1] = '\0';
    cue.params[sizeof cue.params - 1] = '\0';
    cue.text[sizeof cue.text - 1] = '\0';
    if (cue.scene >= SCENE_COUNT)
        cue.scene = SCENE_INVALID;
    if (cue.cause >= CAUSE_COUNT)
        cue.cause = CAUSE_INVALID;
    return cue;
}

static bool cues_are_same_take(const struct cue *a, const struct cue *b)
{
    return a->scene == b->scene && (a->scene == 0 || a->take == b->take);
}

/* Why a layer gets a line; ASRUN_INVALID: nothing happened to it. */
static enum asrun_why layer_why(const struct asrun *asrun, enum layer layer, const struct cue *cue,
                                const struct asrun_frame *frame)
{
    static const enum asrun_why of_cause[CAUSE_COUNT] = {
        [CAUSE_INVALID] = ASRUN_SHOWN, /* a server that does not say who did what */
        [CAUSE_TAKE] = ASRUN_TAKE,
        [CAUSE_CLEAR] = ASRUN_CLEAR,
        [CAUSE_CUT] = ASRUN_CUT,
    };
    const struct cue *shown = &asrun->shown[layer];
    if (asrun->hidden != ASRUN_INVALID || !asrun->has_begun) {
        if (cue->scene == 0)
            return ASRUN_INVALID;
        return cues_are_same_take(shown, cue) || !asrun->has_begun ? ASRUN_SHOWN
                                                                   : of_cause[cue->cause];
    }
    if (!cues_are_same_take(shown, cue))
        return of_cause[cue->cause];
    if (cue->scene == 0)
        return ASRUN_INVALID;
    if (frame->is_settled)
        return asrun->is_new[layer] || shown->words != cue->words ? ASRUN_SETTLED : ASRUN_INVALID;
    return frame->epoch != asrun->epoch && shown->words != cue->words ? ASRUN_FIGURES
                                                                      : ASRUN_INVALID;
}

uint64_t asrun_sum(const void *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

static void layers_put(struct asrun *asrun, const struct asrun_frame *frame,
                       struct asrun_line *line)
{
    for (uint32_t i = LAYER_FULLSCREEN; i < LAYER_COUNT; i++) {
        struct cue *shown = &asrun->shown[i];
        enum asrun_why why = layer_why(asrun, (enum layer)i, &frame->cues->layers[i], frame);
        if (why == ASRUN_INVALID) {
            if (frame->cues->layers[i].scene == 0)
                shown->scene = 0;
            continue;
        }
        if (line->picture == 0)
            line->picture = frame->sum(frame->ctx);
        line->why = why;
        line->layer = (enum layer)i;
        line->cue = *shown = cue_sane(&frame->cues->layers[i]);
        line_put(asrun, line);
        asrun->is_new[i] = why != ASRUN_SETTLED;
    }
}

static enum asrun_why hidden_why(const struct asrun_frame *frame)
{
    return frame->is_panic    ? ASRUN_PANIC
           : frame->is_bypass ? ASRUN_BYPASS
           : frame->is_stale  ? ASRUN_STALE
                              : ASRUN_INVALID;
}

void asrun_frame(struct asrun *asrun, const struct asrun_frame *frame)
{
    enum asrun_why why = hidden_why(frame);
    if (why != ASRUN_INVALID && why == asrun->hidden)
        return;
    struct asrun_line line = { .frame = frame->index,
                               .wall_ns = wall_next(asrun, frame->ahead_ns),
                               .layer = LAYER_ALL,
                               .epoch = frame->epoch,
                               .log = frame->cues->log,
                               .frame_rate = asrun->frame_rate };
    if (why != ASRUN_INVALID) {
        line.why = why;
        line.picture = frame->sum(frame->ctx);
        line_put(asrun, &line);
        asrun->has_begun = true;
    } else {
        layers_put(asrun, frame, &line);
        asrun->epoch = frame->epoch;
        asrun->has_begun = asrun->has_begun || frame->epoch != 0;
    }
    asrun->hidden = why;
}

/* The writer's side. */

static enum status file_open(struct asrun *asrun, struct fault *fault)
{
    struct stat stat;
    asrun->fd = open(asrun->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (asrun->fd < 0 || fstat(asrun->fd, &stat) != 0)
        return fault_set(fault, STATUS_IO, "", "cannot open as-run log '%s': %s", asrun->path,
                         strerror(errno));
    if (!S_ISREG(stat.st_mode))
        return fault_set(fault, STATUS_IO, "", "as-run log '%s' is no plain file", asrun->path);
    asrun->size = (uint64_t)stat.st_size;
    return STATUS_OK;
}

static void file_sync(struct asrun *asrun)
{
    if (asrun->is_dirty && asrun->fd >= 0 && fdatasync(asrun->fd) == 0)
        asrun->is_dirty = false;
    asrun->synced_ns = clock_now_ns(CLOCK_MONOTONIC);
}

/* A full file gets the first free number, and a new one begins; where none is free it grows on. */
static void file_turn(struct asrun *asrun)
{
    char name[NAME_SIZE];
    struct fault fault = { 0 };
    file_sync(asrun);
    for (int part = 1; part < ASRUN_PART_MAX; part++) {
        int size = snprintf(name, sizeof name, "%s.%d", asrun->path, part);
        if (size < 0 || (size_t)size >= sizeof name)
            return;
        if (link(asrun->path, name) == 0) { /* never over one that is there */
            unlink(asrun->path);
            close(asrun->fd);
            if (file_open(asrun, &fault) != STATUS_OK)
                note_event(NOTE_ERROR, "%s", fault.text);
            return;
        }
        if (errno != EEXIST)
            return;
    }
}

static void lost_count(struct asrun *asrun, const struct asrun_line *line)
{
    atomic_fetch_add(&asrun->lost_total, 1);
    asrun->refused += line->lost + 1;
    if (!asrun->has_failed)
        note_event(NOTE_ERROR, "cannot write as-run log '%s': %s", asrun->path, strerror(errno));
    asrun->has_failed = true;
}

/* Ends a line that was written in part, so that the next is one of its own. False: no room yet. */
static bool torn_end(struct asrun *asrun)
{
    static const char end = '\n';
    if (asrun->is_torn && asrun->fd >= 0 && write(asrun->fd, &end, 1) == 1) {
        asrun->is_torn = false;
        asrun->size++;
    }
    return !asrun->is_torn;
}

/* What the disk does not take is missing, and the next line that it takes says so. */
static void line_write(struct asrun *asrun, const struct asrun_line *said)
{
    char text[ASRUN_LINE_SIZE];
    struct asrun_line line = *said;
    line.lost += asrun->refused;
    size_t size = asrun_line_format(&line, text, sizeof text);
    ssize_t wrote =
        size > 0 && asrun->fd >= 0 && torn_end(asrun) ? write(asrun->fd, text, size) : -1;
    if (wrote > 0)
        asrun->size += (uint64_t)wrote;
    asrun->is_dirty = asrun->is_dirty || wrote > 0;
    if (wrote != (ssize_t)size || size == 0) {
        asrun->is_torn = asrun->is_torn || wrote > 0;
        (void)torn_end(asrun);
        lost_count(asrun, said);
        return;
    }
    asrun->refused = 0;
    asrun->has_failed = false;
    atomic_fetch_add(&asrun->line_total, 1);
    if (line.why == ASRUN_PANIC)
        file_sync(asrun);
    if (asrun->size >= ASRUN_SIZE_MAX)
        file_turn(asrun);
}

static void lines_write(struct asrun *asrun)
{
    uint64_t tail = atomic_load_explicit(&asrun->tail, memory_order_relaxed);
    for (; tail != atomic_load(&asrun->head); tail++) {
        line_write(asrun, &asrun->lines[tail % ASRUN_QUEUE_MAX]);
        atomic_store(&asrun->tail, tail + 1);
    }
}

static void *writer_run(void *ctx)
{
    struct asrun *asrun = ctx;
    while (!atomic_load(&asrun->is_ending)) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WAIT_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        (void)sem_timedwait(&asrun->wake, &until);
        lines_write(asrun);
        if (asrun->is_dirty && clock_now_ns(CLOCK_MONOTONIC) - asrun->synced_ns >= SYNC_NS)
            file_sync(asrun);
    }
    lines_write(asrun);
    return NULL;
}

static void mark_write(struct asrun *asrun, enum asrun_why why, uint64_t frame)
{
    line_write(asrun, &(struct asrun_line){ .frame = frame,
                                            .wall_ns = wall_next(asrun, 0),
                                            .why = why,
                                            .layer = LAYER_ALL,
                                            .frame_rate = asrun->frame_rate,
                                            .lost = asrun->lost });
}

enum status asrun_open(const char *path, const struct format *format, struct asrun **asrun,
                       struct fault *fault)
{
    struct asrun *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the as-run log");
    made->path = path;
    made->frame_rate = format->frame_rate;
    sem_init(&made->wake, 0, 0);
    enum status status = file_open(made, fault);
    if (status == STATUS_OK) {
        mark_write(made, ASRUN_START, 0);
        made->has_thread = pthread_create(&made->thread, NULL, writer_run, made) == 0;
        if (!made->has_thread)
            status = fault_set(fault, STATUS_NOMEM, "", "cannot start the as-run log's thread");
    }
    if (status != STATUS_OK) {
        asrun_close(made);
        return status;
    }
    *asrun = made;
    return STATUS_OK;
}

void asrun_figures_get(struct asrun *asrun, struct asrun_figures *figures)
{
    figures->lines = atomic_load(&asrun->line_total);
    figures->lost = atomic_load(&asrun->lost_total);
}

void asrun_end(struct asrun *asrun, uint64_t frame)
{
    if (asrun == NULL || !asrun->has_thread)
        return;
    atomic_store(&asrun->is_ending, true);
    sem_post(&asrun->wake);
    pthread_join(asrun->thread, NULL);
    asrun->has_thread = false;
    mark_write(asrun, ASRUN_END, frame);
    file_sync(asrun);
}

void asrun_close(struct asrun *asrun)
{
    if (asrun == NULL)
        return;
    asrun_end(asrun, 0);
    if (asrun->fd >= 0)
        close(asrun->fd);
    sem_destroy(&asrun->wake);
    free(asrun);
}
