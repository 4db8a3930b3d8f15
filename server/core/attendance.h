#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/event.h"
#include "server/model/fault.h"

/*
 * Attendance: which seats are checked in, and whose keypad is revoked. A fold over the acts of
 * check-in; pure, one thread at a time.
 *
 * Where the event checks nobody in (CHECK_IN_NONE), every seat counts as present.
 */
struct attendance;

/* `event` is kept. NULL: no memory. Given. */
struct attendance *attendance_create(const struct event *event);
void attendance_destroy(struct attendance *attendance);

/*
 * Marks each seat of `list` ("1-12,15") present, or away. Errors: STATUS_INVALID (not such a list,
 * a seat outside the event, or one twice), and nothing was changed.
 */
MUST_CHECK enum status attendance_set(struct attendance *attendance, const char *list,
                                      bool is_present, struct fault *fault);

/* Whether attendance_set() would take the list. */
MUST_CHECK enum status attendance_list_check(const struct attendance *attendance, const char *list,
                                             struct fault *fault);

/* The pad of a seat was revoked, or replaced. seat 1 .. seat_count. */
void attendance_set_pad(struct attendance *attendance, uint32_t seat, bool is_enabled);

bool attendance_is_present(const struct attendance *attendance, uint32_t seat);
bool attendance_is_enabled(const struct attendance *attendance, uint32_t seat);

/* May vote, is present, and has a pad that is enabled: in the electorate of a round opened now. */
bool attendance_is_elector(const struct attendance *attendance, uint32_t seat);

/* Of those with the right to vote, by the event's groups: on the roll, present, electors. */
struct attendance_counts {
    uint32_t registered[GROUP_MAX];
    uint32_t present[GROUP_MAX];
    uint32_t electors[GROUP_MAX];
};
void attendance_count(const struct attendance *attendance, struct attendance_counts *counts);

/* The sum over the groups. */
uint32_t group_sum(const uint32_t counts[GROUP_MAX]);

/*
 * Writes the seats of seats[0 .. count), ascending and distinct, as such a list. Returns how many
 * of them fit list[size]; the rest is for the next list.
 */
uint32_t seat_list_write(const uint32_t *seats, uint32_t count, char *list, uint32_t size);
