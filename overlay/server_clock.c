#include "overlay/server_clock.h"

#define MS INT64_C(1000000)

void server_clock_hear(struct server_clock *clock, int64_t unix_ms, int64_t now_ns)
{
    int64_t offset_ns = unix_ms * MS - now_ns;
    if (unix_ms <= 0) {
        return;
    }
    if (!clock->is_known) {
        *clock = (struct server_clock){
            .is_known = true, .window_ns = now_ns, .offset_ns = offset_ns, .before_ns = offset_ns
        };
    }
    if (now_ns - clock->window_ns >= SERVER_CLOCK_WINDOW_MS * MS) {
        clock->before_ns = clock->offset_ns;
        clock->offset_ns = offset_ns;
        clock->window_ns = now_ns;
    }
    clock->offset_ns = offset_ns > clock->offset_ns ? offset_ns : clock->offset_ns;
}

static int64_t offset_of(const struct server_clock *clock)
{
    return clock->offset_ns > clock->before_ns ? clock->offset_ns : clock->before_ns;
}

int64_t server_clock_when(const struct server_clock *clock, int64_t unix_ms)
{
    return clock->is_known && unix_ms > 0 ? unix_ms * MS - offset_of(clock) : 0;
}

int64_t server_clock_at(struct server_clock *clock, int64_t now_ns)
{
    if (!clock->is_known) {
        return 0;
    }
    int64_t now_ms = (now_ns + offset_of(clock)) / MS;
    int64_t ahead_ms = now_ms - clock->shown_ms;
    bool is_other =
        !clock->has_shown || ahead_ms > SERVER_CLOCK_JUMP_MS || ahead_ms < -SERVER_CLOCK_JUMP_MS;
    if (!is_other && ahead_ms < 0) {
        now_ms = clock->shown_ms;
    } else if (!is_other && ahead_ms > SERVER_CLOCK_STEP_MS) {
        now_ms = clock->shown_ms + SERVER_CLOCK_STEP_MS;
    }
    clock->has_shown = true;
    clock->shown_ms = now_ms;
    return now_ms;
}
