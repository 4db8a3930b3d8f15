#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/core/card.h"
#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/rules.h"
#include "server/model/view.h"

/*
 * The count of one round of an election (E5 … E13): ballots in, votes of each name and who is
 * elected out. Pure; one thread at a time.
 *
 * Names written in are numbered from 1 in the order in which they were first written; the caller
 * keeps the names and hands each to election_count_name().
 */
struct election_count;

/*
 * What this round is about.
 *
 * stage, seats  of this round
 * slate         bit c: candidate c stands in this round
 * adopted       run-off, names written in before that are on the ballot now: line l (item
 *               candidate_count + l) stands for name adopted[l] and takes for, against, abstain;
 *               0: the line takes a write-in, where the rules allow one and it is no run-off
 * elected       another election, names written in that hold a seat already, 0 after the last: who
 *               writes one again has named somebody who does not stand
 */
struct slate {
    enum round_stage stage;
    uint32_t seats;
    uint64_t candidates;
    uint16_t adopted[WRITE_IN_MAX];
    uint16_t elected[WRITE_IN_MAX];
};

/* 应到, 实到, 发出 of the round. 收回 is what was added. */
struct turnout {
    uint32_t registered;
    uint32_t present;
    uint32_t issued;
};

/* How many there are of `base`, of so many ballots returned and valid. */
uint32_t turnout_base_count(const struct turnout *turnout, uint32_t returned, uint32_t valid,
                            enum base base);

/* contest (with its rules) is kept, slate copied. NULL: no memory. Given. */
struct election_count *election_count_create(const struct contest *contest,
                                             const struct slate *slate);
void election_count_destroy(struct election_count *count);

/*
 * Name `number`, the next one. A name that is a candidate's (either language, blanks aside) stands
 * for that candidate (E13). Errors: STATUS_FULL over WRITTEN_NAME_MAX, STATUS_NOMEM.
 */
MUST_CHECK enum status election_count_name(struct election_count *count, const char *name);

/* What a ballot is by the rules. */
enum ballot_kind {
    BALLOT_INVALID = 0,
    BALLOT_VALID,
    BALLOT_VOID,
    BALLOT_DISPUTED, /* a machine cannot decide; `rule` says why */
};

/*
 * What the ballot is, before any ruling. Rule is a short static text, "" of a plain valid ballot:
 *
 *   E8   void: marked or illegible as a whole; by the profile (illegible), a line that names nobody
 *   E7   persons selected (for, and names written in, each person once) are more than the seats,
 *        or none: void, or as the profile says
 *   W7   more names than marks against: as the profile says; dropped, all lines go
 *   E8   disputed: a person stands on it twice, on two lines or on a line and as for or against
 *   E13  disputed: a line names a candidate who is not on this round's ballot (elected before,
 *        withdrawn …). Let in by a ruling, the candidate's votes count and may elect
 *   E5   valid: a line was written on though this round takes no names; the line does not count
 *
 * They are asked in this order; E7's "none" last, of what is left. A candidate whose item is blank
 * or abstain has the vote of a line with that name.
 */
enum ballot_kind election_ballot_check(const struct election_count *count, const struct card *card,
                                       const char **rule);

/* An officer's ruling on a disputed ballot. */
enum ruling {
    RULING_INVALID = 0,
    RULING_COUNT, /* as it is: every name on it has one vote. More persons than seats stay void */
    RULING_DROP,  /* names written in do not count, the rest does */
    RULING_VOID,
};
const char *ruling_name(enum ruling ruling);
enum ruling ruling_parse(const char *name);

/* One ballot that was returned. `ruling` of a disputed one; RULING_INVALID: it waits (pending). */
void election_count_add(struct election_count *count, const struct card *card, enum ruling ruling);

/*
 * Totals counted by hand: votes[item][CHOICE_VOTE_COUNT] of the candidates and adopted lines,
 * name_votes[number - 1] of names (may be NULL), ballots returned and of them void. item_count is
 * the contest's. What an item lacks to the valid ballots was left blank: abstain (E5). Votes of
 * items that are not on this round's ballot do not count.
 */
void election_count_add_paper(struct election_count *count,
                              const uint32_t (*votes)[CHOICE_VOTE_COUNT], uint32_t item_count,
                              const uint32_t *name_votes, uint32_t name_count, uint32_t returned,
                              uint32_t void_count);

/*
 * The decision: fills items, item_count, grade_count, cast_count, valid_count, void_count, pending,
 * decision and election of `figures`. While ballots are pending all counts are zero and the
 * decision is DECISION_PENDING. `stopped`: DECISION_STOPPED instead of DECISION_ANOTHER.
 *
 * E6, DECISION_VOID: no votes and no standings, every ballot is void; nothing waits for a ruling.
 * A run-off that needs no majority has `needed` 0. Nobody is elected without a vote. The order of
 * candidates is the contest's; the caller replaces it where a lot was drawn.
 */
void election_count_figures(const struct election_count *count, const struct turnout *turnout,
                            bool stopped, struct figures *figures);

/*
 * By number, for the slate of the round after: the profile's base. STANDING_OFF of a name that is a
 * candidate's or an earlier name's, so that nobody is adopted twice; STANDING_INVALID while ballots
 * are pending and where the round is void.
 */
enum standing election_name_standing(const struct election_count *count,
                                     const struct turnout *turnout, uint32_t number);

/* E3: least candidates for `seats`. */
uint32_t election_candidates_least(const struct election_rules *rules, uint32_t seats);

/*
 * E12: whether for of base is enough to stop. Errors: STATUS_REFUSED with the rule's number, also
 * where the profile does not allow it.
 */
MUST_CHECK enum status election_may_stop(const struct rules *rules, uint32_t votes_for,
                                         uint32_t base, struct fault *fault);
