#include "overlay/output_live.h"

#include <gst/app/gstappsrc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "overlay/frame_clock.h"
#include "overlay/note.h"
#include "overlay/output_impl.h"
#include "overlay/output_retry.h"

#define TURN_NS (20 * GST_MSECOND)
#define OPEN_ERROR_WAIT_NS (500 * GST_MSECOND)
#define JOIN_MAX_S 3
#define REASON_SIZE 160

struct live {
    struct live_options options;
    char name[96];
    char text[LIVE_TEXT_SIZE];
    GstElement *pipeline; /* its thread's, after live_create() */
    GstBus *bus;
    GstClock *clock;
    pthread_mutex_t lock;
    GstAppSrc *source; /* {lock} NULL: down */
    bool is_playing;
    bool is_eos_sent;
    struct retry retry;
    uint64_t pushed_before;     /* when this pipeline was begun */
    _Atomic int64_t base_ns;    /* 0: not known yet */
    _Atomic int64_t refused_ns; /* since when pushes are refused; 0: they are not */
    _Atomic uint64_t pushed;
    _Atomic uint64_t restarts;
    atomic_bool is_down;
    atomic_bool is_ending;
    atomic_bool is_closing;
    atomic_bool is_done;
    pthread_t thread;
    bool is_started;
};

