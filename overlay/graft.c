#include "overlay/graft.h"

#include "overlay/frame_clock.h"

#define LIVE_WAIT_MS 15
#define FILE_WAIT_MS 60000 /* a painter that starts loads its fonts; one that hangs is replaced */
#define FILE_SLICE_MS 100
#define FAR_NS INT64_C(500000000) /* from the clock: then the times begin anew */
#define SETTLE_TICKS 10
#define LINES_MAX 2160 /* of the largest format */
#define SLEW 64        /* the part of what is off that one picture makes good */

enum status graft_init(struct graft *graft, const struct format *format,
                       struct graphic_exchange *exchange, bool is_live, struct fault *fault)
{
    *graft = (struct graft){ .format = format, .exchange = exchange, .is_live = is_live };
    enum status status = planes_init(&graft->planes, PLANE_YUV, format->width_px, format->height_px,
                                     format->colour, format->is_interlaced, false);
    if (status != STATUS_OK)
        return fault_set(fault, status, "", "no memory for graphics");
    return STATUS_OK;
}

void graft_finish(struct graft *graft)
{
    planes_finish(&graft->planes);
}

/* The time that the painter is to draw a picture for: evenly on, and never far from the clock. */
static int64_t time_of(struct graft *graft, int64_t pts)
{
    int64_t now_ns = frame_clock_now_ns(), time_ns = now_ns;
    if (graft->has_time) {
        int64_t step = pts > graft->pts ? pts - graft->pts : 90000 / graft->format->frame_rate;
        time_ns = graft->time_ns + step * 100000 / 9;
        int64_t off_ns = now_ns - time_ns;
        if (graft->is_live)
            time_ns += off_ns > FAR_NS || off_ns < -FAR_NS ? off_ns : off_ns / SLEW;
    }
    graft->has_time = true;
    graft->pts = pts;
    graft->time_ns = time_ns;
    return time_ns;
}

static void ns_note(uint64_t took_ns, uint64_t *sum_ns, uint64_t *max_ns)
{
    *sum_ns += took_ns;
    *max_ns = took_ns > *max_ns ? took_ns : *max_ns;
}

/* Whether the painter has answered. A recording waits for it as long as that may take. */
static bool answer_await(struct graft *graft)
{
    if (graft->is_late || graft->is_live)
        return graphic_await_answer(graft->exchange, graft->is_late ? 0 : LIVE_WAIT_MS);
    for (uint32_t i = 0; i < FILE_WAIT_MS / FILE_SLICE_MS && !atomic_load(&graft->is_ending); i++) {
        if (graphic_await_answer(graft->exchange, FILE_SLICE_MS))
            return true;
    }
    return false;
}

/* Has `tick` painted and takes what is newest. */
static void tick_take(struct graft *graft, uint64_t tick, int64_t time_ns)
{
    struct graphic_info info;
    const uint8_t *pixels;
    graft->is_new_epoch = false;
    graphic_request(graft->exchange, tick, time_ns);
    bool is_answered = answer_await(graft);
    graft->figures.held += is_answered ? 0 : 1;
    graft->is_late = !is_answered;
    if (!graphic_take(graft->exchange, graft->sequence, &info, &pixels))
        return;
    int64_t start_ns = frame_clock_now_ns();
    planes_convert(&graft->planes, pixels, info.rects, info.rect_count);
    ns_note((uint64_t)(frame_clock_now_ns() - start_ns), &graft->figures.convert_ns_sum,
            &graft->figures.convert_ns_max);
    graft->figures.graphics++;
    graft->sequence = info.sequence;
    graft->is_new_epoch = info.epoch != graft->epoch;
    graft->epoch = info.epoch;
    graft->programme = info.programme;
    graft->cues = info.cues;
    graft->changed_tick = tick;
    graft->is_settling = true;
}

