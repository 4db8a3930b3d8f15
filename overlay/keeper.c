#include "overlay/keeper.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "overlay/note.h"

#define BEAT_MAX_NS 400000000    /* without a beat for so long, a painter hangs */
#define FIRST_BEAT_NS 5000000000 /* fonts are loaded before the first */
#define FIRST_BEAT_MAX_NS 60000000000
#define RETRY_MIN_NS 100000000 /* between two starts of painters that never beat */
#define RETRY_MAX_NS 5000000000
#define END_WAIT_MS 300

struct keeper {
    struct graphic_exchange *exchange;
    const char *const *arguments;
    pid_t pid; /* 0: none runs */
    bool has_beaten;
    bool has_ever_beaten;
    uint64_t starts;
    int64_t started_ns;
    int64_t start_after_ns;
    int64_t retry_ns;
    int64_t patience_ns; /* for the first beat; a slow machine's painters are given longer */
};

enum status keeper_create(struct graphic_exchange *exchange, const char *const *arguments,
                          struct keeper **keeper, struct fault *fault)
{
    struct keeper *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the keeper");
    made->exchange = exchange;
    made->arguments = arguments;
    made->retry_ns = RETRY_MIN_NS;
    made->patience_ns = FIRST_BEAT_NS;
    *keeper = made;
    return STATUS_OK;
}

/* This program's file; /proc may be missing in a bare root. */
static const char *program_path(void)
{
    if (access("/proc/self/exe", X_OK) == 0)
        return "/proc/self/exe";
    return (const char *)getauxval(AT_EXECFN);
}

static int painter_spawn(const struct keeper *keeper, pid_t *pid)
{
    char parent[24];
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    const char *argv[KEEPER_ARGUMENT_MAX + 5] = { "minping-overlay", "--painter", parent };
    size_t count = 3;
    for (size_t i = 0; keeper->arguments[i] != NULL; i++) {
        assert(i < KEEPER_ARGUMENT_MAX);
        argv[count++] = keeper->arguments[i];
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    /* Its own copy: dup2 of a descriptor onto itself would leave close-on-exec set. */
    int fd = fcntl(graphic_exchange_fd(keeper->exchange), F_DUPFD_CLOEXEC, KEEPER_EXCHANGE_FD + 1);
    error = fd < 0 ? errno : posix_spawn_file_actions_adddup2(&actions, fd, KEEPER_EXCHANGE_FD);
    if (error == 0)
        error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(&attributes, &all);
    if (error == 0)
        error =
            posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (error == 0)
        error = posix_spawn(pid, program_path(), &actions, &attributes, (char **)argv, environ);
    if (fd >= 0)
        close(fd);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static void painter_start(struct keeper *keeper, int64_t now_ns)
{
    graphic_beat(keeper->exchange, 0);
    keeper->has_beaten = false;
    keeper->started_ns = now_ns;
    keeper->starts++;
    int error = painter_spawn(keeper, &keeper->pid);
    if (error == 0) {
        note_event(NOTE_INFO, "painter %d started", (int)keeper->pid);
        return;
    }
    keeper->pid = 0;
    note_event(NOTE_ERROR, "cannot start a painter: %s", strerror(error));
}

/* One that had worked is replaced at once; one that never did costs ever longer waits. */
static void painter_ended(struct keeper *keeper, int64_t now_ns)
{
    keeper->pid = 0;
    if (keeper->has_beaten)
        keeper->retry_ns = RETRY_MIN_NS;
    keeper->start_after_ns = keeper->has_beaten ? now_ns : now_ns + keeper->retry_ns;
    if (!keeper->has_beaten)
        keeper->retry_ns =
            keeper->retry_ns * 2 < RETRY_MAX_NS ? keeper->retry_ns * 2 : RETRY_MAX_NS;
    keeper->has_beaten = false;
}

/* False: it ended by itself, and with a failure. */
static bool painter_reap(struct keeper *keeper, int64_t now_ns)
{
    int status = 0;
    if (waitpid(keeper->pid, &status, WNOHANG) != keeper->pid)
        return true;
    if (WIFSIGNALED(status))
        note_event(NOTE_ERROR, "painter %d was killed by signal %d; the picture holds",
                   (int)keeper->pid, WTERMSIG(status));
    else
        note_event(NOTE_ERROR, "painter %d ended with status %d; the picture holds",
                   (int)keeper->pid, WEXITSTATUS(status));
    painter_ended(keeper, now_ns);
    return !(WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

static void painter_watch(struct keeper *keeper, int64_t now_ns)
{
    int64_t beat_ns = graphic_beat_ns(keeper->exchange);
    if (beat_ns > keeper->started_ns && !keeper->has_beaten) {
        keeper->has_beaten = true;
        keeper->has_ever_beaten = true;
        note_event(NOTE_INFO, "painter %d is up after %lld ms", (int)keeper->pid,
                   (long long)(now_ns - keeper->started_ns) / 1000000);
    }
    int64_t silent_ns = keeper->has_beaten ? now_ns - beat_ns : now_ns - keeper->started_ns;
    if (silent_ns <= (keeper->has_beaten ? BEAT_MAX_NS : keeper->patience_ns))
        return;
    if (!keeper->has_beaten && keeper->patience_ns < FIRST_BEAT_MAX_NS)
        keeper->patience_ns *= 2;
    note_event(NOTE_ERROR, "painter %d hangs: no beat for %lld ms; killed", (int)keeper->pid,
               (long long)silent_ns / 1000000);
    kill(keeper->pid, SIGKILL);
    while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    painter_ended(keeper, now_ns);
}

bool keeper_poll(struct keeper *keeper, int64_t now_ns)
{
    if (keeper->pid != 0 && !painter_reap(keeper, now_ns) && !keeper->has_ever_beaten)
        return false;
    if (keeper->pid != 0)
        painter_watch(keeper, now_ns);
    if (keeper->pid == 0 && now_ns >= keeper->start_after_ns) {
        painter_start(keeper, now_ns);
        if (keeper->pid == 0)
            painter_ended(keeper, now_ns);
    }
    return true;
}

void keeper_figures_get(const struct keeper *keeper, struct keeper_figures *figures)
{
    figures->starts = keeper->starts;
    figures->is_up = keeper->pid != 0 && keeper->has_beaten;
}

void keeper_destroy(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    if (keeper->pid != 0) {
        kill(keeper->pid, SIGTERM);
        struct timespec pause = { .tv_nsec = 1000000 };
        int waited_ms = 0;
        while (waitpid(keeper->pid, NULL, WNOHANG) == 0) {
            if (waited_ms++ == END_WAIT_MS)
                kill(keeper->pid, SIGKILL);
            nanosleep(&pause, NULL);
        }
    }
    free(keeper);
}
