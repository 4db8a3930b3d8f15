#pragma once

#include "overlay/output.h"

/*
 * The chain: what stands between an appsrc that takes an overlay's frames and what sends or stores
 * them. It takes fill or key out of frames with alpha, and codes H.264.
 *
 *   key     alpha as luma of video range (0 is 16, 255 is 235), grey; made as the frame leaves the
 *           appsrc, on that pipeline's thread
 *   fill    the colours, premultiplied or straight as the frames are, over black
 *   PNG     straight RGBA, as PNG wants it
 */
#define CHAIN_TEXT_SIZE 1024

/* What H.264 is coded for: its rate, the decoder's buffer, and whether frames may be reordered. */
struct coder {
    uint32_t rate_kbps;
    uint32_t buffer_ms; /* 0: the encoder's own */
    bool is_prompt;     /* no B-frames: as little delay as there can be */
    bool is_aligned;    /* a transport stream: byte-stream and parameter sets at each key frame */
};

/* What comes out: frames of fill and key are opaque. */
struct video chain_video(const struct output_target *target, const struct video *video);

/* Whether such a file holds PNG: a .mov of frames with alpha. */
bool chain_is_png(const struct output_target *target, const struct video *video);

/* Writes "appsrc name=in … !" up to raw video of chain_video(), for gst_parse_launch(). */
void chain_write(const struct output_target *target, const struct video *video, char *text,
                 size_t text_size);

/* The same up to H.264: high profile, a key frame a second, video/x-h264. */
void chain_coded_write(const struct output_target *target, const struct video *video,
                       const struct coder *coder, char *text, size_t text_size);

/* Sets the caps of the appsrc "in" of such a pipeline, and what it converts. */
void chain_attach(GstElement *source, const struct output_target *target,
                  const struct video *video);

/* BGRA to luma of a key: y[i] of pixel i. */
void chain_key_convert(const uint8_t *bgra, size_t pixel_count, uint8_t *y);

/* BGRA premultiplied to straight. in and out may be the same. is_rgba: out is RGBA. */
void chain_straighten(const uint8_t *bgra, size_t pixel_count, bool is_rgba, uint8_t *out);
