#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "overlay/cue.h"
#include "server/model/air_report.h"
#include "server/model/fault.h"

/*
 * The exchange between the two processes of the overlay: shared memory with three finished
 * graphics, ARGB32 premultiplied (cairo's CAIRO_FORMAT_ARGB32, native endian), stride = width × 4.
 *
 * The outputter creates it, sets the tick it wants painted next and wakes the painter, which
 * paints for that tick and publishes. The outputter takes the newest published graphic at each
 * tick; nothing newer means the last one holds. Neither waits for the other while it holds
 * anything: a painter killed at any instruction leaves the last graphic whole (sequence and
 * checksum tell).
 *
 * Threads: one outputter thread, one painter thread, in two processes.
 */
#define GRAPHIC_BUFFER_COUNT 3
#define GRAPHIC_RECT_MAX 32 /* changed rectangles a graphic; more become their bounding box */

struct rect {
    int32_t x, y, w, h; /* px */
};

/*
 * What a graphic says of itself.
 *
 * sequence  rises by one with each publish of the life of the shared memory (over painters)
 * tick      the tick it was painted for
 * epoch     of the view drawn, 0 for none
 * programme takes of the programme state it shows, programme_takes(), 0 for none; after a panic
 *           clear the outputter shows graphics again once this has risen
 * epoch_ns  when that view was made, CLOCK_MONOTONIC as far as the server's clock tells; 0: not
 * known, or it changed nothing that is drawn rects     what changed since sequence - 1; rect_count
 * 0: nothing cues      what is on which layer, as the painter says; to be checked by whoever reads
 * it is_whole  everything may have changed (first graphic of a painter)
 */
struct graphic_info {
    uint64_t sequence;
    uint64_t tick;
    uint64_t epoch;
    uint64_t programme;
    int64_t epoch_ns;
    uint32_t rect_count;
    bool is_whole;
    struct rect rects[GRAPHIC_RECT_MAX];
    struct cues cues;
};

/* Figures the painter leaves for the outputter's log line and metrics; plain counts since start. */
struct painter_figures {
    uint64_t painted_total;
    uint64_t dropped_total; /* updates dropped for bad sums, cairo errors, epochs that went back */
    uint64_t late_total;    /* ticks whose graphic came too late */
    uint64_t paint_ns_sum;
    uint64_t paint_ns_max;
    uint64_t epoch;     /* newest heard */
    uint64_t connected; /* 1: the server answers */
};

struct graphic_exchange;

/* Outputter: creates anonymous shared memory (memfd). *exchange is given; fd for the painter. */
MUST_CHECK enum status graphic_exchange_create(uint32_t width_px, uint32_t height_px,
                                               uint32_t tick_rate,
                                               struct graphic_exchange **exchange,
                                               struct fault *fault);
int graphic_exchange_fd(const struct graphic_exchange *exchange);

/* Painter: maps what the inherited fd holds. STATUS_INVALID: not ours. */
MUST_CHECK enum status graphic_exchange_attach(int fd, struct graphic_exchange **exchange,
                                               struct fault *fault);
void graphic_exchange_destroy(struct graphic_exchange *exchange);

uint32_t graphic_exchange_width(const struct graphic_exchange *exchange);
uint32_t graphic_exchange_height(const struct graphic_exchange *exchange);
uint32_t graphic_exchange_tick_rate(const struct graphic_exchange *exchange);

/* Outputter: asks for `tick`, whose time on CLOCK_MONOTONIC is tick_ns. */
void graphic_request(struct graphic_exchange *exchange, uint64_t tick, int64_t tick_ns);

/* Painter: waits for the next request, at most timeout_ms. False: none came. Skips to the newest.
 */
bool graphic_await(struct graphic_exchange *exchange, uint32_t timeout_ms, uint64_t *tick,
                   int64_t *tick_ns);

/* Painter: the request that graphic_await() returned last is dealt with, published or not. */
void graphic_answer(struct graphic_exchange *exchange);

/* Outputter: waits until the newest request is answered. False: not within timeout_ms. */
bool graphic_await_answer(struct graphic_exchange *exchange, uint32_t timeout_ms);

/* Painter: what the graphics published from now on show. Copied; bytes after a text must be 0. */
void graphic_epoch_ns_set(struct graphic_exchange *exchange, int64_t epoch_ns);
void graphic_cues_set(struct graphic_exchange *exchange, const struct cues *cues);

/*
 * Painter: copies the changed rectangles of its canvas (same size, stride in bytes) into a free
 * buffer, completes that buffer with what changed since it was last filled, and publishes it.
 * The first publish after attach is whole, whatever its rectangles. epoch and programme (the
 * takes of the programme state drawn) are those of the picture, 0 for none; rect_count 0
 * publishes nothing. STATUS_INVALID: a rectangle outside the picture.
 */
MUST_CHECK enum status graphic_publish(struct graphic_exchange *exchange, const uint8_t *canvas,
                                       uint32_t stride_size, uint64_t tick, uint64_t epoch,
                                       uint64_t programme, const struct rect *rects,
                                       uint32_t rect_count);

/*
 * Outputter: the newest graphic, when it is newer than `after_sequence` and whole (checksum).
 * *pixels is borrowed until the next call; the painter does not touch that buffer meanwhile.
 * `info->rects` covers everything since after_sequence. False: nothing newer.
 */
bool graphic_take(struct graphic_exchange *exchange, uint64_t after_sequence,
                  struct graphic_info *info, const uint8_t **pixels);

/* Either side; the painter adds, the outputter reads. Fields are relaxed atomics inside. */
void graphic_figures_set(struct graphic_exchange *exchange, const struct painter_figures *figures);
void graphic_figures_get(const struct graphic_exchange *exchange, struct painter_figures *figures);

/*
 * Outputter: what it says of itself, for the painter, which alone talks to the server. Copied.
 * Painter: false: nothing was said yet, or it is being written just now.
 */
void graphic_report_set(struct graphic_exchange *exchange, const struct air_report *report);
bool graphic_report_get(const struct graphic_exchange *exchange, struct air_report *report);

/* Painter: beats while it lives, painted or not; the outputter reads the age in ns. */
void graphic_beat(struct graphic_exchange *exchange, int64_t now_ns);
int64_t graphic_beat_ns(const struct graphic_exchange *exchange);
