#include "overlay/coder.h"

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/frame_clock.h"
#include "overlay/ts_programme.h"

#define THREADS 2
#define STRIDE_ALIGN 64u
#define B_FRAMES "2"
#define KEY_SECONDS 2 /* where the source has no key picture for longer */

struct coder {
    const struct format *format;
    struct coder_users users;
    uint64_t bits_per_second;
    int64_t buffer;
    AVCodecParserContext *parser;
    AVCodecContext *decoder;
    AVCodecContext *encoder;
    AVPacket *packet;
    AVFrame *frame;
    AVFrame *drawn;
    AVFrame *last_frame; /* that was decoded */
    AVBufferPool *pool;
    int stride;
    struct coder_input last; /* without its bytes */
    bool has_input;
    int64_t first_pts; /* of the picture that counts as number_first */
    int64_t last_pts;
    int64_t coded_pts;
    uint64_t number_first;
    uint64_t number;
    bool has_pts;
    bool is_refused_said;
    struct fault refusal; /* of this call */
    struct coder_figures figures;
};

enum status coder_create(const struct format *format, const struct coder_users *users,
                         struct coder **coder, struct fault *fault)
{
    struct coder *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the coder");
    av_log_set_level(AV_LOG_FATAL); /* a damaged stream is no news: it is counted */
    made->format = format;
    made->users = *users;
    made->bits_per_second = CODER_BITS_MIN;
    made->buffer = TS_SECOND / 2;
    made->stride = (int)((format->width_px + STRIDE_ALIGN * 2 - 1) & ~(STRIDE_ALIGN * 2 - 1));
    made->packet = av_packet_alloc();
    made->frame = av_frame_alloc();
    made->drawn = av_frame_alloc();
    made->last_frame = av_frame_alloc();
    made->pool = av_buffer_pool_init((size_t)made->stride * format->height_px * 3 / 2 + 64, NULL);
    if (made->packet == NULL || made->frame == NULL || made->drawn == NULL ||
        made->last_frame == NULL || made->pool == NULL) {
        coder_destroy(made);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the coder");
    }
    *coder = made;
    return STATUS_OK;
}

static void decoder_close(struct coder *coder)
{
    if (coder->parser != NULL)
        av_parser_close(coder->parser);
    coder->parser = NULL;
    avcodec_free_context(&coder->decoder);
}

void coder_destroy(struct coder *coder)
{
    if (coder == NULL)
        return;
    decoder_close(coder);
    avcodec_free_context(&coder->encoder);
    av_packet_free(&coder->packet);
    av_frame_free(&coder->frame);
    av_frame_free(&coder->drawn);
    av_frame_free(&coder->last_frame);
    av_buffer_pool_uninit(&coder->pool);
    free(coder);
}

void coder_rate(struct coder *coder, uint64_t bits_per_second, int64_t buffer)
{
    coder->bits_per_second = bits_per_second > CODER_BITS_MAX   ? CODER_BITS_MAX
                             : bits_per_second < CODER_BITS_MIN ? CODER_BITS_MIN
                                                                : bits_per_second;
    coder->buffer = buffer;
}

static enum status decoder_open(struct coder *coder, uint8_t video_type, struct fault *fault)
{
    enum AVCodecID id = video_type == TS_TYPE_MPEG2 ? AV_CODEC_ID_MPEG2VIDEO : AV_CODEC_ID_H264;
    const AVCodec *codec = avcodec_find_decoder(id);
    coder->parser = codec == NULL ? NULL : av_parser_init((int)id);
    coder->decoder = codec == NULL ? NULL : avcodec_alloc_context3(codec);
    if (coder->parser == NULL || coder->decoder == NULL)
        return fault_set(fault, STATUS_NOT_FOUND, "", "no decoder for %s", avcodec_get_name(id));
    coder->decoder->pkt_timebase = (AVRational){ 1, 90000 };
    coder->decoder->thread_count = THREADS;
    /* Else a decoder that learns of reordering only as it goes leaves pictures out. */
    coder->decoder->strict_std_compliance = FF_COMPLIANCE_STRICT;
    if (avcodec_open2(coder->decoder, codec, NULL) < 0)
        return fault_set(fault, STATUS_NOT_FOUND, "", "cannot open the decoder for %s",
                         avcodec_get_name(id));
    return STATUS_OK;
}

