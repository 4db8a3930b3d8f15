/*
 * minpingd: options, wiring, the loop. The only file that knows everything.
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "server/base/disk.h"
#include "server/base/log.h"
#include "server/net/server.h"
#include "server/protocol/event_file.h"
#include "server/protocol/roll_file.h"
#include "server/service/custody.h"
#include "server/service/publisher.h"
#include "server/service/room.h"
#include "server/votelog/votelog.h"

#define PUBLISH_INTERVAL_MS 40 /* a frame of 25: nothing on air changes faster */
#define COMMIT_GAP_MS 5        /* TRAPS: group commit */
#define DRAIN_MAX 8192         /* records a turn of the loop */
#define STOP_FLUSH_MS 10       /* how often a stop looks whether everything is durable */
#define STOP_MAX_MS 10000      /* a disk slower than that is a failed disk */
#define STOP_GOODBYE_MS 500    /* for close frames */
#define CLOSE_TURN_MAX 100     /* turns of the loop for closed handles to be let go */

struct options {
    const char *event;
    const char *data;
    const char *listen;
    const char *desk;
    const char *tls_cert;
    const char *tls_key;
    bool allow_unsafe_disk;
    bool check;
};

struct app {
    struct options options;
    uv_loop_t loop;
    uv_async_t log_wake;
    uv_timer_t publish;
    uv_timer_t sweep;
    uv_timer_t stop;
    uv_signal_t sigterm;
    uv_signal_t sigint;
    struct event *event;
    struct roll roll; /* of an event that has one */
    char *event_text;
    size_t event_size;
    struct custody *custody;
    struct votelog *log;
    struct votelog_identity identity;
    struct room *room;
    struct publisher *publisher;
    struct server *server;
    uint64_t stop_began_ms;
    bool is_saying_goodbye;
    bool is_failed;
    int status;
};

static const char usage[] =
    "usage: minpingd --event FILE --data DIR [options]\n"
    "       minpingd --check --event FILE\n"
    "\n"
    "  --event FILE          the event, minping-event(5)\n"
    "  --data DIR            log, keys, roll.csv, tokens/POST.token; made when missing\n"
    "  --listen HOST:PORT    voters and viewers (127.0.0.1:0; port 0 takes a free one)\n"
    "  --desk HOST:PORT      operators, officers, overlay, metrics (127.0.0.1:0)\n"
    "  --tls-cert FILE       certificate chain in PEM, for both; with --tls-key\n"
    "  --tls-key FILE        its private key\n"
    "  --allow-unsafe-disk   start on a network, overlay or memory file system all the same\n"
    "  --check               validate the event, list every fault with its JSON path\n"
    "  --help, --version\n";

static int options_read(int argc, char **argv, struct options *options)
{
    static const struct option longs[] = {
        { "event", required_argument, NULL, 'e' },
        { "data", required_argument, NULL, 'd' },
        { "listen", required_argument, NULL, 'l' },
        { "desk", required_argument, NULL, 'k' },
        { "tls-cert", required_argument, NULL, 'c' },
        { "tls-key", required_argument, NULL, 'y' },
        { "allow-unsafe-disk", no_argument, NULL, 'u' },
        { "check", no_argument, NULL, 'x' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
    };
    *options = (struct options){ .listen = "127.0.0.1:0", .desk = "127.0.0.1:0" };
    int option;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (option) {
        case 'e':
            options->event = optarg;
            break;
        case 'd':
            options->data = optarg;
            break;
        case 'l':
            options->listen = optarg;
            break;
        case 'k':
            options->desk = optarg;
            break;
        case 'c':
            options->tls_cert = optarg;
            break;
        case 'y':
            options->tls_key = optarg;
            break;
        case 'u':
            options->allow_unsafe_disk = true;
            break;
        case 'x':
            options->check = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return 0;
        case 'v':
            puts("minpingd " MINPING_VERSION);
            return 0;
        default:
            fputs(usage, stderr);
            return 2;
        }
    }
    bool is_complete = options->event != NULL && (options->check || options->data != NULL) &&
                       (options->tls_cert == NULL) == (options->tls_key == NULL);
    if (optind != argc || !is_complete) {
        fputs(usage, stderr);
        return 2;
    }
    return -1;
}

static void fault_print(const struct fault *fault)
{
    fprintf(stderr, "minpingd: %s%s%s\n", fault->where, fault->where[0] != '\0' ? ": " : "",
            fault->text);
}

