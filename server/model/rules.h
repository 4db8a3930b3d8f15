#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/event.h"
#include "server/model/limits.h"

/*
 * The rules of a contest: a rules profile, minping-rules(5), as plain values. Read once by
 * protocol/rules_file.h, never changed afterwards; any thread may read.
 *
 * The letters in brackets (E1 …, A1 …) are the rules' numbers, which sheets and refusals name.
 */

/* Of how many a share is taken. */
enum base {
    BASE_INVALID = 0,
    BASE_REGISTERED, /* 应到: voting members on the roll */
    BASE_PRESENT,    /* 实到: those of them checked in when the round opened */
    BASE_ISSUED,     /* 发出: ballots given out */
    BASE_RETURNED,   /* 收回: ballots that came back */
    BASE_VALID,      /* 有效: those of them that are valid */
    BASE_COUNT,
};

/* "num of den, or more": count · den >= num · base; > instead where it is not inclusive. */
struct threshold {
    uint32_t num; /* 0 .. den; den 1 .. 10000 */
    uint32_t den;
    bool is_inclusive;
};

/* What happens to a part or card that the rules do not settle. */
enum remedy {
    REMEDY_INVALID = 0,
    REMEDY_ADJUDICATE, /* to the officer's queue */
    REMEDY_DROP,       /* the part does not count, the rest of the card does */
    REMEDY_VOID,       /* the card is void */
    REMEDY_COUNT,      /* it counts as it is */
};

enum answer { ANSWER_INVALID = 0, ANSWER_LAST, ANSWER_FIRST }; /* which press of a key is final */
enum secrecy { SECRECY_INVALID = 0, SECRECY_SECRET, SECRECY_NAMED };
enum asking { ASKING_INVALID = 0, ASKING_CARD, ASKING_ITEM }; /* whole card, or one item at once */
enum rounding { ROUNDING_INVALID = 0, ROUNDING_HALF_UP, ROUNDING_LARGEST_REMAINDER };
enum candidate_order { ORDER_INVALID = 0, ORDER_GIVEN, ORDER_STROKES, ORDER_LOT };

/* E2: whether a round may open. is_set false: the profile says there is no quorum. */
struct quorum_rule {
    bool is_set;
    enum base base; /* BASE_REGISTERED: present of registered */
    struct threshold share;
};

/* E3 … E15 */
struct election_rules {
    struct threshold difference; /* E3: candidates >= seats + ceil(seats · num / den) */
    enum base cap;               /* E6: more returned than this voids the round */
    enum base majority_base;     /* E9, E10 */
    enum base disputed_base;     /* E10: the other reading, printed beside; BASE_INVALID: none */
    struct threshold majority;   /* E9: 1/2, not inclusive */
    bool allows_write_in;        /* E5 */
    bool write_in_needs_against; /* E5: at most one write-in for each × on the card */
    enum remedy write_in_without_against; /* W7: adjudicate, drop or void */
    bool write_in_is_candidate;           /* E13: may be elected */
    enum remedy over_selected;            /* E7: void */
    enum remedy none_selected;            /* E7 (D): count or void */
    enum remedy illegible;                /* E8 (C): drop, void or adjudicate */
    bool run_off_needs_majority;          /* E11 (D) */
    bool may_stop;                        /* E12: the hall may decide to stop with fewer */
    enum base stop_base;                  /* E12 (X) */
    struct threshold stop_share;
    enum candidate_order order; /* E4 */
};

/* A5: the total is Σ weight · score of the group; never pooled first. */
struct group_weight {
    char group[ID_SIZE];
    uint32_t weight; /* 1 .. 10000; shares of their sum */
};

struct criterion_weight {
    char criterion[ID_SIZE];
    uint32_t weight; /* 0 .. 10000; shares of their sum */
};

/* A2: what a grade is worth. is_scored false: 不了解 and the like. */
struct grade_value {
    char grade[ID_SIZE];
    bool is_scored;
    uint32_t value; /* 0 .. 1000 */
};

