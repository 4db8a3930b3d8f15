#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/rules.h"
#include "server/protocol/message.h"

static struct message message;
static struct view sent;
static char text[1 << 18];

static uint32_t next_below(uint64_t *seed, uint32_t limit)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % limit);
}

static void election_make(struct election_figures *election, uint32_t candidates, uint64_t *seed)
{
    election->stage = (enum round_stage)next_below(seed, STAGE_ANOTHER + 1);
    election->seats = next_below(seed, 9);
    election->base = (uint8_t)next_below(seed, BASE_COUNT);
    election->disputed_base = (uint8_t)next_below(seed, BASE_COUNT);
    election->base_count = next_below(seed, 2000);
    election->disputed_count = next_below(seed, 2000);
    election->needed = next_below(seed, 2000);
    election->disputed_needed = next_below(seed, 2000);
    election->run_off_seats = next_below(seed, 2);
    election->missing_seats = next_below(seed, 2);
    election->disputed_run_off_seats = next_below(seed, 2);
    election->disputed_missing_seats = next_below(seed, 2);
    election->name_rest = next_below(seed, 3);
    for (uint32_t c = 0; c < candidates; c++) {
        uint32_t other = next_below(seed, c + 1);

        election->standings[c] = (enum standing)next_below(seed, STANDING_TIED + 1);
        election->disputed[c] = (enum standing)next_below(seed, STANDING_TIED + 1);
        election->order[c] = election->order[other]; /* a random order, from the inside out */
        election->order[other] = (uint8_t)c;
    }
    election->name_count = next_below(seed, NAME_SHOWN_MAX + 1);
    for (uint32_t i = 0; i < election->name_count; i++) {
        snprintf(election->names[i].name, WRITTEN_NAME_SIZE, "候选人%u号 \"\\", i);
        election->names[i].votes = next_below(seed, 2000);
        election->names[i].standing = (enum standing)next_below(seed, STANDING_TIED + 1);
        election->names[i].disputed = (enum standing)next_below(seed, STANDING_TIED + 1);
    }
}

static struct score score_make(uint64_t *seed)
{
    return next_below(seed, 4) == 0
               ? (struct score){ 0 }
               : (struct score){ .is_set = true, .hundredths = next_below(seed, 100001) };
}

static void appraisal_make(struct figures *figures, uint64_t *seed)
{
    struct appraisal_figures *appraisal = &figures->appraisal;

    figures->satisfied = next_below(seed, 1000);
    figures->satisfied_base = next_below(seed, 2000);
    if (next_below(seed, 2) == 0) {
        return;
    }
    appraisal->has_scores = true;
    appraisal->person = score_make(seed);
    for (uint32_t i = 0; i < figures->item_count; i++) {
        appraisal->items[i] = score_make(seed);
    }
    appraisal->rank = next_below(seed, SUBJECT_MAX + 1);
    appraisal->tied_count = next_below(seed, 3);
    appraisal->band = next_below(seed, BAND_MAX + 1);
    appraisal->remarks = next_below(seed, 256) | next_below(seed, 2) << REMARK_FLOOR;
}

/* Everything that figures of such a round may hold, whatever it shows. */
static void figures_make(struct figures *figures, enum contest_kind kind, uint64_t *seed)
{
    uint32_t lines = kind == CONTEST_ELECTION ? next_below(seed, WRITE_IN_MAX + 1) : 0;
    uint32_t candidates = kind == CONTEST_APPRAISAL ? 1 + next_below(seed, CRITERION_MAX)
                          : kind == CONTEST_MOTION  ? 1
                                                    : 1 + next_below(seed, CANDIDATE_MAX);

    memset(figures, 0, sizeof(*figures));
    figures->round = 1 + next_below(seed, ROUND_MAX);
    snprintf(figures->contest, ID_SIZE, "k%u", next_below(seed, 10));
    if (kind == CONTEST_APPRAISAL) {
        snprintf(figures->subject, ID_SIZE, "s%u", next_below(seed, 10));
    }
    figures->kind = kind;
    figures->state = (enum round_state)(1 + next_below(seed, ROUND_VOID));
    figures->shows = (enum live)(LIVE_HIDDEN + next_below(seed, 3));
    figures->has_present = next_below(seed, 2) == 0;
    figures->registered = next_below(seed, 2000);
    figures->present = figures->has_present ? next_below(seed, 2000) : 0;
    figures->issued = next_below(seed, 2000);
    figures->cast_count = next_below(seed, 2000);
    figures->paper_count = next_below(seed, 2);
    figures->item_count = candidates + lines;
    figures->grade_count = 2 + next_below(seed, GRADE_MAX - 1);
    figures->opened_ms = 1700000000000 + next_below(seed, 1000);
    figures->closed_ms = next_below(seed, 2);
    figures->ends_ms = next_below(seed, 2);
    snprintf(figures->rules, ID_SIZE, "rules-%u", next_below(seed, 10));
    figures->rules_hash = (uint64_t)next_below(seed, UINT32_MAX) << 32 | 1;
    for (uint32_t i = 0; i < candidates; i++) {
        for (uint32_t g = 0; g < figures->grade_count; g++) {
            figures->items[i].counts[g] = next_below(seed, 1000);
            figures->items[i].valid += figures->items[i].counts[g];
        }
    }
    if (round_state_is_over(figures->state)) {
        figures->decision = (enum decision)next_below(seed, DECISION_VOID + 1);
        figures->valid_count = next_below(seed, 2000);
        figures->void_count = next_below(seed, 2000);
        figures->pending = next_below(seed, 2);
        if (kind == CONTEST_APPRAISAL) {
            appraisal_make(figures, seed);
        } else {
            election_make(&figures->election, kind == CONTEST_MOTION ? 0 : candidates, seed);
        }
    }
}

