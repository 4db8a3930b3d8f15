/*
 * insertion: a strip that moves, laid into a recording by the overlay's own inserter, as fast as
 * two cores can, against the same without graphics.
 */
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clients/bench/bench.h"
#include "clients/bench/stage.h"
#include "overlay/inserter.h"

#define PAIR_MAX 99
#define STRIP_WIDTH 1800
#define STRIP_HEIGHT 200
#define STRIP_LEFT 60
#define STRIP_TOP 820
#define INTERLACED_MIN 2.5
#define PROGRESSIVE_MIN 1.8
#define SHARE_MAX 5.0
#define POLL_NS 5000000

/* Stands for the painter: a strip, half transparent, in a new colour for every tick. */
struct strip {
    struct graphic_exchange *exchange;
    uint8_t *canvas;
    uint32_t width_px;
    bool is_blank; /* answers, and paints nothing */
    atomic_bool is_stopping;
    int64_t cpu_ns;
    pthread_t thread;
};

struct measured {
    double realtime;
    double cpu_ms; /* a frame, without the strip's own */
    double share;  /* of convert and blend, in percent */
};

static int64_t cpu_ns_of(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void strip_paint(struct strip *strip, uint64_t tick)
{
    const struct rect rect = { STRIP_LEFT, STRIP_TOP, STRIP_WIDTH, STRIP_HEIGHT };
    uint32_t stride = strip->width_px * 4;
    for (uint32_t y = STRIP_TOP; y < STRIP_TOP + STRIP_HEIGHT; y++) {
        memset(strip->canvas + (size_t)y * stride + (size_t)STRIP_LEFT * 4, (int)(tick % 128),
               (size_t)STRIP_WIDTH * 4);
    }
    (void)!graphic_publish(strip->exchange, strip->canvas, stride, tick, 1, 1, &rect, 1);
}

static void *strip_run(void *ctx)
{
    struct strip *strip = ctx;
    while (!atomic_load(&strip->is_stopping)) {
        uint64_t tick;
        int64_t tick_ns;
        if (graphic_await(strip->exchange, 50, &tick, &tick_ns)) {
            if (!strip->is_blank) {
                strip_paint(strip, tick);
            }
            graphic_answer(strip->exchange);
        }
    }
    strip->cpu_ns = cpu_ns_of(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

static enum status strip_start(struct strip *strip, struct graphic_exchange *exchange,
                               bool is_blank, struct fault *fault)
{
    *strip = (struct strip){ .is_blank = is_blank, .width_px = graphic_exchange_width(exchange) };
    enum status status =
        graphic_exchange_attach(graphic_exchange_fd(exchange), &strip->exchange, fault);
    if (status != STATUS_OK) {
        return status;
    }
    strip->canvas = calloc(4, (size_t)strip->width_px * graphic_exchange_height(exchange));
    if (strip->canvas != NULL && pthread_create(&strip->thread, NULL, strip_run, strip) == 0) {
        return STATUS_OK;
    }
    free(strip->canvas);
    graphic_exchange_destroy(strip->exchange);
    return fault_set(fault, STATUS_NOMEM, "", "no memory for the strip");
}

static void strip_stop(struct strip *strip)
{
    atomic_store(&strip->is_stopping, true);
    pthread_join(strip->thread, NULL);
    free(strip->canvas);
    graphic_exchange_destroy(strip->exchange);
}

/* A recording by ffmpeg: a picture that moves, at the rates of a broadcast. */
static enum status clip_make(const char *path, const struct format *format, double seconds,
                             struct fault *fault)
{
    char source[96];
    char length[24];
    pid_t child;
    int state = 0;
    snprintf(source, sizeof(source), "testsrc2=s=%ux%u:r=%u", format->width_px, format->height_px,
             format->tick_rate);
    snprintf(length, sizeof(length), "%.3f", seconds);
    const char *arguments[] = { "ffmpeg",
                                "-nostdin",
                                "-v",
                                "error",
                                "-y",
                                "-f",
                                "lavfi",
                                "-i",
                                source,
                                "-vf",
                                format->is_interlaced
                                    ? "tinterlace=interleave_top,setfield=tff,format=yuv420p"
                                    : "format=yuv420p",
                                "-t",
                                length,
                                "-c:v",
                                "libx264",
                                "-preset",
                                "superfast",
                                "-b:v",
                                "8M",
                                "-maxrate",
                                "8M",
                                "-bufsize",
                                "6M",
                                "-g",
                                "25",
                                "-x264-params",
                                "nal-hrd=cbr:force-cfr=1",
                                "-muxrate",
                                "12M",
                                "-f",
                                "mpegts",
                                "-flags",
                                format->is_interlaced ? "+ildct+ilme" : "+cgop",
                                "-top",
                                format->is_interlaced ? "1" : "-1",
                                path,
                                NULL };
    if (posix_spawnp(&child, arguments[0], NULL, NULL, (char *const *)(void *)arguments, environ) !=
        0) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "cannot start ffmpeg: %s", strerror(errno));
    }
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
        return fault_set(fault, STATUS_IO, "", "ffmpeg could not make a recording");
    }
    return STATUS_OK;
}

