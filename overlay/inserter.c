#include "overlay/inserter.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "overlay/frame_clock.h"
#include "overlay/note.h"

#define TAKE_WAIT_MS 50
#define AHEAD_NS 100000000 /* a recording that is sent live is read so long before its time */
#define SEND_AHEAD_NS 5000000
#define IDLE_NS 2000000
#define ANCHOR_FAR_NS 500000000 /* from where the clocks were: the source began anew */
#define ANCHOR_SLEW 512
#define JITTER_NS 50000000 /* of arrival, that sending allows for */
#define ROOM_PART(bits) ((bits) / 10 * 9)
#define REOPEN_NS 1000000000
#define PADDING_SIZE 64
#define SLOT_NS(time) ((time)*1000 / 27)

/* A picture before the coder. bytes: malloc(), with zeros behind. */
struct waiting {
    uint8_t *bytes;
    size_t size;
    int64_t pts, dts;
    uint32_t segment;
    uint32_t generation; /* another one: pictures before it were left out */
    uint8_t video_type;
    uint8_t stream;
    uint16_t pid;
};

struct inserter {
    struct inserter_options options;
    bool is_live;
    struct graft graft;
    struct coder *coder; /* the coding thread's */
    struct ts_source *source;
    struct ts_sink *sinks[TS_SINK_MAX];
    uint32_t sink_count;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct passage *passage;                      /* {lock} */
    struct waiting waiting[INSERTER_WAITING_MAX]; /* {lock} */
    uint32_t waiting_first, waiting_count;        /* {lock} */
    uint32_t generation;                          /* {lock} */
    bool is_anchored;                             /* {lock} */
    int64_t anchor_ns;                            /* {lock} wall time of slot time 0 */
    struct inserter_figures figures;              /* {lock} */
    struct graft_figures told_graft;              /* {lock} as of the newest picture */
    atomic_bool is_stopping;
    atomic_bool is_aborting;
    atomic_bool is_input_ended;
    atomic_bool is_coded; /* and the coder is empty */
    atomic_bool is_ended;
    atomic_bool is_failed;
    atomic_bool wants_bypass;
    atomic_bool is_panicking;
    bool was_inserting, was_scrambled, has_video; /* main: said last */
    pthread_t threads[3];
    uint32_t thread_count;
};

/* Under the lock: from passage_put(). */
static void video_visit(void *ctx, const struct ts_pes *pes, uint32_t segment, uint8_t video_type,
                        uint16_t pid)
{
    struct inserter *inserter = ctx;
    if (inserter->waiting_count == INSERTER_WAITING_MAX) {
        for (uint32_t i = 0; i < INSERTER_WAITING_MAX; i++)
            free(inserter->waiting[i].bytes);
        inserter->figures.lost += INSERTER_WAITING_MAX;
        inserter->waiting_count = 0;
        inserter->generation++;
    }
    uint8_t *bytes = malloc(pes->size + PADDING_SIZE);
    if (bytes == NULL) {
        inserter->figures.lost++;
        return;
    }
    memcpy(bytes, pes->bytes, pes->size);
    memset(bytes + pes->size, 0, PADDING_SIZE);
    uint32_t place = (inserter->waiting_first + inserter->waiting_count++) % INSERTER_WAITING_MAX;
    inserter->waiting[place] = (struct waiting){ bytes,      pes->size,   pes->pts,
                                                 pes->dts,   segment,     inserter->generation,
                                                 video_type, pes->stream, pid };
    pthread_cond_signal(&inserter->wake);
}

static void unit_visit(void *ctx, struct unit *unit)
{
    struct inserter *inserter = ctx;
    pthread_mutex_lock(&inserter->lock);
    (void)passage_unit(inserter->passage, unit);
    pthread_mutex_unlock(&inserter->lock);
}

