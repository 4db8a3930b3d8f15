#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "server/protocol/rules_file.h"

/* A profile in which every rule of an appraisal is on. */
static const char full[] =
    "{\"id\":\"full\",\"version\":3,\"kind\":\"appraisal\",\"title\":{\"zh-CN\":\"全\"},"
    "\"source\":{\"zh-CN\":\"本办法\",\"en\":\"Own\"},\"answer\":\"first\",\"secrecy\":\"named\","
    "\"asking\":\"item\",\"rounding\":\"largest-remainder\","
    "\"quorum\":{\"base\":\"registered\",\"num\":2,\"den\":3,\"inclusive\":false},"
    "\"grade_count\":null,\"values\":[{\"grade\":\"good\",\"value\":100},"
    "{\"grade\":\"unknown\",\"value\":null}],\"unscored_in_base\":true,\"blank_in_base\":true,"
    "\"criteria\":[{\"criterion\":\"c1\",\"weight\":30},{\"criterion\":\"c2\",\"weight\":0}],"
    "\"groups\":[{\"group\":\"g1\",\"weight\":20},{\"group\":\"g2\",\"weight\":80}],"
    "\"satisfied\":[\"good\"],\"remarks\":[{\"id\":\"talk\",\"title\":{\"zh-CN\":\"谈话\"},"
    "\"grades\":[\"good\"],\"when\":\"under\",\"num\":2,\"den\":3,\"inclusive\":true}],"
    "\"ranks\":true,\"floor\":70,\"void_all_same\":true,\"void_all_top\":true,"
    "\"quotas\":[{\"grade\":\"good\",\"least\":null,\"most\":3}],\"trim_above\":5,"
    "\"least_filled\":{\"num\":1,\"den\":2,\"inclusive\":true},"
    "\"bands\":[{\"id\":\"a\",\"title\":{\"zh-CN\":\"甲\"},\"least\":90},"
    "{\"id\":\"b\",\"title\":{\"zh-CN\":\"乙\"},\"least\":0}]}";

static struct fault_list faults;

static enum status parse(const char *text, struct rules **rules)
{
    memset(&faults, 0, sizeof(faults));
    return rules_parse(text, strlen(text), rules, &faults);
}

/* The canonical form; free(). */
static char *canonical(const struct rules *rules)
{
    struct writer writer;

    writer_init(&writer, NULL, 0);
    writer.more = writer_grow;
    rules_write(&writer, rules);
    assert_true(writer_end(&writer) > 0);
    return writer.buffer;
}

static struct rules *shipped(const char *id)
{
    struct rules *rules = rules_find_shipped(id);

    assert_non_null(rules);
    return rules;
}

static void the_branch_election_is_what_the_rules_say(void **state)
{
    struct rules *rules = shipped("party-branch-election");
    const struct election_rules *election = &rules->election;

    assert_int_equal(rules->kind, CONTEST_ELECTION);
    assert_int_equal(rules->secrecy, SECRECY_SECRET);
    assert_true(rules->quorum.is_set);
    assert_int_equal(rules->quorum.base, BASE_REGISTERED);
    assert_true(threshold_is_met(&rules->quorum.share, 80, 100)); /* E2: W1 */
    assert_false(threshold_is_met(&rules->quorum.share, 79, 100));
    assert_int_equal(threshold_least(&election->difference, 11), 3); /* E3: W2 */
    assert_int_equal(election->cap, BASE_PRESENT);
    assert_int_equal(election->majority_base, BASE_PRESENT);
    assert_int_equal(election->disputed_base, BASE_REGISTERED);
    assert_false(threshold_is_met(&election->majority, 30, 60)); /* E9: W5 */
    assert_true(election->allows_write_in);
    assert_true(election->write_in_needs_against);
    assert_int_equal(election->write_in_without_against, REMEDY_ADJUDICATE);
    assert_true(election->write_in_is_candidate);
    assert_int_equal(election->over_selected, REMEDY_VOID);
    assert_int_equal(election->none_selected, REMEDY_COUNT);
    assert_int_equal(election->illegible, REMEDY_ADJUDICATE);
    assert_false(election->run_off_needs_majority);
    assert_true(election->may_stop);
    assert_int_equal(election->order, ORDER_STROKES);
    free(rules);
}

