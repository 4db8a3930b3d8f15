#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/hall/pile.h"
#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/rules.h"

/*
 * The count of a pile as people do it at a table: card by card, name by name, by the contest's
 * rules. It shares no code with the server's count; the two are held against each other. Pure.
 */

/* 应到, 实到, 发出 of the round, as the server published them. */
struct hand_turnout {
    bool is_known;
    bool has_present; /* false: nobody is checked in at this event; 实到 is then taken as 应到 */
    uint32_t registered;
    uint32_t present;
    uint32_t issued;
};

enum hand_outcome { HAND_INVALID = 0, HAND_NOT, HAND_ELECTED, HAND_TIED };

/*
 * One name and its votes. candidate: its index, or -1 of a name that was written in.
 * is_printed: it has a place of its own on the ballot, adopted names too. stands: that, or it was
 * written on a card that counts.
 */
struct hand_person {
    int32_t candidate;
    const char *name; /* of the pile, borrowed; of a candidate NULL */
    bool is_printed;
    bool stands;
    uint32_t votes;
    uint32_t against;
    uint32_t abstain;
    enum hand_outcome outcome;
};

/*
 * returned = valid + void + disputed. disputed: cards that wait for a person's ruling (W7 and the
 * like); nothing of them is in any other figure.
 * persons   of elections: the contest's candidates, then the names of the pile that are nobody
 *           else's. of motions one; of polls the options, then names likewise, and `votes` is how
 *           often they were chosen
 */
struct hand_count {
    uint32_t returned;
    uint32_t valid;
    uint32_t void_count;
    uint32_t disputed;
    uint32_t person_count;
    struct hand_person *persons;
};

/*
 * Counts. contest has rules where it is an election. is_void: an officer voided the round, nobody
 * is elected. turnout matters to elections only. Errors: STATUS_NOT_FOUND (rules or turnout of an
 * election are not known, or the contest is another one), STATUS_NOMEM. hand_count_finish() after
 * success; `pile` is kept until then.
 */
MUST_CHECK enum status hand_count_run(const struct pile *pile, const struct contest *contest,
                                      const struct hand_turnout *turnout, bool is_void,
                                      struct hand_count *count, struct fault *fault);
void hand_count_finish(struct hand_count *count);
