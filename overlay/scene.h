#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "overlay/graphic.h"
#include "overlay/scene_motion.h"
#include "overlay/theme.h"
#include "server/model/event.h"
#include "server/model/programme.h"
#include "server/model/view.h"

/*
 * Scenes: what a picture shows, as a list of nodes from bottom to top. A scene is a pure function
 * of (theme, words of the event, view, figures, motion, time): no cairo, pango, clock or I/O here.
 *
 * Every length is px of the theme's canvas, 1920 or 1440 × 1080 square pixels, until scene_scale().
 * Any thread; one scene, one thread at a time.
 */
#define SCENE_NODE_MAX 6144  /* two matrices of 17 × 11, one leaving, one entering, take 2,000 */
#define SCENE_TEXT_MAX 98304 /* bytes of text, NULs included; two matrices take 5,000 */
#define NODE_OVERHANG_PX 6
#define SCENE_PAGE_ROWS 17  /* subjects on one page of the matrix */
#define SCENE_PAGE_ITEMS 11 /* criteria on one page of the matrix and of the board */

enum node_kind {
    NODE_INVALID = 0,
    NODE_GROUND, /* the full-screen ground: the theme's gradient, opaque */
    NODE_RECT,
    NODE_SHAPE,
    NODE_TEXT,
    NODE_PORTRAIT, /* the portrait its text names, portraits.h, over the whole box */
    NODE_CODE,     /* the dark modules of a QR code, code.h; what is light is put under it */
};

enum align { ALIGN_INVALID = 0, ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };

/*
 * One thing to paint.
 *
 * key          the same thing in the next picture has the same key; no key twice in a scene
 * box          where it stands; nothing is painted outside of it, but that the ends of a text may
 *              hang over by NODE_OVERHANG_PX
 * colour       0xAARRGGBB, straight; not used by a ground
 * opacity      0 .. 255, on top of the colour's
 * baseline_px, size_px, align, is_bold, is_figure: texts only; text, text_size: codes too
 * is_figure    digits, signs and spaces, each digit equally wide at whole px
 * text         offset into the scene's texts, NUL-ended; text_size bytes without NUL
 *
 * A text wider than its box is condensed to it, never cut.
 */
struct node {
    uint32_t key;
    struct rect box;
    uint32_t colour;
    int32_t baseline_px;
    int32_t size_px;
    uint32_t text;
    uint16_t text_size;
    uint8_t kind;  /* enum node_kind */
    uint8_t shape; /* enum shape */
    uint8_t align; /* enum align */
    uint8_t opacity;
    bool is_bold;
    bool is_figure;
};

/* is_full: something did not fit; such a scene must not be painted. */
struct scene {
    uint32_t node_count;
    uint32_t text_size;
    bool is_full;
    struct node nodes[SCENE_NODE_MAX];
    char texts[SCENE_TEXT_MAX];
};

/* The width in px of `text` (size bytes) set in size_px; what scenes know of fonts. */
typedef int32_t (*scene_measure_fn)(void *ctx, const char *text, size_t size, int32_t size_px,
                                    bool is_bold, bool is_figure);

/*
 * Since when, in ns on the clock of now_ns, the portrait called `name` ("CONTEST-ID") is there; 0:
 * not yet; -1: there will be none. portraits.h.
 */
typedef int64_t (*scene_portrait_fn)(void *ctx, const char *name);

/*
 * What every scene of one picture draws from. All borrowed.
 *
 * portrait       NULL: there are none
 * texts          the event as the audience reads it; NULL: not here yet
 * view           NULL: none heard yet
 * closed         closed_count figures with their figures_hash() beside them
 * motion         of the live round's bars; may be NULL (bars stand)
 * time_of_day_s  view->at_ms as seconds of the local day, 0 .. 86399 (86400 in a leap second)
 * server_ms      the server's Unix time of the picture, 0: not known
 * width_px       columns of the output, 0: those of the canvas
 */
struct scene_data {
    const struct theme *theme;
    enum language language;
    scene_measure_fn measure;
    void *measure_ctx;
    scene_portrait_fn portrait;
    void *portrait_ctx;
    const struct event *texts;
    const struct view *view;
    const struct figures *closed;
    const uint64_t *closed_hashes;
    uint32_t closed_count;
    const struct motion *motion;
    uint32_t time_of_day_s;
    int64_t server_ms;
    uint32_t width_px;
    uint64_t tick;  /* the picture's number, for the test scene */
    int64_t now_ns; /* the picture's time; the same clock as below and in `motion` */
};

/*
 * One scene on one layer.
 *
 * slot        0 or 1: tells a leaving scene's nodes from those of the one that enters after it
 * entered_ns  when its entrance begins; long ago: it stands
 * left_ns     when its exit began, or 0
 * keeps_panel the ground or panel neither enters nor leaves: a scene with the same one is there
 *             before or after it. The one that leaves is added until out_ms after left_ns, the one
 *             that enters from then on, so the panel stands once
 * taken_ms    the server's Unix time of the take
 * step        how often it was continued; held_ns: when first, continued_ns: when last, or 0
 */
struct scene_cue {
    enum scene_kind kind;
    enum layer layer;
    uint32_t slot;
    const char *params;
    int64_t entered_ns;
    int64_t left_ns;
    bool keeps_panel;
    int64_t taken_ms;
    uint32_t step;
    int64_t held_ns;
    int64_t continued_ns;
};

void scene_clear(struct scene *scene);

/* Adds the nodes of one cue on top of what `scene` holds. Nothing when it is not ready. */
void scene_add(struct scene *scene, const struct scene_data *data, const struct scene_cue *cue);

/* Adds the mark across a preview picture, on top of everything. */
void scene_add_preview(struct scene *scene, const struct scene_data *data);

/*
 * Adds every word that scenes have and every size of the theme, for letters to be made ready; the
 * words of the sheets, some of which scenes share, in the smallest size alone.
 */
void scene_add_warm(struct scene *scene, const struct scene_data *data);

/* Whether all that the scene needs is in `data`: its words, and the figures its view names. */
bool scene_is_ready(const struct scene_data *data, enum scene_kind kind, const char *params);

/*
 * Brings a built scene from a canvas of canvas_px × 1080 to a picture, whose pixels need not be
 * square: type sizes go by the height, the brush squeezes the letters. What was at least two lines
 * high stays so, against twitter. Once for each build.
 */
void scene_scale(struct scene *scene, int32_t canvas_px, uint32_t width_px, uint32_t height_px);

/*
 * Writes the scene as text, a node a line, for tests and bug reports:
 * "text 96,205 200x47 colour=ffb9c0cc opacity=255 size=36 left '工作能力'". Returns the length
 * without NUL, at most buffer_size - 1.
 */
size_t scene_dump(const struct scene *scene, char *buffer, size_t buffer_size);

/* The moving bar of engineers: scene_test.c says what it draws. Opaque, canvas_px wide. */
void scene_add_test(struct scene *scene, int32_t canvas_px, uint64_t tick);

/* The pattern of half-transparent edges: scene_test.c says what it draws. Mostly transparent. */
void scene_add_test_alpha(struct scene *scene, int32_t canvas_px, uint64_t tick);
