#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/clients/ctl/sheet_fixture.h"

static struct grade grades[] = { { .id = "good", .label = { "好", "Good" } },
                                 { .id = "fair", .label = { "中", "Fair, or so" } },
                                 { .id = "poor", .label = { "差", "Poor" } } };
static struct criterion criteria[] = { { .id = "ability", .label = { "工作能力", "Ability" } },
                                       { .id = "spirit",
                                         .label = { "精神状态", "The \"spirit\"" } } };
static struct subject subjects[] = {
    { .id = "s1", .name = { "区委常委一号", "Member 1" }, .office = { "区委", "Committee" } },
    { .id = "s2", .name = { "区委常委二号", "Member 2" } },
};
static struct subject candidates[] = {
    { .id = "a", .name = { "候选人甲", "Candidate A" } },
    { .id = "b", .name = { "候选人乙", "Candidate B" } },
    { .id = "c", .name = { "候选人丙", "Candidate C" } },
    { .id = "d", .name = { "候选人丁", "Candidate D" } },
    { .id = "e", .name = { "候选人戊", "Candidate E" } },
    { .id = "f", .name = { "候选人己", "Candidate F" } },
};
static struct group groups[] = { { .id = "leaders", .label = { "领导", "Leaders" } },
                                 { .id = "staff", .label = { "职工", "Staff" } } };

static void rules_init(struct rules *rules, enum contest_kind kind, const char *id, uint8_t digit)
{
    rules->kind = kind;
    rules->version = 3;
    rules->rounding = ROUNDING_HALF_UP;
    snprintf(rules->id, sizeof(rules->id), "%s", id);
    snprintf(rules->title.zh, sizeof(rules->title.zh), "规则%s", id);
    snprintf(rules->title.en, sizeof(rules->title.en), "Rules of %s", id);
    snprintf(rules->source.zh, sizeof(rules->source.zh), "办法第九条");
    snprintf(rules->source.en, sizeof(rules->source.en), "article 9");
    memset(rules->hash, digit, sizeof(rules->hash));
}

static void appraisal_rules_init(struct appraisal_rules *rules)
{
    static const uint32_t values[] = { 100, 75, 55 };
    rules->has_values = true;
    rules->ranks = true;
    rules->value_count = 3;
    rules->satisfied_count = 2;
    for (uint32_t i = 0; i < 3; i++) {
        memcpy(rules->values[i].grade, grades[i].id, ID_SIZE);
        rules->values[i].is_scored = true;
        rules->values[i].value = values[i];
    }
    memcpy(rules->satisfied[0], "good", 5);
    memcpy(rules->satisfied[1], "fair", 5);
    rules->group_count = 2;
    rules->groups[0] = (struct group_weight){ .group = "leaders", .weight = 20 };
    rules->groups[1] = (struct group_weight){ .group = "staff", .weight = 80 };
    rules->band_count = 1;
    rules->bands[0] = (struct band){ .id = "top", .label = { "优秀", "Excellent" }, .least = 90 };
    rules->remark_count = 1;
    rules->remarks[0] = (struct remark_rule){ .id = "talk", .label = { "谈话", "Talk" } };
    rules->has_floor = true;
    rules->floor = 70;
}

static void all_rules_init(struct rules rules[4])
{
    static const struct threshold half = { .num = 1, .den = 2 };
    rules_init(&rules[HALL_APPRAISAL], CONTEST_APPRAISAL, "three", 0x11);
    rules_init(&rules[HALL_ELECTION], CONTEST_ELECTION, "branch", 0x22);
    rules_init(&rules[HALL_MOTION], CONTEST_MOTION, "plain", 0x33);
    rules_init(&rules[HALL_POLL], CONTEST_POLL, "open", 0x44);
    appraisal_rules_init(&rules[HALL_APPRAISAL].appraisal);
    rules[HALL_ELECTION].quorum =
        (struct quorum_rule){ .is_set = true, .base = BASE_REGISTERED, .share = { 4, 5, true } };
    rules[HALL_ELECTION].election.cap = BASE_ISSUED;
    rules[HALL_ELECTION].election.majority_base = BASE_PRESENT;
    rules[HALL_ELECTION].election.disputed_base = BASE_REGISTERED;
    rules[HALL_ELECTION].election.majority = half;
    rules[HALL_MOTION].motion.base = BASE_PRESENT;
    rules[HALL_MOTION].motion.majority = half;
    rules[HALL_POLL].poll.base = BASE_VALID;
    rules[HALL_POLL].poll.shortlist = 2;
}

