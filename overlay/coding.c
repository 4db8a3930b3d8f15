#include "overlay/coding.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "overlay/frame_clock.h"
#include "overlay/note.h"

#define PADDING_SIZE 64
#define IDLE_NS 10000000
#define ROOM_PART(bits) ((bits) / 10 * 9)

/* A picture before the coder. bytes: malloc(), with zeros behind; NULL: a still, up to pts. */
struct waiting {
    uint8_t *bytes;
    const uint8_t *still;
    size_t size;
    int64_t pts, dts;
    uint32_t segment;
    uint32_t generation; /* another one: pictures before it were left out */
    uint8_t video_type;
    uint8_t stream;
    uint16_t pid;
};

/* Who codes: one at a time, but for those that hang. */
struct worker {
    struct coding *coding;
    struct coder *coder;
    _Atomic int64_t busy_ns; /* since when it is in the coder; 0: it is not */
    bool is_abandoned;       /* {lock and draw_lock} */
    bool has_failed;         /* with the picture before */
    pthread_t thread;
};

struct coding {
    const struct format *format;
    coder_draw_fn draw;
    void *ctx;
    pthread_mutex_t *lock;
    pthread_mutex_t draw_lock; /* held while a worker draws */
    pthread_cond_t wake;
    struct passage *passage;                    /* {lock} */
    struct waiting waiting[CODING_WAITING_MAX]; /* {lock} */
    uint32_t first, count;                      /* {lock} */
    uint32_t generation;                        /* {lock} */
    struct coding_figures figures;              /* {lock} without the coder's of now: */
    struct coder_figures newest;                /* {lock} */
    struct worker *worker;
    bool has_thread;
    _Atomic uint32_t abandoned; /* that are still there */
    atomic_bool is_input_ended;
    atomic_bool is_ended;
    atomic_bool is_aborting;
};

static bool is_abandoned(struct worker *worker)
{
    pthread_mutex_lock(worker->coding->lock);
    bool is_so = worker->is_abandoned;
    pthread_mutex_unlock(worker->coding->lock);
    return is_so;
}

static void unit_visit(void *ctx, struct unit *unit)
{
    struct worker *worker = ctx;
    pthread_mutex_lock(worker->coding->lock);
    if (worker->is_abandoned)
        free(unit->bytes);
    else
        (void)passage_unit(worker->coding->passage, unit);
    pthread_mutex_unlock(worker->coding->lock);
}

static bool draw_visit(void *ctx, uint64_t number, int64_t pts, bool is_top_first,
                       const struct picture *under, const struct picture *out)
{
    struct worker *worker = ctx;
    struct coding *coding = worker->coding;
    pthread_mutex_lock(&coding->draw_lock);
    bool is_drawn =
        !worker->is_abandoned && coding->draw(coding->ctx, number, pts, is_top_first, under, out);
    pthread_mutex_unlock(&coding->draw_lock);
    return is_drawn;
}

/* What coders of before and the one of now have done, in all. Under the lock. */
static void figures_add(const struct coder_figures *newest, struct coder_figures *sum)
{
    sum->decoded += newest->decoded;
    sum->refused += newest->refused;
    sum->broken += newest->broken;
    sum->coded += newest->coded;
    sum->draw_ns_sum += newest->draw_ns_sum;
    if (newest->draw_ns_max > sum->draw_ns_max)
        sum->draw_ns_max = newest->draw_ns_max;
}

/* A call of the coder begins. */
static void busy_begin(struct worker *worker)
{
    atomic_store(&worker->busy_ns, frame_clock_now_ns());
}

/* It has ended. False: too late, another worker has taken over. */
static bool busy_end(struct worker *worker)
{
    struct coding *coding = worker->coding;
    atomic_store(&worker->busy_ns, 0);
    pthread_mutex_lock(coding->lock);
    bool is_ours = !worker->is_abandoned;
    if (is_ours)
        coder_figures_get(worker->coder, &coding->newest);
    pthread_mutex_unlock(coding->lock);
    return is_ours;
}

static enum status worker_create(struct coding *coding, struct fault *fault)
{
    struct worker *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the coder");
    const struct coder_users users = { draw_visit, unit_visit, made };
    made->coding = coding;
    enum status status = coder_create(coding->format, &users, &made->coder, fault);
    if (status == STATUS_OK)
        coding->worker = made;
    else
        free(made);
    return status;
}

enum status coding_create(const struct format *format, pthread_mutex_t *lock, coder_draw_fn draw,
                          void *ctx, struct coding **coding, struct fault *fault)
{
    struct coding *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the coder");
    made->format = format;
    made->lock = lock;
    made->draw = draw;
    made->ctx = ctx;
    pthread_mutex_init(&made->draw_lock, NULL);
    pthread_cond_init(&made->wake, NULL);
    enum status status = worker_create(made, fault);
    if (status != STATUS_OK) {
        (void)coding_destroy(made);
        return status;
    }
    *coding = made;
    return STATUS_OK;
}

