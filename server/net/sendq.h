#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * What the kernel holds of a TCP socket's output. A file of its own: <linux/tcp.h>, which knows
 * these figures, cannot be included beside the C library's, which libwebsockets.h includes.
 *
 * taken_size  bytes that the peer's kernel has acknowledged since the beginning; only grows
 * is_empty    nothing is unsent or unacknowledged
 */
struct sendq {
    uint64_t taken_size;
    bool is_empty;
};

/* False: `fd` is no TCP socket. Any thread. */
bool sendq_read(int fd, struct sendq *sendq);