void hall_init(struct hall *hall)
{
    memset(hall, 0, sizeof(*hall));
    all_rules_init(hall->rules);
    hall->contests[HALL_APPRAISAL] = (struct contest){ .id = "appraisal",
                                                       .kind = CONTEST_APPRAISAL,
                                                       .title = { "测评", "Appraisal" },
                                                       .grades = grades,
                                                       .criteria = criteria,
                                                       .subjects = subjects,
                                                       .grade_count = 3,
                                                       .criterion_count = 2,
                                                       .subject_count = 2 };
    hall->contests[HALL_ELECTION] = (struct contest){ .id = "committee",
                                                      .kind = CONTEST_ELECTION,
                                                      .title = { "委员选举", "Election" },
                                                      .candidates = candidates,
                                                      .candidate_count = 6,
                                                      .seats = 5,
                                                      .write_in_count = 5 };
    hall->contests[HALL_MOTION] = (struct contest){ .id = "plan",
                                                    .kind = CONTEST_MOTION,
                                                    .title = { "工作计划", "The plan" } };
    hall->contests[HALL_POLL] = (struct contest){ .id = "names",
                                                  .kind = CONTEST_POLL,
                                                  .title = { "推荐", "Recommendation" },
                                                  .candidates = candidates,
                                                  .candidate_count = 3,
                                                  .seats = 2 };
    for (uint32_t i = 0; i < 4; i++) {
        hall->contests[i].live = LIVE_TURNOUT;
        hall->contests[i].rules = &hall->rules[i];
    }
    hall->event = (struct event){ .id = "e1",
                                  .title = { "测评会", "The sitting" },
                                  .groups = groups,
                                  .group_count = 2,
                                  .contests = hall->contests,
                                  .contest_count = 4 };
    hall->document.texts = &hall->event;
    hall->document.closed = hall->figures;
    memcpy(hall->document.view.log_id, "0123456789abcdef", 17);
}

struct figures *hall_round(struct hall *hall, uint32_t contest)
{
    const struct contest *definition = &hall->contests[contest];
    struct figures *figures = &hall->figures[hall->document.closed_count++];
    memset(figures, 0, sizeof(*figures));
    figures->round = hall->document.closed_count;
    figures->kind = definition->kind;
    figures->state = ROUND_CLOSED;
    figures->shows = LIVE_TALLY;
    figures->decision = DECISION_COUNTED;
    figures->item_count = definition->kind == CONTEST_ELECTION ? definition->candidate_count
                                                               : contest_item_count(definition);
    figures->grade_count = contest_choice_count(definition);
    figures->opened_ms = 1000 * (int64_t)figures->round;
    figures->closed_ms = figures->opened_ms + 500;
    memcpy(figures->contest, definition->id, ID_SIZE);
    if (definition->rules != NULL) {
        memcpy(figures->rules, definition->rules->id, ID_SIZE);
        for (uint32_t i = 0; i < 8; i++) {
            figures->rules_hash = figures->rules_hash << 8 | definition->rules->hash[i];
        }
    }
    if (contest == HALL_APPRAISAL) {
        memcpy(figures->subject, "s1", 3);
    }
    figures->registered = 10;
    figures->issued = 10;
    return figures;
}

void figures_turnout(struct figures *figures, uint32_t registered, uint32_t present,
                     uint32_t issued, uint32_t returned, uint32_t void_count)
{
    figures->registered = registered;
    figures->has_present = true;
    figures->present = present;
    figures->issued = issued;
    figures->cast_count = returned;
    figures->valid_count = returned - void_count;
    figures->void_count = void_count;
}

