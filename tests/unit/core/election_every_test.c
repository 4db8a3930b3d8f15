#include "counting.h"

#include "server/core/election.h"
#include "server/model/view.h"

/*
 * Every election of four voters, three candidates and two seats: each voter fills in any of the 27
 * ballots, so 27^4 = 531441 elections. The rules are asked in other words than the count's.
 */
#define VOTERS 4
#define CANDIDATES 3
#define SEATS 2
#define BALLOTS 27

static struct counting hall;
static struct figures figures;

/* Votes for, of ballots that select two at most. */
static uint32_t count_plainly(const uint32_t *ballots, uint32_t votes[CANDIDATES][3])
{
    uint32_t valid = 0;
    for (uint32_t v = 0; v < VOTERS; v++) {
        uint32_t marks[CANDIDATES] = { ballots[v] % 3, ballots[v] / 3 % 3, ballots[v] / 9 };
        uint32_t selected = 0;
        for (uint32_t c = 0; c < CANDIDATES; c++) {
            selected += marks[c] == CHOICE_FOR;
        }
        for (uint32_t c = 0; selected <= SEATS && c < CANDIDATES; c++) {
            votes[c][marks[c]]++;
        }
        valid += selected <= SEATS;
    }
    return valid;
}

/* What candidate c is: how many who pass have more votes, how many as many. */
static enum standing stand_plainly(uint32_t votes[CANDIDATES][3], uint32_t c, uint32_t base)
{
    uint32_t more = 0;
    uint32_t level = 0;
    if (2 * votes[c][CHOICE_FOR] <= base) {
        return STANDING_NOT;
    }
    for (uint32_t other = 0; other < CANDIDATES; other++) {
        more += votes[other][CHOICE_FOR] > votes[c][CHOICE_FOR];
        level += votes[other][CHOICE_FOR] == votes[c][CHOICE_FOR];
    }
    return more >= SEATS ? STANDING_NOT : more + level <= SEATS ? STANDING_ELECTED : STANDING_TIED;
}

static void check_reading(uint32_t votes[CANDIDATES][3], const enum standing *standings,
                          uint32_t base, uint32_t run_off_seats, uint32_t missing_seats)
{
    uint32_t elected = 0;
    uint32_t tied = 0;
    for (uint32_t c = 0; c < CANDIDATES; c++) {
        assert_int_equal(standings[c], stand_plainly(votes, c, base));
        elected += standings[c] == STANDING_ELECTED;
        tied += standings[c] == STANDING_TIED;
        for (uint32_t other = 0; other < c; other++) {
            assert_true(votes[c][CHOICE_FOR] != votes[other][CHOICE_FOR] ||
                        standings[c] == standings[other]);
        }
    }
    assert_true(elected <= SEATS);
    assert_int_equal(run_off_seats, tied > 0 ? SEATS - elected : 0);
    assert_int_equal(missing_seats, tied > 0 ? 0 : SEATS - elected);
    assert_true(tied == 0 || tied > run_off_seats);
}

static void check_election(const uint32_t *ballots)
{
    uint32_t votes[CANDIDATES][3] = { 0 };
    struct slate slate = { .stage = STAGE_FIRST, .seats = SEATS, .candidates = 7 };
    struct turnout turnout = { .registered = 5, .present = VOTERS, .issued = VOTERS };
    struct election_count *count = election_count_create(&hall.contest, &slate);
    for (uint32_t v = 0; v < VOTERS; v++) {
        struct card card = { .choices = { (uint16_t)(ballots[v] % 3),
                                          (uint16_t)(ballots[v] / 3 % 3),
                                          (uint16_t)(ballots[v] / 9) } };
        election_count_add(count, &card, RULING_INVALID);
    }
    election_count_figures(count, &turnout, false, &figures);
    uint32_t valid = count_plainly(ballots, votes);
    assert_int_equal(figures.valid_count, valid);
    assert_int_equal(figures.void_count, VOTERS - valid);
    assert_int_equal(figures.cast_count, VOTERS);
    for (uint32_t c = 0; c < CANDIDATES; c++) {
        assert_memory_equal(figures.items[c].counts, votes[c], sizeof(votes[c]));
        assert_int_equal(figures.items[c].valid, valid);
    }
    const struct election_figures *election = &figures.election;
    check_reading(votes, election->standings, 4, election->run_off_seats, election->missing_seats);
    check_reading(votes, election->disputed, 5, election->disputed_run_off_seats,
                  election->disputed_missing_seats);
    assert_int_equal(figures.decision, election->run_off_seats > 0   ? DECISION_RUN_OFF
                                       : election->missing_seats > 0 ? DECISION_ANOTHER
                                                                     : DECISION_ELECTED);
    election_count_destroy(count);
}

static void every_small_election_is_decided_by_the_book(void **state)
{
    counting_election(&hall, CANDIDATES, SEATS, 0);
    for (uint32_t code = 0; code < BALLOTS * BALLOTS * BALLOTS * BALLOTS; code++) {
        uint32_t ballots[VOTERS] = { code % BALLOTS, code / BALLOTS % BALLOTS,
                                     code / (BALLOTS * BALLOTS) % BALLOTS,
                                     code / (BALLOTS * BALLOTS * BALLOTS) };
        check_election(ballots);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_election_is_decided_by_the_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