static size_t view_send(void)
{
    struct fault fault = { .status = STATUS_OK };
    size_t size = view_encode(&sent, text, sizeof(text));
    uint64_t id;
    bool has_id;

    assert_true(size > 0);
    memset(&message, 0xa5, sizeof(message));
    if (message_decode(text, size, &message, &has_id, &id, &fault) != STATUS_OK) {
        fail_msg("%s: %s\n%s", fault.where, fault.text, text);
    }
    return size;
}

static void figures_that_were_read_hash_as_those_that_were_written(void **state)
{
    uint64_t seed = 3;

    memcpy(sent.log_id, "0123456789abcdef", 17);
    sent.audience = AUDIENCE_PUBLIC;
    sent.has_live = true;
    for (uint32_t i = 0; i < 8000; i++) {
        static char again[sizeof(text)];

        figures_make(&sent.live, (enum contest_kind)(CONTEST_APPRAISAL + i % 4), &seed);
        view_send();
        if (figures_hash(&message.view.live) != figures_hash(&sent.live)) {
            fail_msg("%u: %s", i, text);
        }
        assert_true(view_encode(&message.view, again, sizeof(again)) > 0);
        assert_string_equal(again, text);
    }
}

static void what_a_round_does_not_show_is_not_written(void **state)
{
    uint64_t seed = 4;

    for (uint32_t i = 0; i < 2000; i++) {
        struct figures *live = &sent.live;
        bool is_over;

        figures_make(live, (enum contest_kind)(CONTEST_APPRAISAL + i % 4), &seed);
        view_send();
        is_over = live->shows == LIVE_TALLY && round_state_is_over(live->state);
        assert_int_equal(strstr(text, "\"cast\":") != NULL, live->shows >= LIVE_TURNOUT);
        assert_int_equal(strstr(text, "\"items\":[[") != NULL, live->shows == LIVE_TALLY);
        assert_int_equal(strstr(text, "\"valid_cards\":") != NULL, is_over);
        assert_int_equal(strstr(text, "\"election\":{") != NULL,
                         is_over && live->kind != CONTEST_APPRAISAL);
        assert_true(is_over || (!strstr(text, "\"scores\":") && !strstr(text, "\"satisfied\":") &&
                                !strstr(text, "\"decision\":")));
        assert_int_equal(strstr(text, "\"present\":") != NULL, live->has_present);
    }
}

static void an_elections_decision_is_written_by_its_words(void **state)
{
    sent.live = (struct figures){
        .round = 3,
        .contest = "e",
        .kind = CONTEST_ELECTION,
        .state = ROUND_CERTIFIED,
        .shows = LIVE_TALLY,
        .decision = DECISION_RUN_OFF,
        .has_present = true,
        .registered = 64,
        .present = 60,
        .issued = 60,
        .cast_count = 60,
        .valid_count = 59,
        .void_count = 1,
        .item_count = 3,
        .grade_count = 3,
        .opened_ms = 1,
        .closed_ms = 2,
        .rules = "party-branch",
        .rules_hash = 0xff,
        .items = { { { 50, 9, 0 }, 59 }, { { 38, 20, 1 }, 59 } },
        .election = { .stage = STAGE_FIRST,
                      .seats = 2,
                      .base = BASE_PRESENT,
                      .disputed_base = BASE_REGISTERED,
                      .base_count = 60,
                      .disputed_count = 64,
                      .needed = 31,
                      .disputed_needed = 33,
                      .run_off_seats = 1,
                      .standings = { STANDING_ELECTED, STANDING_TIED, STANDING_INVALID },
                      .order = { 1, 0 },
                      .name_count = 1,
                      .names = { { "候选人九号", 38, STANDING_TIED, STANDING_INVALID } },
                      .name_rest = 2 },
    };
    view_send();
    assert_non_null(strstr(
        text,
        "\"live\":{\"round\":3,\"contest\":\"e\",\"subject\":\"\",\"state\":\"certified\","
        "\"shows\":\"tally\",\"registered\":64,\"cast\":60,\"opened_ms\":1,\"closed_ms\":2,"
        "\"kind\":\"election\",\"present\":60,\"issued\":60,\"rules\":{\"id\":\"party-branch\","
        "\"hash\":\"00000000000000ff\"},\"items\":[[50,9,0],[38,20,1],[0,0,0]],"
        "\"decision\":\"run-off\",\"valid_cards\":59,\"void_cards\":1,\"election\":{"
        "\"seats\":2,\"stage\":\"first\",\"base_count\":60,\"disputed_count\":64,"
        "\"needed\":31,\"disputed_needed\":33,\"run_off_seats\":1,\"name_rest\":2,"
        "\"base\":\"present\",\"disputed_base\":\"registered\","
        "\"standings\":[\"elected\",\"tied\",\"none\"],\"order\":[1,0],"
        "\"names\":[{\"name\":\"候选人九号\",\"votes\":38,\"standing\":\"tied\"}]}}"));
    assert_true(figures_are_sound(&message.view.live));
}