static void item_set(struct figures *figures, uint32_t item, uint32_t first, uint32_t second,
                     uint32_t third)
{
    figures->items[item] =
        (struct item_figures){ { first, second, third }, first + second + third };
}

struct figures *hall_w3(struct hall *hall)
{
    static const uint32_t votes[6][2] = { { 80, 3 },  { 74, 8 },  { 61, 20 },
                                          { 52, 25 }, { 46, 31 }, { 30, 50 } };
    struct figures *figures = hall_round(hall, HALL_ELECTION);
    struct election_figures *election = &figures->election;
    figures_turnout(figures, 100, 88, 88, 87, 2);
    figures->decision = DECISION_ELECTED;
    for (uint32_t i = 0; i < 6; i++) {
        item_set(figures, i, votes[i][0], votes[i][1], 85 - votes[i][0] - votes[i][1]);
        election->standings[i] = i < 5 ? STANDING_ELECTED : STANDING_NOT;
        election->disputed[i] = i < 4 ? STANDING_ELECTED : STANDING_NOT;
        election->order[i] = (uint8_t)((i + 5) % 6);
    }
    election->stage = STAGE_FIRST;
    election->seats = 5;
    election->base = BASE_PRESENT;
    election->base_count = 88;
    election->needed = 45;
    election->disputed_base = BASE_REGISTERED;
    election->disputed_count = 100;
    election->disputed_needed = 51;
    election->disputed_missing_seats = 1;
    election->name_count = 1;
    election->names[0] = (struct name_figures){
        .name = "=\"另选一号\"", .votes = 12, .standing = STANDING_NOT, .disputed = STANDING_NOT
    };
    return figures;
}

struct figures *hall_worked_appraisal(struct hall *hall)
{
    struct figures *figures = hall_round(hall, HALL_APPRAISAL);
    figures_turnout(figures, 1205, 1205, 1205, 1205, 0);
    item_set(figures, 0, 812, 310, 75);
    figures->satisfied = 1122;
    figures->satisfied_base = 1197;
    figures->appraisal.has_scores = true;
    figures->appraisal.person = (struct score){ true, 9071 };
    figures->appraisal.items[0] = (struct score){ true, 9071 };
    figures->appraisal.rank = 1;
    figures->appraisal.tied_count = 1;
    figures->appraisal.band = 1;
    return figures;
}

struct figures *hall_motion(struct hall *hall)
{
    struct figures *figures = hall_round(hall, HALL_MOTION);
    figures_turnout(figures, 100, 88, 88, 88, 0);
    item_set(figures, 0, 50, 30, 8);
    figures->decision = DECISION_PASSED;
    return figures;
}

struct figures *hall_poll(struct hall *hall)
{
    struct figures *figures = hall_round(hall, HALL_POLL);
    figures->cast_count = 9;
    figures->valid_count = 8;
    figures->void_count = 1;
    item_set(figures, 0, 6, 2, 0);
    item_set(figures, 1, 3, 5, 0);
    item_set(figures, 2, 3, 5, 0);
    figures->election.standings[0] = STANDING_ELECTED;
    figures->election.standings[1] = STANDING_TIED;
    figures->election.standings[2] = STANDING_TIED;
    return figures;
}

void hall_sheet(struct hall *hall, struct sheet *sheet)
{
    assert_int_equal(sheet_from_document(&hall->document, sheet, NULL), STATUS_OK);
}

char *hall_print(struct hall *hall, char kind, enum language language)
{
    struct sheet sheet;
    char *text = NULL;
    size_t size = 0;
    hall_sheet(hall, &sheet);
    FILE *file = open_memstream(&text, &size);
    if (kind == 'j') {
        sheet_print_json(&sheet, file);
    } else if (kind == 'c') {
        sheet_print_csv(&sheet, language, file);
    } else {
        sheet_print_text(&sheet, language, file);
    }
    fclose(file);
    sheet_finish(&sheet);
    return text;
}
