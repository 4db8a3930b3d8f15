#include <string.h>

#include "server/protocol/event_parts.h"
#include "server/protocol/rules_parts.h"

/* Appraisals (A1 … A12), inwards; outwards: rules_write.c. */

const struct rule_key rules_appraisal_keys[] = {
    { "grade_count", "the rules name how many grades there are, or null for any (A2)" },
    { "values", "the rules name what each grade is worth, or null (A2)" },
    { "unscored_in_base", "the rules say whether grades without a value stay in the base (A3)" },
    { "blank_in_base", "the rules say whether blank items stay in the base (A3)" },
    { "criteria", "the rules name the criteria's weights, or null for equal ones (A4)" },
    { "groups", "the rules name the groups' weights, or null for one pool (A5)" },
    { "satisfied", "the rules name the grades of the satisfaction rate, or null (A6)" },
    { "remarks", "the rules name the shares that are remarked upon, or null (A7)" },
    { "ranks", "the rules say whether persons are ranked (A8)" },
    { "floor", "the rules name the score the lowest must reach, or null (A8)" },
    { "void_all_same", "the rules say whether a card of one grade only is void (A9)" },
    { "void_all_top", "the rules say whether a card of full marks is void (A9)" },
    { "quotas", "the rules name how often a card may use a grade, or null (A9)" },
    { "trim_above", "the rules say over how many cards the extremes go, or null (A10)" },
    { "least_filled", "the rules name the share of a card to be filled, or null (A11)" },
    { "bands", "the rules name the bands of the score, or null (A12)" },
};
const size_t rules_appraisal_key_count = KEY_COUNT(rules_appraisal_keys);

#define VALUE_MAX 1000   /* of a grade and of a score: scales of 1, 10, 100 and 1000 are in use */
#define WEIGHT_MAX 10000 /* weights in hundredths of a percent */

static void values_read(struct reader *reader, const struct place *up, const json_t *object,
                        struct appraisal_rules *rules)
{
    static const struct rule_key keys[] = {
        { "grade", "a value belongs to a grade (A2)" },
        { "value", "the rules name what the grade is worth, or null (A2)" },
    };
    struct place at = { .up = up, .key = "values" };
    json_t *list = rules_list(reader, &at, object, GRADE_MAX);
    bool has_score = false;

    rules->has_values = list != NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place place = { .up = &at, .index = i };
        struct place id = { .up = &place, .key = "grade" };
        json_t *entry = json_array_get(list, i);
        struct grade_value *value = &rules->values[rules->value_count];

        if (!reader_is_object(reader, &place, entry) ||
            !rules_keys(reader, &place, entry, keys, KEY_COUNT(keys))) {
            has_score = true; /* a fault is said already */
            continue;
        }
        if (rules_optional(reader, &place, entry, "value", VALUE_MAX, &value->is_scored,
                           &value->value) &&
            reader_get_id(reader, &place, entry, "grade", false, value->grade) &&
            event_id_is_new(reader, &id, value->grade, rules->values, rules->value_count,
                            sizeof(rules->values[0]))) {
            rules->value_count++;
        }
        has_score = has_score || !json_is_null(json_object_get(entry, "value"));
    }
    if (list && !has_score) {
        reader_fault(reader, &at, STATUS_INVALID, "no grade has a value; null where none has (A2)");
    }
}

/* One weight, of what `name` is the key of. */
static bool weight_read(struct reader *reader, const struct place *at, json_t *object,
                        const char *name, uint32_t least, char *id, uint32_t *weight)
{
    const struct rule_key keys[] = {
        { name, "a weight belongs to something (A4, A5)" },
        { "weight", "the rules name the weight (A4, A5)" },
    };

    return reader_is_object(reader, at, object) &&
           rules_keys(reader, at, object, keys, KEY_COUNT(keys)) &&
           rules_number(reader, at, object, "weight", least, WEIGHT_MAX, weight) &&
           reader_get_id(reader, at, object, name, false, id);
}

static void criteria_read(struct reader *reader, const struct place *up, const json_t *object,
                          struct appraisal_rules *rules)
{
    struct place at = { .up = up, .key = "criteria" };
    json_t *list = rules_list(reader, &at, object, CRITERION_MAX);
    uint32_t faults_before = reader->fault_count;
    uint64_t sum = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place place = { .up = &at, .index = i };
        struct place id = { .up = &place, .key = "criterion" };
        struct criterion_weight *entry = &rules->criteria[rules->criterion_count];

        if (weight_read(reader, &place, json_array_get(list, i), "criterion", 0, entry->criterion,
                        &entry->weight) &&
            event_id_is_new(reader, &id, entry->criterion, rules->criteria, rules->criterion_count,
                            sizeof(rules->criteria[0]))) {
            sum += entry->weight;
            rules->criterion_count++;
        }
    }
    if (list && sum == 0 && reader->fault_count == faults_before) {
        reader_fault(reader, &at, STATUS_INVALID, "the weights add to 0 (A4)");
    }
}

