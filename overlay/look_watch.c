#include "overlay/look_watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "overlay/note.h"

/* What tells one state of the file from another. is_there false: it cannot be looked at. */
struct trace {
    bool is_there;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec written;
};

struct look_watch {
    struct look_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_ending;       /* {lock} */
    struct look *ready;   /* {lock} made and not yet taken */
    struct look *retired; /* {lock} to be destroyed */
    struct trace known;   /* of the file as it was last read, or refused */
    struct trace seen;    /* as it was at the look before */
};

static struct trace file_trace(const char *path)
{
    struct stat stat_now;
    struct trace trace = { 0 };
    if (stat(path, &stat_now) == 0) {
        trace = (struct trace){ true, stat_now.st_dev, stat_now.st_ino, stat_now.st_size,
                                stat_now.st_mtim };
    }
    return trace;
}

static bool traces_are_same(const struct trace *a, const struct trace *b)
{
    return a->is_there == b->is_there && a->device == b->device && a->inode == b->inode &&
           a->size == b->size && a->written.tv_sec == b->written.tv_sec &&
           a->written.tv_nsec == b->written.tv_nsec;
}

/* The file has changed and stands: reads it. The look, or NULL and said why not. */
static struct look *changed_read(struct look_watch *watch)
{
    const char *path = watch->options.theme_file;
    struct fault fault = { 0 };
    struct look *look = NULL;
    if (look_create(&watch->options, &look, &fault) != STATUS_OK) {
        note_event(NOTE_ERROR, "painter: theme '%s' is refused, the one before stays: %s%s%s", path,
                   fault.where, fault.where[0] != '\0' ? ": " : "", fault.text);
    }
    return look;
}

static struct look *file_look(struct look_watch *watch)
{
    struct trace now = file_trace(watch->options.theme_file);
    bool is_standing = traces_are_same(&now, &watch->seen);
    watch->seen = now;
    if (!is_standing || traces_are_same(&now, &watch->known)) {
        return NULL;
    }
    watch->known = now;
    return changed_read(watch);
}

/* {lock} Waits for the next look at the file, or less. */
static void pause_wait(struct look_watch *watch)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_WATCH_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (!watch->is_ending && watch->retired == NULL &&
           pthread_cond_timedwait(&watch->wake, &watch->lock, &until) == 0) {
    }
}

static void *watch_run(void *ctx)
{
    struct look_watch *watch = ctx;
    pthread_mutex_lock(&watch->lock);
    while (!watch->is_ending) {
        pause_wait(watch);
        struct look *old = watch->retired;
        watch->retired = NULL;
        pthread_mutex_unlock(&watch->lock);
        look_destroy(old);
        struct look *made = file_look(watch);
        pthread_mutex_lock(&watch->lock);
        if (made != NULL) {
            old = watch->ready;
            watch->ready = made;
            pthread_mutex_unlock(&watch->lock);
            look_destroy(made != old ? old : NULL);
            pthread_mutex_lock(&watch->lock);
        }
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

static enum status thread_start(struct look_watch *watch)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    return pthread_create(&watch->thread, NULL, watch_run, watch) == 0 ? STATUS_OK : STATUS_IO;
}

enum status look_watch_create(const struct look_options *options, struct look_watch **watch,
                              struct look **first, struct fault *fault)
{
    *watch = NULL;
    *first = NULL;
    struct look_watch *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the theme");
    }
    made->options = *options;
    if (!theme_is_built_in(options->theme_file)) {
        made->known = made->seen = file_trace(options->theme_file);
    }
    enum status status = look_create(options, first, fault);
    if (status == STATUS_OK && !theme_is_built_in(options->theme_file)) {
        status = thread_start(made);
        if (status != STATUS_OK) {
            (void)fault_set(fault, status, "", "no thread to watch the theme");
            look_destroy(*first);
            *first = NULL;
        }
    }
    if (status != STATUS_OK) {
        free(made);
        return status;
    }
    *watch = made;
    return STATUS_OK;
}

void look_watch_destroy(struct look_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    if (!theme_is_built_in(watch->options.theme_file)) {
        pthread_mutex_lock(&watch->lock);
        watch->is_ending = true;
        pthread_cond_signal(&watch->wake);
        pthread_mutex_unlock(&watch->lock);
        pthread_join(watch->thread, NULL);
        pthread_cond_destroy(&watch->wake);
        pthread_mutex_destroy(&watch->lock);
    }
    look_destroy(watch->ready);
    look_destroy(watch->retired);
    free(watch);
}

struct look *look_watch_take(struct look_watch *watch)
{
    if (theme_is_built_in(watch->options.theme_file)) {
        return NULL;
    }
    pthread_mutex_lock(&watch->lock);
    struct look *look = watch->ready;
    watch->ready = NULL;
    pthread_mutex_unlock(&watch->lock);
    return look;
}

void look_watch_retire(struct look_watch *watch, struct look **look)
{
    pthread_mutex_lock(&watch->lock);
    struct look *untaken = watch->retired;
    watch->retired = *look;
    *look = NULL;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->lock);
    look_destroy(untaken);
}