static enum status inserter_measure(const struct inserter_options *options,
                                    struct graphic_exchange *exchange, bool is_blank,
                                    struct measured *measured, struct fault *fault)
{
    struct strip strip;
    struct inserter *inserter = NULL;
    struct inserter_figures figures;
    bool is_written = true;
    enum status status = strip_start(&strip, exchange, is_blank, fault);
    if (status != STATUS_OK) {
        return status;
    }
    int64_t begin_ns = bench_now_ns(), cpu_ns = cpu_ns_of(CLOCK_PROCESS_CPUTIME_ID);
    status = inserter_create(options, exchange, &inserter, fault);
    if (status == STATUS_OK) {
        status = inserter_start(inserter, fault);
    }
    while (status == STATUS_OK && !inserter_is_ended(inserter)) {
        bench_sleep_until(bench_now_ns() + POLL_NS);
    }
    cpu_ns = cpu_ns_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns;
    double wall_s = (double)(bench_now_ns() - begin_ns) / 1e9;
    if (status == STATUS_OK) {
        inserter_figures_get(inserter, &figures);
    }
    inserter_destroy(inserter, &is_written);
    strip_stop(&strip);
    if (status != STATUS_OK || figures.coding.coder.coded == 0 || !is_written) {
        return fault_set(fault, STATUS_IO, "", "nothing was inserted");
    }
    double frames = (double)figures.coding.coder.coded;
    double graphics_ns = (double)(figures.graft.convert_ns_sum + figures.graft.blend_ns_sum);
    double chain_ns = (double)(cpu_ns - strip.cpu_ns);
    measured->realtime = frames / options->format->frame_rate / wall_s;
    measured->cpu_ms = chain_ns / frames / 1e6;
    measured->share = 100 * graphics_ns / chain_ns;
    return STATUS_OK;
}

/* Medians of one format. */
static enum status format_measure(const struct bench *bench, const char *dir, const char *name,
                                  struct measured *with, struct measured *without,
                                  struct fault *fault)
{
    static double series[4][PAIR_MAX];
    char in[BENCH_PATH_SIZE + 32];
    char out[BENCH_PATH_SIZE + 32];
    struct graphic_exchange *exchange = NULL;
    struct inserter_options options = { .format = format_find(name), .sink_count = 1 };
    snprintf(in, sizeof(in), "%s/in.ts", dir);
    snprintf(out, sizeof(out), "%s/out.ts", dir);
    options.source = (struct ts_source_target){ TS_SOURCE_FILE, in };
    options.sinks[0] = (struct ts_sink_target){ TS_SINK_FILE, out };
    enum status status = clip_make(in, options.format, bench->options.seconds, fault);
    for (uint32_t i = 0; status == STATUS_OK && i < bench->options.pairs; i++) {
        for (int is_blank = 0; status == STATUS_OK && is_blank < 2; is_blank++) {
            struct measured *one = is_blank == 1 ? without : with;
            status = graphic_exchange_create(options.format->width_px, options.format->height_px,
                                             options.format->tick_rate, &exchange, fault);
            if (status == STATUS_OK) {
                status = inserter_measure(&options, exchange, is_blank == 1, one, fault);
                graphic_exchange_destroy(exchange);
            }
        }
        series[0][i] = with->realtime;
        series[1][i] = with->cpu_ms;
        series[2][i] = with->share;
        series[3][i] = without->cpu_ms;
    }
    with->realtime = bench_median(series[0], bench->options.pairs);
    with->cpu_ms = bench_median(series[1], bench->options.pairs);
    with->share = bench_median(series[2], bench->options.pairs);
    without->cpu_ms = bench_median(series[3], bench->options.pairs);
    return status;
}

enum status bench_insertion(const struct bench *bench, struct report *report, struct fault *fault)
{
    static struct stage stage;
    struct measured fields = { 0 };
    struct measured bare = { 0 };
    struct measured frames = { 0 };
    struct measured ignored = { 0 };
    enum status status = stage_open(bench, &stage, fault);
    process_pin_both(bench);
    if (status == STATUS_OK) {
        status = format_measure(bench, stage.dir, "1080i25", &fields, &bare, fault);
    }
    if (status == STATUS_OK) {
        status = format_measure(bench, stage.dir, "1080p50", &frames, &ignored, fault);
    }
    stage_close(&stage);
    if (status != STATUS_OK) {
        return status;
    }
    snprintf(report->title, sizeof(report->title),
             "a strip of %d x %d into H.264, %u pairs; on cores %d and %d", STRIP_WIDTH,
             STRIP_HEIGHT, bench->options.pairs, bench->server_cpu, bench->load_cpu);
    report->floor = bare.cpu_ms;
    report->ratio = fields.cpu_ms / bare.cpu_ms;
    report_put_goal(report, "realtime_1080i25", "1080i25, times real time", fields.realtime, 2, "x",
                    "at least 2.5", fields.realtime >= INTERLACED_MIN);
    report_put_goal(report, "realtime_1080p50", "1080p50, times real time", frames.realtime, 2, "x",
                    "at least 1.8", frames.realtime >= PROGRESSIVE_MIN);
    report_put_goal(report, "graphics_share", "graphics' share of the CPU, 1080i25", fields.share,
                    2, "%", "at most 5", fields.share <= SHARE_MAX);
    report_put_goal(report, "graphics_share_p50", "graphics' share of the CPU, 1080p50",
                    frames.share, 2, "%", "at most 5", frames.share <= SHARE_MAX);
    report_put(report, "cpu_ms", "CPU a frame, 1080i25", fields.cpu_ms, 2, "ms");
    report_put(report, "bare_cpu_ms", "  without graphics", bare.cpu_ms, 2, "ms");
    report_put(report, "cpu_ms_p50", "CPU a frame, 1080p50", frames.cpu_ms, 2, "ms");
    return status;
}