static void the_other_shipped_profiles_are_what_they_are_named(void **state)
{
    struct rules *rules = shipped("district-appraisal");

    assert_int_equal(rules->appraisal.grade_count, 3);
    assert_false(rules->appraisal.has_values);
    assert_false(rules->appraisal.ranks);
    assert_int_equal(rules->appraisal.band_count, 0);
    free(rules);
    rules = shipped("appraisal-four-grades");
    assert_int_equal(rules->appraisal.value_count, 4);
    assert_int_equal(rules->appraisal.values[0].value, 100);
    assert_int_equal(rules->appraisal.values[3].value, 40);
    assert_int_equal(rules->appraisal.group_count, 0);
    assert_true(rules->source.zh[0] != '\0');
    free(rules);
    rules = shipped("plain-motion");
    assert_int_equal(rules->motion.base, BASE_PRESENT);
    free(rules);
    rules = shipped("plain-poll");
    assert_int_equal(rules->poll.shortlist, 0);
    free(rules);
    rules = shipped("public-recommendation");
    assert_int_equal(rules->poll.shortlist, 3);
    free(rules);
    assert_null(rules_find_shipped("no-such"));
    assert_null(rules_shipped_id(6));
}

static void every_rule_of_an_appraisal_is_read(void **state)
{
    struct rules *rules;
    const struct appraisal_rules *appraisal;
    char *text;

    assert_int_equal(parse(full, &rules), STATUS_OK);
    appraisal = &rules->appraisal;
    assert_int_equal(rules->answer, ANSWER_FIRST);
    assert_int_equal(rules->secrecy, SECRECY_NAMED);
    assert_int_equal(rules->asking, ASKING_ITEM);
    assert_int_equal(rules->rounding, ROUNDING_LARGEST_REMAINDER);
    assert_int_equal(appraisal->grade_count, 0);
    assert_false(appraisal->values[1].is_scored);
    assert_int_equal(appraisal->criteria[0].weight, 30);
    assert_string_equal(appraisal->groups[1].group, "g2");
    assert_int_equal(appraisal->groups[1].weight, 80);
    assert_true(appraisal->remarks[0].is_under);
    assert_string_equal(appraisal->remarks[0].grades[0], "good");
    assert_true(appraisal->has_floor);
    assert_int_equal(appraisal->floor, 70);
    assert_false(appraisal->quotas[0].has_least);
    assert_int_equal(appraisal->quotas[0].most, 3);
    assert_true(appraisal->has_trim);
    assert_true(appraisal->has_least_filled);
    assert_int_equal(appraisal->bands[0].least, 90);
    text = canonical(rules);
    assert_string_equal(text, full); /* written in the canonical form above */
    free(text);
    free(rules);
}

static void the_hash_is_that_of_the_canonical_form(void **state)
{
    const char *id;

    for (uint32_t i = 0; (id = rules_shipped_id(i)); i++) {
        struct rules *first = shipped(id);
        char *text = canonical(first);
        struct rules *second;
        char *again;

        assert_string_equal(first->id, id);
        assert_int_equal(first->version, 1);
        assert_int_equal(parse(text, &second), STATUS_OK);
        again = canonical(second);
        assert_string_equal(again, text);
        assert_memory_equal(first->hash, second->hash, sizeof(first->hash));
        free(second);
        free(again);
        memcpy(strstr(text, "\"version\":1"), "\"version\":2", 11);
        assert_int_equal(parse(text, &second), STATUS_OK);
        assert_memory_not_equal(first->hash, second->hash, sizeof(first->hash));
        free(second);
        free(text);
        free(first);
    }
}