static enum status encoder_open(struct coder *coder, const AVFrame *frame, struct fault *fault)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    AVCodecContext *encoder = codec == NULL ? NULL : avcodec_alloc_context3(codec);
    if (encoder == NULL)
        return fault_set(fault, STATUS_NOT_FOUND, "", "no encoder libx264");
    coder->encoder = encoder;
    const struct format *format = coder->format;
    encoder->width = (int)format->width_px;
    encoder->height = (int)format->height_px;
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->time_base = (AVRational){ 1, 90000 };
    encoder->framerate = (AVRational){ (int)format->frame_rate, 1 };
    encoder->sample_aspect_ratio = frame->sample_aspect_ratio;
    encoder->color_range = frame->color_range;
    encoder->color_primaries = frame->color_primaries;
    encoder->color_trc = frame->color_trc;
    encoder->colorspace = frame->colorspace;
    encoder->chroma_sample_location = frame->chroma_location;
    encoder->thread_count = THREADS;
    encoder->gop_size = (int)format->frame_rate * KEY_SECONDS;
    encoder->bit_rate = (int64_t)coder->bits_per_second;
    encoder->rc_max_rate = (int64_t)coder->bits_per_second;
    encoder->rc_buffer_size =
        (int)(coder->bits_per_second * (uint64_t)coder->buffer / (uint64_t)TS_SECOND);
    if (format->is_interlaced) {
        encoder->flags |= AV_CODEC_FLAG_INTERLACED_DCT;
        encoder->field_order = frame->top_field_first ? AV_FIELD_TT : AV_FIELD_BB;
    }
    AVDictionary *options = NULL;
    av_dict_set(&options, "preset", "superfast", 0);
    av_dict_set(&options, "profile", "high", 0);
    av_dict_set(&options, "forced-idr", "1", 0);
    av_dict_set(&options, "bf", B_FRAMES, 0);
    av_dict_set(&options, "x264-params", "nal-hrd=vbr:aud=1:force-cfr=1:b-adapt=0", 0);
    int error = avcodec_open2(encoder, codec, &options);
    av_dict_free(&options);
    if (error < 0)
        return fault_set(fault, STATUS_NOT_FOUND, "", "cannot open the encoder: %s",
                         av_err2str(error));
    return STATUS_OK;
}

/* Hands on what the encoder has ready. */
static enum status units_take(struct coder *coder, struct fault *fault)
{
    int error;
    while ((error = avcodec_receive_packet(coder->encoder, coder->packet)) == 0) {
        const AVPacket *packet = coder->packet;
        struct unit unit = { .bytes = malloc((size_t)packet->size),
                             .size = (size_t)packet->size,
                             .pts = packet->pts,
                             .dts = packet->dts,
                             .pts_raw = (packet->pts + coder->last.raw) & (TS_WRAP - 1),
                             .dts_raw = (packet->dts + coder->last.raw) & (TS_WRAP - 1),
                             .pid = coder->last.pid,
                             .stream = coder->last.stream,
                             .is_key = (packet->flags & AV_PKT_FLAG_KEY) != 0 };
        if (unit.bytes == NULL) {
            av_packet_unref(coder->packet);
            return fault_set(fault, STATUS_NOMEM, "", "no memory for a picture");
        }
        memcpy(unit.bytes, packet->data, unit.size);
        av_packet_unref(coder->packet);
        coder->figures.coded++;
        coder->users.unit(coder->users.ctx, &unit);
    }
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF)
        return STATUS_OK;
    return fault_set(fault, STATUS_IO, "", "the encoder failed: %s", av_err2str(error));
}

static struct picture picture_of(const AVFrame *frame)
{
    return (struct picture){ frame->data[0], frame->data[1], frame->data[2],
                             (uint32_t)frame->linesize[0], (uint32_t)frame->linesize[1] };
}

/* A frame of our own that nobody else reads, with the times and flags of `like`. */
static bool drawn_make(struct coder *coder, const AVFrame *like)
{
    AVFrame *drawn = coder->drawn;
    av_frame_unref(drawn);
    drawn->buf[0] = av_buffer_pool_get(coder->pool);
    if (drawn->buf[0] == NULL || av_frame_copy_props(drawn, like) < 0)
        return false;
    size_t luma = (size_t)coder->stride * coder->format->height_px;
    drawn->width = like->width;
    drawn->height = like->height;
    drawn->format = AV_PIX_FMT_YUV420P;
    drawn->linesize[0] = coder->stride;
    drawn->linesize[1] = drawn->linesize[2] = coder->stride / 2;
    drawn->data[0] = drawn->buf[0]->data;
    drawn->data[1] = drawn->data[0] + luma;
    drawn->data[2] = drawn->data[1] + luma / 4;
    return true;
}

