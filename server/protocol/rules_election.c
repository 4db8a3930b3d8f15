#include "server/protocol/rules_parts.h"

#include "server/model/name_table.h"

/* Elections (E3 … E15), motions and polls. */

const struct rule_key rules_election_keys[] = {
    { "difference", "the rules name by how much candidates outnumber seats, or null (E3)" },
    { "cap", "the rules name what returned ballots may not outnumber (E6)" },
    { "majority", "the rules name the share that elects (E9)" },
    { "write_in", "the rules say whether other names may be written in, or null (E5)" },
    { "over_selected", "the rules say what a ballot with too many names is (E7)" },
    { "none_selected", "the rules say what a ballot that selects nobody is (E7)" },
    { "illegible", "the rules say what an illegible part does (E8)" },
    { "run_off", "the rules say how a tie at the cut is settled (E11)" },
    { "stop", "the rules say whether the hall may stop with fewer, or null (E12)" },
    { "order", "the rules name the order of the candidates (E4)" },
};
const size_t rules_election_key_count = KEY_COUNT(rules_election_keys);

const struct rule_key rules_motion_keys[] = {
    { "majority", "the rules name the share that carries a motion" },
};
const size_t rules_motion_key_count = KEY_COUNT(rules_motion_keys);

const struct rule_key rules_poll_keys[] = {
    { "base", "the rules name of how many the shares are" },
    { "shortlist", "the rules say how many of the first go on, or null" },
};
const size_t rules_poll_key_count = KEY_COUNT(rules_poll_keys);

#define INCLUSIVE                                                                                  \
    {                                                                                              \
        "inclusive", "the rules say whether exactly the share is enough"                           \
    }

static const struct rule_key fraction_keys[] = {
    { "num", "a share is num of den" },
    { "den", "a share is num of den" },
};

static const struct rule_key motion_majority_keys[] = {
    { "base", "the rules name the base of more than half" },
    { "num", "a share is num of den" },
    { "den", "a share is num of den" },
    INCLUSIVE,
};

static const struct rule_key majority_keys[] = {
    { "base", "the rules name the base of more than half (E10)" },
    { "disputed_base", "the rules name the other reading of the base, or null (E10)" },
    { "num", "the rules name the share that elects (E9)" },
    { "den", "the rules name the share that elects (E9)" },
    { "inclusive", "the rules say whether exactly the share elects (E9)" },
};

static const struct rule_key write_in_keys[] = {
    { "needs_against", "the rules say whether a name written in needs an against (E5)" },
    { "without_against", "the rules say what a name without an against is, or null (E5)" },
    { "is_candidate", "the rules say whether a name written in may be elected (E13)" },
};

static const struct rule_key run_off_keys[] = {
    { "needs_majority", "the rules say whether a run-off needs the majority too (E11)" },
};

static const struct rule_key stop_keys[] = {
    { "base", "the rules name the base of those who agree to stop (E12)" },
    { "num", "the rules name the share that agrees to stop (E12)" },
    { "den", "the rules name the share that agrees to stop (E12)" },
    { "inclusive", "the rules say whether exactly the share is enough to stop (E12)" },
};

#define EVERY_BASE                                                                                 \
    (ALLOWS(BASE_REGISTERED) | ALLOWS(BASE_PRESENT) | ALLOWS(BASE_ISSUED) |                        \
     ALLOWS(BASE_RETURNED) | ALLOWS(BASE_VALID))
/* Known before the first ballot comes back. */
#define EARLY_BASE (ALLOWS(BASE_REGISTERED) | ALLOWS(BASE_PRESENT) | ALLOWS(BASE_ISSUED))

static const char *const order_names[] = {
    [ORDER_INVALID] = "invalid",
    [ORDER_GIVEN] = "given",
    [ORDER_STROKES] = "strokes",
    [ORDER_LOT] = "lot",
};

static void difference_read(struct reader *reader, const struct place *up, const json_t *object,
                            struct threshold *difference)
{
    struct place at = { .up = up, .key = "difference" };
    struct place num = { .up = &at, .key = "num" };
    bool is_null;
    json_t *value =
        rules_object(reader, &at, object, fraction_keys, KEY_COUNT(fraction_keys), &is_null);

    *difference = (struct threshold){ .num = 0, .den = 1, .is_inclusive = true };
    if (value && rules_fraction(reader, &at, value, difference) && difference->num == 0) {
        reader_fault(reader, &num, STATUS_INVALID,
                     "must be at least 1; null where there need be no more than seats (E3)");
    }
}

