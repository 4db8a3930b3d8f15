/*
 * Names written in. A mark holds a number; the name itself goes into the log once, before the first
 * mark that uses it, so that rows keep one size.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/service/room_impl.h"

/* The number of a name in the log or on its way there; 0: it is new. */
static uint32_t number_find(const struct room *room, uint32_t contest, const char *name)
{
    uint32_t number = sitting_find_name(room->sitting, contest, name);
    uint32_t settled = room->offered_name_count - room->waiting_name_count;
    for (uint32_t i = 0; number == 0 && i < room->waiting_name_count; i++) {
        if (strcmp(room->waiting_names[i], name) == 0) {
            number = settled + i + 1;
        }
    }
    return number;
}

static bool waiting_grow(struct room *room)
{
    if (room->waiting_name_count < room->waiting_name_capacity) {
        return true;
    }
    uint32_t capacity = room->waiting_name_capacity == 0 ? 16 : room->waiting_name_capacity * 2;
    void *names = realloc(room->waiting_names, capacity * sizeof(*room->waiting_names));
    if (names == NULL) {
        return false;
    }
    room->waiting_names = names;
    room->waiting_name_capacity = capacity;
    return true;
}

static enum refusal name_offer(struct room *room, const struct round *round, uint32_t seat,
                               const char *name)
{
    if (room->offered_name_count >= WRITTEN_NAME_MAX ||
        room->seat_names[seat - 1] >= NAME_PER_SEAT_MAX) {
        return REFUSAL_BAD_VALUE;
    }
    if (room->waiting_name_count >= NAME_WAIT_MAX || !waiting_grow(room)) {
        return REFUSAL_BUSY;
    }
    struct act act = { .kind = ACT_NAME,
                       .round = round->number,
                       .number = room->offered_name_count + 1u };
    snprintf(act.post, sizeof(act.post), "server");
    if (!detail_put(act.params, "name", name)) {
        return REFUSAL_BAD_VALUE;
    }
    enum status status = votelog_append_act(room->log, &act, &room->last_ticket);
    if (status != STATUS_OK) {
        return room_log_refusal(status);
    }
    snprintf(room->waiting_names[room->waiting_name_count++], WRITTEN_NAME_SIZE, "%s", name);
    room->offered_name_count++;
    room->seat_names[seat - 1]++;
    return REFUSAL_NONE;
}

enum refusal room_names(struct room *room, const struct round *round, uint32_t seat,
                        const struct cast *cast, const struct cast_card *card,
                        uint16_t numbers[WRITE_IN_MAX])
{
    for (uint32_t i = 0; i < card->name_count; i++) {
        const char *name = cast->names[card->first_name + i];
        uint32_t number = number_find(room, round->contest, name);
        if (number == 0) {
            enum refusal refusal = name_offer(room, round, seat, name);
            if (refusal != REFUSAL_NONE) {
                return refusal;
            }
            number = room->offered_name_count;
        }
        numbers[i] = (uint16_t)number;
    }
    return REFUSAL_NONE;
}

void room_name_settled(struct room *room)
{
    if (room->waiting_name_count > 0) {
        room->waiting_name_count--;
        memmove(room->waiting_names, room->waiting_names + 1,
                room->waiting_name_count * sizeof(*room->waiting_names));
    }
}
