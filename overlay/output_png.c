#include "overlay/output_impl.h"

#include <errno.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "overlay/note.h"
#include "overlay/output_chain.h"

/*
 * png: stills, made by a thread of its own that runs when nothing else wants to. It takes the
 * newest frame handed to it; one that another replaces before it was taken is no loss, it was
 * older. A still that cannot be written is said once, and tried again with the frames that come.
 */
#define STILL_NICE 10
#define ENCODE_WAIT_NS (10 * GST_SECOND)
#define PATH_MAX_SIZE 1024

/* lock: pending, pending_index, is_ended. The rest of the clock's: since_*; of the thread: encoder.
 */
struct output_png {
    struct output base;
    bool is_single; /* one file, written over and over */
    pthread_t thread;
    bool is_started;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    GstBuffer *pending;     /* {lock} */
    uint64_t pending_index; /* {lock} */
    bool is_ended;          /* {lock} */
    atomic_bool is_done;
    bool is_unshown;      /* changed since the last still */
    uint64_t shown_index; /* of the last still, when has_shown */
    bool has_shown;
    GstElement *encoder;
    GstElement *source;
    GstElement *sink;
    uint8_t *scratch;
    bool is_troubled;
};

static struct output_png *png_of(struct output *output)
{
    return (struct output_png *)output;
}

static void png_put(struct output *output, const struct frame *frame)
{
    struct output_png *png = png_of(output);
    png->is_unshown = png->is_unshown || frame->is_changed;
    atomic_fetch_add_explicit(&output->frames, 1, memory_order_relaxed);
    bool is_due =
        !png->has_shown || frame->index >= png->shown_index + output->video.format->frame_rate;
    if (!png->is_unshown || !(is_due || frame->is_settled))
        return;
    /* The clock never waits: the thread holds the lock for a few instructions only. */
    if (pthread_mutex_trylock(&png->lock) != 0)
        return;
    GstBuffer *replaced = png->pending;
    png->pending = gst_buffer_ref(frame->buffer);
    png->pending_index = frame->index;
    pthread_cond_signal(&png->wake);
    pthread_mutex_unlock(&png->lock);
    if (replaced != NULL)
        gst_buffer_unref(replaced);
    png->is_unshown = false;
    png->has_shown = true;
    png->shown_index = frame->index;
}

/* A PNG holds straight alpha. Given; `scratch` holds the bytes. */
static GstBuffer *straight_make(struct output_png *png, GstBuffer *buffer)
{
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return NULL;
    chain_straighten(map.data, map.size / 4, false, png->scratch);
    size_t size = map.size;
    gst_buffer_unmap(buffer, &map);
    return gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, png->scratch, size, 0, size, NULL,
                                       NULL);
}

/* The encoder, begun when it is needed and again after a failure. */
static bool encoder_start(struct output_png *png)
{
    if (png->encoder != NULL)
        return true;
    GError *error = NULL;
    GstElement *encoder = gst_parse_launch("appsrc name=in ! videoconvert ! pngenc ! "
                                           "appsink name=out sync=false max-buffers=1",
                                           &error);
    if (error != NULL) {
        g_error_free(error);
        if (encoder != NULL)
            gst_object_unref(encoder);
        return false;
    }
    png->encoder = encoder;
    png->source = gst_bin_get_by_name(GST_BIN(encoder), "in");
    png->sink = gst_bin_get_by_name(GST_BIN(encoder), "out");
    GstCaps *caps = video_caps(&png->base.video);
    g_object_set(png->source, "caps", caps, "format", GST_FORMAT_TIME, NULL);
    gst_caps_unref(caps);
    return gst_element_set_state(encoder, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

static void encoder_stop(struct output_png *png)
{
    if (png->encoder == NULL)
        return;
    gst_element_set_state(png->encoder, GST_STATE_NULL);
    gst_object_unref(png->source);
    gst_object_unref(png->sink);
    gst_object_unref(png->encoder);
    png->encoder = NULL;
}

/* The frame as a PNG file's bytes, given; NULL: `reason` says why not. */
static GstSample *still_encode(struct output_png *png, GstBuffer *frame, uint64_t index,
                               char *reason, size_t reason_size)
{
    snprintf(reason, reason_size, "no PNG encoder");
    if (!encoder_start(png))
        return NULL;
    bool is_premultiplied = png->base.video.has_alpha && !png->base.video.is_straight;
    GstBuffer *buffer = is_premultiplied ? straight_make(png, frame) : gst_buffer_copy(frame);
    if (buffer == NULL)
        return NULL;
    GST_BUFFER_PTS(buffer) = index * GST_SECOND / png->base.video.format->frame_rate;
    if (gst_app_src_push_buffer(GST_APP_SRC(png->source), buffer) != GST_FLOW_OK)
        return NULL;
    return pipeline_pull(png->encoder, png->sink, ENCODE_WAIT_NS, reason, reason_size);
}

/* Beside its place first, so that whoever reads the name always finds a whole picture. */
static bool file_write(const char *path, const GstMapInfo *map)
{
    char temporary[PATH_MAX_SIZE + 8];
    snprintf(temporary, sizeof temporary, "%s.part", path);
    FILE *file = fopen(temporary, "we");
    if (file == NULL)
        return false;
    bool is_written = fwrite(map->data, 1, map->size, file) == map->size;
    is_written = fclose(file) == 0 && is_written;
    if (is_written && rename(temporary, path) == 0)
        return true;
    int why = errno;
    unlink(temporary);
    errno = why;
    return false;
}

static bool still_write(struct output_png *png, GstSample *sample, uint64_t index, char *reason,
                        size_t reason_size)
{
    GstMapInfo map;
    if (!gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ))
        return false;
    char path[PATH_MAX_SIZE];
    bool is_written = true;
    if (!png->is_single) {
        snprintf(path, sizeof path, "%s/frame-%08llu.png", png->base.target.path,
                 (unsigned long long)index);
        is_written = file_write(path, &map);
        snprintf(path, sizeof path, "%s/latest.png", png->base.target.path);
    } else {
        snprintf(path, sizeof path, "%s", png->base.target.path);
    }
    is_written = is_written && file_write(path, &map);
    if (!is_written)
        snprintf(reason, reason_size, "%s", strerror(errno));
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    return is_written;
}

static void still_make(struct output_png *png, GstBuffer *frame, uint64_t index)
{
    char reason[160];
    GstSample *sample = still_encode(png, frame, index, reason, sizeof reason);
    bool is_written = sample != NULL && still_write(png, sample, index, reason, sizeof reason);
    if (sample == NULL)
        encoder_stop(png);
    else
        gst_sample_unref(sample);
    if (is_written)
        atomic_fetch_add_explicit(&png->base.stills, 1, memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&png->base.drops, 1, memory_order_relaxed);
    if (is_written == png->is_troubled)
        note_event(is_written ? NOTE_INFO : NOTE_ERROR, "output '%s' %s%s", png->base.name,
                   is_written ? "writes stills again" : "cannot write a still, goes on trying: ",
                   is_written ? "" : reason);
    png->is_troubled = !is_written;
}

static void *png_run(void *ctx)
{
    struct output_png *png = ctx;
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), STILL_NICE);
    for (;;) {
        pthread_mutex_lock(&png->lock);
        while (png->pending == NULL && !png->is_ended)
            pthread_cond_wait(&png->wake, &png->lock);
        GstBuffer *frame = png->pending;
        uint64_t index = png->pending_index;
        png->pending = NULL;
        pthread_mutex_unlock(&png->lock);
        if (frame == NULL)
            break;
        still_make(png, frame, index);
        gst_buffer_unref(frame);
    }
    encoder_stop(png);
    atomic_store(&png->base.is_failed, png->is_troubled); /* to the end */
    atomic_store(&png->is_done, true);
    return NULL;
}