static void assert_missing(const char *text, const char *where)
{
    struct rules *rules;

    assert_int_equal(parse(text, &rules), STATUS_INVALID);
    assert_null(rules);
    if (strcmp(faults.faults[0].where, where) != 0 ||
        strncmp(faults.faults[0].text, "missing: ", 9) != 0) {
        fail_msg("without %s: %s: %s", where, faults.faults[0].where, faults.faults[0].text);
    }
}

/* Takes each key out of `object`, which is at `path` in `root`, and of the objects in it. */
static void take_each_out(json_t *root, json_t *object, const char *path)
{
    json_t *copy = json_copy(object);
    const char *key;
    json_t *value;

    json_object_foreach(copy, key, value)
    {
        char where[160];
        char *text;

        snprintf(where, sizeof(where), "%s.%s", path, key);
        json_object_del(object, key);
        text = json_dumps(root, 0);
        if (strcmp(key, "zh-CN") == 0) {
            struct rules *rules;

            assert_int_equal(parse(text, &rules), STATUS_INVALID);
        } else if (strcmp(key, "en") != 0) {
            assert_missing(text, where);
        }
        free(text);
        json_object_set(object, key, value);
        if (json_is_object(value)) {
            take_each_out(root, json_object_get(object, key), where);
        }
    }
    json_decref(copy);
}

static void no_key_has_a_default(void **state)
{
    const char *id;
    json_t *root;

    for (uint32_t i = 0; (id = rules_shipped_id(i)); i++) {
        struct rules *rules = shipped(id);
        char *text = canonical(rules);

        root = json_loads(text, 0, NULL);
        take_each_out(root, root, "$");
        json_decref(root);
        free(text);
        free(rules);
    }
    root = json_loads(full, 0, NULL);
    take_each_out(root, root, "$");
    json_decref(root);
}

static void a_missing_key_names_the_rule_it_leaves_open(void **state)
{
    static const struct {
        const char *old;
        const char *said;
    } keys[] = {
        { "\"base\":\"present\",\"disputed_base\"",
          "the rules name the base of more than half (E10)" },
        { "\"difference\":{\"num\":1,\"den\":5},", "(E3)" },
        { "\"illegible\":\"adjudicate\",", "(E8)" },
        { "\"none_selected\":\"count\",", "(E7)" },
    };
    struct rules *rules = shipped("party-branch-election");
    char *text = canonical(rules);

    free(rules);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char changed[4096];
        const char *found = strstr(text, keys[i].old);
        size_t size = i == 0 ? strlen("\"base\":\"present\",") : strlen(keys[i].old);

        assert_non_null(found);
        snprintf(changed, sizeof(changed), "%.*s%s", (int)(found - text), text, found + size);
        assert_int_equal(parse(changed, &rules), STATUS_INVALID);
        assert_int_equal(faults.count, 1);
        assert_non_null(strstr(faults.faults[0].text, keys[i].said));
    }
    free(text);
}

