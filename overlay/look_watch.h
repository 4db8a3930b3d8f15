#pragma once

#include "overlay/look.h"

/*
 * Watches the theme's file: a changed one becomes a new look while the old one draws on, a broken
 * or half-written one is refused and said once, with its JSON path.
 *
 * The file is looked at every LOOK_WATCH_MS and read once it has been the same for two looks, so
 * that writing it in place is no fault. Whoever replaces it should still write another file and
 * rename it. A built-in theme is not watched; a logo is read anew with its theme only.
 *
 * Threads: create, destroy, take and retire on the painter's thread; the making is the watch's own,
 * so that fonts and files never keep a picture waiting.
 */
#define LOOK_WATCH_MS 100

struct look_watch;

/*
 * Makes the first look (given), and watches from then on. `options` is copied, its text borrowed
 * until destroy. Errors: those of look_create(); STATUS_IO: no thread.
 */
MUST_CHECK enum status look_watch_create(const struct look_options *options,
                                         struct look_watch **watch, struct look **first,
                                         struct fault *fault);
void look_watch_destroy(struct look_watch *watch);

/* The look made since the last call, given; NULL: none. Never waits for one being made. */
struct look *look_watch_take(struct look_watch *watch);

/* Has the thread destroy a look that is no longer used. *look is taken. */
void look_watch_retire(struct look_watch *watch, struct look **look);
