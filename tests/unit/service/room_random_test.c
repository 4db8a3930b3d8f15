/*
 * Random halls: officers, voters, base stations, check-in and timers do what comes to mind, from a
 * seed, over an event with an appraisal, an election, a motion and a recommendation; the log is
 * handed back in pieces, is full at times, and the room starts anew from it. Whatever happened:
 * the live fold refuses no record that the room offered and ignores no mark; a fresh fold of the
 * same records is equal to the live one; and the ballots hold what was acknowledged, no more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crowd.h"
#include "server/core/disclosure.h"

#define SEED_COUNT 200
#define STEP_COUNT 300

/* What came about in all halls, so that none of it goes untried. */
struct tried {
    uint32_t acts[ACT_COUNT];
    uint32_t stages[STAGE_ANOTHER + 1];
    uint32_t decisions[DECISION_VOID + 1];
};

static void tried_add(struct tried *tried, const struct crowd *crowd)
{
    const struct sitting *sitting = room_sitting(crowd->room);
    for (uint32_t i = 0; i < crowd->record_count; i++) {
        if (crowd->records[i].is_act) {
            tried->acts[crowd->records[i].act->kind]++;
        }
    }
    for (uint32_t n = 1; n <= sitting_round_count(sitting); n++) {
        const struct round *round = sitting_round(sitting, n);
        bool is_election = crowd->event->contests[round->contest].kind == CONTEST_ELECTION;
        tried->stages[round->slate.stage] += is_election;
        tried->decisions[round->figures == NULL ? 0 : round->figures->decision]++;
    }
}

static void tried_check(const struct tried *tried)
{
    for (int kind = ACT_INVALID + 1; kind < ACT_COUNT; kind++) {
        if (tried->acts[kind] == 0) {
            fail_msg("no act '%s' was tried", act_kind_name((enum act_kind)kind));
        }
    }
    for (int stage = STAGE_INVALID + 1; stage <= STAGE_ANOTHER; stage++) {
        assert_true(tried->stages[stage] > 0);
    }
    for (int decision = DECISION_INVALID + 1; decision <= DECISION_VOID; decision++) {
        assert_true(tried->decisions[decision] > 0);
    }
}

static void no_random_hall_loses_or_doubles_a_vote(void **state)
{
    static struct crowd crowd;
    struct tried tried = { 0 };
    uint32_t acked_total = 0;
    uint32_t round_total = 0;
    const char *from = getenv("MINPING_RANDOM_SEED");
    uint64_t first = from != NULL ? strtoull(from, NULL, 10) : 1;
    for (uint64_t seed = first; seed < first + SEED_COUNT; seed++) {
        char why[512] = "";
        crowd_open(&crowd, seed);
        bool is_good = crowd_run(&crowd, STEP_COUNT, why) && crowd_settle(&crowd, why) &&
                       crowd_check(&crowd, why);
        acked_total += crowd.acked_count;
        round_total += sitting_round_count(room_sitting(crowd.room));
        tried_add(&tried, &crowd);
        crowd_close(&crowd);
        if (!is_good) {
            print_message("seed %llu: %s\n", (unsigned long long)seed, why);
        }
        assert_true(is_good);
    }
    print_message("%u casts acknowledged in %u rounds\n", acked_total, round_total);
    if (from == NULL) {
        tried_check(&tried);
    }
    assert_true(acked_total > SEED_COUNT * 10);
    assert_true(round_total > SEED_COUNT); /* about two a hall */
}

/* One planted mistake: whether any seed of a few has it found. */
static bool is_found(enum crowd_mistake mistake)
{
    static struct crowd crowd;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        char why[512] = "";
        crowd_open(&crowd, seed);
        bool is_good = crowd_run(&crowd, STEP_COUNT, why) && crowd_settle(&crowd, why);
        assert_true(is_good);
        is_good = !crowd_spoil(&crowd, mistake) || crowd_check(&crowd, why);
        crowd_close(&crowd);
        if (!is_good) {
            return true;
        }
    }
    return false;
}

static void planted_mistakes_are_found(void **state)
{
    assert_true(is_found(MISTAKE_MARK_LOST));
    assert_true(is_found(MISTAKE_MARK_CHANGED));
    assert_true(is_found(MISTAKE_MARK_LATE));
    assert_true(is_found(MISTAKE_NAME_CHANGED));
    assert_true(is_found(MISTAKE_ACT_LOST));
    assert_true(is_found(MISTAKE_ACK_INVENTED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_random_hall_loses_or_doubles_a_vote),
        cmocka_unit_test(planted_mistakes_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
