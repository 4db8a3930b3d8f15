#include <stdio.h>
#include <string.h>

#include "election_fixture.h"
#include "hall.h"

static const struct sender first = { 1, 1 };
static const struct sender second = { 2, 1 };

static void an_ack_comes_only_after_the_log(void **state)
{
    struct hall hall;
    struct ack ack;
    struct refused refused;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    assert_int_equal(hall.round_change_count, 1);
    assert_int_equal(room_cast(hall.room, first, 3, hall_cast(1, 0, 0, 1, 2, 1), &ack, &refused),
                     ROOM_PENDING);
    assert_int_equal(hall.ack_count, 0);
    const struct round *round = sitting_current(room_sitting(hall.room));
    assert_int_equal(round->tally.counts[0][2], 0);
    hall_settle(&hall);
    assert_int_equal(hall.ack_count, 1);
    assert_int_equal(hall.acks[0].outcome_count, 1);
    assert_int_equal(hall.acks[0].outcomes[0].refusal, REFUSAL_NONE);
    assert_int_equal(strlen(hall.acks[0].outcomes[0].receipt), RECEIPT_SIZE - 1);
    assert_int_equal(round->tally.counts[0][2], 1);
    hall_close(&hall);
}

/* Both in the log's queue at once: only the first may be promised anything. */
static void two_sockets_of_one_voter_cannot_both_win(void **state)
{
    struct hall hall;
    struct ack ack;
    struct refused refused;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    assert_int_equal(room_cast(hall.room, first, 3, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
                     ROOM_PENDING);
    assert_int_equal(room_cast(hall.room, second, 3, hall_cast(1, 0, 0, 1, 2, 2), &ack, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_BUSY); /* nothing is recorded yet to stand */
    /* The very same cast again waits for the same commit and gets its own ack. */
    assert_int_equal(room_cast(hall.room, second, 3, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    assert_int_equal(hall.ack_count, 2);
    assert_string_equal(hall.acks[0].outcomes[0].receipt, hall.acks[1].outcomes[0].receipt);
    assert_int_equal(room_cast(hall.room, second, 3, hall_cast(1, 0, 0, 1, 2, 2), &ack, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_CONFLICT);
    assert_int_equal(refused.version, 1);
    const struct tally *tally = &sitting_current(room_sitting(hall.room))->tally;
    assert_int_equal(tally->counts[0][0], 1);
    assert_int_equal(tally->counts[0][2], 0);
    assert_int_equal(sitting_ignored_total(room_sitting(hall.room)), 0);
    hall_close(&hall);
}

static void a_resend_gets_the_same_ack_in_every_state(void **state)
{
    struct hall hall;
    struct ack ack;
    struct refused refused;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    assert_int_equal(room_cast(hall.room, first, 3, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    const enum control_kind acts[] = { CONTROL_PAUSE, CONTROL_OPEN, CONTROL_CLOSE };
    for (size_t i = 0; i < 3; i++) {
        hall_control(&hall, acts[i], "s1");
        assert_int_equal(
            room_cast(hall.room, second, 3, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
            ROOM_ANSWERED);
        assert_string_equal(ack.outcomes[0].receipt, hall.acks[0].outcomes[0].receipt);
    }
    hall_control(&hall, CONTROL_OPEN, "s2");
    assert_int_equal(room_cast(hall.room, second, 3, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
                     ROOM_ANSWERED);
    assert_string_equal(ack.outcomes[0].receipt, hall.acks[0].outcomes[0].receipt);
    hall_close(&hall);
}

static void what_is_new_is_refused_by_the_state_of_its_round(void **state)
{
    struct hall hall;
    struct ack ack;
    struct refused refused;
    hall_open(&hall, LIVE_TALLY);
    assert_int_equal(room_cast(hall.room, first, 3, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_NOT_OPEN);
    hall_control(&hall, CONTROL_OPEN, "s1");
    hall_control(&hall, CONTROL_PAUSE, "");
    assert_int_equal(room_cast(hall.room, first, 3, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_PAUSED);
    hall_control(&hall, CONTROL_CLOSE, "");
    assert_int_equal(room_cast(hall.room, first, 3, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_CLOSED);
    assert_int_equal(room_cast(hall.room, first, 3, hall_cast(1, 0, 2, 1, 0, 1), &ack, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_BAD_VALUE);
    hall_close(&hall);
}

/* The close is offered but not yet durable: nothing new may be promised any more. */
static void nothing_is_admitted_behind_a_close_under_way(void **state)
{
    struct hall hall;
    struct ack ack;
    struct refused refused;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    assert_int_equal(room_cast(hall.room, first, 1, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
                     ROOM_PENDING);
    struct control close = { .kind = CONTROL_CLOSE, .id = 1 };
    assert_int_equal(room_control(hall.room, second, "officer-1", &close, 6000, &refused),
                     ROOM_PENDING);
    assert_int_equal(room_cast(hall.room, first, 2, hall_cast(1, 0, 0, 1, 0, 1), &ack, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_CLOSED);
    assert_int_equal(room_control(hall.room, second, "officer-1", &close, 6000, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_FORBIDDEN_NOW);
    hall_settle(&hall);
    assert_int_equal(hall.ack_count, 1);
    const struct round *round = sitting_latest(room_sitting(hall.room));
    assert_int_equal(round->state, ROUND_CLOSED);
    assert_int_equal(round->tally.counts[0][0], 1);
    hall_close(&hall);
}

static void a_base_station_hears_of_each_card(void **state)
{
    struct hall hall;
    struct ack ack;
    struct refused refused;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    assert_int_equal(room_cast(hall.room, first, 2, hall_cast(1, 0, 0, 5, 0, 9), &ack, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    struct cast *cast = hall_cast(1, 1, 0, 1, 0, 1);
    cast->card_count = 4;
    cast->mark_count = 5;
    for (uint32_t i = 0; i < 4; i++) {
        cast->cards[i] = cast->cards[0];
        cast->cards[i].seat = i + 1;
        cast->cards[i].first_mark = i;
        cast->marks[i] = cast->marks[0];
    }
    cast->cards[3].mark_count = 2;
    cast->marks[4] = cast->marks[0];
    cast->marks[4].item = 1;
    cast->marks[4].choice = 3; /* no such grade: the whole card of seat 4 is refused */
    assert_int_equal(room_cast(hall.room, first, 0, cast, &ack, &refused), ROOM_PENDING);
    hall_settle(&hall);
    const struct ack *answer = &hall.acks[1];
    assert_int_equal(answer->outcome_count, 4);
    assert_int_equal(answer->outcomes[0].refusal, REFUSAL_NONE);
    assert_int_equal(answer->outcomes[1].refusal, REFUSAL_SUPERSEDED);
    assert_int_equal(answer->outcomes[1].version, 5);
    assert_int_equal(answer->outcomes[2].refusal, REFUSAL_NONE);
    assert_int_equal(answer->outcomes[3].refusal, REFUSAL_BAD_VALUE);
    assert_int_equal(answer->outcomes[3].item, 1);
    const struct tally *tally = &sitting_current(room_sitting(hall.room))->tally;
    assert_int_equal(tally->cast_count, 3);
    assert_int_equal(room_cast(hall.room, first, 0, cast, &ack, &refused), ROOM_ANSWERED);
    cast->cards[1].seat = 1;
    assert_int_equal(room_cast(hall.room, first, 0, cast, &ack, &refused), ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_BAD_MESSAGE);
    hall_close(&hall);
}

/* Casts are whole: one overtaken item does not unmake what was recorded with it. */
static void a_resent_card_with_an_overtaken_item_is_still_recorded(void **state)
{
    struct hall hall;
    struct ack ack;
    struct refused refused;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    struct cast card = *hall_cast(1, 0, 0, 1, 0, 1);
    card.mark_count = card.cards[0].mark_count = 2;
    card.marks[1] = (struct cast_mark){ .version = 1, .item = 1, .choice = 1 };
    assert_int_equal(room_cast(hall.room, first, 3, &card, &ack, &refused), ROOM_PENDING);
    assert_int_equal(room_cast(hall.room, first, 3, hall_cast(1, 0, 0, 2, 2, 7), &ack, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    assert_int_equal(room_cast(hall.room, first, 3, &card, &ack, &refused), ROOM_ANSWERED);
    /* The same nonce for more than was recorded is another intent. */
    card.marks[0].version = 3;
    assert_int_equal(room_cast(hall.room, first, 3, &card, &ack, &refused), ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_CONFLICT);
    assert_int_equal(refused.item, 0);
    struct seat_versions versions;
    assert_true(room_versions(hall.room, 3, &versions));
    assert_int_equal(versions.versions[0], 2);
    assert_int_equal(versions.versions[1], 1);
    assert_false(room_versions(hall.room, 4, &versions));
    hall_close(&hall);
}

static void acts_name_what_forbids_them(void **state)
{
    struct hall hall;
    struct refused refused;
    hall_open(&hall, LIVE_TALLY);
    struct control open = { .kind = CONTROL_OPEN, .contest = "appraisal", .subject = "s9" };
    assert_int_equal(room_control(hall.room, first, "officer-1", &open, 1, &refused), ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_BAD_VALUE);
    assert_string_equal(refused.text, "no subject 's9' in contest 'appraisal'");
    struct control close = { .kind = CONTROL_CLOSE };
    assert_int_equal(room_control(hall.room, first, "officer-1", &close, 1, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_FORBIDDEN_NOW);
    struct control take = { .kind = CONTROL_TAKE,
                            .bus = BUS_PROGRAMME,
                            .layer = LAYER_LOWER,
                            .scene = SCENE_STRIP,
                            .params = "contest=appraisal\nsubject=s9\n" };
    assert_int_equal(room_control(hall.room, first, "operator-1", &take, 1, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_BAD_VALUE);
    snprintf(take.params, sizeof(take.params), "contest=appraisal\nsubject=s1\n");
    assert_int_equal(room_control(hall.room, first, "operator-1", &take, 1, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    assert_int_equal(hall.programme_change_count, 1);
    assert_true(
        sitting_programme(room_sitting(hall.room))->layers[BUS_PROGRAMME][LAYER_LOWER].is_taken);
    hall_close(&hall);
}

static void only_what_is_on_a_layer_can_be_continued(void **state)
{
    struct hall hall;
    struct refused refused;
    (void)state;
    hall_open(&hall, LIVE_TALLY);
    struct control next = { .kind = CONTROL_CONTINUE, .bus = BUS_PROGRAMME, .layer = LAYER_LOWER };
    struct control take = { .kind = CONTROL_TAKE,
                            .bus = BUS_PROGRAMME,
                            .layer = LAYER_LOWER,
                            .scene = SCENE_STRIP,
                            .params = "contest=appraisal\nsubject=s1\npages=manual\n" };
    const struct layer_state *lower =
        &sitting_programme(room_sitting(hall.room))->layers[BUS_PROGRAMME][LAYER_LOWER];
    assert_int_equal(room_control(hall.room, first, "operator-1", &next, 1, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_FORBIDDEN_NOW);
    assert_string_equal(refused.text, "nothing is on this layer of the bus");
    assert_int_equal(room_control(hall.room, first, "operator-1", &take, 2, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    for (uint32_t step = 1; step <= 2; step++) {
        assert_int_equal(room_control(hall.room, first, "operator-1", &next, 2 + step, &refused),
                         ROOM_PENDING);
        hall_settle(&hall);
        assert_int_equal(lower->step, step);
        assert_int_equal(lower->continued_ms, 2 + step);
    }
    assert_int_equal(lower->held_ms, 3);
    next.bus = BUS_PREVIEW;
    assert_int_equal(room_control(hall.room, first, "operator-1", &next, 9, &refused),
                     ROOM_REFUSED);
    hall_close(&hall);
}

/* A take, and what the server says of it; "": it is taken. */
struct take_case {
    enum scene_kind scene;
    const char *params;
    const char *text;
};

static void take_try(struct hall *hall, enum layer layer, const struct take_case *one)
{
    struct refused refused;
    struct control take = {
        .kind = CONTROL_TAKE, .bus = BUS_PROGRAMME, .layer = layer, .scene = one->scene
    };
    snprintf(take.params, sizeof(take.params), "%s", one->params);
    bool is_taken = one->text[0] == '\0';
    assert_int_equal(room_control(hall->room, first, "operator-1", &take, 1, &refused),
                     is_taken ? ROOM_PENDING : ROOM_REFUSED);
    hall_settle(hall);
    if (!is_taken) {
        assert_int_equal(refused.refusal, REFUSAL_BAD_VALUE);
        assert_string_equal(refused.text, one->text);
    }
}

static void takes_that_would_show_nothing_or_nonsense_are_refused(void **state)
{
    static const struct take_case cases[] = {
        { SCENE_CLOCK, "", "" },
        { SCENE_CLOCK, "kind=speech\nseconds=180\nfrom_ms=1764504847000\n", "" },
        { SCENE_CLOCK, "kind=speech\n", "a speech clock needs seconds=1 to 86400" },
        { SCENE_CLOCK, "kind=speech\nseconds=0\n", "seconds must be 1 to 86400" },
        { SCENE_CLOCK, "kind=speech\nseconds=86401\n", "seconds must be 1 to 86400" },
        { SCENE_CLOCK, "kind=speech\nseconds=-5\n", "seconds must be 1 to 86400" },
        { SCENE_CLOCK, "kind=speech\nseconds=99999999999999999999999\n",
          "seconds must be 1 to 86400" },
        { SCENE_CLOCK, "seconds=9\n",
          "a countdown has its time from the round: seconds is of kind=speech" },
        { SCENE_CLOCK, "kind=egg\n", "kind must be countdown or speech" },
        { SCENE_CRAWL, "text_en=Please vote now\ntimes=100\n", "" },
        { SCENE_CRAWL, "text_en=Please vote now\ntimes=101\n", "times must be 1 to 100" },
        { SCENE_CRAWL, "times=2\n", "scene 'crawl' needs text_zh or text_en" },
        { SCENE_OPINION, "", "scene 'opinion' needs text_zh or text_en" },
        { SCENE_CORRECTION, "text_fr=x\n", "scene 'correction' needs text_zh or text_en" },
        { SCENE_CORRECTION, "text_zh=更正\n", "" },
        { SCENE_NOTICE, "title_en=Next\nseconds=300\n", "" },
        { SCENE_NOTICE, "text_zh=接下来投票\nuntil_ms=1764504847000\n", "" },
        { SCENE_NOTICE, "seconds=300\n", "a notice needs a title or a text" },
        { SCENE_NOTICE, "title_en=Next\nseconds=0\n", "seconds must be 1 to 86400" },
        { SCENE_NOTICE, "title_en=Next\nseconds=1\nuntil_ms=1\n",
          "a notice has seconds or until_ms, not both" },
        { SCENE_STRIP, "pages=never\n", "pages must be auto or manual" },
    };
    struct hall hall;
    (void)state;
    hall_open(&hall, LIVE_TALLY);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        take_try(&hall, LAYER_ALERT, &cases[i]);
    }
    hall_close(&hall);
}

#define TEXT_32 "01234567890123456789012345678901"

static void takes_of_what_a_scene_cannot_show_are_refused(void **state)
{
    struct hall hall;
    static const struct take_case cases[] = {
        { SCENE_STRAP, "contest=secretary\ncandidate=c1\n", "" },
        { SCENE_TURNOUT, "contest=secretary\n", "" },
        { SCENE_STRAP, "contest=secretary\ncandidate=c9\n", "no such candidate" },
        { SCENE_STRAP, "contest=other\ncandidate=c1\n", "no such contest" },
        { SCENE_STRAP, "contest=secretary\nsubject=c1\n",
          "contest 'secretary' has no subjects: its kind is election, name a candidate" },
        { SCENE_BOARD, "contest=secretary\n",
          "scene 'board' shows appraisals, and contest 'secretary' is none: its kind is election" },
        { SCENE_STRIP, "contest=secretary\ncandidate=c1\n",
          "scene 'strip' shows appraisals, and contest 'secretary' is none: its kind is election" },
        { SCENE_MATRIX, "contest=secretary\n",
          "scene 'matrix' shows appraisals, and contest 'secretary' is none: its kind is "
          "election" },
        { SCENE_RACE, "contest=secretary\n", "" },
        { SCENE_RESULT, "contest=secretary\nfingerprint=" TEXT_32 "\nqr=https://vote.cn\n", "" },
        { SCENE_RESULT, "contest=secretary\nfingerprint=" TEXT_32 "3\n",
          "fingerprint must have 1 to 32 bytes, and has 33" },
        { SCENE_RESULT, "contest=secretary\nfingerprint=\n",
          "fingerprint must have 1 to 32 bytes, and has 0" },
        { SCENE_RESULT,
          "contest=secretary\nqr=" TEXT_32 TEXT_32 TEXT_32 "012345678901234567890123\n", "" },
        { SCENE_RESULT,
          "contest=secretary\nqr=" TEXT_32 TEXT_32 TEXT_32 "0123456789012345678901234\n",
          "qr must have 1 to 120 bytes, and has 121" },
    };
    hall_open_event(&hall, election_event(5, 2, 1));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        take_try(&hall, LAYER_LOWER, &cases[i]);
    }
    hall_close(&hall);
    static const struct take_case marks[] = {
        { SCENE_STRAP, "contest=appraisal\ncandidate=s1\n",
          "contest 'appraisal' has no candidates: its kind is appraisal" },
        { SCENE_RACE, "contest=appraisal\n",
          "scene 'race' shows elections, and contest 'appraisal' is none: its kind is appraisal" },
        { SCENE_RESULT, "contest=appraisal\n",
          "scene 'result' shows one subject of an appraisal: name it" },
        { SCENE_RESULT, "contest=appraisal\nsubject=s1\n", "" },
    };
    hall_open(&hall, LIVE_TALLY);
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        take_try(&hall, LAYER_FULLSCREEN, &marks[i]);
    }
    hall_close(&hall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_comes_only_after_the_log),
        cmocka_unit_test(two_sockets_of_one_voter_cannot_both_win),
        cmocka_unit_test(a_resend_gets_the_same_ack_in_every_state),
        cmocka_unit_test(what_is_new_is_refused_by_the_state_of_its_round),
        cmocka_unit_test(nothing_is_admitted_behind_a_close_under_way),
        cmocka_unit_test(a_base_station_hears_of_each_card),
        cmocka_unit_test(a_resent_card_with_an_overtaken_item_is_still_recorded),
        cmocka_unit_test(acts_name_what_forbids_them),
        cmocka_unit_test(only_what_is_on_a_layer_can_be_continued),
        cmocka_unit_test(takes_that_would_show_nothing_or_nonsense_are_refused),
        cmocka_unit_test(takes_of_what_a_scene_cannot_show_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
