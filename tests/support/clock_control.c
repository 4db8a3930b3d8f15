#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "overlay/frame_clock.h"

/*
 * A thread that only sleeps: clock_control RATE SECONDS. It has the frame clock's code and the
 * rights that it asks for, and nothing to do at a tick; a tick that is late here is the machine's.
 * At the end a line of JSON: ticks, late (not done when the next was due), by how much at most.
 */
int main(int argc, char **argv)
{
    struct frame_clock clock;
    uint32_t rate = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    uint64_t count = argc == 3 ? strtoul(argv[2], NULL, 10) * rate : 0;
    if (rate < 1 || rate > 1000 || count == 0) {
        fprintf(stderr, "usage: clock_control RATE SECONDS\n");
        return 2;
    }
    const char *rights = frame_clock_raise_priority();
    frame_clock_init(&clock, rate, frame_clock_now_ns() + 100000000);
    for (uint64_t i = 0; i < count; i++) {
        frame_clock_wait(&clock);
        frame_clock_done(&clock);
    }
    printf("{\"ticks\":%" PRIu64 ",\"late\":%" PRIu64 ",\"max_late_us\":%" PRId64
           ",\"wake_late_us\":%" PRIu64 ",\"rights\":\"%s\"}\n",
           clock.figures.ticks, clock.figures.late_ticks, clock.figures.done_late_max_ns / 1000,
           frame_clock_wake_late_us(&clock.figures, 999), rights);
    return 0;
}
