#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/limits.h"

/*
 * Programme state: what is taken on which layer of which bus, with what parameters. The server's;
 * overlays draw it.
 */
enum bus { BUS_INVALID = 0, BUS_PROGRAMME, BUS_PREVIEW, BUS_COUNT };

/* Bottom to top. */
enum layer {
    LAYER_INVALID = 0,
    LAYER_FULLSCREEN,
    LAYER_LOWER,
    LAYER_BUG,
    LAYER_CRAWL,
    LAYER_ALERT,
    LAYER_COUNT,
    LAYER_ALL = LAYER_COUNT,
};

enum scene_kind {
    SCENE_INVALID = 0,
    SCENE_STRAP,      /* name strap; layer lower; contest, subject or candidate */
    SCENE_STRIP,      /* running tally strip; lower; contest, subject, criterion (or turns) */
    SCENE_BOARD,      /* subject board, criteria × grades; fullscreen; contest, subject */
    SCENE_MATRIX,     /* all subjects of a contest; fullscreen; contest */
    SCENE_TURNOUT,    /* turnout bug; bug; contest */
    SCENE_CLOCK,      /* countdown or speech clock; bug or lower; kind, seconds, from_ms */
    SCENE_CRAWL,      /* running text; crawl; text_zh, text_en, times */
    SCENE_OPINION,    /* what somebody says; lower; text_zh, text_en */
    SCENE_CORRECTION, /* what was shown wrong, and what is right; alert; text_zh, text_en */
    SCENE_NOTICE,     /* what comes next; fullscreen; title_zh …, text_zh …, seconds or until_ms */
    SCENE_RACE,       /* candidates of an election; fullscreen; contest */
    SCENE_RESULT,     /* what was decided; fullscreen; contest, subject, fingerprint, qr */
    SCENE_TEST,       /* moving bar, for engineers; fullscreen */
    SCENE_COUNT,
};

/* A result's parameters: bytes of its fingerprint, and of the text of its QR code. */
#define RESULT_FINGERPRINT_MAX 32
#define RESULT_CODE_MAX 120

/* What an operator did last to a layer. */
enum air_cause { CAUSE_INVALID = 0, CAUSE_TAKE, CAUSE_CLEAR, CAUSE_CUT, CAUSE_COUNT };

/*
 * take      rises by one with every take of the layer; 0: never taken
 * taken_ms  server's Unix time in ms of the take
 * params    "key=value\n" lines: contest=…, subject=…, candidate=…, criterion=…
 * cause     of what is there now, or of its being clear; post: who did it, "" where nobody said
 * step      how often the take was continued; 0 with every take
 * held_ms   server's Unix time in ms of its first continue, continued_ms of its last; 0: none
 */
struct layer_state {
    bool is_taken;
    enum scene_kind scene;
    uint32_t take;
    int64_t taken_ms;
    char params[PARAMS_SIZE];
    enum air_cause cause;
    char post[ID_SIZE];
    uint32_t step;
    int64_t held_ms;
    int64_t continued_ms;
};

struct programme {
    uint64_t sequence; /* rises with every take, clear and cut */
    struct layer_state layers[BUS_COUNT][LAYER_COUNT];
};

/* Whether both are taken and show the same scene with the same parameters. */
bool layer_state_shows_same(const struct layer_state *a, const struct layer_state *b);

/* The value of `key` in `params` into `value` (NUL-ended, cut at value_size). False: not there. */
bool params_get(const char *params, const char *key, char *value, size_t value_size);

/*
 * Appends "key=value\n". False: it does not fit (size, PARAM_COUNT_MAX), the key is not [a-z_]+ or
 * is there already, or value has a newline.
 */
bool params_put(char params[PARAMS_SIZE], const char *key, const char *value);

/* The same for an act's details: any number of lines in DETAIL_SIZE bytes, keys of [a-z0-9_-]+. */
bool detail_put(char detail[DETAIL_SIZE], const char *key, const char *value);

/* Takes of all layers of a bus so far, those by a cut included: what a panic waits to rise. */
uint64_t programme_takes(const struct programme *programme, enum bus bus);

const char *air_cause_name(enum air_cause cause);
enum air_cause air_cause_parse(const char *name);
const char *bus_name(enum bus bus);
const char *layer_name(enum layer layer);
const char *scene_name(enum scene_kind scene);
enum bus bus_parse(const char *name);
enum layer layer_parse(const char *name); /* "all" is LAYER_ALL */
enum scene_kind scene_parse(const char *name);