static bool draw_visit(void *ctx, uint64_t number, int64_t pts, bool is_top_first,
                       const struct picture *under, const struct picture *out)
{
    struct inserter *inserter = ctx;
    bool is_drawn = graft_draw(&inserter->graft, number, pts, is_top_first, under, out);
    pthread_mutex_lock(&inserter->lock);
    inserter->told_graft = inserter->graft.figures;
    pthread_mutex_unlock(&inserter->lock);
    return is_drawn;
}

static void fail(struct inserter *inserter, const struct fault *fault)
{
    note_event(NOTE_ERROR, "%s", fault->text);
    atomic_store(&inserter->is_failed, true);
}

static enum status parts_open(struct inserter *inserter, struct graphic_exchange *exchange,
                              struct fault *fault)
{
    const struct inserter_options *options = &inserter->options;
    const struct coder_users users = { draw_visit, unit_visit, inserter };
    enum status status =
        graft_init(&inserter->graft, options->format, exchange, inserter->is_live, fault);
    if (status == STATUS_OK)
        status =
            passage_create(PASSAGE_PACKET_MAX, video_visit, inserter, &inserter->passage, fault);
    if (status == STATUS_OK)
        status = coder_create(options->format, &users, &inserter->coder, fault);
    if (status == STATUS_OK)
        status = ts_source_open(&options->source, options->format, &inserter->source, fault);
    for (uint32_t i = 0; status == STATUS_OK && i < options->sink_count; i++) {
        status = ts_sink_open(&options->sinks[i], &inserter->sinks[i], fault);
        inserter->sink_count += status == STATUS_OK ? 1 : 0;
    }
    return status;
}

enum status inserter_create(const struct inserter_options *options,
                            struct graphic_exchange *exchange, struct inserter **inserter,
                            struct fault *fault)
{
    struct inserter *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the inserter");
    made->options = *options;
    made->is_live = options->source.kind != TS_SOURCE_FILE;
    for (uint32_t i = 0; i < options->sink_count; i++)
        made->is_live = made->is_live || options->sinks[i].kind != TS_SINK_FILE;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->wake, NULL);
    enum status status = parts_open(made, exchange, fault);
    if (status != STATUS_OK) {
        inserter_destroy(made, NULL);
        return status;
    }
    *inserter = made;
    return STATUS_OK;
}

static void coder_error(struct inserter *inserter, enum status status, const struct fault *fault)
{
    note_event(status == STATUS_INVALID ? NOTE_WARNING : NOTE_ERROR, "%s", fault->text);
    if (status == STATUS_INVALID)
        return;
    coder_reset(inserter->coder);
    pthread_mutex_lock(&inserter->lock);
    inserter->figures.failures++;
    pthread_mutex_unlock(&inserter->lock);
}

/* Codes the first picture that waits. False: none does, or it is not known yet how large. */
static bool coder_step(struct inserter *inserter)
{
    uint64_t bits_per_second;
    int64_t lead;
    struct fault fault = { 0 };
    pthread_mutex_lock(&inserter->lock);
    bool has_room = passage_room(inserter->passage, &bits_per_second, &lead) ||
                    inserter->waiting_count == INSERTER_WAITING_MAX;
    if (inserter->waiting_count == 0 || !has_room) {
        pthread_mutex_unlock(&inserter->lock);
        return false;
    }
    struct waiting waiting = inserter->waiting[inserter->waiting_first];
    inserter->waiting_first = (inserter->waiting_first + 1) % INSERTER_WAITING_MAX;
    inserter->waiting_count--;
    struct coder_input input = {
        .bytes = waiting.bytes,
        .size = waiting.size,
        .pts = passage_stamp(inserter->passage, waiting.segment, waiting.pts),
        .dts = passage_stamp(inserter->passage, waiting.segment, waiting.dts),
        .raw = passage_raw(inserter->passage, waiting.segment),
        .segment = waiting.segment + (waiting.generation << 16),
        .video_type = waiting.video_type,
        .stream = waiting.stream,
        .pid = waiting.pid,
    };
    pthread_mutex_unlock(&inserter->lock);
    coder_rate(inserter->coder, ROOM_PART(bits_per_second), lead);
    enum status status = coder_put(inserter->coder, &input, &fault);
    free(waiting.bytes);
    if (status != STATUS_OK)
        coder_error(inserter, status, &fault);
    return true;
}

