#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/programme.h"

/*
 * What an overlay says of itself: its frames, its work, its outputs and its input. Plain values;
 * counts are since its outputter started and never fall, but for a new one.
 */
#define AIR_OUTPUT_MAX 8        /* outputs of one overlay */
#define AIR_OUTPUT_NAME_SIZE 96 /* UTF-8 without control characters, and NUL */
#define AIR_FORMAT_SIZE 16
#define AIR_DELAY_COUNT 10 /* limits of the delays; one place more counts what is above */
#define AIR_COUNT_MAX (UINT64_C(1) << 53) /* what a number may be, not included */

/* How an output, or the input, is. AIR_NONE: there is none. */
enum air_state {
    AIR_NONE = 0,
    AIR_UP,
    AIR_RETRYING, /* it failed, or nothing comes, and it is tried again */
    AIR_FAILED,   /* it failed for good */
    AIR_STATE_COUNT,
};

/* Work done `count` times: its time in µs, in all and at most. */
struct air_work {
    uint64_t count;
    uint64_t us_sum;
    uint64_t us_max;
};

struct air_output {
    char name[AIR_OUTPUT_NAME_SIZE];
    enum air_state state;
    uint64_t frames;
    uint64_t drops;
    uint64_t restarts;
};

/*
 * late      frames (ticks of an interlaced format) that were not ready in time
 * repeated  frames that are the same picture as the one before
 * dropped   updates that were not drawn: unsound, unreadable, or older than what is shown
 * pictures_dropped  small pictures that were not sent: they had come out too large
 * painters  painter processes started
 * is_panic  graphics are off until the next take; is_hidden: off because their source is gone
 * delays    of each epoch shown, from the view's time on the server's clock to the first frame that
 *           shows it: [i] those of at most air_delay_ms[i], the last those above; ms_sum: of all
 */
struct air_report {
    enum bus bus;
    char format[AIR_FORMAT_SIZE]; /* [0-9a-z-]+ */
    uint64_t frames;
    uint64_t late;
    uint64_t repeated;
    uint64_t dropped;
    uint64_t pictures_dropped;
    uint64_t painters;
    bool is_painter_up;
    bool is_panic;
    bool is_hidden;
    enum air_state input;
    struct air_work paint;
    struct air_work convert;
    struct air_work blend;
    uint64_t delays[AIR_DELAY_COUNT + 1];
    uint64_t delay_ms_sum;
    uint32_t output_count;
    struct air_output outputs[AIR_OUTPUT_MAX];
};

/* In ms, rising. */
extern const uint32_t air_delay_ms[AIR_DELAY_COUNT];

/* Counts one delay; below 0 it counts as 0. */
void air_delay_count(uint64_t delays[AIR_DELAY_COUNT + 1], uint64_t *ms_sum, int64_t ms);

/* How many were counted. */
uint64_t air_delay_total(const uint64_t delays[AIR_DELAY_COUNT + 1]);

/*
 * `name` as an output's: cut at AIR_OUTPUT_NAME_SIZE - 1 bytes, '?' for each byte that is no UTF-8
 * and for control characters.
 */
void air_name_set(char name[AIR_OUTPUT_NAME_SIZE], const char *text);

const char *air_state_name(enum air_state state); /* "none", "up", "retrying", "failed" */
bool air_state_parse(const char *name, enum air_state *state);
