#include "overlay/air.h"

#include <assert.h>
#include <gst/video/video.h>
#include <stdlib.h>

#include "overlay/blend.h"
#include "overlay/note.h"

#define LEAD_NS 100000000 /* from the start to frame 0 */
#define POOL_MIN 16       /* buffers made before the first frame */
#define POOL_SPARE 16     /* beside the outputs' queues: in encoders, being built, being drawn */
#define SETTLE_TICKS 10

/* Touches every page once, so that the first frames need not wait for the system to find them. */
static void pool_warm(GstBufferPool *pool)
{
    GstBuffer *buffers[POOL_MIN] = { NULL };
    GstBufferPoolAcquireParams params = { .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT };
    for (uint32_t i = 0; i < POOL_MIN; i++) {
        if (gst_buffer_pool_acquire_buffer(pool, &buffers[i], &params) == GST_FLOW_OK)
            gst_buffer_memset(buffers[i], 0, 0, gst_buffer_get_size(buffers[i]));
    }
    for (uint32_t i = 0; i < POOL_MIN; i++) {
        if (buffers[i] != NULL)
            gst_buffer_unref(buffers[i]);
    }
}

static enum status pool_make(struct air *air, struct fault *fault)
{
    uint32_t size = video_frame_size(&air->video);
    uint32_t max = air->output_count * output_queue_max(&air->video) + POOL_SPARE;
    GstCaps *caps = video_caps(&air->video);
    air->pool = gst_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(air->pool);
    gst_buffer_pool_config_set_params(config, caps, size, POOL_MIN, max);
    gst_caps_unref(caps);
    if (gst_buffer_pool_set_config(air->pool, config) &&
        gst_buffer_pool_set_active(air->pool, TRUE)) {
        pool_warm(air->pool);
        return STATUS_OK;
    }
    return fault_set(fault, STATUS_NOMEM, "", "no memory for frames");
}

enum status air_init(struct air *air, const struct video *video, struct graphic_exchange *exchange,
                     struct output **outputs, uint32_t output_count, uint8_t *background,
                     struct fault *fault)
{
    *air = (struct air){ .video = *video,
                         .exchange = exchange,
                         .outputs = outputs,
                         .output_count = output_count,
                         .background = background };
    assert(video->has_alpha == (background == NULL));
    pthread_mutex_init(&air->told_lock, NULL);
    const struct format *format = video->format;
    frame_clock_init(&air->clock, format->tick_rate, 0);
    enum status status =
        planes_init(&air->planes, video->has_alpha ? PLANE_BGRA : PLANE_YUV, format->width_px,
                    format->height_px, format->colour, format->is_interlaced, video->is_straight);
    if (status != STATUS_OK)
        return fault_set(fault, status, "", "no memory for graphics");
    return pool_make(air, fault);
}

static void graphic_ask(struct air *air, uint64_t tick)
{
    graphic_request(air->exchange, tick, frame_clock_tick_ns(&air->clock, tick));
}

/* Takes the newest graphic and converts what changed. Whether anything did. */
static bool graphic_update(struct air *air, uint64_t tick)
{
    struct graphic_info info;
    const uint8_t *pixels;
    air->is_new_epoch = false;
    bool is_newer = graphic_take(air->exchange, air->sequence, &info, &pixels);
    graphic_ask(air, tick + 1); /* not before: this tick would show what was painted for the next */
    if (!is_newer) {
        air->figures.held += air->sequence > 0 ? 1 : 0;
        return false;
    }
    int64_t start_ns = frame_clock_now_ns();
    planes_convert(&air->planes, pixels, info.rects, info.rect_count);
    uint64_t took_ns = (uint64_t)(frame_clock_now_ns() - start_ns);
    air->figures.convert_ns_sum += took_ns;
    if (took_ns > air->figures.convert_ns_max)
        air->figures.convert_ns_max = took_ns;
    air->figures.graphics++;
    air->figures.held += info.tick < tick ? 1 : 0;
    air->sequence = info.sequence;
    air->is_new_epoch = info.epoch != air->epoch;
    if (info.cues.log != air->log || air->delayed_epoch == 0)
        air->delayed_epoch = info.epoch; /* what was there first was new to nobody */
    air->epoch = info.epoch;
    air->epoch_ns = info.epoch_ns;
    air->programme = info.programme;
    air->log = info.cues.log;
    air->cues = info.cues;
    return true;
}