void coding_passage_set(struct coding *coding, struct passage *passage)
{
    coding->passage = passage;
}

/* Where the next one waits: so many wait already that all are left out, up to a key picture. */
static struct waiting *waiting_place(struct coding *coding)
{
    if (coding->count == CODING_WAITING_MAX) {
        for (uint32_t i = 0; i < CODING_WAITING_MAX; i++)
            free(coding->waiting[i].bytes);
        coding->figures.lost += CODING_WAITING_MAX;
        coding->count = 0;
        coding->generation++;
    }
    pthread_cond_signal(&coding->wake);
    return &coding->waiting[(coding->first + coding->count++) % CODING_WAITING_MAX];
}

void coding_still(struct coding *coding, const uint8_t *still, int64_t pts)
{
    *waiting_place(coding) =
        (struct waiting){ .still = still, .pts = pts, .generation = coding->generation };
}

void coding_video(void *ctx, const struct ts_pes *pes, uint32_t segment, uint8_t video_type,
                  uint16_t pid)
{
    struct coding *coding = ctx;
    uint8_t *bytes = malloc(pes->size + PADDING_SIZE);
    if (bytes == NULL) {
        coding->figures.lost++;
        return;
    }
    memcpy(bytes, pes->bytes, pes->size);
    memset(bytes + pes->size, 0, PADDING_SIZE);
    *waiting_place(coding) = (struct waiting){ .bytes = bytes,
                                               .size = pes->size,
                                               .pts = pes->pts,
                                               .dts = pes->dts,
                                               .segment = segment,
                                               .generation = coding->generation,
                                               .video_type = video_type,
                                               .stream = pes->stream,
                                               .pid = pid };
}

/* What fails is said once, until it works again. */
static void error_note(struct worker *worker, enum status status, const struct fault *fault)
{
    struct coding *coding = worker->coding;
    bool is_failure = status != STATUS_OK && status != STATUS_INVALID;
    if (status == STATUS_INVALID || (is_failure && !worker->has_failed))
        note_event(is_failure ? NOTE_ERROR : NOTE_WARNING, "%s%s", fault->text,
                   is_failure ? ": the coder begins anew" : "");
    else if (!is_failure && worker->has_failed)
        note_event(NOTE_INFO, "the coder works again");
    worker->has_failed = is_failure;
    if (!is_failure)
        return;
    coder_reset(worker->coder);
    pthread_mutex_lock(coding->lock);
    coding->figures.failures++;
    pthread_mutex_unlock(coding->lock);
}

/* False: there is none, or it is not known yet how large it may become. */
static bool waiting_take(struct worker *worker, struct waiting *waiting, struct coder_input *input,
                         uint64_t *bits_per_second, int64_t *lead)
{
    struct coding *coding = worker->coding;
    pthread_mutex_lock(coding->lock);
    bool has_room =
        passage_room(coding->passage, bits_per_second, lead) || coding->count == CODING_WAITING_MAX;
    bool is_taken = coding->count > 0 && has_room && !worker->is_abandoned;
    if (is_taken) {
        *waiting = coding->waiting[coding->first];
        coding->first = (coding->first + 1) % CODING_WAITING_MAX;
        coding->count--;
        *input = (struct coder_input){
            .bytes = waiting->bytes,
            .size = waiting->size,
            .pts = passage_stamp(coding->passage, waiting->segment, waiting->pts),
            .dts = passage_stamp(coding->passage, waiting->segment, waiting->dts),
            .raw = passage_raw(coding->passage, waiting->segment),
            .segment = waiting->segment + (waiting->generation << 16),
            .video_type = waiting->video_type,
            .stream = waiting->stream,
            .pid = waiting->pid,
        };
    }
    pthread_mutex_unlock(coding->lock);
    return is_taken;
}

static bool worker_step(struct worker *worker)
{
    uint64_t bits_per_second;
    int64_t lead;
    struct waiting waiting;
    struct coder_input input;
    struct fault fault = { 0 };
    if (!waiting_take(worker, &waiting, &input, &bits_per_second, &lead))
        return false;
    busy_begin(worker);
    coder_rate(worker->coder, ROOM_PART(bits_per_second), lead);
    enum status status = waiting.bytes != NULL
                             ? coder_put(worker->coder, &input, &fault)
                             : coder_still(worker->coder, waiting.still, waiting.pts, &fault);
    free(waiting.bytes);
    if (!busy_end(worker))
        return false;
    error_note(worker, status, &fault);
    return true;
}

bool coding_step(struct coding *coding)
{
    return worker_step(coding->worker);
}

