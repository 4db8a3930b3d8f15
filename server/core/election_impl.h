#pragma once

#include "server/core/election.h"

/*
 * What the parts of an election's count share: election.c keeps it, election_ballot.c reads
 * ballots, election_decide.c decides. For these three only.
 */

/*
 * A name written in.
 *
 * plain      as it is compared
 * candidate  the candidate it stands for, else -1
 * first      number of the first name that is the same
 * is_legible false: it names nobody, or more candidates than one (E8)
 * votes      of this and every later name that is the same; kept at the first
 */
struct written_name {
    char name[WRITTEN_NAME_SIZE];
    char plain[WRITTEN_NAME_SIZE];
    int32_t candidate;
    uint32_t first;
    bool is_legible;
    uint32_t votes;
};

/* votes[item]: of candidates and adopted lines. plain[c][0]: in Chinese, [1] in English, or "". */
struct election_count {
    const struct contest *contest;
    const struct election_rules *rules;
    struct slate slate;
    uint32_t item_count;
    uint32_t votes[ITEM_MAX][CHOICE_VOTE_COUNT];
    uint32_t returned;
    uint32_t valid;
    uint32_t void_count;
    uint32_t pending;
    struct written_name *names;
    uint32_t name_count;
    uint32_t name_capacity;
    char plain[CANDIDATE_MAX][2][LABEL_SIZE];
};

/* Which of the names on a ballot are read. */
enum names_read {
    NAMES_NONE = 0,
    NAMES_LEGIBLE,
    NAMES_ALL, /* an officer could read them */
};

#define MARK_NONE 0xff /* the item is not on this ballot */

/*
 * A ballot as it is read.
 *
 * marks          of each item: what it adds to, names written in for its person included
 * persons        other persons written in, by the number of their first name
 * selected       persons with ○ and persons written in, each once
 * against        items with ×
 * written        lines with a legible name
 * has_repeat     a person stands on it twice: two lines, or a line and ○ or ×
 * has_illegible  a line names nobody
 * has_outsider   a line names a candidate who is not on this round's ballot
 * has_refused    a line was written on that takes no name in this round
 */
struct reading {
    uint8_t marks[ITEM_MAX];
    uint16_t persons[WRITE_IN_MAX];
    uint32_t person_count;
    uint32_t selected;
    uint32_t against;
    uint32_t written;
    bool has_repeat;
    bool has_illegible;
    bool has_outsider;
    bool has_refused;
};

/* Whether the item is on this round's ballot as a name: a candidate of the slate, an adopted line.
 */
bool election_item_stands(const struct election_count *count, uint32_t item);

/* The item that stands for name `number`: a candidate's (also off the slate), an adopted line; or
 * -1. */
int32_t election_name_item(const struct election_count *count, uint32_t number);

/*
 * What the ballot is with this ruling (RULING_INVALID: none yet), and what then counts of it:
 * *reading is filled where it is valid.
 */
enum ballot_kind election_ballot_read(const struct election_count *count, const struct card *card,
                                      enum ruling ruling, struct reading *reading,
                                      const char **rule);
