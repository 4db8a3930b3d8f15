#include "server/protocol/rules_file.h"

#include <stdlib.h>
#include <string.h>

#include "server/model/name_table.h"
#include "server/protocol/event_parts.h"
#include "server/protocol/hash_writer.h"
#include "server/protocol/rules_parts.h"

/* The keys of every kind, and which part comes after them. */

static const struct rule_key common_keys[] = {
    { "id", "a profile has an id" },
    { "version", "a profile has a version" },
    { "kind", "a profile names the kind of contest it is for" },
    { "title", "a profile has a title" },
    { "source", "a profile names what its figures were taken from" },
    { "answer", "the rules say which press of a key is final" },
    { "secrecy", "the rules say whether votes are secret or named" },
    { "asking", "the rules say whether a card is asked whole or item by item" },
    { "rounding", "the rules name how shares are rounded" },
    { "quorum", "the rules name who must be present, or null (E2)" },
};

static const struct rule_key quorum_keys[] = {
    { "base", "the rules name the base of the quorum (E2)" },
    { "num", "the rules name the share of the quorum (E2)" },
    { "den", "the rules name the share of the quorum (E2)" },
    { "inclusive", "the rules say whether exactly the share is a quorum (E2)" },
};

static const char *const answer_names[] = { "invalid", "last", "first" };
static const char *const secrecy_names[] = { "invalid", "secret", "named" };
static const char *const asking_names[] = { "invalid", "card", "item" };
static const char *const rounding_names[] = { "invalid", "half-up", "largest-remainder" };
static const char *const kind_names[] = { "invalid", "appraisal", "election", "motion", "poll" };

#define KEYS_MAX 32 /* of a profile; an appraisal's has 26 */
#define EITHER (ALLOWS(1) | ALLOWS(2))

static void quorum_read(struct reader *reader, const struct place *up, const json_t *object,
                        struct quorum_rule *quorum)
{
    struct place at = { .up = up, .key = "quorum" };
    bool is_null;
    json_t *value =
        rules_object(reader, &at, object, quorum_keys, KEY_COUNT(quorum_keys), &is_null);

    quorum->share.den = 1;
    if (!value) {
        return;
    }
    quorum->is_set = true;
    /* Of all that could be counted only the roll is known before the round opens. */
    quorum->base = rules_base(reader, &at, value, "base", ALLOWS(BASE_REGISTERED));
    (void)rules_share(reader, &at, value, &quorum->share);
}

/* The kind, and then the keys: which may be there depends on it. */
static void kind_read(struct reader *reader, const struct place *at, json_t *object,
                      struct rules *rules)
{
    static const struct rule_key *const parts[] = { NULL, rules_appraisal_keys, rules_election_keys,
                                                    rules_motion_keys, rules_poll_keys };
    const size_t counts[] = { 0, rules_appraisal_key_count, rules_election_key_count,
                              rules_motion_key_count, rules_poll_key_count };
    struct rule_key keys[KEYS_MAX];
    size_t count = KEY_COUNT(common_keys);

    rules->kind = (enum contest_kind)rules_word(reader, at, object, "kind", kind_names,
                                                KEY_COUNT(kind_names), EITHER | EITHER << 2);
    memcpy(keys, common_keys, sizeof(common_keys));
    if (rules->kind != CONTEST_INVALID) {
        memcpy(keys + count, parts[rules->kind], counts[rules->kind] * sizeof(keys[0]));
        count += counts[rules->kind];
        (void)rules_keys(reader, at, object, keys, count);
    } else if (!json_object_get(object, "kind")) {
        (void)rules_keys(reader, at, object, common_keys + 2, 1);
    }
}

static void part_read(struct reader *reader, const struct place *at, json_t *object,
                      struct rules *rules)
{
    switch (rules->kind) {
    case CONTEST_APPRAISAL:
        rules_read_appraisal(reader, at, object, &rules->appraisal);
        break;
    case CONTEST_ELECTION:
        rules_read_election(reader, at, object, &rules->election);
        break;
    case CONTEST_MOTION:
        rules_read_motion(reader, at, object, &rules->motion);
        break;
    case CONTEST_POLL:
        rules_read_poll(reader, at, object, &rules->poll);
        break;
    default:
        break;
    }
}

