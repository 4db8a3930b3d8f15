#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_parts.h"

/* Groups and their seats; posts and what each may see. */

/* How many of the group's seats may vote: all, unless `votes` says otherwise. */
static void votes_read(struct reader *reader, const struct place *up, const json_t *object,
                       struct group *group)
{
    struct place at = { .up = up, .key = "votes" };
    json_t *value = json_object_get(object, "votes");

    group->vote_count = group->seat_count;
    if (json_is_false(value)) {
        group->vote_count = 0;
    } else if (value && !json_is_integer(value)) {
        reader_fault(reader, &at, STATUS_INVALID, "must be false or an integer");
    } else if (value) {
        (void)reader_get_uint32(reader, up, object, "votes", 0, group->seat_count,
                                &group->vote_count);
    }
}

/* The seats of a group, where no roll has them. */
static void seats_of_group_read(struct reader *reader, const struct place *up, json_t *object,
                                struct event *event, struct group *group)
{
    static const char *const roll_keys[] = { "seats", "votes" };

    if (!event->has_roll) {
        if (reader_get_uint32(reader, up, object, "seats", 1, SEAT_MAX, &group->seat_count)) {
            group->first_seat = event->seat_count + 1;
            event->seat_count += group->seat_count; /* GROUP_MAX × SEAT_MAX fits */
            votes_read(reader, up, object, group);
        }
        return;
    }
    for (size_t i = 0; i < KEY_COUNT(roll_keys); i++) {
        struct place at = { .up = up, .key = roll_keys[i] };

        if (json_object_get(object, roll_keys[i])) {
            reader_fault(reader, &at, STATUS_INVALID, "the roll says it");
        }
    }
}

static void group_read(struct reader *reader, const struct place *at, json_t *object,
                       struct event *event)
{
    static const char *const keys[] = { "id", "title", "seats", "votes", "test" };
    struct group *group = &event->groups[event->group_count];
    struct place id = { .up = at, .key = "id" };
    struct place test = { .up = at, .key = "test" };
    json_t *is_test = json_object_get(object, "test");

    if (!reader_is_object(reader, at, object)) {
        return;
    }
    (void)reader_keys(reader, at, object, keys, KEY_COUNT(keys));
    if (reader_get_id(reader, at, object, "id", false, group->id)) {
        (void)event_id_is_new(reader, &id, group->id, event->groups, event->group_count,
                              sizeof(event->groups[0]));
    }
    (void)event_read_label(reader, at, object, "title", false, &group->label);
    seats_of_group_read(reader, at, object, event, group);
    group->is_test = json_is_true(is_test);
    if (is_test && !json_is_boolean(is_test)) {
        reader_fault(reader, &test, STATUS_INVALID, "must be true or false");
    }
    event->group_count++;
}

static bool groups_read(struct reader *reader, const struct place *root, json_t *object,
                        struct event *event)
{
    struct place at = { .up = root, .key = "groups" };
    json_t *list = event_read_list(reader, &at, object, GROUP_MAX);
    uint32_t faults_before = reader->fault_count;

    if (!list) {
        return false;
    }
    event->groups = calloc(json_array_size(list), sizeof(*event->groups));
    if (!event->groups) {
        return reader_fault(reader, &at, STATUS_NOMEM, "no memory");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place entry = { .up = &at, .index = i };

        group_read(reader, &entry, json_array_get(list, i), event);
    }
    if (event->seat_count > SEAT_MAX) {
        return reader_fault(reader, &at, STATUS_INVALID, "have %u seats together, more than %d",
                            event->seat_count, SEAT_MAX);
    }
    if (reader->fault_count == faults_before && !event->has_roll && event_vote_count(event) == 0) {
        return reader_fault(reader, &at, STATUS_INVALID, "nobody has the right to vote");
    }
    return reader->fault_count == faults_before;
}

/* The roll's file, where the event has one. Its name alone: it is read later. */
static void roll_read(struct reader *reader, const struct place *root, const json_t *object,
                      struct event *event)
{
    struct place at = { .up = root, .key = "roll" };
    const char *name;
    size_t size;

    if (!json_object_get(object, "roll")) {
        return;
    }
    event->has_roll = true;
    name = reader_get_text(reader, root, object, "roll");
    if (!name) {
        return;
    }
    size = strlen(name);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f) {
            reader_fault(reader, &at, STATUS_INVALID, "has a control character");
            return;
        }
    }
    if (size == 0 || size >= sizeof(event->roll)) {
        reader_fault(reader, &at, STATUS_INVALID, "must have 1 to %zu bytes",
                     sizeof(event->roll) - 1);
        return;
    }
    memcpy(event->roll, name, size + 1);
}

/* What a role sees where the event does not say otherwise. */
static enum audience default_audience(enum role role)
{
    switch (role) {
    case ROLE_SCREEN:
        return AUDIENCE_HALL;
    case ROLE_OPERATOR:
        return AUDIENCE_OPERATOR;
    case ROLE_OFFICER:
        return AUDIENCE_OFFICER;
    case ROLE_SCRUTINEER:
        return AUDIENCE_SCRUTINEER;
    case ROLE_BASE:
    case ROLE_OVERLAY:
        return AUDIENCE_PUBLIC;
    default:
        return AUDIENCE_INVALID;
    }
}