static void lines_draw(struct graft *graft, enum lines lines, const struct picture *under,
                       const struct picture *out)
{
    int64_t start_ns = frame_clock_now_ns();
    blend(&graft->planes, lines, graft->format->width_px, graft->format->height_px, under, out);
    ns_note((uint64_t)(frame_clock_now_ns() - start_ns), &graft->figures.blend_ns_sum,
            &graft->figures.blend_ns_max);
    graft->figures.blends++;
}

/* Draws both fields, each at its own time. */
static void fields_draw(struct graft *graft, uint64_t tick, int64_t time_ns, bool is_top_first,
                        bool is_hidden, const struct picture *under, const struct picture *out)
{
    enum lines first = is_top_first ? LINES_TOP : LINES_BOTTOM;
    if (!is_hidden)
        lines_draw(graft, first, under, out);
    tick_take(graft, tick + 1, time_ns + INT64_C(1000000000) / graft->format->tick_rate);
    if (is_hidden)
        return;
    if (graft->is_new_epoch)
        lines_draw(graft, first, under, out); /* one frame shows one epoch, in both its fields */
    lines_draw(graft, is_top_first ? LINES_BOTTOM : LINES_TOP, under, out);
}

struct sight {
    const struct format *format;
    const struct picture *picture;
};

/* Of the picture's lines without what lies between them. */
static uint64_t sight_sum(void *ctx)
{
    const struct sight *sight = ctx;
    const struct picture *picture = sight->picture;
    uint32_t width = sight->format->width_px, height = sight->format->height_px;
    uint64_t sums[2 * LINES_MAX];
    uint32_t count = 0;
    const uint8_t *const planes[] = { picture->y, picture->cb, picture->cr };
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t stride = i == 0 ? picture->y_stride : picture->c_stride;
        for (uint32_t line = 0; line < height >> (i > 0); line++)
            sums[count++] = asrun_sum(planes[i] + (size_t)line * stride, width >> (i > 0));
    }
    return asrun_sum(sums, count * sizeof *sums);
}

static void asrun_say(struct graft *graft, uint64_t number, uint64_t tick, int64_t ahead_ns,
                      bool is_hidden, const struct picture *seen)
{
    struct sight sight = { graft->format, seen };
    bool is_bypassed = atomic_load(&graft->is_bypassed);
    bool is_settled = graft->is_settling && tick - graft->changed_tick >= SETTLE_TICKS;
    graft->is_settling = graft->is_settling && !is_settled;
    if (graft->asrun != NULL)
        asrun_frame(graft->asrun, &(struct asrun_frame){
                                      .index = number,
                                      .epoch = graft->epoch,
                                      .cues = &graft->cues,
                                      .is_panic = graft->shutter.curtain.is_drawn,
                                      .is_stale = is_hidden && graft->sequence > 0,
                                      .is_bypass = is_bypassed,
                                      .is_settled = is_settled,
                                      .ahead_ns = is_bypassed || graft->was_bypassed ? 0 : ahead_ns,
                                      .sum = sight_sum,
                                      .ctx = &sight,
                                  });
    graft->was_bypassed = is_bypassed;
}

bool graft_draw(struct graft *graft, uint64_t number, int64_t pts, int64_t ahead_ns,
                bool is_top_first, const struct picture *under, const struct picture *out)
{
    int64_t time_ns = time_of(graft, pts);
    bool is_interlaced = graft->format->is_interlaced;
    uint64_t tick = is_interlaced ? 2 * number : number;
    graft->figures.frames++;
    tick_take(graft, tick, time_ns);
    bool is_hidden = shutter_tick(&graft->shutter, graft->cues.log, graft->programme);
    is_hidden = is_hidden || graft->sequence == 0;
    if (is_interlaced)
        fields_draw(graft, tick, time_ns, is_top_first, is_hidden, under, out);
    else if (!is_hidden)
        lines_draw(graft, LINES_ALL, under, out);
    shutter_frame(&graft->shutter, number, is_hidden);
    asrun_say(graft, number, tick, ahead_ns, is_hidden, is_hidden ? under : out);
    return !is_hidden;
}
