/*
 * minpingd: options, wiring, the loop. The only file that knows everything.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "server/base/config.h"
#include "server/base/disk.h"
#include "server/base/log.h"
#include "server/net/server.h"
#include "server/protocol/event_file.h"
#include "server/protocol/json_memory.h"
#include "server/protocol/roll_file.h"
#include "server/service/backup.h"
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
#define FAIL_GOODBYE_MS 40 /* of the log, for the alert and close frames: TRUST P4, 100 ms … */
#define FAIL_NOTE_MS 40    /* … in all, this for its note on a disk that may not take one */
#define CLOSE_TURN_MAX 100 /* turns of the loop for closed handles to be let go */

struct app {
    struct config config;
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
    struct backup *backup;
    struct server *server;
    uint64_t stop_began_ms;
    bool is_saying_goodbye;
    bool is_failed;
    bool is_full; /* the log's disk, as the desk heard of it last */
    int status;
};

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
    enum status status = disk_read_file(app->config.event, EVENT_SIZE_MAX, &app->event_text,
                                        &app->event_size, &fault);
    if (status == STATUS_LIMIT) {
        fault = (struct fault){ 0 };
        fault_set(&fault, status, "$", "'%s' is larger than %u bytes, the most an event has",
                  app->config.event, EVENT_SIZE_MAX);
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
    bool is_kept = app->config.data != NULL &&
                   snprintf(path, sizeof(path), "%s/roll.csv", app->config.data) > 0 &&
                   access(path, F_OK) == 0;
    if (!is_kept && !roll_path(app->config.event, app->event, path, sizeof(path))) {
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

static void fail_over(uv_timer_t *timer)
{
    struct app *app = timer->data;
    uv_stop(&app->loop);
}

/* The log says yes to nothing more: the desk hears why, everybody else that it is over. */
static void app_fail(struct app *app, const struct fault *fault)
{
    if (app->is_failed) {
        return;
    }
    app->is_failed = true;
    app->status = 1;
    log_event(LOG_LEVEL_ERROR, "stops: %s", fault->text);
    uv_timer_stop(&app->publish);
    server_quiesce(app->server);
    sessions_storage(server_sessions(app->server), STORAGE_FAILED, fault->text);
    server_hang_up_all(app->server, 1011, "storage failed");
    uv_timer_start(&app->stop, fail_over, FAIL_GOODBYE_MS, 0);
}

/* The disk has no room, or has some again: the desk hears of it. */
static void storage_look(struct app *app)
{
    struct votelog_figures figures;
    votelog_figures(app->log, &figures);
    if (figures.is_full == app->is_full) {
        return;
    }
    app->is_full = figures.is_full;
    const char *text =
        app->is_full ? "the disk is full: votes are refused until there is room" : "";
    log_event(app->is_full ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "%s",
              app->is_full ? text : "the disk has room again: votes are taken");
    sessions_storage(server_sessions(app->server), app->is_full ? STORAGE_FULL : STORAGE_GOOD,
                     text);
}

static int64_t now_ms(void)
{
    uv_timeval64_t now;
    uv_gettimeofday(&now);
    return now.tv_sec * 1000 + now.tv_usec / 1000;
}

/* CLOCK_MONOTONIC, finer than the loop's. */
static int64_t steady_ms(void)
{
    return (int64_t)(uv_hrtime() / 1000000u);
}

static void backup_refuse(struct app *app, struct sender sender, uint64_t id, enum status status,
                          const struct fault *fault)
{
    struct refused what = { .has_id = true,
                            .id = id,
                            .refusal = status == STATUS_BUSY       ? REFUSAL_BUSY
                                       : status == STATUS_NO_SPACE ? REFUSAL_STORAGE_FULL
                                                                   : REFUSAL_FORBIDDEN_NOW };
    snprintf(what.text, sizeof(what.text), "%.*s", REFUSAL_TEXT_SIZE - 1, fault->text);
    sessions_refused(server_sessions(app->server), sender, &what);
}

static void backup_wanted(void *ctx, struct sender sender, uint64_t id)
{
    struct app *app = ctx;
    struct fault fault = { 0 };
    enum status status = backup_begin(app->backup, sender, id, now_ms(), &fault);
    if (status != STATUS_OK) {
        backup_refuse(app, sender, id, status, &fault);
    }
}

static void backup_look(struct app *app)
{
    struct backup_end end;
    if (!backup_poll(app->backup, &end)) {
        return;
    }
    if (end.status != STATUS_OK) {
        log_event(LOG_LEVEL_ERROR, "no backup: %s", end.fault.text);
        backup_refuse(app, end.sender, end.id, end.status, &end.fault);
        return;
    }
    struct done done = { .id = end.id };
    memcpy(done.backup, end.name, sizeof(done.backup));
    log_event(LOG_LEVEL_INFO, "backup %s is made", end.name);
    sessions_done(server_sessions(app->server), end.sender, &done);
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
    storage_look(app);
    backup_look(app);
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
    room_tick(app->room, (struct moment){ now_ms(), steady_ms() });
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
    sessions_roll_changed(server_sessions(app->server), steady_ms());
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
        server_hang_up_all(app->server, 1001, "server stops");
    }
}

static void signal_came(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;
    if (app->stop_began_ms != 0 || app->is_failed) {
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
    snprintf(path, sizeof(path), "%s/event.json", app->config.data);
    bool is_there = disk_read_file(path, EVENT_SIZE_MAX, &kept, &size, NULL) == STATUS_OK &&
                    size == app->event_size && memcmp(kept, app->event_text, size) == 0;
    free(kept);
    return is_there ? STATUS_OK
                    : disk_write_file(app->config.data, "event.json", app->event_text,
                                      app->event_size, fault);
}

static enum status data_open(struct app *app, bool *is_unsafe, struct fault *fault)
{
    const char *kind = "";
    enum status status = disk_prepare(app->config.data, is_unsafe, &kind, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (*is_unsafe && !app->config.allow_unsafe_disk) {
        return fault_set(fault, STATUS_DENIED, "--data",
                         "'%s' is on %s, which may lose what it says is kept: use a local disk, "
                         "or --allow-unsafe-disk for tests",
                         app->config.data, kind);
    }
    if (*is_unsafe) {
        log_event(LOG_LEVEL_WARNING, "'%s' is on %s: acknowledged votes may be lost in a power cut",
                  app->config.data, kind);
    }
    memcpy(app->identity.event_hash, app->event->hash, sizeof(app->identity.event_hash));
    snprintf(app->identity.event_id, sizeof(app->identity.event_id), "%s", app->event->id);
    struct votelog_options log_options = {
        .dir = app->config.data, .commit_gap_ms = COMMIT_GAP_MS, .wake = log_wake, .ctx = app
    };
    status = votelog_open_sqlite(&log_options, &app->identity, &app->log, fault);
    if (status == STATUS_OK) {
        status = event_keep(app, fault);
    }
    if (status == STATUS_OK) {
        struct votelog_figures figures;
        votelog_figures(app->log, &figures);
        status =
            custody_open(app->config.data, app->event, app->event->has_roll ? &app->roll : NULL,
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
        status = backup_create(app->config.data, app->log, log_wake, app, &app->backup, fault);
    }
    if (status == STATUS_OK) {
        struct server_options server_options = {
            .loop = &app->loop,
            .listen_at = app->config.listen,
            .desk_at = app->config.desk,
            .tls_cert = app->config.tls_cert,
            .tls_key = app->config.tls_key,
            .event = app->event,
            .custody = app->custody,
            .room = app->room,
            .publisher = app->publisher,
            .log = app->log,
            .log_id = app->identity.log_id,
            .house = { backup_wanted, app },
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
    const char *scheme = app->config.tls_cert != NULL ? "https" : "http";
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
    backup_destroy(app->backup);
    struct fault fault = { 0 };
    if (votelog_close(app->log, &fault) != STATUS_OK) { /* after it no wake comes */
        log_event(LOG_LEVEL_ERROR, "stopped, and its disk failed: %s", fault.text);
        app->status = 1;
    }
    publisher_destroy(app->publisher);
    room_destroy(app->room);
    custody_close(app->custody);
    roll_finish(&app->roll);
    event_destroy(app->event);
    free(app->event_text);
    handles_close(app);
}

/* Memory for JSON: without it a vote could be misread, so the server ends instead. */
static void *memory_or_end(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL) {
        log_event(LOG_LEVEL_ERROR, "stops: no memory for a message");
        _exit(1);
    }
    return memory;
}

int main(int argc, char **argv)
{
    static struct app app;
    struct fault fault = { 0 };
    json_memory_from(memory_or_end, free);
    int early = config_read(argc, argv, &app.config);
    if (early >= 0) {
        return early;
    }
    if (event_load(&app) != STATUS_OK || roll_load(&app) != STATUS_OK) {
        event_destroy(app.event);
        free(app.event_text);
        return 1;
    }
    if (app.config.check) {
        printf("%s: no faults\n", app.config.event);
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
        if (app.is_failed) { /* nothing that waits for a disk holds up the next start */
            (void)votelog_wait_failed(app.log, FAIL_NOTE_MS);
            _exit(app.status);
        }
    }
    app_close(&app);
    return app.status;
}