static void audience_read(struct reader *reader, const struct place *up, json_t *object,
                          struct post *post)
{
    struct place at = { .up = up, .key = "audience" };
    const char *word;

    post->audience = default_audience(post->role);
    if (!json_object_get(object, "audience")) {
        return;
    }
    if (post->role != ROLE_OVERLAY && post->role != ROLE_SCREEN) {
        reader_fault(reader, &at, STATUS_INVALID, "only an overlay and a screen may name one");
        return;
    }
    word = reader_get_text(reader, up, object, "audience");
    if (!word) {
        return;
    }
    post->audience = audience_parse(word);
    if (post->audience < AUDIENCE_PUBLIC || post->audience > AUDIENCE_INTERNAL) {
        reader_fault(reader, &at, STATUS_INVALID, "must be public, hall or internal");
    }
}

/* [first, last] of a base station, within the event's and outside those of every other. */
static void seats_read(struct reader *reader, const struct place *up, json_t *object,
                       bool groups_are_known, const struct event *event, struct post *post)
{
    struct place at = { .up = up, .key = "seats" };
    json_t *list = json_object_get(object, "seats");
    uint32_t seat_max = groups_are_known && !event->has_roll ? event->seat_count : SEAT_MAX;
    uint32_t first, last;

    if (post->role != ROLE_BASE) {
        if (list) {
            reader_fault(reader, &at, STATUS_INVALID, "only a base station has seats");
        }
        return;
    }
    if (!reader_is_list(reader, &at, list, 2, 2) ||
        !reader_at_uint32(reader, &at, list, 0, 1, seat_max, &first) ||
        !reader_at_uint32(reader, &at, list, 1, 1, seat_max, &last)) {
        return;
    }
    if (last < first) {
        reader_fault(reader, &at, STATUS_INVALID, "the last seat is before the first");
        return;
    }
    for (uint32_t i = 0; i < event->post_count; i++) {
        const struct post *other = &event->posts[i];

        if (other->seat_count > 0 && first < other->first_seat + other->seat_count &&
            other->first_seat <= last) {
            reader_fault(reader, &at, STATUS_INVALID, "shares seats with '%s'", other->id);
        }
    }
    post->first_seat = first;
    post->seat_count = last - first + 1;
}

static bool role_read(struct reader *reader, const struct place *up, json_t *object,
                      enum role *role)
{
    struct place at = { .up = up, .key = "role" };
    const char *word = reader_get_text(reader, up, object, "role");

    if (!word) {
        return false;
    }
    *role = role_parse(word);
    return default_audience(*role) != AUDIENCE_INVALID ||
           reader_fault(reader, &at, STATUS_INVALID,
                        "must be base, overlay, screen, operator, officer or scrutineer");
}

static void post_read(struct reader *reader, const struct place *at, json_t *object,
                      bool groups_are_known, struct event *event)
{
    static const char *const keys[] = { "id", "role", "audience", "seats" };
    struct post *post = &event->posts[event->post_count];
    struct place id = { .up = at, .key = "id" };

    if (!reader_is_object(reader, at, object)) {
        return;
    }
    (void)reader_keys(reader, at, object, keys, KEY_COUNT(keys));
    if (reader_get_id(reader, at, object, "id", false, post->id)) {
        (void)event_id_is_new(reader, &id, post->id, event->posts, event->post_count,
                              sizeof(event->posts[0]));
        if (strcmp(post->id, "server") == 0) {
            reader_fault(reader, &id, STATUS_INVALID, "'server' is the server's own name");
        }
    }
    if (role_read(reader, at, object, &post->role)) {
        audience_read(reader, at, object, post);
        seats_read(reader, at, object, groups_are_known, event, post);
    }
    event->post_count++;
}

static void posts_check(struct reader *reader, const struct place *at, const struct event *event)
{
    bool has_officer = false;
    bool has_operator = false;

    for (uint32_t i = 0; i < event->post_count; i++) {
        has_officer = has_officer || event->posts[i].role == ROLE_OFFICER;
        has_operator = has_operator || event->posts[i].role == ROLE_OPERATOR;
    }
    if (!has_officer) {
        reader_fault(reader, at, STATUS_INVALID, "no post has the role officer: who opens?");
    }
    if (!has_operator) {
        reader_fault(reader, at, STATUS_INVALID, "no post has the role operator: who takes?");
    }
}

void event_read_hall(struct reader *reader, const struct place *root, json_t *object,
                     struct event *event)
{
    struct place at = { .up = root, .key = "posts" };
    bool groups_are_known;
    json_t *list;

    roll_read(reader, root, object, event);
    groups_are_known = groups_read(reader, root, object, event);
    list = event_read_list(reader, &at, object, POST_MAX);
    if (!list) {
        return;
    }
    event->posts = calloc(json_array_size(list), sizeof(*event->posts));
    if (!event->posts) {
        reader_fault(reader, &at, STATUS_NOMEM, "no memory");
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place entry = { .up = &at, .index = i };

        post_read(reader, &entry, json_array_get(list, i), groups_are_known, event);
    }
    posts_check(reader, &at, event);
}