static void png_poll(struct output *output, int64_t now_ns)
{
    (void)output; /* its thread says everything itself */
    (void)now_ns;
}

static void png_end(struct output *output)
{
    struct output_png *png = png_of(output);
    pthread_mutex_lock(&png->lock);
    png->is_ended = true;
    pthread_cond_signal(&png->wake);
    pthread_mutex_unlock(&png->lock);
}

static bool png_is_done(const struct output *output)
{
    return atomic_load(&((const struct output_png *)output)->is_done);
}

static void png_destroy(struct output *output)
{
    struct output_png *png = png_of(output);
    if (png->is_started) {
        png_end(output);
        pthread_join(png->thread, NULL);
    }
    if (png->pending != NULL)
        gst_buffer_unref(png->pending);
    pthread_cond_destroy(&png->wake);
    pthread_mutex_destroy(&png->lock);
    free(png->scratch);
    free(png);
}

static const struct output_ops png_ops = {
    .put = png_put,
    .poll = png_poll,
    .end = png_end,
    .is_done = png_is_done,
    .destroy = png_destroy,
};

/* DIR is made when it is missing; FILE.png stands in a folder that is there. */
static enum status place_check(struct output_png *png, struct fault *fault)
{
    const char *path = png->base.target.path;
    size_t size = strlen(path);
    if (size + 32 > PATH_MAX_SIZE)
        return fault_set(fault, STATUS_LIMIT, "", "path '%.60s…' is too long", path);
    png->is_single = size > 4 && strcmp(path + size - 4, ".png") == 0;
    char folder[PATH_MAX_SIZE];
    snprintf(folder, sizeof folder, "%s", path);
    if (png->is_single) {
        char *slash = strrchr(folder, '/');
        snprintf(slash == NULL ? folder : slash + 1, 2, ".");
    } else if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        return fault_set(fault, STATUS_IO, "", "cannot make '%s': %s", path, strerror(errno));
    }
    if (access(folder, W_OK | X_OK) != 0)
        return fault_set(fault, STATUS_IO, "", "cannot write into '%s': %s", folder,
                         strerror(errno));
    return STATUS_OK;
}

enum status output_png_open(const struct output_target *target, const struct video *video,
                            struct output **output, struct fault *fault)
{
    struct output_png *png = calloc(1, sizeof *png);
    if (png == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for an output");
    output_init(&png->base, &png_ops, target, video);
    pthread_mutex_init(&png->lock, NULL);
    pthread_cond_init(&png->wake, NULL);
    enum status status = place_check(png, fault);
    if (status == STATUS_OK) {
        png->scratch = malloc(video_frame_size(video));
        if (png->scratch == NULL || pthread_create(&png->thread, NULL, png_run, png) != 0)
            status =
                fault_set(fault, STATUS_NOMEM, "", "no memory for output '%s'", png->base.name);
        else
            png->is_started = true;
    }
    if (status != STATUS_OK) {
        png_destroy(&png->base);
        return status;
    }
    *output = &png->base;
    return STATUS_OK;
}
