#include "overlay/painter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/latest.h"
#include "overlay/look.h"
#include "overlay/portraits.h"
#include "overlay/scene.h"
#include "overlay/wall.h"
#include "server/protocol/message.h"

#define NOW_NS INT64_C(86400000000000) /* any time; nothing moves */

/* All that a still needs, made and destroyed together. */
struct bench {
    struct look *look;
    struct latest *latest;
    struct scene *scene;
    struct portraits *portraits;
};

static int64_t portrait_since_ns(void *ctx, const char *name)
{
    return portraits_since_ns(ctx, name) > 0 ? 1 : -1; /* it stands */
}

static void bench_finish(struct bench *bench)
{
    free(bench->scene);
    look_destroy(bench->look);
    portraits_close(bench->portraits);
    latest_destroy(bench->latest);
}

static enum status bench_init(struct bench *bench, const struct painter_still *still,
                              struct fault *fault)
{
    memset(bench, 0, sizeof(*bench));
    if (still->portraits != NULL) {
        enum status opened = portraits_open(still->portraits, &bench->portraits, fault);
        if (opened != STATUS_OK) {
            return opened;
        }
        portraits_wait(bench->portraits);
    }
    const struct look_options options = { .theme_file = still->theme_file,
                                          .format = still->format,
                                          .language = still->language,
                                          .portraits = bench->portraits,
                                          .is_still = true };
    enum status status = look_create(&options, &bench->look, fault);
    if (status != STATUS_OK) {
        return status;
    }
    bench->latest = latest_create(bench->look->theme.change_ms);
    bench->scene = calloc(1, sizeof(*bench->scene));
    if (bench->latest == NULL || bench->scene == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the scene");
    }
    return STATUS_OK;
}

static enum status document_read(const char *path, struct latest *latest, struct fault *fault)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", path, strerror(errno));
    }
    char *text = malloc(DOCUMENT_SIZE_MAX + 1);
    size_t size = text != NULL ? fread(text, 1, DOCUMENT_SIZE_MAX + 1, file) : 0;
    bool is_read = text != NULL && ferror(file) == 0;
    fclose(file);
    struct document *document = calloc(1, sizeof(*document));
    enum status status = STATUS_OK;
    if (text == NULL || document == NULL) {
        status = fault_set(fault, STATUS_NOMEM, "", "no memory for '%s'", path);
    } else if (!is_read) {
        status = fault_set(fault, STATUS_IO, "", "cannot read '%s'", path);
    } else if (size > DOCUMENT_SIZE_MAX) {
        status = fault_set(fault, STATUS_LIMIT, "", "'%s' is larger than %u bytes", path,
                           DOCUMENT_SIZE_MAX);
    } else {
        status = document_decode(text, size, document, fault);
    }
    if (status == STATUS_OK) {
        enum latest_outcome outcome = latest_put_document(latest, document, NOW_NS);
        document_finish(document);
        if (outcome == LATEST_UNSOUND || latest_dropped_total(latest) > 0) {
            status = fault_set(fault, STATUS_INVALID, "$.figures",
                               "the sums in '%s' do not agree: nothing is drawn", path);
        }
    }
    free(document);
    free(text);
    return status;
}

static enum status background_parse(const char *text, uint32_t *colour, struct fault *fault)
{
    *colour = 0;
    if (text == NULL) {
        return STATUS_OK;
    }
    if (strlen(text) != 7 || text[0] != '#' || strspn(text + 1, "0123456789abcdefABCDEF") != 6) {
        return fault_set(fault, STATUS_INVALID, "", "background '%s' is not '#rrggbb'", text);
    }
    *colour = 0xff000000u | (uint32_t)strtoul(text + 1, NULL, 16);
    return STATUS_OK;
}

static enum status still_draw(struct bench *bench, const struct painter_still *still,
                              struct fault *fault)
{
    struct scene_data data = { .theme = &bench->look->theme,
                               .language = bench->look->language,
                               .measure = text_engine_measure,
                               .measure_ctx = paint_text_engine(bench->look->paint),
                               .portrait = portrait_since_ns,
                               .portrait_ctx = bench->portraits,
                               .now_ns = NOW_NS };
    struct scene_cue cue = { .kind = still->scene,
                             .layer = LAYER_FULLSCREEN,
                             .params = still->params != NULL ? still->params : "" };
    /* All entrances are just over: the first page, or the first criterion in turn, is up. */
    int32_t entrance_ms = data.theme->in_ms + data.theme->stagger_ms * SCENE_PAGE_ROWS + 200;
    cue.entered_ns = NOW_NS - entrance_ms * INT64_C(1000000);
    latest_data(bench->latest, &data);
    /* A saved view has the time it was let out; a speech began then, but from_ms= says when. */
    data.server_ms = data.view != NULL ? data.view->at_ms : 0;
    data.width_px = still->format->width_px;
    cue.taken_ms = data.server_ms;
    if (still->scene == SCENE_CRAWL) { /* as it stands when the text has come through */
        cue.entered_ns = NOW_NS - INT64_C(13000000000);
    }
    if (!scene_is_ready(&data, still->scene, cue.params)) {
        return fault_set(fault, STATUS_NOT_FOUND, "",
                         "'%s' holds not all that scene '%s' needs: look at contest and subject",
                         still->document_file, scene_name(still->scene));
    }
    data.time_of_day_s = data.view != NULL ? wall_seconds_of_day(data.view->at_ms) : 0;
    scene_clear(bench->scene);
    scene_add(bench->scene, &data, &cue);
    scene_scale(bench->scene, data.theme->width_px, still->format->width_px,
                still->format->height_px);
    struct rect rects[GRAPHIC_RECT_MAX];
    uint32_t rect_count = 0;
    if (paint_draw(bench->look->paint, bench->scene, rects, &rect_count) != STATUS_OK) {
        return fault_set(fault, STATUS_LIMIT, "", "scene '%s' does not fit",
                         scene_name(still->scene));
    }
    return STATUS_OK;
}

enum status painter_still_write(const struct painter_still *still, struct fault *fault)
{
    struct bench bench;
    uint32_t background = 0;
    enum status status = background_parse(still->background, &background, fault);
    if (status != STATUS_OK) {
        return status;
    }
    status = bench_init(&bench, still, fault);
    if (status == STATUS_OK) {
        status = document_read(still->document_file, bench.latest, fault);
    }
    if (status == STATUS_OK) {
        status = still_draw(&bench, still, fault);
    }
    if (status == STATUS_OK) {
        status = paint_write_png(bench.look->paint, background, still->path, fault);
    }
    bench_finish(&bench);
    return status;
}