/* One change of a profile, and the one fault it must give. */
static const struct {
    const char *id; /* NULL: `full` */
    const char *old;
    const char *new;
    const char *where;
    const char *said;
} cases[] = {
#define ELECTION "party-branch-election"
    { ELECTION, "\"id\":", "\"rule_99\":1,\"id\":", "$.rule_99", "unknown rule" },
    { ELECTION, "\"order\":", "\"ordre\":\"lot\",\"order\":", "$.ordre", "unknown rule" },
    { ELECTION, "\"version\":1", "\"version\":0", "$.version", "must be 1 to" },
    { ELECTION, "\"kind\":\"election\"", "\"kind\":\"duel\"", "$.kind",
      "must be appraisal, election, motion or poll" },
    { ELECTION, "\"answer\":\"last\"", "\"answer\":\"best\"", "$.answer", "must be last or first" },
    { ELECTION, "\"secrecy\":\"secret\"", "\"secrecy\":true", "$.secrecy", "must be a text" },
    { ELECTION, "\"quorum\":{\"base\":\"registered\"", "\"quorum\":{\"base\":\"returned\"",
      "$.quorum.base", "must be registered" },
    { ELECTION, "\"quorum\":{\"base\":\"registered\"", "\"quorum\":{\"base\":\"everyone\"",
      "$.quorum.base", "must be registered" },
    { ELECTION, "\"num\":4,\"den\":5", "\"num\":6,\"den\":5", "$.quorum.num",
      "6 of 5 is more than all there are" },
    { ELECTION, "\"num\":4,\"den\":5", "\"num\":4,\"den\":0", "$.quorum.den",
      "must be 1 to 10000" },
    { ELECTION, "\"num\":4,\"den\":5", "\"num\":0.8,\"den\":1", "$.quorum.num",
      "must be an integer" },
    { ELECTION, "\"difference\":{\"num\":1,\"den\":5}", "\"difference\":{\"num\":0,\"den\":5}",
      "$.difference.num", "(E3)" },
    { ELECTION, "\"cap\":\"present\"", "\"cap\":\"valid\"", "$.cap",
      "must be registered, present or issued" },
    { ELECTION, "\"majority\":{\"base\":\"present\"", "\"majority\":{\"base\":\"all\"",
      "$.majority.base", "must be registered, present, issued, returned or valid" },
    { ELECTION, "\"disputed_base\":\"registered\"", "\"disputed_base\":\"present\"",
      "$.majority.disputed_base", "is the base itself" },
    { ELECTION, "\"num\":1,\"den\":2,\"inclusive\":false},\"write_in\"",
      "\"num\":2,\"den\":2,\"inclusive\":false},\"write_in\"", "$.majority.inclusive",
      "nothing is more than all" },
    { ELECTION, "\"without_against\":\"adjudicate\"", "\"without_against\":null",
      "$.write_in.without_against", "(E5)" },
    { ELECTION, "\"needs_against\":true", "\"needs_against\":false", "$.write_in.without_against",
      "must be null" },
    { ELECTION, "\"over_selected\":\"void\"", "\"over_selected\":\"count\"", "$.over_selected",
      "must be adjudicate or void" },
    { ELECTION, "\"illegible\":\"adjudicate\"", "\"illegible\":null", "$.illegible",
      "must be a text" },
    { ELECTION, "\"run_off\":{\"needs_majority\":false}", "\"run_off\":null", "$.run_off",
      "must be an object" },
    { ELECTION, "\"stop\":{\"base\":\"present\"", "\"stop\":{\"base\":\"valid\"", "$.stop.base",
      "must be registered or present" },
    { ELECTION, "\"order\":\"strokes\"", "\"order\":\"age\"", "$.order",
      "must be given, strokes or lot" },
    { "plain-motion", "\"base\":\"present\"", "\"base\":\"some\"", "$.majority.base", "must be" },
    { "plain-poll", "\"shortlist\":null", "\"shortlist\":49", "$.shortlist", "must be 1 to 48" },
    { "district-appraisal", "\"ranks\":false", "\"ranks\":true", "$.ranks", "without values" },
    { "district-appraisal", "\"floor\":null", "\"floor\":70", "$.floor", "without values" },
    { "district-appraisal", "\"grade_count\":3", "\"grade_count\":9", "$.grade_count",
      "must be 2 to 8" },
    { NULL, "\"value\":100", "\"value\":1001", "$.values[0].value", "must be 0 to 1000" },
    { NULL, "\"value\":100", "\"value\":null", "$.values", "no grade has a value" },
    { NULL, "\"grade\":\"unknown\"", "\"grade\":\"good\"", "$.values[1].grade",
      "is there already" },
    { NULL, "\"weight\":30", "\"weight\":0", "$.criteria", "the weights add to 0" },
    { NULL, "\"weight\":20", "\"weight\":0", "$.groups[0].weight", "must be 1 to 10000" },
    { NULL, "\"group\":\"g2\"", "\"group\":\"g1\"", "$.groups[1].group", "is there already" },
    { NULL, "\"when\":\"under\"", "\"when\":\"near\"", "$.remarks[0].when",
      "must be under or over" },
    { NULL, "\"grades\":[\"good\"]", "\"grades\":null", "$.remarks[0].grades", "must be a list" },
    { NULL, "\"num\":2,\"den\":3,\"inclusive\":true}", "\"num\":4,\"den\":3,\"inclusive\":true}",
      "$.remarks[0].num", "4 of 3" },
    { NULL, "\"most\":3", "\"most\":null", "$.quotas[0]", "(A9)" },
    { NULL, "\"least\":null,\"most\":3", "\"least\":4,\"most\":3", "$.quotas[0]", "(A9)" },
    { NULL, "\"least\":0", "\"least\":90", "$.bands[1].least", "less than the band before" },
    { NULL, "\"ranks\":true", "\"ranks\":false", "$.floor", "must be null" },
    { NULL, "\"satisfied\":[\"good\"]", "\"satisfied\":[]", "$.satisfied", "must have 1 to 8" },
    { NULL, "\"satisfied\":[\"good\"]", "\"satisfied\":\"good\"", "$.satisfied",
      "must be a list or null" },
    { NULL, "\"void_all_top\":true", "\"void_all_top\":1", "$.void_all_top",
      "must be true or false" },
};

