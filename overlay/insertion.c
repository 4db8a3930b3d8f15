#include "overlay/insertion.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "overlay/frame_clock.h"
#include "overlay/inserter.h"
#include "overlay/note.h"
#include "overlay/outputter_report.h"
#include "overlay/panic.h"
#include "overlay/vigil.h"

#define TURN_NS 20000000
#define FINISH_MAX_NS 30000000000

_Static_assert(TS_SINK_MAX == AIR_OUTPUT_MAX, "a report names every output");

struct insertion {
    const struct outputter_options *options;
    struct graphic_exchange *exchange;
    struct keeper *keeper;
    struct inserter *inserter;
    sigset_t signals;
    struct asrun *asrun; /* or NULL */
    uint8_t *slate;      /* or NULL */
    struct panic *panic; /* or NULL */
    struct vigil vigil;
    bool is_bypassing;
    uint64_t frame_count; /* in all, at the end */
    int status;
};

static enum status slate_make(struct insertion *insertion, struct fault *fault)
{
    const struct format *format = insertion->options->format;
    insertion->slate = malloc((size_t)format->width_px * format->height_px * 3 / 2);
    if (insertion->slate == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the slate");
    return background_draw(&insertion->options->background, format, insertion->slate, fault);
}

static enum status insertion_init(struct insertion *insertion, struct fault *fault)
{
    const struct outputter_options *options = insertion->options;
    const struct format *format = options->format;
    struct inserter_options wanted = {
        .format = format,
        .source = options->input,
        .sink_count = options->target_count,
        .frame_max = (uint64_t)options->seconds * format->frame_rate,
        .lost = options->lost,
    };
    for (uint32_t i = 0; i < options->target_count; i++)
        wanted.sinks[i] = options->sinks[i];
    enum status status = STATUS_OK;
    if (options->asrun != NULL)
        status = asrun_open(options->asrun, format, &insertion->asrun, fault);
    wanted.asrun = insertion->asrun;
    if (status == STATUS_OK && options->lost == INPUT_LOST_SLATE)
        status = slate_make(insertion, fault);
    wanted.slate = insertion->slate;
    if (status == STATUS_OK)
        status = graphic_exchange_create(format->width_px, format->height_px, format->tick_rate,
                                         &insertion->exchange, fault);
    if (status == STATUS_OK)
        status = keeper_create(insertion->exchange, options->painter_arguments, &insertion->keeper,
                               fault);
    if (status == STATUS_OK)
        status = inserter_create(&wanted, insertion->exchange, &insertion->inserter, fault);
    if (status == STATUS_OK && options->panic_socket != NULL)
        status = panic_open(options->panic_socket, inserter_shutter(insertion->inserter),
                            &insertion->panic, fault);
    return status;
}

/* One turn: at most TURN_NS of waiting for a signal. False: told to stop. */
static bool signal_handle(struct insertion *insertion)
{
    struct timespec turn = { .tv_nsec = TURN_NS };
    int signal = sigtimedwait(&insertion->signals, NULL, &turn);
    if (signal == SIGUSR1) {
        atomic_store(&inserter_shutter(insertion->inserter)->wants_clear, true);
        note_event(NOTE_WARNING, "panic: all graphics are off until the programme changes");
    }
    if (signal == SIGUSR2) {
        insertion->is_bypassing = !insertion->is_bypassing;
        inserter_bypass(insertion->inserter, insertion->is_bypassing);
        note_event(NOTE_WARNING, "bypass is %s from the next key picture on",
                   insertion->is_bypassing ? "wanted" : "ended");
    }
    return signal != SIGTERM && signal != SIGINT;
}

static enum air_state input_state(struct insertion *insertion, const struct inserter_state *state)
{
    if (inserter_is_failed(insertion->inserter))
        return AIR_FAILED;
    return state->packets_in == 0 || state->is_standing ? AIR_RETRYING : AIR_UP;
}

/* Delays are not told: a picture comes out a constant time after it went in. */
static void report_tell(struct insertion *insertion)
{
    struct inserter_state state;
    inserter_state_get(insertion->inserter, &state);
    const struct graft_figures *graft = &state.graft;
    struct air_report report = {
        .frames = graft->frames,
        .late = state.late,
        .is_panic = state.is_panic,
        .is_hidden = state.is_hidden,
        .input = input_state(insertion, &state),
        .convert = { graft->graphics, graft->convert_ns_sum / 1000, graft->convert_ns_max / 1000 },
        .blend = { graft->blends, graft->blend_ns_sum / 1000, graft->blend_ns_max / 1000 },
        .output_count = inserter_sink_count(insertion->inserter),
    };
    snprintf(report.format, sizeof report.format, "%s", insertion->options->format->name);
    for (uint32_t i = 0; i < report.output_count; i++) {
        const struct ts_sink *sink = inserter_sink(insertion->inserter, i);
        struct ts_sink_figures figures;
        ts_sink_figures_get(sink, &figures);
        air_name_set(report.outputs[i].name, ts_sink_name(sink));
        report.outputs[i].state = figures.is_failed ? AIR_FAILED : AIR_UP;
        report.outputs[i].frames = graft->frames;
        report.outputs[i].drops = figures.drops;
    }
    outputter_report_keeper(insertion->keeper, &report);
    graphic_report_set(insertion->exchange, &report);
}

static void insertion_loop(struct insertion *insertion)
{
    int64_t until_ns = INT64_MAX;
    insertion->vigil = (struct vigil){ insertion->keeper,
                                       insertion->exchange,
                                       inserter_shutter(insertion->inserter),
                                       insertion->options->hold_s,
                                       insertion->options->is_painter_alone,
                                       .live_ns = frame_clock_now_ns() };
    while (!inserter_is_ended(insertion->inserter) && frame_clock_now_ns() < until_ns) {
        int64_t now_ns = frame_clock_now_ns();
        if (!vigil_poll(&insertion->vigil, now_ns)) {
            insertion->status = 1;
            return;
        }
        panic_poll(insertion->panic);
        inserter_poll(insertion->inserter);
        report_tell(insertion);
        if (!signal_handle(insertion)) {
            inserter_stop(insertion->inserter);
            until_ns = now_ns + FINISH_MAX_NS;
        }
    }
    if (!inserter_is_ended(insertion->inserter)) {
        note_event(NOTE_ERROR, "what is in could not be put out in time");
        insertion->status = 1;
    }
    inserter_poll(insertion->inserter);
}

#define N(value) ((unsigned long long)(value))

static uint64_t mean_of(uint64_t sum, uint64_t count)
{
    return count == 0 ? 0 : sum / count;
}

static void figures_print(struct insertion *insertion)
{
    struct inserter_figures figures;
    struct painter_figures painter;
    struct keeper_figures keeper;
    inserter_figures_get(insertion->inserter, &figures);
    insertion->frame_count = figures.coding.coder.decoded;
    graphic_figures_get(insertion->exchange, &painter);
    keeper_figures_get(insertion->keeper, &keeper);
    const struct passage_figures *passage = &figures.passage;
    printf("{\"format\":\"%s\",\"frames\":%llu,\"delay_ms\":%llu,\"input\":{\"packets\":%llu,"
           "\"garbage\":%llu,\"broken\":%llu,\"jumps\":%llu,\"losses\":%llu,\"overflow\":%llu,"
           "\"returns\":%llu}",
           insertion->options->format->name, N(figures.coding.coder.coded),
           N(PASSAGE_DELAY * 1000 / TS_SECOND), N(passage->packets_in), N(figures.garbage),
           N(passage->broken), N(passage->jumps), N(passage->torn), N(figures.overflow),
           N(figures.returns));
    printf(",\"video\":{\"decoded\":%llu,\"broken\":%llu,\"refused\":%llu,\"lost\":%llu,"
           "\"late\":%llu,\"stale\":%llu,\"failures\":%llu,\"hangs\":%llu,\"bypasses\":%llu,"
           "\"draw_ns\":{\"mean\":%llu,\"max\":%llu}}",
           N(figures.coding.coder.decoded), N(figures.coding.coder.broken),
           N(figures.coding.coder.refused), N(figures.coding.lost), N(passage->late),
           N(passage->stale), N(figures.coding.failures), N(figures.coding.hangs),
           N(passage->bypasses),
           N(mean_of(figures.coding.coder.draw_ns_sum, figures.coding.coder.decoded)),
           N(figures.coding.coder.draw_ns_max));
    printf(",\"graphics\":%llu,\"held\":%llu,\"convert_ns\":{\"mean\":%llu,\"max\":%llu},"
           "\"blend_ns\":{\"mean\":%llu,\"max\":%llu},\"max_late_us\":%llu",
           N(figures.graft.graphics), N(figures.graft.held),
           N(mean_of(figures.graft.convert_ns_sum, figures.graft.graphics)),
           N(figures.graft.convert_ns_max),
           N(mean_of(figures.graft.blend_ns_sum, figures.graft.blends)),
           N(figures.graft.blend_ns_max), N(figures.late_max_ns / 1000));
    printf(",\"painter\":{\"starts\":%llu,\"painted\":%llu,\"dropped\":%llu,\"late\":%llu,"
           "\"paint_ns\":{\"mean\":%llu,\"max\":%llu},\"epoch\":%llu},\"outputs\":[",
           N(keeper.starts), N(painter.painted_total), N(painter.dropped_total),
           N(painter.late_total), N(mean_of(painter.paint_ns_sum, painter.painted_total)),
           N(painter.paint_ns_max), N(painter.epoch));
    for (uint32_t i = 0; i < inserter_sink_count(insertion->inserter); i++) {
        struct ts_sink_figures sink;
        ts_sink_figures_get(inserter_sink(insertion->inserter, i), &sink);
        printf("%s{\"packets\":%llu,\"drops\":%llu,\"failed\":%s}", i == 0 ? "" : ",",
               N(sink.packets), N(sink.drops), sink.is_failed ? "true" : "false");
    }
    puts("]}");
    fflush(stdout);
}
#undef N

static void signals_block(struct insertion *insertion)
{
    static const int wanted[] = { SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGCHLD };
    signal(SIGCHLD, SIG_DFL); /* a supervisor may have it ignored: then no child can be awaited */
    sigemptyset(&insertion->signals);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        sigaddset(&insertion->signals, wanted[i]);
    sigset_t blocked = insertion->signals;
    sigaddset(&blocked, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
}

int insertion_run(const struct outputter_options *options)
{
    struct fault fault = { 0 };
    struct insertion insertion = { .options = options };
    signals_block(&insertion);
    gst_init(NULL, NULL);
    enum status status = insertion_init(&insertion, &fault);
    if (status == STATUS_OK)
        status = inserter_start(insertion.inserter, &fault);
    if (status == STATUS_OK) {
        note_event(NOTE_INFO, "inserting: %s, %u outputs, %llu ms after the input",
                   options->format->name, options->target_count,
                   (unsigned long long)(PASSAGE_DELAY * 1000 / TS_SECOND));
        insertion_loop(&insertion);
        figures_print(&insertion);
        if (inserter_is_failed(insertion.inserter))
            insertion.status = 1;
    } else {
        note_event(NOTE_ERROR, "%s", fault.text);
        insertion.status = 1;
    }
    bool is_written = true;
    panic_close(insertion.panic);
    inserter_destroy(insertion.inserter, &is_written);
    if (insertion.asrun != NULL)
        asrun_end(insertion.asrun, insertion.frame_count);
    asrun_close(insertion.asrun);
    free(insertion.slate);
    keeper_destroy(insertion.keeper);
    graphic_exchange_destroy(insertion.exchange);
    return is_written ? insertion.status : 1;
}
