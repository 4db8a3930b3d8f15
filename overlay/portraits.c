#include "overlay/portraits.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/note.h"
#include "overlay/png_file.h"
#include "overlay/wall.h"
#include "server/model/limits.h"

#define SUFFIX ".png"
#define NAME_MAX_SIZE (2 * ID_SIZE)
#define PATH_SIZE 4096

/* since_ns: 0: not read yet; -1: cannot be read. surface belongs to whoever sees since_ns > 0. */
struct portrait {
    char name[NAME_MAX_SIZE];
    cairo_surface_t *surface;
    _Atomic int64_t since_ns;
};

struct portraits {
    const char *dir;
    struct portrait *items; /* by name */
    uint32_t count;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_stopping;
};

static int portrait_compare(const void *a, const void *b)
{
    return strcmp(((const struct portrait *)a)->name, ((const struct portrait *)b)->name);
}

/* The file's name without its ending. False: no portrait's. */
static bool name_take(const char *file, char name[NAME_MAX_SIZE])
{
    size_t size = strlen(file);
    size_t ending = sizeof(SUFFIX) - 1;
    if (size <= ending || size - ending >= NAME_MAX_SIZE ||
        strcmp(file + size - ending, SUFFIX) != 0) {
        return false;
    }
    memcpy(name, file, size - ending);
    name[size - ending] = '\0';
    return true;
}

static enum status names_list(struct portraits *portraits, struct fault *fault)
{
    DIR *dir = opendir(portraits->dir);
    if (dir == NULL) {
        return fault_set(fault, STATUS_IO, "--portraits", "cannot open '%s': %s", portraits->dir,
                         strerror(errno));
    }
    uint32_t room = 0;
    enum status status = STATUS_OK;
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(dir)) != NULL;) {
        char name[NAME_MAX_SIZE];
        if (!name_take(entry->d_name, name)) {
            continue;
        }
        if (portraits->count == room) {
            room = room == 0 ? 64 : room * 2;
            struct portrait *items = realloc(portraits->items, room * sizeof(*items));
            if (items == NULL) {
                status = fault_set(fault, STATUS_NOMEM, "", "no memory for portraits");
                break;
            }
            portraits->items = items;
        }
        struct portrait *portrait = &portraits->items[portraits->count++];
        memset(portrait, 0, sizeof(*portrait));
        memcpy(portrait->name, name, sizeof(name));
    }
    closedir(dir);
    if (portraits->count > 0) {
        qsort(portraits->items, portraits->count, sizeof(*portraits->items), portrait_compare);
    }
    if (portraits->count > PORTRAIT_MAX) {
        note_event(NOTE_WARNING, "painter: '%s' has %u portraits: the first %u by name are read",
                   portraits->dir, portraits->count, PORTRAIT_MAX);
        portraits->count = PORTRAIT_MAX;
    }
    return status;
}

/* The largest part of `picture` in the shape of a portrait: its middle, its top. */
static cairo_surface_t *portrait_crop(cairo_surface_t *picture)
{
    double width = cairo_image_surface_get_width(picture);
    double height = cairo_image_surface_get_height(picture);
    double across = PORTRAIT_WIDTH_PX / width;
    double down = PORTRAIT_HEIGHT_PX / height;
    double scale = across > down ? across : down;
    cairo_surface_t *made =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, PORTRAIT_WIDTH_PX, PORTRAIT_HEIGHT_PX);
    cairo_t *cr = cairo_create(made);
    cairo_translate(cr, (PORTRAIT_WIDTH_PX - width * scale) / 2, 0);
    cairo_scale(cr, scale, scale);
    cairo_set_source_surface(cr, picture, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_BEST);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_flush(made);
    return made;
}

