#include "overlay/ts_sink.h"

#include <errno.h>
#include <gst/app/gstappsrc.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "overlay/note.h"
#include "overlay/output_impl.h"
#include "overlay/ts_source.h"

#define FILE_BUFFER_SIZE (1u << 20)
#define GROUP_TTL 16
#define QUEUE_SIZE_MAX (4u << 20) /* bytes that wait in a pipeline */
#define START_WAIT_NS (500 * GST_MSECOND)

struct ts_sink {
    struct ts_sink_target target;
    char name[96];
    FILE *file;
    int fd;
    GstElement *pipeline;
    GstAppSrc *source;
    bool is_said;
    _Atomic uint64_t packets;
    _Atomic uint64_t drops;
    atomic_bool is_failed;
};

enum status ts_sink_parse(const char *text, struct ts_sink_target *target, struct fault *fault)
{
    struct sockaddr_in address;
    *target = (struct ts_sink_target){ 0 };
    if (strncmp(text, "file:", 5) == 0) {
        size_t size = strlen(text);
        *target = (struct ts_sink_target){ TS_SINK_FILE, text + 5 };
        if (size < 9 || strcmp(text + size - 3, ".ts") != 0)
            return fault_set(fault, STATUS_INVALID, "",
                             "with --input an output file must end in .ts, not '%s'", text);
    } else if (strncmp(text, "udp://", 6) == 0) {
        *target = (struct ts_sink_target){ TS_SINK_UDP, text + 6 };
        if (!ts_address_parse(target->text, &address, fault))
            return STATUS_INVALID;
    } else if (strncmp(text, "srt://", 6) == 0) {
        *target = (struct ts_sink_target){ TS_SINK_SRT, text };
    } else {
        return fault_set(fault, STATUS_INVALID, "",
                         "with --input an output is file:FILE.ts, udp://H:P or srt://…, not '%s'",
                         text);
    }
    return STATUS_OK;
}

static enum status udp_open(struct ts_sink *sink, struct fault *fault)
{
    struct sockaddr_in address;
    const int ttl = GROUP_TTL;
    if (!ts_address_parse(sink->target.text, &address, fault))
        return STATUS_INVALID;
    sink->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sink->fd >= 0 &&
        setsockopt(sink->fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) == 0 &&
        connect(sink->fd, (struct sockaddr *)&address, sizeof address) == 0)
        return STATUS_OK;
    return fault_set(fault, STATUS_IO, "", "cannot send to '%s': %s", sink->name, strerror(errno));
}

static enum status file_open(struct ts_sink *sink, struct fault *fault)
{
    sink->file = fopen(sink->target.text, "we");
    if (sink->file == NULL)
        return fault_set(fault, STATUS_IO, "", "cannot write '%s': %s", sink->target.text,
                         strerror(errno));
    (void)setvbuf(sink->file, NULL, _IOFBF, FILE_BUFFER_SIZE);
    return STATUS_OK;
}

