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
    uint16_t item;             /* 0 .. contest_item_count() - 1 */
    uint16_t choice; /* 0 .. contest_choice_count() - 1; on a write-in line the number of a name, 0:
                        none */
    uint8_t group;   /* of the event's groups: whose kind of voter the card is */
};

/*
 * Acts. What a kind carries beside round, post and at_ms; keys in brackets are lines of `params`.
 * Lists of seats are "1-12,15".
 */
enum act_kind {
    ACT_INVALID = 0,
    ACT_ROLL,       /* number = seats; [hash] of the roll, [GROUP=seats/votes] of each group */
    ACT_ZERO_CHECK, /* the tally of a round about to open was counted and is zero; number = marks */
    ACT_OPEN, /* contest, subject; number = 应到. A new round: [stage] [seats] [slate] [rules]
                 [hash] [pads=none] [ends_ms]; a paused one resumes with none of them */
    ACT_ASK,  /* of a round: number = the item that is asked from now on, from 1 */
    ACT_PAUSE,
    ACT_CLOSE,         /* post "server": its time was over */
    ACT_VOID,          /* [reason] */
    ACT_CERTIFY,       /* the figures are final */
    ACT_CHECK_IN_OPEN, /* check-in begins */
    ACT_CHECK_IN_CLOSE,
    ACT_CHECK_IN,      /* [seats] came */
    ACT_CHECK_OUT,     /* [seats] left */
    ACT_REVOKE,        /* number = seat: its credential is no longer taken; [reason] */
    ACT_REPLACE,       /* number = seat: it has a new credential; [reason] */
    ACT_NAME,          /* of a round: [name] was written in and has this number, from 1 */
    ACT_ADJUDICATE,    /* of a round: number = case; [ruling] [reason] */
    ACT_PAPER,         /* of a round: number = batch, from 1; a hand count, see core/paper.h */
    ACT_PAPER_CONFIRM, /* of a round: number = batch; by another post */
    ACT_PAPER_REJECT,  /* of a round: number = batch: entered wrongly, counts nothing; [reason] */
    ACT_SIGN,          /* of a round: an inequality is accepted; [reason] */
    ACT_DECIDE,        /* contest; [decision=stop] [for] [base]: the hall stops with fewer (E12) */
    ACT_WITHDRAW,      /* contest; [candidate] [reason] */
    ACT_LOT,           /* contest; [order=id,id …] drawn by lot */
    ACT_STEP,          /* [step] [state=begun|ended] of the rundown */
    ACT_TAKE,          /* bus, layer, scene, params */
    ACT_CONTINUE,      /* bus, layer: the scene there goes on to its next page */
    ACT_CLEAR,         /* bus, layer; LAYER_ALL clears every layer */
    ACT_CUT,           /* the programme gets what the preview has */
    ACT_EPOCHS,        /* number = highest epoch reserved; a start goes on above it */
    ACT_COUNT,
};

struct act {
    enum act_kind kind;
    uint32_t round;        /* rounds: 1 .. ROUND_MAX; otherwise 0 */
    uint64_t number;       /* as the kind says; otherwise 0 */
    int64_t at_ms;         /* Unix time in ms, the server's clock */
    char contest[ID_SIZE]; /* where the kind has one */
    char subject[ID_SIZE]; /* ACT_ZERO_CHECK, ACT_OPEN of an appraisal */
    char post[ID_SIZE];    /* who did it; "server" for the server itself */
    enum bus bus;
    enum layer layer;
    char scene[ID_SIZE];
    char params[DETAIL_SIZE]; /* "key=value\n" lines; of a take at most PARAMS_SIZE */
};

/*
 * One record as the log hands it back. Exactly one of mark and act is set, both are borrowed; or
 * neither: what was offered found no room on the disk and is in no log.
 *
 * batch    1 … : the commit it became durable in; 0 where neither is set
 * settled  appends with a ticket up to this one are handed back whole, or were dropped and said to
 *          be, this record included; 0 during replay
 */
struct record {
    uint64_t batch;
    uint64_t settled;
    const struct mark *mark;
    const struct act *act;
};

/*
 * Whether an act may use what the log keeps in reserve for a full disk: what ends a round or holds
 * it, what is on air, the numbers of the views that show it, and the roll, a log's first act.
 */
bool act_kind_is_urgent(enum act_kind kind);

const char *act_kind_name(enum act_kind kind);
enum act_kind act_kind_parse(const char *name);

/* -1, 0, 1: the order of marks in a batch, (slot, item, version). */
int mark_compare(const struct mark *a, const struct mark *b);
