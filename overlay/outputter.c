#include "overlay/outputter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "overlay/air.h"
#include "overlay/keeper.h"
#include "overlay/note.h"
#include "overlay/outputter_report.h"
#include "overlay/panic.h"
#include "overlay/vigil.h"

#define TURN_NS 20000000          /* of the main thread */
#define FINISH_MAX_NS 30000000000 /* for encoders to empty what waits */

struct outputter {
    const struct outputter_options *options;
    struct video video;
    struct graphic_exchange *exchange;
    struct keeper *keeper;
    struct output *outputs[OUTPUT_MAX];
    uint32_t output_count;
    struct air air;
    bool has_air;
    struct asrun *asrun; /* or NULL */
    struct panic *panic; /* or NULL */
    sigset_t signals;
    struct vigil vigil;
    int status;
};

static enum status outputs_open(struct outputter *outputter, struct fault *fault)
{
    const struct outputter_options *options = outputter->options;
    for (uint32_t i = 0; i < options->target_count; i++) {
        enum status status =
            output_open(&options->targets[i], &outputter->video, &outputter->outputs[i], fault);
        if (status != STATUS_OK)
            return status;
        outputter->output_count = i + 1;
    }
    return STATUS_OK;
}

static enum status outputter_init(struct outputter *outputter, struct fault *fault)
{
    const struct outputter_options *options = outputter->options;
    const struct format *format = options->format;
    outputter->video = (struct video){
        .format = format,
        .has_alpha = options->background.kind == BACKGROUND_ALPHA,
        .is_straight = options->is_straight,
    };
    uint8_t *background = NULL;
    enum status status = graphic_exchange_create(format->width_px, format->height_px,
                                                 format->tick_rate, &outputter->exchange, fault);
    if (status == STATUS_OK)
        status = keeper_create(outputter->exchange, options->painter_arguments, &outputter->keeper,
                               fault);
    if (status == STATUS_OK && !outputter->video.has_alpha) {
        background = malloc(video_frame_size(&outputter->video));
        status = background == NULL
                     ? fault_set(fault, STATUS_NOMEM, "", "no memory for the background")
                     : background_draw(&options->background, format, background, fault);
    }
    if (status == STATUS_OK)
        status = outputs_open(outputter, fault);
    if (status != STATUS_OK) {
        free(background);
        return status;
    }
    outputter->has_air = true;
    status = air_init(&outputter->air, &outputter->video, outputter->exchange, outputter->outputs,
                      outputter->output_count, background, fault);
    outputter->air.frame_max = (uint64_t)options->seconds * format->frame_rate;
    if (status == STATUS_OK && options->asrun != NULL)
        status = asrun_open(options->asrun, format, &outputter->asrun, fault);
    outputter->air.asrun = outputter->asrun;
    if (status == STATUS_OK && options->panic_socket != NULL)
        status =
            panic_open(options->panic_socket, &outputter->air.shutter, &outputter->panic, fault);
    return status;
}

static void outputter_finish(struct outputter *outputter)
{
    panic_close(outputter->panic);
    if (outputter->has_air)
        air_finish(&outputter->air);
    asrun_close(outputter->asrun);
    for (uint32_t i = 0; i < outputter->output_count; i++)
        output_destroy(outputter->outputs[i]);
    keeper_destroy(outputter->keeper);
    graphic_exchange_destroy(outputter->exchange);
}

/* One turn: at most TURN_NS of waiting for a signal. False: told to stop. */
static bool signal_handle(struct outputter *outputter)
{
    struct timespec turn = { .tv_nsec = TURN_NS };
    int signal = sigtimedwait(&outputter->signals, NULL, &turn);
    if (signal == SIGUSR1) {
        atomic_store(&outputter->air.shutter.wants_clear, true);
        note_event(NOTE_WARNING, "panic: all graphics are off until the programme changes");
    }
    return signal != SIGTERM && signal != SIGINT;
}

static void outputs_poll(struct outputter *outputter)
{
    int64_t now_ns = frame_clock_now_ns();
    for (uint32_t i = 0; i < outputter->output_count; i++)
        output_poll(outputter->outputs[i], now_ns);
}

static void report_tell(struct outputter *outputter)
{
    struct air_report report;
    outputter_report(&outputter->air, outputter->keeper, &report);
    graphic_report_set(outputter->exchange, &report);
}

static void outputter_loop(struct outputter *outputter)
{
    outputter->vigil = (struct vigil){ outputter->keeper,
                                       outputter->exchange,
                                       &outputter->air.shutter,
                                       outputter->options->hold_s,
                                       outputter->options->is_painter_alone,
                                       .live_ns = frame_clock_now_ns() };
    while (!atomic_load(&outputter->air.is_ended)) {
        if (!vigil_poll(&outputter->vigil, frame_clock_now_ns())) {
            outputter->status = 1;
            break;
        }
        panic_poll(outputter->panic);
        outputs_poll(outputter);
        report_tell(outputter);
        if (!signal_handle(outputter))
            break;
    }
    atomic_store(&outputter->air.is_stopping, true);
    air_join(&outputter->air);
    if (outputter->asrun != NULL)
        asrun_end(outputter->asrun, outputter->air.figures.frames);
}

