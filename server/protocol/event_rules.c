#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_parts.h"
#include "server/protocol/rules_file.h"

/* The rules profiles of an event's own, and which one a contest names. */

void shelf_read(struct reader *reader, const struct place *root, const json_t *object, bool is_file,
                struct shelf *shelf)
{
    struct place at = { .up = root, .key = "rules" };
    json_t *list = json_object_get(object, "rules");
    size_t count;

    shelf->is_whole = list == NULL;
    shelf->has_shipped = is_file;
    if (!list || !reader_is_list(reader, &at, list, 1, is_file ? SHELF_MAX : CONTEST_MAX)) {
        return;
    }
    count = json_array_size(list);
    shelf->rules = calloc(count, sizeof(*shelf->rules));
    shelf->is_used = calloc(count, sizeof(*shelf->is_used));
    if (!shelf->rules || !shelf->is_used) {
        reader_fault(reader, &at, STATUS_NOMEM, "no memory");
        return;
    }
    shelf->is_whole = true;
    for (size_t i = 0; i < count; i++) {
        struct place entry = { .up = &at, .index = i };
        struct place id = { .up = &entry, .key = "id" };
        struct rules *rules = &shelf->rules[shelf->count];

        if (rules_read(reader, &entry, json_array_get(list, i), rules) &&
            event_id_is_new(reader, &id, rules->id, shelf->rules, shelf->count,
                            sizeof(shelf->rules[0]))) {
            shelf->count++;
        } else {
            shelf->is_whole = false;
        }
    }
}

static void unknown_fault(struct reader *reader, const struct place *at, bool has_shipped,
                          const char *id)
{
    char list[200] = "";
    size_t used = 0;

    for (uint32_t i = 0; has_shipped && rules_shipped_id(i) && used < sizeof(list); i++) {
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                 i > 0 ? ", " : "; shipped are ", rules_shipped_id(i));
    }
    reader_fault(reader, at, STATUS_INVALID, "unknown: the event has no '%s'%s", id, list);
}

struct rules *shelf_take(struct reader *reader, const struct place *up, const json_t *object,
                         struct shelf *shelf)
{
    struct place at = { .up = up, .key = "rules" };
    struct rules *rules;
    char id[ID_SIZE];

    if (!reader_get_id(reader, up, object, "rules", false, id)) {
        return NULL;
    }
    for (uint32_t i = 0; i < shelf->count; i++) {
        if (strcmp(shelf->rules[i].id, id) == 0) {
            rules = malloc(sizeof(*rules));
            if (rules) {
                *rules = shelf->rules[i];
            } else {
                reader_fault(reader, &at, STATUS_NOMEM, "no memory");
            }
            shelf->is_used[i] = true;
            return rules;
        }
    }
    rules = shelf->is_whole && shelf->has_shipped ? rules_find_shipped(id) : NULL;
    if (!rules && shelf->is_whole) {
        unknown_fault(reader, &at, shelf->has_shipped, id);
    }
    return rules;
}

void shelf_check_used(struct reader *reader, const struct place *root, const struct shelf *shelf)
{
    struct place at = { .up = root, .key = "rules" };

    for (uint32_t i = 0; shelf->is_whole && i < shelf->count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (!shelf->is_used[i]) {
            reader_fault(reader, &entry, STATUS_INVALID, "no contest names '%s'",
                         shelf->rules[i].id);
        }
    }
}

void shelf_finish(struct shelf *shelf)
{
    free(shelf->rules);
    free(shelf->is_used);
}
