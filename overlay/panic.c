#include "overlay/panic.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "overlay/frame_clock.h"
#include "overlay/note.h"
#include "overlay/panic_state.h"

#define WATCH_MS 50 /* how often the thread looks whether it should end */
#define CLEAR_TURN_NS 1000000

struct peer {
    int fd; /* -1: none */
    int64_t since_ns;
    size_t size;
    char line[PANIC_LINE_SIZE];
};

struct panic {
    struct shutter *shutter;
    const char *path;
    int fd;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_stopping;
    struct peer peers[PANIC_PEER_MAX];
    pthread_mutex_t lock;
    struct panic_state saved; /* {lock} what PATH.state holds */
    bool has_failed;          /* {lock} it could not be written, and that was said */
};

/* Brings PATH.state up to what the shutter says. False: it could not be written. */
static bool state_follow(struct panic *panic)
{
    struct panic_state now = { .is_clear = atomic_load(&panic->shutter->is_cleared),
                               .log = atomic_load(&panic->shutter->log),
                               .programme = atomic_load(&panic->shutter->programme) };
    struct fault fault = { 0 };
    pthread_mutex_lock(&panic->lock);
    bool is_same =
        now.is_clear == panic->saved.is_clear &&
        (!now.is_clear || (now.log == panic->saved.log && now.programme == panic->saved.programme));
    bool is_good = is_same || panic_state_write(panic->path, &now, &fault) == STATUS_OK;
    if (is_good)
        panic->saved = now;
    else if (!panic->has_failed)
        note_event(NOTE_ERROR, "%s: a restart would show graphics again", fault.text);
    panic->has_failed = !is_good;
    pthread_mutex_unlock(&panic->lock);
    return is_good;
}

static void peer_drop(struct peer *peer)
{
    if (peer->fd >= 0)
        close(peer->fd);
    peer->fd = -1;
}