static enum status pipeline_parse(struct live *live, struct fault *fault)
{
    GError *error = NULL;
    GstElement *made = gst_parse_launch_full(live->text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
    if (error != NULL || made == NULL) {
        enum status status =
            fault_set(fault, STATUS_NOT_FOUND, "", "cannot make output '%s': %s",
                      live->options.name, error == NULL ? "unknown" : error->message);
        g_clear_error(&error);
        if (made != NULL)
            gst_object_unref(made);
        return status;
    }
    if (!GST_IS_PIPELINE(made)) {
        gst_object_unref(made);
        return fault_set(fault, STATUS_NOT_FOUND, "", "cannot make output '%s': no pipeline",
                         live->options.name);
    }
    live->pipeline = made;
    return STATUS_OK;
}

/* From nothing to PAUSED, where what can be opened is open. */
static enum status pipeline_open(struct live *live, struct fault *fault)
{
    enum status status = pipeline_parse(live, fault);
    if (status != STATUS_OK)
        return status;
    GstElement *source = gst_bin_get_by_name(GST_BIN(live->pipeline), "in");
    g_object_set(source, "is-live", TRUE, "format", GST_FORMAT_TIME, "block", FALSE, "max-bytes",
                 (guint64)0, "max-buffers", (guint64)live->options.queue_max, "min-latency",
                 (gint64)live->options.latency_ns, NULL);
    if (live->options.made != NULL)
        live->options.made(live->options.ctx, live->pipeline, source);
    gst_pipeline_use_clock(GST_PIPELINE(live->pipeline), live->clock);
    gst_element_set_start_time(live->pipeline, GST_CLOCK_TIME_NONE);
    live->bus = gst_element_get_bus(live->pipeline);
    live->is_playing = live->is_eos_sent = false;
    live->pushed_before = atomic_load(&live->pushed);
    atomic_store(&live->refused_ns, 0);
    if (gst_element_set_state(live->pipeline, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE) {
        char reason[REASON_SIZE];
        pipeline_error(live->pipeline, OPEN_ERROR_WAIT_NS, reason, sizeof reason);
        status = fault_set(fault, STATUS_IO, "", "cannot start output '%s': %s", live->options.name,
                           reason);
        gst_object_unref(source);
        return status;
    }
    pthread_mutex_lock(&live->lock);
    live->source = GST_APP_SRC(source);
    pthread_mutex_unlock(&live->lock);
    return STATUS_OK;
}

static void pipeline_close(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    GstAppSrc *source = live->source;
    live->source = NULL;
    pthread_mutex_unlock(&live->lock);
    if (source != NULL)
        gst_object_unref(source);
    if (live->pipeline != NULL) {
        gst_element_set_state(live->pipeline, GST_STATE_NULL);
        gst_object_unref(live->pipeline);
    }
    if (live->bus != NULL)
        gst_object_unref(live->bus);
    live->pipeline = NULL;
    live->bus = NULL;
}

static int64_t failure_note(struct live *live)
{
    atomic_store(&live->is_down, true);
    return retry_fail(&live->retry, frame_clock_now_ns());
}

static void pipeline_fail(struct live *live, const char *reason)
{
    int64_t wait_ns = failure_note(live);
    note_event(NOTE_ERROR, "output '%s' failed after %llu buffers: %s; it is begun anew in %lld s",
               live->options.name,
               (unsigned long long)(atomic_load(&live->pushed) - live->pushed_before), reason,
               (long long)(wait_ns / 1000000000));
    pipeline_close(live);
}

static void pipeline_play(struct live *live)
{
    int64_t base_ns = atomic_load(&live->base_ns);
    if (live->is_playing || base_ns == 0)
        return;
    live->is_playing = true;
    gst_element_set_base_time(live->pipeline, (GstClockTime)base_ns);
    if (gst_element_set_state(live->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        char reason[REASON_SIZE];
        pipeline_error(live->pipeline, 0, reason, sizeof reason);
        pipeline_fail(live, reason);
    }
}

static void pipeline_begin_anew(struct live *live)
{
    struct fault fault = { 0 };
    if (pipeline_open(live, &fault) != STATUS_OK) {
        int64_t wait_ns = failure_note(live);
        note_event(NOTE_ERROR, "%s; it is tried again in %lld s", fault.text,
                   (long long)(wait_ns / 1000000000));
        pipeline_close(live);
        return;
    }
    retry_begin(&live->retry, frame_clock_now_ns());
    atomic_fetch_add(&live->restarts, 1);
    atomic_store(&live->is_down, false);
    note_event(NOTE_INFO, "output '%s' is begun anew", live->options.name);
}

/* One message, or a turn without. */
static void bus_watch(struct live *live)
{
    GstMessage *message =
        gst_bus_timed_pop_filtered(live->bus, TURN_NS, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    int64_t refused_ns = atomic_load(&live->refused_ns);
    if (message == NULL) {
        if (refused_ns != 0 && frame_clock_now_ns() - refused_ns > LIVE_STALL_NS)
            pipeline_fail(live, "it takes nothing any more");
        return;
    }
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
        if (live->is_eos_sent)
            atomic_store(&live->is_done, true);
        else
            pipeline_fail(live, "it ended by itself");
    } else {
        GError *error = NULL;
        gst_message_parse_error(message, &error, NULL);
        pipeline_fail(live, error->message);
        g_error_free(error);
    }
    gst_message_unref(message);
}

static void *live_run(void *ctx)
{
    struct live *live = ctx;
    const struct timespec turn = { .tv_nsec = TURN_NS };
    while (!atomic_load(&live->is_closing) && !atomic_load(&live->is_done)) {
        bool is_ending = atomic_load(&live->is_ending);
        if (live->pipeline == NULL) {
            if (is_ending)
                atomic_store(&live->is_done, true);
            else if (retry_is_due(&live->retry, frame_clock_now_ns()))
                pipeline_begin_anew(live);
            else
                nanosleep(&turn, NULL);
            continue;
        }
        pipeline_play(live);
        if (is_ending && !live->is_playing)
            break; /* no frame ever came */
        if (live->pipeline != NULL && is_ending && !live->is_eos_sent) {
            live->is_eos_sent = true;
            gst_app_src_end_of_stream(live->source);
        }
        if (live->pipeline != NULL)
            bus_watch(live);
    }
    pipeline_close(live);
    atomic_store(&live->is_done, true);
    return NULL;
}

static void live_free(struct live *live)
{
    pipeline_close(live);
    gst_object_unref(live->clock);
    pthread_mutex_destroy(&live->lock);
    free(live);
}

enum status live_create(const struct live_options *options, struct live **live, struct fault *fault)
{
    struct live *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for output '%s'", options->name);
    made->options = *options;
    snprintf(made->name, sizeof made->name, "%s", options->name);
    made->options.name = made->name;
    made->clock = gst_system_clock_obtain(); /* CLOCK_MONOTONIC, as the frame clock */
    pthread_mutex_init(&made->lock, NULL);
    int wrote = snprintf(made->text, sizeof made->text, "%s", options->text);
    enum status status = STATUS_OK;
    if (wrote < 0 || (size_t)wrote >= sizeof made->text)
        status = fault_set(fault, STATUS_LIMIT, "", "output '%s' is too long", options->name);
    if (status == STATUS_OK)
        status = pipeline_open(made, fault);
    retry_begin(&made->retry, frame_clock_now_ns());
    if (status == STATUS_OK && pthread_create(&made->thread, NULL, live_run, made) != 0)
        status = fault_set(fault, STATUS_NOMEM, "", "no thread for output '%s'", options->name);
    if (status != STATUS_OK) {
        live_free(made);
        return status;
    }
    made->is_started = true;
    *live = made;
    return STATUS_OK;
}

void live_base_set(struct live *live, int64_t base_ns)
{
    if (atomic_load_explicit(&live->base_ns, memory_order_relaxed) == 0)
        atomic_store(&live->base_ns, base_ns);
}

bool live_push(struct live *live, GstBuffer *buffer)
{
    /* The pusher never waits: the thread holds the lock for a few instructions only. */
    if (pthread_mutex_trylock(&live->lock) != 0) {
        gst_buffer_unref(buffer);
        return false;
    }
    bool is_full = live->source == NULL ||
                   gst_app_src_get_current_level_buffers(live->source) >= live->options.queue_max;
    if (is_full)
        gst_buffer_unref(buffer);
    bool is_taken = !is_full && gst_app_src_push_buffer(live->source, buffer) == GST_FLOW_OK;
    bool is_stalled = live->source != NULL && !is_taken;
    pthread_mutex_unlock(&live->lock);
    if (is_taken)
        atomic_fetch_add_explicit(&live->pushed, 1, memory_order_relaxed);
    if (!is_stalled)
        atomic_store(&live->refused_ns, 0);
    else if (atomic_load(&live->refused_ns) == 0)
        atomic_store(&live->refused_ns, frame_clock_now_ns());
    return is_taken;
}

void live_end(struct live *live)
{
    atomic_store(&live->is_ending, true);
}

bool live_is_done(const struct live *live)
{
    return atomic_load(&live->is_done);
}

void live_figures_get(const struct live *live, struct live_figures *figures)
{
    figures->restarts = atomic_load(&live->restarts);
    figures->is_down = atomic_load(&live->is_down);
}

bool live_destroy(struct live *live)
{
    if (live == NULL)
        return true;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += JOIN_MAX_S;
    atomic_store(&live->is_closing, true);
    if (live->is_started && pthread_timedjoin_np(live->thread, NULL, &until) != 0) {
        note_event(NOTE_ERROR, "output '%s' hangs and is left behind", live->options.name);
        pthread_detach(live->thread);
        return false;
    }
    live_free(live);
    return true;
}
