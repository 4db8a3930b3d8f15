#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "overlay/format.h"
#include "overlay/graphic.h"
#include "server/model/status.h"

/*
 * A graphic as the output needs it, converted once where it changed: Y'CbCr 4:2:0 with alpha
 * (8 bit, video range, all premultiplied), or BGRA where the alpha itself goes out.
 *
 * An opaque pixel has its exact legal colour; a transparent one is all zero, offsets included.
 * The matrix is the format's, BT.709 or BT.601. For interlaced pictures the graphic is low-passed
 * vertically (1-2-1) before its lines are told apart, against twitter, and each chroma row belongs
 * to one field: row c to field c & 1. Chroma is sited as ITU-T H.264, 6.2 has it: with the left
 * luma sample, and a quarter or three quarters between two lines of its field (between the two
 * lines of a progressive picture). No threads of its own; one thread at a time.
 */
enum plane_kind { PLANE_INVALID = 0, PLANE_YUV, PLANE_BGRA };

/*
 * Where a row has alpha: columns begin .. end - 1; begin == end: nowhere. is_solid: 1 where all of
 * these are opaque, else 0.
 */
struct span {
    uint16_t begin;
    uint16_t end;
    uint16_t is_solid;
};

/* The factors of one result for a run of pixels, in the order of their bytes; see planes.c. */
#define MATRIX_RUN_PX 64

struct matrix {
    int16_t br[2 * MATRIX_RUN_PX], ga[2 * MATRIX_RUN_PX];
};

/*
 * y, a         width × height; spans: height
 * cb, cr, ca   width / 2 × height / 2; chroma_spans: height / 2
 * bgra         width × height × 4, for PLANE_BGRA; the others are NULL then
 * is_straight  PLANE_BGRA: un-premultiplied
 * scratch      rows being converted
 */
struct planes {
    enum plane_kind kind;
    uint32_t width_px;
    uint32_t height_px;
    bool is_interlaced;
    bool is_straight;
    uint8_t *y, *a, *cb, *cr, *ca, *bgra;
    struct span *spans;
    struct span *chroma_spans;
    uint16_t *scratch;
    struct matrix to_y, to_cb, to_cr;
    void *memory;
};

/* width even, height a multiple of 4; at most 8192. Starts transparent. STATUS_NOMEM. */
MUST_CHECK enum status planes_init(struct planes *planes, enum plane_kind kind, uint32_t width_px,
                                   uint32_t height_px, enum colour colour, bool is_interlaced,
                                   bool is_straight);
void planes_finish(struct planes *planes);

/*
 * Converts what `rects` cover, and as much around it as the filters reach.
 *
 * pixels  ARGB32 premultiplied, native endian, stride width × 4, as a graphic holds them
 * rects   inside of the picture
 */
void planes_convert(struct planes *planes, const uint8_t *pixels, const struct rect *rects,
                    uint32_t rect_count);