/* Never waits: a line this short fits into any socket's buffer, or nobody reads. */
static void peer_answer(struct peer *peer, const char *text)
{
    (void)!send(peer->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
    peer_drop(peer);
}

static void panic_do(struct panic *panic, struct peer *peer)
{
    struct shutter *shutter = panic->shutter;
    const struct timespec turn = { .tv_nsec = CLEAR_TURN_NS };
    uint64_t first = atomic_load(&shutter->frame_next);
    uint64_t clear = 0;
    int64_t until_ns = frame_clock_now_ns() + PANIC_CLEAR_WAIT_MS * INT64_C(1000000);
    char text[128];
    atomic_store(&shutter->clear_frame, 0);
    atomic_store(&shutter->wants_clear, true);
    while ((clear = atomic_load(&shutter->clear_frame)) == 0 && frame_clock_now_ns() < until_ns &&
           !atomic_load(&panic->is_stopping))
        nanosleep(&turn, NULL);
    if (clear == 0) {
        note_event(NOTE_ERROR, "panic: no frame without graphics was sent yet");
        peer_answer(peer, "failed the frame clock sent no clear frame\n");
        return;
    }
    uint64_t frames = clear > first ? clear - first : 1;
    bool is_saved = state_follow(panic);
    snprintf(text, sizeof text, "clear frames=%" PRIu64 " frame=%" PRIu64 "%s\n", frames, clear - 1,
             is_saved ? "" : " unsaved");
    peer_answer(peer, text);
    note_event(NOTE_WARNING,
               "panic by socket: all graphics are off after %" PRIu64
               " frames, until the programme changes",
               frames);
}

static void peer_hear(struct panic *panic, struct peer *peer)
{
    ssize_t got =
        recv(peer->fd, peer->line + peer->size, sizeof peer->line - peer->size, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        peer_drop(peer);
        return;
    }
    peer->size += (size_t)got;
    char *end = memchr(peer->line, '\n', peer->size);
    if (end == NULL && peer->size < sizeof peer->line)
        return;
    if (end != NULL)
        *end = '\0';
    if (end != NULL && strcmp(peer->line, "panic") == 0)
        panic_do(panic, peer);
    else if (end != NULL && strcmp(peer->line, "state") == 0)
        peer_answer(peer, atomic_load(&panic->shutter->is_cleared) ? "clear\n" : "shown\n");
    else
        peer_answer(peer, "failed a line says panic or state\n");
}

static void peer_take(struct panic *panic, int64_t now_ns)
{
    struct peer *place = &panic->peers[0];
    int fd = accept4(panic->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    for (int i = 1; i < PANIC_PEER_MAX && place->fd >= 0; i++) {
        struct peer *peer = &panic->peers[i];
        if (peer->fd < 0 || peer->since_ns < place->since_ns)
            place = peer;
    }
    peer_drop(place);
    *place = (struct peer){ .fd = fd, .since_ns = now_ns };
}

static void *panic_run(void *ctx)
{
    struct panic *panic = ctx;
    while (!atomic_load(&panic->is_stopping)) {
        struct pollfd fds[PANIC_PEER_MAX + 1];
        for (int i = 0; i < PANIC_PEER_MAX; i++)
            fds[i] = (struct pollfd){ .fd = panic->peers[i].fd, .events = POLLIN };
        fds[PANIC_PEER_MAX] = (struct pollfd){ .fd = panic->fd, .events = POLLIN };
        if (poll(fds, PANIC_PEER_MAX + 1, WATCH_MS) < 0 && errno != EINTR)
            break;
        int64_t now_ns = frame_clock_now_ns();
        for (int i = 0; i < PANIC_PEER_MAX; i++) {
            struct peer *peer = &panic->peers[i];
            if (peer->fd >= 0 && fds[i].revents != 0)
                peer_hear(panic, peer);
            else if (peer->fd >= 0 && now_ns - peer->since_ns > PANIC_SILENT_MS * INT64_C(1000000))
                peer_drop(peer);
        }
        if (fds[PANIC_PEER_MAX].revents != 0)
            peer_take(panic, now_ns);
    }
    return NULL;
}

static bool is_answered(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_there = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    if (fd >= 0)
        close(fd);
    return is_there;
}

static enum status socket_open(struct panic *panic, struct fault *fault)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct stat stat;
    const char *path = panic->path;
    if (path[0] == '\0' || strlen(path) > PANIC_PATH_MAX)
        return fault_set(fault, STATUS_INVALID, "", "--panic-socket '%s': 1 to %d bytes", path,
                         PANIC_PATH_MAX);
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (is_answered(&address))
        return fault_set(fault, STATUS_IO, "", "panic socket '%s' is another overlay's", path);
    if (lstat(path, &stat) == 0 && !S_ISSOCK(stat.st_mode))
        return fault_set(fault, STATUS_IO, "", "'%s' is no socket and stays as it is", path);
    unlink(path);
    panic->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(0177); /* never open to others, not even for a moment */
    int error = panic->fd < 0 ? -1 : bind(panic->fd, (struct sockaddr *)&address, sizeof address);
    int reason = errno;
    umask(mask);
    if (error != 0 || listen(panic->fd, PANIC_PEER_MAX) != 0)
        return fault_set(fault, STATUS_IO, "", "cannot open panic socket '%s': %s", path,
                         strerror(error != 0 ? reason : errno));
    return STATUS_OK;
}

static void curtain_restore(struct panic *panic)
{
    struct panic_state state;
    panic_state_read(panic->path, &state);
    panic->saved = state;
    if (!state.is_clear)
        return;
    shutter_close(panic->shutter, state.log, state.programme);
    note_event(NOTE_WARNING, "a panic is in force: graphics are off until the programme changes");
}

enum status panic_open(const char *path, struct shutter *shutter, struct panic **panic,
                       struct fault *fault)
{
    struct panic *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the panic socket");
    made->shutter = shutter;
    made->path = path;
    made->fd = -1;
    for (int i = 0; i < PANIC_PEER_MAX; i++)
        made->peers[i].fd = -1;
    pthread_mutex_init(&made->lock, NULL);
    enum status status = socket_open(made, fault);
    if (status == STATUS_OK) {
        curtain_restore(made);
        made->has_thread = pthread_create(&made->thread, NULL, panic_run, made) == 0;
        if (!made->has_thread)
            status = fault_set(fault, STATUS_NOMEM, "", "cannot start the panic socket's thread");
    }
    if (status != STATUS_OK) {
        panic_close(made);
        return status;
    }
    *panic = made;
    return STATUS_OK;
}

void panic_poll(struct panic *panic)
{
    if (panic != NULL)
        (void)state_follow(panic);
}

void panic_close(struct panic *panic)
{
    if (panic == NULL)
        return;
    atomic_store(&panic->is_stopping, true);
    if (panic->has_thread)
        pthread_join(panic->thread, NULL);
    for (int i = 0; i < PANIC_PEER_MAX; i++)
        peer_drop(&panic->peers[i]);
    if (panic->fd >= 0) {
        close(panic->fd);
        unlink(panic->path);
    }
    pthread_mutex_destroy(&panic->lock);
    free(panic);
}