static void groups_read(struct reader *reader, const struct place *up, const json_t *object,
                        struct appraisal_rules *rules)
{
    struct place at = { .up = up, .key = "groups" };
    json_t *list = rules_list(reader, &at, object, GROUP_MAX);

    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place place = { .up = &at, .index = i };
        struct place id = { .up = &place, .key = "group" };
        struct group_weight *entry = &rules->groups[rules->group_count];

        if (weight_read(reader, &place, json_array_get(list, i), "group", 1, entry->group,
                        &entry->weight) &&
            event_id_is_new(reader, &id, entry->group, rules->groups, rules->group_count,
                            sizeof(rules->groups[0]))) {
            rules->group_count++;
        }
    }
}

/* A list of grades' ids; how many. */
static uint32_t grades_read(struct reader *reader, const struct place *at, const json_t *object,
                            char grades[GRADE_MAX][ID_SIZE])
{
    json_t *list = rules_list(reader, at, object, GRADE_MAX);
    uint32_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place place = { .up = at, .index = i };

        if (reader_id(reader, &place, json_array_get(list, i), false, grades[count]) &&
            event_id_is_new(reader, &place, grades[count], grades, count, ID_SIZE)) {
            count++;
        }
    }
    return count;
}

static void remark_read(struct reader *reader, const struct place *at, json_t *object,
                        struct appraisal_rules *rules)
{
    static const struct rule_key keys[] = {
        { "id", "a remark has an id" },
        { "title", "a remark has a title" },
        { "grades", "the rules name the grades of the share (A7)" },
        { "when", "the rules say whether under or over the share is remarked upon (A7)" },
        { "num", "a share is num of den (A7)" },
        { "den", "a share is num of den (A7)" },
        { "inclusive", "the rules say whether exactly the share meets it (A7)" },
    };
    static const char *const sides[] = { "invalid", "under", "over" };
    struct remark_rule *remark = &rules->remarks[rules->remark_count];
    struct place id = { .up = at, .key = "id" };
    struct place grades = { .up = at, .key = "grades" };

    if (!reader_is_object(reader, at, object) ||
        !rules_keys(reader, at, object, keys, KEY_COUNT(keys))) {
        return;
    }
    (void)event_read_label(reader, at, object, "title", false, &remark->label);
    if (json_is_null(json_object_get(object, "grades"))) {
        reader_fault(reader, &grades, STATUS_INVALID, "must be a list");
    }
    remark->grade_count = grades_read(reader, &grades, object, remark->grades);
    remark->is_under =
        rules_word(reader, at, object, "when", sides, KEY_COUNT(sides), ALLOWS(1) | ALLOWS(2)) == 1;
    (void)rules_share(reader, at, object, &remark->share);
    if (reader_get_id(reader, at, object, "id", false, remark->id) &&
        event_id_is_new(reader, &id, remark->id, rules->remarks, rules->remark_count,
                        sizeof(rules->remarks[0]))) {
        rules->remark_count++;
    }
}

static void quota_read(struct reader *reader, const struct place *at, json_t *object,
                       struct appraisal_rules *rules)
{
    static const struct rule_key keys[] = {
        { "grade", "a quota belongs to a grade (A9)" },
        { "least", "the rules name the fewest, or null (A9)" },
        { "most", "the rules name the most, or null (A9)" },
    };
    struct quota_rule *quota = &rules->quotas[rules->quota_count];
    struct place id = { .up = at, .key = "grade" };

    if (!reader_is_object(reader, at, object) ||
        !rules_keys(reader, at, object, keys, KEY_COUNT(keys)) ||
        !rules_optional(reader, at, object, "least", CRITERION_MAX, &quota->has_least,
                        &quota->least) ||
        !rules_optional(reader, at, object, "most", CRITERION_MAX, &quota->has_most,
                        &quota->most)) {
        return;
    }
    if (!quota->has_least && !quota->has_most) {
        reader_fault(reader, at, STATUS_INVALID, "names neither the fewest nor the most (A9)");
    } else if (quota->has_least && quota->has_most && quota->least > quota->most) {
        reader_fault(reader, at, STATUS_INVALID, "no card has %u or more and %u or fewer (A9)",
                     quota->least, quota->most);
    }
    if (reader_get_id(reader, at, object, "grade", false, quota->grade) &&
        event_id_is_new(reader, &id, quota->grade, rules->quotas, rules->quota_count,
                        sizeof(rules->quotas[0]))) {
        rules->quota_count++;
    }
}