/* A12: from this score up, the highest first. */
struct band {
    char id[ID_SIZE];
    struct label label;
    uint32_t least; /* 0 .. 1000 */
};

/* A7: a remark on a person where the share of these grades is under, or over, the threshold. */
struct remark_rule {
    char id[ID_SIZE];
    struct label label;
    char grades[GRADE_MAX][ID_SIZE];
    uint32_t grade_count;
    bool is_under; /* under the share: remark where NOT (count · den >= num · valid) */
    struct threshold share;
};

/* A9: a card is void if more (at_most) or fewer (at_least) of its marks are of these grades. */
struct quota_rule {
    char grade[ID_SIZE];
    bool has_most;
    bool has_least;
    uint32_t most;
    uint32_t least;
};

#define BAND_MAX 8   /* names of bands on one sheet */
#define REMARK_MAX 8 /* remarks a profile knows */
#define QUOTA_MAX 8

/* A1 … A12 */
struct appraisal_rules {
    uint32_t grade_count; /* grades the contest must have; 0: any */
    bool has_values;      /* false: counts and shares only, no score, rank or band */
    struct grade_value values[GRADE_MAX];
    uint32_t value_count;
    bool unscored_in_base; /* A3: marks of grades without a value stay in the base, as 0 */
    bool blank_in_base;    /* A3: cards that left the item blank stay in the base, as 0 */
    struct criterion_weight criteria[CRITERION_MAX]; /* A4; count 0: all equal */
    uint32_t criterion_count;
    struct group_weight groups[GROUP_MAX]; /* A5; count 0: one pool */
    uint32_t group_count;
    char satisfied[GRADE_MAX][ID_SIZE]; /* A6: the top grades; count 0: no rate */
    uint32_t satisfied_count;
    struct remark_rule remarks[REMARK_MAX]; /* A7 */
    uint32_t remark_count;
    bool ranks;         /* whether persons are ranked by score */
    bool has_floor;     /* A8: the lowest ranked, if under the floor, is remarked */
    uint32_t floor;     /* 0 .. 1000 */
    bool void_all_same; /* A9 */
    bool void_all_top;
    struct quota_rule quotas[QUOTA_MAX];
    uint32_t quota_count;
    bool has_trim; /* A10: over trim_above cards, the highest and lowest score of a card go */
    uint32_t trim_above;
    bool has_least_filled; /* A11: a card with a smaller share of its items marked is void */
    struct threshold least_filled;
    struct band bands[BAND_MAX]; /* A12 */
    uint32_t band_count;
};

/* Motions, and the base of polls' shares. */
struct motion_rules {
    enum base base;
    struct threshold majority;
};

struct poll_rules {
    enum base base;
    uint32_t shortlist; /* public recommendation: so many of the first go on; 0: none */
};

struct rules {
    char id[ID_SIZE];
    uint32_t version; /* 1 … */
    uint8_t hash[32]; /* BLAKE2b-256 of the profile's canonical JSON */
    enum contest_kind kind;
    struct label title;
    struct label source; /* what the figures that are C, D or X were taken from */
    enum answer answer;
    enum secrecy secrecy;
    enum asking asking;
    enum rounding rounding;
    struct quorum_rule quorum;
    union {
        struct appraisal_rules appraisal;
        struct election_rules election;
        struct motion_rules motion;
        struct poll_rules poll;
    };
};

/* count · den >= num · base (or > where not inclusive), exactly; any 32-bit counts. */
bool threshold_is_met(const struct threshold *threshold, uint64_t count, uint64_t base);
/* The least count that meets it; UINT64_MAX never happens: num <= den. */
uint64_t threshold_least(const struct threshold *threshold, uint64_t base);

/* How many a round's figures have of `base`; where nobody is checked in, present is registered. */
struct figures; /* server/model/view.h */
uint32_t figures_base_count(const struct figures *figures, enum base base);

/* The words of the profile: "registered", "present", … and back. */
const char *base_name(enum base base);
enum base base_parse(const char *name);
const char *remedy_name(enum remedy remedy);
enum remedy remedy_parse(const char *name);
