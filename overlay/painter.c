#include "overlay/painter.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "overlay/graphic.h"
#include "overlay/hearing.h"
#include "overlay/look_watch.h"
#include "overlay/monitor.h"
#include "overlay/note.h"
#include "overlay/portraits.h"
#include "overlay/scene.h"
#include "overlay/scene_cues.h"
#include "overlay/scene_stage.h"
#include "overlay/wall.h"

#define AWAIT_MS 40        /* a beat at least this often; the outputter allows half a second */
#define FIRST_WAIT_MS 3000 /* how long the first picture waits to be whole */

struct painter {
    const struct painter_options *options;
    struct graphic_exchange *exchange;
    struct look_watch *watch;
    struct look *look;           /* what is drawn by */
    struct portraits *portraits; /* NULL: none */
    struct hearing *hearing;     /* NULL with the test pattern */
    struct monitor *monitor;     /* likewise */
    bool is_off;                 /* the outputter hides what is painted */
    struct scene *scene;
    struct stage stage;
    struct painter_figures figures;
    uint32_t width_px, height_px;
    pid_t parent;
    uint64_t programme; /* takes of what the stage shows, programme_takes() */
    uint64_t epoch;     /* of what the scene shows */
    int64_t view_ns;    /* when its view was made, CLOCK_MONOTONIC; 0: not known */
    uint64_t drawn;     /* the epoch, and its log, that the last picture was drawn of */
    uint64_t drawn_log;
    int64_t drawn_ns;   /* its view_ns where it changed that picture, otherwise 0 */
    uint64_t published; /* takes of the last graphic's */
    uint64_t published_log;
    struct cues cues; /* what the graphic shows, layer by layer */
    bool has_published;
    int64_t heard_ns; /* when the programme was first heard; 0: never */
    uint64_t paint_failed_total;
    uint64_t said_failed_total;
};

static void painter_finish(struct painter *painter)
{
    monitor_destroy(painter->monitor); /* it uses the hearing */
    hearing_destroy(painter->hearing);
    look_destroy(painter->look);
    look_watch_destroy(painter->watch);
    portraits_close(painter->portraits);
    free(painter->scene);
    graphic_exchange_destroy(painter->exchange);
}

static enum status painter_init(struct painter *painter, const struct painter_options *options,
                                struct fault *fault)
{
    *painter = (struct painter){ .options = options, .parent = getppid() };
    stage_init(&painter->stage);
    enum status status = graphic_exchange_attach(options->exchange_fd, &painter->exchange, fault);
    if (status != STATUS_OK) {
        return status;
    }
    painter->width_px = graphic_exchange_width(painter->exchange);
    painter->height_px = graphic_exchange_height(painter->exchange);
    if (painter->width_px != options->format->width_px ||
        painter->height_px != options->format->height_px) {
        return fault_set(fault, STATUS_INVALID, "", "the outputter's pictures are not of format %s",
                         options->format->name);
    }
    painter->scene = calloc(1, sizeof(*painter->scene));
    if (painter->scene == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the scene");
    }
    if (options->portraits != NULL) {
        status = portraits_open(options->portraits, &painter->portraits, fault);
        if (status != STATUS_OK) {
            return status;
        }
    }
    const struct look_options look = { .theme_file = options->theme_file,
                                       .format = options->format,
                                       .language = options->language,
                                       .portraits = painter->portraits };
    return look_watch_create(&look, &painter->watch, &painter->look, fault);
}

static int64_t portrait_since_ns(void *ctx, const char *name)
{
    return portraits_since_ns(ctx, name);
}

static void data_init(struct painter *painter, struct scene_data *data, uint64_t tick,
                      int64_t now_ns)
{
    *data = (struct scene_data){ .theme = &painter->look->theme,
                                 .language = painter->look->language,
                                 .measure = text_engine_measure,
                                 .measure_ctx = paint_text_engine(painter->look->paint),
                                 .portrait = portrait_since_ns,
                                 .portrait_ctx = painter->portraits,
                                 .width_px = painter->width_px,
                                 .tick = tick,
                                 .now_ns = now_ns };
}

