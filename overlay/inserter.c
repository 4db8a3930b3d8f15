#include "overlay/inserter_impl.h"

#include <stdlib.h>

#include "overlay/frame_clock.h"
#include "overlay/note.h"

#define SEND_AHEAD_NS 5000000
#define IDLE_NS 2000000

/* How long until a picture of this PTS (slot time) is seen; 0 where it is a file that is made. */
static int64_t ahead_ns(struct inserter *inserter, int64_t pts)
{
    int64_t ns = 0;
    pthread_mutex_lock(&inserter->lock);
    if (inserter->is_live && inserter->pacer.is_anchored)
        ns = pacer_due_ns(&inserter->pacer, pts * 300) - frame_clock_now_ns();
    pthread_mutex_unlock(&inserter->lock);
    return ns;
}

static bool draw_visit(void *ctx, uint64_t number, int64_t pts, bool is_top_first,
                       const struct picture *under, const struct picture *out)
{
    struct inserter *inserter = ctx;
    bool is_drawn = graft_draw(&inserter->graft, number, pts, ahead_ns(inserter, pts), is_top_first,
                               under, out);
    pthread_mutex_lock(&inserter->lock);
    inserter->told_graft = inserter->graft.figures;
    pthread_mutex_unlock(&inserter->lock);
    return is_drawn;
}

void inserter_fail(struct inserter *inserter, const struct fault *fault)
{
    note_event(NOTE_ERROR, "%s", fault->text);
    atomic_store(&inserter->is_failed, true);
}

static enum status parts_open(struct inserter *inserter, struct graphic_exchange *exchange,
                              struct fault *fault)
{
    const struct inserter_options *options = &inserter->options;
    enum status status =
        graft_init(&inserter->graft, options->format, exchange, inserter->is_live, fault);
    inserter->graft.asrun = options->asrun;
    if (status == STATUS_OK)
        status = coding_create(options->format, &inserter->lock, draw_visit, inserter,
                               &inserter->coding, fault);
    if (status == STATUS_OK)
        status = passage_create(PASSAGE_PACKET_MAX, coding_video, inserter->coding,
                                &inserter->passage, fault);
    if (status == STATUS_OK)
        coding_passage_set(inserter->coding, inserter->passage);
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
    made->pacer.delay = PASSAGE_DELAY;
    enum status status = parts_open(made, exchange, fault);
    if (status != STATUS_OK) {
        inserter_destroy(made, NULL);
        return status;
    }
    *inserter = made;
    return STATUS_OK;
}

bool inserter_is_frame_max(struct inserter *inserter)
{
    struct coding_figures figures;
    coding_figures_get(inserter->coding, &figures);
    return inserter->options.frame_max > 0 && figures.coder.decoded >= inserter->options.frame_max;
}

void inserter_packets_send(struct inserter *inserter, const uint8_t *packets, uint32_t count)
{
    for (uint32_t i = 0; i < inserter->sink_count; i++)
        ts_sink_put(inserter->sinks[i], packets, count);
}

/* Whether the own pictures of the source are wanted, and go out. Under the lock. */
static void bypass_tell(struct inserter *inserter)
{
    const struct shutter *shutter = &inserter->graft.shutter;
    passage_bypass(inserter->passage, atomic_load(&inserter->wants_bypass) ||
                                          atomic_load(&shutter->is_cleared) ||
                                          atomic_load(&shutter->wants_clear));
    atomic_store(&inserter->graft.is_bypassed, passage_is_bypassed(inserter->passage));
}

void inserter_out_step(struct inserter *inserter, bool is_all)
{
    uint8_t packet[TS_PACKET_SIZE];
    pthread_mutex_lock(&inserter->lock);
    int64_t newest = passage_newest(inserter->passage), first;
    bypass_tell(inserter);
    while ((first = passage_first(inserter->passage)) != PASSAGE_NO_TIME &&
           (is_all || first <= newest - PASSAGE_DELAY)) {
        passage_take(inserter->passage, packet);
        inserter_packets_send(inserter, packet, 1);
    }
    while (is_all && passage_rest(inserter->passage, packet))
        inserter_packets_send(inserter, packet, 1);
    pthread_mutex_unlock(&inserter->lock);
}

/* Takes the packets of the next datagram; when it is due. 0: none yet, or *is_empty: none comes. */
static uint32_t datagram_take(struct inserter *inserter, uint8_t *packets, int64_t *due_ns,
                              bool *is_empty)
{
    uint32_t count = 0;
    bool is_coded = coding_is_ended(inserter->coding);
    pthread_mutex_lock(&inserter->lock);
    bypass_tell(inserter);
    int64_t first = passage_first(inserter->passage);
    if (first != PASSAGE_NO_TIME && inserter->pacer.is_anchored) {
        *due_ns = pacer_due_ns(&inserter->pacer, first);
        bool is_due = *due_ns < frame_clock_now_ns() + SEND_AHEAD_NS;
        while (is_due && count < TS_DATAGRAM_PACKETS &&
               passage_first(inserter->passage) != PASSAGE_NO_TIME)
            passage_take(inserter->passage, packets + (size_t)count++ * TS_PACKET_SIZE);
    } else if (first == PASSAGE_NO_TIME && is_coded) {
        while (count < TS_DATAGRAM_PACKETS &&
               passage_rest(inserter->passage, packets + (size_t)count * TS_PACKET_SIZE))
            count++;
        *due_ns = frame_clock_now_ns();
    }
    *is_empty = is_coded && count == 0 && first == PASSAGE_NO_TIME;
    pthread_mutex_unlock(&inserter->lock);
    return count;
}

