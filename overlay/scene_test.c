#include "overlay/scene_pen.h"

/*
 * The test pattern, for a reader that checks frame by frame what was drawn when:
 *
 *   black, opaque, over the whole picture;
 *   a white bar, a twentieth of the canvas wide, over the full height, its left edge at
 *   x = (tick × 8) mod the canvas's width, cut at the right edge;
 *   the low 24 bits of the tick as squares of 16 × 16 px at y 96 .. 111, highest bit first, square
 *   i at x = 96 + 32 × i: white is 1, black is 0. They stand over the bar on a black plate from
 *   (80, 80) to (864, 128), so that each square has black around it. 16 lines are 8 of each field;
 *   for chroma a red bar, 96 px wide, on a black plate from (896, 80) to (1376, 128), its left edge
 *   at x = 896 + (tick × 8) mod 384.
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
    pen_rect(&pen, PART_TEST, 0, 3, (struct rect){ 896, 80, 480, 48 }, black);
    pen_rect(&pen, PART_TEST, 0, 4, (struct rect){ 896 + (int32_t)(tick * 8 % 384), 80, 96, 48 },
             0xffc00000u);
    for (uint32_t i = 0; i < 24; i++) {
        if ((tick >> (23 - i) & 1) != 0) {
            pen_rect(&pen, PART_TEST, 1, i, (struct rect){ 96 + 32 * (int32_t)i, 96, 16, 16 },
                     white);
        }
    }
}

/* A plate of one colour in an edge of the same colour at half its alpha, 48 px wide. */
static void plate_add(struct pen *pen, uint32_t row, struct rect box, uint32_t rgb)
{
    const int32_t edge = 48;
    const uint32_t half = 0x80000000u | rgb;
    pen_rect(pen, PART_TEST, row, 0, (struct rect){ box.x, box.y, box.w, edge }, half);
    pen_rect(pen, PART_TEST, row, 1, (struct rect){ box.x, box.y + box.h - edge, box.w, edge },
             half);
    pen_rect(pen, PART_TEST, row, 2, (struct rect){ box.x, box.y + edge, edge, box.h - 2 * edge },
             half);
    pen_rect(pen, PART_TEST, row, 3,
             (struct rect){ box.x + box.w - edge, box.y + edge, edge, box.h - 2 * edge }, half);
    pen_rect(pen, PART_TEST, row, 4,
             (struct rect){ box.x + edge, box.y + edge, box.w - 2 * edge, box.h - 2 * edge },
             0xff000000u | rgb);
}

/*
 * The alpha pattern, to be keyed over a picture of mid grey, #808080. Widths are those of a canvas
 * of 1920 px, narrower on one of 1440:
 *
 *   plates of white, red and black, each in an edge of half its alpha, (120 + 600 × i, 200), 480 ×
 *   360 px;
 *   a strip of white at half alpha, (360, 640), 1200 × 80 px, and under it, touching it, three
 *   opaque greys, 400 px each, with as many black marks as their number: 1 #c0c0c0, what the strip
 *   looks like when all is right; 2 #808080, when its colour is multiplied by alpha twice; 3
 *   #ffffff, when it is not multiplied at all;
 *   the low 24 bits of the tick as squares at the places of the moving pattern: white is 1, nothing
 *   is 0, so that fill and key both tell it;
 *   a bar of white at half alpha, 96 × 60 px, its left edge at x = (tick × 8) mod W, y 960.
 */
void scene_add_test_alpha(struct scene *scene, int32_t canvas_px, uint64_t tick)
{
    static const uint32_t plates[] = { 0xffffff, 0xc00000, 0x000000 };
    static const uint32_t greys[] = { 0xffc0c0c0, 0xff808080, 0xffffffff };
    struct pen pen = { .scene = scene, .base = (uint32_t)LAYER_FULLSCREEN << 29, .opacity = 255 };
    const uint32_t half = 0x80ffffffu;
    const int32_t unit = canvas_px / 48; /* 40 px of 1920 */
    for (int32_t i = 0; i < 3; i++) {
        plate_add(&pen, (uint32_t)i, (struct rect){ unit * (3 + 15 * i), 200, unit * 12, 360 },
                  plates[i]);
        pen_rect(&pen, PART_TEST, 3, (uint32_t)i,
                 (struct rect){ unit * (9 + 10 * i), 720, unit * 10, 80 }, greys[i]);
        for (int32_t mark = 0; mark <= i; mark++) {
            pen_rect(&pen, PART_TEST, 4 + (uint32_t)i, (uint32_t)mark,
                     (struct rect){ unit * (9 + 10 * i) + 24 + 48 * mark, 752, 24, 24 },
                     0xff000000u);
        }
    }
    pen_rect(&pen, PART_TEST, 7, 0, (struct rect){ unit * 9, 640, unit * 30, 80 }, half);
    for (uint32_t i = 0; i < 24; i++) {
        if ((tick >> (23 - i) & 1) != 0) {
            pen_rect(&pen, PART_TEST, 8, i, (struct rect){ 96 + 32 * (int32_t)i, 96, 16, 16 },
                     0xffffffffu);
        }
    }
    int32_t x = (int32_t)(tick * 8 % (uint64_t)canvas_px);
    int32_t width = x + 96 <= canvas_px ? 96 : canvas_px - x;
    pen_rect(&pen, PART_TEST, 9, 0, (struct rect){ x, 960, width, 60 }, half);
}
