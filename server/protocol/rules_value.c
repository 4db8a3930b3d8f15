#include <stdio.h>
#include <string.h>

#include "server/protocol/rules_parts.h"

/* The values that rules are made of, in and out. */

#define DEN_MAX 10000 /* a threshold's denominator: finer shares are in no rule that was found */
#define REMEDY_LAST REMEDY_COUNT /* of enum remedy: REMEDY_COUNT is the remedy "count" */

bool rules_keys(struct reader *reader, const struct place *at, json_t *object,
                const struct rule_key *keys, size_t key_count)
{
    bool is_good = true;
    const char *key;
    json_t *value;

    for (size_t i = 0; i < key_count; i++) {
        struct place place = { .up = at, .key = keys[i].key };

        if (!json_object_get(object, keys[i].key)) {
            is_good = reader_fault(reader, &place, STATUS_INVALID, "missing: %s", keys[i].why);
        }
    }
    if (reader->is_lenient) {
        return is_good;
    }
    json_object_foreach(object, key, value)
    {
        size_t i = 0;

        while (i < key_count && strcmp(keys[i].key, key) != 0) {
            i++;
        }
        if (i == key_count) {
            struct place place = { .up = at, .key = key };

            is_good = reader_fault(reader, &place, STATUS_INVALID, "unknown rule");
        }
    }
    return is_good;
}

json_t *rules_object(struct reader *reader, const struct place *at, const json_t *up,
                     const struct rule_key *keys, size_t key_count, bool *is_null)
{
    json_t *object = json_object_get(up, at->key);

    if (is_null) {
        *is_null = json_is_null(object);
    }
    if (!object || (is_null && *is_null)) {
        return NULL;
    }
    if (!json_is_object(object)) {
        reader_fault(reader, at, STATUS_INVALID, "must be an object%s", is_null ? " or null" : "");
        return NULL;
    }
    (void)rules_keys(reader, at, object, keys, key_count);
    return object;
}

json_t *rules_list(struct reader *reader, const struct place *at, const json_t *up,
                   size_t count_max)
{
    json_t *list = json_object_get(up, at->key);

    if (!list || json_is_null(list)) {
        return NULL;
    }
    if (!json_is_array(list)) {
        reader_fault(reader, at, STATUS_INVALID, "must be a list or null");
        return NULL;
    }
    return reader_is_list(reader, at, list, 1, count_max) ? list : NULL;
}

bool rules_flag(struct reader *reader, const struct place *up, const json_t *object,
                const char *key, bool *flag)
{
    struct place at = { .up = up, .key = key };
    json_t *value = json_object_get(object, key);

    if (!value) {
        return false;
    }
    if (!json_is_boolean(value)) {
        return reader_fault(reader, &at, STATUS_INVALID, "must be true or false");
    }
    *flag = json_is_true(value);
    return true;
}

bool rules_number(struct reader *reader, const struct place *up, const json_t *object,
                  const char *key, uint32_t least, uint32_t most, uint32_t *number)
{
    return json_object_get(object, key) &&
           reader_get_uint32(reader, up, object, key, least, most, number);
}

bool rules_optional(struct reader *reader, const struct place *up, const json_t *object,
                    const char *key, uint32_t most, bool *is_set, uint32_t *number)
{
    *is_set = false;
    *number = 0;
    if (json_is_null(json_object_get(object, key))) {
        return true;
    }
    *is_set = rules_number(reader, up, object, key, 0, most, number);
    return *is_set;
}

unsigned rules_word(struct reader *reader, const struct place *up, const json_t *object,
                    const char *key, const char *const *names, size_t count, unsigned allowed)
{
    struct place at = { .up = up, .key = key };
    json_t *value = json_object_get(object, key);
    const char *word = value ? reader_text(reader, &at, value) : NULL;
    char list[160] = "";
    size_t used = 0;

    for (unsigned i = 1; word && i < count; i++) {
        if ((allowed & ALLOWS(i)) && strcmp(names[i], word) == 0) {
            return i;
        }
    }
    for (unsigned i = 1; word && i < count && used < sizeof(list); i++) {
        if (allowed & ALLOWS(i)) {
            bool is_last = (allowed >> i) == 1;

            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                     used == 0 ? ""
                                     : is_last ? " or "
                                               : ", ",
                                     names[i]);
        }
    }
    if (word) {
        reader_fault(reader, &at, STATUS_INVALID, "must be %s", list);
    }
    return 0;
}

enum base rules_base(struct reader *reader, const struct place *up, const json_t *object,
                     const char *key, unsigned allowed)
{
    const char *names[BASE_COUNT];

    for (unsigned i = 0; i < BASE_COUNT; i++) {
        names[i] = base_name((enum base)i);
    }
    return (enum base)rules_word(reader, up, object, key, names, BASE_COUNT, allowed);
}

enum remedy rules_remedy(struct reader *reader, const struct place *up, const json_t *object,
                         const char *key, unsigned allowed)
{
    const char *names[REMEDY_LAST + 1];

    for (unsigned i = 0; i <= REMEDY_LAST; i++) {
        names[i] = remedy_name((enum remedy)i);
    }
    return (enum remedy)rules_word(reader, up, object, key, names, REMEDY_LAST + 1, allowed);
}

bool rules_fraction(struct reader *reader, const struct place *at, const json_t *object,
                    struct threshold *share)
{
    struct place num = { .up = at, .key = "num" };

    if (!rules_number(reader, at, object, "den", 1, DEN_MAX, &share->den) ||
        !rules_number(reader, at, object, "num", 0, UINT32_MAX, &share->num)) {
        return false;
    }
    return share->num <= share->den ||
           reader_fault(reader, &num, STATUS_INVALID, "%u of %u is more than all there are",
                        share->num, share->den);
}

bool rules_share(struct reader *reader, const struct place *at, const json_t *object,
                 struct threshold *share)
{
    struct place inclusive = { .up = at, .key = "inclusive" };
    bool has_flag = rules_flag(reader, at, object, "inclusive", &share->is_inclusive);

    if (!rules_fraction(reader, at, object, share) || !has_flag) {
        return false;
    }
    return share->num < share->den || share->is_inclusive ||
           reader_fault(reader, &inclusive, STATUS_INVALID, "nothing is more than all there are");
}

void rules_put_key(struct writer *writer, const char *key)
{
    writer_literal(writer, ",");
    writer_string(writer, key);
    writer_literal(writer, ":");
}

void rules_put_flag(struct writer *writer, const char *key, bool flag)
{
    rules_put_key(writer, key);
    writer_put(writer, flag ? "true" : "false", flag ? 4 : 5);
}

void rules_put_number(struct writer *writer, const char *key, bool is_set, uint32_t number)
{
    rules_put_key(writer, key);
    if (is_set) {
        writer_uint(writer, number);
    } else {
        writer_literal(writer, "null");
    }
}

void rules_put_word(struct writer *writer, const char *key, const char *word)
{
    rules_put_key(writer, key);
    writer_string(writer, word);
}

void rules_put_share(struct writer *writer, const struct threshold *share)
{
    rules_put_number(writer, "num", true, share->num);
    rules_put_number(writer, "den", true, share->den);
    rules_put_flag(writer, "inclusive", share->is_inclusive);
}