static void label_read(struct reader *reader, const struct place *at, const json_t *object,
                       const char *key, struct label *label)
{
    if (json_object_get(object, key)) {
        (void)event_read_label(reader, at, object, key, false, label);
    }
}

bool rules_read(struct reader *reader, const struct place *at, json_t *object, struct rules *rules)
{
    uint32_t faults_before = reader->fault_count;
    struct hash_writer hash;

    memset(rules, 0, sizeof(*rules));
    if (!reader_is_object(reader, at, object)) {
        return false;
    }
    kind_read(reader, at, object, rules);
    if (rules->kind == CONTEST_INVALID) {
        return false;
    }
    if (json_object_get(object, "id")) {
        (void)reader_get_id(reader, at, object, "id", false, rules->id);
    }
    (void)rules_number(reader, at, object, "version", 1, UINT32_MAX, &rules->version);
    label_read(reader, at, object, "title", &rules->title);
    label_read(reader, at, object, "source", &rules->source);
    rules->answer = (enum answer)rules_word(reader, at, object, "answer", answer_names,
                                            NAME_COUNT(answer_names), EITHER);
    rules->secrecy = (enum secrecy)rules_word(reader, at, object, "secrecy", secrecy_names,
                                              NAME_COUNT(secrecy_names), EITHER);
    rules->asking = (enum asking)rules_word(reader, at, object, "asking", asking_names,
                                            NAME_COUNT(asking_names), EITHER);
    rules->rounding = (enum rounding)rules_word(reader, at, object, "rounding", rounding_names,
                                                NAME_COUNT(rounding_names), EITHER);
    quorum_read(reader, at, object, &rules->quorum);
    part_read(reader, at, object, rules);
    if (reader->fault_count != faults_before) {
        return false;
    }
    hash_writer_init(&hash);
    rules_write(&hash.writer, rules);
    hash_writer_end(&hash, rules->hash);
    return true;
}

void rules_write(struct writer *writer, const struct rules *rules)
{
    writer_literal(writer, "{\"id\":");
    writer_string(writer, rules->id);
    rules_put_number(writer, "version", true, rules->version);
    rules_put_word(writer, "kind", contest_kind_name(rules->kind));
    rules_put_key(writer, "title");
    event_write_label(writer, &rules->title);
    rules_put_key(writer, "source");
    event_write_label(writer, &rules->source);
    rules_put_word(writer, "answer", answer_names[rules->answer]);
    rules_put_word(writer, "secrecy", secrecy_names[rules->secrecy]);
    rules_put_word(writer, "asking", asking_names[rules->asking]);
    rules_put_word(writer, "rounding", rounding_names[rules->rounding]);
    rules_put_key(writer, "quorum");
    if (rules->quorum.is_set) {
        writer_literal(writer, "{\"base\":");
        writer_string(writer, base_name(rules->quorum.base));
        rules_put_share(writer, &rules->quorum.share);
        writer_literal(writer, "}");
    } else {
        writer_literal(writer, "null");
    }
    switch (rules->kind) {
    case CONTEST_APPRAISAL:
        rules_write_appraisal(writer, &rules->appraisal);
        break;
    case CONTEST_ELECTION:
        rules_write_election(writer, &rules->election);
        break;
    case CONTEST_MOTION:
        rules_write_motion(writer, &rules->motion);
        break;
    default:
        rules_write_poll(writer, &rules->poll);
        break;
    }
    writer_literal(writer, "}");
}

enum status rules_parse(const char *text, size_t size, struct rules **rules,
                        struct fault_list *faults)
{
    static const struct place root = { 0 };
    struct fault first = { .status = STATUS_OK };
    struct reader reader = { .fault = &first, .list = faults };
    struct rules *made = malloc(sizeof(*made));
    json_t *object = NULL;

    *rules = NULL;
    if (!made) {
        reader_fault(&reader, &root, STATUS_NOMEM, "no memory");
        return first.status;
    }
    object = reader_load(&reader, text, size);
    if (object && rules_read(&reader, &root, object, made)) {
        *rules = made;
        made = NULL;
    }
    json_decref(object);
    free(made);
    return first.status;
}
