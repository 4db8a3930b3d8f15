#include "overlay/hearing.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/lib/client.h"
#include "overlay/note.h"
#include "overlay/wall.h"
#include "server/protocol/message.h"

#define MS INT64_C(1000000)
#define TICK_MS 50             /* how soon a document is asked for again at the earliest */
#define FETCH_RETRY_MS 500     /* the answer lacked something, or there was none */
#define REPORT_MS 1000         /* between two reports of what the overlay does */
#define REFUSED_RETRY_MS 10000 /* no role of the token was welcome: a person has to mend that */
#define DOCUMENT_PATH "/api/v1/view"

/* Which roles to try with the token of each bus, in this order. */
static const enum role roles[BUS_COUNT][2] = {
    [BUS_PROGRAMME] = { ROLE_OVERLAY, ROLE_SCREEN },
    [BUS_PREVIEW] = { ROLE_OPERATOR, ROLE_OFFICER },
};

struct hearing {
    struct hearing_options options;
    struct client_loop *loop;
    struct client *client; /* own thread only, like what follows up to the lock */
    uint32_t role_index;
    bool is_refused;
    struct fault refused; /* why */
    bool is_fetching;
    int64_t fetch_at_ns;
    int64_t report_at_ns;
    char said[256]; /* the last fault told, so that each is told once */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_ended;                     /* {lock} its thread touches nothing any more */
    struct latest *latest;             /* {lock} */
    uint32_t picture_size;             /* {lock} 0: none that waits */
    uint8_t picture[PICTURE_SIZE_MAX]; /* {lock} */
    struct air_report report;          /* {lock} bus BUS_INVALID: nothing new */
    atomic_bool is_connected;
    atomic_bool is_stopping;
};

struct latest *hearing_lock(struct hearing *hearing)
{
    pthread_mutex_lock(&hearing->lock);
    return hearing->latest;
}

void hearing_unlock(struct hearing *hearing)
{
    pthread_mutex_unlock(&hearing->lock);
}

bool hearing_is_connected(const struct hearing *hearing)
{
    return atomic_load(&hearing->is_connected);
}

static void say_fault(struct hearing *hearing, const char *what, const struct fault *fault)
{
    const char *text = fault != NULL ? fault->text : "";
    if (strncmp(hearing->said, text, sizeof(hearing->said) - 1) != 0 || hearing->said[0] == '\0') {
        snprintf(hearing->said, sizeof(hearing->said), "%s", text);
        note_event(NOTE_WARNING, "painter: %s%s%s", what, text[0] != '\0' ? ": " : "", text);
    }
}

static void outcome_say(struct hearing *hearing, const char *what, enum latest_outcome outcome,
                        uint64_t epoch)
{
    if (outcome == LATEST_UNSOUND) {
        note_event(NOTE_ERROR, "painter: %s of epoch %llu dropped: its sums do not agree", what,
                   (unsigned long long)epoch);
    } else if (outcome == LATEST_BACKWARD) {
        note_event(NOTE_WARNING, "painter: %s of epoch %llu dropped: a newer one is here", what,
                   (unsigned long long)epoch);
    } else if (outcome == LATEST_NEW_LOG) {
        note_event(NOTE_WARNING, "painter: another log: epochs start anew at %llu",
                   (unsigned long long)epoch);
    }
}

/* What cannot be read changes nothing on air; it is counted, and the first of a kind is said. */
static void drop(struct hearing *hearing, const char *what, const struct fault *fault)
{
    struct fault said = { 0 };
    latest_drop(hearing_lock(hearing));
    hearing_unlock(hearing);
    (void)fault_set(&said, STATUS_INVALID, "", "%s of the server dropped, at '%s': %s", what,
                    fault->where, fault->text);
    say_fault(hearing, "cannot be read", &said);
}