static void a_motion_has_no_election_in_it(void **state)
{
    sent.live = (struct figures){
        .round = 3,
        .contest = "m",
        .kind = CONTEST_MOTION,
        .state = ROUND_CLOSED,
        .shows = LIVE_TALLY,
        .decision = DECISION_PASSED,
        .registered = 9,
        .issued = 9,
        .cast_count = 9,
        .valid_count = 9,
        .item_count = 1,
        .grade_count = 3,
        .items = { { { 5, 3, 1 }, 9 } },
    };
    view_send();
    assert_null(strstr(text, "election"));
    assert_non_null(strstr(text, "\"decision\":\"passed\",\"valid_cards\":9,\"void_cards\":0}"));
}

/* A page or overlay of this version may be handed what an older server saved. */
static void figures_of_an_older_server_still_read(void **state)
{
    static const char old[] =
        "{\"t\":\"view\",\"log\":\"0123456789abcdef\",\"epoch\":12,\"at_ms\":1,"
        "\"audience\":\"hall\",\"texts\":\"fedcba9876543210\",\"live\":{\"round\":3,"
        "\"contest\":\"a\",\"subject\":\"s01\",\"state\":\"closed\",\"shows\":\"tally\","
        "\"registered\":1995,\"cast\":1874,\"opened_ms\":1,\"closed_ms\":2,"
        "\"items\":[[1000,500,374]]},\"closed\":[]}";
    uint64_t id;
    bool has_id;

    assert_int_equal(message_decode(old, sizeof(old) - 1, &message, &has_id, &id, NULL), STATUS_OK);
    assert_int_equal(message.view.live.kind, CONTEST_INVALID);
    assert_int_equal(message.view.live.valid_count, 1874);
    assert_true(figures_are_sound(&message.view.live));
}

/* DESIGN §3: forty criteria in four grades of a full hall, scored, and all subjects closed. */
static void an_appraisals_live_view_is_at_most_4_kb(void **state)
{
    uint64_t seed = 5;

    do {
        figures_make(&sent.live, CONTEST_APPRAISAL, &seed);
    } while (!sent.live.appraisal.has_scores || sent.live.shows != LIVE_TALLY);
    sent.live.item_count = CRITERION_MAX;
    sent.live.grade_count = 4;
    for (uint32_t i = 0; i < CRITERION_MAX; i++) {
        sent.live.items[i] = (struct item_figures){ { 1995, 1995, 1995, 1995 }, 7980 };
        sent.live.appraisal.items[i] = (struct score){ true, 100000 };
    }
    sent.closed_count = 17;
    for (uint32_t i = 0; i < sent.closed_count; i++) {
        sent.closed[i] = (struct closed_ref){ .round = 1000, .subject = "s01", .hash = UINT64_MAX };
    }
    assert_in_range(view_send(), 1, LIVE_VIEW_SIZE_MAX);
    sent.closed_count = 0;
}

/* Every round of one election is closed under the same empty subject. */
static void rounds_of_an_election_are_closed_one_by_one(void **state)
{
    sent.closed_count = 2;
    sent.closed[0] = (struct closed_ref){ .round = 1, .hash = 1 };
    sent.closed[1] = (struct closed_ref){ .round = 2, .hash = 2 };
    view_send();
    assert_non_null(strstr(text, "\"closed\":[[\"\",1,\"0000000000000001\"],"
                                 "[\"\",2,\"0000000000000002\"]]"));
    assert_int_equal(message.view.closed_count, 2);
    assert_int_equal(message.view.closed[1].round, 2);
    sent.closed_count = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_that_were_read_hash_as_those_that_were_written),
        cmocka_unit_test(what_a_round_does_not_show_is_not_written),
        cmocka_unit_test(an_elections_decision_is_written_by_its_words),
        cmocka_unit_test(a_motion_has_no_election_in_it),
        cmocka_unit_test(figures_of_an_older_server_still_read),
        cmocka_unit_test(an_appraisals_live_view_is_at_most_4_kb),
        cmocka_unit_test(rounds_of_an_election_are_closed_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