static void every_fault_has_its_path(void **state)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rules *rules = cases[i].id ? shipped(cases[i].id) : NULL;
        char *text = rules ? canonical(rules) : strdup(full);
        const char *found = strstr(text, cases[i].old);
        char changed[8192];

        free(rules);
        assert_non_null(found);
        snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(found - text), text, cases[i].new,
                 found + strlen(cases[i].old));
        if (parse(changed, &rules) != STATUS_INVALID || rules || faults.count != 1 ||
            strcmp(faults.faults[0].where, cases[i].where) != 0 ||
            !strstr(faults.faults[0].text, cases[i].said)) {
            fail_msg("case %zu, %s: %u faults: %s: %s", i, cases[i].new, faults.count,
                     faults.faults[0].where, faults.faults[0].text);
        }
        free(text);
    }
}

static void what_is_off_says_null(void **state)
{
    static const char *const offs[][2] = {
        { "\"write_in\":{\"needs_against\":true,\"without_against\":\"adjudicate\","
          "\"is_candidate\":true}",
          "\"write_in\":null" },
        { "\"stop\":{\"base\":\"present\",\"num\":1,\"den\":2,\"inclusive\":false}",
          "\"stop\":null" },
        { "\"difference\":{\"num\":1,\"den\":5}", "\"difference\":null" },
        { "\"disputed_base\":\"registered\"", "\"disputed_base\":null" },
        { "\"quorum\":{\"base\":\"registered\",\"num\":4,\"den\":5,\"inclusive\":true}",
          "\"quorum\":null" },
    };

    for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
        struct rules *rules = shipped(ELECTION);
        char *text = canonical(rules);
        const char *found = strstr(text, offs[i][0]);
        char changed[4096];
        char *again;

        free(rules);
        assert_non_null(found);
        snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(found - text), text, offs[i][1],
                 found + strlen(offs[i][0]));
        assert_int_equal(parse(changed, &rules), STATUS_OK);
        again = canonical(rules);
        assert_string_equal(again, changed);
        free(again);
        free(text);
        free(rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_branch_election_is_what_the_rules_say),
        cmocka_unit_test(the_other_shipped_profiles_are_what_they_are_named),
        cmocka_unit_test(every_rule_of_an_appraisal_is_read),
        cmocka_unit_test(the_hash_is_that_of_the_canonical_form),
        cmocka_unit_test(no_key_has_a_default),
        cmocka_unit_test(a_missing_key_names_the_rule_it_leaves_open),
        cmocka_unit_test(every_fault_has_its_path),
        cmocka_unit_test(what_is_off_says_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