static void coder_end(struct inserter *inserter)
{
    struct fault fault = { 0 };
    while (!atomic_load(&inserter->is_aborting) && coder_step(inserter)) {
    }
    if (coder_flush(inserter->coder, &fault) != STATUS_OK)
        note_event(NOTE_ERROR, "%s", fault.text);
}

static bool is_frame_max(struct inserter *inserter)
{
    struct coder_figures figures;
    coder_figures_get(inserter->coder, &figures);
    return inserter->options.frame_max > 0 && figures.decoded >= inserter->options.frame_max;
}

static void *coder_run(void *ctx)
{
    struct inserter *inserter = ctx;
    while (!atomic_load(&inserter->is_aborting)) {
        if (coder_step(inserter))
            continue;
        if (is_frame_max(inserter))
            atomic_store(&inserter->is_stopping, true);
        if (atomic_load(&inserter->is_input_ended))
            break;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += IDLE_NS * 5;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_mutex_lock(&inserter->lock);
        (void)pthread_cond_timedwait(&inserter->wake, &inserter->lock, &until);
        pthread_mutex_unlock(&inserter->lock);
    }
    coder_end(inserter);
    atomic_store(&inserter->is_coded, true);
    return NULL;
}

static void packets_send(struct inserter *inserter, const uint8_t *packets, uint32_t count)
{
    for (uint32_t i = 0; i < inserter->sink_count; i++)
        ts_sink_put(inserter->sinks[i], packets, count);
}

/* Whether the own pictures of the source are wanted. Under the lock. */
static void bypass_tell(struct inserter *inserter)
{
    if (!atomic_load(&inserter->graft.is_cleared) && !atomic_load(&inserter->graft.wants_clear))
        atomic_store(&inserter->is_panicking, false);
    passage_bypass(inserter->passage,
                   atomic_load(&inserter->wants_bypass) || atomic_load(&inserter->is_panicking));
}

/* Not live: what is due by the source's own clock; everything, with is_all. */
static void out_step(struct inserter *inserter, bool is_all)
{
    uint8_t packet[TS_PACKET_SIZE];
    pthread_mutex_lock(&inserter->lock);
    int64_t newest = passage_newest(inserter->passage), first;
    bypass_tell(inserter);
    while ((first = passage_first(inserter->passage)) != PASSAGE_NO_TIME &&
           (is_all || first <= newest - PASSAGE_DELAY)) {
        passage_take(inserter->passage, packet);
        packets_send(inserter, packet, 1);
    }
    while (is_all && passage_rest(inserter->passage, packet))
        packets_send(inserter, packet, 1);
    pthread_mutex_unlock(&inserter->lock);
}

/* Live: by how much slot times and this machine's clock differ, evened out. Under the lock. */
static void anchor_note(struct inserter *inserter, int64_t now_ns)
{
    int64_t newest = passage_newest(inserter->passage);
    if (newest == PASSAGE_NO_TIME)
        return;
    int64_t anchor_ns = now_ns - SLOT_NS(newest), off_ns = anchor_ns - inserter->anchor_ns;
    if (!inserter->is_anchored || off_ns > ANCHOR_FAR_NS || off_ns < -ANCHOR_FAR_NS)
        inserter->anchor_ns = anchor_ns;
    else
        inserter->anchor_ns += off_ns / ANCHOR_SLEW;
    inserter->is_anchored = true;
}

