#pragma once

#include "overlay/shutter.h"
#include "server/model/fault.h"

/*
 * The panic: a UNIX socket that takes the graphics off the air, and a small file that remembers it.
 *
 * Who may connect to the socket (mode 0600) sends the line "panic" and is answered once a frame
 * without graphics has gone out:
 *
 *   clear frames=1 frame=1234          from the request to the first clear one; its number
 *   clear frames=1 frame=1234 unsaved  as above, and PATH.state could not be written
 *   failed TEXT
 *
 * "state" asks only: "shown", or "clear". It needs neither the painter nor a network nor the main
 * thread: a thread of its own waits for lines. PATH.state says which programme is hidden, so that
 * an outputter that starts again does not bring it back; it goes when graphics are shown again.
 *
 * Threads: open, poll and close on the main thread.
 */
#define PANIC_PEER_MAX 8         /* at once; one more drops the one that was there longest */
#define PANIC_LINE_SIZE 64       /* a longer request is refused */
#define PANIC_SILENT_MS 10000    /* who says nothing for so long is dropped */
#define PANIC_CLEAR_WAIT_MS 1000 /* for a clear frame, before "failed" */

struct panic;

/*
 * Binds `path` (kept until panic_close(), at most 100 bytes) and closes the shutter if
 * PATH.state says so: before the first frame. A socket nobody answers at is replaced; one of
 * another outputter is not. A state that cannot be understood keeps the graphics off until the next
 * take. *panic is given. Errors: STATUS_INVALID (path), STATUS_IO (in use, not to be bound),
 * STATUS_NOMEM.
 */
MUST_CHECK enum status panic_open(const char *path, struct shutter *shutter, struct panic **panic,
                                  struct fault *fault);

/* Keeps PATH.state in step with the shutter, after a signal or a take. Call it every turn. */
void panic_poll(struct panic *panic);

/* Ends the thread and removes the socket; PATH.state stays. NULL is accepted. */
void panic_close(struct panic *panic);
