#include "server/core/attendance.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seat {
    bool is_present;
    bool is_revoked;
};

struct attendance {
    const struct event *event;
    struct seat *seats; /* [seat - 1] */
};

struct attendance *attendance_create(const struct event *event)
{
    struct attendance *attendance = calloc(1, sizeof(*attendance));
    if (attendance == NULL) {
        return NULL;
    }
    attendance->event = event;
    attendance->seats =
        calloc(event->seat_count > 0 ? event->seat_count : 1, sizeof(*attendance->seats));
    if (attendance->seats == NULL) {
        free(attendance);
        return NULL;
    }
    return attendance;
}

void attendance_destroy(struct attendance *attendance)
{
    if (attendance != NULL) {
        free(attendance->seats);
        free(attendance);
    }
}

/* A seat's number at *at, which then stands behind it; 0: none. */
static uint32_t seat_read(const char **at)
{
    uint64_t seat = 0;
    const char *first = *at;
    while (**at >= '0' && **at <= '9' && *at - first < 7) {
        seat = seat * 10 + (uint64_t)(*(*at)++ - '0');
    }
    return *at == first || *first == '0' ? 0 : (uint32_t)seat;
}

/* The next "a" or "a-b" of the list, which is not empty; false: it is no such list. */
static bool range_read(const char **at, uint32_t *first, uint32_t *last)
{
    *first = seat_read(at);
    *last = *first;
    if (**at == '-') {
        ++*at;
        *last = seat_read(at);
    }
    if (*first == 0 || *last < *first) {
        return false;
    }
    if (**at == ',') {
        ++*at;
        return **at != '\0';
    }
    return **at == '\0';
}

enum status attendance_list_check(const struct attendance *attendance, const char *list,
                                  struct fault *fault)
{
    uint32_t first;
    uint32_t last;
    uint32_t before = 0;
    const char *at = list;
    do {
        if (!range_read(&at, &first, &last)) {
            return fault_set(fault, STATUS_INVALID, "",
                             "seats must be a list such as 1-12,15: not '%.40s'", list);
        }
        if (last > attendance->event->seat_count) {
            return fault_set(fault, STATUS_INVALID, "",
                             "no seat %" PRIu32 ": the event has %" PRIu32, last,
                             attendance->event->seat_count);
        }
        if (first <= before) {
            return fault_set(fault, STATUS_INVALID, "", "the list of seats must rise at %" PRIu32,
                             first);
        }
        before = last;
    } while (*at != '\0');
    return STATUS_OK;
}

enum status attendance_set(struct attendance *attendance, const char *list, bool is_present,
                           struct fault *fault)
{
    enum status status = attendance_list_check(attendance, list, fault);
    const char *at = list;
    while (status == STATUS_OK && *at != '\0') {
        uint32_t first;
        uint32_t last;
        bool is_range = range_read(&at, &first, &last);
        assert(is_range);
        (void)is_range;
        for (uint32_t seat = first; seat <= last; seat++) {
            attendance->seats[seat - 1].is_present = is_present;
        }
    }
    return status;
}

void attendance_set_pad(struct attendance *attendance, uint32_t seat, bool is_enabled)
{
    assert(seat >= 1 && seat <= attendance->event->seat_count);
    attendance->seats[seat - 1].is_revoked = !is_enabled;
}

bool attendance_is_present(const struct attendance *attendance, uint32_t seat)
{
    assert(seat >= 1 && seat <= attendance->event->seat_count);
    return attendance->event->check_in <= CHECK_IN_NONE || attendance->seats[seat - 1].is_present;
}

bool attendance_is_enabled(const struct attendance *attendance, uint32_t seat)
{
    assert(seat >= 1 && seat <= attendance->event->seat_count);
    return !attendance->seats[seat - 1].is_revoked;
}

bool attendance_is_elector(const struct attendance *attendance, uint32_t seat)
{
    return event_seat_votes(attendance->event, seat) && attendance_is_present(attendance, seat) &&
           attendance_is_enabled(attendance, seat);
}

void attendance_count(const struct attendance *attendance, struct attendance_counts *counts)
{
    memset(counts, 0, sizeof(*counts));
    for (uint32_t g = 0; g < attendance->event->group_count; g++) {
        const struct group *group = &attendance->event->groups[g];
        uint32_t vote_count = group->is_test ? 0 : group->vote_count;
        for (uint32_t i = 0; i < vote_count; i++) {
            uint32_t seat = group->first_seat + i;
            bool is_present = attendance_is_present(attendance, seat);
            counts->registered[g]++;
            counts->present[g] += is_present;
            counts->electors[g] += is_present && attendance_is_enabled(attendance, seat);
        }
    }
}

uint32_t group_sum(const uint32_t counts[GROUP_MAX])
{
    uint32_t sum = 0;
    for (uint32_t g = 0; g < GROUP_MAX; g++) {
        sum += counts[g];
    }
    return sum;
}

uint32_t seat_list_write(const uint32_t *seats, uint32_t count, char *list, uint32_t size)
{
    uint32_t used = 0;
    uint32_t done = 0;
    list[0] = '\0';
    while (done < count) {
        uint32_t run = 1;
        while (done + run < count && seats[done + run] == seats[done] + run) {
            run++;
        }
        char part[24];
        int length =
            run == 1 ? snprintf(part, sizeof(part), "%s%" PRIu32, used > 0 ? "," : "", seats[done])
                     : snprintf(part, sizeof(part), "%s%" PRIu32 "-%" PRIu32, used > 0 ? "," : "",
                                seats[done], seats[done + run - 1]);
        if (length < 0 || used + (uint32_t)length >= size) {
            break;
        }
        memcpy(list + used, part, (size_t)length + 1);
        used += (uint32_t)length;
        done += run;
    }
    return done;
}