static enum status srt_open(struct ts_sink *sink, struct fault *fault)
{
    char reason[160];
    GError *error = NULL;
    sink->pipeline = gst_parse_launch("appsrc name=in is-live=true do-timestamp=true "
                                      "format=time block=false ! "
                                      "srtsink name=out wait-for-connection=false sync=false",
                                      &error);
    if (error != NULL) {
        enum status status = fault_set(fault, STATUS_NOT_FOUND, "", "cannot make output '%s': %s",
                                       sink->name, error->message);
        g_error_free(error);
        return status;
    }
    GstElement *out = gst_bin_get_by_name(GST_BIN(sink->pipeline), "out");
    sink->source = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(sink->pipeline), "in"));
    g_object_set(out, "uri", sink->target.text, NULL);
    g_object_set(sink->source, "max-bytes", (guint64)QUEUE_SIZE_MAX, NULL);
    gst_object_unref(out);
    if (gst_element_set_state(sink->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
        return STATUS_OK;
    pipeline_error(sink->pipeline, START_WAIT_NS, reason, sizeof reason);
    return fault_set(fault, STATUS_IO, "", "cannot start output '%s': %s", sink->name, reason);
}

enum status ts_sink_open(const struct ts_sink_target *target, struct ts_sink **sink,
                         struct fault *fault)
{
    struct ts_sink *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for an output");
    made->target = *target;
    made->fd = -1;
    snprintf(made->name, sizeof made->name, "%s%s",
             target->kind == TS_SINK_FILE  ? "file:"
             : target->kind == TS_SINK_UDP ? "udp://"
                                           : "",
             target->text);
    enum status status = target->kind == TS_SINK_FILE  ? file_open(made, fault)
                         : target->kind == TS_SINK_UDP ? udp_open(made, fault)
                                                       : srt_open(made, fault);
    if (status != STATUS_OK) {
        ts_sink_close(made, NULL);
        return status;
    }
    *sink = made;
    return STATUS_OK;
}

static void fail_note(struct ts_sink *sink, const char *reason)
{
    if (!sink->is_said)
        note_event(NOTE_ERROR, "output '%s' failed after %llu packets: %s", sink->name,
                   (unsigned long long)atomic_load(&sink->packets), reason);
    sink->is_said = true;
    atomic_store(&sink->is_failed, true);
}

static bool file_put(struct ts_sink *sink, const uint8_t *packets, size_t size)
{
    if (atomic_load(&sink->is_failed))
        return false;
    if (fwrite(packets, 1, size, sink->file) == size)
        return true;
    fail_note(sink, strerror(errno));
    return false;
}

static bool udp_put(struct ts_sink *sink, const uint8_t *packets, size_t size)
{
    if (send(sink->fd, packets, size, MSG_NOSIGNAL) == (ssize_t)size) {
        sink->is_said = false;
        return true;
    }
    /* Nobody listens: that is no fault of ours, and known only where the other side is near. */
    if (errno != ECONNREFUSED && !sink->is_said) {
        note_event(NOTE_ERROR, "output '%s': %s; it goes on trying", sink->name, strerror(errno));
        sink->is_said = true;
    }
    return false;
}

static bool srt_put(struct ts_sink *sink, const uint8_t *packets, size_t size)
{
    char reason[160];
    if (atomic_load(&sink->is_failed))
        return false;
    if (pipeline_error(sink->pipeline, 0, reason, sizeof reason)) {
        fail_note(sink, reason);
        return false;
    }
    if (gst_app_src_get_current_level_bytes(sink->source) + size > QUEUE_SIZE_MAX)
        return false;
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, size, NULL);
    gst_buffer_fill(buffer, 0, packets, size);
    return gst_app_src_push_buffer(sink->source, buffer) == GST_FLOW_OK;
}

void ts_sink_put(struct ts_sink *sink, const uint8_t *packets, uint32_t count)
{
    size_t size = (size_t)count * TS_PACKET_SIZE;
    bool is_put = sink->target.kind == TS_SINK_FILE  ? file_put(sink, packets, size)
                  : sink->target.kind == TS_SINK_UDP ? udp_put(sink, packets, size)
                                                     : srt_put(sink, packets, size);
    atomic_fetch_add_explicit(is_put ? &sink->packets : &sink->drops, count, memory_order_relaxed);
}

const char *ts_sink_name(const struct ts_sink *sink)
{
    return sink->name;
}

void ts_sink_figures_get(const struct ts_sink *sink, struct ts_sink_figures *figures)
{
    figures->packets = atomic_load(&sink->packets);
    figures->drops = atomic_load(&sink->drops);
    figures->is_failed = atomic_load(&sink->is_failed);
}

void ts_sink_close(struct ts_sink *sink, struct ts_sink_figures *figures)
{
    if (sink == NULL)
        return;
    if (sink->file != NULL && fclose(sink->file) != 0)
        fail_note(sink, strerror(errno));
    if (sink->pipeline != NULL)
        gst_element_set_state(sink->pipeline, GST_STATE_NULL);
    if (sink->source != NULL)
        gst_object_unref(sink->source);
    if (sink->pipeline != NULL)
        gst_object_unref(sink->pipeline);
    if (sink->fd >= 0)
        close(sink->fd);
    if (figures != NULL)
        ts_sink_figures_get(sink, figures);
    free(sink);
}
