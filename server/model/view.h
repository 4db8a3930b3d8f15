#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/event.h"
#include "server/model/limits.h"

/*
 * A view: what one audience may see of the hall at one moment. Made by core/disclosure alone.
 */
enum round_state {
    ROUND_INVALID = 0,
    ROUND_PLANNED,
    ROUND_OPEN,
    ROUND_PAUSED,
    ROUND_CLOSED,
    ROUND_CERTIFIED,
    ROUND_VOID,
};

/* Whether a round of this state is over: closed, certified or void. */
bool round_state_is_over(enum round_state state);

/* Why a round of an election was opened. */
enum round_stage {
    STAGE_INVALID = 0,
    STAGE_FIRST,   /* also a repetition of a void round */
    STAGE_RUN_OFF, /* E11: among exactly those tied at the cut */
    STAGE_ANOTHER, /* E12: for the seats still missing */
};

/* What a closed round decided. */
enum decision {
    DECISION_INVALID = 0, /* open, or nothing to decide yet */
    DECISION_PENDING,     /* cards wait for the officer's ruling: no figures yet */
    DECISION_COUNTED,     /* appraisals and polls */
    DECISION_ELECTED,     /* every seat of the round is filled */
    DECISION_RUN_OFF,     /* E11: a tie at the cut; run_off_seats are open among those tied */
    DECISION_ANOTHER,     /* E12: missing_seats are open: another election, or the officer's act */
    DECISION_STOPPED,     /* E12: the hall decided to stop with fewer */
    DECISION_PASSED,      /* motions */
    DECISION_NOT_PASSED,
    DECISION_VOID, /* E6: more returned than allowed, or an officer's act */
};

/* What a round says of one name. */
enum standing {
    STANDING_INVALID = 0,
    STANDING_OFF,     /* not on this round's ballot */
    STANDING_NOT,     /* not elected */
    STANDING_ELECTED, /* also: on a poll's shortlist */
    STANDING_TIED,    /* goes into the run-off */
};

/* The counts of one item. valid = sum of counts = the base of its percentages. */
struct item_figures {
    uint32_t counts[GRADE_MAX];
    uint32_t valid;
};

/* A name written in, and its votes. */
struct name_figures {
    char name[WRITTEN_NAME_SIZE];
    uint32_t votes;
    enum standing standing;
    enum standing disputed;
};

/*
 * What an election's closed round decided, by the rules' base of "more than half" and, where the
 * books differ (E10), by the other one.
 *
 * needed    the least number of votes that is more than half: of `base`, of `disputed_base`
 * standings of the contest's candidates, in their order
 * names     written-in names, most votes first, then by name; name_count of them are shown and
 *           name_rest more are not
 */
struct election_figures {
    enum round_stage stage;
    uint32_t seats; /* of this round */
    uint8_t base;   /* enum base, rules.h */
    uint8_t disputed_base;
    uint32_t base_count;
    uint32_t disputed_count;
    uint32_t needed;
    uint32_t disputed_needed;
    uint32_t run_off_seats;
    uint32_t missing_seats;
    uint32_t disputed_run_off_seats;
    uint32_t disputed_missing_seats;
    enum standing standings[CANDIDATE_MAX];
    enum standing disputed[CANDIDATE_MAX];
    uint8_t order[CANDIDATE_MAX]; /* [p]: the candidate shown at place p */
    uint32_t name_count;
    uint32_t name_rest;
    struct name_figures names[NAME_SHOWN_MAX];
};

/* A score, 0.00 .. 1000.00, rounded half up once from its exact value; in hundredths. */
struct score {
    bool is_set; /* false: nobody gave a mark that counts */
    uint32_t hundredths;
};

/*
 * What an appraisal's closed round comes to by its rules' values; only where they name any.
 *
 * rank   1 is the highest of the contest's closed subjects, on exact values; 0: not ranked.
 *        tied_count: how many share it, this one included
 * band   index in the rules' bands + 1, 0: none
 * remarks  bit r: remark r of the rules holds; bit REMARK_FLOOR: lowest ranked and under the floor
 */
#define REMARK_FLOOR 31
struct appraisal_figures {
    bool has_scores;
    struct score person;
    struct score items[CRITERION_MAX];
    uint32_t rank;
    uint32_t tied_count;
    uint32_t band;
    uint32_t remarks;
};