static void fetched(void *ctx, int http_status, const char *body, size_t size)
{
    struct hearing *hearing = ctx;
    struct fault fault = { 0 };
    hearing->is_fetching = false;
    hearing->fetch_at_ns = wall_monotonic_ns() + FETCH_RETRY_MS * MS;
    if (http_status != 200) {
        (void)fault_set(&fault, STATUS_IO, "", "HTTP status %d for " DOCUMENT_PATH, http_status);
        say_fault(hearing, "cannot fetch the document", &fault);
        return;
    }
    struct document *document = calloc(1, sizeof(*document));
    if (document == NULL || document_decode(body, size, document, &fault) != STATUS_OK) {
        drop(hearing, "the document", &fault);
        free(document);
        return;
    }
    struct latest *latest = hearing_lock(hearing);
    uint64_t dropped_before = latest_dropped_total(latest);
    enum latest_outcome outcome = latest_put_document(latest, document, wall_monotonic_ns());
    uint64_t dropped = latest_dropped_total(latest) - dropped_before;
    hearing_unlock(hearing);
    outcome_say(hearing, "document", outcome, document->view.epoch);
    if (dropped > 0) {
        note_event(NOTE_ERROR,
                   "painter: %llu figures of the document dropped: sums or hashes "
                   "do not agree",
                   (unsigned long long)dropped);
    }
    document_finish(document);
    free(document);
}

static void fetch_if_needed(struct hearing *hearing)
{
    if (hearing->is_fetching || hearing->client == NULL ||
        client_state(hearing->client) != CLIENT_READY ||
        wall_monotonic_ns() < hearing->fetch_at_ns) {
        return;
    }
    bool is_missing = latest_is_missing(hearing_lock(hearing));
    hearing_unlock(hearing);
    if (is_missing) {
        enum status status = client_fetch(hearing->client, DOCUMENT_PATH, fetched, hearing);
        hearing->is_fetching = status == STATUS_OK;
        hearing->fetch_at_ns = wall_monotonic_ns() + FETCH_RETRY_MS * MS;
    }
}

static void welcome_heard(void *ctx, const struct welcome *welcome)
{
    struct hearing *hearing = ctx;
    latest_put_time(hearing_lock(hearing), welcome->now_ms, wall_monotonic_ns());
    hearing_unlock(hearing);
}

static void view_heard(void *ctx, const struct view *view)
{
    struct hearing *hearing = ctx;
    struct latest *latest = hearing_lock(hearing);
    int64_t now_ns = wall_monotonic_ns();
    latest_put_time(latest, view->at_ms, now_ns);
    enum latest_outcome outcome = latest_put_view(latest, view, now_ns);
    hearing_unlock(hearing);
    outcome_say(hearing, "view", outcome, view->epoch);
    fetch_if_needed(hearing);
}

static void programme_heard(void *ctx, const struct programme *programme)
{
    struct hearing *hearing = ctx;
    latest_put_programme(hearing_lock(hearing), programme);
    hearing_unlock(hearing);
}

static void unread_heard(void *ctx, const struct fault *fault)
{
    drop(ctx, "a message", fault);
}

static void state_heard(void *ctx, enum client_state state, const struct fault *fault)
{
    struct hearing *hearing = ctx;
    bool was_connected = atomic_exchange(&hearing->is_connected, state == CLIENT_READY);
    if (state == CLIENT_READY) {
        hearing->said[0] = '\0';
        hearing->fetch_at_ns = 0;
        hearing->report_at_ns = 0;
        note_event(NOTE_INFO, "painter: connected to %s", hearing->options.url);
    } else if (state == CLIENT_REFUSED) {
        hearing->is_refused = true;
        hearing->refused = fault != NULL ? *fault : (struct fault){ 0 };
        client_loop_stop(hearing->loop);
    } else if (was_connected || fault != NULL) {
        say_fault(hearing, was_connected ? "connection lost" : "cannot connect", fault);
    }
}