static void majority_read(struct reader *reader, const struct place *up, const json_t *object,
                          struct election_rules *rules)
{
    struct place at = { .up = up, .key = "majority" };
    struct place disputed = { .up = &at, .key = "disputed_base" };
    json_t *value =
        rules_object(reader, &at, object, majority_keys, KEY_COUNT(majority_keys), NULL);

    if (!value) {
        return;
    }
    rules->majority_base = rules_base(reader, &at, value, "base", EVERY_BASE);
    if (!json_is_null(json_object_get(value, "disputed_base"))) {
        rules->disputed_base = rules_base(reader, &at, value, "disputed_base", EVERY_BASE);
        if (rules->disputed_base != BASE_INVALID && rules->disputed_base == rules->majority_base) {
            reader_fault(reader, &disputed, STATUS_INVALID,
                         "is the base itself; null where nothing is disputed (E10)");
        }
    }
    (void)rules_share(reader, &at, value, &rules->majority);
}

static void write_in_read(struct reader *reader, const struct place *up, const json_t *object,
                          struct election_rules *rules)
{
    struct place at = { .up = up, .key = "write_in" };
    struct place without = { .up = &at, .key = "without_against" };
    bool is_null;
    json_t *value =
        rules_object(reader, &at, object, write_in_keys, KEY_COUNT(write_in_keys), &is_null);

    if (!value) {
        return;
    }
    rules->allows_write_in = true;
    (void)rules_flag(reader, &at, value, "needs_against", &rules->write_in_needs_against);
    (void)rules_flag(reader, &at, value, "is_candidate", &rules->write_in_is_candidate);
    if (json_is_null(json_object_get(value, "without_against"))) {
        if (rules->write_in_needs_against) {
            reader_fault(reader, &without, STATUS_INVALID,
                         "must be adjudicate, drop or void where an against is needed (E5)");
        }
        return;
    }
    rules->write_in_without_against =
        rules_remedy(reader, &at, value, "without_against",
                     ALLOWS(REMEDY_ADJUDICATE) | ALLOWS(REMEDY_DROP) | ALLOWS(REMEDY_VOID));
    if (rules->write_in_without_against != REMEDY_INVALID && !rules->write_in_needs_against &&
        json_is_false(json_object_get(value, "needs_against"))) {
        reader_fault(reader, &without, STATUS_INVALID, "must be null where no against is needed");
    }
}

static void after_read(struct reader *reader, const struct place *up, const json_t *object,
                       struct election_rules *rules)
{
    struct place run_off = { .up = up, .key = "run_off" };
    struct place stop = { .up = up, .key = "stop" };
    bool is_null;
    json_t *value =
        rules_object(reader, &run_off, object, run_off_keys, KEY_COUNT(run_off_keys), NULL);

    if (value) {
        (void)rules_flag(reader, &run_off, value, "needs_majority", &rules->run_off_needs_majority);
    }
    rules->stop_share.den = 1;
    value = rules_object(reader, &stop, object, stop_keys, KEY_COUNT(stop_keys), &is_null);
    if (value) {
        rules->may_stop = true;
        rules->stop_base = rules_base(reader, &stop, value, "base",
                                      ALLOWS(BASE_REGISTERED) | ALLOWS(BASE_PRESENT));
        (void)rules_share(reader, &stop, value, &rules->stop_share);
    }
}

void rules_read_election(struct reader *reader, const struct place *at, json_t *object,
                         struct election_rules *rules)
{
    difference_read(reader, at, object, &rules->difference);
    rules->cap = rules_base(reader, at, object, "cap", EARLY_BASE);
    majority_read(reader, at, object, rules);
    write_in_read(reader, at, object, rules);
    rules->over_selected = rules_remedy(reader, at, object, "over_selected",
                                        ALLOWS(REMEDY_ADJUDICATE) | ALLOWS(REMEDY_VOID));
    rules->none_selected = rules_remedy(reader, at, object, "none_selected",
                                        ALLOWS(REMEDY_COUNT) | ALLOWS(REMEDY_VOID));
    rules->illegible =
        rules_remedy(reader, at, object, "illegible",
                     ALLOWS(REMEDY_ADJUDICATE) | ALLOWS(REMEDY_DROP) | ALLOWS(REMEDY_VOID));
    after_read(reader, at, object, rules);
    rules->order = (enum candidate_order)rules_word(
        reader, at, object, "order", order_names, NAME_COUNT(order_names),
        ALLOWS(ORDER_GIVEN) | ALLOWS(ORDER_STROKES) | ALLOWS(ORDER_LOT));
}

