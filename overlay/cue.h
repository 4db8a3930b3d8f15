#pragma once

#include <stdint.h>

#include "server/model/programme.h"

/*
 * What one layer shows, as the painter says it beside its picture, for the as-run log: plain words
 * of a fixed size, so that the outputter, which parses nothing, can write down what went on air.
 *
 * scene   enum scene_kind; 0: the layer is clear
 * take    of the layer, as in struct layer_state
 * cause   enum air_cause: what brought or cleared it
 * is_cut  1: the texts are longer than `text`; `words` is of all of them
 * words   checksum of all texts and numbers that are shown, 0 for none
 * post    who took or cleared; "" where the server did not say
 * params  of the take
 * text    the texts as they stand on the picture, a line each
 *
 * All of it is the painter's: whoever reads it checks it, cue_is_sound().
 */
#define CUE_TEXT_SIZE 1024 /* a board of eleven rows; a matrix of 58 subjects is cut */

struct cue {
    uint32_t scene;
    uint32_t take;
    uint32_t cause;
    uint32_t is_cut;
    uint64_t words;
    char post[ID_SIZE];
    char params[PARAMS_SIZE];
    char text[CUE_TEXT_SIZE];
};

/* What a graphic shows. log: the log's id as a number, 0: not heard yet. */
struct cues {
    uint64_t log;
    struct cue layers[LAYER_COUNT];
};
