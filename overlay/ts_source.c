#include "overlay/ts_source.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gst/app/gstappsink.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "overlay/note.h"
#include "overlay/output_impl.h"
#include "overlay/ts_framer.h"

#define DATAGRAM_MAX 65536
#define RTP_HEADER_SIZE 12
#define RECEIVE_SIZE                                                                               \
    (4 << 20) /* of the socket: half a second of 60 Mbit/s, where it is allowed                    \
               */
#define START_WAIT_NS (500 * GST_MSECOND)

struct ts_source {
    struct ts_source_target target;
    struct ts_framer framer;
    int fd;
    GstElement *pipeline;
    GstAppSink *sink;
    bool is_ended;
};

enum status ts_source_parse(const char *text, struct ts_source_target *target, struct fault *fault)
{
    static const struct {
        const char *prefix;
        enum ts_source_kind kind;
    } kinds[] = { { "file:", TS_SOURCE_FILE },
                  { "udp://", TS_SOURCE_UDP },
                  { "srt://", TS_SOURCE_SRT },
                  { "test:", TS_SOURCE_TEST } };
    *target = (struct ts_source_target){ 0 };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t size = strlen(kinds[i].prefix);
        if (strncmp(text, kinds[i].prefix, size) == 0) {
            target->kind = kinds[i].kind;
            target->text = kinds[i].kind == TS_SOURCE_SRT ? text : text + size;
        }
    }
    struct sockaddr_in address;
    if (target->kind == TS_SOURCE_INVALID)
        return fault_set(fault, STATUS_INVALID, "",
                         "no such input '%s': file:FILE, udp://H:P, srt://… and test: are there",
                         text);
    if (target->kind == TS_SOURCE_FILE && target->text[0] == '\0')
        return fault_set(fault, STATUS_INVALID, "", "input '%s' names no file", text);
    if (target->kind == TS_SOURCE_UDP && !ts_address_parse(target->text, &address, fault))
        return STATUS_INVALID;
    return STATUS_OK;
}

bool ts_address_parse(const char *text, struct sockaddr_in *address, struct fault *fault)
{
    char host[64];
    if (text[0] == '@')
        text++;
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    unsigned long port = colon == NULL ? 0 : strtoul(colon + 1, &end, 10);
    size_t size = colon == NULL ? 0 : (size_t)(colon - text);
    if (colon == NULL || *end != '\0' || port < 1 || port > 65535 || size >= sizeof host) {
        fault_set(fault, STATUS_INVALID, "", "'udp://%s' is no udp://HOST:PORT", text);
        return false;
    }
    memcpy(host, text, size);
    host[size] = '\0';
    *address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    if (size == 0 || inet_pton(AF_INET, host, &address->sin_addr) == 1)
        return true;
    fault_set(fault, STATUS_INVALID, "", "'%s' is no address such as 239.1.2.3", host);
    return false;
}