/* A value of an object that begins with it, or null. */
static void begin(struct writer *writer, const char *key, bool is_set)
{
    rules_put_key(writer, key);
    writer_put(writer, is_set ? "{" : "null", is_set ? 1 : 4);
}

static void word_or_null(struct writer *writer, const char *key, bool is_set, const char *word)
{
    rules_put_key(writer, key);
    if (is_set) {
        writer_string(writer, word);
    } else {
        writer_literal(writer, "null");
    }
}

static void flag_first(struct writer *writer, const char *key, bool flag)
{
    writer_string(writer, key);
    writer_put(writer, flag ? ":true" : ":false", flag ? 5 : 6);
}

static void shares_write(struct writer *writer, const struct election_rules *rules)
{
    begin(writer, "difference", rules->difference.num > 0);
    if (rules->difference.num > 0) {
        writer_literal(writer, "\"num\":");
        writer_uint(writer, rules->difference.num);
        rules_put_number(writer, "den", true, rules->difference.den);
        writer_literal(writer, "}");
    }
    rules_put_word(writer, "cap", base_name(rules->cap));
    begin(writer, "majority", true);
    writer_literal(writer, "\"base\":");
    writer_string(writer, base_name(rules->majority_base));
    word_or_null(writer, "disputed_base", rules->disputed_base != BASE_INVALID,
                 base_name(rules->disputed_base));
    rules_put_share(writer, &rules->majority);
    writer_literal(writer, "}");
}

void rules_write_election(struct writer *writer, const struct election_rules *rules)
{
    shares_write(writer, rules);
    begin(writer, "write_in", rules->allows_write_in);
    if (rules->allows_write_in) {
        flag_first(writer, "needs_against", rules->write_in_needs_against);
        word_or_null(writer, "without_against", rules->write_in_without_against != REMEDY_INVALID,
                     remedy_name(rules->write_in_without_against));
        rules_put_flag(writer, "is_candidate", rules->write_in_is_candidate);
        writer_literal(writer, "}");
    }
    rules_put_word(writer, "over_selected", remedy_name(rules->over_selected));
    rules_put_word(writer, "none_selected", remedy_name(rules->none_selected));
    rules_put_word(writer, "illegible", remedy_name(rules->illegible));
    begin(writer, "run_off", true);
    flag_first(writer, "needs_majority", rules->run_off_needs_majority);
    writer_literal(writer, "}");
    begin(writer, "stop", rules->may_stop);
    if (rules->may_stop) {
        writer_literal(writer, "\"base\":");
        writer_string(writer, base_name(rules->stop_base));
        rules_put_share(writer, &rules->stop_share);
        writer_literal(writer, "}");
    }
    rules_put_word(writer, "order",
                   name_table_name(order_names, NAME_COUNT(order_names), rules->order));
}

void rules_read_motion(struct reader *reader, const struct place *up, json_t *object,
                       struct motion_rules *rules)
{
    struct place at = { .up = up, .key = "majority" };
    json_t *value = rules_object(reader, &at, object, motion_majority_keys,
                                 KEY_COUNT(motion_majority_keys), NULL);

    if (value) {
        rules->base = rules_base(reader, &at, value, "base", EVERY_BASE);
        (void)rules_share(reader, &at, value, &rules->majority);
    }
}

void rules_write_motion(struct writer *writer, const struct motion_rules *rules)
{
    rules_put_key(writer, "majority");
    writer_literal(writer, "{\"base\":");
    writer_string(writer, base_name(rules->base));
    rules_put_share(writer, &rules->majority);
    writer_literal(writer, "}");
}

void rules_read_poll(struct reader *reader, const struct place *at, json_t *object,
                     struct poll_rules *rules)
{
    rules->base = rules_base(reader, at, object, "base", EVERY_BASE);
    if (!json_is_null(json_object_get(object, "shortlist"))) {
        (void)rules_number(reader, at, object, "shortlist", 1, CANDIDATE_MAX, &rules->shortlist);
    }
}

void rules_write_poll(struct writer *writer, const struct poll_rules *rules)
{
    rules_put_word(writer, "base", base_name(rules->base));
    rules_put_number(writer, "shortlist", rules->shortlist > 0, rules->shortlist);
}