/* Builds what is to be seen at now_ns. False: nothing may be shown yet. */
static bool scene_build(struct painter *painter, uint64_t tick, int64_t now_ns)
{
    struct scene_data data;
    struct scene *scene = painter->scene;
    data_init(painter, &data, tick, now_ns);
    scene_clear(scene);
    if (painter->options->is_test_pattern) {
        if (painter->options->is_alpha_pattern) {
            scene_add_test_alpha(scene, data.theme->width_px, tick);
        } else {
            scene_add_test(scene, data.theme->width_px, tick);
        }
        scene_scale(scene, data.theme->width_px, painter->width_px, painter->height_px);
        return true;
    }
    bool is_ready = true;
    struct latest *latest = hearing_lock(painter->hearing);
    const struct programme *programme = latest_programme(latest);
    latest_settle(latest, now_ns);
    latest_data(latest, &data);
    if (programme != NULL) {
        painter->heard_ns = painter->heard_ns != 0 ? painter->heard_ns : now_ns;
        painter->programme = programme_takes(programme, painter->options->bus);
        stage_apply(&painter->stage, programme->layers[painter->options->bus], wall_unix_ms(),
                    now_ns);
        data.server_ms = latest_server_ms(latest, now_ns);
        data.time_of_day_s = data.view != NULL ? wall_seconds_of_day(data.view->at_ms) : 0;
        stage_step(&painter->stage, &data);
        stage_add(&painter->stage, &data, scene);
        scene_cues(scene, &painter->stage, now_ns, &painter->cues);
    }
    /* A painter that starts anew must not wipe what is on air before it knows what should be. */
    if (!painter->has_published) {
        is_ready =
            programme != NULL && (!stage_is_waiting(&painter->stage, NULL) ||
                                  now_ns - painter->heard_ns >= FIRST_WAIT_MS * INT64_C(1000000));
    }
    painter->epoch = data.view != NULL ? data.view->epoch : 0;
    painter->cues.log = data.view != NULL ? strtoull(data.view->log_id, NULL, 16) : 0;
    painter->view_ns = latest_view_ns(latest);
    painter->figures.epoch = latest_epoch(latest);
    painter->figures.dropped_total = latest_dropped_total(latest) + painter->paint_failed_total;
    hearing_unlock(painter->hearing);
    if (painter->options->bus == BUS_PREVIEW) {
        scene_add_preview(scene, &data);
    }
    scene_scale(scene, data.theme->width_px, painter->width_px, painter->height_px);
    return is_ready;
}

static void failure_count(struct painter *painter, const char *what)
{
    painter->paint_failed_total++;
    if (painter->said_failed_total == 0 ||
        painter->paint_failed_total >= 2 * painter->said_failed_total) {
        painter->said_failed_total = painter->paint_failed_total;
        note_event(NOTE_ERROR, "painter: %s, %llu pictures dropped so far", what,
                   (unsigned long long)painter->paint_failed_total);
    }
}

/* A changed theme is on with the next picture, which is drawn as a whole. */
static void look_renew(struct painter *painter)
{
    struct look *look = look_watch_take(painter->watch);
    if (look == NULL) {
        return;
    }
    look_watch_retire(painter->watch, &painter->look);
    painter->look = look;
    if (painter->hearing != NULL) {
        latest_change_ms_set(hearing_lock(painter->hearing), look->theme.change_ms);
        hearing_unlock(painter->hearing);
    }
    note_event(NOTE_INFO, "painter: theme '%s' has changed and is taken over",
               painter->options->theme_file);
}

/* Only an epoch that changes the picture has a first frame that shows it. */
static void epoch_note(struct painter *painter, bool is_changed)
{
    if (painter->drawn != painter->epoch || painter->drawn_log != painter->cues.log)
        painter->drawn_ns = is_changed ? painter->view_ns : 0;
    painter->drawn = painter->epoch;
    painter->drawn_log = painter->cues.log;
    graphic_epoch_ns_set(painter->exchange, painter->drawn_ns);
}