static enum status udp_open(struct ts_source *source, struct fault *fault)
{
    struct sockaddr_in address;
    const int one = 1, room = RECEIVE_SIZE;
    if (!ts_address_parse(source->target.text, &address, fault))
        return STATUS_INVALID;
    source->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_group = IN_MULTICAST(ntohl(address.sin_addr.s_addr));
    struct ip_mreqn group = { .imr_multiaddr = address.sin_addr };
    (void)setsockopt(source->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (source->fd >= 0 &&
        (!is_group || setsockopt(source->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0) &&
        bind(source->fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        (!is_group ||
         setsockopt(source->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0))
        return STATUS_OK;
    return fault_set(fault, STATUS_IO, "", "cannot receive on 'udp://%s': %s", source->target.text,
                     strerror(errno));
}

/* A picture that moves, with a tone; the size of the pictures to be inserted into. */
static void test_describe(const struct format *format, char *text, size_t text_size)
{
    snprintf(text, text_size,
             "mpegtsmux name=mux alignment=7 bitrate=12000000 pcr-interval=2700 ! "
             "appsink name=out sync=false max-buffers=2000 drop=true "
             "videotestsrc is-live=true pattern=smpte75 horizontal-speed=4 ! "
             "video/x-raw,format=I420,width=%u,height=%u,framerate=%u/1%s ! "
             "x264enc speed-preset=ultrafast bitrate=6000 key-int-max=%u bframes=0 threads=1 "
             "interlaced=%s ! video/x-h264,profile=high ! h264parse ! queue ! mux. "
             "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=48000,channels=2 ! "
             "twolamemp2enc bitrate=192 ! mpegaudioparse ! queue ! mux.",
             format->width_px, format->height_px, format->frame_rate,
             format->is_interlaced ? ",interlace-mode=interleaved,field-order=top-field-first" : "",
             format->frame_rate, format->is_interlaced ? "true" : "false");
}

static enum status pipeline_open(struct ts_source *source, const struct format *format,
                                 struct fault *fault)
{
    char text[1536], reason[160];
    if (source->target.kind == TS_SOURCE_TEST)
        test_describe(format, text, sizeof text);
    else
        snprintf(text, sizeof text,
                 "srtsrc name=in ! appsink name=out sync=false max-buffers=4000 drop=true");
    GError *error = NULL;
    source->pipeline = gst_parse_launch(text, &error);
    if (error != NULL) {
        enum status status =
            fault_set(fault, STATUS_NOT_FOUND, "", "cannot make the input: %s", error->message);
        g_error_free(error);
        return status;
    }
    source->sink = GST_APP_SINK(gst_bin_get_by_name(GST_BIN(source->pipeline), "out"));
    GstElement *in = gst_bin_get_by_name(GST_BIN(source->pipeline), "in");
    if (in != NULL) {
        g_object_set(in, "uri", source->target.text, NULL);
        gst_object_unref(in);
    }
    if (gst_element_set_state(source->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
        return STATUS_OK;
    pipeline_error(source->pipeline, START_WAIT_NS, reason, sizeof reason);
    return fault_set(fault, STATUS_IO, "", "cannot start the input '%s': %s", source->target.text,
                     reason);
}

enum status ts_source_open(const struct ts_source_target *target, const struct format *format,
                           struct ts_source **source, struct fault *fault)
{
    struct ts_source *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for an input");
    made->target = *target;
    made->fd = -1;
    enum status status = STATUS_OK;
    if (target->kind == TS_SOURCE_FILE) {
        made->fd = open(target->text, O_RDONLY | O_CLOEXEC);
        if (made->fd < 0)
            status = fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", target->text,
                               strerror(errno));
    } else if (target->kind == TS_SOURCE_UDP) {
        status = udp_open(made, fault);
    } else {
        status = pipeline_open(made, format, fault);
    }
    if (status != STATUS_OK) {
        ts_source_close(made);
        return status;
    }
    *source = made;
    return STATUS_OK;
}

void ts_source_close(struct ts_source *source)
{
    if (source == NULL)
        return;
    if (source->pipeline != NULL)
        gst_element_set_state(source->pipeline, GST_STATE_NULL);
    if (source->sink != NULL)
        gst_object_unref(source->sink);
    if (source->pipeline != NULL)
        gst_object_unref(source->pipeline);
    if (source->fd >= 0)
        close(source->fd);
    free(source);
}

static void file_read(struct ts_source *source, uint8_t *room, size_t size)
{
    ssize_t count;
    do
        count = read(source->fd, room, size);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        note_event(NOTE_ERROR, "the input '%s' cannot be read: %s", source->target.text,
                   strerror(errno));
    source->is_ended = count <= 0;
    if (count > 0)
        ts_framer_put(&source->framer, (size_t)count);
}

static void udp_read(struct ts_source *source, uint32_t timeout_ms, uint8_t *room, size_t size)
{
    struct pollfd poll_fd = { .fd = source->fd, .events = POLLIN };
    if (poll(&poll_fd, 1, (int)timeout_ms) <= 0)
        return;
    size_t filled = 0;
    while (size - filled >= DATAGRAM_MAX && filled < TS_FRAMER_SIZE / 4) {
        ssize_t count = recv(source->fd, room + filled, DATAGRAM_MAX, 0);
        if (count <= 0)
            break;
        if (count > RTP_HEADER_SIZE && count % TS_PACKET_SIZE == RTP_HEADER_SIZE &&
            (room[filled] & 0xc0) == 0x80 && room[filled + RTP_HEADER_SIZE] == 0x47) {
            count -= RTP_HEADER_SIZE;
            memmove(room + filled, room + filled + RTP_HEADER_SIZE, (size_t)count);
        }
        filled += (size_t)count;
    }
    ts_framer_put(&source->framer, filled);
}

static void pipeline_read(struct ts_source *source, uint32_t timeout_ms, uint8_t *room, size_t size)
{
    char reason[160];
    GstSample *sample = gst_app_sink_try_pull_sample(source->sink, timeout_ms * GST_MSECOND);
    size_t filled = 0;
    while (sample != NULL) {
        GstBuffer *buffer = gst_sample_get_buffer(sample);
        size_t count = gst_buffer_get_size(buffer);
        if (count <= size - filled)
            filled += gst_buffer_extract(buffer, 0, room + filled, count);
        gst_sample_unref(sample);
        if (size - filled < DATAGRAM_MAX || filled >= TS_FRAMER_SIZE / 4)
            break;
        sample = gst_app_sink_try_pull_sample(source->sink, 0);
    }
    ts_framer_put(&source->framer, filled);
    if (filled == 0 && pipeline_error(source->pipeline, 0, reason, sizeof reason)) {
        note_event(NOTE_ERROR, "the input failed: %s", reason);
        source->is_ended = true;
    }
    source->is_ended = source->is_ended || gst_app_sink_is_eos(source->sink);
}

uint32_t ts_source_take(struct ts_source *source, uint32_t timeout_ms, const uint8_t **packets,
                        bool *is_ended)
{
    uint32_t count;
    *packets = ts_framer_take(&source->framer, TS_SOURCE_TAKE_MAX, source->is_ended, &count);
    if (count == 0 && !source->is_ended) {
        size_t size;
        uint8_t *room = ts_framer_room(&source->framer, &size);
        if (source->target.kind == TS_SOURCE_FILE)
            file_read(source, room, size);
        else if (source->target.kind == TS_SOURCE_UDP)
            udp_read(source, timeout_ms, room, size);
        else
            pipeline_read(source, timeout_ms, room, size);
        *packets = ts_framer_take(&source->framer, TS_SOURCE_TAKE_MAX, source->is_ended, &count);
    }
    *is_ended = count == 0 && source->is_ended;
    return count;
}

uint64_t ts_source_garbage(const struct ts_source *source)
{
    return source->framer.garbage;
}