static void faults_print(const struct fault_list *faults)
{
    for (uint32_t i = 0; i < faults->count; i++) {
        fault_print(&faults->faults[i]);
    }
    if (faults->omitted > 0) {
        fprintf(stderr, "minpingd: and %" PRIu32 " more\n", faults->omitted);
    }
}

/* The event, and the bytes it was read from: the data directory keeps them beside the log. */
static enum status event_load(struct app *app)
{
    static struct fault_list faults;
    struct fault fault = { 0 };
    enum status status = disk_read_file(app->options.event, EVENT_SIZE_MAX, &app->event_text,
                                        &app->event_size, &fault);
    if (status == STATUS_LIMIT) {
        fault = (struct fault){ 0 };
        fault_set(&fault, status, "$", "'%s' is larger than %u bytes, the most an event has",
                  app->options.event, EVENT_SIZE_MAX);
    }
    if (status != STATUS_OK) {
        fault_print(&fault);
        return status;
    }
    status = event_parse(app->event_text, app->event_size, &app->event, &faults);
    faults_print(&faults);
    return status;
}

/*
 * The roll of an event that has one: as it was at the first start, else the file the event names.
 * The event's groups have their seats afterwards.
 */
static enum status roll_load(struct app *app)
{
    static struct fault_list faults;
    char path[512];
    struct fault fault = { 0 };
    if (!app->event->has_roll) {
        return STATUS_OK;
    }
    bool is_kept = app->options.data != NULL &&
                   snprintf(path, sizeof(path), "%s/roll.csv", app->options.data) > 0 &&
                   access(path, F_OK) == 0;
    if (!is_kept && !roll_path(app->options.event, app->event, path, sizeof(path))) {
        fault_set(&fault, STATUS_LIMIT, "$.roll", "the name of the roll's file is too long");
        fault_print(&fault);
        return STATUS_LIMIT;
    }
    enum status status = roll_file_read(path, app->event, &app->roll, &faults);
    if (status == STATUS_OK) {
        status = event_seat_roll(app->event, &app->roll, &faults);
    }
    faults_print(&faults);
    return status;
}

static void app_fail(struct app *app, const struct fault *fault)
{
    if (app->is_failed) {
        return;
    }
    app->is_failed = true;
    app->status = 1;
    log_event(LOG_LEVEL_ERROR, "stops: %s", fault->text);
    uv_stop(&app->loop);
}

static void log_woke(uv_async_t *async)
{
    struct app *app = async->data;
    struct fault fault = { 0 };
    uint32_t visited = 0;
    if (app->is_failed) {
        return;
    }
    if (room_drain(app->room, DRAIN_MAX, &visited, &fault) != STATUS_OK) {
        app_fail(app, &fault);
        return;
    }
    if (visited == DRAIN_MAX) {
        uv_async_send(async); /* others have a turn first */
    }
    if (room_take_dirty(app->room)) {
        publisher_touch(app->publisher);
    }
}

/* On the log's writer thread. */
static void log_wake(void *ctx)
{
    struct app *app = ctx;
    uv_async_send(&app->log_wake);
}

static int64_t now_ms(void)
{
    uv_timeval64_t now;
    uv_gettimeofday(&now);
    return now.tv_sec * 1000 + now.tv_usec / 1000;
}

static bool epochs_want(void *ctx, uint64_t upto)
{
    struct app *app = ctx;
    return room_reserve_epochs(app->room, upto, now_ms()) == STATUS_OK;
}

static void epochs_have(void *ctx, uint64_t upto)
{
    struct app *app = ctx;
    publisher_reserved(app->publisher, upto);
}

static void publish_due(uv_timer_t *timer)
{
    struct app *app = timer->data;
    room_tick(app->room, now_ms());
    uint32_t audiences = publisher_tick(app->publisher, now_ms());
    if (audiences != 0) {
        sessions_published(server_sessions(app->server), audiences);
    }
}

static void sweep_due(uv_timer_t *timer)
{
    struct app *app = timer->data;
    server_sweep(app->server);
}

static void round_changed(void *ctx)
{
    struct app *app = ctx;
    struct round_notice notice;
    room_round_notice(app->room, &notice);
    log_event(LOG_LEVEL_INFO, "round %" PRIu32 " of %s/%s is %s", notice.round, notice.contest,
              notice.subject, round_state_name(notice.state));
    publisher_touch(app->publisher);
    sessions_round_changed(server_sessions(app->server));
}

static void roll_changed(void *ctx)
{
    struct app *app = ctx;
    sessions_roll_changed(server_sessions(app->server), now_ms());
}

