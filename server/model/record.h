#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/limits.h"
#include "server/model/programme.h"

/*
 * What the log holds: marks and acts, minping-log(5). State is a fold over them in log order.
 */
#define SLOT_SIZE 16
#define NONCE_SIZE 8

/* One choice on one item of one card. slot: keyed BLAKE2b of (round, credential), never a name. */
struct mark {
    uint8_t slot[SLOT_SIZE];
    uint8_t nonce[NONCE_SIZE]; /* names one intent; the same for all marks of a cast */
    uint32_t round;            /* 1 .. ROUND_MAX */
    uint32_t version;          /* 1 .. VERSION_MAX, rises for each (round, slot, item) */
    uint16_t item;             /* 0 .. criterion_count - 1 */
    uint8_t choice;            /* 0 .. grade_count - 1 */
};

enum act_kind {
    ACT_INVALID = 0,
    ACT_ZERO_CHECK, /* the tally of a round about to open was counted and is zero; number = marks */
    ACT_OPEN,       /* a planned round opens (number = seats on the roll), a paused one resumes */
    ACT_PAUSE,
    ACT_CLOSE,
    ACT_TAKE,   /* bus, layer, scene, params */
    ACT_CLEAR,  /* bus, layer; LAYER_ALL clears every layer */
    ACT_EPOCHS, /* number = highest epoch reserved; a start goes on above it */
};

struct act {
    enum act_kind kind;
    uint32_t round;        /* rounds: 1 .. ROUND_MAX; otherwise 0 */
    uint64_t number;       /* as the kind says; otherwise 0 */
    int64_t at_ms;         /* Unix time in ms, the server's clock */
    char contest[ID_SIZE]; /* ACT_ZERO_CHECK, ACT_OPEN */
    char subject[ID_SIZE]; /* ACT_ZERO_CHECK, ACT_OPEN of an appraisal */
    char post[ID_SIZE];    /* who did it; "server" for the server itself */
    enum bus bus;
    enum layer layer;
    char scene[ID_SIZE];
    char params[PARAMS_SIZE]; /* "key=value\n" lines */
};

/*
 * One record as the log hands it back. Exactly one of mark and act is set; both are borrowed.
 *
 * batch    1 … : the commit it became durable in
 * settled  appends with a ticket up to this one are handed back whole, this record included; 0
 *          during replay
 */
struct record {
    uint64_t batch;
    uint64_t settled;
    const struct mark *mark;
    const struct act *act;
};

const char *act_kind_name(enum act_kind kind);
enum act_kind act_kind_parse(const char *name);

/* -1, 0, 1: the order of marks in a batch, (slot, item, version). */
int mark_compare(const struct mark *a, const struct mark *b);
