#include "overlay/frame_clock.h"
#include "overlay/inserter_impl.h"

#define TAKE_WAIT_MS 20
#define AHEAD_NS 100000000 /* a recording that is sent live is read so long before its time */
#define REOPEN_NS 1000000000
#define LOST_NS 400000000 /* without a packet: the input has stopped */

static bool packets_put(struct inserter *inserter, const uint8_t *packets, uint32_t count)
{
    struct fault fault = { 0 };
    pthread_mutex_lock(&inserter->lock);
    int64_t before = passage_newest(inserter->passage);
    for (uint32_t i = 0; i < count && fault.status == STATUS_OK; i++) {
        const uint8_t *packet = packets + (size_t)i * TS_PACKET_SIZE;
        bool is_put = passage_put(inserter->passage, packet, &fault);
        if (is_put)
            standin_note(&inserter->standin, packet, passage_pids(inserter->passage));
        if (is_put || fault.status != STATUS_OK)
            continue;
        if (inserter->is_live) {
            inserter->figures.overflow++;
            continue;
        }
        uint8_t out[TS_PACKET_SIZE];
        passage_take(inserter->passage, out);
        inserter_packets_send(inserter, out, 1);
        i--;
    }
    if (inserter->is_live && passage_newest(inserter->passage) != before)
        pacer_note(&inserter->pacer, passage_newest(inserter->passage), frame_clock_now_ns());
    pthread_mutex_unlock(&inserter->lock);
    if (fault.status == STATUS_OK)
        return true;
    inserter_fail(inserter, &fault);
    return false;
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
    int64_t due_ns = *begin_ns + TS_NS(newest - *begin) - AHEAD_NS;
    if (due_ns > frame_clock_now_ns())
        frame_clock_sleep_until(due_ns);
}

/* A live source that ended is opened anew, again and again. */
static void source_again(struct inserter *inserter)
{
    int64_t now_ns = frame_clock_now_ns();
    ts_source_close(inserter->source);
    inserter->source = NULL;
    if (now_ns - inserter->opened_ns < REOPEN_NS)
        return;
    inserter->opened_ns = now_ns;
    (void)!ts_source_open(&inserter->options.source, inserter->options.format, &inserter->source,
                          NULL);
}

/* Packets and pictures up to now, in place of the input's. */
static void standin_put(struct inserter *inserter)
{
    uint8_t packet[TS_PACKET_SIZE];
    uint64_t bits_per_second;
    int64_t time, lead, frame = TS_SECOND / inserter->options.format->frame_rate;
    const uint8_t *still =
        inserter->options.lost == INPUT_LOST_SLATE ? inserter->options.slate : NULL;
    pthread_mutex_lock(&inserter->lock);
    int64_t until = pacer_slot(&inserter->pacer, frame_clock_now_ns());
    (void)passage_room(inserter->passage, &bits_per_second, &lead);
    while (standin_take(&inserter->standin, until, &time, packet)) {
        if (!passage_put(inserter->passage, packet, NULL))
            inserter->figures.overflow++;
        if (time - inserter->still < frame)
            continue;
        inserter->still = time;
        coding_still(inserter->coding, still, (time + lead) / 300);
    }
    pthread_mutex_unlock(&inserter->lock);
}

/* No packet came just now. */
static void lost_step(struct inserter *inserter)
{
    bool is_lost = frame_clock_now_ns() - inserter->came_ns > LOST_NS;
    if (inserter->options.lost == INPUT_LOST_NOTHING || !is_lost)
        return;
    if (!atomic_load(&inserter->is_standing)) {
        uint64_t next;
        pthread_mutex_lock(&inserter->lock);
        const struct slot_clock *clock = passage_clock(inserter->passage, &next);
        bool can_begin =
            inserter->pacer.is_anchored && standin_begin(&inserter->standin, clock, next);
        pthread_mutex_unlock(&inserter->lock);
        if (!can_begin)
            return;
        inserter->still = 0;
        atomic_store(&inserter->is_standing, true);
    }
    standin_put(inserter);
}

/* Packets have come. */
static void lost_end(struct inserter *inserter)
{
    inserter->came_ns = frame_clock_now_ns();
    if (!atomic_exchange(&inserter->is_standing, false))
        return;
    pthread_mutex_lock(&inserter->lock);
    passage_break(inserter->passage);
    inserter->figures.returns++;
    pthread_mutex_unlock(&inserter->lock);
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
        inserter_fail(inserter, &fault);
}

static uint32_t source_take(struct inserter *inserter, const uint8_t **packets, bool *is_ended)
{
    if (inserter->source != NULL)
        return ts_source_take(inserter->source, TAKE_WAIT_MS, packets, is_ended);
    frame_clock_sleep_until(frame_clock_now_ns() + TAKE_WAIT_MS * INT64_C(1000000));
    *is_ended = true;
    return 0;
}

void *inserter_input_run(void *ctx)
{
    struct inserter *inserter = ctx;
    bool is_recording = inserter->options.source.kind == TS_SOURCE_FILE, is_ended = false;
    int64_t begin_ns = 0, begin = PASSAGE_NO_TIME;
    while (!atomic_load(&inserter->is_stopping) && !is_ended) {
        const uint8_t *packets = NULL;
        uint32_t count = source_take(inserter, &packets, &is_ended);
        if (count > 0)
            lost_end(inserter);
        else if (inserter->is_live && !is_recording)
            lost_step(inserter);
        if (!packets_put(inserter, packets, count))
            break;
        if (!inserter->is_live) {
            while (coding_step(inserter->coding)) {
            }
            is_ended = is_ended || inserter_is_frame_max(inserter);
            inserter_out_step(inserter, false);
        } else if (is_recording) {
            recording_pace(inserter, &begin_ns, &begin);
        } else if (is_ended) {
            source_again(inserter);
            is_ended = false;
        }
    }
    input_end(inserter);
    if (!inserter->is_live) {
        coding_end(inserter->coding);
        inserter_out_step(inserter, true);
        atomic_store(&inserter->is_ended, true);
    }
    coding_input_end(inserter->coding);
    return NULL;
}