static void refused(void *ctx, struct sender sender, const struct refused *what)
{
    struct app *app = ctx;
    sessions_refused(server_sessions(app->server), sender, what);
}

static void programme_changed(void *ctx)
{
    struct app *app = ctx;
    sessions_programme_changed(server_sessions(app->server));
}

static void acked(void *ctx, struct sender sender, const struct ack *ack)
{
    struct app *app = ctx;
    sessions_acked(server_sessions(app->server), sender, ack);
}

static void done(void *ctx, struct sender sender, const struct done *what)
{
    struct app *app = ctx;
    sessions_done(server_sessions(app->server), sender, what);
}

/*
 * A clean stop: nothing more is read; what was offered becomes durable and is acknowledged; then
 * every connection hears 1001.
 */
static void stop_step(uv_timer_t *timer)
{
    struct app *app = timer->data;
    uint64_t passed_ms = uv_now(&app->loop) - app->stop_began_ms;
    if (app->is_saying_goodbye) {
        if (server_connection_count(app->server) == 0 || passed_ms > STOP_GOODBYE_MS) {
            uv_stop(&app->loop);
        }
        return;
    }
    if (room_waiting(app->room) == 0 || passed_ms > STOP_MAX_MS) {
        app->is_saying_goodbye = true;
        app->stop_began_ms = uv_now(&app->loop);
        server_hang_up_all(app->server);
    }
}

