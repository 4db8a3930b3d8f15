#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The server's time on the pictures' clock, from the times it says in what it sends. Pure: the time
 * is passed in.
 *
 * What comes late says less than the time is, never more: of what was heard in this minute and the
 * one before the newest time counts. So a machine whose own clock is wrong counts down rightly, and
 * a server's clock that was set is followed within two minutes.
 */
#define SERVER_CLOCK_WINDOW_MS 60000
#define SERVER_CLOCK_STEP_MS 1000  /* the most that one picture moves on: no second is skipped */
#define SERVER_CLOCK_JUMP_MS 10000 /* further behind than this: another time, taken at once */

struct server_clock {
    bool is_known;
    int64_t window_ns; /* when this window began */
    int64_t offset_ns; /* the largest (server's - ours) of this window */
    int64_t before_ns; /* of the one before */
    bool has_shown;
    int64_t shown_ms;
};

/* The server said that it was unix_ms; heard at now_ns. 0 says nothing. */
void server_clock_hear(struct server_clock *clock, int64_t unix_ms, int64_t now_ns);

/* When the server's clock was at unix_ms, on ours, in ns; 0: not known. */
int64_t server_clock_when(const struct server_clock *clock, int64_t unix_ms);

/*
 * The server's Unix time in ms for the picture of now_ns; 0: not known yet. It does not go back,
 * and after a gap in the pictures it runs through each second, one a picture.
 */
int64_t server_clock_at(struct server_clock *clock, int64_t now_ns);
