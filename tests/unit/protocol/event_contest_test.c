#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/rules.h"
#include "server/protocol/event_file.h"
#include "server/protocol/message.h"
#include "server/protocol/rules_file.h"

/* An event of every kind of contest, with rules of its own; each case below changes one place. */
#define WEIGHED                                                                                    \
    "{\"id\":\"weighed\",\"version\":1,\"kind\":\"appraisal\",\"title\":{\"zh-CN\":\"加权\"},"   \
    "\"source\":{\"zh-CN\":\"本办法\"},\"answer\":\"last\",\"secrecy\":\"secret\","             \
    "\"asking\":\"card\",\"rounding\":\"half-up\",\"quorum\":null,\"grade_count\":null,"           \
    "\"values\":[{\"grade\":\"good\",\"value\":100},{\"grade\":\"poor\",\"value\":0}],"            \
    "\"unscored_in_base\":false,\"blank_in_base\":false,"                                          \
    "\"criteria\":[{\"criterion\":\"c1\",\"weight\":1}],"                                          \
    "\"groups\":[{\"group\":\"members\",\"weight\":60},{\"group\":\"public\",\"weight\":40}],"     \
    "\"satisfied\":[\"good\"],\"remarks\":null,\"ranks\":false,\"floor\":null,"                    \
    "\"void_all_same\":false,\"void_all_top\":false,"                                              \
    "\"quotas\":[{\"grade\":\"good\",\"least\":null,\"most\":1}],\"trim_above\":null,"             \
    "\"least_filled\":null,\"bands\":null}"

static const char hall[] =
    "{\"minping\":1,\"id\":\"town\",\"title\":{\"zh-CN\":\"选举\"},\"check_in\":\"officer\",\n"
    "\"rules\":[" WEIGHED "],\n"
    "\"groups\":[{\"id\":\"members\",\"title\":{\"zh-CN\":\"党员\"},\"seats\":100,\"votes\":88},\n"
    " {\"id\":\"guests\",\"title\":{\"zh-CN\":\"列席\"},\"seats\":7,\"votes\":false},\n"
    " {\"id\":\"public\",\"title\":{\"zh-CN\":\"群众\"},\"seats\":20},\n"
    " {\"id\":\"pads\",\"title\":{\"zh-CN\":\"试用\"},\"seats\":4,\"test\":true}],\n"
    "\"criteria\":[{\"id\":\"c1\",\"title\":{\"zh-CN\":\"项\"}}],\n"
    "\"grades\":[{\"id\":\"good\",\"title\":{\"zh-CN\":\"好\"}},\n"
    " {\"id\":\"poor\",\"title\":{\"zh-CN\":\"差\"}}],\n"
    "\"contests\":[{\"id\":\"sec\",\"kind\":\"election\",\"title\":{\"zh-CN\":\"书记\"},\n"
    "  \"live\":\"turnout\",\"rules\":\"party-branch-election\",\"seats\":2,\n"
    "  \"candidates\":[{\"id\":\"k1\",\"name\":{\"zh-CN\":\"辛号\"}},\n"
    "   "
    "{\"id\":\"k2\",\"name\":{\"zh-CN\":\"甲号\"}},{\"id\":\"k3\",\"name\":{\"zh-CN\":\"乙号\"},\n"
    "    \"office\":{\"zh-CN\":\"某村\"}}]},\n"
    " {\"id\":\"method\",\"kind\":\"motion\",\"title\":{\"zh-CN\":\"选举办法\"},\"live\":\"tally\","
    "\n"
    "  \"rules\":\"plain-motion\"},\n"
    " {\"id\":\"names\",\"kind\":\"poll\",\"title\":{\"zh-CN\":\"推荐\"},\"live\":\"hidden\",\n"
    "  "
    "\"rules\":\"public-recommendation\",\"options\":[{\"id\":\"a\",\"name\":{\"zh-CN\":\"甲\"}},\n"
    "   {\"id\":\"b\",\"name\":{\"zh-CN\":\"乙\"}}],\"choose\":2,\"write_ins\":1},\n"
    " {\"id\":\"lunch\",\"kind\":\"poll\",\"title\":{\"zh-CN\":\"午餐\"},\"live\":\"tally\",\n"
    "  \"rules\":\"plain-poll\",\"options\":[{\"id\":\"a\",\"name\":{\"zh-CN\":\"面\"}},\n"
    "   {\"id\":\"b\",\"name\":{\"zh-CN\":\"饭\"}}],\"choose\":1},\n"
    " {\"id\":\"marks\",\"kind\":\"appraisal\",\"title\":{\"zh-CN\":\"测评\"},\"live\":\"tally\",\n"
    "  \"rules\":\"weighed\",\"criteria\":[\"c1\"],\"grades\":[\"good\",\"poor\"],\n"
    "  \"subjects\":[{\"id\":\"s1\",\"name\":{\"zh-CN\":\"一号\"}}]}],\n"
    "\"rundown\":[{\"id\":\"r1\",\"kind\":\"recommendation\",\"title\":{\"zh-CN\":\"推荐\"},\n"
    "  \"contest\":\"names\"},\n"
    " {\"id\":\"r2\",\"kind\":\"speech\",\"title\":{\"zh-CN\":\"演讲\"},\"contest\":\"sec\",\n"
    "  \"candidate\":\"k2\",\"seconds\":300},\n"
    " {\"id\":\"r3\",\"kind\":\"other\",\"title\":{\"zh-CN\":\"休息\"}}],\n"
    "\"posts\":[{\"id\":\"officer-1\",\"role\":\"officer\"},\n"
    " {\"id\":\"operator-1\",\"role\":\"operator\"}]}\n";