static struct picture picture_of(const struct air *air, uint8_t *pixels)
{
    uint32_t width = air->video.format->width_px;
    if (air->video.has_alpha)
        return (struct picture){ pixels, NULL, NULL, width * 4, 0 };
    size_t count = (size_t)width * air->video.format->height_px;
    return (struct picture){ pixels, pixels + count, pixels + count / 4 * 5, width, width / 2 };
}

static void lines_draw(struct air *air, enum lines lines)
{
    GstMapInfo map;
    const struct format *format = air->video.format;
    const struct planes *planes = air->is_hidden ? NULL : &air->planes;
    if (!gst_buffer_map(air->building, &map, GST_MAP_WRITE))
        return;
    int64_t start_ns = frame_clock_now_ns();
    struct picture out = picture_of(air, map.data);
    if (air->video.has_alpha) {
        blend_bgra(planes, lines, format->width_px, format->height_px, &out);
    } else {
        struct picture under = picture_of(air, air->background);
        blend(planes, lines, format->width_px, format->height_px, &under, &out);
    }
    gst_buffer_unmap(air->building, &map);
    uint64_t took_ns = (uint64_t)(frame_clock_now_ns() - start_ns);
    air->figures.blends++;
    air->figures.blend_ns_sum += took_ns;
    if (took_ns > air->figures.blend_ns_max)
        air->figures.blend_ns_max = took_ns;
}

/* A buffer nobody uses. NULL: every one is in use, which only happens when all outputs lag. */
static GstBuffer *buffer_take(struct air *air)
{
    GstBufferPoolAcquireParams params = { .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT };
    GstBuffer *buffer = NULL;
    if (gst_buffer_pool_acquire_buffer(air->pool, &buffer, &params) != GST_FLOW_OK)
        return NULL;
    if (air->video.format->is_interlaced)
        GST_BUFFER_FLAG_SET(buffer, GST_VIDEO_BUFFER_FLAG_INTERLACED | GST_VIDEO_BUFFER_FLAG_TFF);
    return buffer;
}

/* The lines of the field that did not change, out of the frame before. */
static void field_copy(struct air *air, enum lines lines)
{
    GstMapInfo from, to;
    const struct format *format = air->video.format;
    if (!gst_buffer_map(air->last, &from, GST_MAP_READ))
        return;
    if (gst_buffer_map(air->building, &to, GST_MAP_WRITE)) {
        struct picture under = picture_of(air, from.data), out = picture_of(air, to.data);
        lines_copy(lines, air->video.has_alpha, format->width_px, format->height_px, &under, &out);
        gst_buffer_unmap(air->building, &to);
    }
    gst_buffer_unmap(air->last, &from);
}

static void field_drawn(struct air *air)
{
    if (air->stale_fields > 0)
        air->stale_fields--;
}

/*
 * Draws this tick's lines if the newest frame does not show them yet. A frame that would be the
 * same as the one before is not drawn: that one goes out again.
 */
static void tick_draw(struct air *air, uint64_t tick)
{
    bool is_interlaced = air->video.format->is_interlaced;
    bool is_second = is_interlaced && tick % 2 == 1;
    if (air->building == NULL && air->stale_fields == 0)
        return;
    if (air->building == NULL) {
        air->building = buffer_take(air);
        if (air->building == NULL) {
            air->stale_fields = 2;
            air->figures.starved += is_second || !is_interlaced ? 1 : 0;
            return;
        }
        if (is_second && air->last != NULL)
            field_copy(air, LINES_TOP);
    }
    if (is_second && air->is_new_epoch)
        lines_draw(air, LINES_TOP); /* one frame shows one epoch, in both its fields */
    lines_draw(air, !is_interlaced ? LINES_ALL : is_second ? LINES_BOTTOM : LINES_TOP);
    field_drawn(air);
}

static uint64_t picture_sum(void *ctx)
{
    GstMapInfo map;
    if (!gst_buffer_map(ctx, &map, GST_MAP_READ))
        return 0;
    uint64_t sum = asrun_sum(map.data, map.size);
    gst_buffer_unmap(ctx, &map);
    return sum;
}

/* Graphics are gone with the first frame that has none in either of its fields. */
static void asrun_say(struct air *air, const struct frame *frame)
{
    if (air->asrun == NULL || (air->is_hidden && air->stale_fields > 0))
        return;
    asrun_frame(air->asrun, &(struct asrun_frame){ .index = frame->index,
                                                   .epoch = air->epoch,
                                                   .cues = &air->cues,
                                                   .is_panic = air->shutter.curtain.is_drawn,
                                                   .is_stale = air->is_hidden,
                                                   .is_settled = frame->is_settled,
                                                   .sum = picture_sum,
                                                   .ctx = frame->buffer });
}

