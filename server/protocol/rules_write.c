#include "server/protocol/event_parts.h"
#include "server/protocol/rules_parts.h"

/* Appraisals' rules in their canonical form. */

static void values_write(struct writer *writer, const struct appraisal_rules *rules)
{
    rules_put_key(writer, "values");
    if (!rules->has_values) {
        writer_literal(writer, "null");
        return;
    }
    for (uint32_t i = 0; i < rules->value_count; i++) {
        const struct grade_value *value = &rules->values[i];

        writer_put(writer, i == 0 ? "[" : ",", 1);
        writer_literal(writer, "{\"grade\":");
        writer_string(writer, value->grade);
        rules_put_number(writer, "value", value->is_scored, value->value);
        writer_literal(writer, "}");
    }
    writer_literal(writer, "]");
}

static void weight_write(struct writer *writer, uint32_t index, const char *key, const char *id,
                         uint32_t weight)
{
    writer_put(writer, index == 0 ? "[{" : ",{", 2);
    writer_string(writer, key);
    writer_literal(writer, ":");
    writer_string(writer, id);
    rules_put_number(writer, "weight", true, weight);
    writer_literal(writer, "}");
}

/* The end of a list of `count` entries; null where there are none. */
static void list_end(struct writer *writer, uint32_t count)
{
    writer_put(writer, count > 0 ? "]" : "null", count > 0 ? 1 : 4);
}

static void weights_write(struct writer *writer, const struct appraisal_rules *rules)
{
    rules_put_key(writer, "criteria");
    for (uint32_t i = 0; i < rules->criterion_count; i++) {
        weight_write(writer, i, "criterion", rules->criteria[i].criterion,
                     rules->criteria[i].weight);
    }
    list_end(writer, rules->criterion_count);
    rules_put_key(writer, "groups");
    for (uint32_t i = 0; i < rules->group_count; i++) {
        weight_write(writer, i, "group", rules->groups[i].group, rules->groups[i].weight);
    }
    list_end(writer, rules->group_count);
}

static void ids_write(struct writer *writer, const char *key, const char ids[GRADE_MAX][ID_SIZE],
                      uint32_t count)
{
    rules_put_key(writer, key);
    for (uint32_t i = 0; i < count; i++) {
        writer_put(writer, i == 0 ? "[" : ",", 1);
        writer_string(writer, ids[i]);
    }
    list_end(writer, count);
}

static void titled_write(struct writer *writer, uint32_t index, const char *id,
                         const struct label *label)
{
    writer_put(writer, index == 0 ? "[" : ",", 1);
    writer_literal(writer, "{\"id\":");
    writer_string(writer, id);
    rules_put_key(writer, "title");
    event_write_label(writer, label);
}

static void remarks_write(struct writer *writer, const struct appraisal_rules *rules)
{
    rules_put_key(writer, "remarks");
    for (uint32_t i = 0; i < rules->remark_count; i++) {
        const struct remark_rule *remark = &rules->remarks[i];

        titled_write(writer, i, remark->id, &remark->label);
        ids_write(writer, "grades", remark->grades, remark->grade_count);
        rules_put_word(writer, "when", remark->is_under ? "under" : "over");
        rules_put_share(writer, &remark->share);
        writer_literal(writer, "}");
    }
    list_end(writer, rules->remark_count);
}

static void void_write(struct writer *writer, const struct appraisal_rules *rules)
{
    rules_put_flag(writer, "void_all_same", rules->void_all_same);
    rules_put_flag(writer, "void_all_top", rules->void_all_top);
    rules_put_key(writer, "quotas");
    for (uint32_t i = 0; i < rules->quota_count; i++) {
        const struct quota_rule *quota = &rules->quotas[i];

        writer_put(writer, i == 0 ? "[" : ",", 1);
        writer_literal(writer, "{\"grade\":");
        writer_string(writer, quota->grade);
        rules_put_number(writer, "least", quota->has_least, quota->least);
        rules_put_number(writer, "most", quota->has_most, quota->most);
        writer_literal(writer, "}");
    }
    list_end(writer, rules->quota_count);
    rules_put_number(writer, "trim_above", rules->has_trim, rules->trim_above);
    rules_put_key(writer, "least_filled");
    if (rules->has_least_filled) {
        writer_literal(writer, "{\"num\":");
        writer_uint(writer, rules->least_filled.num);
        rules_put_number(writer, "den", true, rules->least_filled.den);
        rules_put_flag(writer, "inclusive", rules->least_filled.is_inclusive);
        writer_literal(writer, "}");
    } else {
        writer_literal(writer, "null");
    }
}

void rules_write_appraisal(struct writer *writer, const struct appraisal_rules *rules)
{
    rules_put_number(writer, "grade_count", rules->grade_count > 0, rules->grade_count);
    values_write(writer, rules);
    rules_put_flag(writer, "unscored_in_base", rules->unscored_in_base);
    rules_put_flag(writer, "blank_in_base", rules->blank_in_base);
    weights_write(writer, rules);
    ids_write(writer, "satisfied", rules->satisfied, rules->satisfied_count);
    remarks_write(writer, rules);
    rules_put_flag(writer, "ranks", rules->ranks);
    rules_put_number(writer, "floor", rules->has_floor, rules->floor);
    void_write(writer, rules);
    rules_put_key(writer, "bands");
    for (uint32_t i = 0; i < rules->band_count; i++) {
        const struct band *band = &rules->bands[i];

        titled_write(writer, i, band->id, &band->label);
        rules_put_number(writer, "least", true, band->least);
        writer_literal(writer, "}");
    }
    list_end(writer, rules->band_count);
}