static char text[1 << 16];
static struct fault_list faults;

/* `hall` with the first `old` replaced by `new`. */
static void change(const char *old, const char *new)
{
    const char *found = strstr(hall, old);

    assert_non_null(found);
    assert_in_range(snprintf(text, sizeof(text), "%.*s%s%s", (int)(found - hall), hall, new,
                             found + strlen(old)),
                    1, sizeof(text) - 1);
}

static enum status parse(struct event **event)
{
    memset(&faults, 0, sizeof(faults));
    return event_parse(text, strlen(text), event, &faults);
}

static struct event *parsed(void)
{
    struct event *event;

    if (parse(&event) != STATUS_OK) {
        fail_msg("%s: %s", faults.faults[0].where, faults.faults[0].text);
    }
    return event;
}

static void every_kind_is_read_with_its_rules(void **state)
{
    struct event *event;
    const struct contest *contest;

    change("", "");
    event = parsed();
    assert_int_equal(event->check_in, CHECK_IN_OFFICER);
    assert_int_equal(event->seat_count, 131);
    assert_int_equal(event->groups[0].vote_count, 88);
    assert_int_equal(event->groups[1].vote_count, 0);
    assert_int_equal(event->groups[2].vote_count, 20);
    assert_true(event->groups[3].is_test);
    assert_int_equal(event_vote_count(event), 108);
    contest = &event->contests[0];
    assert_int_equal(contest->kind, CONTEST_ELECTION);
    assert_string_equal(contest->rules->id, "party-branch-election");
    assert_int_equal(contest->seats, 2);
    assert_int_equal(contest->candidate_count, 3);
    assert_int_equal(contest->write_in_count, 2);
    assert_int_equal(contest_item_count(contest), 5);
    assert_string_equal(contest->candidates[2].office.zh, "某村");
    assert_string_equal(event->contests[1].rules->id, "plain-motion");
    contest = &event->contests[2];
    assert_int_equal(contest->candidate_count, 2);
    assert_int_equal(contest->seats, 2);
    assert_int_equal(contest->write_in_count, 1);
    assert_int_equal(event->contests[3].write_in_count, 0);
    assert_int_equal(event->contests[4].rules->appraisal.groups[0].weight, 60);
    assert_int_equal(event->step_count, 3);
    assert_int_equal(event->steps[1].kind, STEP_SPEECH);
    assert_string_equal(event->steps[1].candidate, "k2");
    assert_int_equal(event->steps[1].seconds, 300);
    assert_string_equal(event->steps[2].contest, "");
    event_destroy(event);
}

static void candidates_are_shown_by_strokes_and_kept_as_in_the_file(void **state)
{
    struct event *event;

    change("", "");
    event = parsed();
    assert_string_equal(event->contests[0].candidates[0].id, "k1");
    assert_int_equal(event->contests[0].order[0], 2); /* 乙 has 1 stroke, 甲 5, 辛 7 */
    assert_int_equal(event->contests[0].order[1], 1);
    assert_int_equal(event->contests[0].order[2], 0);
    assert_int_equal(event->contests[2].order[0], 0); /* options: as in the file */
    event_destroy(event);
}