/* Counts how long an epoch took from its view to this frame, the first that shows it. */
static void delay_note(struct air *air)
{
    if (air->epoch <= air->delayed_epoch)
        return;
    air->delayed_epoch = air->epoch;
    if (air->epoch_ns != 0 && !air->is_hidden)
        air_delay_count(air->figures.delays, &air->figures.delay_ms_sum,
                        (frame_clock_now_ns() - air->epoch_ns) / 1000000);
}

/* Never waits: who reads them has the lock for a moment, and the next frame tells. */
static void figures_tell(struct air *air)
{
    if (pthread_mutex_trylock(&air->told_lock) != 0)
        return;
    air->told = air->figures;
    air->told_late = air->clock.figures.late_ticks;
    pthread_mutex_unlock(&air->told_lock);
}

void air_figures_get(struct air *air, struct air_figures *figures, uint64_t *late_total)
{
    pthread_mutex_lock(&air->told_lock);
    *figures = air->told;
    *late_total = air->told_late;
    pthread_mutex_unlock(&air->told_lock);
}

static void frame_send(struct air *air, uint64_t tick)
{
    struct frame frame = { .index = air->figures.frames++,
                           .base_ns = air->clock.base_ns,
                           .is_changed = air->building != NULL };
    if (frame.is_changed) {
        if (air->last != NULL)
            gst_buffer_unref(air->last);
        air->last = air->building;
        air->building = NULL;
    } else {
        air->figures.repeated++;
    }
    if (air->is_settling && air->stale_fields == 0 && tick - air->changed_tick >= SETTLE_TICKS) {
        frame.is_settled = true;
        air->is_settling = false;
    }
    frame.buffer = air->last;
    assert(frame.buffer != NULL);
    shutter_frame(&air->shutter, frame.index, air->is_hidden && air->stale_fields == 0);
    for (uint32_t i = 0; i < air->output_count; i++)
        output_put(air->outputs[i], &frame);
    asrun_say(air, &frame);
    delay_note(air);
    figures_tell(air);
}

void air_tick(struct air *air, uint64_t tick)
{
    bool is_interlaced = air->video.format->is_interlaced;
    bool is_changed = graphic_update(air, tick);
    bool is_hidden = shutter_tick(&air->shutter, air->log, air->programme);
    is_changed = (is_changed && !is_hidden) || is_hidden != air->is_hidden || tick == 0;
    air->is_hidden = is_hidden;
    if (is_changed) {
        air->changed_tick = tick;
        air->stale_fields = is_interlaced ? 2 : 1;
        air->is_settling = true;
    }
    tick_draw(air, tick);
    if (!is_interlaced || tick % 2 == 1)
        frame_send(air, tick);
}

static void *air_run(void *ctx)
{
    struct air *air = ctx;
    note_event(NOTE_INFO, "the frame clock runs with %s", frame_clock_raise_priority());
    frame_clock_init(&air->clock, air->video.format->tick_rate, frame_clock_now_ns() + LEAD_NS);
    graphic_ask(air, 0);
    while (!atomic_load_explicit(&air->is_stopping, memory_order_relaxed) &&
           (air->frame_max == 0 || air->figures.frames < air->frame_max)) {
        uint64_t tick = frame_clock_wait(&air->clock);
        air_tick(air, tick);
        frame_clock_done(&air->clock);
    }
    atomic_store(&air->is_ended, true);
    return NULL;
}

enum status air_start(struct air *air, struct fault *fault)
{
    if (pthread_create(&air->thread, NULL, air_run, air) != 0)
        return fault_set(fault, STATUS_NOMEM, "", "cannot start the frame clock's thread");
    air->is_started = true;
    return STATUS_OK;
}

void air_join(struct air *air)
{
    if (air->is_started)
        pthread_join(air->thread, NULL);
    air->is_started = false;
}

void air_finish(struct air *air)
{
    air_join(air);
    if (air->building != NULL)
        gst_buffer_unref(air->building);
    if (air->last != NULL)
        gst_buffer_unref(air->last);
    if (air->pool != NULL) {
        gst_buffer_pool_set_active(air->pool, FALSE);
        gst_object_unref(air->pool);
    }
    planes_finish(&air->planes);
    free(air->background);
    pthread_mutex_destroy(&air->told_lock);
}