void hearing_report(struct hearing *hearing, const struct air_report *report)
{
    pthread_mutex_lock(&hearing->lock);
    hearing->report = *report;
    pthread_mutex_unlock(&hearing->lock);
}

static void report_if_due(struct hearing *hearing)
{
    int64_t now_ns = wall_monotonic_ns();
    if (hearing->client == NULL || hearing->options.token_file == NULL ||
        client_state(hearing->client) != CLIENT_READY || now_ns < hearing->report_at_ns) {
        return;
    }
    pthread_mutex_lock(&hearing->lock);
    struct air_report report = hearing->report;
    hearing->report.bus = BUS_INVALID;
    pthread_mutex_unlock(&hearing->lock);
    if (report.bus != BUS_INVALID && client_report(hearing->client, &report) == STATUS_OK) {
        hearing->report_at_ns = now_ns + REPORT_MS * MS;
    }
}

void hearing_picture(struct hearing *hearing, const uint8_t *bytes, size_t size)
{
    assert(size <= sizeof(hearing->picture));
    pthread_mutex_lock(&hearing->lock);
    memcpy(hearing->picture, bytes, size);
    hearing->picture_size = (uint32_t)size;
    pthread_mutex_unlock(&hearing->lock);
}

/* What cannot be sent now waits for the connection, unless a newer one comes. */
static void picture_if_any(struct hearing *hearing)
{
    if (hearing->client == NULL || hearing->options.token_file == NULL) {
        return;
    }
    pthread_mutex_lock(&hearing->lock);
    if (hearing->picture_size > 0 &&
        client_picture(hearing->client, hearing->options.bus, hearing->picture,
                       hearing->picture_size) == STATUS_OK) {
        hearing->picture_size = 0;
    }
    pthread_mutex_unlock(&hearing->lock);
}

static void tick(void *ctx)
{
    fetch_if_needed(ctx);
    report_if_due(ctx);
    picture_if_any(ctx);
}

static void woken(void *ctx)
{
    struct hearing *hearing = ctx;
    client_loop_stop(hearing->loop);
}

/* Reads the post's token: 64 hexadecimal digits, blanks around them allowed. */
static enum status token_read(const char *path, char token[TOKEN_SIZE], struct fault *fault)
{
    char text[TOKEN_SIZE + 16] = "";
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", path, strerror(errno));
    }
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[size] = '\0';
    const char *start = text + strspn(text, " \t\r\n");
    size_t length = strspn(start, "0123456789abcdefABCDEF");
    if (length != TOKEN_SIZE - 1 || start[length + strspn(start + length, " \t\r\n")] != '\0') {
        return fault_set(fault, STATUS_INVALID, "", "'%s' holds no token of %d hexadecimal digits",
                         path, TOKEN_SIZE - 1);
    }
    memcpy(token, start, length);
    token[length] = '\0';
    return STATUS_OK;
}

static enum status client_start(struct hearing *hearing, struct fault *fault)
{
    static const struct client_handlers handlers = {
        .state = state_heard,
        .view = view_heard,
        .welcome = welcome_heard,
        .programme = programme_heard,
        .unread = unread_heard,
    };
    char token[TOKEN_SIZE] = "";
    bool has_token = hearing->options.token_file != NULL;
    enum status status =
        has_token ? token_read(hearing->options.token_file, token, fault) : STATUS_OK;
    if (status == STATUS_OK) {
        const struct client_options options = {
            .url = hearing->options.url,
            .role = has_token ? roles[hearing->options.bus][hearing->role_index] : ROLE_VIEWER,
            .token = has_token ? token : NULL,
        };
        status =
            client_create(hearing->loop, &options, &handlers, hearing, &hearing->client, fault);
    }
    explicit_bzero(token, sizeof(token));
    return status;
}

