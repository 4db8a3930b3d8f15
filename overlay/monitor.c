#include "overlay/monitor.h"

#include <cairo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/rects.h"

#define MS INT64_C(1000000)
#define BLACK 0xff000000u

/*
 * small: the canvas scaled, premultiplied, of the painter's thread. picture: what the other thread
 * makes a PNG of; it is the painter's while is_busy is false.
 */
struct monitor {
    uint32_t width_px, height_px;
    uint32_t small_width, left_px; /* of the small picture: its columns, and black before them */
    uint32_t colour;
    monitor_made_fn made;
    void *ctx;
    struct rects pending; /* changed since `small` was brought up to it */
    bool is_due;          /* something changed since the last picture */
    bool was_hidden;
    int64_t sent_ns;
    uint32_t small[MONITOR_WIDTH * MONITOR_HEIGHT];
    uint32_t picture[MONITOR_WIDTH * MONITOR_HEIGHT];
    uint8_t png[MONITOR_SIZE_MAX];
    size_t png_size;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_busy;     /* {lock} */
    bool is_stopping; /* {lock} */
    _Atomic uint64_t dropped_total;
};

static cairo_status_t png_put(void *ctx, const unsigned char *bytes, unsigned int size)
{
    struct monitor *monitor = ctx;
    if (size > MONITOR_SIZE_MAX - monitor->png_size) {
        return CAIRO_STATUS_WRITE_ERROR;
    }
    memcpy(monitor->png + monitor->png_size, bytes, size);
    monitor->png_size += size;
    return CAIRO_STATUS_SUCCESS;
}

static void picture_send(struct monitor *monitor)
{
    cairo_surface_t *surface =
        cairo_image_surface_create_for_data((unsigned char *)monitor->picture, CAIRO_FORMAT_RGB24,
                                            MONITOR_WIDTH, MONITOR_HEIGHT, MONITOR_WIDTH * 4);
    monitor->png_size = 0;
    bool is_made =
        cairo_surface_write_to_png_stream(surface, png_put, monitor) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(surface);
    if (is_made) {
        monitor->made(monitor->ctx, monitor->png, monitor->png_size);
    } else {
        atomic_fetch_add(&monitor->dropped_total, 1);
    }
}

static void *monitor_run(void *ctx)
{
    struct monitor *monitor = ctx;
    pthread_mutex_lock(&monitor->lock);
    for (;;) {
        while (!monitor->is_busy && !monitor->is_stopping) {
            pthread_cond_wait(&monitor->wake, &monitor->lock);
        }
        if (monitor->is_stopping) {
            break;
        }
        pthread_mutex_unlock(&monitor->lock);
        picture_send(monitor);
        pthread_mutex_lock(&monitor->lock);
        monitor->is_busy = false;
    }
    pthread_mutex_unlock(&monitor->lock);
    return NULL;
}

enum status monitor_create(const struct format *format, uint32_t colour, monitor_made_fn made,
                           void *ctx, struct monitor **monitor, struct fault *fault)
{
    struct monitor *own = calloc(1, sizeof(*own));
    if (own == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the small picture");
    }
    own->width_px = format->width_px;
    own->height_px = format->height_px;
    own->small_width = MONITOR_HEIGHT * format->aspect_width / format->aspect_height;
    if (own->small_width > MONITOR_WIDTH) {
        own->small_width = MONITOR_WIDTH;
    }
    own->left_px = (MONITOR_WIDTH - own->small_width) / 2;
    own->colour = BLACK | colour;
    own->made = made;
    own->ctx = ctx;
    own->is_due = true;
    pthread_mutex_init(&own->lock, NULL);
    pthread_cond_init(&own->wake, NULL);
    own->has_thread = pthread_create(&own->thread, NULL, monitor_run, own) == 0;
    if (!own->has_thread) {
        monitor_destroy(own);
        return fault_set(fault, STATUS_NOMEM, "", "no thread for the small picture");
    }
    *monitor = own;
    return STATUS_OK;
}

/* The mean of the box of the canvas that one small pixel stands for: x0 .. x1 - 1, y0 .. y1 - 1. */
static uint32_t box_mean(const uint8_t *canvas, uint32_t stride_size, uint32_t x0, uint32_t x1,
                         uint32_t y0, uint32_t y1)
{
    uint32_t sums[4] = { 0 };
    uint32_t count = (x1 - x0) * (y1 - y0);
    for (uint32_t y = y0; y < y1; y++) {
        const uint8_t *row = canvas + (size_t)y * stride_size + (size_t)x0 * 4;
        for (uint32_t i = 0; i < (x1 - x0) * 4; i++) {
            sums[i % 4] += row[i];
        }
    }
    uint8_t bytes[4];
    uint32_t pixel;
    for (int i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)((sums[i] + count / 2) / count);
    }
    memcpy(&pixel, bytes, sizeof(pixel));
    return pixel;
}