static void band_read(struct reader *reader, const struct place *at, json_t *object,
                      struct appraisal_rules *rules)
{
    static const struct rule_key keys[] = {
        { "id", "a band has an id" },
        { "title", "a band has a title" },
        { "least", "the rules name the score a band begins at (A12)" },
    };
    struct band *band = &rules->bands[rules->band_count];
    struct place id = { .up = at, .key = "id" };
    struct place least = { .up = at, .key = "least" };

    if (!reader_is_object(reader, at, object) ||
        !rules_keys(reader, at, object, keys, KEY_COUNT(keys))) {
        return;
    }
    (void)event_read_label(reader, at, object, "title", false, &band->label);
    if (rules_number(reader, at, object, "least", 0, VALUE_MAX, &band->least) &&
        rules->band_count > 0 && band->least >= band[-1].least) {
        reader_fault(reader, &least, STATUS_INVALID, "must be less than the band before (A12)");
    }
    if (reader_get_id(reader, at, object, "id", false, band->id) &&
        event_id_is_new(reader, &id, band->id, rules->bands, rules->band_count,
                        sizeof(rules->bands[0]))) {
        rules->band_count++;
    }
}

static void each_read(struct reader *reader, const struct place *up, const json_t *object,
                      const char *key, size_t count_max,
                      void (*read)(struct reader *, const struct place *, json_t *,
                                   struct appraisal_rules *),
                      struct appraisal_rules *rules)
{
    struct place at = { .up = up, .key = key };
    json_t *list = rules_list(reader, &at, object, count_max);

    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place place = { .up = &at, .index = i };

        read(reader, &place, json_array_get(list, i), rules);
    }
}

/* What a score is needed for is a fault where no grade has a value. */
static void scores_check(struct reader *reader, const struct place *up, const json_t *object,
                         const struct appraisal_rules *rules)
{
    static const char *const keys[] = { "criteria", "groups", "floor", "trim_above", "bands" };
    struct place ranks = { .up = up, .key = "ranks" };
    struct place floor = { .up = up, .key = "floor" };

    if (json_is_null(json_object_get(object, "values"))) {
        for (size_t i = 0; i < KEY_COUNT(keys); i++) {
            struct place at = { .up = up, .key = keys[i] };
            json_t *value = json_object_get(object, keys[i]);

            if (value && !json_is_null(value)) {
                reader_fault(reader, &at, STATUS_INVALID,
                             "must be null: without values there is no score (A2)");
            }
        }
        if (rules->ranks) {
            reader_fault(reader, &ranks, STATUS_INVALID,
                         "must be false: without values there is no score (A2)");
        }
    } else if (rules->has_floor && json_is_false(json_object_get(object, "ranks"))) {
        reader_fault(reader, &floor, STATUS_INVALID, "must be null where nobody is ranked (A8)");
    }
}

void rules_read_appraisal(struct reader *reader, const struct place *up, json_t *object,
                          struct appraisal_rules *rules)
{
    struct place satisfied = { .up = up, .key = "satisfied" };
    struct place filled = { .up = up, .key = "least_filled" };
    static const struct rule_key share_keys[] = {
        { "num", "a share is num of den (A11)" },
        { "den", "a share is num of den (A11)" },
        { "inclusive", "the rules say whether exactly the share is enough (A11)" },
    };
    bool is_null;
    json_t *share;

    if (!json_is_null(json_object_get(object, "grade_count"))) {
        (void)rules_number(reader, up, object, "grade_count", 2, GRADE_MAX, &rules->grade_count);
    }
    values_read(reader, up, object, rules);
    (void)rules_flag(reader, up, object, "unscored_in_base", &rules->unscored_in_base);
    (void)rules_flag(reader, up, object, "blank_in_base", &rules->blank_in_base);
    criteria_read(reader, up, object, rules);
    groups_read(reader, up, object, rules);
    rules->satisfied_count = grades_read(reader, &satisfied, object, rules->satisfied);
    each_read(reader, up, object, "remarks", REMARK_MAX, remark_read, rules);
    (void)rules_flag(reader, up, object, "ranks", &rules->ranks);
    (void)rules_optional(reader, up, object, "floor", VALUE_MAX, &rules->has_floor, &rules->floor);
    (void)rules_flag(reader, up, object, "void_all_same", &rules->void_all_same);
    (void)rules_flag(reader, up, object, "void_all_top", &rules->void_all_top);
    each_read(reader, up, object, "quotas", QUOTA_MAX, quota_read, rules);
    (void)rules_optional(reader, up, object, "trim_above", SEAT_MAX, &rules->has_trim,
                         &rules->trim_above);
    rules->least_filled.den = 1;
    share = rules_object(reader, &filled, object, share_keys, KEY_COUNT(share_keys), &is_null);
    if (share) {
        rules->has_least_filled = true;
        (void)rules_share(reader, &filled, share, &rules->least_filled);
    }
    each_read(reader, up, object, "bands", BAND_MAX, band_read, rules);
    scores_check(reader, up, object, rules);
}
