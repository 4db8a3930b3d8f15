#pragma once

#include "overlay/blend.h"
#include "overlay/format.h"
#include "overlay/unit.h"
#include "server/model/fault.h"

/*
 * The coder: the pictures of a programme's video, decoded, drawn upon and coded anew as H.264, by
 * libavcodec and x264. Times are those of the source, field order too; a key picture of the source
 * is one of the new ones.
 *
 * Pictures that cannot be decoded are left out. One thread; libavcodec has its own beside it.
 */
#define CODER_BITS_MAX UINT64_C(20000000) /* what level 4 allows, and more than it needs */
#define CODER_BITS_MIN UINT64_C(300000)

/*
 * A picture is to be drawn: lay the graphics over `under` into `out`, all lines. False: nothing is
 * to be seen on it, `out` was not touched.
 *
 * number  of the picture, from 0, one a frame time: those that are missing count
 * pts     slot time, 90 kHz
 */
typedef bool (*coder_draw_fn)(void *ctx, uint64_t number, int64_t pts, bool is_top_first,
                              const struct picture *under, const struct picture *out);

/* A new picture, in coding order; its bytes are given. */
typedef void (*coder_unit_fn)(void *ctx, struct unit *unit);

struct coder_users {
    coder_draw_fn draw;
    coder_unit_fn unit;
    void *ctx;
};

/* refused: decoded, but of another format, or with a time that goes back. */
struct coder_figures {
    uint64_t decoded;
    uint64_t refused;
    uint64_t broken; /* the decoder said so */
    uint64_t coded;
    uint64_t draw_ns_sum;
    uint64_t draw_ns_max;
};

/*
 * Bytes of the source. pts, dts: slot time in 90 kHz, INT64_MIN: none. raw: what is to be added to
 * come to the source's own PTS (modulo TS_WRAP). segment: another one than before begins anew.
 */
struct coder_input {
    const uint8_t *bytes;
    size_t size;
    int64_t pts;
    int64_t dts;
    int64_t raw;
    uint32_t segment;
    uint8_t video_type;
    uint8_t stream;
    uint16_t pid;
};

struct coder;

/* format: of the pictures; others are refused. STATUS_NOMEM. *coder is given. */
MUST_CHECK enum status coder_create(const struct format *format, const struct coder_users *users,
                                    struct coder **coder, struct fault *fault);
void coder_destroy(struct coder *coder);

/* For the encoders that are opened from here on: bits a second, and seconds × 27 MHz of buffer. */
void coder_rate(struct coder *coder, uint64_t bits_per_second, int64_t buffer);

/*
 * STATUS_INVALID: pictures that are not of the format: `fault` says which, once for each of them.
 * STATUS_NOT_FOUND: no such decoder or encoder; STATUS_NOMEM; STATUS_IO: the encoder failed.
 */
MUST_CHECK enum status coder_put(struct coder *coder, const struct coder_input *input,
                                 struct fault *fault);

/*
 * The input has stopped: pictures follow on the last one, a frame time each, up to `pts` (slot
 * time, 90 kHz). still: I420 of the format, width × height × 3 / 2, borrowed; NULL: the last
 * picture itself. Nothing where there was no picture yet. Errors as coder_put().
 */
MUST_CHECK enum status coder_still(struct coder *coder, const uint8_t *still, int64_t pts,
                                   struct fault *fault);

/* Everything that is inside comes out. The next picture begins anew. */
MUST_CHECK enum status coder_flush(struct coder *coder, struct fault *fault);

/* What is inside is left out. The next picture begins anew. */
void coder_reset(struct coder *coder);

void coder_figures_get(const struct coder *coder, struct coder_figures *figures);