/*
 * The figures of one round. What `shows` does not allow is zero and must not be drawn.
 *
 * registered  应到: seats with the right to vote on the roll when it opened
 * present     实到: those checked in then; has_present false: nobody is checked in at this event
 * issued      发出: the electorate, frozen at open, and paper given out
 * cast_count  收回: cards with at least one mark, and paper returned; where shows >= LIVE_TURNOUT
 * paper_count of cast_count, counted by hand
 * valid_count, void_count  有效, 无效; only of a round that is over, and shows == LIVE_TALLY
 * pending     cards that wait for a ruling; the counts are zero as long as there are any
 * items       item_count of them, grade_count counts each; only where shows == LIVE_TALLY; of
 *             elections the candidates, then nothing for the write-in lines
 * satisfied   A6, appraisals whose rules name the top grades: marks of these over all items, of
 *             satisfied_base
 * rules       id and hash of the rules it was opened under
 * reason      why it is void, or why an officer accepted that 应到, 实到, 发出, 收回 do not fall;
 * ""
 */
struct figures {
    uint32_t round;
    char contest[ID_SIZE];
    char subject[ID_SIZE];
    enum contest_kind kind;
    enum round_state state;
    enum live shows;
    enum decision decision;
    bool has_present;
    uint32_t registered;
    uint32_t present;
    uint32_t issued;
    uint32_t cast_count;
    uint32_t paper_count;
    uint32_t valid_count;
    uint32_t void_count;
    uint32_t pending;
    uint32_t item_count;
    uint32_t grade_count;
    int64_t opened_ms; /* server's Unix time in ms; 0: not yet */
    int64_t closed_ms;
    int64_t ends_ms; /* its timer closes it then; 0: no timer */
    char reason[ACT_REASON_SIZE];
    char rules[ID_SIZE];
    uint64_t rules_hash; /* the first 8 bytes of the profile's hash */
    uint64_t satisfied;
    uint64_t satisfied_base;
    struct item_figures items[ITEM_MAX];
    struct appraisal_figures appraisal;
    struct election_figures election;
};

/* A closed round by name and hash; its figures are fetched once and kept. */
struct closed_ref {
    uint32_t round;
    char subject[ID_SIZE];
    uint64_t hash; /* figures_hash() of the closed figures */
};

/*
 * epoch   rises with every view published to the audience; starts anew only with another log
 * log_id  16 hexadecimal digits, random, of the log the figures come from
 * texts   hash of the event's public texts
 * live    the open or paused round, or the last one that is over
 * closed  rounds that are over, of live's contest: of an appraisal the newest of each subject, in
 *         the event's order; of others every round, in their order, the newest SUBJECT_MAX
 */
struct view {
    char log_id[17];
    uint64_t epoch;
    int64_t at_ms;
    enum audience audience;
    uint64_t texts;
    bool has_live;
    struct figures live;
    uint32_t closed_count;
    struct closed_ref closed[SUBJECT_MAX];
};

/*
 * The whole of what an audience may see: GET /api/v1/view.
 *
 * texts   the event as this audience may read it: no posts, no groups' seats
 * closed  figures of every round that is over, of all contests, by number; what `view.closed` names
 *         is among them
 */
struct document {
    struct view view;
    struct event *texts;
    struct figures *closed;
    uint32_t closed_count;
};

/* Frees what a document holds, not the struct itself. */
void document_finish(struct document *document);

const char *round_state_name(enum round_state state);
enum round_state round_state_parse(const char *name);
const char *round_stage_name(enum round_stage stage);
enum round_stage round_stage_parse(const char *name);
const char *decision_name(enum decision decision);
enum decision decision_parse(const char *name);
const char *standing_name(enum standing standing);
enum standing standing_parse(const char *name);

/*
 * The share of count in base in tenths of a percent, rounded half up once from the exact fraction:
 * share_permille(1, 3) = 333. base 0 gives 0. Range 0 .. 1000 where count <= base.
 */
uint32_t share_permille(uint64_t count, uint64_t base);
/* The same in units of 1 / `whole`: 1000 tenths of a percent, 10000 hundredths. */
uint32_t share_of(uint64_t count, uint64_t base, uint32_t whole);

/* A hash of every field of `figures`, for identity only. FNV-1a, 64 bits, field by field. */
uint64_t figures_hash(const struct figures *figures);

/* Sums agree: valid = Σ counts, no valid over cast_count, and of a round
 * that is over, and shown as tally, valid and void cards are cast_count; without paper cast_count
 * <= registered. */
bool figures_are_sound(const struct figures *figures);
