#pragma once

#include "server/core/sitting.h"

/*
 * What fuzzers do with a sitting that took everything: shows it to every audience, and holds that
 * what is shown can be written as a view and read again.
 */
void sitting_view_check(const struct sitting *sitting);

/* The event of the kept logs: tests/fuzz/corpus/event/every-kind.json. Never NULL. */
struct event *sitting_event_read(void);
