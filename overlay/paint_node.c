#include <string.h>

#include "overlay/code.h"
#include "overlay/paint_impl.h"
#include "overlay/portraits.h"
#include "overlay/region.h"

struct rect paint_node_bounds(const struct paint *paint, const struct node *node)
{
    struct rect picture = { 0, 0, paint->width, paint->height };
    struct rect box = node->box;
    if (node->kind == NODE_TEXT) {
        box.x -= NODE_OVERHANG_PX;
        box.w += 2 * NODE_OVERHANG_PX;
    } else if (node->kind == NODE_SHAPE) { /* a diamond's tips stand out by 6 % */
        int32_t tip = (box.w > box.h ? box.w : box.h) / 16 + 1;
        box = (struct rect){ box.x - tip, box.y - tip, box.w + 2 * tip, box.h + 2 * tip };
    }
    return rect_intersect(&box, &picture);
}

static bool node_is_opaque(const struct node *node)
{
    return node->opacity == 255 &&
           (node->kind == NODE_GROUND || (node->kind == NODE_RECT && node->colour >> 24 == 255));
}

void paint_source_set(cairo_t *cr, uint32_t colour, uint8_t opacity)
{
    cairo_set_source_rgba(cr, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                          (colour & 255) / 255.0, (colour >> 24) / 255.0 * opacity / 255.0);
}

static void opaque_fill(struct paint *paint, const struct rect *rect, uint32_t colour)
{
    cairo_surface_flush(paint->canvas);
    uint32_t *row = paint->pixels + (size_t)rect->y * paint->pixel_stride + rect->x;
    for (int32_t y = 0; y < rect->h; y++, row += paint->pixel_stride) {
        for (int32_t x = 0; x < rect->w; x++) {
            row[x] = colour;
        }
    }
    cairo_surface_mark_dirty(paint->canvas);
}

static void ground_copy(struct paint *paint, const struct rect *rect)
{
    cairo_surface_flush(paint->canvas);
    const uint8_t *from = cairo_image_surface_get_data(paint->ground);
    size_t from_stride = (size_t)cairo_image_surface_get_stride(paint->ground);
    from += (size_t)rect->y * from_stride + (size_t)rect->x * 4;
    uint32_t *row = paint->pixels + (size_t)rect->y * paint->pixel_stride + rect->x;
    for (int32_t y = 0; y < rect->h; y++, row += paint->pixel_stride, from += from_stride) {
        memcpy(row, from, (size_t)rect->w * 4);
    }
    cairo_surface_mark_dirty(paint->canvas);
}

static void shape_draw(struct paint *paint, const struct node *node)
{
    cairo_t *cr = paint->cr;
    const double x = node->box.x;
    const double y = node->box.y;
    const double w = node->box.w;
    const double h = node->box.h;
    paint_source_set(cr, node->colour, node->opacity);
    cairo_new_path(cr);
    switch ((enum shape)node->shape) {
    case SHAPE_CIRCLE:
        cairo_save(cr); /* an ellipse where the picture's pixels are not square */
        cairo_translate(cr, x + w / 2, y + h / 2);
        cairo_scale(cr, w / 2, h / 2);
        cairo_arc(cr, 0.0, 0.0, 1.0, 0.0, 6.283185307179586);
        cairo_restore(cr);
        break;
    case SHAPE_DIAMOND:
        cairo_move_to(cr, x + w / 2, y - h * 0.06);
        cairo_line_to(cr, x + w * 1.06, y + h / 2);
        cairo_line_to(cr, x + w / 2, y + h * 1.06);
        cairo_line_to(cr, x - w * 0.06, y + h / 2);
        cairo_close_path(cr);
        break;
    case SHAPE_TRIANGLE:
        cairo_move_to(cr, x + w / 2, y);
        cairo_line_to(cr, x + w, y + h);
        cairo_line_to(cr, x, y + h);
        cairo_close_path(cr);
        break;
    case SHAPE_SQUARE:
    case SHAPE_INVALID:
        cairo_rectangle(cr, x + 1, y + 1, w - 2, h - 2);
        break;
    }
    cairo_fill(cr);
}

static void mask_draw(struct paint *paint, const struct text_mask *mask, int32_t x, int32_t y)
{
    if (mask->surface != NULL) {
        cairo_mask_surface(paint->cr, mask->surface, x + mask->left_px, y + mask->top_px);
    }
}

static int32_t text_left(const struct node *node, int32_t width)
{
    int32_t room = node->box.w - width;
    return node->box.x + (node->align == ALIGN_RIGHT    ? room
                          : node->align == ALIGN_CENTRE ? room / 2
                                                        : 0);
}

