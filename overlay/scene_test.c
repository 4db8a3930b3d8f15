#include "overlay/scene_pen.h"

/*
 * The test pattern, for a reader that checks frame by frame what was drawn when:
 *
 *   black, opaque, over the whole picture;
 *   a white bar, W / 20 wide, over the full height, its left edge at x = (tick × 8) mod W, cut at
 *   the right edge of the picture;
 *   the low 24 bits of the tick as squares of 16 × 16 px at y 96 .. 111, highest bit first, square
 *   i at x = 96 + 32 × i: white is 1, black is 0. They stand over the bar on a black plate from
 *   (80, 80) to (864, 128), so that each square has black around it. 16 lines are 8 of each field;
 *   for chroma a red bar, 96 px wide, on a black plate from (896, 80) to (1376, 128), its left edge
 *   at x = 896 + (tick × 8) mod 384.
 */
void scene_add_test(struct scene *scene, uint64_t tick)
{
    struct pen pen = { .scene = scene, .base = (uint32_t)LAYER_FULLSCREEN << 29, .opacity = 255 };
    const uint32_t black = 0xff000000u;
    const uint32_t white = 0xffffffffu;
    const int32_t bar = THEME_WIDTH_PX / 20;
    int32_t x = (int32_t)(tick * 8 % THEME_WIDTH_PX);
    int32_t width = x + bar <= THEME_WIDTH_PX ? bar : THEME_WIDTH_PX - x;
    pen_rect(&pen, PART_TEST, 0, 0, (struct rect){ 0, 0, THEME_WIDTH_PX, THEME_HEIGHT_PX }, black);
    pen_rect(&pen, PART_TEST, 0, 1, (struct rect){ x, 0, width, THEME_HEIGHT_PX }, white);
    pen_rect(&pen, PART_TEST, 0, 2, (struct rect){ 80, 80, 784, 48 }, black);
    pen_rect(&pen, PART_TEST, 0, 3, (struct rect){ 896, 80, 480, 48 }, black);
    pen_rect(&pen, PART_TEST, 0, 4,
             (struct rect){ 896 + (int32_t)(tick * 8 % 384), 80, 96, 48 }, 0xffc00000u);
    for (uint32_t i = 0; i < 24; i++) {
        if ((tick >> (23 - i) & 1) != 0) {
            pen_rect(&pen, PART_TEST, 1, i, (struct rect){ 96 + 32 * (int32_t)i, 96, 16, 16 },
                     white);
        }
    }
}