static void worker_end(struct worker *worker)
{
    struct fault fault = { 0 };
    while (!atomic_load(&worker->coding->is_aborting) && worker_step(worker)) {
    }
    if (is_abandoned(worker))
        return;
    busy_begin(worker);
    enum status status = coder_flush(worker->coder, &fault);
    if (busy_end(worker) && status != STATUS_OK)
        note_event(NOTE_ERROR, "%s", fault.text);
}

void coding_end(struct coding *coding)
{
    worker_end(coding->worker);
}

static void waiting_await(struct coding *coding)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += IDLE_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(coding->lock);
    (void)pthread_cond_timedwait(&coding->wake, coding->lock, &until);
    pthread_mutex_unlock(coding->lock);
}

static void *worker_run(void *ctx)
{
    struct worker *worker = ctx;
    struct coding *coding = worker->coding;
    while (!atomic_load(&coding->is_aborting) && !is_abandoned(worker)) {
        if (worker_step(worker))
            continue;
        if (atomic_load(&coding->is_input_ended))
            break;
        waiting_await(coding);
    }
    if (!is_abandoned(worker)) {
        worker_end(worker);
        atomic_store(&coding->is_ended, true);
        return NULL;
    }
    coder_destroy(worker->coder);
    free(worker);
    atomic_fetch_sub(&coding->abandoned, 1);
    return NULL;
}

enum status coding_start(struct coding *coding, struct fault *fault)
{
    coding->has_thread =
        pthread_create(&coding->worker->thread, NULL, worker_run, coding->worker) == 0;
    return coding->has_thread ? STATUS_OK
                              : fault_set(fault, STATUS_NOMEM, "", "cannot start the coder");
}

/* False: it draws, so it does not hang. */
static bool worker_abandon(struct coding *coding)
{
    struct worker *worker = coding->worker;
    if (pthread_mutex_trylock(&coding->draw_lock) != 0)
        return false;
    pthread_mutex_lock(coding->lock);
    worker->is_abandoned = true;
    coding->generation++; /* the new decoder begins anew, too */
    coding->figures.hangs++;
    figures_add(&coding->newest, &coding->figures.coder);
    coding->newest = (struct coder_figures){ 0 };
    pthread_mutex_unlock(coding->lock);
    pthread_mutex_unlock(&coding->draw_lock);
    atomic_fetch_add(&coding->abandoned, 1);
    pthread_detach(worker->thread);
    coding->has_thread = false;
    return true;
}

void coding_poll(struct coding *coding, int64_t now_ns)
{
    struct fault fault = { 0 };
    if (!coding->has_thread)
        return;
    int64_t busy_ns = atomic_load(&coding->worker->busy_ns);
    if (busy_ns == 0 || now_ns - busy_ns < CODING_HANG_NS || !worker_abandon(coding))
        return;
    note_event(NOTE_ERROR, "the coder hangs for %lld ms: another one takes over",
               (long long)(now_ns - busy_ns) / 1000000);
    if (worker_create(coding, &fault) != STATUS_OK || coding_start(coding, &fault) != STATUS_OK) {
        note_event(NOTE_ERROR, "%s: the input goes on without graphics", fault.text);
        atomic_store(&coding->is_ended, true);
    }
}

void coding_input_end(struct coding *coding)
{
    atomic_store(&coding->is_input_ended, true);
}

bool coding_is_ended(const struct coding *coding)
{
    return atomic_load(&coding->is_ended);
}

void coding_figures_get(struct coding *coding, struct coding_figures *figures)
{
    pthread_mutex_lock(coding->lock);
    *figures = coding->figures;
    figures_add(&coding->newest, &figures->coder);
    pthread_mutex_unlock(coding->lock);
}

/* Waits for it to come out of the coder. False: it hangs there, and is left to itself. */
static bool worker_is_back(struct coding *coding)
{
    const struct timespec turn = { .tv_nsec = IDLE_NS };
    int64_t busy_ns;
    while ((busy_ns = atomic_load(&coding->worker->busy_ns)) != 0) {
        if (frame_clock_now_ns() - busy_ns > CODING_HANG_NS && worker_abandon(coding))
            return false;
        nanosleep(&turn, NULL);
    }
    return true;
}

bool coding_destroy(struct coding *coding)
{
    if (coding == NULL)
        return true;
    atomic_store(&coding->is_aborting, true);
    coding_input_end(coding);
    if (coding->has_thread && worker_is_back(coding))
        pthread_join(coding->worker->thread, NULL);
    if (atomic_load(&coding->abandoned) > 0)
        return false;
    for (uint32_t i = 0; i < coding->count; i++)
        free(coding->waiting[(coding->first + i) % CODING_WAITING_MAX].bytes);
    if (coding->worker != NULL)
        coder_destroy(coding->worker->coder);
    free(coding->worker);
    pthread_cond_destroy(&coding->wake);
    pthread_mutex_destroy(&coding->draw_lock);
    free(coding);
    return true;
}
