#pragma once

#include "overlay/coding.h"
#include "overlay/graft.h"
#include "overlay/ts_sink.h"
#include "overlay/ts_source.h"

/*
 * The inserter: from a source through the passage, with the coder and the graft beside it, to the
 * sinks.
 *
 * A recording that becomes a file goes through as fast as it can, in one thread, and every field
 * waits for its graphic. Everything else is live: one thread receives, one codes, one sends each
 * datagram at its packets' time; none waits for another. Main thread: the functions below.
 */

/* What a live input that has stopped is replaced by. */
enum input_lost {
    INPUT_LOST_NOTHING = 0, /* nothing goes out until it is back */
    INPUT_LOST_HOLD,        /* its last picture */
    INPUT_LOST_SLATE,
};

struct inserter_options {
    const struct format *format;
    struct ts_source_target source;
    struct ts_sink_target sinks[TS_SINK_MAX];
    uint32_t sink_count;
    uint64_t frame_max;  /* 0: to the end */
    struct asrun *asrun; /* NULL: none; kept */
    enum input_lost lost;
    const uint8_t *slate; /* I420 of the format; kept */
};

/*
 * overflow     packets left out because the passage was full
 * returns      of an input that had stopped and was stood in for
 * late_max_ns  how long after its time a datagram was sent
 */
struct inserter_figures {
    struct passage_figures passage;
    struct coding_figures coding;
    struct graft_figures graft;
    uint64_t garbage;
    uint64_t overflow;
    uint64_t returns;
    int64_t late_max_ns;
};

struct inserter;

/* Opens everything. The exchange is kept. *inserter is given. Errors: those of its parts. */
MUST_CHECK enum status inserter_create(const struct inserter_options *options,
                                       struct graphic_exchange *exchange,
                                       struct inserter **inserter, struct fault *fault);
MUST_CHECK enum status inserter_start(struct inserter *inserter, struct fault *fault);

/* The source has ended and everything is out, or it cannot go on: then inserter_is_failed(). */
bool inserter_is_ended(const struct inserter *inserter);
bool inserter_is_failed(const struct inserter *inserter);

/*
 * Hides graphics: a panic at once in what is coded from here on, and with the source's own pictures
 * from the next key picture on, as long as it lasts.
 */
struct shutter *inserter_shutter(struct inserter *inserter);

/* The source's own pictures from the next key picture on, until called with false. */
void inserter_bypass(struct inserter *inserter, bool wants_bypass);

/* Says what has changed; call it every 100 ms or so. */
void inserter_poll(struct inserter *inserter);

/* Takes no more from the source; the rest still goes out. Then wait for inserter_is_ended(). */
void inserter_stop(struct inserter *inserter);

/*
 * What may be read of it while it runs. late: new pictures that began after their time;
 * is_standing: the input has stopped.
 */
struct inserter_state {
    struct graft_figures graft;
    uint64_t packets_in;
    uint64_t late;
    bool is_standing;
    bool is_panic;
    bool is_hidden;
};
void inserter_state_get(struct inserter *inserter, struct inserter_state *state);

uint32_t inserter_sink_count(const struct inserter *inserter);
const struct ts_sink *inserter_sink(const struct inserter *inserter, uint32_t place);
void inserter_figures_get(struct inserter *inserter, struct inserter_figures *figures);

/* Stops its threads wherever they are; NULL is accepted. *is_written: no file failed at its end. */
void inserter_destroy(struct inserter *inserter, bool *is_written);