enum status portrait_read(const char *dir, const char *name, const char *where,
                          cairo_surface_t **surface, struct fault *fault)
{
    static const struct png_limits limits = { .size_max = PORTRAIT_FILE_MAX,
                                              .side_max_px = PORTRAIT_PIXEL_MAX,
                                              .pixel_max = PORTRAIT_PIXEL_MAX };
    char path[PATH_SIZE];
    cairo_surface_t *picture = NULL;
    *surface = NULL;
    int wrote = snprintf(path, sizeof(path), "%s/%s" SUFFIX, dir, name);
    if (wrote < 0 || (size_t)wrote >= sizeof(path)) {
        return fault_set(fault, STATUS_LIMIT, where, "path '%.60s…' is too long", path);
    }
    enum status status = png_file_read(path, where, &limits, &picture, fault);
    if (status != STATUS_OK) {
        return status;
    }
    cairo_surface_t *made = portrait_crop(picture);
    cairo_surface_destroy(picture);
    if (cairo_surface_status(made) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(made);
        return fault_set(fault, STATUS_NOMEM, where, "no memory for portrait '%s'", name);
    }
    *surface = made;
    return STATUS_OK;
}

static void *portraits_run(void *ctx)
{
    struct portraits *portraits = ctx;
    for (uint32_t i = 0; i < portraits->count && !atomic_load(&portraits->is_stopping); i++) {
        struct portrait *portrait = &portraits->items[i];
        struct fault fault = { 0 };
        bool is_read = portrait_read(portraits->dir, portrait->name, "", &portrait->surface,
                                     &fault) == STATUS_OK;
        if (!is_read) {
            note_event(NOTE_WARNING, "painter: no portrait: %s", fault.text);
        }
        atomic_store(&portrait->since_ns, is_read ? wall_monotonic_ns() : -1);
    }
    return NULL;
}

enum status portraits_open(const char *dir, struct portraits **portraits, struct fault *fault)
{
    struct portraits *made = calloc(1, sizeof(*made));
    *portraits = NULL;
    if (made == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for portraits");
    }
    made->dir = dir;
    enum status status = names_list(made, fault);
    if (status == STATUS_OK) {
        made->has_thread = pthread_create(&made->thread, NULL, portraits_run, made) == 0;
        if (!made->has_thread) {
            status = fault_set(fault, STATUS_NOMEM, "", "cannot start a thread for portraits");
        }
    }
    if (status != STATUS_OK) {
        portraits_close(made);
        return status;
    }
    *portraits = made;
    return STATUS_OK;
}

void portraits_wait(struct portraits *portraits)
{
    if (portraits->has_thread) {
        pthread_join(portraits->thread, NULL);
    }
    portraits->has_thread = false;
}

void portraits_close(struct portraits *portraits)
{
    if (portraits == NULL) {
        return;
    }
    atomic_store(&portraits->is_stopping, true);
    portraits_wait(portraits);
    for (uint32_t i = 0; i < portraits->count; i++) {
        if (portraits->items[i].surface != NULL) {
            cairo_surface_destroy(portraits->items[i].surface);
        }
    }
    free(portraits->items);
    free(portraits);
}

static struct portrait *portrait_find(struct portraits *portraits, const char *name)
{
    struct portrait key = { .since_ns = 0 };
    if (portraits == NULL || portraits->count == 0 || strlen(name) >= sizeof(key.name)) {
        return NULL;
    }
    memcpy(key.name, name, strlen(name) + 1);
    return bsearch(&key, portraits->items, portraits->count, sizeof(key), portrait_compare);
}

int64_t portraits_since_ns(struct portraits *portraits, const char *name)
{
    struct portrait *portrait = portrait_find(portraits, name);
    return portrait != NULL ? atomic_load(&portrait->since_ns) : -1;
}

cairo_surface_t *portraits_surface(struct portraits *portraits, const char *name)
{
    struct portrait *portrait = portrait_find(portraits, name);
    return portrait != NULL && atomic_load(&portrait->since_ns) > 0 ? portrait->surface : NULL;
}