/* One change, and the one fault it must give. */
static const struct {
    const char *old;
    const char *new;
    const char *where;
    const char *said;
} cases[] = {
    /* rules */
    { "\"rules\":\"plain-motion\"", "\"rules\":\"no-such\"", "$.contests[1].rules",
      "unknown: the event has no 'no-such'; shipped are appraisal-four-grades, district-appraisal, "
      "party-branch-election, plain-motion, plain-poll, public-recommendation" },
    { ",\n  \"rules\":\"plain-motion\"", "", "$.contests[1].rules", "missing" },
    { "\"rules\":\"plain-motion\"", "\"rules\":\"plain-poll\"", "$.contests[1].rules",
      "'plain-poll' is for the kind poll, this is motion" },
    { "\"blank_in_base\":false,", "", "$.rules[0].blank_in_base", "(A3)" },
    { "\"rules\":[", "\"rules\":[" WEIGHED ",", "$.rules[1].id", "is there already" },
    { "\"id\":\"weighed\"", "\"id\":\"other\"", "$.rules[0]", "no contest names 'other'" },
    { "\"grade\":\"poor\",\"value\":0", "\"grade\":\"bad\",\"value\":0", "$.contests[4].rules",
      "'weighed' has values of the grade 'bad', which the contest has not" },
    { ",{\"grade\":\"poor\",\"value\":0}", "", "$.contests[4].rules",
      "values of 1 grades, the contest has 2 (A2)" },
    { "\"satisfied\":[\"good\"]", "\"satisfied\":[\"best\"]", "$.contests[4].rules",
      "satisfied of the grade 'best'" },
    { "\"quotas\":[{\"grade\":\"good\"", "\"quotas\":[{\"grade\":\"best\"", "$.contests[4].rules",
      "quotas of the grade 'best'" },
    { "\"criterion\":\"c1\"", "\"criterion\":\"c2\"", "$.contests[4].rules", "(A4)" },
    { "\"grade_count\":null", "\"grade_count\":3", "$.contests[4].rules",
      "'weighed' is for 3 grades, the contest has 2 (A2)" },
    { ",{\"group\":\"public\",\"weight\":40}", "", "$.contests[4].rules",
      "no weight of the group 'public' (A5)" },
    { "\"weight\":40}", "\"weight\":40},{\"group\":\"nobody\",\"weight\":1}", "$.contests[4].rules",
      "weighs the group 'nobody', which the event has not (A5)" },
    { "\"group\":\"public\",\"weight\":40}",
      "\"group\":\"public\",\"weight\":40},"
      "{\"group\":\"pads\",\"weight\":1}",
      "$.contests[4].rules", "which is a test (A5)" },
    { "\"group\":\"public\",\"weight\":40}",
      "\"group\":\"public\",\"weight\":40},"
      "{\"group\":\"guests\",\"weight\":1}",
      "$.contests[4].rules", "'guests', of which nobody votes (A5)" },
    /* check-in */
    { "\"check_in\":\"officer\",", "", "$.check_in",
      "missing: an election counts those present (E1)" },
    { "\"check_in\":\"officer\"", "\"check_in\":\"door\"", "$.check_in",
      "must be none, officer or pad" },
    /* groups */
    { "\"votes\":88", "\"votes\":101", "$.groups[0].votes", "must be 0 to 100" },
    { "\"votes\":88", "\"votes\":true", "$.groups[0].votes", "must be false or an integer" },
    { "\"test\":true", "\"test\":1", "$.groups[3].test", "must be true or false" },
    /* elections */
    { "\"seats\":2,", "\"seats\":3,", "$.contests[0].candidates",
      "has 3 for 3 seats, the rules want at least 4 (E3)" },
    { "\"seats\":2,", "\"seats\":0,", "$.contests[0].seats", "must be 1 to 48" },
    { "\"live\":\"turnout\"", "\"live\":\"tally\"", "$.contests[0].live",
      "an election shows no figures before it is closed" },
    { "\"id\":\"k3\"", "\"id\":\"other-1\"", "$.contests[0].candidates[2].id",
      "'other-' begins the ids of lines" },
    { "甲号", "辛号", "$.contests[0].candidates[1].name", "is that of place 0 too" },
    { "\"id\":\"k3\"", "\"id\":\"k1\"", "$.contests[0].candidates[2].id", "is there already" },
    { "\"seats\":2,", "\"seats\":2,\"order\":[0,1,2],", "$.contests[0].order", "unknown key" },
    { "\"seats\":2,", "\"seats\":2,\"write_ins\":2,", "$.contests[0].write_ins", "unknown key" },
    { "\"rules\":\"plain-motion\"", "\"rules\":\"plain-motion\",\"seats\":1", "$.contests[1].seats",
      "unknown key" },
    /* polls */
    { "\"choose\":1", "\"choose\":3", "$.contests[3].choose", "3 of 2 that there are" },
    { "\"choose\":1", "\"choose\":1,\"write_ins\":1", "$.contests[3].write_ins",
      "'plain-poll' has no shortlist" },
    { "\"write_ins\":1", "\"write_ins\":17", "$.contests[2].write_ins", "must be 0 to 16" },
    { ",\"write_ins\":1", "", "$.contests[2].rules", "a shortlist of 3, there are 2 options" },
    /* the rundown */
    { "\"kind\":\"other\"", "\"kind\":\"song\"", "$.rundown[2].kind", "must be recommendation" },
    { "\"kind\":\"other\"", "\"kind\":\"vote\"", "$.rundown[2].contest",
      "missing: a step of the kind vote has one" },
    { "\"contest\":\"names\"", "\"contest\":\"name\"", "$.rundown[0].contest",
      "unknown: the event has no 'name'" },
    { "\"contest\":\"names\"", "\"contest\":\"lunch\"", "$.rundown[0].contest",
      "'lunch' is no poll with a shortlist" },
    { "\"candidate\":\"k2\"", "\"candidate\":\"k9\"", "$.rundown[1].candidate",
      "unknown: 'sec' has no 'k9'" },
    { "\"kind\":\"speech\"", "\"kind\":\"notice\"", "$.rundown[1].candidate",
      "only a speech has one" },
    { "\"contest\":\"sec\"", "\"contest\":\"method\"", "$.rundown[1].contest",
      "'method' is no election" },
    { "\"seconds\":300", "\"seconds\":0", "$.rundown[1].seconds", "must be 1 to 86400" },
    { "\"id\":\"r3\"", "\"id\":\"r1\"", "$.rundown[2].id", "is there already" },
    /* the roll */
    { "\"check_in\"", "\"roll\":\"\",\"check_in\"", "$.roll", "must have 1 to 255 bytes" },
};

