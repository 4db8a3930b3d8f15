#include "tests/unit/overlay/lint.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "overlay/code.h"
#include "overlay/region.h"

#define UNDER_MAX 64   /* colours that may stand under one text */
#define MASK_EDGE_PX 2 /* of a mask, around its ink */
#define TOUCH_PX 1     /* antialiased edges may meet */
#define FIGURE_SLACK_PX 3

static __attribute__((format(printf, 2, 3))) void fault(struct lint *lint, const char *format, ...)
{
    va_list arguments;
    lint->fault_count++;
    if (lint->is_quiet) {
        return;
    }
    printf("%s: ", lint->what);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

static double linear(uint32_t channel)
{
    double value = channel / 255.0;
    return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t colour)
{
    return 0.2126 * linear(colour >> 16 & 255) + 0.7152 * linear(colour >> 8 & 255) +
           0.0722 * linear(colour & 255);
}

double lint_contrast(uint32_t a, uint32_t b)
{
    double x = luminance(a);
    double y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

/* `over`, straight alpha and an opacity, on an opaque colour. */
static uint32_t composed(uint32_t over, uint32_t opacity, uint32_t under)
{
    double alpha = (over >> 24) / 255.0 * opacity / 255.0;
    uint32_t out = 0xff000000u;
    for (uint32_t shift = 0; shift < 24; shift += 8) {
        double value = (over >> shift & 255) * alpha + (under >> shift & 255) * (1 - alpha);
        out |= (uint32_t)lround(value) << shift;
    }
    return out;
}

/* Where the ink of a text stands. */
static struct rect ink_of(const struct lint *lint, const struct scene *scene,
                          const struct node *node)
{
    struct text_mask mask;
    const char *text = scene->texts + node->text;
    if (text_engine_mask(lint->engine, text, node->text_size, node->size_px, node->is_bold,
                         node->box.w, &mask) != STATUS_OK ||
        mask.surface == NULL) {
        return (struct rect){ node->box.x, node->baseline_px, 0, 0 };
    }
    int32_t room = node->box.w - mask.advance_px;
    int32_t left = node->box.x + (node->align == ALIGN_RIGHT    ? room
                                  : node->align == ALIGN_CENTRE ? room / 2
                                                                : 0);
    return (struct rect){ left + mask.left_px + MASK_EDGE_PX,
                          node->baseline_px + mask.top_px + MASK_EDGE_PX,
                          mask.width_px - 2 * MASK_EDGE_PX, mask.height_px - 2 * MASK_EDGE_PX };
}

/* The colours that may stand under `ink`: of a picture, of the ground, of what lies between. */
struct under {
    uint32_t colours[UNDER_MAX];
    uint32_t count;
};

static void under_add(struct under *under, uint32_t colour)
{
    for (uint32_t i = 0; i < under->count; i++) {
        if (under->colours[i] == colour) {
            return;
        }
    }
    if (under->count < UNDER_MAX) {
        under->colours[under->count++] = colour;
    }
}

static void under_cover(struct under *under, const struct node *node, const struct rect *ink,
                        const struct theme *theme)
{
    struct rect part = rect_intersect(&node->box, ink);
    struct under was = *under;
    if (rect_is_empty(&part) || node->kind == NODE_TEXT) {
        return;
    }
    if (rect_contains(&node->box, ink)) {
        under->count = 0;
    }
    for (uint32_t i = 0; i < was.count; i++) {
        if (node->kind == NODE_GROUND) {
            under_add(under, composed(theme->ground, node->opacity, was.colours[i]));
            under_add(under, composed(theme->ground_light, node->opacity, was.colours[i]));
        } else {
            under_add(under, composed(node->colour, node->opacity, was.colours[i]));
        }
    }
}

static void contrast_check(struct lint *lint, const struct scene *scene, uint32_t index,
                           const struct rect *ink, const struct theme *theme)
{
    const struct node *node = &scene->nodes[index];
    struct under under = { { 0xff000000u, 0xffffffffu }, 2 };
    for (uint32_t i = 0; i < index; i++) {
        under_cover(&under, &scene->nodes[i], ink, theme);
    }
    for (uint32_t i = 0; i < under.count; i++) {
        uint32_t seen = composed(node->colour, node->opacity, under.colours[i]);
        double contrast = lint_contrast(seen, under.colours[i]);
        if (contrast < LINT_CONTRAST_MIN) {
            fault(lint, "'%s' #%06x has a contrast of %.2f over #%06x", scene->texts + node->text,
                  seen & 0xffffffu, contrast, under.colours[i] & 0xffffffu);
            return;
        }
    }
}

/* Y'CbCr of a colour in 8 bit: never pure white, and within EBU R103 by either matrix. */
static void levels_check(struct lint *lint, const struct node *node)
{
    static const double parts[2][2] = { { 0.2126, 0.0722 }, { 0.299, 0.114 } };
    for (uint32_t m = 0; node->kind != NODE_GROUND && m < 2; m++) {
        double red = (node->colour >> 16 & 255) / 255.0;
        double green = (node->colour >> 8 & 255) / 255.0;
        double blue = (node->colour & 255) / 255.0;
        double y = parts[m][0] * red + (1 - parts[m][0] - parts[m][1]) * green + parts[m][1] * blue;
        double cb = (blue - y) / (2 * (1 - parts[m][1]));
        double cr = (red - y) / (2 * (1 - parts[m][0]));
        if (y > 0.97 || fabs(cb) > 0.45 || fabs(cr) > 0.45) {
            fault(lint, "colour #%06x has Y' %.2f, Cb %.2f, Cr %.2f", node->colour & 0xffffffu, y,
                  cb, cr);
            return;
        }
    }
}

static void text_check(struct lint *lint, const struct scene *scene, uint32_t index,
                       const struct rect *ink, const struct theme *theme)
{
    const struct node *node = &scene->nodes[index];
    const char *text = scene->texts + node->text;
    if (node->size_px < lint->type_min_px) {
        fault(lint, "'%s' has %d px, less than %d", text, node->size_px, lint->type_min_px);
    }
    uint32_t missing = text_engine_missing(lint->engine, text, node->text_size);
    if (missing > 0) {
        fault(lint, "'%s' has %u characters without a glyph", text, missing);
    }
    if (ink->x < theme->left_px || ink->y < theme->top_px ||
        ink->x + ink->w > theme->right_px + TOUCH_PX || ink->y + ink->h > theme->bottom_px) {
        fault(lint, "'%s' at %d,%d %dx%d leaves the safe area", text, ink->x, ink->y, ink->w,
              ink->h);
    }
    int32_t natural = text_engine_measure(lint->engine, text, node->text_size, node->size_px,
                                          node->is_bold, node->is_figure);
    if (node->box.w + (node->is_figure ? FIGURE_SLACK_PX : 0) < natural * LINT_CONDENSE_MIN) {
        fault(lint, "'%s' is condensed to %d %%", text, node->box.w * 100 / natural);
    }
    contrast_check(lint, scene, index, ink, theme);
}

static void code_check(struct lint *lint, const struct scene *scene, uint32_t index,
                       const struct theme *theme)
{
    const struct node *node = &scene->nodes[index];
    const struct rect *box = &node->box;
    struct under under = { { 0xff000000u, 0xffffffffu }, 2 };
    struct code code;
    struct code_place place;
    if (box->x < theme->left_px || box->y < theme->top_px || box->x + box->w > theme->right_px ||
        box->y + box->h > theme->bottom_px) {
        fault(lint, "a code leaves the safe area");
    }
    int32_t height = box->h * lint->height_px / THEME_HEIGHT_PX;
    if (code_make(scene->texts + node->text, node->text_size, &code) != STATUS_OK ||
        code_fit(&code, 0, 0, height, height, &place) != STATUS_OK ||
        place.h < LINT_MODULE_MIN_PX) {
        fault(lint, "a code's modules are too small");
    }
    for (uint32_t i = 0; i < index; i++) {
        under_cover(&under, &scene->nodes[i], box, theme);
    }
    for (uint32_t i = 0; i < under.count; i++) {
        uint32_t seen = composed(node->colour, node->opacity, under.colours[i]);
        if (luminance(seen) >= luminance(under.colours[i]) ||
            lint_contrast(seen, under.colours[i]) < LINT_CONTRAST_MIN) {
            fault(lint, "a code is not dark on light: #%06x over #%06x", seen & 0xffffffu,
                  under.colours[i] & 0xffffffu);
            return;
        }
    }
}

void lint_scene(struct lint *lint, const struct scene *scene, const struct theme *theme)
{
    static struct rect inks[SCENE_NODE_MAX];
    if (scene->is_full || scene->node_count == 0) {
        fault(lint, scene->is_full ? "does not fit" : "shows nothing");
    }
    for (uint32_t i = 0; i < scene->node_count; i++) {
        const struct node *node = &scene->nodes[i];
        levels_check(lint, node);
        inks[i] = (struct rect){ 0 };
        if (node->kind == NODE_CODE) {
            code_check(lint, scene, i, theme);
        }
        if (node->kind != NODE_TEXT) {
            continue;
        }
        inks[i] = ink_of(lint, scene, node);
        if (rect_is_empty(&inks[i])) {
            continue;
        }
        text_check(lint, scene, i, &inks[i], theme);
        for (uint32_t k = 0; k < i; k++) {
            struct rect both = rect_intersect(&inks[i], &inks[k]);
            if (both.w > TOUCH_PX && both.h > TOUCH_PX && !rect_is_empty(&inks[k])) {
                fault(lint, "'%s' and '%s' overlap by %dx%d", scene->texts + node->text,
                      scene->texts + scene->nodes[k].text, both.w, both.h);
            }
        }
    }
}
