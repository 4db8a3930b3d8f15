#include "overlay/scene_pen.h"

/*
 * The test pattern, for a reader that checks frame by frame what was drawn when:
 *
 *   black, opaque, over the whole picture;
 *   a white bar, a twentieth of the canvas wide, over the full height, its left edge at
 *   x = (tick × 8) mod the canvas's width, cut at the right edge;
 *   the low 24 bits of the tick as squares of 16 × 16 px at y 96 .. 111, highest bit first, square
 *   i at x = 96 + 32 × i: white is 1, black is 0. They stand over the bar on a black plate from
 *   (80, 80) to (864, 128), so that each square has black around it. 16 lines are 8 of each field.
 */
void scene_add_test(struct scene *scene, int32_t canvas_px, uint64_t tick)
{
    struct pen pen = { .scene = scene, .base = (uint32_t)LAYER_FULLSCREEN << 29, .opacity = 255 };
    const uint32_t black = 0xff000000u;
    const uint32_t white = 0xffffffffu;
    const int32_t bar = canvas_px / 20;
    int32_t x = (int32_t)(tick * 8 % (uint64_t)canvas_px);
    int32_t width = x + bar <= canvas_px ? bar : canvas_px - x;
    pen_rect(&pen, PART_TEST, 0, 0, (struct rect){ 0, 0, canvas_px, THEME_HEIGHT_PX }, black);
    pen_rect(&pen, PART_TEST, 0, 1, (struct rect){ x, 0, width, THEME_HEIGHT_PX }, white);
    pen_rect(&pen, PART_TEST, 0, 2, (struct rect){ 80, 80, 784, 48 }, black);
    for (uint32_t i = 0; i < 24; i++) {
        if ((tick >> (23 - i) & 1) != 0) {
            pen_rect(&pen, PART_TEST, 1, i, (struct rect){ 96 + 32 * (int32_t)i, 96, 16, 16 },
                     white);
        }
    }
}