static void signal_came(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;
    if (app->stop_began_ms != 0) {
        return;
    }
    log_event(LOG_LEVEL_INFO, "stops on %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
    app->stop_began_ms = uv_now(&app->loop);
    server_quiesce(app->server);
    uv_timer_start(&app->stop, stop_step, 0, STOP_FLUSH_MS);
}

/* DIR/event.json: written once; at a later start, a full disk included, it is there already. */
static enum status event_keep(struct app *app, struct fault *fault)
{
    char path[512];
    char *kept = NULL;
    size_t size = 0;
    snprintf(path, sizeof(path), "%s/event.json", app->options.data);
    bool is_there = disk_read_file(path, EVENT_SIZE_MAX, &kept, &size, NULL) == STATUS_OK &&
                    size == app->event_size && memcmp(kept, app->event_text, size) == 0;
    free(kept);
    return is_there ? STATUS_OK
                    : disk_write_file(app->options.data, "event.json", app->event_text,
                                      app->event_size, fault);
}

static enum status data_open(struct app *app, bool *is_unsafe, struct fault *fault)
{
    const char *kind = "";
    enum status status = disk_prepare(app->options.data, is_unsafe, &kind, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (*is_unsafe && !app->options.allow_unsafe_disk) {
        return fault_set(fault, STATUS_DENIED, "--data",
                         "'%s' is on %s, which may lose what it says is kept: use a local disk, "
                         "or --allow-unsafe-disk for tests",
                         app->options.data, kind);
    }
    if (*is_unsafe) {
        log_event(LOG_LEVEL_WARNING, "'%s' is on %s: acknowledged votes may be lost in a power cut",
                  app->options.data, kind);
    }
    memcpy(app->identity.event_hash, app->event->hash, sizeof(app->identity.event_hash));
    snprintf(app->identity.event_id, sizeof(app->identity.event_id), "%s", app->event->id);
    struct votelog_options log_options = {
        .dir = app->options.data, .commit_gap_ms = COMMIT_GAP_MS, .wake = log_wake, .ctx = app
    };
    status = votelog_open_sqlite(&log_options, &app->identity, &app->log, fault);
    if (status == STATUS_OK) {
        status = event_keep(app, fault);
    }
    if (status == STATUS_OK) {
        struct votelog_figures figures;
        votelog_figures(app->log, &figures);
        status =
            custody_open(app->options.data, app->event, app->event->has_roll ? &app->roll : NULL,
                         figures.batch_total == 0, &app->custody, fault);
    }
    return status;
}

static enum status app_open(struct app *app, struct fault *fault)
{
    bool is_unsafe = false;
    struct room_handlers handlers = {
        .acked = acked,
        .done = done,
        .refused = refused,
        .round_changed = round_changed,
        .roll_changed = roll_changed,
        .programme_changed = programme_changed,
        .epochs_reserved = epochs_have,
        .ctx = app,
    };
    enum status status = data_open(app, &is_unsafe, fault);
    if (status == STATUS_OK) {
        status = room_create(app->event, app->custody, app->log, &handlers, &app->room, fault);
    }
    if (status == STATUS_OK) {
        status = room_replay(app->room, fault);
    }
    if (status == STATUS_OK) {
        status = room_begin(app->room, now_ms(), fault);
    }
    if (status == STATUS_OK) {
        status = publisher_create(room_sitting(app->room), app->identity.log_id, epochs_want, app,
                                  &app->publisher, fault);
    }
    if (status == STATUS_OK) {
        struct server_options server_options = {
            .loop = &app->loop,
            .listen_at = app->options.listen,
            .desk_at = app->options.desk,
            .tls_cert = app->options.tls_cert,
            .tls_key = app->options.tls_key,
            .event = app->event,
            .custody = app->custody,
            .room = app->room,
            .publisher = app->publisher,
            .log = app->log,
            .log_id = app->identity.log_id,
            .is_disk_unsafe = is_unsafe,
        };
        status = server_create(&server_options, &app->server, fault);
    }
    return status;
}

static void handles_open(struct app *app)
{
    uv_async_init(&app->loop, &app->log_wake, log_woke);
    uv_timer_init(&app->loop, &app->publish);
    uv_timer_init(&app->loop, &app->sweep);
    uv_timer_init(&app->loop, &app->stop);
    uv_signal_init(&app->loop, &app->sigterm);
    uv_signal_init(&app->loop, &app->sigint);
    app->log_wake.data = app->publish.data = app->sweep.data = app->stop.data = app;
    app->sigterm.data = app->sigint.data = app;
}

static void app_run(struct app *app)
{
    const char *scheme = app->options.tls_cert != NULL ? "https" : "http";
    uv_timer_start(&app->publish, publish_due, 0, PUBLISH_INTERVAL_MS);
    uv_timer_start(&app->sweep, sweep_due, SERVER_SWEEP_MS, SERVER_SWEEP_MS);
    uv_signal_start(&app->sigterm, signal_came, SIGTERM);
    uv_signal_start(&app->sigint, signal_came, SIGINT);
    server_start(app->server);
    log_event(LOG_LEVEL_INFO, "event %s, log %s, %" PRIu32 " seats, %" PRIu64 " marks recorded",
              app->event->id, app->identity.log_id, app->event->seat_count,
              room_recorded_total(app->room));
    printf("listening on %s://%s\n", scheme, server_listen_address(app->server));
    printf("desk on %s://%s\n", scheme, server_desk_address(app->server));
    fflush(stdout);
    uv_run(&app->loop, UV_RUN_DEFAULT);
}

/* Ours alone: lws closes its own handles, some of them a turn of the loop later. */
static void handles_close(struct app *app)
{
    uv_handle_t *const handles[] = {
        (uv_handle_t *)&app->log_wake, (uv_handle_t *)&app->publish, (uv_handle_t *)&app->sweep,
        (uv_handle_t *)&app->stop,     (uv_handle_t *)&app->sigterm, (uv_handle_t *)&app->sigint,
    };
    for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
        uv_close(handles[i], NULL);
    }
    for (int turn = 0; turn < CLOSE_TURN_MAX && uv_loop_alive(&app->loop); turn++) {
        uv_run(&app->loop, UV_RUN_NOWAIT);
    }
    uv_loop_close(&app->loop);
}

static void app_close(struct app *app)
{
    server_destroy(app->server);
    votelog_close(app->log); /* after it no wake comes */
    publisher_destroy(app->publisher);
    room_destroy(app->room);
    custody_close(app->custody);
    roll_finish(&app->roll);
    event_destroy(app->event);
    free(app->event_text);
    handles_close(app);
}

int main(int argc, char **argv)
{
    static struct app app;
    struct fault fault = { 0 };
    int early = options_read(argc, argv, &app.options);
    if (early >= 0) {
        return early;
    }
    if (event_load(&app) != STATUS_OK || roll_load(&app) != STATUS_OK) {
        event_destroy(app.event);
        free(app.event_text);
        return 1;
    }
    if (app.options.check) {
        printf("%s: no faults\n", app.options.event);
        roll_finish(&app.roll);
        event_destroy(app.event);
        free(app.event_text);
        return 0;
    }
    umask(0077);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_DUMPABLE, 0); /* no core with keys in it */
    uv_loop_init(&app.loop);
    handles_open(&app);
    if (app_open(&app, &fault) != STATUS_OK) {
        fault_print(&fault);
        app.status = 1;
    } else {
        app_run(&app);
        log_event(LOG_LEVEL_INFO, "stopped");
    }
    app_close(&app);
    return app.status;
}
