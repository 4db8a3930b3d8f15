#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * What the kernel holds of a TCP socket's output. A file of its own: <linux/tcp.h>, which knows
 * these figures, cannot be included beside the C library's, which libwebsockets.h includes.
 * Any thread.
 */

/* Whether nothing is unsent or unacknowledged; true for what is no TCP socket. Costs 0.2 µs. */
bool sendq_is_empty(int fd);

/* Bytes the peer's kernel has acknowledged since the beginning; only grows. Costs 0.7 µs. */
uint64_t sendq_taken_size(int fd);
