#include "server/protocol/roll_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/roll_parts.h"
#include "server/protocol/text_file.h"

/* Files of rolls, and the seats of an event that has one. */

bool roll_fault(struct roll_reader *reader, enum status status, uint32_t line, const char *format,
                ...)
{
    char where[sizeof(((struct fault *)NULL)->where)];
    char text[sizeof(((struct fault *)NULL)->text)];
    va_list arguments;

    if (reader->first == STATUS_OK) {
        reader->first = status;
    }
    va_start(arguments, format);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0) {
        text[0] = '\0';
    }
    va_end(arguments);
    if (line > 0) {
        snprintf(where, sizeof(where), "%.140s:%u", reader->file, (unsigned)line);
    } else {
        snprintf(where, sizeof(where), "%.140s", reader->file);
    }
    if (reader->faults) {
        fault_list_add(reader->faults, status, where, "%s", text);
    }
    return false;
}

enum status roll_file_read(const char *path, const struct event *event, struct roll *roll,
                           struct fault_list *faults)
{
    const char *slash = strrchr(path, '/');
    size_t size;
    char *text;
    enum status status = text_file_read(path, ROLL_SIZE_MAX, &text, &size, faults);

    memset(roll, 0, sizeof(*roll));
    if (status == STATUS_OK) {
        status = roll_parse(slash ? slash + 1 : path, text, size, event, roll, faults);
    }
    free(text);
    return status;
}

bool roll_path(const char *event_path, const struct event *event, char *path, size_t path_size)
{
    const char *slash = strrchr(event_path, '/');
    int size = slash && event->roll[0] != '/' ? (int)(slash - event_path) + 1 : 0;
    int length;

    if (!event->has_roll) {
        return false;
    }
    length = snprintf(path, path_size, "%.*s%s", size, event_path, event->roll);
    return length >= 0 && (size_t)length < path_size;
}

enum status event_seat_roll(struct event *event, const struct roll *roll, struct fault_list *faults)
{
    enum status status = STATUS_OK;
    uint32_t seat = 1;

    for (uint32_t g = 0; g < event->group_count; g++) {
        struct group *group = &event->groups[g];

        group->first_seat = seat;
        group->seat_count = 0;
        group->vote_count = 0;
        while (seat <= roll->count && roll->members[seat - 1].group == g) {
            group->vote_count += roll->members[seat - 1].has_vote;
            group->seat_count++;
            seat++;
        }
    }
    event->seat_count = roll->count;
    if (event_vote_count(event) == 0) {
        status = STATUS_INVALID;
        if (faults) {
            fault_list_add(faults, status, "$.roll", "nobody on '%s' has the right to vote",
                           event->roll);
        }
    }
    for (uint32_t i = 0; i < event->post_count; i++) {
        const struct post *post = &event->posts[i];
        char where[64];

        if (post->seat_count == 0 || post->first_seat + post->seat_count - 1 <= event->seat_count) {
            continue;
        }
        status = STATUS_INVALID;
        snprintf(where, sizeof(where), "$.posts[%u].seats", (unsigned)i);
        if (faults) {
            fault_list_add(faults, status, where, "must be 1 to %u: the roll has no more",
                           event->seat_count);
        }
    }
    return status;
}