static enum status text_draw(struct paint *paint, const struct node *node, const char *text)
{
    struct text_mask mask;
    paint_source_set(paint->cr, node->colour, node->opacity);
    if (node->is_figure) {
        int32_t width = text_engine_width(paint->text, text, node->text_size, node->size_px,
                                          node->is_bold, true);
        int32_t x = text_left(node, width);
        for (uint32_t i = 0; width <= node->box.w && i < node->text_size; i++) {
            enum status status =
                text_engine_figure(paint->text, text[i], node->size_px, node->is_bold, &mask);
            if (status != STATUS_OK) {
                return status;
            }
            mask_draw(paint, &mask, x, node->baseline_px);
            x += mask.advance_px;
        }
        if (width <= node->box.w) {
            return STATUS_OK;
        }
    }
    enum status status = text_engine_mask(paint->text, text, node->text_size, node->size_px,
                                          node->is_bold, node->box.w, &mask);
    if (status == STATUS_OK) {
        mask_draw(paint, &mask, text_left(node, mask.advance_px), node->baseline_px);
    }
    return status;
}

static enum status code_draw(struct paint *paint, const struct node *node, const char *text)
{
    struct code code;
    struct code_place place;
    enum status status = code_make(text, node->text_size, &code);
    if (status == STATUS_OK) {
        status = code_fit(&code, node->box.x, node->box.y, node->box.w, node->box.h, &place);
    }
    if (status != STATUS_OK) {
        return status;
    }
    paint_source_set(paint->cr, node->colour, node->opacity);
    cairo_new_path(paint->cr);
    for (uint32_t i = 0; i < code.side * code.side; i++) {
        if (code.modules[i] != 0) {
            cairo_rectangle(paint->cr, place.x + (int32_t)(i % code.side) * place.w,
                            place.y + (int32_t)(i / code.side) * place.h, place.w, place.h);
        }
    }
    cairo_fill(paint->cr);
    return STATUS_OK;
}

/* Over the whole box; the picture's pixels need not be square. Nothing where it has gone. */
static void portrait_draw(struct paint *paint, const struct node *node, const char *name)
{
    cairo_surface_t *portrait = portraits_surface(paint->portraits, name);
    cairo_t *cr = paint->cr;
    if (portrait == NULL) {
        return;
    }
    cairo_save(cr);
    cairo_rectangle(cr, node->box.x, node->box.y, node->box.w, node->box.h);
    cairo_clip(cr);
    cairo_translate(cr, node->box.x, node->box.y);
    cairo_scale(cr, (double)node->box.w / PORTRAIT_WIDTH_PX,
                (double)node->box.h / PORTRAIT_HEIGHT_PX);
    cairo_set_source_surface(cr, portrait, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_paint_with_alpha(cr, node->opacity / 255.0);
    cairo_restore(cr);
}

static enum status node_draw(struct paint *paint, const struct node *node, const char *texts,
                             const struct rect *part)
{
    switch ((enum node_kind)node->kind) {
    case NODE_GROUND:
        if (node->opacity == 255) {
            ground_copy(paint, part);
        } else {
            cairo_set_source_surface(paint->cr, paint->ground, 0, 0);
            cairo_paint_with_alpha(paint->cr, node->opacity / 255.0);
        }
        return STATUS_OK;
    case NODE_RECT:
        if (node_is_opaque(node)) {
            opaque_fill(paint, part, node->colour);
        } else {
            paint_source_set(paint->cr, node->colour, node->opacity);
            cairo_rectangle(paint->cr, part->x, part->y, part->w, part->h);
            cairo_fill(paint->cr);
        }
        return STATUS_OK;
    case NODE_SHAPE:
        shape_draw(paint, node);
        return STATUS_OK;
    case NODE_TEXT:
        return text_draw(paint, node, texts + node->text);
    case NODE_CODE:
        return code_draw(paint, node, texts + node->text);
    case NODE_PORTRAIT:
        portrait_draw(paint, node, texts + node->text);
        return STATUS_OK;
    case NODE_INVALID:
        break;
    }
    return STATUS_INVALID;
}

enum status paint_rect_draw(struct paint *paint, const struct scene *scene, const struct rect *rect)
{
    uint32_t first = scene->node_count;
    while (first > 0 && !(node_is_opaque(&scene->nodes[first - 1]) &&
                          rect_contains(&scene->nodes[first - 1].box, rect))) {
        first--;
    }
    if (first == 0) {
        opaque_fill(paint, rect, 0);
    }
    cairo_save(paint->cr);
    cairo_rectangle(paint->cr, rect->x, rect->y, rect->w, rect->h);
    cairo_clip(paint->cr);
    enum status status = STATUS_OK;
    for (uint32_t i = first > 0 ? first - 1 : 0; status == STATUS_OK && i < scene->node_count;
         i++) {
        const struct node *node = &scene->nodes[i];
        struct rect bounds = paint_node_bounds(paint, node);
        struct rect part = rect_intersect(&bounds, rect);
        if (!rect_is_empty(&part)) {
            status = node_draw(paint, node, scene->texts, &part);
        }
    }
    cairo_restore(paint->cr);
    return status;
}
