#include "clients/bench/film.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRAME_SIZE (1920u * 1080u * 3u / 2u)
#define LINE_SIZE 32768
#define PATH_SIZE (BENCH_PATH_SIZE + 32)

/* A line of the as-run log: from `frame` on the lower layer showed `epoch`. */
struct change {
    uint64_t frame;
    uint64_t epoch;
};

/* arrived: by frame; the thread's until it has ended. */
struct film {
    struct child overlay;
    char pipe[PATH_SIZE];
    char asrun[PATH_SIZE];
    uint8_t *frame;
    int64_t arrived[FILM_FRAME_MAX];
    struct change changes[FILM_FRAME_MAX];
    uint32_t change_count;
    pthread_t thread;
    bool has_thread;
};

static void *film_run(void *ctx)
{
    struct film *film = ctx;
    int fd = open(film->pipe, O_RDONLY | O_CLOEXEC); /* waits for the overlay */
    size_t filled = 0;
    ssize_t got = 1;
    for (uint32_t i = 0; fd >= 0 && got > 0;) {
        got = read(fd, film->frame + filled, FRAME_SIZE - filled);
        filled += got > 0 ? (size_t)got : 0;
        if (filled == FRAME_SIZE) {
            filled = 0;
            if (i < FILM_FRAME_MAX) {
                film->arrived[i++] = bench_now_ns();
            }
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return NULL;
}

enum status film_start(const char *overlay_path, const char *dir, const char *log_path,
                       const char *desk_url, struct film **film, struct fault *fault)
{
    char token[PATH_SIZE];
    char output[PATH_SIZE + 8];
    struct film *made = calloc(1, sizeof(*made));
    *film = made;
    if (made == NULL || (made->frame = malloc(FRAME_SIZE)) == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for frames");
    }
    made->overlay.out = -1;
    snprintf(made->pipe, sizeof(made->pipe), "%s/frames", dir);
    snprintf(made->asrun, sizeof(made->asrun), "%s/asrun.jsonl", dir);
    snprintf(token, sizeof(token), "%s/data/tokens/overlay-1.token", dir);
    snprintf(output, sizeof(output), "raw:%s", made->pipe);
    if (mkfifo(made->pipe, 0600) != 0) {
        return fault_set(fault, STATUS_IO, "", "cannot make a pipe in '%s': %s", dir,
                         strerror(errno));
    }
    made->has_thread = pthread_create(&made->thread, NULL, film_run, made) == 0;
    if (!made->has_thread) {
        return fault_set(fault, STATUS_NOMEM, "", "cannot start a thread");
    }
    const char *argv[] = { overlay_path, "--url",    desk_url,    "--token-file",
                           token,        "--format", "1080i25",   "--output",
                           output,       "--asrun",  made->asrun, "--background",
                           "#203040",    NULL };
    return child_start(argv, CHILD_CPU_SAME, log_path, &made->overlay, fault);
}

/* The number after `key` in a line of the as-run log. */
static bool number_find(const char *line, const char *key, uint64_t *number)
{
    const char *at = strstr(line, key);
    if (at != NULL) {
        *number = strtoull(at + strlen(key), NULL, 10);
    }
    return at != NULL;
}

static enum status asrun_read(struct film *film, struct fault *fault)
{
    static char line[LINE_SIZE];
    FILE *file = fopen(film->asrun, "re");
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot read '%s': %s", film->asrun,
                         strerror(errno));
    }
    while (fgets(line, sizeof(line), file) != NULL && film->change_count < FILM_FRAME_MAX) {
        struct change *change = &film->changes[film->change_count];
        if (strstr(line, "\"layer\":\"lower\"") != NULL &&
            number_find(line, "{\"frame\":", &change->frame) &&
            number_find(line, ",\"epoch\":", &change->epoch)) {
            film->change_count++;
        }
    }
    fclose(file);
    return STATUS_OK;
}

/* The overlay is gone: the reader ends by itself, or still waits for one to come. */
static void reader_end(struct film *film)
{
    if (film->has_thread) {
        int writer = open(film->pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (writer >= 0) {
            close(writer);
        }
        pthread_join(film->thread, NULL);
    }
    film->has_thread = false;
}

enum status film_stop(struct film *film, struct fault *fault)
{
    child_stop(&film->overlay);
    reader_end(film);
    return asrun_read(film, fault);
}

int64_t film_epoch_ns(const struct film *film, uint64_t epoch)
{
    for (uint32_t i = 0; i < film->change_count; i++) {
        const struct change *change = &film->changes[i];
        if (change->epoch >= epoch) {
            return change->frame < FILM_FRAME_MAX ? film->arrived[change->frame] : 0;
        }
    }
    return 0;
}

void film_destroy(struct film *film)
{
    if (film == NULL) {
        return;
    }
    child_stop(&film->overlay);
    reader_end(film);
    free(film->frame);
    free(film);
}