/* After a refusal: the token's other role at once, then all again after a while. */
static void role_change(struct hearing *hearing)
{
    client_destroy(hearing->client);
    hearing->client = NULL;
    hearing->is_refused = false;
    hearing->is_fetching = false;
    hearing->role_index = (hearing->role_index + 1) % 2;
    if (hearing->role_index == 0 || hearing->options.token_file == NULL) {
        say_fault(hearing, "refused by the server", &hearing->refused);
        client_loop_run(hearing->loop, wall_monotonic_ns() + REFUSED_RETRY_MS * MS);
    }
}

static void *hearing_run(void *ctx)
{
    struct hearing *hearing = ctx;
    while (!atomic_load(&hearing->is_stopping)) {
        if (hearing->client == NULL) {
            struct fault fault = { 0 };
            if (client_start(hearing, &fault) != STATUS_OK) {
                say_fault(hearing, "cannot connect", &fault);
            }
        }
        client_loop_run(hearing->loop, wall_monotonic_ns() + 1000 * MS);
        if (hearing->is_refused && !atomic_load(&hearing->is_stopping)) {
            role_change(hearing);
        }
    }
    client_destroy(hearing->client);
    hearing->client = NULL;
    pthread_mutex_lock(&hearing->lock);
    hearing->is_ended = true;
    pthread_cond_signal(&hearing->ended);
    pthread_mutex_unlock(&hearing->lock);
    return NULL;
}

static void locks_init(struct hearing *hearing)
{
    pthread_condattr_t attributes;
    pthread_mutex_init(&hearing->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&hearing->ended, &attributes);
    pthread_condattr_destroy(&attributes);
}

enum status hearing_create(const struct hearing_options *options, struct hearing **hearing,
                           struct fault *fault)
{
    *hearing = NULL;
    struct hearing *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the connection");
    }
    assert(options->bus == BUS_PROGRAMME || options->bus == BUS_PREVIEW);
    made->options = *options;
    locks_init(made);
    enum status status = client_loop_create(options->ca_file, 2, &made->loop, fault);
    made->latest = latest_create(options->change_ms);
    if (status == STATUS_OK && made->latest == NULL) {
        status = fault_set(fault, STATUS_NOMEM, "", "no memory for the views");
    }
    if (status == STATUS_OK) {
        client_loop_on_wake(made->loop, woken, made);
        client_loop_every(made->loop, TICK_MS, tick, made);
        status = client_start(made, fault);
    }
    if (status == STATUS_OK) {
        made->has_thread = pthread_create(&made->thread, NULL, hearing_run, made) == 0;
        if (!made->has_thread) {
            status = fault_set(fault, STATUS_IO, "", "cannot start a thread");
        }
    }
    if (status != STATUS_OK) {
        hearing_destroy(made);
        return status;
    }
    *hearing = made;
    return STATUS_OK;
}

/* Tells the thread to end and waits until it has, for a second at most. */
static bool thread_end(struct hearing *hearing)
{
    struct timespec until;
    int error = 0;
    atomic_store(&hearing->is_stopping, true);
    client_loop_wake(hearing->loop);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    pthread_mutex_lock(&hearing->lock);
    while (!hearing->is_ended && error == 0) {
        error = pthread_cond_timedwait(&hearing->ended, &hearing->lock, &until);
    }
    bool is_ended = hearing->is_ended;
    pthread_mutex_unlock(&hearing->lock);
    if (is_ended) {
        pthread_join(hearing->thread, NULL);
    }
    return is_ended;
}

void hearing_destroy(struct hearing *hearing)
{
    if (hearing == NULL) {
        return;
    }
    if (hearing->has_thread) {
        if (!thread_end(hearing)) {
            return; /* its memory is still in use; the process is about to end */
        }
    } else {
        client_destroy(hearing->client);
    }
    client_loop_destroy(hearing->loop);
    latest_destroy(hearing->latest);
    pthread_cond_destroy(&hearing->ended);
    pthread_mutex_destroy(&hearing->lock);
    free(hearing);
}