static void every_fault_has_its_path(void **state)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_alone = strcmp(cases[i].where, "$.roll") != 0 &&
                        strcmp(cases[i].said, "'method' is no election") != 0 &&
                        strcmp(cases[i].said, "no contest names 'other'") != 0;
        struct event *event;
        bool is_found = false;

        change(cases[i].old, cases[i].new);
        if (parse(&event) != STATUS_INVALID) {
            fail_msg("case %zu, %s: no fault", i, cases[i].new);
        }
        for (uint32_t f = 0; f < faults.count; f++) {
            is_found = is_found || (strcmp(faults.faults[f].where, cases[i].where) == 0 &&
                                    strstr(faults.faults[f].text, cases[i].said));
        }
        if (event || !is_found || (is_alone && faults.count != 1)) {
            fail_msg("case %zu, %s: %u faults: %s: %s", i, cases[i].new, faults.count,
                     faults.faults[0].where, faults.faults[0].text);
        }
    }
}

static void rules_that_count_those_present_want_check_in(void **state)
{
    struct event *event;

    change("\"check_in\":\"officer\"", "\"check_in\":\"none\"");
    assert_int_equal(parse(&event), STATUS_INVALID);
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.faults[0].where, "$.contests[0].rules");
    assert_string_equal(faults.faults[0].text, "'party-branch-election' has a quorum (E2): "
                                               "check_in must be officer or pad");
    assert_string_equal(faults.faults[1].where, "$.contests[1].rules");
}

static void an_events_own_profile_goes_before_a_shipped_one(void **state)
{
    static char own[4096];
    struct rules *rules = rules_find_shipped("plain-poll");
    struct event *event;
    struct writer writer;

    writer_init(&writer, own, sizeof(own));
    writer_literal(&writer, "\"rules\":[");
    rules->poll.base = BASE_RETURNED;
    rules_write(&writer, rules);
    writer_literal(&writer, ",");
    assert_true(writer_end(&writer) > 0);
    change("\"rules\":[", own);
    event = parsed();
    assert_int_equal(event->contests[3].rules->poll.base, BASE_RETURNED);
    assert_memory_not_equal(event->contests[3].rules->hash, rules->hash, sizeof(rules->hash));
    free(rules);
    event_destroy(event);
}