/* The frame with its graphics. NULL: no memory. */
static AVFrame *frame_draw(struct coder *coder)
{
    AVFrame *frame = coder->frame;
    if (!drawn_make(coder, frame))
        return NULL;
    struct picture under = picture_of(frame), out = picture_of(coder->drawn);
    int64_t start_ns = frame_clock_now_ns();
    bool is_drawn =
        coder->users.draw(coder->users.ctx, coder->number, frame->pts,
                          !frame->interlaced_frame || frame->top_field_first, &under, &out);
    uint64_t took_ns = (uint64_t)(frame_clock_now_ns() - start_ns);
    coder->figures.draw_ns_sum += took_ns;
    if (took_ns > coder->figures.draw_ns_max)
        coder->figures.draw_ns_max = took_ns;
    return is_drawn ? coder->drawn : frame;
}

static enum status frame_code(struct coder *coder, struct fault *fault)
{
    AVFrame *frame = frame_draw(coder);
    if (frame == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a picture");
    frame->pict_type = frame->key_frame ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    enum status status = coder->encoder == NULL ? encoder_open(coder, frame, fault) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    int error = avcodec_send_frame(coder->encoder, frame);
    av_frame_unref(coder->drawn);
    if (error < 0)
        return fault_set(fault, STATUS_IO, "", "the encoder failed: %s", av_err2str(error));
    return units_take(coder, fault);
}

/* The time of a frame whose own was lost, and its number. False: it goes back, leave it out. */
static bool frame_time(struct coder *coder)
{
    AVFrame *frame = coder->frame;
    int64_t duration = 90000 / coder->format->frame_rate;
    if (frame->pts == AV_NOPTS_VALUE) {
        if (!coder->has_pts)
            return false;
        frame->pts = coder->last_pts + duration;
    }
    if (coder->has_pts && frame->pts <= coder->last_pts)
        return false;
    /* Numbers go by the time within a segment, and on from one to the next. */
    if (!coder->has_pts) {
        coder->first_pts = frame->pts;
        coder->number_first = coder->figures.decoded == 0 ? 0 : coder->number + 1;
    }
    coder->number =
        coder->number_first + (uint64_t)((frame->pts - coder->first_pts + duration / 2) / duration);
    coder->last_pts = frame->pts;
    coder->has_pts = true;
    return true;
}

/* Whether the frame is one of the format; why not goes into `refusal` once for all in a row. */
static bool frame_check(struct coder *coder)
{
    const AVFrame *frame = coder->frame;
    const struct format *format = coder->format;
    bool is_420 = frame->format == AV_PIX_FMT_YUV420P || frame->format == AV_PIX_FMT_YUVJ420P;
    bool is_fitting = is_420 && frame->width == (int)format->width_px &&
                      frame->height == (int)format->height_px &&
                      (format->is_interlaced || !frame->interlaced_frame);
    if (!is_fitting && !coder->is_refused_said)
        fault_set(&coder->refusal, STATUS_INVALID, "",
                  "the input's pictures are %d × %d, %s%s, not %s: they pass without graphics",
                  frame->width, frame->height,
                  frame->interlaced_frame ? "interlaced" : "progressive",
                  is_420 ? "" : ", and not 8-bit 4:2:0", format->name);
    coder->is_refused_said = !is_fitting;
    return is_fitting;
}

/* Takes what the decoder has ready through drawing and coding. */
static enum status frames_take(struct coder *coder, struct fault *fault)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && avcodec_receive_frame(coder->decoder, coder->frame) == 0) {
        bool is_good = frame_check(coder) && frame_time(coder);
        coder->figures.refused += is_good ? 0 : 1;
        coder->figures.decoded++;
        if (is_good)
            status = frame_code(coder, fault);
        if (is_good) {
            av_frame_unref(coder->last_frame);
            av_frame_move_ref(coder->last_frame, coder->frame);
        }
        av_frame_unref(coder->frame);
    }
    return status;
}