/* Sends the end into every output and waits until each has written what it had. */
static void outputs_end(struct outputter *outputter)
{
    struct timespec turn = { .tv_nsec = TURN_NS };
    int64_t until_ns = frame_clock_now_ns() + FINISH_MAX_NS;
    for (uint32_t i = 0; i < outputter->output_count; i++)
        output_end(outputter->outputs[i]);
    for (uint32_t i = 0; i < outputter->output_count; i++) {
        while (!output_is_done(outputter->outputs[i]) && frame_clock_now_ns() < until_ns) {
            nanosleep(&turn, NULL);
            outputs_poll(outputter);
        }
        struct output_figures figures;
        output_figures_get(outputter->outputs[i], &figures);
        if (figures.is_failed || !output_is_done(outputter->outputs[i]))
            outputter->status = 1;
        if (!output_is_done(outputter->outputs[i]))
            note_event(NOTE_ERROR, "output '%s' could not be finished in time",
                       output_name(outputter->outputs[i]));
    }
}

static void json_string_print(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            printf("\\u%04x", (unsigned)*text);
        else
            putchar(*text);
    }
    putchar('"');
}

static uint64_t mean_of(uint64_t sum, uint64_t count)
{
    return count == 0 ? 0 : sum / count;
}

static void figures_print(struct outputter *outputter)
{
    const struct air_figures *air = &outputter->air.figures;
    const struct frame_clock_figures *clock = &outputter->air.clock.figures;
    struct keeper_figures keeper;
    struct painter_figures painter;
    keeper_figures_get(outputter->keeper, &keeper);
    graphic_figures_get(outputter->exchange, &painter);
#define N(value) ((unsigned long long)(value))
    printf("{\"format\":\"%s\",\"frames\":%llu,\"ticks\":%llu,\"late_frames\":%llu,"
           "\"max_late_us\":%llu,\"wake_late_us\":{\"mean\":%llu,\"p99\":%llu,\"p999\":%llu,"
           "\"max\":%llu}",
           outputter->video.format->name, N(air->frames), N(clock->ticks), N(clock->late_ticks),
           N(clock->done_late_max_ns / 1000),
           N(mean_of((uint64_t)clock->wake_late_sum_ns, clock->ticks) / 1000),
           N(frame_clock_wake_late_us(clock, 990)), N(frame_clock_wake_late_us(clock, 999)),
           N(clock->wake_late_max_ns / 1000));
    printf(",\"graphics\":%llu,\"held\":%llu,\"repeated\":%llu,\"starved\":%llu,"
           "\"convert_ns\":{\"mean\":%llu,\"max\":%llu},\"blend_ns\":{\"mean\":%llu,\"max\":%llu}",
           N(air->graphics), N(air->held), N(air->repeated), N(air->starved),
           N(mean_of(air->convert_ns_sum, air->graphics)), N(air->convert_ns_max),
           N(mean_of(air->blend_ns_sum, air->blends)), N(air->blend_ns_max));
    printf(",\"painter\":{\"starts\":%llu,\"painted\":%llu,\"dropped\":%llu,\"late\":%llu,"
           "\"paint_ns\":{\"mean\":%llu,\"max\":%llu},\"epoch\":%llu},\"outputs\":[",
           N(keeper.starts), N(painter.painted_total), N(painter.dropped_total),
           N(painter.late_total), N(mean_of(painter.paint_ns_sum, painter.painted_total)),
           N(painter.paint_ns_max), N(painter.epoch));
    for (uint32_t i = 0; i < outputter->output_count; i++) {
        struct output_figures output;
        output_figures_get(outputter->outputs[i], &output);
        printf("%s{\"output\":", i == 0 ? "" : ",");
        json_string_print(output_name(outputter->outputs[i]));
        printf(",\"frames\":%llu,\"drops\":%llu,\"stills\":%llu,\"restarts\":%llu,"
               "\"errors\":%llu,\"late\":%llu,\"failed\":%s}",
               N(output.frames), N(output.drops), N(output.stills), N(output.restarts),
               N(output.errors), N(output.late), output.is_failed ? "true" : "false");
    }
#undef N
    puts("]}");
    fflush(stdout);
}

/* Blocked in every thread from here on, and looked for in signal_handle(). */
static void signals_block(struct outputter *outputter)
{
    static const int wanted[] = { SIGTERM, SIGINT, SIGUSR1, SIGCHLD };
    signal(SIGCHLD, SIG_DFL); /* a supervisor may have it ignored: then no child can be awaited */
    sigemptyset(&outputter->signals);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        sigaddset(&outputter->signals, wanted[i]);
    sigset_t blocked = outputter->signals;
    sigaddset(&blocked, SIGPIPE); /* a closed pipe is an error of that output, no more */
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
}

int outputter_run(const struct outputter_options *options)
{
    struct fault fault = { 0 };
    struct outputter *outputter = calloc(1, sizeof *outputter);
    if (outputter == NULL) {
        note_event(NOTE_ERROR, "no memory");
        return 1;
    }
    outputter->options = options;
    signals_block(outputter);
    gst_init(NULL, NULL);
    enum status status = outputter_init(outputter, &fault);
    /* The painter loads its fonts while the first frames go out; they have the background only. */
    if (status == STATUS_OK)
        status = air_start(&outputter->air, &fault);
    if (status == STATUS_OK) {
        note_event(NOTE_INFO, "on air: %s, %u outputs", options->format->name,
                   outputter->output_count);
        outputter_loop(outputter);
        outputs_end(outputter);
        figures_print(outputter);
        note_event(NOTE_INFO, "off air after %llu frames",
                   (unsigned long long)outputter->air.figures.frames);
    } else {
        note_event(NOTE_ERROR, "%s", fault.text);
        outputter->status = 1;
    }
    int exit_status = outputter->status;
    outputter_finish(outputter);
    free(outputter);
    return exit_status;
}