static void picture_paint(struct painter *painter, uint64_t tick, int64_t tick_ns)
{
    struct rect rects[GRAPHIC_RECT_MAX];
    uint32_t rect_count = 0;
    uint32_t stride_size = 0;
    int64_t start_ns = wall_monotonic_ns();
    if (!scene_build(painter, tick, tick_ns)) {
        return;
    }
    enum status status = paint_draw(painter->look->paint, painter->scene, rects, &rect_count);
    if (status != STATUS_OK) {
        failure_count(painter, status == STATUS_INVALID ? "a scene does not fit" : "cairo failed");
        return;
    }
    bool is_new =
        painter->published != painter->programme || painter->published_log != painter->cues.log;
    if (rect_count == 0 && painter->has_published && is_new) {
        /* The outputter waits for this programme, even where it looks the same. */
        rects[rect_count++] = (struct rect){ 0, 0, 2, 2 };
    }
    const uint8_t *pixels = paint_pixels(painter->look->paint, &stride_size);
    epoch_note(painter, rect_count > 0);
    graphic_cues_set(painter->exchange, &painter->cues);
    if (rect_count > 0 &&
        graphic_publish(painter->exchange, pixels, stride_size, tick, painter->epoch,
                        painter->programme, rects, rect_count) != STATUS_OK) {
        failure_count(painter, "the outputter took no picture");
        return;
    }
    int64_t done_ns = wall_monotonic_ns();
    if (painter->monitor != NULL) {
        monitor_show(painter->monitor, pixels, stride_size, rects, rect_count, painter->is_off,
                     done_ns);
    }
    uint64_t took_ns = (uint64_t)(done_ns - start_ns);
    struct painter_figures *figures = &painter->figures;
    painter->has_published = painter->has_published || rect_count > 0;
    painter->published = painter->programme;
    painter->published_log = painter->cues.log;
    figures->painted_total += rect_count > 0 ? 1 : 0;
    figures->paint_ns_sum += took_ns;
    figures->paint_ns_max = took_ns > figures->paint_ns_max ? took_ns : figures->paint_ns_max;
    figures->late_total += rect_count > 0 && done_ns > tick_ns ? 1 : 0;
}

/* What the outputter says of itself and what we do, for the server to hear. */
static void report_tell(struct painter *painter)
{
    struct air_report report;
    const struct painter_figures *figures = &painter->figures;
    if (painter->hearing == NULL || !graphic_report_get(painter->exchange, &report)) {
        return;
    }
    painter->is_off = report.is_panic || report.is_hidden;
    report.bus = painter->options->bus;
    report.dropped = figures->dropped_total;
    report.pictures_dropped = monitor_dropped_total(painter->monitor);
    report.paint = (struct air_work){ figures->painted_total, figures->paint_ns_sum / 1000,
                                      figures->paint_ns_max / 1000 };
    hearing_report(painter->hearing, &report);
}

/* SIGTERM and SIGINT are blocked and looked for here: nothing is interrupted. */
static bool is_told_to_stop(const struct painter *painter, const sigset_t *signals)
{
    const struct timespec now = { 0 };
    return sigtimedwait(signals, NULL, &now) > 0 || getppid() != painter->parent;
}

static void picture_made(void *ctx, const uint8_t *bytes, size_t size)
{
    hearing_picture(ctx, bytes, size);
}

static void painter_loop(struct painter *painter, const sigset_t *signals)
{
    while (!is_told_to_stop(painter, signals)) {
        uint64_t tick = 0;
        int64_t tick_ns = 0;
        graphic_beat(painter->exchange, wall_monotonic_ns());
        look_renew(painter);
        if (graphic_await(painter->exchange, AWAIT_MS, &tick, &tick_ns)) {
            picture_paint(painter, tick, tick_ns);
            graphic_answer(painter->exchange);
        }
        painter->figures.connected =
            painter->hearing != NULL && hearing_is_connected(painter->hearing) ? 1 : 0;
        graphic_figures_set(painter->exchange, &painter->figures);
        report_tell(painter);
    }
}

int painter_run(const struct painter_options *options)
{
    struct painter *painter = calloc(1, sizeof(*painter));
    struct fault fault = { 0 };
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (painter == NULL) {
        note_event(NOTE_ERROR, "painter: no memory");
        return 1;
    }
    pid_t parent = getppid();
    /* A painter without its outputter paints for nobody; a hung one must go too. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        free(painter);
        return 1;
    }
    enum status status = painter_init(painter, options, &fault);
    if (status == STATUS_OK && !options->is_test_pattern) {
        const struct hearing_options hearing = { .url = options->url,
                                                 .token_file = options->token_file,
                                                 .ca_file = options->ca_file,
                                                 .bus = options->bus,
                                                 .change_ms = painter->look->theme.change_ms };
        status = hearing_create(&hearing, &painter->hearing, &fault);
        if (status == STATUS_OK) {
            status = monitor_create(options->format, options->colour, picture_made,
                                    painter->hearing, &painter->monitor, &fault);
        }
    }
    if (status == STATUS_OK) {
        painter_loop(painter, &signals);
    } else {
        note_event(NOTE_ERROR, "painter: %s%s%s", fault.where, fault.where[0] != '\0' ? ": " : "",
                   fault.text);
    }
    painter_finish(painter);
    free(painter);
    return status == STATUS_OK ? 0 : 1;
}
