#pragma once

#include <stdint.h>

/*
 * What a simulated person thinks: every subject has a hidden quality for each criterion, every
 * person is more or less lenient, and no two see the same thing alike; candidates are more or less
 * popular. All of it follows from the seed, so the same seed fills in the same cards. Pure.
 */

/* How the hall's votes fall among candidates, options and on motions. */
enum taste {
    TASTE_INVALID = 0,
    TASTE_EVEN,  /* all are liked alike: of three for one seat nobody has more than half */
    TASTE_SPLIT, /* they differ; of three or more for one seat nobody has half, of two one has it */
    TASTE_CLEAR, /* as many as there are seats lead; of one seat the first has about 70 % */
};

/* "even", "split", "clear" and back; TASTE_INVALID: no such word. */
const char *taste_name(enum taste taste);
enum taste taste_parse(const char *name);

/*
 * The grade (0 the best) a person gives.
 *
 * seed         of the hall
 * seat, subject, item  who rates whom on what
 * change       0 for the first choice; a change of mind moves by one grade
 * grade_count  2 .. GRADE_MAX
 */
uint8_t taste_choice(uint64_t seed, uint32_t seat, const char *subject, uint32_t item,
                     uint32_t change, uint32_t grade_count);

/* A number of the seed and a contest's id, from which everything about the contest follows. */
uint64_t taste_contest(uint64_t seed, const char *contest);

/*
 * Sorts the items of those who stand by how popular they are, the most popular first: the same for
 * every voter and round of a contest.
 */
void taste_rank(uint64_t contest, uint8_t *items, uint32_t count);

/*
 * How likely a card chooses the one at `place` of the popularity order first, in proportion to the
 * others. count 1 .. 64 stand, seats 1 or more, place < count.
 */
double taste_weight(enum taste taste, uint32_t place, uint32_t count, uint32_t seats);

/*
 * Where in 0.0 .. 1.0 a seat stands in a contest: evenly spread over the seats, however few of them
 * there are, so that shares come out as the weights say and a rehearsal ends as its script says.
 * round, change: another round, or a change of mind, is another place.
 */
double taste_place(uint64_t contest, uint32_t seat, uint32_t round, uint32_t change);