/* Where small pixel `place` begins on the canvas. */
static uint32_t edge_of(uint32_t place, uint32_t small_count, uint32_t count)
{
    return (uint32_t)((uint64_t)place * count / small_count);
}

/* The last small pixel with something of the canvas before `end`. */
static uint32_t last_of(uint32_t end, uint32_t small_count, uint32_t count)
{
    uint32_t place = (uint32_t)((uint64_t)end * small_count / count);
    return place < small_count ? place : small_count - 1;
}

static void rect_scale(struct monitor *monitor, const uint8_t *canvas, uint32_t stride_size,
                       const struct rect *rect)
{
    uint32_t width = monitor->small_width;
    uint32_t first_x = (uint32_t)rect->x * width / monitor->width_px;
    uint32_t last_x = last_of((uint32_t)(rect->x + rect->w), width, monitor->width_px);
    uint32_t first_y = (uint32_t)rect->y * MONITOR_HEIGHT / monitor->height_px;
    uint32_t last_y = last_of((uint32_t)(rect->y + rect->h), MONITOR_HEIGHT, monitor->height_px);
    for (uint32_t y = first_y; y <= last_y; y++) {
        uint32_t y0 = edge_of(y, MONITOR_HEIGHT, monitor->height_px);
        uint32_t y1 = edge_of(y + 1, MONITOR_HEIGHT, monitor->height_px);
        for (uint32_t x = first_x; x <= last_x; x++) {
            uint32_t x0 = edge_of(x, width, monitor->width_px);
            uint32_t x1 = edge_of(x + 1, width, monitor->width_px);
            monitor->small[y * width + x] =
                box_mean(canvas, stride_size, x0, x1 > x0 ? x1 : x0 + 1, y0, y1 > y0 ? y1 : y0 + 1);
        }
    }
}

/* A premultiplied pixel over an opaque colour. */
static uint32_t over(uint32_t pixel, uint32_t colour)
{
    uint32_t rest = 255 - (pixel >> 24), sum = BLACK;
    for (uint32_t shift = 0; shift <= 16; shift += 8) {
        uint32_t value = (pixel >> shift & 255) + ((colour >> shift & 255) * rest + 127) / 255;
        sum |= (value < 255 ? value : 255) << shift;
    }
    return sum;
}

static void picture_compose(struct monitor *monitor, bool is_hidden)
{
    for (uint32_t y = 0; y < MONITOR_HEIGHT; y++) {
        for (uint32_t x = 0; x < MONITOR_WIDTH; x++) {
            uint32_t *to = &monitor->picture[y * MONITOR_WIDTH + x];
            bool is_inside = x >= monitor->left_px && x - monitor->left_px < monitor->small_width;
            uint32_t place = y * monitor->small_width + x - monitor->left_px;
            *to = !is_inside ? BLACK : over(is_hidden ? 0 : monitor->small[place], monitor->colour);
        }
    }
}

void monitor_show(struct monitor *monitor, const uint8_t *canvas, uint32_t stride_size,
                  const struct rect *rects, uint32_t rect_count, bool is_hidden, int64_t now_ns)
{
    rects_put_all(&monitor->pending, rects, rect_count);
    monitor->is_due = monitor->is_due || rect_count > 0 || is_hidden != monitor->was_hidden ||
                      now_ns - monitor->sent_ns >= MONITOR_KEEP_MS * MS;
    monitor->was_hidden = is_hidden;
    if (!monitor->is_due ||
        (monitor->sent_ns != 0 && now_ns - monitor->sent_ns < MONITOR_GAP_MS * MS) ||
        pthread_mutex_trylock(&monitor->lock) != 0) {
        return;
    }
    if (!monitor->is_busy) {
        for (uint32_t i = 0; i < monitor->pending.count; i++) {
            rect_scale(monitor, canvas, stride_size, &monitor->pending.items[i]);
        }
        monitor->pending.count = 0;
        picture_compose(monitor, is_hidden);
        monitor->is_due = false;
        monitor->sent_ns = now_ns;
        monitor->is_busy = true;
        pthread_cond_signal(&monitor->wake);
    }
    pthread_mutex_unlock(&monitor->lock);
}

uint64_t monitor_dropped_total(const struct monitor *monitor)
{
    return atomic_load(&monitor->dropped_total);
}

void monitor_destroy(struct monitor *monitor)
{
    if (monitor == NULL) {
        return;
    }
    pthread_mutex_lock(&monitor->lock);
    monitor->is_stopping = true;
    pthread_cond_signal(&monitor->wake);
    pthread_mutex_unlock(&monitor->lock);
    if (monitor->has_thread) {
        pthread_join(monitor->thread, NULL);
    }
    pthread_cond_destroy(&monitor->wake);
    pthread_mutex_destroy(&monitor->lock);
    free(monitor);
}
