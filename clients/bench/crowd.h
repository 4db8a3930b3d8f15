#pragma once

#include <stddef.h>
#include <stdint.h>

#include "clients/bench/wire.h"
#include "server/model/fault.h"

/*
 * Many WebSockets to one server on this machine, on a bare epoll: what a load generator needs, no
 * more. They come from 127.0.0.2 … 127.0.0.9, since one address has 28,000 ports (TRAPS).
 *
 * Nothing here waits for an answer: the owner reads at its own times with crowd_poll(), so that no
 * answer wakes the sender (TRAPS: a wake each answer would make a floor that answers at once dearer
 * than a server that answers in groups). A connection that ends is a fault: in a benchmark none
 * may. One thread.
 */
struct crowd;

#define CROWD_MESSAGE_MAX 16384 /* bytes of one message to a server: MESSAGE_SIZE_MAX */

/*
 * port     of a server on 127.0.0.1
 * count    1 .. BENCH_CONNECTION_MAX connections
 * hello    writes the first message of connection `index`; returns its length
 * heard    each message that comes, the first included; text is borrowed and not NUL-ended
 */
struct crowd_options {
    uint16_t port;
    uint32_t count;
    size_t (*hello)(void *ctx, uint32_t index, char *text, size_t size);
    void (*heard)(void *ctx, uint32_t index, const char *text, size_t size, int64_t now_ns);
    void *ctx;
};

/*
 * Connects all, says hello and waits until each heard something, at most 60 s. Errors: STATUS_IO,
 * STATUS_NOMEM. *crowd is given.
 */
MUST_CHECK enum status crowd_open(const struct crowd_options *options, struct crowd **crowd,
                                  struct fault *fault);
void crowd_close(struct crowd *crowd);

/*
 * Sends the text message at room + WIRE_ROOM (size bytes, at most CROWD_MESSAGE_MAX), masked in
 * place. What the socket does not take at once waits and goes with a later crowd_poll(). Errors:
 * STATUS_IO (the connection is gone), STATUS_NOMEM.
 */
MUST_CHECK enum status crowd_send(struct crowd *crowd, uint32_t index, uint8_t *room, size_t size,
                                  uint32_t mask, struct fault *fault);

/* Reads all that came, without waiting, and answers pings. Errors: STATUS_IO. */
MUST_CHECK enum status crowd_poll(struct crowd *crowd, struct fault *fault);