static bool packets_put(struct inserter *inserter, const uint8_t *packets, uint32_t count)
{
    struct fault fault = { 0 };
    pthread_mutex_lock(&inserter->lock);
    int64_t before = passage_newest(inserter->passage);
    for (uint32_t i = 0; i < count && fault.status == STATUS_OK; i++) {
        const uint8_t *packet = packets + (size_t)i * TS_PACKET_SIZE;
        if (passage_put(inserter->passage, packet, &fault) || fault.status != STATUS_OK)
            continue;
        if (inserter->is_live) {
            inserter->figures.overflow++;
            continue;
        }
        uint8_t out[TS_PACKET_SIZE];
        passage_take(inserter->passage, out);
        packets_send(inserter, out, 1);
        i--;
    }
    if (inserter->is_live && passage_newest(inserter->passage) != before)
        anchor_note(inserter, frame_clock_now_ns());
    pthread_mutex_unlock(&inserter->lock);
    if (fault.status == STATUS_OK)
        return true;
    fail(inserter, &fault);
    return false;
}

static void sleep_until(int64_t until_ns)
{
    struct timespec until = { .tv_sec = until_ns / 1000000000, .tv_nsec = until_ns % 1000000000 };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

/* A recording that is sent live comes in at its own pace. */
static void recording_pace(struct inserter *inserter, int64_t *begin_ns, int64_t *begin)
{
    pthread_mutex_lock(&inserter->lock);
    int64_t newest = passage_newest(inserter->passage);
    pthread_mutex_unlock(&inserter->lock);
    if (newest == PASSAGE_NO_TIME)
        return;
    if (*begin == PASSAGE_NO_TIME) {
        *begin = newest;
        *begin_ns = frame_clock_now_ns();
    }
    int64_t due_ns = *begin_ns + SLOT_NS(newest - *begin) - AHEAD_NS;
    if (due_ns > frame_clock_now_ns())
        sleep_until(due_ns);
}

/* A live source that ended is opened anew, again and again. */
static void source_again(struct inserter *inserter)
{
    struct fault fault = { 0 };
    struct ts_source *again = NULL;
    sleep_until(frame_clock_now_ns() + REOPEN_NS);
    ts_source_close(inserter->source);
    inserter->source = NULL;
    while (!atomic_load(&inserter->is_stopping) && again == NULL) {
        if (ts_source_open(&inserter->options.source, inserter->options.format, &again, &fault) !=
            STATUS_OK)
            sleep_until(frame_clock_now_ns() + REOPEN_NS);
    }
    inserter->source = again;
}

static void input_end(struct inserter *inserter)
{
    pthread_mutex_lock(&inserter->lock);
    passage_end(inserter->passage);
    bool has_video = passage_pids(inserter->passage)->video != TS_PID_INVALID;
    bool has_packets = passage_newest(inserter->passage) != PASSAGE_NO_TIME;
    bool has_pat = passage_has_pat(inserter->passage);
    pthread_mutex_unlock(&inserter->lock);
    struct fault fault = { 0 };
    if (!has_packets)
        fault_set(&fault, STATUS_INVALID, "", "the input holds no transport stream");
    else if (!has_video)
        fault_set(&fault, STATUS_INVALID, "", "the input has no %s",
                  has_pat ? "programme with H.264 or MPEG-2 video"
                          : "table of programmes: nothing was inserted");
    if (fault.status != STATUS_OK && !atomic_load(&inserter->is_failed))
        fail(inserter, &fault);
}

static void *input_run(void *ctx)
{
    struct inserter *inserter = ctx;
    bool is_recording = inserter->options.source.kind == TS_SOURCE_FILE, is_ended = false;
    int64_t begin_ns = 0, begin = PASSAGE_NO_TIME;
    while (!atomic_load(&inserter->is_stopping) && !is_ended) {
        const uint8_t *packets;
        uint32_t count = ts_source_take(inserter->source, TAKE_WAIT_MS, &packets, &is_ended);
        if (!packets_put(inserter, packets, count))
            break;
        if (!inserter->is_live) {
            while (coder_step(inserter)) {
            }
            is_ended = is_ended || is_frame_max(inserter);
            out_step(inserter, false);
        } else if (is_recording) {
            recording_pace(inserter, &begin_ns, &begin);
        } else if (is_ended) {
            source_again(inserter);
            is_ended = false;
        }
    }
    input_end(inserter);
    if (!inserter->is_live) {
        coder_end(inserter);
        out_step(inserter, true);
        atomic_store(&inserter->is_coded, true);
        atomic_store(&inserter->is_ended, true);
    }
    atomic_store(&inserter->is_input_ended, true);
    return NULL;
}

/* Takes the packets of the next datagram; when it is due. 0: none yet. */
static uint32_t datagram_take(struct inserter *inserter, uint8_t *packets, int64_t *due_ns)
{
    uint32_t count = 0;
    pthread_mutex_lock(&inserter->lock);
    bypass_tell(inserter);
    int64_t first = passage_first(inserter->passage);
    *due_ns = inserter->anchor_ns + JITTER_NS + SLOT_NS(PASSAGE_DELAY) +
              (first == PASSAGE_NO_TIME ? 0 : SLOT_NS(first));
    if (first != PASSAGE_NO_TIME && inserter->is_anchored &&
        *due_ns < frame_clock_now_ns() + SEND_AHEAD_NS) {
        while (count < TS_DATAGRAM_PACKETS && passage_first(inserter->passage) != PASSAGE_NO_TIME)
            passage_take(inserter->passage, packets + (size_t)count++ * TS_PACKET_SIZE);
    } else if (first == PASSAGE_NO_TIME && atomic_load(&inserter->is_coded)) {
        while (count < TS_DATAGRAM_PACKETS &&
               passage_rest(inserter->passage, packets + (size_t)count * TS_PACKET_SIZE))
            count++;
        *due_ns = frame_clock_now_ns();
    }
    pthread_mutex_unlock(&inserter->lock);
    return count;
}

static void *output_run(void *ctx)
{
    struct inserter *inserter = ctx;
    uint8_t packets[TS_DATAGRAM_PACKETS * TS_PACKET_SIZE];
    note_event(NOTE_INFO, "the pacer runs with %s", frame_clock_raise_priority());
    while (!atomic_load(&inserter->is_aborting)) {
        int64_t due_ns;
        uint32_t count = datagram_take(inserter, packets, &due_ns);
        if (count == 0 && atomic_load(&inserter->is_coded)) {
            pthread_mutex_lock(&inserter->lock);
            bool is_empty = passage_first(inserter->passage) == PASSAGE_NO_TIME;
            pthread_mutex_unlock(&inserter->lock);
            if (is_empty)
                break;
        }
        if (count == 0) {
            sleep_until(frame_clock_now_ns() + IDLE_NS);
            continue;
        }
        sleep_until(due_ns);
        int64_t late_ns = frame_clock_now_ns() - due_ns;
        packets_send(inserter, packets, count);
        pthread_mutex_lock(&inserter->lock);
        if (late_ns > inserter->figures.late_max_ns)
            inserter->figures.late_max_ns = late_ns;
        pthread_mutex_unlock(&inserter->lock);
    }
    atomic_store(&inserter->is_ended, true);
    return NULL;
}

enum status inserter_start(struct inserter *inserter, struct fault *fault)
{
    void *(*const runs[])(void *) = { input_run, coder_run, output_run };
    uint32_t wanted = inserter->is_live ? 3 : 1;
    while (inserter->thread_count < wanted) {
        if (pthread_create(&inserter->threads[inserter->thread_count], NULL,
                           runs[inserter->thread_count], inserter) != 0)
            return fault_set(fault, STATUS_NOMEM, "", "cannot start the inserter's threads");
        inserter->thread_count++;
    }
    return STATUS_OK;
}

bool inserter_is_ended(const struct inserter *inserter)
{
    return atomic_load(&inserter->is_ended);
}

bool inserter_is_failed(const struct inserter *inserter)
{
    return atomic_load(&inserter->is_failed);
}

void inserter_panic(struct inserter *inserter)
{
    atomic_store(&inserter->graft.wants_clear, true);
    atomic_store(&inserter->is_panicking, true);
}

void inserter_bypass(struct inserter *inserter, bool wants_bypass)
{
    atomic_store(&inserter->wants_bypass, wants_bypass);
}

void inserter_hide(struct inserter *inserter, bool is_stale)
{
    atomic_store(&inserter->graft.is_stale, is_stale);
}

void inserter_poll(struct inserter *inserter)
{
    pthread_mutex_lock(&inserter->lock);
    bool is_inserting = passage_is_inserting(inserter->passage);
    bool is_scrambled = passage_is_scrambled(inserter->passage);
    struct ts_pids pids = *passage_pids(inserter->passage);
    pthread_mutex_unlock(&inserter->lock);
    if (!inserter->has_video && pids.video != TS_PID_INVALID)
        note_event(NOTE_INFO, "programme %u: %s video, PID %u, clock in PID %u", pids.number,
                   pids.video_type == TS_TYPE_MPEG2 ? "MPEG-2" : "H.264", pids.video, pids.pcr);
    if (is_scrambled && !inserter->was_scrambled)
        note_event(NOTE_WARNING, "the input's video is scrambled: it passes without graphics");
    if (is_inserting != inserter->was_inserting)
        note_event(is_inserting ? NOTE_INFO : NOTE_WARNING, "%s",
                   is_inserting ? "graphics are inserted"
                                : "bypass: the input's own video goes out");
    inserter->has_video = pids.video != TS_PID_INVALID;
    inserter->was_scrambled = is_scrambled;
    inserter->was_inserting = is_inserting;
}

void inserter_state_get(struct inserter *inserter, struct inserter_state *state)
{
    struct passage_figures passage;
    pthread_mutex_lock(&inserter->lock);
    state->graft = inserter->told_graft;
    passage_figures_get(inserter->passage, &passage);
    pthread_mutex_unlock(&inserter->lock);
    state->packets_in = passage.packets_in;
    state->late = passage.late;
    state->is_panic = atomic_load(&inserter->graft.is_cleared);
    state->is_hidden = atomic_load(&inserter->graft.is_stale);
}

void inserter_stop(struct inserter *inserter)
{
    atomic_store(&inserter->is_stopping, true);
}

uint32_t inserter_sink_count(const struct inserter *inserter)
{
    return inserter->sink_count;
}

const struct ts_sink *inserter_sink(const struct inserter *inserter, uint32_t place)
{
    return inserter->sinks[place];
}

void inserter_figures_get(struct inserter *inserter, struct inserter_figures *figures)
{
    pthread_mutex_lock(&inserter->lock);
    *figures = inserter->figures;
    passage_figures_get(inserter->passage, &figures->passage);
    pthread_mutex_unlock(&inserter->lock);
    coder_figures_get(inserter->coder, &figures->coder);
    figures->graft = inserter->graft.figures;
    figures->garbage = inserter->source == NULL ? 0 : ts_source_garbage(inserter->source);
}

void inserter_destroy(struct inserter *inserter, bool *is_written)
{
    if (inserter == NULL)
        return;
    atomic_store(&inserter->is_stopping, true);
    atomic_store(&inserter->is_aborting, true);
    for (uint32_t i = 0; i < inserter->thread_count; i++)
        pthread_join(inserter->threads[i], NULL);
    for (uint32_t i = 0; i < inserter->sink_count; i++) {
        struct ts_sink_figures figures;
        ts_sink_close(inserter->sinks[i], &figures);
        if (is_written != NULL && figures.is_failed)
            *is_written = false;
    }
    for (uint32_t i = 0; i < inserter->waiting_count; i++)
        free(inserter->waiting[(inserter->waiting_first + i) % INSERTER_WAITING_MAX].bytes);
    ts_source_close(inserter->source);
    coder_destroy(inserter->coder);
    passage_destroy(inserter->passage);
    graft_finish(&inserter->graft);
    pthread_cond_destroy(&inserter->wake);
    pthread_mutex_destroy(&inserter->lock);
    free(inserter);
}