static enum status bytes_decode(struct coder *coder, const uint8_t *bytes, size_t size, int64_t pts,
                                int64_t dts, struct fault *fault)
{
    enum status status = STATUS_OK;
    do {
        uint8_t *data = NULL;
        int data_size = 0;
        int used = av_parser_parse2(coder->parser, coder->decoder, &data, &data_size, bytes,
                                    (int)size, pts, dts, 0);
        pts = dts = AV_NOPTS_VALUE;
        bytes += used;
        size -= (size_t)used;
        if (data_size > 0) {
            AVPacket *packet = coder->packet;
            packet->data = data;
            packet->size = data_size;
            packet->pts = coder->parser->pts;
            packet->dts = coder->parser->dts;
            if (avcodec_send_packet(coder->decoder, packet) < 0)
                coder->figures.broken++;
            av_packet_unref(packet);
            status = frames_take(coder, fault);
        } else if (used == 0) {
            break;
        }
    } while (status == STATUS_OK && size > 0);
    return status;
}

/* Empties the decoder. */
static enum status decoder_drain(struct coder *coder, struct fault *fault)
{
    static const uint8_t padding[AV_INPUT_BUFFER_PADDING_SIZE];
    if (coder->decoder == NULL)
        return STATUS_OK;
    enum status status = bytes_decode(coder, padding, 0, AV_NOPTS_VALUE, AV_NOPTS_VALUE, fault);
    if (status == STATUS_OK && avcodec_send_packet(coder->decoder, NULL) >= 0)
        status = frames_take(coder, fault);
    return status;
}

/* The picture `still` as a frame of our own, or the last one again. False: no memory. */
static bool still_make(struct coder *coder, const uint8_t *still)
{
    AVFrame *frame = coder->frame;
    if (still == NULL)
        return av_frame_ref(frame, coder->last_frame) >= 0;
    if (!drawn_make(coder, coder->last_frame))
        return false;
    av_frame_move_ref(frame, coder->drawn);
    size_t width = coder->format->width_px, height = coder->format->height_px;
    for (int i = 0; i < 3; i++) {
        size_t row = i == 0 ? width : width / 2;
        for (size_t y = 0; y < (i == 0 ? height : height / 2); y++, still += row)
            memcpy(frame->data[i] + y * (size_t)frame->linesize[i], still, row);
    }
    return true;
}

enum status coder_still(struct coder *coder, const uint8_t *still, int64_t pts, struct fault *fault)
{
    int64_t duration = 90000 / coder->format->frame_rate;
    enum status status = decoder_drain(coder, fault);
    decoder_close(coder);
    while (status == STATUS_OK && coder->has_pts && coder->last_pts + duration <= pts) {
        if (!still_make(coder, still))
            return fault_set(fault, STATUS_NOMEM, "", "no memory for a picture");
        coder->frame->pts = coder->last_pts += duration;
        coder->frame->key_frame = 0;
        coder->number++;
        status = frame_code(coder, fault);
        av_frame_unref(coder->frame);
    }
    return status;
}

void coder_reset(struct coder *coder)
{
    decoder_close(coder);
    avcodec_free_context(&coder->encoder);
    coder->has_pts = false;
    coder->has_input = false;
}

enum status coder_flush(struct coder *coder, struct fault *fault)
{
    enum status status = decoder_drain(coder, fault);
    if (coder->encoder != NULL && status == STATUS_OK &&
        avcodec_send_frame(coder->encoder, NULL) >= 0)
        status = units_take(coder, fault);
    coder_reset(coder);
    return status;
}

enum status coder_put(struct coder *coder, const struct coder_input *input, struct fault *fault)
{
    enum status status = STATUS_OK;
    if (coder->has_input &&
        (coder->last.segment != input->segment || coder->last.video_type != input->video_type ||
         coder->last.pid != input->pid))
        status = coder_flush(coder, fault);
    if (input->pts != INT64_MIN || !coder->has_input) {
        coder->last = *input;
        coder->last.bytes = NULL;
    }
    coder->has_input = true;
    if (status == STATUS_OK && coder->decoder == NULL)
        status = decoder_open(coder, input->video_type, fault);
    if (status != STATUS_OK)
        return status;
    coder->refusal = (struct fault){ 0 };
    status = bytes_decode(coder, input->bytes, input->size,
                          input->pts == INT64_MIN ? AV_NOPTS_VALUE : input->pts,
                          input->dts == INT64_MIN ? AV_NOPTS_VALUE : input->dts, fault);
    if (status == STATUS_OK && coder->refusal.status != STATUS_OK)
        status = fault_set(fault, STATUS_INVALID, "", "%s", coder->refusal.text);
    return status;
}

void coder_figures_get(const struct coder *coder, struct coder_figures *figures)
{
    *figures = coder->figures;
}
