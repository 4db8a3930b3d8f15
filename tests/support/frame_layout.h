#pragma once

#include "overlay/scene.h"
#include "overlay/text.h"
#include "server/model/fault.h"

/*
 * Where a scene has its figures, for a reader of finished frames: the scene is built from a saved
 * document, once as it is and once with every figure another. What differs between the two moves on
 * air; all else has to stand still. One thread.
 */
#define LAYOUT_PLACE_MAX 32
#define LAYOUT_MOVING_MAX 256
#define LAYOUT_BAR_MAX 64

/*
 * One figure: characters of the text engine's figures, one after the other, from the left edge or
 * up to the right one.
 *
 * name       "epoch", "time", "cast", "share0" …, or "PART.ROW.COLUMN" of another node
 * box        where it stands; px of the format
 * under, ink luma (BT.709, video range, 16 .. 235) of what lies under it, and of the figure itself
 */
struct place {
    char name[32];
    struct rect box;
    int32_t baseline_px;
    int32_t size_px;
    bool is_bold;
    bool is_right;
    double under;
    double ink;
};

/*
 * all     everything that the scene draws
 * moving  what may differ from frame to frame; a left-aligned figure takes what follows it along
 * bars    of `moving`: plain rectangles, whose lines of one field are all the same
 */
struct frame_layout {
    uint32_t width_px;
    uint32_t height_px;
    struct rect all;
    struct place places[LAYOUT_PLACE_MAX];
    uint32_t place_count;
    struct rect moving[LAYOUT_MOVING_MAX];
    uint32_t moving_count;
    struct rect bars[LAYOUT_BAR_MAX];
    uint32_t bar_count;
};

/*
 * document_file  GET /api/v1/view, with a round of the scene's contest that shows a tally
 * theme_file     NULL: the one compiled in
 * params         of the take, "contest=appraisal\nsubject=s01\n"
 * background     0xRRGGBB, what the overlay has under its graphics
 */
struct frame_layout_options {
    const char *document_file;
    const char *theme_file;
    const char *params;
    enum scene_kind scene;
    uint32_t width_px;
    uint32_t height_px;
    uint32_t background;
};

/* *engine is given: the letters that the scene is set in. STATUS_LIMIT: more than fits here. */
MUST_CHECK enum status frame_layout_make(const struct frame_layout_options *options,
                                         struct frame_layout *layout, struct text_engine **engine,
                                         struct fault *fault);