static void with_a_roll_groups_have_no_seats_of_their_own(void **state)
{
    static const char with_roll[] =
        "{\"minping\":1,\"id\":\"e\",\"title\":{\"zh-CN\":\"会\"},\"roll\":\"members.csv\","
        "\"groups\":[{\"id\":\"g\",\"title\":{\"zh-CN\":\"党员\"}%s}],"
        "\"contests\":[{\"id\":\"m\",\"kind\":\"poll\",\"title\":{\"zh-CN\":\"问\"},"
        "\"live\":\"tally\",\"rules\":\"plain-poll\",\"choose\":1,"
        "\"options\":[{\"id\":\"a\",\"name\":{\"zh-CN\":\"甲\"}}]}],"
        "\"posts\":[{\"id\":\"o\",\"role\":\"officer\"},{\"id\":\"p\",\"role\":\"operator\"},"
        "{\"id\":\"b\",\"role\":\"base\",\"seats\":[1,200]}]}";
    struct event *event;

    snprintf(text, sizeof(text), with_roll, "");
    event = parsed();
    assert_true(event->has_roll);
    assert_string_equal(event->roll, "members.csv");
    assert_int_equal(event->seat_count, 0);
    assert_int_equal(event->posts[2].seat_count, 200);
    assert_int_equal(event->check_in, CHECK_IN_NONE);
    event_destroy(event);
    snprintf(text, sizeof(text), with_roll, ",\"seats\":10");
    assert_int_equal(parse(&event), STATUS_INVALID);
    assert_string_equal(faults.faults[0].where, "$.groups[0].seats");
    assert_string_equal(faults.faults[0].text, "the roll says it");
}

static void nobody_with_the_right_to_vote_is_a_fault(void **state)
{
    struct event *event;

    snprintf(
        text, sizeof(text), "%s",
        "{\"minping\":1,\"id\":\"e\",\"title\":{\"zh-CN\":\"会\"},"
        "\"groups\":[{\"id\":\"g\",\"title\":{\"zh-CN\":\"客\"},\"seats\":3,\"votes\":false}],"
        "\"contests\":[{\"id\":\"m\",\"kind\":\"poll\",\"title\":{\"zh-CN\":\"问\"},"
        "\"live\":\"tally\",\"rules\":\"plain-poll\",\"choose\":1,"
        "\"options\":[{\"id\":\"a\",\"name\":{\"zh-CN\":\"甲\"}}]}],"
        "\"posts\":[{\"id\":\"o\",\"role\":\"officer\"},{\"id\":\"p\",\"role\":\"operator\"}]}");
    assert_int_equal(parse(&event), STATUS_INVALID);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.faults[0].where, "$.groups");
    assert_string_equal(faults.faults[0].text, "nobody has the right to vote");
}

static void texts_carry_every_kind_and_the_whole_rules(void **state)
{
    static struct document sent;
    static struct document heard;
    struct fault fault = { .status = STATUS_OK };
    struct event *event;
    char *written;
    size_t size;

    change("", "");
    event = parsed();
    memset(&sent, 0, sizeof(sent));
    memcpy(sent.view.log_id, "0123456789abcdef", 17);
    sent.view.audience = AUDIENCE_PUBLIC;
    sent.texts = event;
    assert_int_equal(document_encode(&sent, &written, &size, &fault), STATUS_OK);
    if (document_decode(written, size, &heard, &fault) != STATUS_OK) {
        fail_msg("%s: %s", fault.where, fault.text);
    }
    assert_true(texts_hash(heard.texts) == texts_hash(event));
    assert_int_equal(heard.texts->contest_count, 5);
    for (uint32_t c = 0; c < 5; c++) {
        const struct contest *contest = &heard.texts->contests[c];

        assert_memory_equal(contest->rules->hash, event->contests[c].rules->hash, 32);
        assert_int_equal(contest->seats, event->contests[c].seats);
        assert_int_equal(contest->write_in_count, event->contests[c].write_in_count);
        assert_int_equal(contest->candidate_count, event->contests[c].candidate_count);
        assert_memory_equal(contest->order, event->contests[c].order, sizeof(contest->order));
    }
    event->contests[0].order[0] = 1;
    event->contests[0].order[1] = 2;
    assert_true(texts_hash(heard.texts) != texts_hash(event));
    document_finish(&heard);
    event_destroy(event);
    free(written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_read_with_its_rules),
        cmocka_unit_test(candidates_are_shown_by_strokes_and_kept_as_in_the_file),
        cmocka_unit_test(every_fault_has_its_path),
        cmocka_unit_test(rules_that_count_those_present_want_check_in),
        cmocka_unit_test(an_events_own_profile_goes_before_a_shipped_one),
        cmocka_unit_test(with_a_roll_groups_have_no_seats_of_their_own),
        cmocka_unit_test(nobody_with_the_right_to_vote_is_a_fault),
        cmocka_unit_test(texts_carry_every_kind_and_the_whole_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