static void *output_run(void *ctx)
{
    struct inserter *inserter = ctx;
    uint8_t packets[TS_DATAGRAM_PACKETS * TS_PACKET_SIZE];
    note_event(NOTE_INFO, "the pacer runs with %s", frame_clock_raise_priority());
    bool is_empty = false;
    while (!atomic_load(&inserter->is_aborting) && !is_empty) {
        int64_t due_ns;
        uint32_t count = datagram_take(inserter, packets, &due_ns, &is_empty);
        if (count == 0) {
            frame_clock_sleep_until(frame_clock_now_ns() + IDLE_NS);
            continue;
        }
        frame_clock_sleep_until(due_ns);
        int64_t late_ns = frame_clock_now_ns() - due_ns;
        inserter_packets_send(inserter, packets, count);
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
    void *(*const runs[])(void *) = { inserter_input_run, output_run };
    uint32_t wanted = inserter->is_live ? 2 : 1;
    while (inserter->thread_count < wanted) {
        if (pthread_create(&inserter->threads[inserter->thread_count], NULL,
                           runs[inserter->thread_count], inserter) != 0)
            return fault_set(fault, STATUS_NOMEM, "", "cannot start the inserter's threads");
        inserter->thread_count++;
    }
    return inserter->is_live ? coding_start(inserter->coding, fault) : STATUS_OK;
}

bool inserter_is_ended(const struct inserter *inserter)
{
    return atomic_load(&inserter->is_ended);
}

bool inserter_is_failed(const struct inserter *inserter)
{
    return atomic_load(&inserter->is_failed);
}

struct shutter *inserter_shutter(struct inserter *inserter)
{
    return &inserter->graft.shutter;
}

void inserter_bypass(struct inserter *inserter, bool wants_bypass)
{
    atomic_store(&inserter->wants_bypass, wants_bypass);
}

void inserter_poll(struct inserter *inserter)
{
    pthread_mutex_lock(&inserter->lock);
    bool is_inserting = passage_is_inserting(inserter->passage);
    bool is_scrambled = passage_is_scrambled(inserter->passage);
    bool is_standing = atomic_load(&inserter->is_standing);
    struct ts_pids pids = *passage_pids(inserter->passage);
    pthread_mutex_unlock(&inserter->lock);
    coding_poll(inserter->coding, frame_clock_now_ns());
    if (inserter->is_live && inserter_is_frame_max(inserter))
        inserter_stop(inserter);
    if (!inserter->has_video && pids.video != TS_PID_INVALID)
        note_event(NOTE_INFO, "programme %u: %s video, PID %u, clock in PID %u", pids.number,
                   pids.video_type == TS_TYPE_MPEG2 ? "MPEG-2" : "H.264", pids.video, pids.pcr);
    if (is_scrambled && !inserter->was_scrambled)
        note_event(NOTE_WARNING, "the input's video is scrambled: it passes without graphics");
    if (is_inserting != inserter->was_inserting)
        note_event(is_inserting ? NOTE_INFO : NOTE_WARNING, "%s",
                   is_inserting ? "graphics are inserted"
                                : "bypass: the input's own video goes out");
    if (is_standing != inserter->was_standing)
        note_event(is_standing ? NOTE_ERROR : NOTE_INFO, "%s",
                   !is_standing ? "the input is back"
                   : inserter->options.lost == INPUT_LOST_SLATE
                       ? "the input has stopped: the slate goes out"
                       : "the input has stopped: its last picture goes out");
    inserter->was_standing = is_standing;
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
    state->is_standing = atomic_load(&inserter->is_standing);
    state->is_panic = atomic_load(&inserter->graft.shutter.is_cleared);
    state->is_hidden = atomic_load(&inserter->graft.shutter.is_stale);
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
    coding_figures_get(inserter->coding, &figures->coding);
    figures->graft = inserter->graft.figures;
    figures->garbage = inserter->source == NULL ? 0 : ts_source_garbage(inserter->source);
}

void inserter_destroy(struct inserter *inserter, bool *is_written)
{
    if (inserter == NULL)
        return;
    atomic_store(&inserter->is_stopping, true);
    atomic_store(&inserter->is_aborting, true);
    atomic_store(&inserter->graft.is_ending, true);
    for (uint32_t i = 0; i < inserter->thread_count; i++)
        pthread_join(inserter->threads[i], NULL);
    for (uint32_t i = 0; i < inserter->sink_count; i++) {
        struct ts_sink_figures figures;
        ts_sink_close(inserter->sinks[i], &figures);
        if (is_written != NULL && figures.is_failed)
            *is_written = false;
    }
    ts_source_close(inserter->source);
    if (!coding_destroy(inserter->coding))
        return; /* a coder that hangs may still look into all this */
    passage_destroy(inserter->passage);
    graft_finish(&inserter->graft);
    pthread_mutex_destroy(&inserter->lock);
    free(inserter);
}
